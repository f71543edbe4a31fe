"""Whose word counts for the facts that decide whom a service takes and when."""

from dataclasses import replace
from typing import Any

import pytest

from directory import capacity, opening
from directory.draft import Access, Coverage, Premises, Registration, SchoolStages
from directory.search import fold, weighing
from directory.track_record import Evidence
from directory.values import Confidence, Known
from tests.builders import EDINBURGH, EXACT_PREMISES, a_telling, a_withheld_telling

NATION = Coverage(Known.STATED, ("SCOTLAND",))
IN_PERSON = {"coverage": NATION, "delivery": ("in_person",)}
AREA_ONLY = Premises()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(IN_PERSON, True, id="one place, people come to it"),
        pytest.param({**IN_PERSON, "delivery": ("in_person", "phone")}, False, id="by phone too"),
        pytest.param({**IN_PERSON, "delivery": ("in_person", "outreach")}, False, id="visits people"),
        pytest.param({**IN_PERSON, "delivery": ()}, False, id="ways of working not stated: not held against it"),
        pytest.param({**IN_PERSON, "premises": AREA_ONLY}, False, id="no place known"),
        pytest.param({**IN_PERSON, "confidence": Confidence.CONFIRMED}, False, id="confirmed"),
        pytest.param({**IN_PERSON, "confidence": Confidence.SEVERAL_PAGES}, False, id="read on several pages"),
        pytest.param({"delivery": ("in_person",)}, False, id="claims one council"),
    ],
)
def test_a_claim_wider_than_a_small_place_can_keep(changes: dict[str, Any], expected: bool) -> None:
    assert weighing.is_over_wide([a_telling(**changes)]) is expected


def test_a_register_that_knows_it_in_one_council_only() -> None:
    registered = a_telling(source="care-inspectorate", confidence=Confidence.REGISTER, delivery=())
    claim = a_telling(coverage=NATION, delivery=(), premises=AREA_ONLY)
    assert weighing.is_over_wide([claim, registered])
    assert not weighing.is_over_wide([a_telling(coverage=NATION, delivery=("phone",)), registered])


def test_the_latest_word_on_room_and_of_one_day_the_fuller() -> None:
    said = ("open 2026-11-01", "waiting_list 4-6 2026-11-20", "full 2026-11-20")
    rows = [a_telling(capacity=capacity.parse(cell)) for cell in said]
    assert weighing.capacity(rows).state == "full"
    assert weighing.capacity(rows[:1]).state == "open"
    assert weighing.capacity([a_telling()]).state == ""


def test_access_adds_up_and_an_offer_beats_a_lack() -> None:
    rows = [a_telling(access=Access(("step_free",), ("lift",))), a_telling(access=Access(("lift",), ("easy_read",)))]
    assert weighing.access(rows) == Access(("step_free", "lift"), ("easy_read",))


def test_stated_beats_unknown() -> None:
    stated = a_telling(
        as_of="2015", stages=SchoolStages(Known.STATED, ("P7",)), registration=Registration(Known.STATED, ("gp",))
    )
    document = fold.fold([a_telling(as_of="2026"), stated])
    assert document is not None
    assert document.stages.stages == ("P7",)
    assert document.registration.places == ("gp",)


def test_hours_that_were_read_before_text_with_their_own_date() -> None:
    read = a_telling(as_of="2015", hours=opening.parse("MO 09:00-17:00"))
    text = a_telling(as_of="2026", hours=opening.parse("mornings"))
    assert weighing.opening_hours([text, read]) == (read.hours, "2015")
    assert weighing.opening_hours([text]) == (text.hours, "2026")


def test_a_withheld_service_shows_no_words_and_no_school() -> None:
    by_school = Coverage(Known.STATED, (EDINBURGH,), schools=("5530234",))
    other = a_telling(premises=EXACT_PREMISES, hours=opening.parse("beside the station, mornings"), coverage=by_school)
    document = fold.fold([a_withheld_telling(), other])
    assert document is not None
    assert document.hours.text == ""
    assert document.coverage.schools == ()


def test_the_record_of_the_row_most_were_referred_to() -> None:
    few, many = (Evidence(count, 0.5, None, 0.5, 0.5, "2026-11") for count in (3, 30))
    assert weighing.evidence([replace(a_telling(), evidence=few), replace(a_telling(), evidence=many)]) == many
    assert weighing.evidence([a_telling()]) is None
