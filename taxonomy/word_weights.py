"""What each word weighs for each harm, need and who harmed: a table learnt from made-up enquiries, and a text by it.

Logistic regression over words, and over pairs of words that follow each other or stand with one between, weighed by
how rare they are (tf-idf, over the length of the words alone), sparse by L1: `tools/learn_words.py` writes the table.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import sqrt

from taxonomy.committed import rows

SHORTEST, LONGEST = 20, 300
"""Words of an enquiry: a shorter note has said all there is, more are several calls."""
FOLLOWS, ONE_BETWEEN = " ", " * "
"""How a pair is written in the table: "held down", "waiting * door"."""

Code = tuple[str, str]
"""Taxonomy ("harm", "need" or "harmed_by"; "grown" for who was harmed) and code."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`rarity` of each word and pair; what each says, as (number of a code in `start`, weight); where each code
    starts."""

    rarity: Mapping[str, float]
    of_sign: Mapping[str, Sequence[tuple[int, float]]]
    start: Mapping[Code, float]


@dataclass(frozen=True, slots=True)
class Weighed:
    """A text as the table has it, once a text: nothing is weighed of a short note or of many calls."""

    words: Sequence[str]
    """Folded (`tokens.fold`)."""
    places: Mapping[str, Sequence[int]]
    """The words and pairs that were learnt, each with the first places of its words."""
    sums: Mapping[Code, float]
    """Code → log odds that the text tells of it."""


def weigh(words: Sequence[str]) -> Weighed:
    """A text of these folded words by the committed table."""
    if not SHORTEST <= len(words) <= LONGEST:
        return Weighed(words, {}, {})
    weights = learnt()
    places, sums = known(words), list(weights.start.values())
    for sign, share in shares(places, weights.rarity).items():
        for number, weight in weights.of_sign[sign]:
            sums[number] += weight * share
    return Weighed(words, places, dict(zip(weights.start, sums, strict=True)))


def shares(found: Mapping[str, Sequence[int]], rarity: Mapping[str, float]) -> dict[str, float]:
    """Word or pair of a text (`signs`), those that have a rarity → its rarity over the length of the words alone."""
    told = [sign for sign in found if sign in rarity]
    length = sqrt(sum(rarity[sign] ** 2 for sign in told if len(found[sign]) == 1)) or 1.0
    return {sign: rarity[sign] / length for sign in told}


def known(words: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """The words and pairs of a text that were learnt, each with the first places of its words."""
    rarity = learnt().rarity
    places = [index for index, word in enumerate(words) if word in rarity]
    found = signs([words[index] for index in places])
    return {sign: tuple([places[at] for at in within]) for sign, within in found.items() if sign in rarity}


def signs(words: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Words and pairs of words, each with the first places of its words; `words` are those that are learnt at all."""
    found: dict[str, tuple[int, ...]] = {}
    for at, word in enumerate(words):
        found.setdefault(word, (at,))
        for joint, away in ((FOLLOWS, 1), (ONE_BETWEEN, 2)):
            if at >= away:
                found.setdefault(f"{words[at - away]}{joint}{word}", (at - away, at))
    return found


@cache
def learnt() -> Weights:
    """The committed table: a row a word or pair, `weights` as "harm/code:weight|…"; the first row, without a word,
    has the starts."""
    first, *told = rows("taxonomy", "word_weights.csv")
    start = dict(_weights(first["weights"]))
    number = {code: at for at, code in enumerate(start)}
    of_sign = {row["word"]: tuple([(number[code], by) for code, by in _weights(row["weights"])]) for row in told}
    return Weights({row["word"]: float(row["rarity"]) for row in told}, of_sign, start)


def _weights(cell: str) -> Iterator[tuple[Code, float]]:
    for pair in filter(None, cell.split("|")):
        name, _, weight = pair.partition(":")
        kind, _, code = name.partition("/")
        yield (kind, code), float(weight)
