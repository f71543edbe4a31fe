"""No dead end: when the answer climbs, what it says, and that nobody is sent where they are not taken."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.matching import ladder, matcher
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.results import MatchResult
from directory.places import areas
from directory.search.answering import EngineCandidates
from directory.search.document import ServiceDocument
from directory.search.embedded import EmbeddedIndex
from directory.search.query import RESERVE_FROM, ServiceQuery
from directory.values import CouncilShare, Known, Place, PlaceKind, Visibility
from taxonomy import terms
from taxonomy.words import Understanding
from tests.builders import NOON
from tests.directory.matching.builders import IN_CARLISLE, IN_EDINBURGH, IN_FIFE, edited_pathways
from tests.directory.matching.test_matcher import RAPE_CRISIS, SCOTLAND, a_service


def at(name: str) -> Coverage:
    return Coverage(Known.STATED, (areas.council(name).gss,))


def living_in(name: str) -> Place:
    council = areas.council(name)
    return Place(council.name, PlaceKind.COUNCIL, councils=(CouncilShare(council.gss, council.name, 1.0),))


SERVICES = (
    *(a_service(f"rape crisis Edinburgh {number}", **RAPE_CRISIS, coverage=at("Edinburgh")) for number in (1, 2, 3)),
    a_service("rape crisis Scotland", **RAPE_CRISIS, coverage=SCOTLAND, delivery=("phone",)),
    a_service("counselling East Lothian", coverage=at("East Lothian")),
    a_service("counselling Midlothian for adults", coverage=at("Midlothian"), age=AgeLimit(Known.STATED, 18)),
    a_service("counselling Moray", coverage=at("Moray")),
    a_service("boys West Lothian", coverage=at("West Lothian"), gender=GenderRule(Known.STATED, "male")),
    a_service("hidden Fife", coverage=at("Fife"), visibility=Visibility.UNDISCLOSED, point=None),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


def ask(index: Any, home: Place | None, *needs: str, **facts: Any) -> MatchResult:
    enquiry = Enquiry(**{"needs": needs, "residence": home, "age": AgeRange(14, 14), "gender": "female", **facts})
    return anyio.run(matcher.match, enquiry, Understanding(), index, NOON)


def names(services: list[ServiceDocument]) -> list[str]:
    return [service.name for service in services]


def test_an_ordinary_enquiry_climbs_nothing(index: EmbeddedIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ladder, "climb", None)
    result = ask(index, IN_EDINBURGH, harms=("sexual_harm",))
    assert result.matches
    assert (result.ladder, result.nearby) == ((), ())


def test_a_service_that_may_not_take_them_is_not_said_to_be_missing(index: EmbeddedIndex) -> None:
    (step,) = ask(index, living_in("Moray"), "counselling", urgency="weeks", age=None).ladder or [None]
    assert step is None or "covers Moray" not in step.sentence


def test_what_only_all_of_scotland_has_is_said(index: EmbeddedIndex) -> None:
    (step,) = ask(index, living_in("Orkney"), harms=("sexual_harm",)).ladder
    assert step.rungs == ("national",)
    assert not step.is_dead_end
    assert step.sentence == (
        f"No local service for “{terms.load()['harm'].label('sexual_harm').lower()}” covers Orkney Islands. "
        "Widened to: all of Scotland, by phone or online."
    )


def test_the_wider_area_is_named_apart_and_asked_first(index: EmbeddedIndex) -> None:
    result = ask(index, IN_EDINBURGH, "counselling")
    assert names([match.service for match in result.nearby]) == ["counselling East Lothian"]
    assert result.nearby[0].ask_first[0] == "Does it take people who live outside its area?"
    assert "counselling East Lothian" not in names([match.service for match in result.matches])
    (step,) = result.ladder
    assert step.rungs == ("wider_area",)


def test_a_dead_end_says_so_and_is_counted(index: EmbeddedIndex) -> None:
    result = ask(index, living_in("Shetland"), "counselling")
    (step,) = result.ladder
    assert (step.rungs, step.is_dead_end, step.concerns) == (("helpline",), True, ("need/counselling",))
    assert "The helplines are left" in step.sentence
    assert result.nearby == ()


@pytest.mark.parametrize("home", [None, IN_CARLISLE, Place("Scotland", PlaceKind.SCOTLAND)])
def test_without_a_home_in_a_council_area_there_is_nothing_to_widen(index: EmbeddedIndex, home: Place | None) -> None:
    assert ask(index, home, "counselling").ladder == ()


def test_what_was_asked_to_be_avoided_is_not_in_the_wider_area(index: EmbeddedIndex) -> None:
    result = ask(index, IN_EDINBURGH, "counselling", avoid=("counselling East Lothian",))
    assert result.nearby == ()


def test_a_withheld_service_of_the_wider_area_is_not_named(index: EmbeddedIndex) -> None:
    result = ask(index, IN_EDINBURGH, "counselling", gender=None)
    assert "hidden Fife" not in names([match.service for match in result.nearby])
    assert "hidden Fife" in names([match.service for match in ask(index, IN_FIFE, "counselling").matches])


def test_the_numbers_are_read_from_data() -> None:
    rules = ladder.rules()
    assert 0 < rules.really_helps < 1
    assert rules.enough >= 1
    assert set(rules.national_by_nature) <= set(terms.load()["need"].terms)


class Noting(EmbeddedIndex):
    """Remembers every query for candidates."""

    queries: tuple[ServiceQuery, ...] = ()

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> EngineCandidates:
        self.queries = (*self.queries, query)
        return await super().candidates(query, limit, facets)


@pytest.mark.parametrize("is_edited", [False, True])
def test_the_wider_area_is_asked_for_what_the_pathway_in_use_asks_for(tmp_path: Path, is_edited: bool) -> None:
    enquiry = Enquiry(harms=("physical_harm",), needs=("counselling",), residence=IN_EDINBURGH, age=AgeRange(14, 14))
    index = Noting(tmp_path)
    anyio.run(index.rebuild, SERVICES)
    pathways = edited_pathways(enquiry, "mental_health") if is_edited else None
    assert anyio.run(matcher.match, enquiry, Understanding(), index, NOON, None, pathways).ladder
    (wider,) = [query for query in index.queries[1:] if len(query.coverage.residence) > 1]
    assert (dict(wider.boost_families)["mental_health"] >= RESERVE_FROM) is is_edited
