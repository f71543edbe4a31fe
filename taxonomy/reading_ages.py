"""Ages and school stages as people say them ("15yo", "P6", "turned 13", "in her forties"), whoever they belong to."""

import re
from dataclasses import replace

from taxonomy.people_words import people_words
from taxonomy.reading_bare_ages import SAYS_AGE, Age, AgeHit, bare
from taxonomy.reading_numbers import DECADES, NUMBERS, ORDINALS, TENS, number_at, second_of_two
from taxonomy.reading_scan import Scan
from taxonomy.word_sets import words_of

OLDEST = 110
MOST_AGES = 100
"""Ages read in one text: more than any call tells."""
GLUED = re.compile(r"(\d{1,3})(?:yo|yos|yr|yrs|y|yrold|yearold|yearsold|yrsold|yof|yom|f|m)")
STAGE = re.compile(r"([ps])([1-7])s?")
LETTERED = re.compile(r"[fm](\d{1,2})")
""" "F17", "M9" of a note."""
TEENS_SAID = re.compile(r"(1\d)s")
""" "17s": people of that age."""
DECADE_DIGITS = re.compile(r"([2-9])0s")
YEARS = words_of("years")
OLD = words_of("old")
COUNTED = words_of("counted")
"""After a bare number: it counts something, and is no age."""
NOT_COUNTED = people_words("ages_not_counted")
"""Words of those that may also follow an age ("a boy of 15 on the bus")."""
YEAR_WORDS = frozenset({"year", "yr"})


PLACES_OF_AN_AGE = frozenset({"at", "in", "nursery", "school", "primary", "secondary"})
"""A place says an age only weakly: somebody else may be there."""


SAYS_NUMBER = frozenset({*NUMBERS, *TENS, *DECADES, *ORDINALS, "primary", "secondary"})


def stage_range(letter: str, number: int) -> dict[str, int]:
    """The ages of a school stage in Scotland: P1 4 to 6, P7 10 to 12, S1 11 to 13, S6 16 to 18."""
    lowest = number + (3 if letter == "p" else 10)
    return {"min": lowest, "max": lowest + 2}


SAID_STAGES = {"2-4": "nursery", "3-5": "nursery", "15-19": "school_leaver"}
"""Codes of phrases of kind "age" that tell a stage too ("nursery class", "school leaver")."""


def _stage(start: int, end: int, letter: str, number: int) -> AgeHit:
    code = f"{letter.upper()}{number}" if letter == "p" or number < 7 else ""
    return AgeHit(start, end, stage_range(letter, number), 3, code)


def stage_ages(stage: str) -> tuple[int, int]:
    """The youngest and oldest usual age of a stage by its code ("P6", "nursery", "school_leaver")."""
    for ages_said, code in SAID_STAGES.items():
        if code == stage:
            youngest, oldest = (int(part) for part in ages_said.split("-"))
            return (youngest, oldest + 1) if code == "nursery" else (youngest, oldest)
    known = stage_range(stage[:1].lower(), int(stage[1:]))
    return known["min"], known["max"]


def ages(found: Scan) -> list[AgeHit]:
    """Every age in the text, in order; none overlap."""
    words = found.words
    hits: list[AgeHit] = []
    used = 0
    taken = {index for place in found.places if place.is_postcode for index in range(place.start, place.end)}
    phrases = {hit.start: hit for hit in found.hits("age")}
    telling = [i for i, word in enumerate(words) if not word.isalpha() or word in SAYS_NUMBER or i in phrases]
    for index in telling:
        if index < used or index in taken:
            continue
        word = words[index]
        digits = word[-1].isdigit() or word[0].isdigit() or word[1:2].isdigit()
        hit = _age_at(found, index) if digits or word in SAYS_NUMBER else None
        if hit is None and (phrase := phrases.get(index)):
            lowest, highest = (int(part) for part in phrase.code.split("-"))
            somewhere = bool({words[index], words[phrase.end - 1]} & PLACES_OF_AN_AGE)
            strength = 1 if somewhere else 2
            hit = AgeHit(index, phrase.end, {"min": lowest, "max": highest}, strength, SAID_STAGES.get(phrase.code, ""))
        if hit:
            hits.append(_dated(found, hit))
            used = hit.end
            if len(hits) == MOST_AGES:
                break
    return hits


def _age_at(found: Scan, index: int) -> AgeHit | None:
    words = found.words
    word = words[index]
    if word.isdigit():
        counted = number_at(words, index)
        return _numbered(found, index, *counted) if counted else None
    if match := STAGE.fullmatch(word):
        letter, number = match.group(1), int(match.group(2))
        if letter == "p" or number < 7:
            return _stage(index, index + 1, letter, number)
    if word in {"primary", "secondary"} and index + 1 < len(words):
        numbered = number_at(words, index + 1)
        if numbered and 0 < numbered[0] < 8:
            return _stage(index, numbered[1], word[0], numbered[0])
    if (
        word in ORDINALS
        and words[index + 1 : index + 2] != []
        and words[index + 1] in YEAR_WORDS
        and _is_school_year(found, index)
    ):
        return _stage(index, index + 2, "s", ORDINALS[word])
    opens = index == 0 or found.tokens.breaks[index] > 0  # "M8" in a sentence is a road, or a mate
    if (match := LETTERED.fullmatch(word)) and (opens or (len(word) > 2 and words[index - 1] not in {"the", "on"})):
        return AgeHit(index, index + 1, int(match.group(1)), 3)
    if match := TEENS_SAID.fullmatch(word):
        return AgeHit(index, index + 1, int(match.group(1)), 2)
    if (match := GLUED.fullmatch(word)) and int(match.group(1)) <= OLDEST:
        end = index + 1
        if words[end : end + 1] and words[end] in OLD:
            end += 1
        return AgeHit(index, end, int(match.group(1)), 3)
    if match := DECADE_DIGITS.fullmatch(word):
        return AgeHit(index, index + 1, _decade(int(match.group(1))), 3)
    if word in DECADES:
        return AgeHit(index, index + 1, _decade(DECADES[word]), 3)
    if numbered := number_at(words, index):
        return _numbered(found, index, *numbered)
    return None


PARENTS = people_words("ages_parents")
"""A "mum of two" is not two."""
SCHOOL_YEAR_OF = people_words("ages_school_year_of")


def _decade(tens: int) -> Age:
    return {"min": tens * 10, "max": tens * 10 + 9}


def _dated(found: Scan, hit: AgeHit) -> AgeHit:
    """ "She's 15 now" outweighs "she was 13"."""
    words = found.words
    before = words[hit.start - 1] if hit.start else ""
    after = words[hit.end] if hit.end < len(words) and not found.tokens.breaks[hit.end] else ""
    if hit.strength == 3 and (before == "now" or after == "now"):
        return replace(hit, strength=4)
    if hit.strength == 3 and before == "was":
        return replace(hit, strength=2)
    return hit


def _is_school_year(found: Scan, index: int) -> bool:
    before = found.words[index - 1] if index else ""
    after = found.words[index + 2] if index + 2 < len(found.words) else ""
    return (
        after in SCHOOL_YEAR_OF or before in {"in", "a", "is", "another", "the", "some", "two", "other"} or not before
    )


def _numbered(found: Scan, start: int, number: int, end: int) -> AgeHit | None:
    """A number and what follows it: years old, months old, "to 14", or nothing."""
    words, breaks = found.words, found.tokens.breaks
    if start and words[start - 1].isdigit() and not breaks[start] and words[end : end + 1] and words[end].isdigit():
        return None
    highest = number
    if second := second_of_two(found.tokens, words, start, end):
        highest, end = second
        if words[end - 1].endswith("s") and number > 4:
            return AgeHit(start, end, {"min": number, "max": highest}, 2)
    after = words[end] if end < len(words) else ""
    joined = end < len(words) and not breaks[end]
    if joined and words[start].isalpha() and after.isdigit():
        return None  # "one 8, the other 11"
    value: Age = number if number == highest else {"min": number, "max": highest}
    old = words[end + 1] if end + 1 < len(words) else ""
    if joined and after in {"month", "months", "mth", "mths"} and old in OLD | {""}:
        return _months(start, end, number, old)
    if joined and after in {"week", "weeks"} and old in {"old", "auld"}:
        return AgeHit(start, end + 2, 0, 3)
    if number > OLDEST or highest > OLDEST:
        return None
    if after in YEARS and end < len(words):
        return _in_years(found, start, end, value)
    before = words[start - 1] if start else ""
    of_somebody = before in {"of", "o"} and start - 2 in found.nouns
    if of_somebody and highest < 16 and words[start - 2] in PARENTS:
        return None
    if joined and (after in COUNTED or after in YEARS) and not (of_somebody and after in NOT_COUNTED | {"times"}):
        if after not in NOT_COUNTED or not (start - 1 in found.nouns or breaks[start]):
            return None
    return bare(found, start, end, value)


def _months(start: int, end: int, number: int, old: str) -> AgeHit | None:
    if old in {"old", "auld"}:
        return AgeHit(start, end + 2, number // 12, 3)
    return AgeHit(start, end + 1, number // 12, 2) if 6 <= number <= 36 and not old else None


def _in_years(found: Scan, start: int, end: int, value: Age) -> AgeHit | None:
    words = found.words
    old = words[end + 1] if end + 1 < len(words) else ""
    before = words[start - 1] if start else ""
    if old in {"old", "auld", "olds"}:
        return AgeHit(start, end + 2, value, 3)
    if words[end] in {"yo", "yos"} or (words[end] == "y" and old == "o"):
        return AgeHit(start, end + (2 if words[end] == "y" else 1), value, 3)
    if old == "of":
        return AgeHit(start, end + 3, value, 3) if words[end + 2 : end + 3] == ["age"] else None
    if before in SAYS_AGE:
        return AgeHit(start, end + 1, value, 3)
    nouns = found.nouns
    if words[end] in {"yr", "year"} and end + 1 in nouns:
        return AgeHit(start, end + 1, value, 2)
    return None
