"""Hours of a week: read, packed into a number, and asked at a moment in Scotland."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import opening
from directory.draft import Hours, Opening
from directory.values import Known

times = st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda pair: pair[0] < pair[1])
days = st.sets(st.sampled_from(opening.DAYS), min_size=1).map(lambda found: ",".join(sorted(found)))


def clock(quarter: int) -> str:
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


openings = st.builds(lambda byday, pair: Opening(byday, clock(pair[0]), clock(pair[1])), days, times)


@given(st.lists(openings, min_size=1, max_size=3), st.integers(0, 365 * 24 * 60))
def test_a_packed_week_is_open_when_the_week_is(found: list[Opening], minute: int) -> None:
    hours, now = Hours(Known.STATED, tuple(found)), datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    assert opening.is_open(opening.pack(hours), opening.quarter_of_week(now)) is opening.is_open_at(hours, now)
    assert 0 < opening.pack(hours) < 2**63


@given(st.lists(openings, min_size=1, max_size=5))
def test_a_cell_holds_the_hours(found: list[Opening]) -> None:
    hours = Hours(Known.STATED, tuple(found))
    assert opening.parse(opening.to_cell(hours)) == hours


@pytest.mark.parametrize(
    ("now", "is_open"),
    [
        pytest.param(datetime(2026, 11, 23, 9, 0, tzinfo=UTC), True, id="Monday 9am in winter"),
        pytest.param(datetime(2026, 7, 20, 8, 0, tzinfo=UTC), True, id="Monday 9am in summer is 8am UTC"),
        pytest.param(datetime(2026, 7, 20, 16, 30, tzinfo=UTC), False, id="Monday half past five in summer"),
        pytest.param(datetime(2026, 11, 23, 17, 0, tzinfo=UTC), False, id="closing time"),
        pytest.param(datetime(2026, 11, 22, 12, 0, tzinfo=UTC), False, id="Sunday"),
    ],
)
def test_open_by_the_scottish_clock(now: datetime, is_open: bool) -> None:
    assert opening.is_open_at(opening.parse("MO,TU 09:00-17:00"), now) is is_open


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        pytest.param("", "", id="unknown"),
        pytest.param("none", "No fixed hours: by appointment", id="none"),
        pytest.param("24h", "Day and night", id="always"),
        pytest.param(
            "MO,TU,WE 09:00-17:00; SA 12:00-24:00",
            "Monday to Wednesday 9am to 5pm; Saturday noon to midnight",
            id="week",
        ),
        pytest.param("MO,TH 09:30-13:00", "Monday and Thursday 9.30am to 1pm", id="two days"),
        pytest.param("evenings, mostly", "evenings, mostly", id="text stays as it is"),
    ],
)
def test_in_words(cell: str, words: str) -> None:
    hours = opening.parse(cell)
    assert opening.in_words(hours) == words
    assert opening.to_cell(hours) == cell


@pytest.mark.parametrize("cell", ["MO 17:00-09:00", "XX 09:00-17:00", "MO 09:00-25:00"])
def test_hours_that_cannot_be(cell: str) -> None:
    with pytest.raises(ValueError, match="hours"):
        opening.parse(cell)


def test_old_hours_say_nothing_of_today_but_day_and_night_does() -> None:
    week, always = opening.parse("MO 09:00-17:00"), opening.parse("24h")
    assert opening.counts(week, as_of_day=20_000, today=20_000 + opening.AGE_DAYS)
    assert not opening.counts(week, as_of_day=20_000, today=20_001 + opening.AGE_DAYS)
    assert not opening.counts(week, as_of_day=0, today=20_000)
    assert opening.counts(always, as_of_day=0, today=20_000)
    assert opening.pack(opening.parse("MO 09:00-10:00; TU 10:00-11:00; WE 11:00-12:00; TH 12:00-13:00")) == 0
