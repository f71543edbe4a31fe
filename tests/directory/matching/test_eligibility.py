"""Does not fit removes; not stated keeps, lower; each fact says about whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.draft import AgeLimit, Coverage, GenderRule, SchoolStages
from directory.matching import candidate, eligibility
from directory.matching.eligibility import FALLBACK, GOOD, IDEAL, Out
from directory.values import Boundary, Known, Visibility
from tests.builders import EDINBURGH, FIFE
from tests.directory.matching.builders import IN_CARLISLE, IN_EDINBURGH, IN_FIFE, IN_LEITH, a_row, a_situation

FROM_P6 = SchoolStages(Known.STATED, ("P6", "P7", "S1"))
WOMEN_ONLY = GenderRule(Known.STATED, "female")
MEN_ONLY = GenderRule(Known.STATED, "male")
FOR_WOMEN_AFTER_RAPE = {
    "families": ("rape_crisis",), "harms": ("child_sexual_abuse",), "gender": WOMEN_ONLY, "age": AgeLimit(),
}  # fmt: skip
RAPED = {"harms": ("child_sexual_abuse",), "gender": "female"}
FOR_FIFE = Coverage(Known.STATED, (FIFE,))
THERAPY = {"families": ("mental_health",), "needs": ("mental_health",)}
AGES_OF_THE_CHILD_WHO_HARMED = AgeLimit(Known.STATED, 11, 15, about="child_who_harmed")


def ruling(service: dict, person: dict) -> Out | None:
    row, situation = a_row(**service), a_situation(**person)
    return eligibility.ruled_out(row, candidate.cover(row, situation), situation)


def top(service: dict, person: dict) -> float:
    row, situation = a_row(**service), a_situation(**person)
    return eligibility.ceiling(row, candidate.cover(row, situation), situation)


@pytest.mark.parametrize(
    ("service", "person", "expected"),
    [
        pytest.param({}, {}, None, id="fits"),
        pytest.param({"coverage": FOR_FIFE}, {}, Out.AREA, id="another area"),
        pytest.param({"coverage": Coverage()}, {}, None, id="area not stated stays"),
        pytest.param({"age": AgeLimit(Known.STATED, 16, None)}, {}, Out.AGE, id="too young"),
        pytest.param({"age": AgeLimit(Known.STATED, None, 11)}, {}, Out.AGE, id="too old"),
        pytest.param({"age": AgeLimit()}, {}, None, id="ages not stated stay"),
        pytest.param({"age": AgeLimit(Known.STATED, 16, None)}, {"age": None}, None, id="age not said stays"),
        pytest.param(FOR_WOMEN_AFTER_RAPE, {"age": 11} | RAPED, Out.AGE, id="a women's centre, a girl of 11"),
        pytest.param(FOR_WOMEN_AFTER_RAPE, {"age": 14} | RAPED, None, id="a women's centre, a girl of 14"),
        pytest.param(FOR_WOMEN_AFTER_RAPE | {"age": AgeLimit(Known.NONE)}, {"age": 11} | RAPED, None, id="of any age"),
        pytest.param({"age": AGES_OF_THE_CHILD_WHO_HARMED}, {"age": 40}, None, id="the age is of the other child"),
        pytest.param({"gender": WOMEN_ONLY}, {"gender": "male"}, Out.GENDER, id="women only, a boy"),
        pytest.param({"gender": MEN_ONLY}, {"gender": "female"}, Out.GENDER, id="men only, a girl"),
        pytest.param({"gender": WOMEN_ONLY}, {}, None, id="women only, gender not said stays"),
        pytest.param({"harms": ("sexual_harm",)}, {}, Out.HARM, id="made for another harm"),
        pytest.param({"harms": ("sexual_harm",), "any_harm": True}, {}, None, id="known for one harm, open to any"),
        pytest.param({"harms": ("sexual_harm",)}, {"harms": ()}, None, id="harm not said stays"),
        pytest.param({"harms": ()}, {}, None, id="harms not stated stay"),
        pytest.param({"not_for_harmed": True}, {}, Out.NOT_FOR_HARMED, id="for the child who harmed"),
        pytest.param({"workers_only": True}, {}, Out.WORKERS, id="for workers"),
        pytest.param({"families": ("restorative_justice",)}, {}, Out.RESTORATIVE, id="restorative justice unasked"),
        pytest.param(
            {"families": ("restorative_justice",), "any_harm": True},
            {"needs": ("restorative_justice",)},
            None,
            id="restorative justice asked for",
        ),
        pytest.param(
            {"relations": ("parent_carer",)}, {"relation": "harmed_person"}, Out.RELATION, id="parents' line, the child"
        ),
        pytest.param(
            {"relations": ("parent_carer",), "age": AgeLimit()},
            {"relation": "witness", "age": 8},
            None,
            id="parents' line, a child of 8",
        ),
        pytest.param(THERAPY, {"negated": ("counselling",)}, Out.DECLINED, id="counselling declined"),
        pytest.param(
            THERAPY, {"negated": ("counselling",), "needs": ("mental_health",)}, None, id="declined, but the mind ails"
        ),
        pytest.param({"groups": ("jewish",)}, {}, Out.GROUP, id="for a group nobody spoke of"),
        pytest.param({"groups": ("jewish",)}, {"groups": ("muslim",)}, Out.GROUP, id="for another group"),
        pytest.param({"groups": ("deaf",)}, {"language": "bsl"}, None, id="for deaf people, who sign"),
        pytest.param({"age": AgeLimit(Known.STATED, 10, 21)}, {"age": 19}, None, id="a young adult"),
        pytest.param(
            {"relations": ("parent_carer",)}, {"relation": "parent_carer"}, None, id="parents' line, a parent"
        ),
    ],
)
def test_what_rules_a_service_out(service: dict, person: dict, expected: Out | None) -> None:
    assert ruling(service, person) is expected


@pytest.mark.parametrize(
    ("service", "person", "expected"),
    [
        pytest.param({}, {}, IDEAL, id="all stated and met"),
        pytest.param({"status_known": Known.UNKNOWN}, {}, GOOD, id="may no longer run"),
        pytest.param({"coverage": Coverage()}, {}, FALLBACK, id="area not stated"),
        pytest.param({"waiting_list": "closed"}, {}, FALLBACK, id="waiting list was closed"),
        pytest.param({}, {"age": None}, GOOD, id="limits, and no age said"),
        pytest.param({"stages": FROM_P6}, {"age": 10}, GOOD, id="from P6 on, ten: P5, P6 or P7"),
        pytest.param({"stages": FROM_P6}, {"age": None}, FALLBACK, id="from P6 on, and no age said"),
        pytest.param({"gender": WOMEN_ONLY}, {}, GOOD, id="women only, gender not said"),
        pytest.param({"gender": MEN_ONLY}, {}, FALLBACK, id="men only, gender not said"),
        pytest.param({"gender": WOMEN_ONLY}, {"gender": "female"}, IDEAL, id="women only, a girl"),
        pytest.param({"referral_routes": ("gp",)}, {}, GOOD, id="behind a gatekeeper"),
        pytest.param({"referral_routes": ("gp", "self")}, {}, IDEAL, id="gatekeeper or self"),
    ],
)
def test_a_fact_that_is_not_stated_lowers_the_ceiling(service: dict, person: dict, expected: float) -> None:
    assert top(service, person) == expected


WOMENS_AID = {
    "families": ("domestic_abuse",),
    "harms": ("domestic_abuse",),
    "gender": WOMEN_ONLY,
    "visibility": Visibility.UNDISCLOSED,
    "age": AgeLimit(),
}


@pytest.mark.parametrize(
    ("age", "relation", "expected"),
    [
        pytest.param(10, "parent_carer", GOOD, id="a boy with his mother"),
        pytest.param(10, "harmed_person", FALLBACK, id="a boy alone"),
    ],
)
def test_womens_aid_may_see_a_boy(age: int, relation: str, expected: float) -> None:
    person = {"age": age, "gender": "male", "relation": relation, "harms": ("domestic_abuse",)}
    assert ruling(WOMENS_AID, person) is None
    assert top(WOMENS_AID, person) == expected


def test_womens_aid_is_not_for_a_man() -> None:
    assert ruling(WOMENS_AID, {"age": 40, "gender": "male", "harms": ("domestic_abuse",)}) is Out.GENDER


@pytest.mark.parametrize(
    ("boundary", "residence", "harm_place", "reach"),
    [
        pytest.param(Boundary.RESIDENCE, IN_EDINBURGH, None, "local", id="home covered"),
        pytest.param(Boundary.RESIDENCE, IN_FIFE, None, "none", id="home elsewhere"),
        pytest.param(Boundary.HARM_PLACE, IN_FIFE, IN_LEITH, "local", id="place of harm decides"),
        pytest.param(Boundary.HARM_PLACE, IN_EDINBURGH, IN_FIFE, "none", id="place of harm decides against"),
        pytest.param(Boundary.EITHER, IN_FIFE, IN_LEITH, "harm_place", id="either, by place of harm"),
        pytest.param(Boundary.RESIDENCE, IN_CARLISLE, IN_LEITH, "none", id="home outside Scotland, by home"),
        pytest.param(Boundary.EITHER, IN_CARLISLE, IN_LEITH, "harm_place", id="home outside Scotland, by either"),
        pytest.param(Boundary.RESIDENCE, None, None, "none", id="no place"),
    ],
)
def test_whose_place_decides(boundary: Boundary, residence: object, harm_place: object, reach: str) -> None:
    row = a_row(coverage=Coverage(Known.STATED, (EDINBURGH,), boundary=boundary))
    situation = a_situation(residence=residence, harm_place=harm_place)
    assert candidate.cover(row, situation).reach.value == reach


def test_most_live_where_they_were_harmed_when_no_home_is_said() -> None:
    service = {"coverage": Coverage(Known.STATED, (EDINBURGH,), boundary=Boundary.EITHER)}
    assert top(service, {"residence": None, "harm_place": IN_LEITH}) == GOOD
    assert top(service, {"residence": IN_FIFE, "harm_place": IN_LEITH}) < GOOD


def test_part_of_a_council_is_unsure_until_the_part_is_known() -> None:
    row = a_row(coverage=Coverage(Known.STATED, (EDINBURGH,), ("EH6",)))
    assert candidate.cover(row, a_situation(residence=IN_LEITH)).reach.value == "part"
    assert candidate.cover(row, a_situation(residence=IN_EDINBURGH)).reach.value == "part_unsure"


AGES = st.integers(0, 100)


@given(low=AGES, high=AGES, age=AGES)
def test_a_stated_limit_always_rules(low: int, high: int, age: int) -> None:
    low, high = sorted((low, high))
    out = ruling({"age": AgeLimit(Known.STATED, low, high)}, {"age": age})
    assert (out is Out.AGE) == (not low <= age <= high)
