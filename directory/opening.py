"""Opening hours: what the record says of a week, packed into one number, and whether a service is open now.

Times are Scottish (Europe/London, daylight saving and all). The clock is passed in.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from zoneinfo import ZoneInfo

from directory.draft import Hours, Opening
from directory.values import Known

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
"""As iCal and HSDS name them; places are bits of a packed span."""
EVERY_DAY = ",".join(DAYS)
ALWAYS = Opening(EVERY_DAY, "00:00", "24:00")
SPANS, SPAN_BITS, DAY_BITS, TIME_BITS = 3, 21, 7, 7
"""Three spans of a week fill 63 bits: seven for days, seven each for opening and closing in quarters of an hour."""
QUARTER = 15
AGE_DAYS = 730
"""Weekly hours older than this, or of no date, say nothing of today. A line open day and night rarely gives that up,
so ALWAYS holds at any age."""
TIME = re.compile(r"([01]\d|2[0-4]):[0-5]\d")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@cache
def _scotland() -> ZoneInfo:
    return ZoneInfo("Europe/London")


def quarter_of_week(now: datetime) -> int:
    """Quarters of an hour since Monday 00:00 in Scotland, 0 to 671. `now` is an aware moment."""
    here = now.astimezone(_scotland())
    return here.weekday() * 96 + (here.hour * 60 + here.minute) // QUARTER


def check(hours: Hours) -> None:
    """Raises ValueError for a day or a time that is none, or a closing that is not after its opening."""
    for opening in hours.openings:
        if not opening.byday or any(day not in DAYS for day in opening.byday.split(",")):
            raise ValueError("hours: a day that is not MO to SU")
        for at in (opening.opens_at, opening.closes_at):
            if not TIME.fullmatch(at) or minutes(at) > 24 * 60:
                raise ValueError('hours: a time that is not "09:00" to "24:00"')
        if minutes(opening.closes_at) <= minutes(opening.opens_at):
            raise ValueError("hours: it closes before it opens")


def minutes(at: str) -> int:
    """Minutes since midnight of "09:30"."""
    hour, _, minute = at.partition(":")
    return int(hour) * 60 + int(minute)


def is_always(hours: Hours) -> bool:
    return ALWAYS in hours.openings


def pack(hours: Hours) -> int:
    """A week as one number, 0 when it is not known or has more than SPANS spans; `is_open` reads it.

    Quarters are rounded inwards: open is never said of a minute when it is shut.
    """
    if is_always(hours):
        return ALWAYS_PACKED
    spans = dict.fromkeys(map(_span, hours.openings))
    spans.pop(0, None)
    if len(spans) > SPANS:
        return 0
    return sum(span << number * SPAN_BITS for number, span in enumerate(spans))


def _span(opening: Opening) -> int:
    days = sum(1 << DAYS.index(day) for day in set(opening.byday.split(",")))
    opens, closes = -(-minutes(opening.opens_at) // QUARTER), minutes(opening.closes_at) // QUARTER
    return days | opens << DAY_BITS | closes << DAY_BITS + TIME_BITS if closes > opens else 0


ALWAYS_PACKED = _span(ALWAYS)


def is_open(packed: int, quarter: int) -> bool:
    """Whether a packed week is open in that quarter of an hour (`quarter_of_week`)."""
    day, at = divmod(quarter, 96)
    while packed:
        opens = packed >> DAY_BITS & 127
        closes = packed >> DAY_BITS + TIME_BITS & 127
        if packed >> day & 1 and opens <= at < closes:
            return True
        packed >>= SPAN_BITS
    return False


def is_open_at(hours: Hours, now: datetime) -> bool | None:
    """Open now, to the minute; None when no openings are known."""
    if not hours.openings:
        return None
    here = now.astimezone(_scotland())
    day, minute = DAYS[here.weekday()], here.hour * 60 + here.minute
    return any(
        day in opening.byday.split(",") and minutes(opening.opens_at) <= minute < minutes(opening.closes_at)
        for opening in hours.openings
    )


def counts(hours: Hours, as_of_day: int, today: int) -> bool:
    """Whether these hours may be taken for today's: always open, or of a date not older than AGE_DAYS."""
    return is_always(hours) or bool(as_of_day and today - as_of_day <= AGE_DAYS)


def parse(cell: str) -> Hours:
    """Hours from our own cell: "" unknown, "none", "24h", or "MO,TU 09:00-17:00; SA 10:00-16:00", else text as it is.

    Raises ValueError for openings that cannot be.
    """
    cell = cell.strip()
    if not cell:
        return Hours()
    if cell == "none":
        return Hours(Known.NONE)
    if cell == "24h":
        return Hours(Known.STATED, (ALWAYS,))
    found = [re.fullmatch(r"([A-Z]{2}(?:,[A-Z]{2})*) (\S+)-(\S+)", part.strip()) for part in cell.split(";")]
    if not all(found):
        return Hours(Known.STATED, (), cell)
    hours = Hours(Known.STATED, tuple(Opening(*match.groups()) for match in found if match))
    check(hours)
    return hours


def to_cell(hours: Hours) -> str:
    """The cell that `parse` reads as these hours."""
    if hours.known is not Known.STATED:
        return "none" if hours.known is Known.NONE else ""
    if hours.openings == (ALWAYS,):
        return "24h"
    return "; ".join(f"{each.byday} {each.opens_at}-{each.closes_at}" for each in hours.openings) or hours.text


def in_words(hours: Hours) -> str:
    """For people: "Day and night", "Monday to Friday 9am to 5pm; Saturday 10am to 4pm", the text as found, or ""."""
    if is_always(hours):
        return "Day and night"
    if hours.openings:
        return "; ".join(
            f"{_days(each.byday)} {_clock(each.opens_at)} to {_clock(each.closes_at)}" for each in hours.openings
        )
    return "No fixed hours: by appointment" if hours.known is Known.NONE else hours.text


def _days(byday: str) -> str:
    if byday == EVERY_DAY:
        return "Every day"
    numbers = sorted(DAYS.index(day) for day in byday.split(","))
    if len(numbers) > 2 and numbers == list(range(numbers[0], numbers[-1] + 1)):
        return f"{NAMES[numbers[0]]} to {NAMES[numbers[-1]]}"
    return _listed(NAMES[number] for number in numbers)


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _clock(at: str) -> str:
    minute = minutes(at)
    if minute in (0, 24 * 60):
        return "midnight"
    if minute == 12 * 60:
        return "noon"
    hour, rest = divmod(minute, 60)
    return f"{(hour - 1) % 12 + 1}{f'.{rest:02d}' if rest else ''}{'am' if hour < 12 else 'pm'}"


def day_of(moment: datetime) -> int:
    """Days since 1970 in UTC."""
    return int(moment.astimezone(UTC).timestamp() // 86_400)
