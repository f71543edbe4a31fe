"""Says whose an age is by the words around it and by what the whole text tells: who calls tells of the harmed and of
the child who harmed in any order.

A weight for each sign of an age and each owner, learnt from made-up enquiries (`tools/learn_ages.py`): logistic
regression, sparse by L1. It overrules what phrases and order gave only where it is sure (`SURE`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import exp

from taxonomy.committed import rows
from taxonomy.reading_bare_ages import Age, AgeHit
from taxonomy.reading_mentions import OTHER, PERSON, THIRD, Mention, People
from taxonomy.reading_numbers import NUMBERS, TENS
from taxonomy.reading_scan import Scan
from taxonomy.word_weights import Weighed

NEAR = 8
"""Words on each side of an age that may tell whose it is."""
BRACKETS = ((6, "0"), (12, "6"), (16, "12"), (18, "16"), (26, "18"), (60, "26"))
"""Ages up to which a bracket goes (not included), and its name; the last bracket is "60"."""
GROWN = 18
SHORTEST = 25
"""Words of a text that tells enough; the learnt ones are as long."""
SURE, HARDLY = 0.6, 0.2
"""The least probability by which an age is given to somebody, and the most by which one is taken from them."""
OF_THE_TEXT = frozenset({"harm", "harmed_by", "grown"})
"""Taxonomies whose codes tell whose an age is: of one's own child hurting one, the child's age is the other's."""
OWNERS = {"person": PERSON, "other": OTHER}
"""Who an age can be learnt to be of: the person who needs help, or the child who harmed; else of somebody else."""


Told = tuple[Mention, AgeHit]
"""Somebody told of, and the age said."""


@dataclass(frozen=True, slots=True)
class Weights:
    """For each owner: where it starts, and the weight of each sign."""

    start: Mapping[str, float]
    of_sign: Mapping[str, Mapping[str, float]]


def settle_ages(found: Scan, known: People, whole: Weighed) -> None:
    """Gives the mentions whose age is surely another's to that other one; in a short note phrases tell it better."""
    if len(found.words) < SHORTEST:
        return
    aged = told(known)
    likely = [likelihoods(found, aged, at, whole) for at in range(len(aged))]  # all before any: whose it was is a sign
    for (mention, _), each in zip(aged, likely, strict=True):
        settle(mention, each)


def told(known: People) -> list[Told]:
    """Every mention with an age, in the order of their ages."""
    return sorted(((each, each.age) for each in known.mentions if each.age), key=lambda told: told[1].start)


def settle(mention: Mention, likely: Mapping[str, float]) -> None:
    """Gives a mention to who is surely meant; to somebody else where neither is likely."""
    sure = next((owner for name, owner in OWNERS.items() if likely[name] >= SURE), None)
    if sure is not None:
        mention.owner = sure
    elif max(likely.values()) < HARDLY:
        mention.owner = THIRD


def likelihoods(found: Scan, aged: Sequence[Told], at: int, whole: Weighed) -> dict[str, float]:
    """How likely age number `at` of a text is each owner's, 0 to 1."""
    weights = learnt()
    sums = dict(weights.start)
    for sign in set(signs(found, aged, at, whole)):
        for name, weight in weights.of_sign.get(sign, {}).items():
            sums[name] += weight
    return {name: 1 / (1 + exp(-total)) for name, total in sums.items()}


def signs(found: Scan, aged: Sequence[Told], at: int, whole: Weighed) -> Iterator[str]:
    """What may tell whose age number `at` is: whose it was by order and phrases, its size beside the others', its
    place, the words around it, and what the text as a whole tells of (`whole`)."""
    mention = aged[at][0]
    hits = [hit for _, hit in aged]
    yield f"by order {mention.owner}"
    yield f"by order {mention.owner} {mention.kind}"
    hit, others = hits[at], [other for index, other in enumerate(hits) if index != at]
    age, ages = _youngest(hit.value), [_youngest(other.value) for other in others]
    bracket = f"age {_bracket(hit.value)}"
    size = _size(age, ages, hit)
    yield from (bracket, size, f"of {min(len(hits), 3)}", f"nth {min(at, 2)}")
    if at == len(hits) - 1:
        yield "last"
    if age in ages:
        yield "same"
    if any(each >= GROWN for each in ages):
        yield "adult beside adult" if age >= GROWN else "child beside adult"
    if hit.stage:
        yield "stage"
    if hit.start < 3:
        yield "first words"
    start = found.tokens.starts[hit.start]
    if "(" in found.tokens.text[max(0, start - 2) : start]:
        yield "in brackets"
    for (taxonomy, code), total in whole.sums.items():
        if taxonomy in OF_THE_TEXT and total >= 0:
            yield from (f"tells {code}", f"tells {code}, {bracket}", f"tells {code}, {size}")
    yield from _words(found, hit)


def _size(age: int, ages: Sequence[int], hit: AgeHit) -> str:
    """Its size beside the other ages."""
    if not ages:
        return f"only {_bracket(hit.value)}"
    if all(age > each for each in ages):
        return "oldest"
    return "youngest" if all(age < each for each in ages) else "neither"


def _words(found: Scan, hit: AgeHit) -> Iterator[str]:
    words = found.words
    for side, near in (("before", words[max(0, hit.start - NEAR) : hit.start][::-1]), ("after", words[hit.end :])):
        for place, word in enumerate(near[:NEAR]):
            plain = "#" if word in NUMBERS or word in TENS or not word.isalpha() else word
            yield f"{side} {plain}"
            if place == 0:
                yield f"next {side} {plain}"


def _youngest(value: Age) -> int:
    return value if isinstance(value, int) else value["min"]


def _bracket(value: Age) -> str:
    oldest = value if isinstance(value, int) else value["max"]
    return next((name for below, name in BRACKETS if oldest < below), "60")


@cache
def learnt() -> Weights:
    """The committed table: a row a sign, with its weights for each owner; the row without a sign has the starts."""
    table = {row["sign"]: {name: float(row[name]) for name in OWNERS} for row in rows("taxonomy", "age_weights.csv")}
    return Weights(table.pop(""), table)
