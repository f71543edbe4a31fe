"""Strangers' files are read in a process of their own: whatever they do to it, we get an answer and go on."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory.database import Database
from directory.errors import UnusableFile
from directory.feeds import runs
from directory.feeds.runs import State
from directory.feeds.tables import MatchKey
from directory.tables import Service
from ingest import confined, pipeline, staging
from ingest.confined import Task, confined_stage
from ingest.material import Feed, Part
from ingest.means import Means, Order
from ingest.reading import Reading
from ingest.sources import kind_of
from tests.builders import a_record
from tests.ingest.lists import schools
from tests.ingest.tables import a_fact, a_refuge, file_of
from tests.ingest.test_schedule import MAPPING

Clock = Callable[[], datetime]


def a_task(tmp_path: Path, file: Path, kind: str = "", source: str = "schools") -> Task:
    """Reading one file into a folder of its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    return Task(Feed(source, options={"mapping": MAPPING}), kind, (Part(file.name, file),), folder)


def read(task: Task) -> list[Reading]:
    """All that the child reads."""
    with confined_stage(task) as staged:
        return list(staged.readings())


def test_it_reads_as_the_reader_itself_does(tmp_path: Path) -> None:
    file, told = schools(tmp_path, 30, SchoolName="Kirkhaven Women's Aid"), []
    (tmp_path / "here").mkdir()
    here = staging.stage(kind_of("schools", ""), Feed("schools"), (Part(file.name, file),), tmp_path / "here")
    with confined_stage(a_task(tmp_path, file), told.append) as found:
        coming, again = list(found.readings()), list(found.readings())
    assert coming == again == list(here.readings())
    assert (found.rows, found.withheld, found.repeats) == (here.rows, here.withheld, here.repeats)
    assert found.withheld
    assert told[0] == 1


def test_a_file_that_is_not_what_it_claims_is_said_as_ever(tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    file.write_text("SeedCode\n1\n")
    with pytest.raises(UnusableFile, match=r"roll\.csv has no column SchoolType") as refused:
        read(a_task(tmp_path, file))
    assert "Is it the file this source publishes?" in refused.value.advice


def test_a_file_that_fills_memory_ends_the_reader_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = schools(tmp_path, 3).read_text().splitlines()
    wide = tmp_path / "wide.csv"
    with wide.open("w") as out:  # every id is remembered, to find those that come twice
        out.write(rows[0] + "\n")
        out.writelines(f"{number:07},{rows[1].partition(',')[2]}\n" for number in range(200_000))
    monkeypatch.setattr(confined, "MEMORY_BYTES", 64_000_000)
    with pytest.raises(UnusableFile, match=r"wide\.csv cannot be read: it needs more than 64 MB"):
        read(a_task(tmp_path, wide))


def test_a_file_that_takes_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SILENCE_S", 0.05)
    with pytest.raises(UnusableFile, match="takes too long to read"):
        read(a_task(tmp_path, schools(tmp_path, 3)))


def test_a_reader_that_is_killed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "COMMAND", ["sh", "-c", "cat > /dev/null; kill -9 $$"])
    with pytest.raises(UnusableFile, match="breaks its reader"):
        read(a_task(tmp_path, schools(tmp_path, 3)))


def all_told(record: Database) -> tuple[list[Any], list[Any]]:
    """What the record holds of services, and the keys by which they are found."""
    with record.reading() as session:
        services = select(Service.id, Service.content_hash, Service.visibility, Service.same_as_id).order_by(Service.id)
        keys = select(MatchKey).order_by(MatchKey.service_id, MatchKey.kind, MatchKey.value)
        found = [(each.service_id, each.kind, each.value) for each in session.scalars(keys)]
        return [tuple(row) for row in session.execute(services)], found


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """A second record, empty too."""
    opened = a_record(tmp_path / "other")
    yield opened
    opened.close()


OPEN, HIDDEN = a_fact(id="f901", name="Zephyr House"), a_refuge(id="f902", name="Zephyr House")
SOME_AREA, NO_AREA = a_fact(id="f903", areas="S12000047", note="overlaps f905"), a_fact(id="f905", areas="")


@pytest.mark.parametrize(
    ("rows", "dry_run"),
    [
        pytest.param((OPEN, HIDDEN), False, id="a withheld row hides an earlier one of its name"),
        pytest.param((OPEN, HIDDEN), True, id="the same, only asked"),
        pytest.param((SOME_AREA, NO_AREA), False, id="a row with an area repeats a later one that has none"),
    ],
)
def test_what_only_the_end_of_a_file_tells_counts_for_its_beginning(
    record: Database, other: Database, tmp_path: Path, clock: Clock, rows: tuple[dict[str, str], ...], dry_run: bool
) -> None:
    """Rows are compared as they come; the outcome is that of rows which were all read before."""
    file, order = file_of(tmp_path, *rows), Order(dry_run)
    apart = pipeline.run_files(Means(record, clock, tmp_path, confined=True), "facts", [file], order)
    here = pipeline.run_files(Means(other, clock, tmp_path / "other"), "facts", [file], order)
    assert (apart.made, apart.joined, apart.difference) == (here.made, here.joined, here.difference)
    assert all_told(record) == all_told(other)
    assert apart.made == len(rows)


def test_a_file_that_breaks_off_leaves_the_record(record: Database, tmp_path: Path, clock: Clock) -> None:
    file, means = schools(tmp_path, 30), Means(record, clock, tmp_path, confined=True)
    whole = file.read_bytes()
    file.write_bytes(whole + b'9000099,"Kirkhaven')
    with pytest.raises(UnusableFile):
        pipeline.run_files(means, "schools", [file])
    assert all_told(record) == ([], [])
    with record.reading() as session:
        assert [run.state for run in runs.history(session, "schools")] == [State.FAILED]
    assert not (tmp_path / "runs" / "schools").exists()
    file.write_bytes(whole)
    assert pipeline.run_files(means, "schools", [file]).made == 30
