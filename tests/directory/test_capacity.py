"""What was said of waiting holds for some weeks, then it is not known again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import capacity
from directory.draft import Capacity

DAY = 20_778
"""2026-11-21 in days since 1970."""


def test_unknown_again_after_eight_weeks_or_its_own_end() -> None:
    said = capacity.parse("waiting_list 8-12 2026-11-21")
    assert capacity.expiry_day(said) == DAY + capacity.LASTS_DAYS
    assert capacity.known_at(said, DAY + 56)
    assert not capacity.known_at(said, DAY + 57)
    assert capacity.in_words(said, DAY) == "Waiting list, 8 to 12 weeks (said on 21 November 2026)."
    assert capacity.in_words(said, DAY + 57).startswith("Not known now")
    assert capacity.expiry_day(capacity.parse("open 2026-11-21 2026-11-30")) == DAY + 9
    assert not capacity.known_at(Capacity(), 0)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        pytest.param("full", "not such as", id="no day"),
        pytest.param("closed 2026-11-21", "not such as", id="another word"),
        pytest.param("waiting_list 12-8 2026-11-21", "shortest", id="band runs down"),
        pytest.param("open 2026-11-21 2026-11-01", "expires", id="ends before it was said"),
        pytest.param("open 2026-13-01", "not a day", id="no such day"),
        pytest.param("waiting_list 300-300 2026-11-21", "weeks", id="years"),
    ],
)
def test_what_cannot_be(cell: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        capacity.parse(cell)


@given(
    st.sampled_from(capacity.STATES[1:]), st.none() | st.tuples(st.integers(0, 250), st.integers(0, 250)).map(sorted),
    st.dates(),
)  # fmt: skip
def test_a_cell_holds_it(state: str, band: list[int] | None, day: object) -> None:
    low, high = band or (None, None)
    said = Capacity(state, low, high, str(day))
    assert capacity.parse(capacity.to_cell(said)) == said
