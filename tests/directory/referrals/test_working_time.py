"""Working time is Scotland's: its bank holidays, an adopter's local ones, and local hours over both clock changes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.referrals import policy, working_time
from directory.referrals.policy import Policy, Span

SHIPPED = policy.shipped()
ST_ANDREW = date(2026, 11, 30)


def at(text: str) -> datetime:
    """A moment such as "2026-11-20 12:00", in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def with_hours(**changed: object) -> Policy:
    return Policy({**SHIPPED.sections, "hours": {**SHIPPED.sections["hours"], **changed}})


@pytest.mark.parametrize(
    ("day", "works"),
    [
        pytest.param("2026-11-23", True, id="a Monday"),
        pytest.param("2026-11-22", False, id="a Sunday"),
        pytest.param("2026-11-30", False, id="St Andrew's Day"),
        pytest.param("2027-01-04", False, id="2 January, which was a Saturday, kept on Monday"),
        pytest.param("2026-04-06", True, id="Easter Monday is no bank holiday in Scotland"),
        pytest.param("2026-08-03", False, id="first Monday in August"),
        pytest.param("2026-08-31", True, id="the English one in August"),
    ],
)
def test_working_days_are_scotlands(day: str, works: bool) -> None:
    assert working_time.is_working_day(SHIPPED, date.fromisoformat(day)) is works


def test_an_adopter_has_local_holidays_and_works_on_others() -> None:
    own = with_hours(holidays=["2026-09-21"], not_holidays=["2026-11-30"])
    assert not working_time.is_working_day(own, date(2026, 9, 21))
    assert working_time.is_working_day(own, ST_ANDREW)


@pytest.mark.parametrize(
    ("start", "span", "end"),
    [
        pytest.param("2026-11-20 12:00", Span(days=2), "2026-11-24 12:00", id="over a weekend"),
        pytest.param("2026-11-21 12:00", Span(days=2), "2026-11-25 09:00", id="begun on a Saturday"),
        pytest.param("2026-11-20 16:00", Span(hours=4), "2026-11-23 12:00", id="hours, from Friday to Monday"),
        pytest.param("2026-11-27 16:00", Span(hours=4), "2026-12-01 12:00", id="over St Andrew's Day"),
        pytest.param("2026-11-20 07:00", Span(hours=1), "2026-11-20 10:00", id="before work begins"),
        pytest.param("2026-11-20 20:00", Span(hours=1), "2026-11-23 10:00", id="after work ends"),
        pytest.param("2026-12-31 16:30", Span(hours=4), "2027-01-05 12:30", id="over Hogmanay: three holidays"),
        pytest.param("2026-03-27 16:00", Span(hours=4), "2026-03-30 11:00", id="clocks go forward: one hour less"),
        pytest.param("2026-10-23 15:00", Span(hours=4), "2026-10-26 12:00", id="clocks go back: one hour more"),
        pytest.param("2026-10-20 12:00", Span(calendar_days=28), "2026-11-17 13:00", id="calendar days keep the hour"),
        pytest.param("2026-11-20 12:00", Span(hours=12), "2026-11-23 16:00", id="a day and a half"),
    ],
)
def test_a_span_ends(start: str, span: Span, end: str) -> None:
    assert working_time.after(SHIPPED, at(start), span) == at(end)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        pytest.param("2026-11-23 09:30", "2026-11-23 10:00", id="still to come today"),
        pytest.param("2026-11-23 10:30", "2026-11-24 10:00", id="gone today"),
        pytest.param("2026-11-27 10:30", "2026-12-01 10:00", id="then a weekend and a holiday"),
    ],
)
def test_the_next_digest(now: str, then: str) -> None:
    assert working_time.hour_of_next_working_day(SHIPPED, at(now), 10) == at(then)


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31)).map(lambda each: each.replace(tzinfo=UTC))  # noqa: DTZ001


@given(MOMENTS, st.integers(0, 40), st.integers(0, 30))
def test_a_span_ends_within_working_time_and_never_before_it_began(start: datetime, hours: int, days: int) -> None:
    end = working_time.after(SHIPPED, start, Span(hours=hours, days=days))
    local = end.astimezone(working_time.LOCAL)
    assert end >= start
    assert working_time.is_working_day(SHIPPED, local.date())
    assert 9 <= local.hour + local.minute / 60 <= 17


@given(MOMENTS, st.integers(0, 40))
def test_longer_spans_end_later(start: datetime, hours: int) -> None:
    assert working_time.after(SHIPPED, start, Span(hours=hours)) < working_time.after(
        SHIPPED, start, Span(hours=hours + 1)
    )


def test_working_days_between() -> None:
    assert working_time.working_days_between(SHIPPED, date(2026, 11, 27), date(2026, 12, 1)) == 1
    assert working_time.working_days_between(SHIPPED, date(2026, 12, 1), date(2026, 11, 27)) == 0


@pytest.mark.parametrize(
    ("start", "end", "worked"),
    [
        pytest.param("2026-11-20 12:00", "2026-11-24 12:00", (2, 0), id="over a weekend"),
        pytest.param("2026-11-20 16:30", "2026-11-23 10:15", (0, 1), id="hours, rounded down"),
        pytest.param("2026-11-21 12:00", "2026-11-22 20:00", (0, 0), id="a weekend"),
        pytest.param("2026-11-27 09:00", "2026-12-01 10:00", (1, 1), id="over St Andrew's Day"),
        pytest.param("2026-11-24 12:00", "2026-11-20 12:00", (0, 0), id="the wrong way round"),
        pytest.param("2026-11-23 20:00", "2026-11-24 08:00", (0, 0), id="a night"),
    ],
)
def test_working_time_between_two_moments(start: str, end: str, worked: tuple[int, int]) -> None:
    assert working_time.worked(SHIPPED, at(start), at(end)) == worked


@given(st.integers(0, 365 * 24 * 60), st.integers(0, 15), st.integers(0, 7))
def test_it_is_the_inverse_of_a_span(minutes: int, days: int, hours: int) -> None:
    begin = working_time.next_working_moment(SHIPPED, at("2026-01-01 00:00") + timedelta(minutes=minutes))
    end = working_time.after(SHIPPED, begin, Span(days=days, hours=hours))
    assert working_time.worked(SHIPPED, begin, end) == (days, hours)
