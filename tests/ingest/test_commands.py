"""`waymark ingest`, as a person types it."""

import json
from pathlib import Path

import pytest

from ingest.sources import SOURCES
from tests.ingest.tables import a_fact, a_refuge, file_of
from tests.installation import Installation


@pytest.fixture(scope="module")
def waymark(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation without the starter directory."""
    made = Installation(tmp_path_factory.mktemp("home"))
    assert made("setup", "--no-starter").code == 0
    return made


def test_list_names_every_source_with_its_licence(waymark: Installation) -> None:
    said = waymark("ingest", "list").out
    assert all(row.id in said and row.licence in said for row in SOURCES)
    assert [row["id"] for row in waymark("ingest", "list", "--json").json] == [row.id for row in SOURCES]


def test_a_run_is_found_at_once(waymark: Installation, tmp_path: Path) -> None:
    path = file_of(tmp_path, a_fact(), a_refuge(), a_fact(id="f903", gender="?"))
    dry = waymark("ingest", "run", "facts", "--from", str(path), "--dry-run")
    assert dry.code == 0
    assert "3 rows read: 2 made, 0 changed, 0 unchanged, 1 held" in dry.out
    assert "nothing was written" in dry.out
    wet = waymark("ingest", "run", "facts", "--from", str(path), "--json").json
    assert (wet["read"], wet["made"], wet["held"], wet["dry_run"]) == (3, 2, 1, False)
    assert waymark("index", "status", "--json").json["services"] == 2


def test_report_shows_the_last_runs(waymark: Installation, tmp_path: Path) -> None:
    waymark("ingest", "run", "facts", "--from", str(file_of(tmp_path, a_fact())))
    lines = waymark("ingest", "report").out.splitlines()
    assert lines[0].split() == ["source", "last", "run", "read", "made", "changed", "unchanged", "held", "refused"]
    assert "never" in lines[2]
    facts = waymark("ingest", "report", "--json").json[0]
    assert facts["read"] == 1
    assert "withheld_names" not in json.dumps(facts)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("nowhere", "--from", "x.csv"), "The sources are: facts, care-inspectorate", id="unknown source"),
        pytest.param(("facts", "--from", "absent.csv"), "There is no file", id="absent file"),
        pytest.param(("facts", "--from", "."), "is a folder", id="folder"),
    ],
)
def test_bad_input_is_said_and_exits_2(waymark: Installation, words: tuple[str, ...], said: str) -> None:
    answer = waymark("ingest", "run", *words)
    assert answer.code == 2
    assert said in answer.err


def test_no_file_named(waymark: Installation) -> None:
    assert waymark("ingest", "run", "facts").code == 2
