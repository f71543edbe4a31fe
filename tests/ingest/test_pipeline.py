"""A run is one transaction with a report in which every row read is counted once."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from directory import database
from directory import settings as all_settings
from directory.database import Database
from directory.errors import NotFound, UnusableFile
from directory.tables import Outbox, Service, Source
from ingest import pipeline, reconcile
from ingest.report import RunReport
from tests.builders import set_up
from tests.ingest.conftest import Loaded
from tests.ingest.tables import a_fact, a_refuge, a_school, file_of

Clock = Callable[[], datetime]
COUNTS = ("made", "changed", "unchanged", "held", "refused")


def counts(report: RunReport) -> dict[str, int]:
    return {name: getattr(report, name) for name in COUNTS if getattr(report, name)}


def state(record: Database) -> tuple[Any, ...]:
    """Everything a failed run must leave as it was."""
    with record.reading() as session:
        services = session.execute(select(Service.id, Service.content_hash, Service.same_as_id)).all()
        sources = session.execute(select(Source.id, Source.last_run_at).where(Source.last_run_at.is_not(None))).all()
        return (sorted(services), sorted(sources), session.scalar(select(func.count(Outbox.id))))


def test_a_second_run_changes_nothing(record: Database, tmp_path: Path, clock: Clock) -> None:
    path = file_of(tmp_path, a_fact(), a_refuge(), a_fact(id="f903", status="?"), a_fact(id=""))
    first = pipeline.run(record, "facts", path, clock)
    assert counts(first) == {"made": 2, "held": 1, "refused": 1}
    before = state(record)
    second = pipeline.run(record, "facts", path, clock)
    assert counts(second) == {"unchanged": 2, "held": 1, "refused": 1}
    assert state(record)[0] == before[0]
    assert state(record)[2] == before[2], "nothing for the index to do"


def test_a_change_is_counted(record: Database, tmp_path: Path, clock: Clock) -> None:
    pipeline.run(record, "facts", file_of(tmp_path, a_fact()), clock)
    report = pipeline.run(record, "facts", file_of(tmp_path, a_fact(phone="01632 960009")), clock)
    assert counts(report) == {"changed": 1}


def test_a_dry_run_says_the_same_and_writes_nothing(record: Database, tmp_path: Path, clock: Clock) -> None:
    path = file_of(tmp_path, a_fact(), a_fact(id="f903", gender="?"))
    before = state(record)
    dry = pipeline.run(record, "facts", path, clock, dry_run=True)
    assert state(record) == before
    wet = pipeline.run(record, "facts", path, clock)
    assert counts(dry) == counts(wet)
    assert dry.issues == wet.issues


def test_a_refused_file_leaves_the_record(record: Database, tmp_path: Path, clock: Clock) -> None:
    before = state(record)
    with pytest.raises(UnusableFile):
        pipeline.run(record, "facts", file_of(tmp_path, {"id": "f901"}), clock)
    assert state(record) == before


def test_a_run_that_fails_half_way_leaves_the_record(
    record: Database, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.run(record, "facts", file_of(tmp_path, a_fact()), clock)
    before = state(record)

    def broken(*_: object) -> int:
        raise RuntimeError("the power went")

    monkeypatch.setattr(reconcile, "join", broken)
    with pytest.raises(RuntimeError):
        pipeline.run(record, "facts", file_of(tmp_path, a_fact(phone="01632 960009"), a_refuge()), clock)
    assert state(record) == before


def test_an_unknown_source_names_those_there_are(record: Database, tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(NotFound, match="care-inspectorate"):
        pipeline.run(record, "nowhere", file_of(tmp_path, a_fact()), clock)


def test_the_report_is_kept_without_a_rows_words(record: Database, tmp_path: Path, clock: Clock) -> None:
    pipeline.run(record, "facts", file_of(tmp_path, a_fact(gender="Plantedword", name="Zephyr House")), clock)
    with record.reading() as session:
        kept = session.get_one(Source, "facts")
        assert kept.last_run_at is not None
        assert kept.last_report is not None
        assert kept.last_report["held"] == 1
        assert "Planted" not in str(kept.last_report)
        assert "Zephyr" not in str(kept.last_report)


def test_progress_is_told_row_by_row(record: Database, tmp_path: Path, clock: Clock) -> None:
    told: list[int] = []
    pipeline.run(record, "facts", file_of(tmp_path, a_fact(), a_refuge()), clock, progress=told.append)
    assert told == [1, 2]


def test_a_folder_flat_or_as_published(record: Database, tmp_path: Path, clock: Clock) -> None:
    file_of(tmp_path, a_fact(), name="scotland_service_facts_more.csv")
    (tmp_path / "services").mkdir()
    file_of(tmp_path / "services", a_school(), name="scottish_schools_2023.csv")
    assert [report.source for report in pipeline.run_folder(record, tmp_path, clock)] == ["facts", "schools"]


def test_a_folder_without_any_file_of_ours(record: Database, tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(UnusableFile, match="holds no file"):
        pipeline.run_folder(record, tmp_path, clock)


CELL = st.sampled_from(
    ("", "any", "active", "12", "-3", "S12000047", "SCOTLAND", "counselling", "yes", "x|y", "f901", "∞")
)
ANY_ROW = st.dictionaries(st.sampled_from(sorted(a_fact())), CELL, max_size=6)


@settings(max_examples=25, deadline=None)
@given(rows=st.lists(ANY_ROW, min_size=1, max_size=8))
def test_every_row_read_is_counted_once(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> None:
    home = tmp_path_factory.mktemp("made")
    chosen = all_settings.read({"WAYMARK_HOME": str(home)})
    set_up(chosen)
    record = database.open_database(chosen)
    path = file_of(home, *({**a_fact(id=f"f{number}"), **cells} for number, cells in enumerate(rows)))
    report = pipeline.run(record, "facts", path, lambda: datetime.fromisoformat("2026-11-22T12:00:00+00:00"))
    record.close()
    assert report.read == len(rows)
    assert sum(counts(report).values()) == len(rows)


@pytest.mark.shared_data
def test_all_real_sources_twice(loaded: Loaded, shared_data: Path, clock: Clock) -> None:
    first = loaded.reports
    assert [report.read for report in first] == [46, 294, 2894, 2483, 49, 77, 57, 114, 13]
    assert [report.refused for report in first] == [0, 0, 0, 0, 0, 0, 0, 108, 2], "lists that hold other things too"
    before = state(loaded.record)
    second = pipeline.run_folder(loaded.record, shared_data, clock)
    moved = ("made", "changed", "joined", "protected", "unlisted", "relisted", "dropped")
    assert [getattr(report, name) for report in second for name in moved] == [0] * len(moved) * len(second)
    assert state(loaded.record)[0] == before[0]
