"""docs/sources.md is followed to the letter: its reader reads its list, and every row is accounted for."""

import re
import shlex
import textwrap
from pathlib import Path
from types import ModuleType

import pytest

from directory.database import Database
from directory.feeds import sources as settings
from directory.feeds.sources import SourceSettings
from directory.search import fold
from directory.tables import Service
from ingest import kinds, pipeline
from ingest.means import Means
from tests.builders import NOON
from tests.installation import Installation

DOC = Path(__file__).parents[2] / "docs" / "sources.md"


def block(language: str) -> str:
    """The page's one block in that language."""
    (found,) = re.findall(rf"^( *)```{language}\n(.*?)^\1```", DOC.read_text(encoding="utf-8"), re.M | re.S)
    return textwrap.dedent(found[1])


def test_the_reader_of_the_page_reads_its_list(
    record: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = ModuleType("fife_clubs")
    exec(compile(block("python"), str(DOC), "exec"), written.__dict__)
    monkeypatch.setattr(kinds, "KINDS", {**kinds.KINDS, written.KIND.id: written.KIND})
    monkeypatch.setattr("ingest.sources.KINDS", kinds.KINDS)
    clubs = SourceSettings("clubs", "Clubs", "Fife Council", "OGL v3.0", "From Fife Council.", "fife-clubs")
    with record.session() as session:
        settings.add(session, clubs, "command", NOON)
    file = tmp_path / "clubs.csv"
    file.write_text(block("csv"), encoding="utf-8")
    means = Means(record, lambda: NOON, tmp_path / "home")
    report = pipeline.run_files(means, "clubs", [file])
    assert (report.read, report.made, report.refused) == (4, 3, 1)
    assert report.reasons == ((("Club", "no name"), 1),)
    assert pipeline.run_files(means, "clubs", [file]).unchanged == 3
    with record.reading() as session:
        found = {each.name: each for each in fold.documents(session)}
        assert session.query(Service).count() == 3
    assert set(found) == {"Harbour Club", "Pier Club"}
    assert found["Harbour Club"].phone == "01632 960001"
    assert len(found["Pier Club"].coverage.areas) == 2


def test_the_commands_of_the_page_are_as_typed(tmp_path: Path) -> None:
    waymark = Installation(tmp_path / "home")
    assert waymark("setup", "--no-starter").code == 0
    add, *_, report = block("sh").replace("\\\n", "").splitlines()
    assert waymark(*shlex.split(add)[1:]).out.startswith("Added fife-feed.")
    listed = waymark("ingest", "list", "--json").json[-1]
    assert (listed["id"], listed["url"], listed["every_hours"], listed["standing"]) == (
        "fife-feed", "https://feeds.example/services", 24, "register",
    )  # fmt: skip
    assert "fife-feed" in waymark(*shlex.split(report)[1:]).out
