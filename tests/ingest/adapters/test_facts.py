"""The two tables of facts in our words."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from directory.draft import ServiceDraft
from directory.values import Boundary, Confidence, Known, Visibility
from ingest.adapters import facts
from ingest.fact_tables import needs, overrides
from ingest.reading import Reading
from taxonomy import terms
from tests.ingest.tables import a_fact, a_refuge, file_of

FIRST, SECOND = "services/scotland_service_facts.csv", "services/scotland_service_facts_more.csv"


def read(folder: Path, **cells: Any) -> Reading:
    (reading,) = facts.read(file_of(folder, a_fact(**cells)))
    return reading


def draft(folder: Path, **cells: Any) -> ServiceDraft:
    found = read(folder, **cells).draft
    assert found is not None
    return found


def real(shared_data: Path) -> dict[str, ServiceDraft]:
    readings = [*facts.read(shared_data / FIRST), *facts.read(shared_data / SECOND)]
    return {reading.draft.source_id: reading.draft for reading in readings if reading.draft}


def test_blank_is_unknown_and_any_is_none(tmp_path: Path) -> None:
    blank = draft(tmp_path, min_age="", max_age="", gender="", areas="")
    assert blank.age.known is blank.gender.known is blank.coverage.known is Known.UNKNOWN
    stated = draft(tmp_path, min_age="", max_age="", gender="any", areas="SCOTLAND")
    assert stated.gender.known is Known.NONE
    assert stated.age.known is Known.UNKNOWN
    assert stated.coverage.areas == ("SCOTLAND",)
    assert draft(tmp_path, gender="female").gender.rule == "female"


@pytest.mark.parametrize(
    ("status", "written", "known", "waiting"),
    [
        ("active", "active", Known.STATED, ""),
        ("unknown", "active", Known.UNKNOWN, ""),
        ("waiting_list_closed", "active", Known.STATED, "closed"),
        ("closed", "defunct", Known.STATED, ""),
        ("ended", "defunct", Known.STATED, ""),
    ],
)
def test_status(tmp_path: Path, status: str, written: str, known: Known, waiting: str) -> None:
    found = draft(tmp_path, status=status)
    assert (found.status, found.status_known, found.waiting_list) == (written, known, waiting)


@pytest.mark.parametrize(("urgency", "crisis"), [("crisis", True), ("immediate", True), ("urgent", False), ("", False)])
def test_only_crisis_and_immediate_are_a_crisis(tmp_path: Path, urgency: str, crisis: bool) -> None:
    assert draft(tmp_path, urgency=urgency).crisis is crisis


def test_harms_that_are_needs(tmp_path: Path) -> None:
    found = draft(tmp_path, harms="any|homelessness|violence|hate_crime")
    assert found.any_harm
    assert found.harms == ("physical_harm", "hate")
    assert "housing" in found.needs


def test_routes_in_our_terms(tmp_path: Path) -> None:
    found = draft(tmp_path, referral_routes="parent|interagency_referral_discussion|child_interview|gp")
    assert found.referral_routes == ("family", "interagency", "gp")


@pytest.mark.parametrize(
    ("family", "areas", "boundary"),
    [
        ("restorative_justice", "S12000047", Boundary.HARM_PLACE),
        ("restorative_justice", "SCOTLAND", Boundary.HARM_PLACE),
        ("rape_crisis", "S12000047", Boundary.EITHER),
        ("counselling", "S12000047", Boundary.RESIDENCE),
        ("counselling", "SCOTLAND", Boundary.EITHER),
    ],
)
def test_which_place_decides(tmp_path: Path, family: str, areas: str, boundary: Boundary) -> None:
    assert draft(tmp_path, family=family, areas=areas).coverage.boundary is boundary


def test_former_area_codes_become_todays(tmp_path: Path) -> None:
    assert draft(tmp_path, areas="S12000015|Glasgow").coverage.areas == ("S12000047", "S12000049")


def test_pages_only_when_they_are_pages(tmp_path: Path) -> None:
    assert draft(tmp_path, source_url="general knowledge", source_as_of="n.d.").source_url == ""
    assert draft(tmp_path, source_as_of="2024-13").as_of == ""


@pytest.mark.parametrize(
    ("cells", "field", "held"),
    [
        pytest.param({"id": ""}, "id", False, id="no id"),
        pytest.param({"id": "f 1<script>"}, "id", False, id="signs in the id"),
        pytest.param({"name": ""}, "name", False, id="no name"),
        pytest.param({"name": "Mrs Jane Example"}, "name", True, id="a person"),
        pytest.param({"family": "sorcery"}, "family", True, id="no such family"),
        pytest.param({"min_age": "-3"}, "min_age", True, id="age below 0"),
        pytest.param({"max_age": "300"}, "max_age", True, id="age of 300"),
        pytest.param({"min_age": "²"}, "min_age", True, id="odd digit"),
        pytest.param({"min_age": "19", "max_age": "12"}, "min_age", True, id="ages crossed"),
        pytest.param({"areas": "S12000099"}, "areas", True, id="no such council"),
        pytest.param({"gender": "x"}, "gender", True, id="no such gender"),
        pytest.param({"status": "maybe"}, "status", True, id="no such status"),
        pytest.param({"urgency": "soon"}, "urgency", True, id="no such urgency"),
        pytest.param({"confidence": "sure"}, "confidence", True, id="no such confidence"),
    ],
)
def test_a_row_that_cannot_be_used(tmp_path: Path, cells: dict[str, str], field: str, held: bool) -> None:
    reading = read(tmp_path, **cells)
    assert reading.draft is None
    assert reading.held is held
    assert [(issue.row, issue.field) for issue in reading.issues] == [(1, field)]


@pytest.mark.parametrize("field", ["delivery", "relations", "harms", "referral_routes", "languages", "phone", "url"])
def test_a_field_that_cannot_be_used_is_left_out(tmp_path: Path, field: str) -> None:
    reading = read(tmp_path, **{field: "Plantedword here"})
    assert reading.draft is not None
    assert [issue.field for issue in reading.issues] == [field]
    assert "Plantedword" not in f"{reading.draft}{reading.issues}"


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("08088 01 03 02", "08088 01 03 02"), ("01632 960001 ask for Jane Example", "01632 960001"), ("", "")],
)
def test_a_number_as_people_know_it_and_nothing_beside_it(tmp_path: Path, cell: str, kept: str) -> None:
    assert draft(tmp_path, phone=cell).phone.replace("01632960001", "01632 960001") == kept


def test_a_repeat_by_its_note(tmp_path: Path) -> None:
    assert draft(tmp_path, note="overlaps f18; number cross-read").same_as == "f18"
    assert draft(tmp_path, note="f33 is the contact centre").same_as == ""


@pytest.mark.parametrize("answer", ["yes", "Yes", "y", "Plantedtown"])
def test_a_confidential_place_has_no_place(tmp_path: Path, answer: str) -> None:
    (reading,) = facts.read(file_of(tmp_path, a_refuge(confidential_place=answer)))
    found = reading.draft
    assert found is not None
    assert found.premises.visibility is Visibility.UNDISCLOSED
    assert not any((found.phone, found.url, found.source_url, found.premises.city, found.text_or_chat))


def test_our_tables_speak_of_our_terms() -> None:
    vocabulary = terms.load()
    for row in needs().values():
        vocabulary["need"].mask(row.needs)
        vocabulary["family"].mask(row.families)
    for said in overrides().values():
        vocabulary["harm"].mask(code for code in said.get("harms", "").split("|") if code)
        vocabulary["relation"].mask(code for code in said.get("relations", "").split("|") if code)
        vocabulary["delivery"].mask(code for code in said.get("delivery", "").split("|") if code)


@pytest.mark.shared_data
def test_the_real_tables_are_read_whole(shared_data: Path) -> None:
    first, second = list(facts.read(shared_data / FIRST)), list(facts.read(shared_data / SECOND))
    assert (len(first), len(second)) == (46, 294)
    assert [reading.issues for reading in first + second if reading.issues] == []
    hidden = Counter(reading.draft.premises.visibility for reading in second if reading.draft)
    assert hidden[Visibility.UNDISCLOSED] == 44


@pytest.mark.shared_data
def test_every_real_service_has_a_need_and_our_wording(shared_data: Path) -> None:
    found = real(shared_data)
    assert [one.source_id for one in found.values() if not one.needs] == ["f365"]
    labels = ("offender", "perpetrator", "criminal")
    assert [one.source_id for one in found.values() if any(word in one.description.lower() for word in labels)] == []


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("ids", "about"),
    [("f14 f15 f16 f17", "child_who_harmed"), ("f393 f394", "child_concerned"), ("f272 f273 f274", "child_bereaved")],
)
def test_about_whom_an_age_is(shared_data: Path, ids: str, about: str) -> None:
    found = real(shared_data)
    assert {found[one].age.about for one in ids.split()} == {about}


@pytest.mark.shared_data
def test_real_facts_that_only_a_note_states(shared_data: Path) -> None:
    found = real(shared_data)
    assert found["f19"].coverage.outcodes == ("EH5", "EH6", "EH7")
    parts = [set(found[one].coverage.outcodes) for one in ("f146", "f165", "f166", "f167")]
    assert all(parts)
    assert len(set.union(*parts)) == sum(map(len, parts)), "the four Highland groups share no outcode"
    assert found["f365"].not_for_harmed
    assert found["f277"].workers_only
    assert found["f136"].age.minimum == 16
    assert found["f12"].status == found["f30"].status == "defunct"
    assert found["f03"].waiting_list == "closed"
    assert found["f101"].confidence is Confidence.GENERAL_KNOWLEDGE
    east_lothian = "S12000010"
    assert all(east_lothian not in found[one].coverage.areas for one in ("f43", "f115")), "its list there was closed"


@pytest.mark.shared_data
def test_the_eighteen_repeats(shared_data: Path) -> None:
    said = "f101/f18 f113/f01 f115/f43 f116/f03 f123/f02 f125/f07 f127/f05 f128/f04 f148/f12 f175/f11 f182/f09"
    said += " f189/f46 f231/f34 f283/f13 f307/f37 f308/f38 f362/f25 f385/f23"
    found = real(shared_data)
    assert {f"{one.source_id}/{one.same_as}" for one in found.values() if one.same_as} == set(said.split())
