"""The age of a child who harmed, when only their school is said ("girls from Barrhead High")."""

from bisect import bisect_left

from taxonomy.reading_bare_ages import AgeHit
from taxonomy.reading_mentions import OTHER, Mention, People
from taxonomy.reading_scan import START, Scan

AT_SCHOOL = {"academy": (11, 18), "high": (11, 18), "grammar": (11, 18), "secondary": (11, 18), "primary": (4, 12)}
"""Ages of the pupils of a school, by the last word of its name."""


def give_school_ages(found: Scan, known: People) -> None:
    """Give an age to those who harmed and have none, by their school.

    A class shared with the person ("a boy in her year") gives none: that is a guess, and the text does not say it.
    """
    for mention in known.owned(OTHER):
        if mention.age is not None or mention.kind not in {"child", "person", "harmer"}:
            continue
        age = _of_school(found, mention)
        if age is not None:
            mention.age = age


def _of_school(found: Scan, mention: Mention) -> AgeHit | None:
    words = found.words
    first = bisect_left(found.services, mention.end + 1, key=START)
    for name in found.services[first : first + 2]:
        if mention.end < name.start <= mention.end + 3 and words[name.start - 1] in {"from", "at", "fae", "of"}:
            last = words[name.end - 1] if words[name.end - 1] != "school" else words[name.end - 2]
            if ages := AT_SCHOOL.get(last):
                return AgeHit(mention.start, name.end, {"min": ages[0], "max": ages[1]}, 1)
    return None
