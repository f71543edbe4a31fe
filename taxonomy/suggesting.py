"""Says which harms a text as a whole suggests: no list of phrases holds all the ways in which people tell of harm.

A weight for each word and harm, learnt from made-up enquiries (`tools/learn_words.py`): logistic regression on words
weighed by how rare they are (tf-idf, unit length), sparse by L1. Beside what phrases say; never against a "no".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

from taxonomy.committed import rows
from taxonomy.lexicon import ordinary_words
from taxonomy.reading_concepts import Concepts
from taxonomy.reading_scan import Scan
from taxonomy.terms import load

LIKELY, LIKELY_ALONE = 0.7, 0.3
"""The least probability beside harms that phrases tell of, and where they tell of none: there a guess is better than
nothing. Of 70 enquiries written blind it finds 94 harms of 100 where phrases alone find 78 (22 November 2026; more
texts to learn from still raise it)."""
SHORTEST, LONGEST = 20, 300
"""Words of an enquiry: a shorter note has said all there is, more are several calls."""
TOLD = 3
"""Words shown as those that gave it."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`rarity` of each word; for each harm a weight for each word, and where it starts."""

    rarity: Mapping[str, float]
    of_word: Mapping[str, Mapping[str, float]]
    start: Mapping[str, float]


def add_suggested(found: Scan, read: Concepts) -> None:
    """Adds the harms that the whole text suggests, unless ruled out, or said already in themselves or more exactly."""
    said = {code for harm in read.harms for code in (harm, *load()["harm"].ancestors(harm))}
    for harm, words in suggested(found.words, LIKELY if read.harms else LIKELY_ALONE).items():
        if harm not in said and harm not in read.negated:
            read.harms[harm] = [(index, index + 1) for index in words]


def suggested(words: Sequence[str], likely: float = LIKELY) -> dict[str, tuple[int, ...]]:
    """Harm → places of the words that say most for it; folded words of one text (`tokens.fold`)."""
    if not SHORTEST <= len(words) <= LONGEST:
        return {}
    weights, plain = learnt(), ordinary_words()
    places = {word: index for index, word in reversed(list(enumerate(words))) if word in weights.rarity}
    length = sqrt(sum(weights.rarity[word] ** 2 for word in places)) or 1.0
    found: dict[str, tuple[int, ...]] = {}
    for harm, start in weights.start.items():
        shares = {
            index: weights.of_word[word][harm] * weights.rarity[word] / length
            for word, index in places.items()
            if harm in weights.of_word[word]
        }
        if start + sum(shares.values()) >= log(likely / (1 - likely)):
            telling = [index for index in shares if shares[index] > 0 and words[index] not in plain]
            found[harm] = tuple(sorted(sorted(telling, key=lambda index: -shares[index])[:TOLD]))
    return {harm: places for harm, places in found.items() if places}


@cache
def learnt() -> Weights:
    """The committed table: a row a word, `weights` as "harm:weight|…"; the row without a word has the starts."""
    rarity: dict[str, float] = {}
    of_word: dict[str, Mapping[str, float]] = {}
    start: Mapping[str, float] = {}
    for row in rows("taxonomy", "word_weights.csv"):
        pairs = (pair.partition(":") for pair in row["weights"].split("|") if pair)
        values = {harm: float(weight) for harm, _, weight in pairs}
        if row["word"]:
            rarity[row["word"]] = float(row["rarity"])
            of_word[row["word"]] = values
        else:
            start = values
    return Weights(rarity, of_word, start)
