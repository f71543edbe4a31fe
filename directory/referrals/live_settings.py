"""Settings that are safe to change while Waymark runs: which, what each may be, and how they lie over the files.

data/live_settings.csv is the catalogue. Keys, addresses and switches of law are not in it: they stay in files.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise
from typing import Any

from directory.errors import BadInput, WaymarkError
from directory.referrals.policy import Policy, spanned
from taxonomy import committed

SPAN, DATES = "span", "dates"
URGENCIES = ("urgent", "routine")
MOST_DATES = 60
FIRST_YEAR, LAST_YEAR = 2020, 2100
LADDER = ("acknowledge", "decide", "lapse_warning", "lapse")
"""Timers of one silence: none may come before the one above it, or a referral would lapse before anybody is asked."""
_DAY_HOURS, _WORK_DAYS_OF_SEVEN = 8, 5 / 7
"""Hours of a usual working day: limits of the catalogue are measured by it."""
_LEAST_DAY_HOURS = 4
_TYPED = re.compile(r"(\d{1,4}) *(hour|day|calendar day)s?")
Values = Mapping[str, Any]
"""Settings by key ("sending.hold_minutes", "timers.decide.urgent") → a number, "4 hours", or a list of days."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of the catalogue; `urgency` is "" but for a timer. `least` and `most` may both be it."""

    section: str
    name: str
    group: str
    label: str
    unit: str
    least: str
    most: str
    affects: str
    urgency: str = ""

    @property
    def key(self) -> str:
        return ".".join(filter(None, (self.section, self.name, self.urgency)))

    @property
    def field(self) -> str:
        """Its name in a form, and its id on the page."""
        return self.key.replace(".", "-")

    def of(self, policy: Policy) -> Any:
        """What it is under these rules."""
        found = policy.sections[self.section][self.name]
        found = found[self.urgency] if self.urgency else found
        return sorted(str(day) for day in found) if self.unit == DATES else found

    def said(self, value: Any) -> str:
        """A value as its field has it: days one a line."""
        if self.unit == SPAN:
            return re.sub(r"^1 (.*)s$", r"1 \1", str(value))
        return "\n".join(value) if self.unit == DATES else str(value)

    @property
    def allowed(self) -> str:
        """Its range in words."""
        if self.unit == DATES:
            return f"Days, one a line, at most {MOST_DATES}"
        low, high = self.said(self.least), self.said(self.most)
        return f"{low} to {high}" if self.unit == SPAN else f"{low} to {high} {self.unit}"


class NotSafe(WaymarkError):
    """Values that cannot be taken: what is wrong and what to do, by the setting's field."""

    status = 422

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("Some of this cannot be taken.", "Nothing was changed.")
        self.problems = problems


@cache
def catalogue() -> Mapping[str, Setting]:
    """Every live setting by its key, in the table's order; a timer is two."""
    rows = committed.rows("directory.referrals", "live_settings.csv")
    found = [Setting(**row, urgency=each) for row in rows for each in (URGENCIES if row["unit"] == SPAN else ("",))]
    return {own.key: own for own in found}


def read(typed: Mapping[str, str]) -> dict[str, Any]:
    """The values of a form, of those settings that it has. Raises NotSafe with every mistake."""
    found: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for key, own in catalogue().items():
        if own.field in typed:
            try:
                found[key] = _read(own, typed[own.field])
            except BadInput as error:
                problems[own.field] = str(error)
    if problems:
        raise NotSafe(problems)
    return found


def differing(files: Policy, values: Values) -> dict[str, Any]:
    """What of these values is not what the files say. Raises NotSafe when they do not go together."""
    known = {key: value for key, value in values.items() if key in catalogue()}
    if problems := _against_each_other(_laid(files, known)):
        raise NotSafe(problems)
    return {key: value for key, value in known.items() if catalogue()[key].of(files) != value}


def over(files: Policy, values: Values) -> Policy:
    """The rules in use: a version's values over the files'. What this Waymark would not take gives way to the files."""
    taken = {key: value for key, value in values.items() if _is_taken(key, value)}
    found = _laid(files, taken)
    return files if not taken or _against_each_other(found) else found


def bank_holidays(policy: Policy, first: date) -> list[tuple[date, str]]:
    """The bank holidays of this year and the next from a day on, with their names."""
    import holidays  # slow to load, and few pages ask

    years = (first.year, first.year + 1)
    found = holidays.country_holidays("GB", subdiv=policy.text("hours", "subdivision"), years=years)
    return sorted((day, name) for day, name in found.items() if day >= first)


def _laid(files: Policy, values: Values) -> Policy:
    sections = {name: dict(section) for name, section in files.sections.items()}
    for key, value in values.items():
        own = catalogue()[key]
        whole = {**sections[own.section][own.name], own.urgency: value} if own.urgency else value
        sections[own.section][own.name] = whole
    return Policy(sections)


def _is_taken(key: str, value: Any) -> bool:
    own = catalogue().get(key)
    try:
        return own is not None and _read(own, own.said(value)) == value
    except (BadInput, TypeError):
        return False


def _read(own: Setting, typed: str) -> Any:
    """Raises BadInput."""
    if own.unit == DATES:
        return _days(own, typed)
    return _span(own, typed) if own.unit == SPAN else _number(own, typed)


def _number(own: Setting, typed: str) -> int:
    text = typed.strip()
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(own.least) <= int(text) <= int(own.most)):
        raise BadInput(f"{_named(own)}: this is not allowed.", f"Write a whole number, {own.allowed}.", own.field)
    return int(text)


def _span(own: Setting, typed: str) -> str:
    said = _TYPED.fullmatch(" ".join(typed.casefold().split()))
    if said is None or not int(said[1]):
        advice = "Write it like “4 hours”, “2 days” or “28 calendar days”."
        raise BadInput(f"{_named(own)}: this is no length of time.", advice, own.field)
    found = f"{int(said[1])} {said[2]}s"
    if not _length(own.least) <= _length(found) <= _length(own.most):
        raise BadInput(f"{_named(own)}: this is not allowed.", f"It may be {own.allowed}.", own.field)
    return found


def _days(own: Setting, typed: str) -> list[str]:
    lines = [line.strip() for line in typed.splitlines() if line.strip()]
    if len(lines) > MOST_DATES:
        raise BadInput(f"{_named(own)}: these are too many.", f"Write at most {MOST_DATES}.", own.field)
    for line in lines:
        try:
            right = FIRST_YEAR <= date.fromisoformat(line).year <= LAST_YEAR and len(line) == len("2026-09-21")
        except ValueError:
            right = False
        if not right:
            said = f"{_named(own)}: “{line[:20]}” is no day."
            raise BadInput(said, "Write one day a line, like 2026-09-21.", own.field)
    return sorted(set(lines))


def _named(own: Setting) -> str:
    return f"{own.label}, {own.urgency}" if own.urgency else own.label


def _length(span: str, day_hours: int = _DAY_HOURS) -> float:
    """A span's length in working days of so many hours, near enough to set two beside each other."""
    found = spanned(span)
    return found.hours / day_hours + found.days + found.calendar_days * _WORK_DAYS_OF_SEVEN


def _against_each_other(policy: Policy) -> dict[str, str]:
    """What does not go together, by field."""
    found: dict[str, str] = {}
    timers, settings, hours = policy.sections["timers"], catalogue(), policy.sections["hours"]
    day = hours["last"] - hours["first"]
    if day < _LEAST_DAY_HOURS:
        said = f"Work begins at {hours['first']} and ends at {hours['last']} o'clock: too short a day for timers."
        found["hours-first"] = found["hours-last"] = f"{said} Make it {_LEAST_DAY_HOURS} hours or longer."
        return found
    for urgency in URGENCIES:
        for before, after in pairwise(LADDER):
            if _length(timers[after][urgency], day) < _length(timers[before][urgency], day):
                own, other = settings[f"timers.{after}.{urgency}"], settings[f"timers.{before}.{urgency}"]
                standing = other.said(timers[before][urgency])
                found[own.field] = (
                    f"{_named(own)} comes before “{other.label}” ({standing}). Make it as long or longer."
                )
    digest = policy.number("sending", "digest_hour")
    if not hours["first"] <= digest < hours["last"]:
        said = (
            f"The daily message at {digest} o'clock is not within working hours, {hours['first']} to {hours['last']}."
        )
        found["sending-digest_hour"] = found["hours-first"] = f"{said} Change one of them."
    if both := set(map(str, hours["holidays"])) & set(map(str, hours["not_holidays"])):
        found["hours-not_holidays"] = f"{min(both)} is a day off as well. Take it out of one of the two lists."
    return found
