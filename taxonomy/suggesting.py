"""Says which harms and needs, who harmed, and whether somebody grown up was harmed, as a text as a whole suggests: no
list of phrases holds all that people say.

A weight for each word and code, learnt from made-up enquiries (`tools/learn_words.py`): logistic regression on words
weighed by how rare they are (tf-idf, unit length), sparse by L1. Beside what phrases say; never against a "no".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import log, sqrt

from taxonomy.committed import rows
from taxonomy.lexicon import ordinary_words
from taxonomy.reading_concepts import Concepts
from taxonomy.reading_facts import Fact
from taxonomy.reading_scan import Scan
from taxonomy.terms import load

LIKELY, LIKELY_ALONE = 0.5, 0.3
"""The least probability of a harm beside harms that phrases tell of, and where they tell of none: there a guess is
better than nothing."""
NEED_LIKELY = 0.4
"""The least probability of a need: one too many costs a line of the plan, one too few leaves somebody without."""
UNLIKELY = 0.05
"""Below this, what a phrase said was said of something else ("married on the cousin" is no forced marriage)."""
BY, BY_LIKELY = "harmed_by", 0.5
"""The taxonomy of who harmed, and the least probability of one of its codes."""
SURER = {"partner": 0.7, "own_child": 0.7}
"""The least probability of those who by themselves mean a harm: domestic abuse, harm to a parent."""
GROWN, GROWN_LIKELY = ("grown", "adult"), 0.7
"""That somebody grown up was harmed, and its least probability, where no age was said."""
ONE_ROOF = frozenset({"own_child", "sibling", "same_care"})
"""Who lives with the person harmed is never set aside: safe contact first."""
NEVER_SET_ASIDE = frozenset(
    {"safety", "suicidal", "self_harm", "child_protection", "medical_care", "forensic_care", "refuge", "missing"}
)
"""What danger needs stays, however unlikely."""
SHORTEST, LONGEST = 20, 300
"""Words of an enquiry: a shorter note has said all there is, more are several calls."""
TOLD = 3
"""Words shown as those that gave it."""

Code = tuple[str, str]
"""Taxonomy ("harm", "need" or "harmed_by"; "grown" for who was harmed) and code."""
Told = Mapping[str, Sequence[tuple[int, int]]]
"""Code → where it is said."""


@dataclass(frozen=True, slots=True)
class Weights:
    """`rarity` of each word; for each word its weight for each code, and where each code starts."""

    rarity: Mapping[str, float]
    of_word: Mapping[str, Mapping[Code, float]]
    start: Mapping[Code, float]


def add_suggested(found: Scan, read: Concepts, sums: Mapping[Code, float]) -> None:
    """Adds what the whole text suggests, unless it is ruled out, or said already in itself or more exactly; and sets
    aside what phrases seemed to say where the whole text speaks against it and tells of another harm instead."""
    told = {"harm": read.harms, "need": read.needs}
    harms = _at_least(sums, "harm", LIKELY if read.harms else LIKELY_ALONE)
    if harms:
        _set_aside(read.harms, "harm", sums)
    _set_aside(read.needs, "need", sums)
    said = {kind: _with_wider(kind, told[kind]) for kind in told}
    for (kind, code), spans in suggested(found.words, [*harms, *_at_least(sums, "need", NEED_LIKELY)]).items():
        if code not in said[kind] and code not in read.negated:
            told[kind][code] = list(spans)


def who_suggested(found: Scan, harmed_by: Sequence[Fact], sums: Mapping[Code, float]) -> list[Fact]:
    """Who harmed, without those whom the whole text speaks against ("my husband was hit"), with those it suggests."""
    unlikely = _unlikely(sums, BY) - ONE_ROOF
    kept = [fact for fact in harmed_by if fact.value not in unlikely]
    said = {fact.value for fact in kept}
    likely = [each for each in _at_least(sums, BY, BY_LIKELY) if sums[each] >= _odds(SURER.get(each[1], BY_LIKELY))]
    more = suggested(found.words, [each for each in likely if each[1] not in said])
    return kept + [Fact(code, spans) for (_, code), spans in more.items()]


def grown_suggested(words: Sequence[str], sums: Mapping[Code, float]) -> tuple[tuple[int, int], ...]:
    """The words by which somebody grown up was harmed ("I drive a taxi", "my tenant"); () where none says so."""
    return suggested(words, [GROWN])[GROWN] if sums.get(GROWN, _odds(UNLIKELY)) >= _odds(GROWN_LIKELY) else ()


def _at_least(sums: Mapping[Code, float], kind: str, probability: float) -> list[Code]:
    """The codes of one taxonomy that are at least so likely."""
    return [code for code, total in sums.items() if code[0] == kind and total >= _odds(probability)]


def _unlikely(sums: Mapping[Code, float], kind: str) -> set[str]:
    """The codes of one taxonomy against which the whole text speaks; none of those that were never learnt."""
    return {code for (taxonomy, code), total in sums.items() if taxonomy == kind and total < _odds(UNLIKELY)}


def _set_aside(told: dict[str, list[tuple[int, int]]], kind: str, sums: Mapping[Code, float]) -> None:
    for code in told.keys() & _unlikely(sums, kind) - NEVER_SET_ASIDE:
        del told[code]


def totals(words: Sequence[str]) -> dict[Code, float]:
    """Code → log odds that a text of these folded words (`tokens.fold`) tells of it; nothing for a short note or many
    calls."""
    if not SHORTEST <= len(words) <= LONGEST:
        return {}
    weights, places = learnt(), _known(words)
    length = sqrt(sum(weights.rarity[word] ** 2 for word in places)) or 1.0
    sums = dict(weights.start)
    for word in places:
        share = weights.rarity[word] / length
        for code, weight in weights.of_word[word].items():
            sums[code] += weight * share
    return sums


def suggested(words: Sequence[str], codes: Sequence[Code]) -> dict[Code, tuple[tuple[int, int], ...]]:
    """Each of these codes of a text → the words that say most for it, as (start, end); none tells of it: left out."""
    places = _known(words) if codes else {}
    found = {code: _telling(places, code) for code in codes}
    return {code: tuple((index, index + 1) for index in told) for code, told in found.items() if told}


def _known(words: Sequence[str]) -> dict[str, int]:
    """Words that were learnt, each with its first place."""
    rarity = learnt().rarity
    return {word: index for index, word in reversed(list(enumerate(words))) if word in rarity}


def _telling(places: Mapping[str, int], code: Code) -> tuple[int, ...]:
    weights, plain = learnt(), ordinary_words()
    shares = {
        index: weights.of_word[word].get(code, 0.0) * weights.rarity[word]
        for word, index in places.items()
        if word not in plain
    }
    most = sorted((index for index in shares if shares[index] > 0), key=lambda index: -shares[index])
    return tuple(sorted(most[:TOLD]))


def _with_wider(kind: str, told: Told) -> set[str]:
    terms = load()[kind]
    return {wider for code in told for wider in (code, *terms.ancestors(code))}


def _odds(probability: float) -> float:
    return log(probability / (1 - probability))


@cache
def learnt() -> Weights:
    """The committed table: a row a word, `weights` as "harm/code:weight|…"; the row without a word has the starts."""
    rarity: dict[str, float] = {}
    of_word: dict[str, Mapping[Code, float]] = {}
    start: Mapping[Code, float] = {}
    for row in rows("taxonomy", "word_weights.csv"):
        values = dict(_weight(pair) for pair in row["weights"].split("|") if pair)
        if row["word"]:
            rarity[row["word"]] = float(row["rarity"])
            of_word[row["word"]] = values
        else:
            start = values
    return Weights(rarity, of_word, start)


def _weight(pair: str) -> tuple[Code, float]:
    name, _, weight = pair.partition(":")
    kind, _, code = name.partition("/")
    return (kind, code), float(weight)
