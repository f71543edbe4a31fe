"""Opening hours of a day as somebody types them, and that what pages show of them is read again as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import opening
from directory.clock_words import at
from directory.draft import Hours, Opening
from directory.errors import BadInput
from directory.values import Known
from web.hours_reading import spans

TIMES = st.integers(0, 24 * 60)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        pytest.param("9-5", ["09:00 17:00"], id="bare"),
        pytest.param("9am to 5pm", ["09:00 17:00"], id="am and pm"),
        pytest.param("9 – 5pm", ["09:00 17:00"], id="one half"),
        pytest.param("9.30-17", ["09:30 17:00"], id="point"),
        pytest.param("9:00-5:00", ["09:00 17:00"], id="minutes"),
        pytest.param("0900-1730", ["09:00 17:30"], id="no colon"),
        pytest.param("10 to 12.30", ["10:00 12:30"], id="past noon"),
        pytest.param("09:00 to 12:30, 13:30 to 17:00", ["09:00 12:30", "13:30 17:00"], id="a break"),
        pytest.param("1-5 and 9-12", ["09:00 12:00", "13:00 17:00"], id="afternoon first"),
        pytest.param("9am to noon", ["09:00 12:00"], id="noon"),
        pytest.param("7pm - midnight", ["19:00 24:00"], id="midnight"),
        pytest.param("00:00 to 24:00", ["00:00 24:00"], id="always"),
        pytest.param("01:00 to 05:00", ["01:00 05:00"], id="at night"),
        pytest.param("Closed", [], id="closed"),
        pytest.param(" ", [], id="nothing"),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, read: list[str]) -> None:
    assert [" ".join(each) for each in spans(typed, "hours_MO")] == read


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        pytest.param("8-10", "Morning or evening", id="two meanings"),
        pytest.param("17:00 to 09:00", "close before it opens", id="backwards"),
        pytest.param("9-12, 11-3", "overlap", id="overlapping"),
        pytest.param("mornings", "cannot be read", id="words"),
        pytest.param("9-25", "cannot be read", id="no time"),
        pytest.param("9 to 5 to 7", "cannot be read", id="three times"),
    ],
)
def test_what_may_mean_two_things_is_asked_about(typed: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as error:
        spans(typed, "hours_MO")
    assert error.value.field == "hours_MO"


@given(TIMES, TIMES)
def test_what_a_page_shows_is_read_as_the_same(first: int, second: int) -> None:
    if not first + 15 <= second:
        return
    span = at(first), at(second)
    assert spans(f"{span[0]} to {span[1]}", "hours_MO") == [span]
    shown = opening.in_words(Hours(Known.STATED, (Opening("MO", *span),)))
    if shown != "Day and night" and second < 24 * 60 - 1:  # a minute before midnight is midnight
        assert spans(shown.removeprefix("Monday "), "hours_MO") == [span]
