"""Folding: what is known beats what is not, the safer word wins, and a withheld place is told by nobody."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from directory.database import Database
from directory.draft import AgeLimit, Coverage, GenderRule, Premises
from directory.records import service_id, set_same_as
from directory.search import assured, fold, withheld
from directory.search.document import ServiceDocument
from directory.search.telling import Telling
from directory.values import Boundary, Confidence, Known, Point, Visibility
from tests.builders import (
    EDINBURGH,
    EXACT_PREMISES,
    FIFE,
    LEITH,
    NOON,
    a_document,
    a_draft,
    a_record,
    a_telling,
    a_withheld_draft,
    a_withheld_telling,
    write,
)

STATED, NONE, UNKNOWN = Known.STATED, Known.NONE, Known.UNKNOWN
NEW, OLD = "2026-05", "2020"


def folded(*rows: Telling) -> ServiceDocument:
    document = fold.fold(rows)
    assert document
    return document


def test_one_row_is_its_own_document() -> None:
    expected = a_document(id=service_id("facts", "f900"))
    assert folded(a_telling()) == expected


def test_the_leader_leads_and_the_others_are_named() -> None:
    document = folded(a_telling(source_id="f18"), a_telling(source_id="f101", name="Another name"))
    assert (document.id, document.source_id, document.also) == (service_id("facts", "f18"), "f18", ("f101",))
    assert document.name == "Harbour Counselling"


# Who is found at all


@pytest.mark.parametrize(
    ("statuses", "found"),
    [
        pytest.param(("active",), True, id="active"),
        pytest.param(("defunct",), False, id="closed for good"),
        pytest.param(("inactive",), False, id="inactive"),
        pytest.param(("temporarily closed",), False, id="closed for now"),
        pytest.param(("inactive", "active"), True, id="one says active"),
        pytest.param(("inactive", "inactive"), False, id="nobody says active"),
        pytest.param(("defunct", "active"), False, id="leader closed"),
        pytest.param(("active", "defunct"), False, id="follower closed"),
        pytest.param(("active", "temporarily closed"), False, id="follower closed for now"),
    ],
)
def test_the_closed_are_not_found(statuses: tuple[str, ...], found: bool) -> None:
    assert (fold.fold([a_telling(status=status) for status in statuses]) is not None) is found


# Field by field


def limit(low: int | None, high: int | None, about: str = "person_helped") -> AgeLimit:
    return AgeLimit(STATED, low, high, about)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(AgeLimit(), limit(12, 18), limit(12, 18), id="stated beats unknown"),
        pytest.param(AgeLimit(), AgeLimit(NONE), AgeLimit(NONE), id="none beats unknown"),
        pytest.param(limit(8, 25), limit(12, 18), limit(12, 18), id="narrower"),
        pytest.param(limit(8, 18), limit(12, None), limit(12, 18), id="narrower at each end"),
        pytest.param(AgeLimit(NONE), limit(12, 18), limit(12, 18), id="a limit beats no limit"),
        pytest.param(limit(5, 12), limit(16, 60), limit(5, 12), id="apart: the smaller"),
        pytest.param(limit(8, 17, "child_who_harmed"), limit(5, 99), limit(5, 99), id="about others: the later"),
        pytest.param(AgeLimit(), AgeLimit(), AgeLimit(), id="unknown stays unknown"),
    ],
)
def test_ages(first: AgeLimit, second: AgeLimit, expected: AgeLimit) -> None:
    assert folded(a_telling(age=first, as_of=OLD), a_telling(age=second, as_of=NEW)).age == expected


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(GenderRule(), GenderRule(STATED, "female"), GenderRule(STATED, "female"), id="stated"),
        pytest.param(GenderRule(STATED, "female"), GenderRule(), GenderRule(STATED, "female"), id="older stated"),
        pytest.param(GenderRule(STATED, "female"), GenderRule(NONE), GenderRule(NONE), id="later"),
    ],
)
def test_gender(first: GenderRule, second: GenderRule, expected: GenderRule) -> None:
    assert folded(a_telling(gender=first, as_of=OLD), a_telling(gender=second, as_of=NEW)).gender == expected


def test_of_two_statements_of_one_day_the_better_known_wins() -> None:
    rows = (
        a_telling(gender=GenderRule(NONE), confidence=Confidence.CONFIRMED),
        a_telling(gender=GenderRule(STATED, "female"), confidence=Confidence.PAGE_READ),
    )
    assert folded(*rows).gender == folded(*reversed(rows)).gender == GenderRule(NONE)


def covers(*areas: str, outcodes: tuple[str, ...] = (), boundary: Boundary = Boundary.RESIDENCE) -> Coverage:
    return Coverage(STATED, areas, outcodes, boundary)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(Coverage(), covers(FIFE), covers(FIFE), id="stated beats unknown"),
        pytest.param(covers(EDINBURGH), covers(FIFE), covers(EDINBURGH, FIFE), id="both"),
        pytest.param(covers(FIFE), covers("SCOTLAND"), covers("SCOTLAND"), id="Scotland holds all"),
        pytest.param(Coverage(NONE), Coverage(), Coverage(NONE), id="none beats unknown"),
        pytest.param(Coverage(NONE), covers(FIFE), covers(FIFE), id="an area beats no limit"),
        pytest.param(
            covers(FIFE, outcodes=("KY1",)),
            covers(FIFE, outcodes=("KY2",)),
            covers(FIFE, outcodes=("KY1", "KY2")),
            id="parts",
        ),
        pytest.param(covers(FIFE, outcodes=("KY1",)), covers(FIFE), covers(FIFE), id="one says the whole"),
        pytest.param(
            covers(FIFE, boundary=Boundary.HARM_PLACE),
            covers(FIFE),
            covers(FIFE, boundary=Boundary.HARM_PLACE),
            id="a rule beats the usual",
        ),
    ],
)
def test_coverage(first: Coverage, second: Coverage, expected: Coverage) -> None:
    assert folded(a_telling(coverage=first), a_telling(coverage=second)).coverage == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        pytest.param([("", NEW), ("", OLD)], "", id="nobody says"),
        pytest.param([("", NEW), ("open", OLD)], "open", id="the one that says"),
        pytest.param([("open", NEW), ("closed", OLD)], "open", id="closed on one page of two"),
        pytest.param([("", OLD), ("closed", NEW)], "", id="closed on one page, nothing on the other"),
        pytest.param([("closed", OLD), ("closed", NEW)], "closed", id="closed on both"),
        pytest.param([("open", OLD), ("12 weeks", NEW)], "12 weeks", id="the later"),
    ],
)
def test_waiting_list(said: list[tuple[str, str]], expected: str) -> None:
    assert folded(*(a_telling(waiting_list=word, as_of=day) for word, day in said)).waiting_list == expected


def test_lists_are_joined_and_warnings_stay() -> None:
    document = folded(
        a_telling(harms=("threats",), languages=("en",), families=("youth",), crisis=False),
        a_telling(
            harms=("hate", "threats"), languages=("en", "bsl"), families=("counselling",), relations=("sibling",),
            any_harm=True, crisis=True, not_for_harmed=True, workers_only=True, alert="Ring first.",
        ),
    )  # fmt: skip
    assert (document.harms, document.languages) == (("threats", "hate"), ("en", "bsl"))
    assert document.families == ("counselling", "youth"), "the main family is that of the row with most facts"
    assert document.any_harm
    assert document.crisis
    assert document.not_for_harmed
    assert document.workers_only
    assert document.alert == "Ring first."


def test_the_description_is_of_the_fuller_row() -> None:
    bare = a_telling(description="Short.", age=AgeLimit(), languages=())
    assert folded(bare, a_telling(description="Longer.")).description == "Longer."
    assert folded(bare, a_telling(description="")).description == "Short."


def test_status_is_unknown_only_when_nobody_knows() -> None:
    unknown, known = a_telling(status_known=UNKNOWN), a_telling()
    assert folded(unknown, unknown).status_known is UNKNOWN
    assert folded(unknown, known).status_known is STATED


def test_the_best_known_row_says_how_well_it_is_known() -> None:
    document = folded(
        a_telling(confidence=Confidence.PAGE_READ, as_of="2026-06"),
        a_telling(confidence=Confidence.REGISTER, as_of=NEW),
    )
    assert (document.confidence, document.as_of) == ("register", NEW)


# Places


def test_the_fuller_exact_place_is_shown() -> None:
    document = folded(a_telling(premises=replace(EXACT_PREMISES, point=None)), a_telling())
    assert (document.point, document.address) == (LEITH, "12 Harbour Row, Leith")


def test_a_place_that_one_row_gives_no_address_of_is_told_by_council_only() -> None:
    area = Premises(Visibility.AREA_ONLY, city="Leith")
    document = folded(a_telling(), a_telling(premises=area))
    assert document.visibility is Visibility.AREA_ONLY
    assert (document.point, document.address, document.postal_code) == (None, "", "")


# Numbers


@pytest.mark.parametrize(
    ("confidence", "as_of", "phone", "note"),
    [
        pytest.param("general_knowledge", "2024", "", assured.HEARSAY_NOTE, id="hearsay"),
        pytest.param("page_read", "2020", "01632 960001", "Not confirmed. Read on a page of 2020.", id="page"),
        pytest.param("several_pages", "", "01632 960001", "Not confirmed. Date of the page not known.", id="undated"),
        pytest.param("register", "2026-05", "01632 960001", "From a public register, May 2026.", id="register"),
        pytest.param("register", "", "01632 960001", "From a public register.", id="undated register"),
        pytest.param("confirmed", "2026-11", "01632 960001", "Confirmed, November 2026.", id="confirmed"),
    ],
)
def test_a_number_says_how_it_is_known(confidence: str, as_of: str, phone: str, note: str) -> None:
    document = folded(a_telling(confidence=Confidence(confidence), as_of=as_of))
    assert (document.phone, document.phone_note) == (phone, note)


def test_hearsay_gives_way_to_a_page() -> None:
    hearsay = a_telling(phone="01632 960999", confidence=Confidence.GENERAL_KNOWLEDGE, as_of="2026")
    assert folded(hearsay, a_telling()).phone == "01632 960001"
    assert "960999" not in folded(hearsay).to_json()


def test_the_source_s_own_note_comes_first() -> None:
    note = folded(a_telling(phone_note="Out of hours.")).phone_note
    assert note == "Out of hours. Not confirmed. Read on a page of 2024."


# Withheld places


@pytest.mark.parametrize(
    ("families", "route"),
    [
        pytest.param(("domestic_abuse", "exploitation"), "0800 027 1234", id="domestic abuse"),
        pytest.param(("housing",), "0800 027 1234", id="housing"),
        pytest.param(("rape_crisis",), "0800 027 1234", id="rape crisis"),
        pytest.param(("exploitation", "housing"), "08000 121 700", id="exploitation"),
        pytest.param(("victim_support", "exploitation"), "08000 121 700", id="by a further family"),
        pytest.param(("care_support",), "social work", id="others"),
    ],
)
def test_a_withheld_service_has_a_way_to_it(families: tuple[str, ...], route: str) -> None:
    assert route in folded(a_withheld_telling(families=families)).phone_note


def test_only_its_own_rows_say_what_part_a_withheld_service_serves() -> None:
    part = covers(FIFE, outcodes=("KY1",))
    assert folded(a_withheld_telling(coverage=part)).coverage == part
    assert folded(a_withheld_telling(coverage=covers(FIFE)), a_telling(coverage=part)).coverage == covers(FIFE)


def test_a_register_says_less_of_the_area_than_a_page() -> None:
    register = a_telling(source_id="CS1", coverage=covers(FIFE), confidence=Confidence.REGISTER)
    part = covers(EDINBURGH, outcodes=("EH6",))
    assert folded(a_telling(coverage=part), register).coverage == part


@pytest.mark.shared_data
def test_the_routes_are_those_of_the_facts(shared_data: Path) -> None:
    facts = (shared_data / "services" / "scotland_service_facts_more.csv").read_text(encoding="utf-8").splitlines()
    for fact, known in zip(("f182", "f309"), withheld.ROUTES, strict=True):
        (row,) = (line for line in facts if line.startswith(f"{fact},"))
        number = known.note.rpartition(", ")[2].rstrip(".")
        assert number in row
        assert fact in known.source


SECRET = st.integers(0, 10**6).map("Zq{}x Hidden".format)
"""A word that no honest field holds."""


@st.composite
def a_row_that_knows(draw: st.DrawFn) -> tuple[Telling, list[str]]:
    """A second row of the same service, and every string of it that must stay unsaid."""
    town, street, flat = draw(SECRET), draw(SECRET) + " Street", draw(SECRET) + " House"
    phone = f"07700 900{draw(st.integers(100, 999))}"
    page = draw(SECRET).replace(" ", "").casefold()
    postcode = f"ZE{draw(st.integers(1, 9))} {draw(st.integers(0, 9))}QX"
    words = [town, street, flat, phone, page, postcode, postcode.replace(" ", ""), "57.123456", "-2.654321"]
    told = draw(st.sampled_from(words[:7]))
    row = a_telling(
        source_id=draw(st.sampled_from(["CS1", f"edcc:{town}", f"edcc:{street.upper()}"])),
        name=f"Women's Aid {draw(st.sampled_from([town, street]))}",
        organization=f"{flat} Trust",
        description=f"Find us at {told}, or ring {phone}.",
        kind=f"Refuge in {town}",
        alert=f"Moved to {street} from {told}.",
        premises=Premises(
            draw(st.sampled_from([Visibility.EXACT, Visibility.AREA_ONLY])),
            street, flat, town, postcode, EDINBURGH, Point(57.123456, -2.654321),
        ),
        phone=phone,
        phone_note=f"Ask for {town}",
        text_or_chat=f"Chat at https://{page}.example/chat",
        url=f"https://{page}.example/",
        source_url=f"https://{page}.example/about",
        coverage=covers(EDINBURGH, outcodes=(postcode.partition(" ")[0],)),
        confidence=draw(st.sampled_from(Confidence)),
        as_of=draw(st.sampled_from(["", OLD, NEW])),
        age=draw(st.sampled_from([AgeLimit(), limit(16, None)])),
    )  # fmt: skip
    return row, words


@given(
    known=a_row_that_knows(), leads=st.booleans(), own=st.sampled_from(["", "{0} and {1}", "write to {5}, ring {3}"])
)
def test_no_other_row_tells_a_withheld_place(known: tuple[Telling, list[str]], leads: bool, own: str) -> None:
    row, words = known
    if leads:
        row = replace(row, source_id="CS1")
    hidden = a_withheld_telling(description=own.format(*words), alert=own.format(*words).upper())
    document = folded(row, hidden) if leads else folded(hidden, row)
    said = document.to_json().casefold()
    assert [word for word in words if word.casefold() in said] == []
    assert document.visibility is Visibility.UNDISCLOSED
    assert (document.point, document.url, document.phone, document.city) == (None, "", "", "")
    assert (document.text_or_chat, document.source_url, document.address, document.postal_code) == ("",) * 4
    assert document.coverage.outcodes == ()


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        pytest.param("Ring 01632960001 now", "01632 960001", "Ring (withheld) now", id="phone without blanks"),
        pytest.param("At eh65qg.", "EH6 5QG", "At (withheld).", id="postcode without blank"),
        pytest.param("In Leith and Leithen", "leith", "In (withheld) and Leithen", id="whole words"),
        pytest.param("See https://a.example/b", "https://a.example/", "See (withheld)b", id="beginning of a link"),
        pytest.param("12  Harbour\nRow", "12 Harbour Row", "(withheld)", id="broken lines"),
    ],
)
def test_scrub(text: str, word: str, expected: str) -> None:
    assert withheld.scrub(text, [word]) == expected


# Out of the record


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    opened = a_record(tmp_path)
    yield opened
    opened.close()


def documents(record: Database, *only: str) -> dict[str, ServiceDocument]:
    with record.reading() as session:
        wanted = [service_id("facts", name) for name in only] if only else None
        return {document.source_id: document for document in fold.documents(session, wanted)}


def test_rows_are_folded_out_of_the_record(record: Database) -> None:
    write(
        record,
        a_withheld_draft(source_id="f1"),
        a_draft(source_id="f2", same_as="f1"),
        a_draft(source_id="f3"),
        a_draft(source_id="f4", status="defunct"),
        a_draft(source_id="f5", same_as="f4"),
        a_draft(
            source_id="f6", languages=("pl", "en", "bsl"), coverage=covers(FIFE, EDINBURGH, outcodes=("KY1", "EH6"))
        ),
    )
    found = documents(record)
    assert sorted(found) == ["f1", "f3", "f6"]
    assert (found["f1"].also, found["f1"].phone) == (("f2",), "")
    assert found["f6"].languages == ("pl", "en", "bsl")
    assert found["f6"].coverage == covers(FIFE, EDINBURGH, outcodes=("KY1", "EH6"))
    assert found["f3"] == a_document(
        id=service_id("facts", "f3"), source_id="f3", source_name="Source facts", licence="OGL v3"
    )
    assert documents(record, "f1", "f2", "f4", "f5", "nobody") == {"f1": found["f1"]}
    with record.reading() as session:
        for name in ("f1", "f2", "f3", "f4", "f5", "f6", "nobody"):
            assert fold.document(session, service_id("facts", name)) == found.get(name)


def test_a_row_set_apart_is_found_again(record: Database) -> None:
    write(record, a_withheld_draft(source_id="f1"), a_draft(source_id="f2", same_as="f1"))
    with record.session() as session:
        set_same_as(session, service_id("facts", "f2"), None, NOON)
    assert documents(record)["f2"].visibility is Visibility.EXACT


def test_few_queries_however_many_services(record: Database) -> None:
    write(record, *(a_draft(source_id=f"f{number}") for number in range(120)))
    asked: list[Any] = []
    event.listen(record.engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert len(documents(record)) == 120
    assert len(asked) <= 14
