"""Spreadsheets by a column mapping: each field read, each row accounted for, nothing of a withheld place kept."""

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory import rows
from directory.draft import AgeLimit, GenderRule, Opening, ServiceDraft
from directory.errors import UnusableFile
from directory.feeds import mapping, mapping_guesses, sheets, template
from directory.feeds.mapping import ColumnMapping, Rule
from directory.values import Confidence, Known, Point, Visibility
from ingest.adapters import spreadsheet
from ingest.kinds import KINDS
from ingest.material import Feed, Part
from ingest.reading import Reading
from ingest.sources import EDINBURGH_LISTS, files, source
from tests.ingest.tables import csv_text

EDINBURGH, FIFE, CLACKS = "S12000036", "S12000047", "S12000005"
MAPPING = mapping_guesses.suggest(template.columns())
HTML = "<b>Bold</b> &amp; ask Mrs Jane Example, j@a.example"
LABELS = {name: rule.columns[0] for name, rule in MAPPING.rules.items()}


def a_row(**cells: str) -> dict[str, str]:
    """A youth project in Fife, in the template's own columns."""
    said = {
        "id": "A12",
        "name": "Example Youth Project",
        "organization": "Example Trust",
        "description": "Mentoring for young people.",
        "family": "Youth work",
        "service_area": "Fife",
        "address_1": "1 Example Street",
        "city": "Anytown",
        "postal_code": "KY1 1AA",
        "phone": "01632 960123",
        "url": "https://project.example",
    }
    return {label: (said | cells).get(name, "") for name, label in LABELS.items()}


def read(tmp_path: Path, *table: dict[str, str], chosen: ColumnMapping = MAPPING, **options: Any) -> list[Reading]:
    path = tmp_path / "list.csv"
    path.write_text(csv_text(table, list(table[0])), encoding="utf-8")
    feed = Feed("fife-list", options={"mapping": mapping.to_json(chosen), **options})
    return list(spreadsheet.read(feed, (Part("list.csv", path),)))


def a_draft(tmp_path: Path, chosen: ColumnMapping = MAPPING, **cells: str) -> ServiceDraft:
    (reading,) = read(tmp_path, a_row(**cells), chosen=chosen)
    assert reading.draft, reading.issues
    rows.check(reading.draft)
    return reading.draft


def reasons(reading: Reading) -> list[tuple[str, str]]:
    return [(issue.field, issue.reason) for issue in reading.issues]


def test_a_whole_row(tmp_path: Path) -> None:
    draft = a_draft(tmp_path)
    assert (draft.source, draft.source_id, draft.name) == ("fife-list", "A12", "Example Youth Project")
    assert (draft.organization, draft.families) == ("Example Trust", ("youth",))
    assert draft.needs == ("youth_activities", "emotional_support")
    assert draft.coverage.areas == (FIFE,)
    assert draft.premises.visibility is Visibility.EXACT
    assert (draft.premises.address_1, draft.premises.postal_code) == ("1 Example Street", "KY1 1AA")
    assert (draft.phone, draft.url) == ("01632 960123", "https://project.example")
    assert draft.confidence is Confidence.PAGE_READ


@pytest.mark.parametrize(
    ("cells", "field", "value"),
    [
        pytest.param({"age": "12-18"}, "age", AgeLimit(Known.STATED, 12, 18), id="ages in words"),
        pytest.param({"age": "all ages"}, "age", AgeLimit(Known.NONE), id="all ages"),
        pytest.param({"age": "young"}, "age", AgeLimit(), id="ages that are not plain"),
        pytest.param({"gender": "Women only"}, "gender", GenderRule(Known.STATED, "female"), id="women"),
        pytest.param({"gender": "anybody"}, "gender", GenderRule(Known.NONE), id="anybody"),
        pytest.param({"gender": "women; men"}, "gender", GenderRule(Known.NONE), id="both"),
        pytest.param({"need": "Housing; peer_support"}, "needs", ("housing", "peer_support"), id="needs"),
        pytest.param({"harm": "Bullying; any harm"}, "harms", ("bullying",), id="harms"),
        pytest.param({"harm": "any harm"}, "any_harm", True, id="any harm"),
        pytest.param({"delivery": "In person; Phone"}, "delivery", ("in_person", "phone"), id="how"),
        pytest.param({"referral_route": "Self; GP"}, "referral_routes", ("self", "gp"), id="who may refer"),
        pytest.param({"charity_number": "Charity SCO12345"}, "charity_number", "SC012345", id="charity number mended"),
        pytest.param({"status": "closed"}, "status", "defunct", id="closed"),
        pytest.param({"status": "paused"}, "status", "temporarily closed", id="paused"),
        pytest.param({"status": "who knows"}, "status_known", Known.UNKNOWN, id="a state we do not know"),
        pytest.param({"as_of": "2024-02-29"}, "as_of", "2024-02", id="29 February"),
        pytest.param({"as_of": "29/02/2024"}, "as_of", "2024-02", id="a day as people write it"),
        pytest.param({"as_of": "2024"}, "as_of", "2024", id="a year"),
        pytest.param({"as_of": "0000-01-01"}, "as_of", "", id="the year nought"),
        pytest.param({"as_of": "9999-12-31"}, "as_of", "", id="the year 9999"),
        pytest.param({"as_of": "2024-13-01"}, "as_of", "", id="a thirteenth month"),
        pytest.param({"as_of": "2026-03-29 01:30"}, "as_of", "2026-03", id="an hour that is left out"),
        pytest.param({"as_of": "45000"}, "as_of", "", id="a day as a number"),
        pytest.param({"phone": "01632 960123 / 01632 960124"}, "phone_note", "also 01632 960124", id="two numbers"),
        pytest.param({"phone": "01632 960123 ext 12"}, "phone_note", "extension 12", id="an extension"),
        pytest.param({"text_or_chat": "Text 85258"}, "text_or_chat", "Text 85258", id="a text number"),
        pytest.param({"organization": ""}, "organization", "Example Youth Project", id="no organisation"),
        pytest.param({"url": '<a href="https://a.example">us</a>'}, "url", "https://a.example", id="a link"),
        pytest.param({"url": "www.a.example www.b.example"}, "url", "http://www.a.example", id="two addresses"),
        pytest.param({"description": HTML}, "description", "Bold & ask.", id="HTML and people"),
        pytest.param({"description": "\u202eevil\u200b words"}, "description", "evil words.", id="hidden signs"),
        pytest.param({"name": "Example\u200b Youth\nProject"}, "name", "Example Youth Project", id="a long name"),
    ],
)  # fmt: skip
def test_a_field_is_read(tmp_path: Path, cells: dict[str, str], field: str, value: object) -> None:
    assert getattr(a_draft(tmp_path, **cells), field) == value


def test_hours_are_read(tmp_path: Path) -> None:
    hours = a_draft(tmp_path, schedule="Mon-Fri, 9am-5pm").hours
    assert hours.openings == (Opening("MO,TU,WE,TH,FR", "09:00", "17:00"),)


@pytest.mark.parametrize(
    ("said", "areas"),
    [
        pytest.param("Fife and Clackmannanshire", (CLACKS, FIFE), id="two councils"),
        pytest.param("Scotland", ("SCOTLAND",), id="the nation"),
        pytest.param("City wide", (EDINBURGH,), id="city wide is the list's own council"),
        pytest.param("", (), id="nothing said"),
        pytest.param("not known", (), id="said to be not known"),
        pytest.param("Atlantis", (), id="no such place"),
    ],
)
def test_the_area_served_is_what_the_list_says(tmp_path: Path, said: str, areas: tuple[str, ...]) -> None:
    chosen = ColumnMapping(MAPPING.rules, MAPPING.columns, council=EDINBURGH)
    draft = a_draft(tmp_path, chosen, service_area=said, postal_code="EH6 5QG", address_1="1 Leith Street")
    assert draft.coverage.areas == areas
    assert draft.coverage.known is (Known.STATED if areas else Known.UNKNOWN)


def test_an_area_that_is_not_said_is_no_mistake(tmp_path: Path) -> None:
    (reading,) = read(tmp_path, a_row(service_area=""))
    assert reasons(reading) == []


def test_an_area_that_codes_cannot_say_stays_in_words(tmp_path: Path) -> None:
    draft = a_draft(tmp_path, service_area="Fife and surrounding areas")
    assert draft.description.endswith("Area served, as its list says: Fife and surrounding areas.")


def test_a_postcode_is_found_in_the_address(tmp_path: Path) -> None:
    place = a_draft(tmp_path, postal_code="", address_1="1 Example Street, EH6 5QG, Leith").premises
    assert (place.postal_code, place.address_1, place.council) == ("EH6 5QG", "1 Example Street, Leith", EDINBURGH)


def test_a_point_in_one_cell_and_in_two(tmp_path: Path) -> None:
    one = ColumnMapping({**MAPPING.rules, "point": Rule(("Town",))}, MAPPING.columns)
    assert a_draft(tmp_path, one, city="56.1, -3.2").premises.point == Point(56.1, -3.2)
    swapped = ColumnMapping(
        {**MAPPING.rules, "latitude": Rule(("Town",)), "longitude": Rule(("Reference",))}, MAPPING.columns
    )
    (reading,) = read(tmp_path, a_row(city="-3.2", id="56.1"), chosen=swapped)
    assert reading.draft
    assert reading.draft.premises.point is None
    assert ("latitude", "a point outside Scotland") in reasons(reading)


def test_ages_in_two_columns(tmp_path: Path) -> None:
    chosen = ColumnMapping(
        {**MAPPING.rules, "minimum_age": Rule(("Reference",)), "maximum_age": Rule(("Town",))} | {"id": Rule()},
        MAPPING.columns,
    )
    assert a_draft(tmp_path, chosen, id="12", city="18").age == AgeLimit(Known.STATED, 12, 18)
    (reading,) = read(tmp_path, a_row(id="18", city="12"), chosen=chosen)
    assert ("minimum_age", "the lowest age is above the highest") in reasons(reading)
    assert reading.draft
    assert reading.draft.age == AgeLimit()


@pytest.mark.parametrize(
    ("cells", "held", "reason"),
    [
        pytest.param({"name": ""}, False, "no name", id="no name"),
        pytest.param({"name": "x" * 200}, False, "too long to be a name", id="a name too long"),
        pytest.param({"name": "<br>"}, False, "no name", id="a name of nothing but a tag"),
        pytest.param({"name": "Mrs Jane Example"}, True, "it names a person", id="a person"),
        pytest.param({"family": "Wizardry"}, True, "no family of services", id="no family"),
        pytest.param({"id": "a b c"}, False, "signs that no id has", id="an odd id"),
    ],
)
def test_a_row_that_cannot_be_used(tmp_path: Path, cells: dict[str, str], held: bool, reason: str) -> None:
    (reading,) = read(tmp_path, a_row(**cells))
    assert (reading.held, reading.refused) == (held, not held)
    assert reason in reasons(reading)[-1][1]


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        pytest.param({"phone": "ask Jane"}, "phone", id="no number"),
        pytest.param({"phone": "12345"}, "phone", id="a number that cannot be rung"),
        pytest.param({"postal_code": "KY1"}, "postal_code", id="half a postcode"),
        pytest.param({"url": "see above"}, "url", id="no address"),
        pytest.param({"url": "javascript:alert(1)"}, "url", id="a script"),
        pytest.param({"need": "Wizardry"}, "need", id="a need we do not know"),
        pytest.param({"service_area": "Atlantis"}, "service_area", id="no such area"),
    ],
)
def test_a_field_that_cannot_be_used_is_left_out_and_told(tmp_path: Path, cells: dict[str, str], field: str) -> None:
    (reading,) = read(tmp_path, a_row(**cells))
    assert reading.draft
    rows.check(reading.draft)
    assert [issue.field for issue in reading.issues] == [field]
    assert not any(cell in issue.reason for cell in cells.values() for issue in reading.issues)


def test_a_row_without_an_id_keeps_one_wherever_it_stands(tmp_path: Path) -> None:
    first, second = a_row(id=""), a_row(id="", name="Another Project")
    ids = [reading.draft.source_id for reading in read(tmp_path, first, second) if reading.draft]
    again = [reading.draft.source_id for reading in read(tmp_path, second, first) if reading.draft]
    assert ids == again[::-1]
    moved = a_draft(tmp_path, id="", phone="01632 960999", description="Changed.", name="EXAMPLE  youth project")
    assert moved.source_id == ids[0]


def test_a_row_that_comes_twice_is_put_aside(tmp_path: Path) -> None:
    first, second = read(tmp_path, a_row(id=""), a_row(id="", phone="01632 960999"))
    assert first.draft
    assert second.held
    one, two = read(tmp_path, a_row(), a_row(name="Another Project"))
    assert one.draft
    assert two.held


SECRETS = ("7 Hid Row", "KY99 9ZZ", "960777", "hidden.example", "Hidlem", "85258")


@pytest.mark.parametrize(
    "cells",
    [
        pytest.param({"confidential_place": "yes"}, id="the column says so"),
        pytest.param({"confidential_place": "ask first"}, id="a word that is not no"),
        pytest.param({"name": "Hidlem Women's Aid"}, id="a group that keeps refuges"),
        pytest.param({"organization": "Hidlem Women's Aid"}, id="its provider"),
        pytest.param({"family": "Refuge"}, id="a refuge by its family"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("source_id", ["", "A12"])
def test_a_withheld_place_leaves_no_trace(tmp_path: Path, cells: dict[str, str], source_id: str) -> None:
    place = {
        "address_1": "7 Hid Row", "city": "Hidlem", "postal_code": "KY99 9ZZ", "phone": "01632 960777",
        "url": "https://hidden.example", "text_or_chat": "Text 85258", "schedule": "Ring at 7 Hid Row first",
        "description": "Find us at 7 Hid Row, Hidlem.", "id": source_id,
    }  # fmt: skip
    draft = a_draft(tmp_path, **(place | cells))
    assert draft.premises.visibility is Visibility.UNDISCLOSED
    assert [secret for secret in SECRETS if secret in str(asdict(draft))] == []


def test_the_id_of_a_withheld_row_does_not_hang_on_its_postcode(tmp_path: Path) -> None:
    hidden = {"id": "", "confidential_place": "yes"}
    one, two = (a_draft(tmp_path, **hidden, postal_code=code) for code in ("KY99 9ZZ", "KY1 1AA"))
    assert one.source_id == two.source_id


def test_ragged_rows_are_refused_and_the_rest_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    text = csv_text([a_row()], list(a_row()))
    path.write_text(text.replace("\n", "\nshort,row\n", 1), encoding="utf-8")
    feed = Feed("fife-list", options={"mapping": mapping.to_json(MAPPING)})
    first, second = spreadsheet.read(feed, (Part("list.csv", path),))
    assert first.refused
    assert second.draft
    assert second.row == 2


def test_rows_of_several_parts_are_numbered_through(tmp_path: Path) -> None:
    parts = []
    for number in (1, 2):
        path = tmp_path / f"{number}.csv"
        path.write_text(csv_text([a_row(id=f"A{number}")], list(a_row())), encoding="utf-8")
        parts.append(Part(path.name, path))
    feed = Feed("fife-list", options={"mapping": mapping.to_json(MAPPING)})
    assert [reading.row for reading in spreadsheet.read(feed, tuple(parts))] == [1, 2]


def test_a_table_that_does_not_fit_its_mapping_is_refused_whole(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Title,Tel\nOne,1\n", encoding="utf-8")
    feed = Feed("fife-list", options={"mapping": mapping.to_json(MAPPING)})
    with pytest.raises(UnusableFile, match="does not fit the column mapping"):
        list(spreadsheet.read(feed, (Part("list.csv", path),)))
    with pytest.raises(UnusableFile, match="Nobody has said yet"):
        list(spreadsheet.read(Feed("fife-list"), (Part("list.csv", path),)))


def test_spreadsheets_are_a_kind_of_source() -> None:
    assert KINDS["spreadsheet"].read is spreadsheet.read


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(sorted(LABELS)), st.text(max_size=60)))
def test_any_row_is_a_draft_that_can_be_kept_or_is_accounted_for(cells: dict[str, str]) -> None:
    stripped = {column: cell.strip() for column, cell in a_row(**cells).items()}
    said = mapping.said(MAPPING, stripped)
    reader = spreadsheet._Reader(Feed("fife-list"), MAPPING, {})
    notes = spreadsheet.Notes("fife-list", 1)
    try:
        reading = spreadsheet._reading(reader, said, notes)
    except spreadsheet.Unusable:
        return
    assert reading.draft


EXPECTED = {
    "edinburgh-housing-support": (57, 0, 0),
    "edinburgh-day-services": (77, 0, 0),
    "edinburgh-outdoor-education": (6, 0, 108),
    "edinburgh-special-schools": (11, 0, 2),
}


@pytest.mark.shared_data
@pytest.mark.parametrize("source_id", list(EDINBURGH_LISTS))
def test_the_lists_of_edinburgh(source_id: str, shared_data: Path) -> None:
    row = source(source_id)
    (path,) = files(row, shared_data)
    chosen = spreadsheet.own_mapping(source_id)
    assert mapping_guesses.changed(chosen, sheets.read(path).columns) == ((), ())
    readings = list(row.read(path))
    drafts = [reading.draft for reading in readings if reading.draft]
    for draft in drafts:
        rows.check(draft)
    assert (len(drafts), sum(r.held for r in readings), sum(r.refused for r in readings)) == EXPECTED[source_id]
    assert [reading.row for reading in readings] == list(range(1, len(readings) + 1))
    assert len({draft.source_id for draft in drafts}) == len(drafts)
    assert all("@" not in draft.description for draft in drafts)
    refused = Counter(reading.issues[-1].reason for reading in readings if reading.refused)
    assert set(refused) <= {"outside the families that this directory holds"}


@pytest.mark.shared_data
def test_refuges_of_the_housing_list_are_withheld(shared_data: Path) -> None:
    row = source("edinburgh-housing-support")
    (path,) = files(row, shared_data)
    hidden = [
        reading.draft
        for reading in row.read(path)
        if reading.draft and reading.draft.premises.visibility is Visibility.UNDISCLOSED
    ]
    assert [draft.families[0] for draft in hidden] == ["domestic_abuse"] * len(hidden)
    assert len(hidden) >= 2
    assert not any(draft.phone or draft.url or draft.premises.postal_code for draft in hidden)


@pytest.mark.shared_data
def test_the_sample_of_outpost(shared_data: Path) -> None:
    path = shared_data / "hsds" / "outpost_services_sample.csv"
    table = sheets.read(path)
    sample = [row.cells for row in table.rows]
    guess = mapping_guesses.suggest(table.columns, sample)
    rules = {**guess.rules, "service_area": Rule(constant="not known"), "family": Rule(constant="community_hub")}
    chosen = ColumnMapping(rules, table.columns)
    assert rules["confidential_place"].columns == ("mask_exact_address",)
    feed = Feed("outpost", options={"mapping": mapping.to_json(chosen)})
    readings = list(spreadsheet.read(feed, (Part(path.name, path),)))
    assert len(readings) == 8
    assert [reading.row for reading in readings if reading.draft] == [1, 8]
    assert {issue.reason for r in readings if r.refused for issue in r.issues} == {
        "no name, or one too long to be a name"
    }
