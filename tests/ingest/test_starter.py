"""The starter directory: a fresh clone is useful everywhere, and loading the tables later doubles nothing."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from importlib.resources import files
from pathlib import Path

import pytest

from directory.database import Database
from directory.draft import ServiceDraft
from directory.places import areas
from directory.values import Visibility
from ingest import pipeline, starter
from ingest.sources import source
from tests.builders import a_draft
from tests.ingest.tables import a_fact, file_of

Clock = Callable[[], datetime]
NOT_SHIPPED = {f"f{number}" for number in range(39, 47)}
TABLES = ("scotland_service_facts.csv", "scotland_service_facts_more.csv")


def shipped() -> list[ServiceDraft]:
    return [reading.draft for reading in starter.read() if reading.draft]


def test_332_services_and_none_without_a_licence() -> None:
    found = shipped()
    assert len(found) == 332
    assert {one.source_id for one in found}.isdisjoint(NOT_SHIPPED)
    assert {one.source for one in found} == {"facts"}


def test_it_says_where_it_is_from() -> None:
    text = files("ingest").joinpath("data", starter.FILE).read_text(encoding="utf-8")
    assert text.startswith("# Starter directory")
    assert "Care Inspectorate" in text.partition("source_id")[0]


def test_withheld_rows_have_no_town_and_no_page() -> None:
    hidden = [one for one in shipped() if one.premises.visibility is Visibility.UNDISCLOSED]
    assert len(hidden) == 48
    assert not any((one.premises.city, one.phone, one.url, one.source_url) != ("", "", "", "") for one in hidden)


def test_every_council_has_its_own_services_of_the_three_main_kinds() -> None:
    local: Counter[tuple[str, str]] = Counter()
    for one in shipped():
        if one.status == "active":
            local.update((code, one.families[0]) for code in one.coverage.areas)
    for area in areas.councils():
        for family in ("rape_crisis", "domestic_abuse", "housing"):
            assert local[area.gss, family], f"{area.name} has no {family}"


def test_no_harmful_word_of_a_child() -> None:
    said = " ".join(f"{one.name} {one.description} {one.alert}" for one in shipped()).lower()
    assert not [word for word in ("offender", "perpetrator", "offending") if word in said]


@pytest.mark.parametrize("draft", [a_draft(source="facts", premises=shipped()[0].premises), *shipped()[:40]])
def test_a_row_gives_its_draft_again(draft: ServiceDraft) -> None:
    assert starter.from_row(starter.to_row(draft)) == draft


def test_loading_it_twice_changes_nothing(record: Database, clock: Clock) -> None:
    assert pipeline.run_starter(record, clock).made == 332
    second = pipeline.run_starter(record, clock)
    assert (second.read, second.unchanged) == (332, 332)


def test_it_never_overwrites_what_a_file_said_since(record: Database, tmp_path: Path, clock: Clock) -> None:
    pipeline.run_starter(record, clock)
    newer = file_of(tmp_path, a_fact(id="f18", phone="01632 960009"))
    assert pipeline.run(record, "facts", newer, clock).changed == 1
    assert pipeline.run_starter(record, clock).changed == 0
    assert pipeline.run(record, "facts", newer, clock).unchanged == 1


@pytest.mark.shared_data
def test_the_tables_add_only_what_is_not_shipped(record: Database, shared_data: Path, clock: Clock) -> None:
    pipeline.run_starter(record, clock)
    reports = [pipeline.run(record, "facts", shared_data / "services" / name, clock) for name in TABLES]
    assert [(report.made, report.changed) for report in reports] == [(8, 0), (0, 0)]
    assert pipeline.run_starter(record, clock).changed == 0


@pytest.mark.shared_data
def test_it_is_what_the_tables_give_and_copies_no_sentence(shared_data: Path) -> None:
    read = source("facts").read
    readings = [reading for name in TABLES for reading in read(shared_data / "services" / name)]
    found = [reading.draft for reading in readings if reading.draft and reading.draft.source_id not in NOT_SHIPPED]
    assert found == shipped()
    theirs = "".join((shared_data / "services" / name).read_text(encoding="utf-8") for name in TABLES)
    assert [one.source_id for one in shipped() if one.description in theirs] == []
