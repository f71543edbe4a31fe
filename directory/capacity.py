"""Whether a service takes referrals, and how long people wait: known for some weeks, then not known again."""

import re
from datetime import UTC, date, datetime, timedelta

from directory.draft import Capacity

OPEN, WAITING_LIST, FULL = "open", "waiting_list", "full"
STATES = ("", OPEN, WAITING_LIST, FULL)
"""Places are the packed codes; "" is not known."""
LASTS_DAYS = 56
"""How long a statement holds when its source gives no end: eight weeks, the usual pause between reports."""
MOST_WEEKS = 250
NO_WEEKS = 255
CELL = re.compile(
    r"(?P<state>open|waiting_list|full)(?: (?P<low>\d+)-(?P<high>\d+))?"
    r" (?P<at>\d{4}-\d\d-\d\d)(?: (?P<end>\d{4}-\d\d-\d\d))?"
)


def check(capacity: Capacity) -> None:
    """Raises ValueError, naming the field: a state without its date is hearsay, and a band runs upwards."""
    low, high = capacity.minimum_weeks, capacity.maximum_weeks
    if capacity.state not in STATES:
        raise ValueError("capacity: not open, waiting_list or full")
    if capacity.state and not capacity.as_of:
        raise ValueError("capacity: without the day it was said")
    for name in ("as_of", "expires"):
        if getattr(capacity, name) and _day(getattr(capacity, name)) is None:
            raise ValueError(f'capacity: {name} is not a day such as "2026-11-22"')
    if capacity.expires and capacity.expires < capacity.as_of:
        raise ValueError("capacity: it expires before it was said")
    if any(weeks is not None and not 0 <= weeks <= MOST_WEEKS for weeks in (low, high)):
        raise ValueError(f"capacity: weeks are 0 to {MOST_WEEKS}")
    if low is not None and high is not None and low > high:
        raise ValueError("capacity: the shortest wait is above the longest")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def expiry_day(capacity: Capacity) -> int:
    """The last day, counted from 1970, on which the statement holds; 0 when there is none."""
    said = _day(capacity.as_of) if capacity.state else None
    if said is None:
        return 0
    end = _day(capacity.expires) or said + timedelta(days=LASTS_DAYS)
    return int(datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp() // 86_400)


def known_at(capacity: Capacity, today: int) -> bool:
    """Whether the statement holds today (days since 1970)."""
    return expiry_day(capacity) >= today and bool(capacity.state)


def weeks(capacity: Capacity) -> int | None:
    """The longest wait stated, in weeks: what a person must reckon with."""
    return capacity.minimum_weeks if capacity.maximum_weeks is None else capacity.maximum_weeks


def parse(cell: str) -> Capacity:
    """From our own cell: "" not known, "waiting_list 8-12 2026-11-01 2026-12-31" (band and end may be left out).

    Raises ValueError.
    """
    if not cell.strip():
        return Capacity()
    said = CELL.fullmatch(cell.strip())
    if said is None:
        raise ValueError('capacity: not such as "waiting_list 8-12 2026-11-01"')
    low, high = said["low"], said["high"]
    found = Capacity(
        said["state"], int(low) if low else None, int(high) if high else None, said["at"], said["end"] or ""
    )
    check(found)
    return found


def to_cell(capacity: Capacity) -> str:
    """The cell that `parse` reads as this capacity."""
    if not capacity.state:
        return ""
    low, high = capacity.minimum_weeks, capacity.maximum_weeks
    band = (
        f"{low if low is not None else high}-{high if high is not None else low}" if (low, high) != (None, None) else ""
    )
    return " ".join(part for part in (capacity.state, band, capacity.as_of, capacity.expires) if part)


def in_words(capacity: Capacity, today: int) -> str:
    """For people, with its date; "" when nothing was said; said to be not known again once expired."""
    if not capacity.state:
        return ""
    said = date.fromisoformat(capacity.as_of)
    day = f"{said.day} {said:%B %Y}"
    if not known_at(capacity, today):
        return f"Not known now: what was said on {day} is too old."
    what = {OPEN: "Takes referrals", FULL: "Full: takes no referrals"}.get(
        capacity.state, f"Waiting list{_band(capacity)}"
    )
    return f"{what} (said on {day})."


def _band(capacity: Capacity) -> str:
    low, high = capacity.minimum_weeks, capacity.maximum_weeks
    if low is None and high is None:
        return ""
    if low == high or low is None or high is None:
        only = high if high is not None else low
        return f", about {only} {'week' if only == 1 else 'weeks'}"
    return f", {low} to {high} weeks"
