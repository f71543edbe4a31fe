"""Working time in Scotland: which days count, and when so many working hours or days have passed.

Working days are Monday to Friday but for the bank holidays of Scotland (python-holidays, United Kingdom, SCT) and the
adopter's local ones. Hours count between the first and the last of the working day in local time, so that a clock
change moves nothing that people see. Moments go in and out as aware datetimes in UTC.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from directory.referrals.policy import Policy, Span

LOCAL = ZoneInfo("Europe/London")
SATURDAY = 5


def is_working_day(policy: Policy, day: date) -> bool:
    """Whether people work on this day."""
    if day.weekday() >= SATURDAY or day in policy.days("hours", "holidays"):
        return False
    return day in policy.days("hours", "not_holidays") or day not in _bank_holidays(
        policy.text("hours", "subdivision"), day.year
    )


def after(policy: Policy, start: datetime, span: Span) -> datetime:
    """The moment at which a span that began at `start` is over.

    Working days first, then hours: "2 days" from Friday noon is Tuesday noon; from a Saturday they begin on Monday at
    the first working hour. Calendar days keep the local hour.
    """
    if span.calendar_days:
        local = start.astimezone(LOCAL)
        return _at(local.date() + timedelta(days=span.calendar_days), local.time())
    moment = next_working_moment(policy, start)
    for _ in range(span.days):
        moment = _next_day(policy, moment)
    return _after_hours(policy, moment, span.hours)


def next_working_moment(policy: Policy, moment: datetime) -> datetime:
    """The moment itself within working time; else when working time begins again."""
    local = moment.astimezone(LOCAL)
    first, last = _hours(policy)
    if is_working_day(policy, local.date()):
        if local.time() < first:
            return _at(local.date(), first)
        if local.time() < last:
            return moment
    return _at(_next_working_day(policy, local.date()), first)


def hour_of_next_working_day(policy: Policy, moment: datetime, hour: int) -> datetime:
    """This local hour of the first working day on which it is still to come."""
    local = moment.astimezone(LOCAL)
    day = local.date()
    if not is_working_day(policy, day) or local.time() > time(hour):
        day = _next_working_day(policy, day)
    return _at(day, time(hour))


def working_days_between(policy: Policy, first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`; nought when it is not later."""
    days = (first + timedelta(days=number) for number in range(1, (last - first).days + 1))
    return sum(is_working_day(policy, day) for day in days)


def today(moment: datetime) -> date:
    """The local day of a moment."""
    return moment.astimezone(LOCAL).date()


def _after_hours(policy: Policy, moment: datetime, hours: int) -> datetime:
    left = timedelta(hours=hours)
    while left:
        local = moment.astimezone(LOCAL)
        end = _at(local.date(), _hours(policy)[1])
        if moment + left <= end:
            return moment + left
        left -= end - moment
        moment = next_working_moment(policy, end)
    return moment


def _next_day(policy: Policy, moment: datetime) -> datetime:
    local = moment.astimezone(LOCAL)
    return _at(_next_working_day(policy, local.date()), local.time())


def _next_working_day(policy: Policy, day: date) -> date:
    day += timedelta(days=1)
    while not is_working_day(policy, day):
        day += timedelta(days=1)
    return day


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour.replace(tzinfo=None), LOCAL).astimezone(UTC)


def _hours(policy: Policy) -> tuple[time, time]:
    return time(policy.number("hours", "first")), time(policy.number("hours", "last"))


@cache
def _bank_holidays(subdivision: str, year: int) -> frozenset[date]:
    import holidays  # slow to load, and most commands never ask what day it is

    return frozenset(holidays.country_holidays("GB", subdiv=subdivision, years=year))
