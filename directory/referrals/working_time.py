"""Working time in Scotland: which days count, and when so many working hours or days have passed.

Working days are Monday to Friday but for the bank holidays of Scotland (python-holidays, United Kingdom, SCT) and the
adopter's local ones. Hours count between the first and the last of the working day in local time, so that a clock
change moves nothing that people see. Moments go in and out as aware datetimes in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from directory.referrals.policy import Policy, Span

LOCAL = ZoneInfo("Europe/London")
SATURDAY = 5


class Calendar(NamedTuple):
    """What of a policy decides which time counts; small and hashable, for the same moments are asked about again and
    again: the work list of thousands of referrals is read at every look."""

    subdivision: str
    holidays: tuple[str, ...]
    not_holidays: tuple[str, ...]
    first: int
    last: int


def is_working_day(policy: Policy, day: date) -> bool:
    """Whether people work on this day."""
    return _is_working_day(_calendar(policy), day)


def after(policy: Policy, start: datetime, span: Span) -> datetime:
    """The moment at which a span that began at `start` is over.

    Working days first, then hours: "2 days" from Friday noon is Tuesday noon; from a Saturday they begin on Monday at
    the first working hour. Calendar days keep the local hour.
    """
    return _after(_calendar(policy), start, span)


def next_working_moment(policy: Policy, moment: datetime) -> datetime:
    """The moment itself within working time; else when working time begins again."""
    return _next_working_moment(_calendar(policy), moment)


def hour_of_next_working_day(policy: Policy, moment: datetime, hour: int) -> datetime:
    """This local hour of the first working day on which it is still to come."""
    calendar, local = _calendar(policy), moment.astimezone(LOCAL)
    day = local.date()
    if not _is_working_day(calendar, day) or local.time() > time(hour):
        day = _later(calendar, day, 1)
    return _at(day, time(hour))


def working_days_between(policy: Policy, first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`; nought when it is not later."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(policy, day) for day in days)


def worked(policy: Policy, start: datetime, end: datetime) -> tuple[int, int]:
    """The working time between two moments in whole working days and hours: the inverse of `after`, rounded down."""
    calendar, begin, until = _calendar(policy), start.astimezone(LOCAL), end.astimezone(LOCAL)
    a_day = timedelta(hours=calendar.last - calendar.first)
    total = _since_first(calendar, until) - _since_first(calendar, begin)
    if begin.date() < until.date():
        between = working_days_between(policy, begin.date(), until.date() - timedelta(days=1))
        total += a_day * (between + is_working_day(policy, begin.date()))
    days, rest = divmod(max(total, timedelta(0)), a_day)
    return days, int(rest / timedelta(hours=1))


def today(moment: datetime) -> date:
    """The local day of a moment."""
    return moment.astimezone(LOCAL).date()


def _calendar(policy: Policy) -> Calendar:
    hours = policy.sections["hours"]
    holidays, not_holidays = (tuple(map(str, hours[name])) for name in ("holidays", "not_holidays"))
    return Calendar(str(hours["subdivision"]), holidays, not_holidays, int(hours["first"]), int(hours["last"]))


@lru_cache(maxsize=65_536)
def _after(calendar: Calendar, start: datetime, span: Span) -> datetime:
    if span.calendar_days:
        local = start.astimezone(LOCAL)
        return _at(local.date() + timedelta(days=span.calendar_days), local.time())
    moment = _next_working_moment(calendar, start)
    if span.days:
        local = moment.astimezone(LOCAL)
        moment = _at(_later(calendar, local.date(), span.days), local.time())
    return _after_hours(calendar, moment, span.hours)


def _after_hours(calendar: Calendar, moment: datetime, hours: int) -> datetime:
    left = timedelta(hours=hours)
    while left:
        end = _at(moment.astimezone(LOCAL).date(), time(calendar.last))
        if moment + left <= end:
            return moment + left
        left -= end - moment
        moment = _next_working_moment(calendar, end)
    return moment


def _next_working_moment(calendar: Calendar, moment: datetime) -> datetime:
    local = moment.astimezone(LOCAL)
    if _is_working_day(calendar, local.date()):
        if local.time() < time(calendar.first):
            return _at(local.date(), time(calendar.first))
        if local.time() < time(calendar.last):
            return moment
    return _at(_later(calendar, local.date(), 1), time(calendar.first))


def _since_first(calendar: Calendar, local: datetime) -> timedelta:
    """How much of a local moment's working day has passed; none of a day on which nobody works."""
    if not _is_working_day(calendar, local.date()):
        return timedelta(0)
    begins, ends = (datetime.combine(local.date(), time(hour), LOCAL) for hour in (calendar.first, calendar.last))
    return max(min(local, ends) - begins, timedelta(0))


@lru_cache(maxsize=20_000)
def _later(calendar: Calendar, day: date, working_days: int) -> date:
    """The day so many working days after this one."""
    while working_days:
        day += timedelta(days=1)
        working_days -= _is_working_day(calendar, day)
    return day


@lru_cache(maxsize=20_000)
def _is_working_day(calendar: Calendar, day: date) -> bool:
    if day.weekday() >= SATURDAY or day in map(date.fromisoformat, calendar.holidays):
        return False
    return day in map(date.fromisoformat, calendar.not_holidays) or day not in _bank_holidays(
        calendar.subdivision, day.year
    )


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour.replace(tzinfo=None), LOCAL).astimezone(UTC)


@cache
def _bank_holidays(subdivision: str, year: int) -> frozenset[date]:
    import holidays  # slow to load, and most commands never ask what day it is

    return frozenset(holidays.country_holidays("GB", subdiv=subdivision, years=year))
