"""Data grows old: what is too old is named, with how old it is and what to do."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.places import data_age
from directory.places.data_age import DataSet

TODAY = date(2026, 11, 22)
NAMES = ["unit_postcodes", "sectors", "place_names", "councils", "safety_lines"]
A_SET = DataSet("towns", "Towns", "Somebody", date(2020, 8, 1), "known to the day", "OGL v3", 365, "get newer ones")


def too_old(today: date, **newer: date) -> list[str]:
    return [known.name for known in data_age.stale(today, newer)]


def test_every_set_says_who_when_and_under_what_licence() -> None:
    assert [known.name for known in data_age.data_sets()] == NAMES
    for known in data_age.data_sets():
        assert all((known.label, known.publisher, known.as_of_is, known.licence, known.advice)), known
        assert known.good_for_days > 0
        assert known.as_of <= TODAY


def test_the_postcodes_of_2020_are_told_of() -> None:
    told = [known.sentence(TODAY) for known in data_age.stale(TODAY)]
    assert told[0] == ("Postcodes are of 2020: 6 years old; load a newer Code-Point Open with `waymark places import`.")


@pytest.mark.parametrize(
    ("today", "names"),
    [
        pytest.param(date(2020, 8, 1), [], id="new"),
        pytest.param(date(2021, 8, 1), [], id="the last good day of postcodes"),
        pytest.param(date(2021, 8, 2), NAMES[:1], id="a day later"),
        pytest.param(TODAY, NAMES[:2], id="today"),
        pytest.param(TODAY + timedelta(days=181), ["unit_postcodes", "sectors", "safety_lines"], id="in half a year"),
        pytest.param(date(2040, 1, 1), NAMES, id="long after"),
    ],
)
def test_what_is_too_old_on_a_day(today: date, names: list[str]) -> None:
    assert too_old(today) == names


def test_what_an_adopter_has_loaded_counts_instead() -> None:
    assert too_old(TODAY, unit_postcodes=date(2026, 8, 1)) == ["sectors"]
    told = data_age.stale(TODAY, {"unit_postcodes": date(2023, 8, 1)})[0].sentence(TODAY)
    assert told.startswith("Postcodes are of 2023: 3 years old;")


def test_a_set_that_does_not_exist_is_no_newer() -> None:
    with pytest.raises(ValueError, match="no towns"):
        data_age.stale(TODAY, {"towns": TODAY})


@pytest.mark.parametrize(
    ("as_of", "said"),
    [
        pytest.param(date(2020, 11, 22), "of 2020: 6 years old", id="to the day"),
        pytest.param(date(2020, 11, 23), "of 2020: 5 years old", id="a day short"),
        pytest.param(date(2024, 2, 29), "of 2024: 2 years old", id="a leap day"),
        pytest.param(date(2025, 3, 1), "of March 2025: 631 days old", id="under two years"),
    ],
)
def test_the_age_is_in_whole_years_or_in_days(as_of: date, said: str) -> None:
    assert replace(A_SET, as_of=as_of).sentence(TODAY) == f"Towns are {said}; get newer ones."


@given(st.dates(date(2020, 1, 1), date(2100, 1, 1)), st.integers(0, 20_000))
def test_what_is_too_old_stays_so(today: date, later: int) -> None:
    assert set(too_old(today)) <= set(too_old(today + timedelta(days=later)))
