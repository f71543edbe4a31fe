"""Never a silent drop: what the engine's filters and the rules leave out, in groups, with each one's own fact."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from directory.bench_engines import Embedded
from directory.draft import AgeLimit, Coverage, GenderRule
from directory.matching import left_out, matcher
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.left_out import LeftOutReport
from directory.search.embedded import EmbeddedIndex
from directory.search.query import RESERVE_FROM
from directory.values import Boundary, Known, Visibility
from taxonomy.words import Understanding
from tests.builders import EDINBURGH, FIFE, NOON
from tests.directory.matching.builders import IN_EDINBURGH, IN_LEITH, edited_pathways
from tests.directory.matching.test_matcher import RAPE_CRISIS, a_service

STIRLING = "S12000030"
SERVICES = (
    a_service("here"),
    *(a_service(f"stirling {number:02}", coverage=Coverage(Known.STATED, (STIRLING,))) for number in range(12)),
    a_service("fife", coverage=Coverage(Known.STATED, (FIFE,))),
    a_service("after harm in Fife", coverage=Coverage(Known.STATED, (FIFE,), (), Boundary.HARM_PLACE)),
    a_service("west of the city", coverage=Coverage(Known.STATED, (EDINBURGH,), ("EH12",))),
    a_service("grown-ups", age=AgeLimit(Known.STATED, 18)),
    a_service("small ones", age=AgeLimit(Known.STATED, None, 11)),
    a_service("women", gender=GenderRule(Known.STATED, "female")),
    a_service("deaf people", groups=("deaf",)),
    a_service("after sexual harm", **{**RAPE_CRISIS, "families": ("counselling",), "needs": ("counselling",)}),
    a_service("mediation", families=("restorative_justice", "counselling"), needs=("restorative_justice",)),
    a_service("hidden", coverage=Coverage(Known.STATED, (FIFE,)), visibility=Visibility.UNDISCLOSED, point=None),
    a_service("for who harmed", not_for_harmed=True),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


def report(index: EmbeddedIndex, **facts: Any) -> LeftOutReport:
    given: dict[str, Any] = {"harms": ("physical_harm",), "needs": ("counselling",), "age": AgeRange(14, 14)}
    enquiry = Enquiry(**{**given, "gender": "male", "residence": IN_LEITH, **facts})

    async def asked() -> LeftOutReport:
        result = await matcher.match(enquiry, Understanding(), index, NOON)
        return await left_out.report(result, index)

    return anyio.run(asked)


def groups(found: LeftOutReport) -> dict[str, list[str]]:
    return {group.reason: [service.name for service in group.services] for group in found.groups}


def test_every_service_is_in_the_answer_or_in_one_group(index: EmbeddedIndex) -> None:
    found = groups(report(index))
    assert found == {
        "for people of 18 and over": ["grown-ups"],
        "for people of 11 and under": ["small ones"],
        "only for women and girls": ["women"],
        "made for one group of people: deaf people": ["deaf people"],
        "made only for sexual harm or sexual harm to a child": ["after sexual harm"],
        "restorative justice, which is offered only when the person asks": ["mediation"],
        "not for the person harmed": ["for who harmed"],
        "for another part of City of Edinburgh": ["west of the city"],
        "for people living in Fife": ["fife", "hidden"],
        "for people harmed in Fife": ["after harm in Fife"],
        "for people living in Stirling": [f"stirling {number:02}" for number in range(8)],
    }


def test_a_group_is_counted_whole_and_named_in_part(index: EmbeddedIndex) -> None:
    found = report(index)
    (stirling,) = [group for group in found.groups if "Stirling" in group.reason]
    assert (stirling.count, len(stirling.services)) == (12, left_out.NAMED)
    assert found.count == sum(group.count for group in found.groups) == len(SERVICES) - 1


def test_each_has_its_own_stated_fact_and_a_withheld_one_has_none(index: EmbeddedIndex) -> None:
    facts = {service.name: service.fact for group in report(index).groups for service in group.services}
    assert facts["fife"] == "serves Fife"
    assert facts["grown-ups"] == "serves City of Edinburgh; 18 and over"
    assert facts["women"] == "serves City of Edinburgh; women and girls"
    assert facts["west of the city"] == "serves City of Edinburgh, only EH12"
    assert facts["hidden"] == ""


def test_the_own_area_comes_first_then_neighbours(index: EmbeddedIndex) -> None:
    reasons = list(groups(report(index)))
    assert reasons.index("for people of 18 and over") < reasons.index("for people living in Fife")
    assert reasons.index("for people living in Fife") < reasons.index("for people living in Stirling")


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param({"avoid": ("here",)}, left_out.AVOIDED, id="asked to keep away"),
        pytest.param({"exclude": ("here",)}, left_out.TRIED, id="tried before"),
    ],
)
def test_what_the_person_ruled_out_is_named_so(index: EmbeddedIndex, facts: dict[str, Any], reason: str) -> None:
    assert groups(report(index, **facts))[reason] == ["here"]


def test_what_comes_after_those_shown_is_counted_too(tmp_path: Path) -> None:
    many = EmbeddedIndex(tmp_path)
    anyio.run(many.rebuild, tuple(a_service(f"room {number:02}") for number in range(25)))
    (lower,) = report(many, residence=IN_EDINBURGH).groups
    assert (lower.reason, lower.count) == (left_out.LOWER, 5)


def test_more_reasons_than_groups_are_counted_together(index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = report(index)
    monkeypatch.setattr(left_out, "GROUPS", 3)
    found = report(index)
    assert len(found.groups) == 3
    assert found.groups[-1].reason == left_out.FURTHER
    assert sum(group.count for group in found.groups) == found.count == whole.count


def test_it_asks_for_what_the_pathway_in_use_asks_for(index: EmbeddedIndex, tmp_path: Path) -> None:
    enquiry = Enquiry(harms=("physical_harm",), residence=IN_LEITH)
    asked = Embedded(tmp_path)
    anyio.run(asked.rebuild, SERVICES)
    result = anyio.run(matcher.match, enquiry, Understanding(), index, NOON)

    def boost(*pathways: Any) -> float:
        asked.asked = None
        anyio.run(left_out.report, result, asked, *pathways)
        assert asked.asked
        return dict(asked.asked[0].boost_families)["mental_health"]

    assert boost() < RESERVE_FROM <= boost(edited_pathways(enquiry, "mental_health"))
