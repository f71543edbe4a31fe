"""A number alone, with no "years" behind it: whether it is somebody's age, by what stands before and after."""

from dataclasses import dataclass
from typing import TypeAlias

from taxonomy.people_words import people_words
from taxonomy.reading_numbers import number_at
from taxonomy.reading_scan import Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

Age: TypeAlias = "int | dict[str, int]"

SOFT = words_of("soft") | {"also", "baith", "both", "jist"}
"""Words that may stand between a person and their age."""
SAYS_AGE = words_of("says_age")
BE = words_of("be")
WHO_IS = people_words("ages_who_is")
"""Nouns with 's for "is" before an age ("her boyfriend's 17")."""
CALLED = people_words("ages_called")
"""What grown-ups are called beside "man" and "woman": a number right after is their age."""
CALLED_AT_ANY_AGE = frozenset({"witness", "victim"})
FROM = frozenset({"from", "fae", "frae", "in", "of", "near", "outside"})


@dataclass(frozen=True, slots=True)
class AgeHit:
    """An age said: words `start` up to `end`. `strength`: 4 now, 3 in so many words, 2 by its place, 1 past or weak."""

    start: int
    end: int
    value: Age
    strength: int
    stage: str = ""
    """The school stage said: P1 to P7, S1 to S6, nursery or school_leaver; "" for none."""


def _follows_harm(found: Scan, index: int) -> bool:
    return not found.harm_ends.isdisjoint(range(index - 3, index + 1))


ONE_OF_THEM = frozenset({"one", "wan", "other", "ither"})
""" "Two boys, one 8, the other 11"."""
AFTER_NAME = frozenset({"and", "n", "an", "but", "he", "she", "hes", "shes", "now"})


def _is_name_with_is(found: Scan, index: int) -> bool:
    """ "Callum's 17": a name written large, with 's for "is"."""
    tokens = found.tokens
    large = index in tokens.possessive and tokens.text[tokens.starts[index]].isupper()
    return large and not any(place.start <= index < place.end for place in found.places)


def _is_after_home(found: Scan, index: int) -> bool:
    """ "Man from Skye 71,": a number right after where somebody is from."""
    homes = [place.start for place in found.places if place.end == index and not place.is_postcode]
    return any(start >= 2 and found.words[start - 1] in FROM and start - 2 in found.nouns for start in homes)


def _is_place(found: Scan, index: int) -> bool:
    return any(place.start == index for place in found.places)


def _says_who(found: Scan, index: int) -> bool:
    """Whether a person is named within three words before: "girl with autism 11 in Falkirk"."""
    first = max(0, index - 3)
    return not any(found.tokens.breaks[first + 1 : index + 1]) and not found.nouns.isdisjoint(range(first, index))


def bare(found: Scan, start: int, end: int, value: Age) -> AgeHit | None:
    """A number alone (words `start` up to `end`) as an age, by what stands before it or because it stands between
    commas; None when nothing says that it is one."""
    words, breaks = found.words, found.tokens.breaks
    before = words[start - 1] if start else ""
    ends_here = end >= len(words) or breaks[end] > 0
    lowest = value if isinstance(value, int) else value["min"]
    after = words[end] if end < len(words) else ""
    if before in WHO_IS and start - 1 in found.tokens.possessive and lowest > 2:
        return AgeHit(start, end, value, 3)
    if start and 2 < lowest < 20 and (ends_here or after in AFTER_NAME) and _is_name_with_is(found, start - 1):
        return AgeHit(start, end, value, 3)
    if words[start] in ONE_OF_THEM and before not in SAYS_AGE | BE:
        return None  # "the wee one", "the big one"
    if before in ONE_OF_THEM and ends_here and 2 < lowest < 20:
        return AgeHit(start, end, value, 2)
    if before in {"f", "m"} and lowest > 2 and breaks[start] < 2:
        return AgeHit(start, end, value, 3)
    if (
        before in SAYS_AGE
        or (before == "between" and isinstance(value, dict))
        or (before in {"of", "at"} and words[start - 2 : start - 1] == ["age"])
    ):
        return AgeHit(start, end, value, 3)
    if before == "at" and lowest > 2 and ends_here and not _follows_harm(found, start - 1):
        return AgeHit(start, end, value, 1)
    if before == "at" or (before in BE | {"were"} and words[max(0, start - 3) : start - 1][:1] == ["when"]):
        return None
    when = words[end : end + 1] == ["when"] and breaks[end] != STRONG_BREAK
    if when or words[end : end + 3] == ["at", "the", "time"]:
        return AgeHit(start, end, value, 2 if words[end] == "at" else 1)
    back = start - 1
    while back >= 0 and words[back] in SOFT and not breaks[back + 1]:
        back -= 1
    soft = back < start - 1
    lead = words[back] if back >= 0 else ""
    nouns = found.nouns
    if lead in BE or (
        soft
        and before
        in {"also", "is", "am", "was", "be", "just", "turned", "turning", "now", "only", "nearly", "almost", "about"}
    ):
        return (
            AgeHit(start, end, value, 3)
            if lead in BE or back in nouns or lead in {"she", "he", "i", "they"}
            else AgeHit(start, end, value, 2)
        )
    if back in nouns and (start - back) <= 4:
        return AgeHit(start, end, value, 3)
    if back == start - 1 and not breaks[start] and before in (CALLED if lowest > 15 else CALLED_AT_ANY_AGE):
        return AgeHit(start, end, value, 3)
    if lowest > 2 and ends_here and _is_after_home(found, start):
        return AgeHit(start, end, value, 3)
    if before in {"of", "o"} and start >= 2 and start - 2 in nouns:
        return AgeHit(start, end, value, 3)
    if words[end : end + 1] and end in nouns and not breaks[end]:
        return AgeHit(start, end, value, 2) if lowest > 4 or before in {"", "a", "the"} else None
    where = after in {"in", "from", "fae"} and not ends_here and _is_place(found, end + 1)
    if lowest > 4 and where and _says_who(found, start):
        return AgeHit(start, end, value, 2)
    if words[start].isalpha() and number_at(words, end):
        return None  # "three, four times a night"
    alone = ends_here and (start == 0 or breaks[start] > 0)
    return AgeHit(start, end, value, 2) if (alone or (start == 0 and words[start].isdigit())) and lowest > 2 else None
