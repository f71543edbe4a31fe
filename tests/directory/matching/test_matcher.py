"""The whole ranking over a small real index: order, properties of matching.md section 6, and the plan."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.errors import BadInput
from directory.matching import matcher
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.results import MatchResult
from directory.search.document import ServiceDocument
from directory.search.embedded import EmbeddedIndex
from directory.values import Known, Point, Visibility
from taxonomy.words import Understanding
from tests.builders import EDINBURGH, FIFE, NOON, a_document
from tests.directory.matching.builders import IN_EDINBURGH, IN_FIFE, IN_LEITH

NOWHERE = AgeLimit()
SCOTLAND = Coverage(Known.STATED, ("SCOTLAND",))
IN = {FIFE: Coverage(Known.STATED, (FIFE,)), EDINBURGH: Coverage(Known.STATED, (EDINBURGH,))}


def a_service(source_id: str, **changes: Any) -> ServiceDocument:
    """Open to any age and harm, in Edinburgh, unless told otherwise."""
    base: dict[str, Any] = {
        "id": str(uuid5(NAMESPACE_URL, source_id)), "source_id": source_id, "name": source_id,
        "organization": source_id,
        "families": ("counselling",), "needs": ("counselling", "emotional_support"), "harms": (), "any_harm": True,
        "age": AgeLimit(Known.NONE), "gender": GenderRule(Known.NONE), "coverage": IN[EDINBURGH],
    }  # fmt: skip
    return a_document(**{**base, **changes})


GENERAL = {"families": ("victim_support",), "needs": ("practical_help", "emotional_support"), "coverage": SCOTLAND}
RAPE_CRISIS = {"families": ("rape_crisis",), "harms": ("sexual_harm", "child_sexual_abuse"), "any_harm": False,
               "needs": ("advocacy", "emotional_support")}  # fmt: skip

SERVICES = (
    a_service("victim line", **GENERAL),
    a_service("rape crisis Edinburgh", **RAPE_CRISIS),
    a_service("rape crisis Fife", **RAPE_CRISIS, coverage=IN[FIFE]),
    a_service("rape crisis Scotland", **RAPE_CRISIS, coverage=SCOTLAND, crisis=True),
    a_service("counselling Edinburgh"),
    a_service("counselling Fife", coverage=IN[FIFE]),
    a_service("counselling anywhere", coverage=Coverage()),
    a_service("women's counselling", gender=GenderRule(Known.STATED, "female")),
    a_service("counselling for adults", age=AgeLimit(Known.STATED, 18, None)),
    a_service("near club", families=("youth",), needs=("youth_activities",), point=Point(55.97, -3.17)),
    a_service("far club", families=("youth",), needs=("youth_activities",), point=Point(55.90, -3.30)),
    a_service("women's aid", families=("domestic_abuse",), harms=("domestic_abuse",), any_harm=False,
              visibility=Visibility.UNDISCLOSED, point=None, address="", city="", postal_code=""),
    a_service("reporter", families=("legal_rights",), needs=("hearing_information",), coverage=SCOTLAND),
)  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


def ask(index: EmbeddedIndex, **facts: Any) -> MatchResult:
    given_facts: dict[str, Any] = {"harms": ("sexual_harm",), "residence": IN_EDINBURGH, "age": AgeRange(14, 14)}
    return anyio.run(matcher.match, Enquiry(**{**given_facts, **facts}), Understanding(), index, NOON)


def found(result: MatchResult) -> list[str]:
    return [match.service.source_id for match in result.matches]


def test_the_local_specialist_is_first_the_national_one_second(index: EmbeddedIndex) -> None:
    assert found(ask(index))[:2] == ["rape crisis Edinburgh", "rape crisis Scotland"]


def test_with_no_place_only_services_for_all_of_scotland(index: EmbeddedIndex) -> None:
    result = ask(index, residence=None)
    known = [match for match in result.matches if match.service.coverage.known is Known.STATED]
    assert {match.service.coverage.areas for match in known} == {("SCOTLAND",)}
    assert any("Where do they live?" in notice for notice in result.notices)


def test_an_area_that_is_not_stated_comes_after_all_that_do_cover(index: EmbeddedIndex) -> None:
    order = found(ask(index, needs=("counselling",)))
    assert order.index("counselling anywhere") == len(order) - 1


def test_the_general_line_is_first_for_an_assault_and_lower_beside_specialists(index: EmbeddedIndex) -> None:
    assert found(ask(index, harms=("physical_harm",)))[0] == "victim line"
    beside = next(match for match in ask(index).matches if match.service.source_id == "victim line")
    alone = next(
        match for match in ask(index, harms=("physical_harm",)).matches if match.service.source_id == "victim line"
    )
    assert beside.score < alone.score


def test_nearer_is_better_for_a_place_people_visit(index: EmbeddedIndex) -> None:
    leith = replace(IN_LEITH, point=Point(55.9755, -3.1665))
    order = found(ask(index, needs=("youth_activities",), harms=(), residence=leith))
    assert order.index("near club") < order.index("far club")


def test_every_match_says_why(index: EmbeddedIndex) -> None:
    for match in ask(index).matches:
        assert match.reasons[0].value > 0
        assert all(reason.sentence.endswith(".") for reason in match.reasons)
        assert 0 <= match.score <= 1


def test_the_plan_fills_its_steps_and_says_its_gaps(index: EmbeddedIndex) -> None:
    plan = ask(index).plan
    assert plan is not None
    assert plan.pathway == "sexual_harm_child"
    by_need = {step.need: step for step in plan.steps}
    assert by_need["advocacy"].matches[0].service.source_id == "rape crisis Edinburgh"
    assert by_need["child_protection"].gap
    assert by_need["child_protection"].gap in plan.gaps
    shown = [match.service.id for step in plan.steps for match in step.matches]
    assert len(shown) == len(set(shown))


def test_what_was_left_out_is_counted(index: EmbeddedIndex) -> None:
    (group,) = ask(index, gender="male").left_out
    assert (group.reason, group.count, group.names) == ("for another gender", 1, ("women's counselling",))


def test_an_empty_enquiry_is_told_so(index: EmbeddedIndex) -> None:
    with pytest.raises(BadInput, match="nothing to match"):
        ask(index, harms=(), residence=None, age=None)


PLACES = st.sampled_from([None, IN_EDINBURGH, IN_LEITH, IN_FIFE])
FACTS = st.fixed_dictionaries(
    {
        "harms": st.sets(st.sampled_from(["sexual_harm", "physical_harm", "domestic_abuse"]), max_size=2).map(tuple),
        "needs": st.sets(st.sampled_from(["counselling", "youth_activities", "safety"]), max_size=2).map(tuple),
        "age": st.one_of(st.none(), st.integers(0, 99).map(lambda age: AgeRange(age, age))),
        "gender": st.sampled_from([None, "female", "male"]),
        "residence": PLACES,
        "harm_place": PLACES,
        "urgency": st.sampled_from([None, "now", "weeks"]),
    }
).filter(lambda facts: any(facts[name] for name in ("harms", "needs", "age", "residence", "harm_place")))
REPEATED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@REPEATED
@given(facts=FACTS)
def test_the_same_enquiry_has_the_same_order(index: EmbeddedIndex, facts: dict[str, Any]) -> None:
    assert found(ask(index, **facts)) == found(ask(index, **facts))


@REPEATED
@given(facts=FACTS, age=st.integers(0, 99))
def test_a_stated_age_limit_is_never_broken(index: EmbeddedIndex, facts: dict[str, Any], age: int) -> None:
    for match in ask(index, **{**facts, "age": AgeRange(age, age)}).matches:
        limit = match.service.age
        assert limit.minimum is None or age >= limit.minimum
        assert limit.maximum is None or age <= limit.maximum


@REPEATED
@given(facts=FACTS, avoid=st.sampled_from([service.name for service in SERVICES]))
def test_avoid_always_removes(index: EmbeddedIndex, facts: dict[str, Any], avoid: str) -> None:
    assert avoid not in found(ask(index, **facts, avoid=(avoid,)))


@REPEATED
@given(facts=FACTS, lat=st.floats(55.8, 56.1), lon=st.floats(-3.4, -3.0))
def test_a_withheld_place_never_changes_rank_with_distance(
    index: EmbeddedIndex, facts: dict[str, Any], lat: float, lon: float
) -> None:
    facts = {**facts, "residence": replace(IN_EDINBURGH, point=Point(lat, lon)), "harms": ("domestic_abuse",)}
    aid = [match for match in ask(index, **facts).matches if match.service.source_id == "women's aid"]
    here = {**facts, "residence": replace(IN_EDINBURGH, point=Point(55.95, -3.19))}
    there = [match for match in ask(index, **here).matches if match.service.source_id == "women's aid"]
    assert [(match.score, match.distance_m) for match in aid] == [(match.score, match.distance_m) for match in there]
