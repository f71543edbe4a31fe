"""Facts of a case: codes, ages and a place, as the matcher takes them; no words of a person, no child who harmed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import BadInput
from directory.matching import understanding
from directory.places.gazetteer import Gazetteer
from directory.referrals import given_facts
from directory.referrals.given_facts import ages, checked, with_band

EVERYTHING: dict[str, object] = {
    "residence": "Dunfermline", "harm_place": "Leith", "age": 14, "relation": "harmed_person", "gender": "female",
    "language": "pl", "urgency": "days", "avoid": ["men"], "needs": ["counselling"], "harms": ["physical_harm"],
    "same_household": False, "school_stage": "S3", "schools": ["5500000"], "registered": ["gp", "no_school"],
    "access": ["bsl"],
}  # fmt: skip


def test_the_matcher_takes_everything_that_is_kept() -> None:
    asked = checked(EVERYTHING).asked
    assert set(asked) == set(EVERYTHING)

    lexicon = understanding.Lexicon()
    enquiry, _ = understanding.enquiry("", asked, lexicon, Gazetteer())

    assert (enquiry.needs, enquiry.harms, enquiry.access) == (("counselling",), ("physical_harm",), ("bsl",))
    assert enquiry.age is not None
    assert (enquiry.age.minimum, enquiry.gender, enquiry.school_stage) == (14, "female", "S3")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param(14, (14, 14), id="number"),
        pytest.param("14", (14, 14), id="digits"),
        pytest.param("13 to 15", (13, 15), id="words"),
        pytest.param("13-15", (13, 15), id="dash"),
        pytest.param({"min": 3, "max": 5}, (3, 5), id="range"),
        pytest.param({"min": 3}, (3, 3), id="one end"),
    ],
)
def test_ages(said: object, expected: tuple[int, int]) -> None:
    assert ages(said) == {"min": expected[0], "max": expected[1]}


@pytest.mark.parametrize("said", ["young", -1, 121, True, 3.5, {"min": 5, "max": 3}, {}, [], "5 to", "１４"], ids=str)
def test_what_is_no_age(said: object) -> None:
    with pytest.raises(BadInput) as refused:
        ages(said)
    assert refused.value.field == "age"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("needs", ["help me"], id="need"),
        pytest.param("needs", 3, id="no list"),
        pytest.param("harms", "what he did", id="harm"),
        pytest.param("harmed_by", ["Jamie Example"], id="the child who harmed by name"),
        pytest.param("gender", "girl", id="gender"),
        pytest.param("language", "Polish please", id="language"),
        pytest.param("urgency", 1, id="urgency"),
        pytest.param("residence", 3, id="place"),
        pytest.param("residence", "x" * 201, id="long place"),
        pytest.param("same_household", "yes", id="household"),
        pytest.param("school_stage", "S9", id="stage"),
        pytest.param("registered", ["dentist"], id="registered"),
        pytest.param("access", ["lift"], id="access"),
        pytest.param("schools", ["Leith Academy!"], id="school"),
        pytest.param("avoid", ["a" * 301], id="long avoid"),
        pytest.param("text", "what happened", id="words"),
        pytest.param("exclude", ["Them"], id="exclusions are kept elsewhere"),
    ],
)
def test_what_is_no_code_is_refused_by_its_field(name: str, value: object) -> None:
    with pytest.raises(BadInput) as refused:
        checked({name: value})
    assert refused.value.field == name


def test_what_is_empty_is_not_given() -> None:
    assert checked({"gender": "", "needs": [], "age": None, "residence": ""}).asked == {}


@given(low=st.integers(0, 119), more=st.integers(0, 40))
def test_a_band_holds_all_the_ages_or_is_not_said(low: int, more: int) -> None:
    high = min(low + more, 120)
    facts = checked({"age": {"min": low, "max": high}})
    if facts.band:
        first, last = given_facts.BANDS[facts.band]
        assert first <= low <= high <= last
    else:
        assert not any(first <= low <= high <= last for first, last in given_facts.BANDS.values())
    assert facts.under_12 is (True if high < 12 else False if low >= 12 else None)


@pytest.mark.parametrize(
    ("asked", "band", "age"),
    [
        pytest.param({}, "18_25", {"min": 18, "max": 25}, id="a band"),
        pytest.param({"age": {"min": 19, "max": 19}}, "18_25", {"min": 19, "max": 19}, id="an age is better"),
        pytest.param({}, "", None, id="nothing"),
    ],
)
def test_a_band_serves_where_no_age_is_known(asked: dict[str, Any], band: str, age: object) -> None:
    assert with_band(asked, band).get("age") == age


def test_of_the_child_who_harmed_only_codes_and_a_flag_come_out() -> None:
    facts = checked({"harmed_by": ["sibling"], "other_age": "10 to 11"})
    assert (facts.asked, facts.harmed_by, facts.other_under_12) == ({}, ("sibling",), True)
