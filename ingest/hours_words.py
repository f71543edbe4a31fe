"""Reads opening hours as people write them ("Mon-Thu, 9am-1pm. Fri, 9am-12:30pm"); else they stay as text."""

import re
from collections.abc import Iterator

from directory import opening
from directory.draft import Hours, Opening
from directory.values import Known

DAY = r"(?:mon|tues?|weds?|thu(?:rs?)?|fri|sat|sun)(?:day)?s?"
DAYS = re.compile(rf"{DAY}(?:\s*(?:-|–|to|,|and|&)\s*{DAY})*", re.IGNORECASE)
SPAN = re.compile(
    r"(\d{1,2})(?:[:.](\d\d))?\s*([ap]m)?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d\d))?\s*([ap]m)", re.IGNORECASE
)
GLUE = re.compile(r"^(?:\s|[,;:.&]|\band\b)*$", re.IGNORECASE)
ALWAYS = re.compile(r"\b24[ /-]?(?:hours?(?: a day)?|7)\b|\bday and night\b", re.IGNORECASE)
FIRST_LETTERS = {day.casefold(): day for day in opening.DAYS}


def read(text: str) -> Hours:
    """Hours of a text: openings when every word of it was read, else the text itself; unknown for an empty one."""
    text = " ".join(text.split())
    if not text:
        return Hours()
    if ALWAYS.fullmatch(text.rstrip(".")):
        return Hours(Known.STATED, (opening.ALWAYS,))
    try:
        found = Hours(Known.STATED, tuple(_openings(text)))
        opening.check(found)
    except ValueError:
        return Hours(Known.STATED, (), text)
    return found


def _openings(text: str) -> Iterator[Opening]:
    """One for each span of hours, on the days said before it. Raises ValueError for anything else in the text."""
    groups = list(DAYS.finditer(text))
    if not groups or not GLUE.match(text[: groups[0].start()]):
        raise ValueError("hours: it does not begin with days")
    for number, group in enumerate(groups):
        end = groups[number + 1].start() if number + 1 < len(groups) else len(text)
        spans = text[group.end() : end]
        found = list(SPAN.finditer(spans))
        if not found or not GLUE.match(SPAN.sub("", spans)):
            raise ValueError("hours: words that are no hours")
        days = ",".join(_days(group.group()))
        yield from (Opening(days, *_times(span)) for span in found)


def _days(words: str) -> list[str]:
    """ "Mon-Thu" → MO to TH; "Tue, Wed, Thu" → those three."""
    found: list[str] = []
    for part in re.split(r"\s*(?:,|\band\b|&)\s*", words):
        ends = [FIRST_LETTERS[day[:2].casefold()] for day in re.findall(DAY, part, re.IGNORECASE)]
        first, last = opening.DAYS.index(ends[0]), opening.DAYS.index(ends[-1])
        if last < first:
            raise ValueError("hours: days that run backwards")
        found += opening.DAYS[first : last + 1]
    return list(dict.fromkeys(found))


def _times(span: re.Match[str]) -> tuple[str, str]:
    """Both times as "09:00"; where the first says no half of the day it is the morning."""
    hour, minute, half, until, until_minute, until_half = span.groups()
    return _time(hour, minute, half or "am"), _time(until, until_minute, until_half, is_end=True)


def _time(hour: str, minute: str | None, half: str, is_end: bool = False) -> str:
    number = int(hour)
    if not 1 <= number <= 12:
        raise ValueError("hours: an hour of the clock that is none")
    number = number % 12 + (12 if half.casefold() == "pm" else 0)
    if is_end and number == 0:
        number = 24
    return f"{number:02d}:{minute or '00'}"
