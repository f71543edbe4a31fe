"""The whole ranking over a small real index: order, properties of matching.md section 6, and the plan."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import anyio
import pytest

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
from tests.directory.matching.builders import IN_EDINBURGH, IN_LEITH

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

CLUB = {"families": ("youth",), "delivery": ("in_person",), "needs": ("youth_activities",)}

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
    a_service("near club", **CLUB, point=Point(55.97, -3.17)),
    a_service("far club", **CLUB, point=Point(55.90, -3.30)),
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


def test_the_local_specialist_is_first_and_the_national_one_before_the_general_line(index: EmbeddedIndex) -> None:
    order = found(ask(index))
    assert order[0] == "rape crisis Edinburgh"
    assert order.index("rape crisis Scotland") < order.index("victim line")


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
