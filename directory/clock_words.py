"""Reads spans of the clock as people write them ("9-5pm", "0900-1730"), and refuses those with two meanings."""

import re

MIDNIGHT, NOON = 24 * 60, 12 * 60
"""Minutes since midnight."""
LEAST = 15
"""Minutes that a span lasts at least; a shorter one is no opening ("2019-2020")."""
TIME = r"\d{1,2}(?:[:.]?\d\d)?\s*(?:[ap]\.?\s?m\b\.?)?"
_JOINED = r"\s*(?:-|–|—|\bto\b|\btill?\b|\buntil\b)\s*"
UNNAMED_SPAN = rf"{TIME}{_JOINED}{TIME}(?!\w)"
"""Pattern of a span, without groups."""
_PARTS = r"(\d{1,2})(?:[:.]?(\d\d))?\s*([ap]\.?\s?m\b\.?)?"
SPAN = re.compile(rf"{_PARTS}{_JOINED}{_PARTS}", re.IGNORECASE)


class TwoMeanings(ValueError):
    """The morning may be meant, or the evening."""


class Backwards(ValueError):
    """It closes before it opens, or at once."""


def span(text: str) -> tuple[int, int]:
    """Both ends of a span, in minutes since midnight, the end up to MIDNIGHT.

    Raises ValueError for what is no span, Backwards for what runs past midnight, and TwoMeanings.
    """
    found = SPAN.fullmatch(text)
    if found is None:
        raise ValueError("hours: no span of the clock")
    hour, minute, half, until, until_minute, until_half = found.groups()
    opens, closes = _clock(hour, minute), _clock(until, until_minute)
    first, last = (half or "")[:1].casefold(), (until_half or "")[:1].casefold()
    if not first and not last:
        opens, closes = _bare(opens, closes, leading_nought=hour.startswith("0"))
    elif not first:
        opens, closes = _before_half(opens, closes, last)
    else:
        opens = _in_half(opens, first)
        closes = _in_half(closes, last) if last else _after(opens, closes)
    if closes in {0, MIDNIGHT - 1}:
        closes = MIDNIGHT
    if not opens + LEAST <= closes <= MIDNIGHT:
        raise Backwards("hours: it closes before it opens")
    return opens, closes


def at(minutes: int) -> str:
    """ "09:30" for minutes since midnight."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _clock(hour: str, minute: str | None) -> int:
    hours, minutes = int(hour), int(minute or 0)
    if hours > 24 or minutes > 59:
        raise ValueError("hours: a time of the clock that is none")
    return hours * 60 + minutes


def _in_half(time: int, half: str) -> int:
    """A time with "am" or "pm"; "13.00pm" is 13:00."""
    if time < 13 * 60:
        return time % NOON + (NOON if half == "p" else 0)
    if half == "a":
        raise ValueError("hours: a morning hour past noon")
    return time


def _bare(opens: int, closes: int, leading_nought: bool) -> tuple[int, int]:
    """Neither end says its half: the 24-hour clock, or what can only be meant ("9-5", "10-12", "2-4")."""
    if closes >= 13 * 60 or opens >= 13 * 60 or (leading_nought and opens < closes):
        return opens, closes
    if 8 * 60 <= opens < closes and NOON <= closes < 13 * 60:
        return opens, closes
    if 8 * 60 <= opens < NOON and closes <= opens:
        return opens, closes + NOON
    if opens >= NOON and closes < 8 * 60:
        return opens, closes + NOON
    if 60 <= opens < closes <= 6 * 60:
        return opens + NOON, closes + NOON
    raise TwoMeanings("hours: morning or evening is not said")


def _before_half(opens: int, closes: int, half: str) -> tuple[int, int]:
    """Only the second end says its half: "9-5pm", "6-8pm", "9.30-11am"; "9-10pm" may mean two things."""
    end = _in_half(closes, half)
    if half == "a" or opens >= 13 * 60 or not opens < closes < NOON:
        return opens, end
    if opens >= 8 * 60:
        raise TwoMeanings("hours: morning or evening is not said")
    return opens + NOON, end


def _after(opens: int, closes: int) -> int:
    """An end without its half, after a beginning with one: the first such time that follows."""
    return closes if closes > opens else closes % NOON + NOON
