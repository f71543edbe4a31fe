"""What people who graded answers gave to a kind of service for enquiries like this one, beyond `fit.csv`.

`fit.csv` says what a kind of service is made for, and its best row alone counts. Who grades sees more at once: that the
caller is a parent, that nobody was hurt, that this door needs a worker to open it. `taxonomy/data/graders.csv` holds
that as small numbers, learnt from graded enquiries (`tools/learn_graders.py`, docs/adr/0019): how much more or less a
service of some trait gained where something was said. Their sum moves the order and is said on the page; it rules
nobody out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from math import copysign
from operator import attrgetter, itemgetter

from directory.matching.candidate import Row
from directory.matching.situation import Situation
from directory.search.columns import Flag
from taxonomy import committed, terms

CHILDREN_UNTIL, GROWN_FROM = 25, 16
"""A stated upper age of this or less, a lower one of this or more: a service for children, for those grown up."""
ANY = "any"
"""The trait that every service has."""
FLAGS = {"any_harm": Flag.ANY_HARM, "register": Flag.FROM_REGISTER, "workers": Flag.WORKERS_ONLY, "named": Flag.SCHOOL}
MASKS = {
    "family": "main_family",
    "harm": "harms",
    "need": "needs",
    "relation": "relations",
    "route": "routes",
    "delivery": "delivery",
}
"""Taxonomy → the column whose codes are traits."""


@dataclass(frozen=True, slots=True)
class Table:
    """The traits, numbered, and for each thing said the traits that gain or lose by it."""

    traits: Mapping[str, int]
    weights: Mapping[str, tuple[tuple[int, float], ...]]


@cache
def table() -> Table:
    """`taxonomy/data/graders.csv`: about, service, weight."""
    traits: dict[str, int] = {}
    weights: dict[str, list[tuple[int, float]]] = {}
    for row in committed.rows("taxonomy", "graders.csv"):
        number = traits.setdefault(row["service"], len(traits))
        weights.setdefault(row["about"], []).append((number, float(row["weight"])))
    return Table(traits, {about: tuple(found) for about, found in weights.items()})


def gains(situation: Situation) -> tuple[float, ...]:
    """What each trait gains in all by what is known of an enquiry; at the end two zeros, for `pick`."""
    known = table()
    found = [0.0] * (len(known.traits) + 2)
    for about, likely in told(situation):
        for number, weight in known.weights.get(about, ()):
            found[number] += likely * weight
    return tuple(found)


def told(situation: Situation) -> Iterator[tuple[str, float]]:
    """All that graders can have gone by, each with how likely it is: concerns, and facts as "who:parent"."""
    likelihood = situation.likelihood
    yield from likelihood.items()
    yield from ((concern, 1.0) for concern in situation.concerns if concern not in likelihood)
    yield from ((f"who:{fact}", 1.0) for fact in situation.who)


def lean(row: Row, gained: tuple[float, ...]) -> float:
    """How much more than by `fit.csv` this service may be expected to gain, −1 to 1; an ideal one gains 3 in all."""
    total = sum(pick(*_kind(row))(gained))
    return total if -1.0 < total < 1.0 else copysign(1.0, total)


def traits_of(row: Row) -> tuple[str, ...]:
    """The traits of a service, as graders.csv names them: "route:self", "harm:threats", "workers"."""
    return tuple(_traits(*_kind(row)))


_masks = attrgetter(*MASKS.values())
_FLAGS = sum(FLAGS.values())


def _kind(row: Row) -> tuple[tuple[int, ...], int, bool, bool]:
    return _masks(row), row.flags & _FLAGS, row.age_max <= CHILDREN_UNTIL, row.age_min >= GROWN_FROM


@lru_cache(maxsize=8192)
def pick(masks: tuple[int, ...], flags: int, young: bool, grown: bool) -> "itemgetter[tuple[float, ...]]":
    """Takes the traits of a kind of service from `gains`; kept, for thousands of services are of a few kinds. The zeros
    are taken too, so that it is a tuple for a service of one trait or none."""
    known = table().traits
    return itemgetter(-1, -2, *(known[trait] for trait in _traits(masks, flags, young, grown) if trait in known))


def _traits(masks: tuple[int, ...], flags: int, young: bool, grown: bool) -> Iterator[str]:
    yield ANY
    for name, mask in zip(MASKS, masks, strict=True):
        yield from (f"{name}:{code}" for code in terms.load()[name].codes(mask))
    yield from (name for name, flag in FLAGS.items() if flags & flag)
    if young:
        yield "young"
    if grown:
        yield "grown"
