"""Reads opening hours as people write them ("Mon-Thu, 9am-1pm. Fri, 9am-12:30pm"); else they stay as text.

All of a text is read or none of it: "1st and 3rd Saturday" must not become every Saturday.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from directory import clock_words, opening
from directory.draft import Hours, Opening
from directory.values import Known

LONGEST = 1_000
"""Characters; a longer text stays text."""
DAY = (
    r"(?:mondays?|mon?|tuesdays?|tues?|tu|wednesdays?|weds?|we|thursdays?|thurs?|thu?|fridays?|fri?|saturdays?|sat?"
    r"|sundays?|sun?|weekdays?|weekends?|(?:every|each) day|daily|(?:7|seven) days(?: (?:a|per) week)?)(?![a-z])"
)
DAYS = rf"{DAY}(?:\s*(?:-|–|—|\bto\b|\btill?\b|\buntil\b|,|\band\b|&|/)\s*{DAY})*"
PARTS = re.compile(
    rf"(?P<shut_days>closed (?:on )?{DAYS})|(?P<days>{DAYS})|(?P<span>{clock_words.UNNAMED_SPAN})"
    r"|(?P<all_day>24[ -]?(?:hours|hrs)(?: (?:a|per) day)?)|(?P<shut>closed)"
    r"|(?P<glue>[\s,;:.&()–—-]+|\b(?:and|from|open|opening (?:hours|times)|hours|times|every week|weekly|each"
    r"|on|are|is)\b)",
    re.IGNORECASE,
)
RANGE = re.compile(r"\s*(?:-|–|—|\bto\b|\btill?\b|\buntil\b)\s*", re.IGNORECASE)
LISTED = re.compile(r"\s*(?:,|\band\b|&|/)\s*", re.IGNORECASE)
ALWAYS = re.compile(
    r"(?=.*(?:24|day and night|round the clock))(?:\b24 ?[/-]? ?7\b|\b24[ /-]?(?:hours?|hrs?)\b"
    r"|\b(?:a|per|every|each) day\b|\bdaily\b|\b(?:7|seven) days(?: (?:a|per) week)?\b"
    r"|\b365 days(?: (?:a|per) year)?\b|\ball year(?: round)?\b"
    r"|\bday and night\b|\bround the clock\b|\bopen\b|\bavailable\b|\band\b|[\s,;:.&/()-])+",
    re.IGNORECASE,
)
APPOINTMENT = re.compile(
    r"(?:available |open |strictly |only )*(?:by|on) (?:prior )?(?:appointment|arrangement)s?(?: only)?"
    r"|appointments? only|no (?:fixed|set) (?:opening )?hours",
    re.IGNORECASE,
)
WORDS = (
    (re.compile(r"\b(?:12\s*)?(?:noon|mid-?day)\b", re.IGNORECASE), "12pm"),
    (re.compile(r"\b(?:12\s*)?midnight\b", re.IGNORECASE), "12am"),
    (re.compile(r"\bM\s*[-–]\s*F\b"), "Mon-Fri"),
    (re.compile(r"\bo['’]?clock\b", re.IGNORECASE), ""),
    (re.compile(rf"\bbetween\s+({clock_words.TIME})\s+and\s+(?={clock_words.TIME})", re.IGNORECASE), r"\1-"),
)
FIRST_LETTERS = {day.casefold(): day for day in opening.DAYS}


@dataclass(frozen=True, slots=True)
class _Span:
    """Open on one day, minutes since midnight; `days` of the group that said so: fewer is more exact."""

    opens: int
    closes: int
    days: int


def read(text: str) -> Hours:
    """Hours of a text: openings when every word of it was read, NONE for "by appointment", unknown for an empty text,
    else the text itself. Where a day is named twice, what is said of fewer days counts ("Mon-Fri 9-5. Fri 9-3")."""
    text = " ".join(text.split())
    if not text:
        return Hours()
    if len(text) > LONGEST:
        return Hours(Known.STATED, (), text)
    bare = text.rstrip(".")
    if ALWAYS.fullmatch(bare):
        return Hours(Known.STATED, (opening.ALWAYS,))
    if APPOINTMENT.fullmatch(bare):
        return Hours(Known.NONE)
    try:
        found = Hours(Known.STATED, _openings(text))
        opening.check(found)
    except ValueError:
        return Hours(Known.STATED, (), text)
    return found


def _openings(text: str) -> tuple[Opening, ...]:
    """The week of a text. Raises ValueError for a word that is no day and no time, or for hours that contradict."""
    week: dict[str, list[_Span]] = {day: [] for day in opening.DAYS}
    for days, spans in _groups(text):
        for day in days:
            week[day] = week[day] if spans else []
            for opens, closes in spans:
                _put(week[day], _Span(opens, closes, len(days)))
    found: dict[tuple[int, int], list[str]] = {}
    for day, kept in week.items():
        for span in kept:
            found.setdefault((span.opens, span.closes), []).append(day)
    if not found:
        raise ValueError("hours: no times")
    order = sorted(found, key=lambda span: (opening.DAYS.index(found[span][0]), span))
    return tuple(Opening(",".join(found[span]), clock_words.at(span[0]), clock_words.at(span[1])) for span in order)


def _put(kept: list[_Span], new: _Span) -> None:
    """Adds a span to a day, in place of all that less exact words said of it when it contradicts one of them.

    Raises ValueError when it contradicts one that is as exact.
    """
    if any((span.opens, span.closes) == (new.opens, new.closes) for span in kept):
        return
    clash = [span for span in kept if span.opens < new.closes and new.opens < span.closes]
    if any(span.days <= new.days for span in clash):
        raise ValueError("hours: said twice, differently")
    if clash:
        kept[:] = [span for span in kept if span.days <= new.days]
    kept.append(new)


def _groups(text: str) -> Iterator[tuple[list[str], list[tuple[int, int]]]]:
    """Days with their spans, whichever comes first in the text. Raises ValueError."""
    parts = [part for part in _parts(text) if part.lastgroup not in {"glue", "shut_days"}]
    shut = [part for part in _parts(text) if part.lastgroup == "shut_days"]
    if not parts:
        raise ValueError("hours: nothing to read")
    days_first = parts[0].lastgroup == "days"
    days: list[str] = []
    spans: list[tuple[int, int]] = []
    for part in parts if days_first else _turned(parts):
        if part.lastgroup == "days":
            if days:
                yield _whole(days, spans)
            days, spans = _days(part.group()), []
        else:
            spans.append(_span(part))
    yield _whole(days, spans)
    yield from ((_days(re.sub(r"^closed (?:on )?", "", part.group(), flags=re.IGNORECASE)), []) for part in shut)


def _turned(parts: list[re.Match[str]]) -> Iterator[re.Match[str]]:
    """Parts with each group's days put before its times ("9-5 weekdays"). Raises ValueError for times left over."""
    times: list[re.Match[str]] = []
    for part in parts:
        if part.lastgroup == "days":
            yield part
            yield from times
            times = []
        else:
            times.append(part)
    if times:
        raise ValueError("hours: times of no day")


def _parts(text: str) -> Iterator[re.Match[str]]:
    """Days, spans and the words between. Raises ValueError for any other word."""
    for pattern, plain in WORDS:
        text = pattern.sub(plain, text)
    at = 0
    while at < len(text):
        part = PARTS.match(text, at)
        if part is None:
            raise ValueError("hours: words that are no hours")
        at = part.end()
        yield part


def _whole(days: list[str], spans: list[tuple[int, int]]) -> tuple[list[str], list[tuple[int, int]]]:
    """A group with days and times; the span (0, 0) says that it is closed on those days."""
    if not days or not spans or ((0, 0) in spans and len(spans) > 1):
        raise ValueError("hours: days without times, or times without days")
    return days, [span for span in spans if span != (0, 0)]


def _days(words: str) -> list[str]:
    """ "Mon-Thu" → MO to TH; "Tue, Wed, Thu" → those three; "weekends" → SA and SU."""
    found: list[str] = []
    for part in LISTED.split(words):
        ends = [_named(day) for day in RANGE.split(part)]
        first, last = opening.DAYS.index(ends[0][0]), opening.DAYS.index(ends[-1][-1])
        if last < first or len(ends) > 2:
            raise ValueError("hours: days that run backwards")
        found += opening.DAYS[first : last + 1]
    return list(dict.fromkeys(found))


def _named(word: str) -> tuple[str, ...]:
    word = word.strip().casefold()
    if word.startswith("weekd"):
        return opening.DAYS[:5]
    if word.startswith("weeke"):
        return opening.DAYS[5:]
    return (FIRST_LETTERS[word[:2]],) if word[:2] in FIRST_LETTERS else opening.DAYS


def _span(part: re.Match[str]) -> tuple[int, int]:
    """Minutes since midnight of both ends; (0, 0) for closed. Raises ValueError for times that may mean several."""
    if part.lastgroup == "shut":
        return 0, 0
    return (0, clock_words.MIDNIGHT) if part.lastgroup == "all_day" else clock_words.span(part.group())
