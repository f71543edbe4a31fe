"""A withheld place stays withheld: nothing planted in any column of its row is in a draft, an issue or the record."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from directory.database import Database
from directory.search import fold
from directory.tables import Base, Service
from ingest import pipeline, withheld
from ingest.reading import table
from ingest.sources import source
from tests.builders import a_draft
from tests.ingest.conftest import Loaded
from tests.ingest.tables import a_centre, a_fact, a_refuge, a_registration, file_of

Clock = Callable[[], datetime]

CANARIES = {
    "address": "77 Canarywynd Brae",
    "town": "Plantedtown",
    "postcode": "EH99 9ZZ",
    "phone": "0131 496 0877",
    "point": "55.98765,-3.12345",
    "mailbox": "planted@canary.example",
    "page": "https://canary-refuge.example/find-us",
}
CRUMBS = ("canary", "planted", "eh99", "9zz", "496 0877", "4960877", "55.98765", "-3.12345", "find-us")


def crumbs(words: object) -> list[str]:
    said = str(words).casefold()
    return [crumb for crumb in CRUMBS if crumb in said]


def a_withheld_registration(**cells: str) -> dict[str, str]:
    blank = dict.fromkeys(("Address_line_1", "Service_Postcode", "Service_Phone_Number"), "")
    return a_registration(ServiceName="Lighthouse Women's Aid", PublicList="No", **blank) | cells


ROWS = {"facts": (a_refuge(), "id"), "care-inspectorate": (a_withheld_registration(), "CSNumber")}


def planted(row: Mapping[str, str], id_column: str) -> Iterator[dict[str, str]]:
    """Copies of a withheld row, each with every canary in one column, in place of and behind what it says."""
    everything = " ".join(CANARIES.values())
    for column in row:
        if column == id_column:
            continue
        for number, words in enumerate((everything, *CANARIES.values())):
            for behind in (False, True):
                said = f"{row[column]} {words}" if behind else words
                yield {**row, column: said, id_column: f"{row[id_column]}{len(column)}{number}{int(behind)}"}


@pytest.mark.parametrize("source_id", ROWS)
def test_nothing_planted_in_any_column_leaves_the_adapter(tmp_path: Path, source_id: str) -> None:
    row, id_column = ROWS[source_id]
    found = 0
    for copy in planted(row, id_column):
        (reading,) = source(source_id).read(file_of(tmp_path, copy))
        assert crumbs((reading.draft, reading.issues)) == [], copy
        found += reading.draft is not None
    assert found > 100


def test_every_column_at_once(tmp_path: Path) -> None:
    row = a_refuge()
    free = (
        "name",
        "organisation",
        "description",
        "town",
        "phone",
        "url",
        "note",
        "source_url",
        "text_or_chat",
        "min_age",
    )
    copy = row | dict.fromkeys(free, " ".join(CANARIES.values())) | {"min_age": "", "charity_number": CANARIES["phone"]}
    (reading,) = source("facts").read(file_of(tmp_path, copy))
    assert reading.draft is not None
    assert reading.draft.name == "Domestic abuse service in Fife"
    assert crumbs((reading.draft, reading.issues)) == []


def in_the_record(record: Database) -> str:
    """Every cell of every table of the record, and every document the index would hold."""
    with record.reading() as session:
        cells = [str(session.execute(text(f'SELECT * FROM "{name}"')).all()) for name in Base.metadata.tables]
        return " ".join([*cells, *(document.to_json() for document in fold.documents(session))])


def test_nothing_planted_is_in_the_record(record: Database, tmp_path: Path, clock: Clock) -> None:
    for source_id, (row, id_column) in ROWS.items():
        copies = list({copy[id_column]: copy for copy in planted(row, id_column)}.values())
        report = pipeline.run(record, source_id, file_of(tmp_path, *copies), clock)
        assert report.made
        assert crumbs(report.to_json()) == []
    assert crumbs(in_the_record(record)) == []


def open_row_of(source_id: str, name: str) -> dict[str, str]:
    """A row of a second source that knows the address of a withheld service in Edinburgh."""
    if source_id == "care-inspectorate":
        place = {"Address_line_1": CANARIES["address"], "Service_town": CANARIES["town"], "PublicList": "Yes"}
        more = {"Service_Postcode": CANARIES["postcode"], "Service_Phone_Number": CANARIES["phone"]}
        return a_registration(
            ServiceName=name, ServiceProvider="Anchor", Council_Area_Name="Edinburgh", **place, **more
        )
    place = {"Address": CANARIES["address"], "Postcode": CANARIES["postcode"], "Location": CANARIES["point"]}
    return a_centre(Name=name, Telephone=CANARIES["phone"], Programme=CANARIES["page"], **place)


@pytest.mark.parametrize("first", ["withheld first", "open first"])
@pytest.mark.parametrize("name", ["Lighthouse Women's Aid", "Zephyr House"])
@pytest.mark.parametrize("second", ["care-inspectorate", "edinburgh-community-centres"])
def test_a_second_source_that_knows_the_address(
    record: Database, tmp_path: Path, clock: Clock, first: str, name: str, second: str
) -> None:
    hidden = file_of(tmp_path, a_refuge(name=name, areas="S12000036"), name="hidden.csv")
    told = file_of(tmp_path, open_row_of(second, name), name="told.csv")
    order = [("facts", hidden), (second, told)]
    for source_id, path in order if first == "withheld first" else reversed(order):
        pipeline.run(record, source_id, path, clock)
    with record.reading() as session:
        assert crumbs([document.to_json() for document in fold.documents(session)]) == []
        assert set(session.scalars(select(Service.visibility))) == {"undisclosed"}
    assert [pipeline.run(record, source_id, path, clock).changed for source_id, path in order] == [0, 0]


def test_another_file_of_the_same_source_that_knows_the_address(record: Database, tmp_path: Path, clock: Clock) -> None:
    told = file_of(tmp_path, a_fact(name="Zephyr House", town=CANARIES["town"], phone=CANARIES["phone"]), name="a.csv")
    hidden = file_of(tmp_path, a_refuge(name="Zephyr House"), name="b.csv")
    pipeline.run(record, "facts", told, clock)
    assert pipeline.run(record, "facts", hidden, clock).protected == 1
    assert crumbs(in_the_record(record)) == []
    assert pipeline.run(record, "facts", told, clock).changed == 0


def test_the_same_name_elsewhere_stays_open(record: Database, tmp_path: Path, clock: Clock) -> None:
    pipeline.run(record, "facts", file_of(tmp_path, a_refuge(name="Zephyr House"), name="a.csv"), clock)
    pipeline.run(record, "edinburgh-community-centres", file_of(tmp_path, a_centre(Name="Zephyr House")), clock)
    with record.reading() as session:
        assert set(session.scalars(select(Service.visibility))) == {"undisclosed", "exact"}


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("Inverness Women's Aid", "Inverness Women's Aid", id="public, as it stands"),
        pytest.param(
            "Inverness Women's Aid (Housing Support)", "Inverness Women's Aid (Housing Support)", id="registered"
        ),
        pytest.param("Inverness Women's Aid Plantedtown", "Inverness Women's Aid", id="a word behind a public name"),
        pytest.param("Plantedtown Women's Aid", "Women's Aid", id="not a public name"),
        pytest.param("Highland Refuge, Plantedtown", "Highland Refuge", id="the council's name stays"),
        pytest.param("12 High Street", "", id="nothing but a place"),
        pytest.param("Plantedtown House", "", id="a house"),
    ],
)
def test_names(name: str, shown: str) -> None:
    assert withheld.public_name(name, ["S12000017"]) == shown


@given(st.text(max_size=80))
def test_a_name_shows_no_words_but_plain_ones(name: str) -> None:
    shown = withheld.public_name(name, ["S12000047"])
    known = set(withheld.PLAIN_WORDS) | {"fife"} | {word for key in withheld.public_names() for word in key.split()}
    assert set(withheld.fold(shown).split()) <= known | set(withheld.fold("-&–").split())


def test_an_id_that_tells_the_place_is_refused(tmp_path: Path) -> None:
    (reading,) = source("facts").read(file_of(tmp_path, a_refuge(id="f9-plantedtown", town="Plantedtown")))
    assert reading.draft is None
    assert crumbs(reading.issues) == []


def test_protecting_twice_changes_nothing() -> None:
    once = withheld.protect(a_draft(name="Plantedtown Women's Aid"))
    assert withheld.protect(once) == once


@pytest.mark.parametrize(
    ("name", "is_one"),
    [("Fife Womens Aid", True), ("The Refuge", True), ("Refugee Resettlement Team", False), ("Youth Aid", False)],
)
def test_groups_that_keep_refuges(name: str, is_one: bool) -> None:
    assert withheld.is_refuge_group(name) is is_one


@pytest.mark.shared_data
def test_real_rows_show_no_town(loaded: Loaded, shared_data: Path) -> None:
    """Their own town, unless it is a word of the group's public name or of the council's."""
    path = shared_data / "services" / "care_inspectorate_services_2026-05-31.csv"
    towns = {row["CSNumber"]: row["Service_town"] for row in table(path, ("CSNumber", "Service_town"))}
    with loaded.record.reading() as session:
        hidden: list[Any] = [one for one in fold.documents(session) if one.visibility == "undisclosed"]
    assert len(hidden) > 50
    for one in hidden:
        assert (one.point, one.address, one.city, one.postal_code, one.phone, one.url, one.source_url) == (
            None, "", "", "", "", "", "",
        )  # fmt: skip
        told = f"{one.description} {one.alert} {one.phone_note}"
        for source_id in (one.source_id, *one.also):
            assert towns.get(source_id, "no town") not in told


def test_open_rows_are_left_open(tmp_path: Path) -> None:
    (reading,) = source("facts").read(
        file_of(tmp_path, a_fact(name="Domestic abuse advice line", confidential_place=""))
    )
    assert reading.draft is not None
    assert reading.draft.phone
