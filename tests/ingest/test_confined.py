"""Strangers' files are read in a process of their own: whatever they do to it, we get an answer and go on."""

from pathlib import Path

import pytest

from directory.errors import UnusableFile
from ingest import confined, staging
from ingest.confined import Task, confined_stage
from ingest.material import Feed, Part
from ingest.sources import kind_of
from tests.ingest.lists import schools
from tests.ingest.test_schedule import MAPPING


def a_task(tmp_path: Path, file: Path, kind: str = "", source: str = "schools") -> Task:
    """Reading one file into a folder of its own."""
    folder = tmp_path / "run"
    folder.mkdir()
    return Task(Feed(source, options={"mapping": MAPPING}), kind, (Part(file.name, file),), folder)


def test_it_reads_as_the_reader_itself_does(tmp_path: Path) -> None:
    file, told = schools(tmp_path, 30, SchoolName="Kirkhaven Women's Aid"), []
    found = confined_stage(a_task(tmp_path, file), told.append)
    (tmp_path / "here").mkdir()
    here = staging.stage(kind_of("schools", ""), Feed("schools"), (Part(file.name, file),), tmp_path / "here")
    assert list(found.readings()) == list(here.readings())
    assert (found.rows, found.withheld, found.repeats) == (here.rows, here.withheld, here.repeats)
    assert found.withheld
    assert told[0] == 1


def test_a_file_that_is_not_what_it_claims_is_said_as_ever(tmp_path: Path) -> None:
    file = tmp_path / "roll.csv"
    file.write_text("SeedCode\n1\n")
    with pytest.raises(UnusableFile, match=r"roll\.csv has no column SchoolType") as refused:
        confined_stage(a_task(tmp_path, file))
    assert "Is it the file this source publishes?" in refused.value.advice


def test_a_file_that_fills_memory_ends_the_reader_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = schools(tmp_path, 3).read_text().splitlines()
    wide = tmp_path / "wide.csv"
    with wide.open("w") as out:  # every id is remembered, to find those that come twice
        out.write(rows[0] + "\n")
        out.writelines(f"{number:07},{rows[1].partition(',')[2]}\n" for number in range(200_000))
    monkeypatch.setattr(confined, "MEMORY_BYTES", 64_000_000)
    with pytest.raises(UnusableFile, match=r"wide\.csv cannot be read: it needs more than 64 MB"):
        confined_stage(a_task(tmp_path, wide))


def test_a_file_that_takes_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "SILENCE_S", 0.05)
    with pytest.raises(UnusableFile, match="takes too long to read"):
        confined_stage(a_task(tmp_path, schools(tmp_path, 3)))


def test_a_reader_that_is_killed_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(confined, "COMMAND", ["sh", "-c", "cat > /dev/null; kill -9 $$"])
    with pytest.raises(UnusableFile, match="breaks its reader"):
        confined_stage(a_task(tmp_path, schools(tmp_path, 3)))
