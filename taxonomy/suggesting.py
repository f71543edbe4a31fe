"""Says which harms and needs, who harmed, and whether somebody grown up was harmed, as a text as a whole suggests: no
list of phrases holds all that people say.

By weights learnt from made-up enquiries (`word_weights`). Beside what phrases say; never against a "no".
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import exp, log

from taxonomy.lexicon import ordinary_words
from taxonomy.reading_concepts import Concepts
from taxonomy.reading_facts import Fact
from taxonomy.terms import load
from taxonomy.word_weights import Code, Weighed, learnt

LIKELY, LIKELY_ALONE = 0.5, 0.3
"""The least probability of a harm beside harms that phrases tell of, and where they tell of none: there a guess is
better than nothing."""
NEED_LIKELY = 0.4
"""The least probability of a need: one too many costs a line of the plan, one too few leaves somebody without."""
UNLIKELY = 0.07
"""Below this, what a phrase said was said of something else ("married on the cousin" is no forced marriage)."""
BY, BY_LIKELY = "harmed_by", 0.5
"""The taxonomy of who harmed, and the least probability of one of its codes."""
SURER = {"partner": 0.7, "own_child": 0.7}
"""The least probability of those who by themselves mean a harm: domestic abuse, harm to a parent."""
GROWN, GROWN_LIKELY = ("grown", "adult"), 0.6
"""That somebody grown up was harmed, and its least probability, where no age was said."""
GENDER, GENDER_LIKELY, GENDER_UNLIKELY = "gender", 0.7, 0.3
"""The taxonomy of gender; the least probability of one where none is read, and that under which the one read is set
aside: it was that of the other child, or of whoever called."""
ONE_ROOF = frozenset({"own_child", "sibling", "same_care"})
"""Who lives with the person harmed is never set aside: safe contact first."""
NEVER_SET_ASIDE = frozenset(
    {"safety", "suicidal", "self_harm", "child_protection", "medical_care", "forensic_care", "refuge", "missing"}
)
"""What danger needs stays, however unlikely."""
PERHAPS, EVEN = 0.2, 0.5
"""From here on something may be meant that is not understood; what is understood is as likely as not at least."""
PHRASE = 1.5
"""Log odds that a phrase adds to what the whole text says (1.2 to 1.8 in 280 judged enquiries)."""
TOLD = 3
"""Words shown as those that gave it."""

Told = Mapping[str, Sequence[tuple[int, int]]]
"""Code → where it is said."""


def add_suggested(read: Concepts, text: Weighed) -> None:
    """Adds what the whole text suggests, unless it is ruled out, or said already in itself or more exactly; and sets
    aside what phrases seemed to say where the whole text speaks against it and tells of another harm instead."""
    told, sums = {"harm": read.harms, "need": read.needs}, text.sums
    harms = _at_least(sums, "harm", LIKELY if read.harms else LIKELY_ALONE)
    if harms:
        _set_aside(read.harms, "harm", sums)
    _set_aside(read.needs, "need", sums)
    said = {kind: _with_wider(kind, told[kind]) for kind in told}
    for (kind, code), spans in suggested(text, [*harms, *_at_least(sums, "need", NEED_LIKELY)]).items():
        if code not in said[kind] and code not in read.negated:
            told[kind][code] = list(spans)


def likelihoods(read: Concepts, sums: Mapping[Code, float]) -> dict[Code, float]:
    """How likely each harm and need is, 0 to 1, by what phrases told (`read`) and by the whole text together."""
    told: dict[str, Mapping[str, object]] = {"harm": read.harms, "need": read.needs}
    return {
        (kind, code): 1 / (1 + exp(-total - PHRASE * (code in told[kind])))
        for (kind, code), total in sums.items()
        if kind in told
    }


def perhaps(likely: Mapping[Code, float], read: Concepts) -> dict[str, list[str]]:
    """Taxonomy → the codes that may be meant though they are not understood: neither ruled out, nor said less exactly
    than something that is."""
    told = {"harm": _with_wider("harm", read.harms), "need": _with_wider("need", read.needs)}
    return {
        kind: [
            code
            for (taxonomy, code), chance in likely.items()
            if taxonomy == kind and chance >= PERHAPS and code not in said and code not in read.negated
        ]
        for kind, said in told.items()
    }


def who_suggested(text: Weighed, harmed_by: Sequence[Fact]) -> list[Fact]:
    """Who harmed, without those whom the whole text speaks against ("my husband was hit"), with those it suggests."""
    sums = text.sums
    unlikely = _unlikely(sums, BY) - ONE_ROOF
    kept = [fact for fact in harmed_by if fact.value not in unlikely]
    said = {fact.value for fact in kept}
    likely = [each for each in _at_least(sums, BY, BY_LIKELY) if sums[each] >= _odds(SURER.get(each[1], BY_LIKELY))]
    more = suggested(text, [each for each in likely if each[1] not in said])
    return kept + [Fact(code, spans) for (_, code), spans in more.items()]


def gender_suggested(text: Weighed, read: Fact | None) -> Fact | None:
    """The gender that was read of the person harmed, unless the whole text speaks against it; else the one it
    suggests, if any."""
    if read and text.sums.get((GENDER, read.value), 0.0) >= _odds(GENDER_UNLIKELY):
        return read
    found = suggested(text, _at_least(text.sums, GENDER, GENDER_LIKELY))
    return next((Fact(code, spans) for (_, code), spans in found.items()), None)


def grown_suggested(text: Weighed) -> tuple[tuple[int, int], ...]:
    """The words by which somebody grown up was harmed ("I drive a taxi", "my tenant"); () where none says so."""
    likely = text.sums.get(GROWN, _odds(UNLIKELY)) >= _odds(GROWN_LIKELY)
    return suggested(text, [GROWN]).get(GROWN, ()) if likely else ()


def _at_least(sums: Mapping[Code, float], kind: str, probability: float) -> list[Code]:
    """The codes of one taxonomy that are at least so likely."""
    return [code for code, total in sums.items() if code[0] == kind and total >= _odds(probability)]


def _unlikely(sums: Mapping[Code, float], kind: str) -> set[str]:
    """The codes of one taxonomy against which the whole text speaks; none of those that were never learnt."""
    return {code for (taxonomy, code), total in sums.items() if taxonomy == kind and total < _odds(UNLIKELY)}


def _set_aside(told: dict[str, list[tuple[int, int]]], kind: str, sums: Mapping[Code, float]) -> None:
    for code in told.keys() & _unlikely(sums, kind) - NEVER_SET_ASIDE:
        del told[code]


def suggested(text: Weighed, codes: Sequence[Code]) -> dict[Code, tuple[tuple[int, int], ...]]:
    """Each of these codes of a text → the words that say most for it, as (start, end); none tells of it: left out."""
    found = {code: _telling(text, code) for code in codes}
    return {code: tuple((index, index + 1) for index in told) for code, told in found.items() if told}


def _telling(text: Weighed, code: Code) -> tuple[int, ...]:
    """The places of the few words that say most for a code; a pair speaks by both its words."""
    weights, plain = learnt(), ordinary_words()
    asked = list(weights.start).index(code)
    shares: dict[int, float] = defaultdict(float)
    for sign, within in text.places.items():
        weight = next((weight for number, weight in weights.of_sign[sign] if number == asked), 0.0)
        for index in within:
            shares[index] += weight * weights.rarity[sign] / len(within)
    said = [index for index, share in shares.items() if share > 0 and text.words[index] not in plain]
    return tuple(sorted(sorted(said, key=lambda index: -shares[index])[:TOLD]))


def _with_wider(kind: str, told: Told) -> set[str]:
    terms = load()[kind]
    return {wider for code in told for wider in (code, *terms.ancestors(code))}


def _odds(probability: float) -> float:
    return log(probability / (1 - probability))
