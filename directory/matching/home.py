"""Home from what the words say beside a place: the council that tells two Tarberts apart, and the school of a pupil."""

import re
from dataclasses import replace

from directory.errors import PlaceNotFound
from directory.places.gazetteer import Gazetteer
from directory.values import Place
from taxonomy.words import Understanding, Understood

AFTER = re.compile(r"\s*[,(]\s*([^\W\d_][\w'’-]*(?:[ \t]+[^\W\d_][\w'’-]*){0,2})")
"""What follows a place after a comma or in brackets: up to three words."""
SCHOOL = re.compile(
    r"\s+(?:(?:community|rc|r\.c\.|catholic|public|junior|senior|special|nursery|primary|high|secondary|grammar)\s+)*"
    r"(?:academy|high|primary|grammar|school|secondary|nursery|college)(?:\s+school)?$",
    re.IGNORECASE,
)
NO_PLACE = re.compile(r"^(?:st|saint|our lady|holy|sacred|king|queen)\b", re.IGNORECASE)
"""Schools named for a saint or a king, not for where they stand."""
OTHERS = re.compile(
    r"\b(?:by|aff|off|from|fae|frae|other|another|older|two|twa|three|group|gang|lads|boys|girls|lassies|they|who|that)"
    r"\W+(?:[\w'’]+\W+){0,5}$",
    re.IGNORECASE,
)
"""Just before a school's name: it is the other child's."""
GROWN_UP = 18


def with_home(said: Understanding, text: str, gazetteer: Gazetteer) -> Understanding:
    """The same, with the place of residence told apart from others of its name, or taken from the school of a pupil.

    A grown-up's school is where they work, and so where it happened. Never raises.
    """
    if said.residence is not None:
        return replace(said, residence=_told_apart(said.residence, text, gazetteer))
    school = _school(said, text, gazetteer)
    if school is None:
        return said
    if _is_grown_up(said):
        return said if said.harm_place else replace(said, harm_place=school)
    there = any(each.value == "same_school" for each in said.harmed_by)
    return replace(said, residence=school, harm_place=said.harm_place or (school if there else None))


def _told_apart(home: Understood, text: str, gazetteer: Gazetteer) -> Understood:
    """ "Tarbert, Harris": the words after a name that several places bear."""
    spoken = home.words[0]
    end = text.find(spoken) + len(spoken)
    after = AFTER.match(text, end)
    here = _found(str(home.value), gazetteer)
    if after is None or here is None or len(here.councils) < 2:
        return home
    words = after.group(1).split()
    for count in range(len(words), 0, -1):
        name = f"{spoken}, {' '.join(words[:count])}"
        place = _found(name, gazetteer)
        if place is not None and len(place.councils) < len(here.councils):
            last = re.compile(r"\s+".join(map(re.escape, words[:count]))).search(text, end)
            shown = text[text.find(spoken) : last.end()] if last else spoken
            return Understood(name, name, (shown,))
    return home


def _school(said: Understanding, text: str, gazetteer: Gazetteer) -> Understood | None:
    avoided = {str(each.value).casefold() for each in said.avoid}
    for name in said.names:
        spoken = name.words[0]
        short = SCHOOL.sub("", spoken)
        if short == spoken or NO_PLACE.match(short) or str(name.value).casefold() in avoided:
            continue
        before = text[: text.find(spoken)]
        if OTHERS.search(before[-80:]):
            continue
        place = _found(short, gazetteer)
        if place is not None and len(place.councils) == 1:
            return Understood(short, short, (spoken,))
    return None


def _is_grown_up(said: Understanding) -> bool:
    if said.age is None:
        return False
    age = said.age.value
    return bool((age if isinstance(age, int) else age["min"]) >= GROWN_UP + (1 if isinstance(age, int) else 0))


def _found(name: str, gazetteer: Gazetteer) -> Place | None:
    try:
        return gazetteer.locate(name)
    except PlaceNotFound:
        return None
