"""The properties of matching.md, section 6, held by hypothesis over a small real index of many kinds of service."""

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import product
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.matching import matcher
from directory.matching.enquiry import AgeRange, Enquiry
from directory.matching.results import Match, MatchResult
from directory.search.document import ServiceDocument
from directory.search.embedded import EmbeddedIndex
from directory.search.query import CoverageFilter, ServiceQuery
from directory.values import Boundary, CouncilShare, Known, Place, PlaceKind, Point, Visibility
from taxonomy.words import Understanding
from tests.builders import EDINBURGH, FIFE, NOON, a_document
from tests.directory.matching.builders import IN_CARLISLE, IN_EDINBURGH, IN_FIFE, IN_LEITH

AREAS = {
    "Edinburgh": Coverage(Known.STATED, (EDINBURGH,)),
    "Leith": Coverage(Known.STATED, (EDINBURGH,), ("EH6",)),
    "Fife": Coverage(Known.STATED, (FIFE,)),
    "Scotland": Coverage(Known.STATED, ("SCOTLAND",)),
    "somewhere": Coverage(),
    "harm in Fife": Coverage(Known.STATED, (FIFE,), (), Boundary.HARM_PLACE),
}
AGES = {"any age": AgeLimit(Known.NONE), "young": AgeLimit(Known.STATED, 11, 17), "adult": AgeLimit(Known.STATED, 18)}
KINDS: dict[str, dict[str, Any]] = {
    "counselling": {"families": ("counselling",), "needs": ("counselling", "emotional_support"), "harms": ()},
    "rape crisis": {
        "families": ("rape_crisis",),
        "needs": ("advocacy", "emotional_support"),
        "harms": ("sexual_harm", "child_sexual_abuse"),
        "any_harm": False,
    },
    "club": {"families": ("youth",), "needs": ("youth_activities",), "harms": (), "delivery": ("in_person",)},
    "refuge": {
        "families": ("domestic_abuse", "counselling"),
        "needs": ("refuge",),
        "harms": ("domestic_abuse",),
        "any_harm": False,
        "gender": GenderRule(Known.STATED, "female"),
        "delivery": ("in_person",),
        "visibility": Visibility.UNDISCLOSED,
    },
    "hidden room": {
        "families": ("counselling",),
        "needs": ("counselling",),
        "harms": (),
        "delivery": ("in_person",),
        "visibility": Visibility.UNDISCLOSED,
    },
}


def a_service(name: str, **changes: Any) -> ServiceDocument:
    base: dict[str, Any] = {
        "id": str(uuid5(NAMESPACE_URL, name)), "source_id": name, "name": name, "organization": f"{name} trust",
        "any_harm": True, "gender": GenderRule(Known.NONE), "needs": ("emotional_support",), "relations": (),
    }  # fmt: skip
    return a_document(**{**base, **changes})


def _services() -> Iterator[ServiceDocument]:
    for (kind, said), (area, coverage), (age, limit) in product(KINDS.items(), AREAS.items(), AGES.items()):
        point = Point(55.9 + len(area) / 50, -3.2 + len(age) / 50)  # a withheld one has it planted: nothing may use it
        yield a_service(f"{kind} {area} {age}", coverage=coverage, age=limit, point=point, **said)
    yield a_service("victim line", families=("victim_support",), coverage=AREAS["Scotland"], age=AGES["any age"])
    boys = GenderRule(Known.STATED, "male")
    yield a_service("only boys", families=("youth",), coverage=AREAS["Edinburgh"], age=AGES["any age"], gender=boys)


SERVICES = tuple(_services())
BY_ID = {service.source_id: service for service in SERVICES}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> EmbeddedIndex:
    folder: Path = tmp_path_factory.mktemp("index")
    built = EmbeddedIndex(folder)
    anyio.run(built.rebuild, SERVICES)
    return built


BOTH = Place(
    "Edinburgh and Fife",
    PlaceKind.HEALTH_BOARD,
    councils=(CouncilShare(EDINBURGH, "City of Edinburgh", 0.5), CouncilShare(FIFE, "Fife", 0.5)),
)
CHOICES: dict[str, list[Any]] = {
    "harms": [(), ("sexual_harm",), ("physical_harm",), ("domestic_abuse",), ("sexual_harm", "domestic_abuse")],
    "needs": [(), ("counselling",), ("youth_activities",), ("safety", "counselling")],
    "age": [None, *(AgeRange(age, age) for age in (0, 8, 11, 14, 17, 18, 40)), AgeRange(12, 20)],
    "gender": [None, "female", "male"],
    "residence": [None, IN_EDINBURGH, IN_LEITH, IN_FIFE, IN_CARLISLE],
    "harm_place": [None, IN_EDINBURGH, IN_FIFE],
    "urgency": [None, "now", "weeks"],
    "relation": [None, "harmed_person", "parent_carer", "witness"],
    "language": [None, "bsl", "pl"],
}
FACTS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in CHOICES.items()}).filter(
    lambda facts: any(facts[name] for name in ("harms", "needs", "age", "residence", "harm_place"))
)
REPEATED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def ask(index: EmbeddedIndex, facts: dict[str, Any]) -> MatchResult:
    return anyio.run(matcher.match, Enquiry(**facts), Understanding(), index, NOON)


def everything(result: MatchResult) -> list[Match]:
    """Every service of an answer, wherever it stands."""
    steps = result.plan.steps if result.plan else ()
    return [*result.matches, *result.nearby, *(match for step in steps for match in step.matches)]


def ids(matches: Any) -> list[str]:
    return [match.service.source_id for match in matches]


def ruled_out(service: ServiceDocument, facts: dict[str, Any]) -> str:
    """Why, by its own stated facts, a service is not for this person; written beside the documents, not the columns."""
    age, gender, limit = facts["age"], facts["gender"], service.age
    if age is not None and limit.known is Known.STATED:
        if (limit.minimum or 0) > age.maximum or (limit.maximum is not None and limit.maximum < age.minimum):
            return "age"
    if gender and service.gender.known is Known.STATED and service.gender.rule != gender:
        may_be_young = age is None or age.maximum < 16
        if not (gender == "male" and may_be_young and "domestic_abuse" in service.families):  # with their mother
            return "gender"
    return "area" if _is_elsewhere(service, facts["residence"], facts["harm_place"]) else ""


def _is_elsewhere(service: ServiceDocument, home: Place | None, harm: Place | None) -> bool:
    cover = service.coverage
    if cover.known is Known.UNKNOWN or "SCOTLAND" in cover.areas or (home is None and harm is None):
        return False
    if home in (None, IN_CARLISLE):
        return bool(harm) and not set(cover.areas) & set(harm.council_codes) if harm else home is IN_CARLISLE
    place = (harm or home) if cover.boundary is Boundary.HARM_PLACE else home
    assert place is not None
    if not set(cover.areas) & set(place.council_codes):
        return True
    return bool(cover.outcodes and place.outcodes and not set(cover.outcodes) & set(place.outcodes))


@REPEATED
@given(facts=FACTS)
def test_nobody_is_shown_a_service_that_rules_them_out(index: EmbeddedIndex, facts: dict[str, Any]) -> None:
    result = ask(index, facts)
    steps = result.plan.steps if result.plan else ()
    for match in (*result.matches, *(match for step in steps for match in step.matches)):
        assert ruled_out(match.service, facts) == ""


@REPEATED
@given(facts=FACTS, more=FACTS)
def test_adding_a_fact_never_adds_an_ineligible_service(
    index: EmbeddedIndex, facts: dict[str, Any], more: dict[str, Any]
) -> None:
    """Only what nobody had said is added, so whoever was ruled out before stays so."""
    known = {**more, **{name: value for name, value in facts.items() if value}}
    before = {service.source_id for service in SERVICES if ruled_out(service, facts) in ("age", "gender")}
    assert not before & set(ids(ask(index, known).matches))
    for match in ask(index, known).matches:
        assert ruled_out(match.service, known) == ""


@REPEATED
@given(facts=FACTS, wider=st.sampled_from([(IN_LEITH, IN_EDINBURGH), (IN_EDINBURGH, BOTH), (IN_FIFE, BOTH)]))
def test_widening_never_loses_a_covering_service(
    index: EmbeddedIndex, facts: dict[str, Any], wider: tuple[Place, Place]
) -> None:
    async def ranked(place: Place) -> set[str]:
        found = await matcher.rank(Enquiry(**{**facts, "residence": place}), index, NOON)
        return set(ids_of(await found.candidates.load([position for position, _, _ in found.ranked])))

    narrow, wide = wider
    assert anyio.run(ranked, narrow) <= anyio.run(ranked, wide)


def ids_of(services: list[ServiceDocument]) -> list[str]:
    return [service.source_id for service in services]


@REPEATED
@given(facts=FACTS)
def test_the_same_enquiry_has_the_same_order(index: EmbeddedIndex, facts: dict[str, Any]) -> None:
    first, again = ask(index, facts), ask(index, facts)
    assert [(match.service.id, match.score) for match in everything(first)] == [
        (match.service.id, match.score) for match in everything(again)
    ]


@REPEATED
@given(facts=FACTS, lat=st.floats(55.8, 56.1), lon=st.floats(-3.4, -3.0))
def test_an_undisclosed_place_never_changes_rank_with_distance(
    index: EmbeddedIndex, facts: dict[str, Any], lat: float, lon: float
) -> None:
    asked = {**facts, "harms": ("domestic_abuse",), "needs": ("counselling",), "gender": "female"}
    near = ask(index, {**asked, "residence": replace(IN_EDINBURGH, point=Point(lat, lon))})
    far = ask(index, {**asked, "residence": replace(IN_EDINBURGH, point=Point(55.95, -3.19))})

    def withheld(result: MatchResult) -> list[tuple[str, float, float | None]]:
        hidden = [match for match in result.matches if match.service.visibility is Visibility.UNDISCLOSED]
        return [(match.service.id, match.score, match.distance_m) for match in hidden]

    shared = {one[0] for one in withheld(near)} & {one[0] for one in withheld(far)}
    assert [one for one in withheld(near) if one[0] in shared] == [one for one in withheld(far) if one[0] in shared]
    assert all(distance is None for _, _, distance in withheld(near))


@REPEATED
@given(facts=FACTS, avoid=st.sampled_from([*BY_ID, *(service.organization for service in SERVICES[:9])]))
def test_avoid_always_removes(index: EmbeddedIndex, facts: dict[str, Any], avoid: str) -> None:
    """From the list, the plan, the helpline's place and the wider area: nothing so called is left anywhere."""
    words = set(avoid.split())
    for match in everything(ask(index, {**facts, "avoid": (avoid,)})):
        assert not words <= set(f"{match.service.name} {match.service.organization}".split())


@REPEATED
@given(facts=FACTS, size=st.integers(1, 30), sort=st.sampled_from(["relevance", "name"]))
def test_pages_never_repeat(index: EmbeddedIndex, facts: dict[str, Any], size: int, sort: str) -> None:
    result = ask(index, facts)
    assert len(set(ids(result.matches))) == len(result.matches)
    query = ServiceQuery(
        coverage=CoverageFilter(residence=(EDINBURGH,)),
        boost_families=(("counselling", 6.0),),
        sort=sort,
        page_size=size,
    )
    seen: list[str] = []
    total = -(-anyio.run(index.search, query).total // size)
    for page in range(1, total + 1):
        seen += [hit.service.id for hit in anyio.run(index.search, replace(query, page=page)).hits]
    assert len(seen) == len(set(seen)) == anyio.run(index.search, query).total


def test_the_facts_tried_are_fields_of_an_enquiry() -> None:
    assert set(CHOICES) <= {field.name for field in fields(Enquiry)}
