"""Keeping away: what a name removes, one organization for both children, and the one duty that stays, marked."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from directory.matching import avoiding, matcher
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.results import MatchResult
from directory.search.embedded import EmbeddedIndex
from directory.values import Point, Visibility
from taxonomy.words import Understanding
from tests.builders import NOON
from tests.directory.matching.builders import IN_EDINBURGH
from tests.directory.matching.test_matcher import CLUB, RAPE_CRISIS, SCOTLAND, a_service

SERVICES = (
    a_service("boxing club", **CLUB, organization="Quayside Trust", address="5 Quay Street, Leith", city="Leith"),
    a_service("talking room", organization="Quayside Trust"),
    a_service("other room", organization="Harbour Trust", address="9 Shore Road, Leith", city="Leith"),
    a_service("council room", organization="City of Edinburgh Council"),
    a_service("council club", **CLUB, organization="City of Edinburgh Council"),
    a_service("children's social work", families=("safety",), needs=("child_protection", "safety"), coverage=SCOTLAND),
    a_service("police line", families=("safety",), needs=("safety", "reporting"), coverage=SCOTLAND),
    a_service("rape crisis", **RAPE_CRISIS),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


def ask(index: EmbeddedIndex, *avoid: str, **facts: Any) -> MatchResult:
    given: dict[str, Any] = {"harms": ("sexual_harm",), "needs": ("counselling", "child_protection", "safety")}
    given |= {"residence": IN_EDINBURGH, "age": AgeRange(8, 8), "avoid": avoid, **facts}
    return anyio.run(matcher.match, Enquiry(**given), Understanding(), index, NOON)


def cautions(result: MatchResult) -> dict[str, tuple[str, ...]]:
    return {match.service.name: match.cautions for match in result.matches}


@pytest.mark.parametrize(
    ("avoid", "gone"),
    [
        pytest.param("boxing club", "boxing club", id="a service"),
        pytest.param("Quayside Trust", "talking room", id="an organization"),
        pytest.param("Shore Road", "other room", id="a street"),
        pytest.param("police line", "police line", id="a line for danger without the duty"),
    ],
)
def test_what_is_named_is_gone(index: EmbeddedIndex, avoid: str, gone: str) -> None:
    assert gone in cautions(ask(index, needs=("counselling", "youth_activities", "safety")))
    assert gone not in cautions(ask(index, avoid, needs=("counselling", "youth_activities", "safety")))


def test_an_organization_that_supports_both_is_flagged(index: EmbeddedIndex) -> None:
    found = cautions(ask(index, "boxing club"))
    assert found["talking room"][0].startswith("Conflict of interest: ask. Quayside Trust also runs boxing club")
    assert all("Conflict" not in " ".join(said) for name, said in found.items() if name != "talking room")


def test_a_council_runs_a_bit_of_everything_and_is_not_flagged(index: EmbeddedIndex) -> None:
    assert not any("Conflict" in said for said in cautions(ask(index, "council club"))["council room"])


def test_the_duty_to_protect_a_child_stays_lower_and_marked(index: EmbeddedIndex) -> None:
    before, after = ask(index), ask(index, "social work")
    assert avoiding.DUTY_CAUTION not in cautions(before)["children's social work"]
    assert cautions(after)["children's social work"][0] == avoiding.DUTY_CAUTION
    score = {
        result is after: match.score
        for result in (before, after)
        for match in result.matches
        if match.service.name == "children's social work"
    }
    assert score[True] < score[False]
    assert after.matches[0].service.name != "children's social work"
    in_plan = [match.service.name for step in (after.plan.steps if after.plan else ()) for match in step.matches]
    assert "children's social work" not in in_plan


def test_nothing_to_avoid_costs_no_further_question(index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedIndex, "search", None)
    assert ask(index).matches


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("Harbour Row", True),
        ("Leith", True),
        ("Harbour Counselling Fife", False),
        ("harbour counselling", True),
        ("", False),
        ("!!", False),
    ],
)
def test_a_name_means_a_service_when_it_holds_all_the_words(name: str, says: bool) -> None:
    service = a_service("Harbour Counselling", address="12 Harbour Row, Leith")
    assert avoiding.names(service, (name,)) is says


def test_the_place_of_a_withheld_service_is_not_looked_at() -> None:
    hidden = a_service("aid", visibility=Visibility.UNDISCLOSED, address="77 Secret Wynd", point=Point(56.0, -3.0))
    assert not avoiding.names(hidden, ("Secret Wynd",))
