"""Signals, one by one: what each says of a service, and what none may say."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory import capacity, opening
from directory.draft import Access, Coverage
from directory.matching import candidate, eligibility, explain, graders, judged, signals
from directory.matching.candidate import Row
from directory.matching.fit import NO_FIT, Fit
from directory.matching.judged import Judged
from directory.matching.signals import SIGNALS, Surroundings
from directory.places.gazetteer import Gazetteer
from directory.search.columns import pack
from directory.search.document import ServiceDocument
from directory.track_record import Evidence
from directory.values import Known, Point, Visibility
from tests.builders import EDINBURGH, a_document
from tests.directory.matching.builders import IN_FIFE, a_row, a_situation

MONDAY_NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def seen(document: ServiceDocument, now: datetime = MONDAY_NOON, **person: Any) -> tuple[Judged, Surroundings]:
    row = Row(**pack(document), text=0.0)
    situation = a_situation(**person)
    centre = situation.enquiry.residence.point if situation.enquiry.residence else None
    metres = judged.distance_from(centre, row, situation.over_water)
    today, quarter = opening.day_of(now), opening.quarter_of_week(now)
    around = Surroundings(situation, today, 0, 0.0, eligibility.masks(), graders.gains(situation), quarter)
    return Judged(row, NO_FIT, candidate.cover(row, situation), 0.9, metres), around


def value(name: str, document: ServiceDocument, now: datetime = MONDAY_NOON, **person: Any) -> float:
    signal = next(signal for signal in SIGNALS if signal.name == name)
    return signal.value(*seen(document, now, **person))


def sentence(name: str, document: ServiceDocument, now: datetime = MONDAY_NOON, **person: Any) -> str:
    return explain.SENTENCES[name](document, *seen(document, now, **person))


@pytest.mark.parametrize(
    ("person", "words"),
    [
        pytest.param({"harms": ("sexual_harm",)}, "Made for sexual harm.", id="said"),
        pytest.param(
            {"harms": ("sexual_harm",), "unsure": (("harm:sexual_harm", 0.6),)},
            "Made for sexual harm, which is likely meant.",
            id="only likely",
        ),
        pytest.param(
            {"perhaps": (("harm:sexual_harm", 0.3),)}, "Made for sexual harm, which is perhaps meant.", id="perhaps"
        ),
    ],
)
def test_a_service_for_what_may_be_meant_says_so(person: dict[str, Any], words: str) -> None:
    one, around = seen(a_document(), **person)
    fitting = one._replace(fit=Fit(1.0, "harm:sexual_harm", "made for sexual harm", 1))
    assert explain.SENTENCES["need_fit"](a_document(), fitting, around) == words


def test_what_is_only_likely_meant_counts_in_part() -> None:
    one, around = seen(a_document())
    signal = next(signal for signal in SIGNALS if signal.name == "need_fit")
    unsure = one._replace(fit=Fit(1.0, "harm:sexual_harm", "made for sexual harm", 1, sure=0.5))
    assert signal.value(unsure, around) == 0.5 * signal.value(one, around)


def test_every_number_has_a_story_and_a_sentence() -> None:
    assert {signal.name for signal in SIGNALS} == set(explain.SENTENCES)
    assert all(signal.story.endswith(".") for signal in SIGNALS)
    assert all(len(signal.story) > 40 for signal in SIGNALS)


@pytest.mark.parametrize(
    ("cell", "urgency", "expected"),
    [
        pytest.param("open 2026-11-20", "days", signals.TAKES_REFERRALS, id="takes referrals"),
        pytest.param("full 2026-11-20", "days", signals.IS_FULL, id="full"),
        pytest.param("waiting_list 6-8 2026-11-20", "weeks", signals.WAITS, id="eight weeks, weeks will do"),
        pytest.param("waiting_list 6-8 2026-11-20", "days", signals.TOO_LATE, id="eight weeks, days asked"),
        pytest.param("waiting_list 2026-11-20", "weeks", signals.TOO_LATE, id="nobody knows how long"),
        pytest.param("full 2026-01-20", "days", 0.7, id="said long ago: not known again"),
        pytest.param("", "days", 0.7, id="not known"),
    ],
)
def test_waiting_against_urgency(cell: str, urgency: str, expected: float) -> None:
    document = a_document(capacity=capacity.parse(cell))
    assert value("availability", document, urgency=urgency) == pytest.approx(expected)


def test_open_now_counts_when_help_is_needed_now() -> None:
    week = a_document(hours=opening.parse("MO 09:00-17:00"), hours_as_of="2026-02")
    later = MONDAY_NOON.replace(hour=20)
    assert value("availability", week, urgency="now") > value("availability", week, later, urgency="now")
    assert value("availability", week, urgency="weeks") == value("availability", week, later, urgency="weeks")
    assert sentence("availability", week) == "Open now (Monday 9am to 5pm)."
    assert sentence("availability", week, later) == "Not open now (Monday 9am to 5pm)."
    old = replace(week, hours_as_of="2015")
    assert value("availability", old, urgency="now") == value("availability", old, later, urgency="now")
    always = a_document(hours=opening.parse("24h"))
    assert value("availability", always, later, urgency="now") == value("availability", always, urgency="now")
    assert sentence("availability", always, later) == "Open now (Day and night)."


@pytest.mark.parametrize(
    ("changes", "person", "expected"),
    [
        pytest.param({"access": Access(("step_free",))}, {"access": ("step_free",)}, 1.0, id="has it"),
        pytest.param({"access": Access((), ("step_free",))}, {"access": ("step_free",)}, 0.0, id="lacks it"),
        pytest.param({}, {"access": ("step_free",)}, signals.NOT_SAID, id="does not say"),
        pytest.param({"languages": ("en", "bsl")}, {"access": ("bsl",)}, 1.0, id="signs"),
        pytest.param({"delivery": ("online",)}, {"access": ("online_only", "easy_read")}, 0.65, id="one of two"),
        pytest.param({"languages": ("pl",)}, {"language": "pl", "access": ("step_free",)}, 0.65, id="and a language"),
    ],
)
def test_access_needs(changes: dict[str, Any], person: dict[str, Any], expected: float) -> None:
    assert value("communication", a_document(**changes), **person) == pytest.approx(expected)


def test_track_record_is_neutral_until_it_is_known() -> None:
    usual = Evidence(40, 0.9, 5, 0.8, 0.5, "2026-11")
    assert value("track_record", a_document()) == 0.5
    assert value("track_record", a_document(evidence=replace(usual, referrals=7))) == 0.5
    assert value("track_record", a_document(evidence=usual)) > 0.5
    assert "40 referrals" in sentence("track_record", a_document(evidence=usual))


def test_over_the_water_is_not_near() -> None:
    largs, brodick = Gazetteer().locate("Largs"), Gazetteer().locate("Brodick")
    shop = {"delivery": ("in_person",), "coverage": Coverage(Known.STATED, ("S12000021",))}
    on_arran = a_document(point=brodick.point, postal_code="KA27 8AB", **shop)
    assert value("distance", on_arran, residence=largs) == 0.5
    assert "Across the water: ferry" in sentence("distance", on_arran, residence=largs)
    assert value("distance", on_arran, residence=brodick) > 0.9


def test_a_division_is_wider_than_a_council_and_an_over_wide_claim_counts_little() -> None:
    council = a_document(coverage=Coverage(Known.STATED, (EDINBURGH,)))
    board = a_document(coverage=Coverage(Known.STATED, (EDINBURGH,), divisions=("health_board:Lothian",)))
    nation = a_document(coverage=Coverage(Known.STATED, ("SCOTLAND",)))
    wide = replace(nation, over_wide=True)
    found = [value("coverage", each) for each in (council, board, wide)]
    assert found == sorted(found, reverse=True)
    assert value("coverage", wide) < value("coverage", nation)


points = st.builds(Point, st.floats(54.6, 60.8), st.floats(-8, -1))
NO_DISTANCE = (
    pytest.param({"delivery": ("phone",)}, id="a phone line"),
    pytest.param({"delivery": ("online", "phone")}, id="online"),
    pytest.param({"visibility": Visibility.UNDISCLOSED}, id="a withheld place"),
    pytest.param({"visibility": Visibility.AREA_ONLY}, id="no address published"),
    pytest.param({"delivery": ("in_person",), "needs": ("refuge",)}, id="a refuge, whatever is published"),
    pytest.param({"delivery": ("residential", "in_person")}, id="safe accommodation"),
    pytest.param(
        {"delivery": ("residential",), "families": ("domestic_abuse", "counselling")}, id="a refuge that counsels too"
    ),
)


@pytest.mark.parametrize("changes", NO_DISTANCE)
@given(here=points, there=points)
def test_where_nearness_says_nothing(changes: dict[str, Any], here: Point, there: Point) -> None:
    row = a_row(**{"point": there, **changes})
    assert judged.distance_from(here, row) is None


@given(here=points)
def test_a_place_people_go_to_has_a_distance(here: Point) -> None:
    metres = judged.distance_from(here, a_row(delivery=("in_person",)))
    assert metres is not None
    assert metres >= 0


def test_no_place_no_distance() -> None:
    assert judged.distance_from(IN_FIFE.point, a_row(delivery=("in_person",))) is None


def test_a_national_service_says_when_one_of_its_kind_is_nearer() -> None:
    document = a_document(coverage=Coverage(Known.STATED, ("SCOTLAND",)))
    one, around = seen(document)
    said = explain.SENTENCES["coverage"](document, one, around)
    beside = explain.SENTENCES["coverage"](document, one, replace(around, local_families=one.row.main_family))
    assert said == "Covers all of Scotland."
    assert beside == "Covers all of Scotland; one of its kind is nearer."
