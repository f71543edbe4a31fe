"""Which candidates keep a place however many others pass: a few of each family asked for, and for all of Scotland."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, TypeVar

from directory.search import clauses, indexed
from directory.search.clauses import Clauses
from directory.search.coarse import Engine, Found
from directory.search.columns import SCOTLAND_BIT
from directory.search.query import RESERVE_FROM, Facet, ServiceQuery
from taxonomy import terms

RESERVED = 12
"""Candidates kept for each family asked for, and for services of all Scotland, when others would fill every place;
fewer where that would take more than half of them."""
FEW = 2
"""The places of a family that is asked for no more than needs be: enough to fill one step of a plan."""
LOOKED_AT = 300
"""Services among which the reserved ones are found: one query for all families takes half as long as one for each."""
SCOTLAND_MASK = 1 << SCOTLAND_BIT

H = TypeVar("H", bound=tuple[float, Any])


def looked_at(query: ServiceQuery, limit: int) -> int:
    """How many to ask for, so that families asked for, and services for all of Scotland of the kinds asked for, are
    mostly among them; just `limit` where neither is."""
    keeps_places = query.kinds or any(weight >= RESERVE_FROM for _, weight in query.boost_families)
    return max(limit, LOOKED_AT) if keeps_places else limit


def with_reserved(query: ServiceQuery, engine: Engine, found: Found, limit: int) -> Found:
    """The best `limit`, and among them a few of each family asked for and of those for all of Scotland.

    `found` is `looked_at` long where more pass: most of the few are in it already, and the engine is asked again only
    for what is not.
    """
    masks, councils, keys = engine.numbers(found, indexed.column("families"), indexed.column("councils"), "key")
    kept = reserve(query, masks, councils, limit)
    more: Found = []
    if len(found) >= looked_at(query, limit):
        for wanted, most in kept.further(query):
            more += engine.best(wanted, most, keep=not query.is_of_one_person)[0]
    (further,) = engine.numbers(more, "key")
    return filled(found, keys, kept.positions, dict(zip(further, more, strict=True)), limit)


@dataclass(frozen=True, slots=True)
class Reserve:
    """Positions of those found that keep a place, and what is still short: families, and services for all Scotland."""

    positions: tuple[int, ...]
    scarce: tuple[str, ...]
    nations: int

    def further(self, query: ServiceQuery) -> list[tuple[Clauses, int]]:
        """What to ask for beyond the first LOOKED_AT, and how many of it."""
        more: list[tuple[Clauses, int]] = []
        if self.scarce:
            more.append((clauses.reserve(query, self.scarce), RESERVED * len(self.scarce)))
        if self.nations > 0:
            more.append((clauses.national_reserve(query), self.nations))
        return more


def reserve(query: ServiceQuery, masks: Sequence[int], councils: Sequence[int], limit: int) -> Reserve:
    """Who among those found (their families and councils, best first) keeps a place among `limit`."""
    weights = {code: weight for code, weight in query.boost_families if weight >= RESERVE_FROM}
    each = min(RESERVED, limit // (2 * (len(weights) + 1)))
    sure = limit - each * (len(weights) + 1)
    family = terms.load()["family"]
    left = {
        1 << family[code].bit: each if weight > RESERVE_FROM else min(each, FEW) for code, weight in weights.items()
    }
    still = sum(left)
    positions: list[int] = []
    nations = each
    for at, (mask, areas) in enumerate(zip(masks, councils, strict=True)):
        short = mask & still
        national = nations > 0 and areas == SCOTLAND_MASK
        if short or national or at < sure:
            positions.append(at)
            nations -= national
            if short:
                still = _counted(short, left)
        elif not still and not nations:
            break
    return Reserve(tuple(positions), family.codes(still), nations)


def all_found(scarce: Iterable[str], masks: Iterable[int], counted: Iterable[Facet]) -> bool:
    """Whether no other service has one of these families: the counts over all that pass are those of the masks found.

    Without counts the answer is no.
    """
    passing = next((dict(facet.counts) for facet in counted if facet.field == "family"), None)
    bits = terms.load()["family"]
    held = list(masks)
    return passing is not None and all(
        passing.get(code, 0) == sum(bool(mask & 1 << bits[code].bit) for mask in held) for code in scarce
    )


def filled(found: Sequence[H], keys: Sequence[int], kept: Iterable[int], more: Mapping[int, H], limit: int) -> list[H]:
    """Those kept and those asked for besides, filled up with the best of the rest to `limit`; best score first."""
    chosen = {keys[at]: found[at] for at in kept} | dict(more)
    for key, hit in zip(keys, found, strict=True):
        if len(chosen) >= limit:
            break
        chosen.setdefault(key, hit)
    return sorted(chosen.values(), key=itemgetter(0), reverse=True)[:limit]


def _counted(short: int, left: dict[int, int]) -> int:
    """Takes one place from each family in the mask; gives the mask of families that still have places."""
    still = 0
    for bit, places in left.items():
        left[bit] = places = places - 1 if short & bit else places
        if places > 0:
            still |= bit
    return still
