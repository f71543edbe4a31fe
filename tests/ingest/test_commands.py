"""`waymark ingest`, as a person types it."""

import json
from pathlib import Path

import pytest

from ingest.sources import SOURCES
from ingest.status import sparkline
from tests.ingest.lists import schools
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
    heads = "source run state last run next run read made changed unchanged held refused unlisted seconds changes"
    assert lines[0].split() == heads.split()
    assert lines[1].split()[:3] == ["facts", str(waymark("ingest", "report", "--json").json[0]["run"]), "done"]
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


def test_a_source_without_an_address_needs_a_file(waymark: Installation) -> None:
    answer = waymark("ingest", "run", "facts")
    assert answer.code == 2
    assert "no address to fetch from" in answer.err


def test_a_run_that_waits_is_shown_accepted_and_rejected(waymark: Installation, tmp_path: Path) -> None:
    waymark("ingest", "run", "schools", "--from", str(schools(tmp_path, 30)))
    said = waymark("ingest", "run", "schools", "--from", str(schools(tmp_path, 20))).out
    assert "waits for a person" in said
    assert "no longer listed: Kirkhaven 2" in said
    waits = next(each for each in waymark("ingest", "report", "--json").json if each["source"] == "schools")
    assert (waits["state"], waits["unlisted"]) == ("held", 10)
    assert f"`waymark ingest accept {waits['run']}`" in waymark("ingest", "report").out
    assert "nothing of it is in the record" in waymark("ingest", "reject", str(waits["run"])).out
    assert waymark("ingest", "accept", str(waits["run"])).code == 1
    again = waymark("ingest", "run", "schools", "--from", str(schools(tmp_path, 19)), "--json").json
    done = waymark("ingest", "accept", str(again["run"]), "--json").json
    assert (done["state"], done["unlisted"]) == ("done", 11)
    found = next(each for each in waymark("ingest", "report", "--json").json if each["source"] == "schools")
    assert (found["missing"], [run["state"] for run in found["history"]]) == (11, ["done", "rejected", "done"])


KNOWN = (
    "ingest", "add", "--id", "clubs", "--kind", "spreadsheet", "--name", "Clubs", "--publisher", "Fife Clubs",
    "--licence", "OGL v3.0", "--attribution", "From Fife Clubs.",
)  # fmt: skip


def test_a_source_is_added_listed_and_run(waymark: Installation, tmp_path: Path) -> None:
    options = tmp_path / "options.json"
    rules = {"name": {"columns": ["Club"]}, "family": {"constant": "youth"}, "service_area": {"columns": ["Area"]}}
    options.write_text(json.dumps({"mapping": {"rules": rules}}))
    assert waymark(*KNOWN, "--options", f"@{options}").code == 0
    assert waymark(*KNOWN).code == 1, "it is there already"
    assert "clubs: Clubs. Fife Clubs; OGL v3.0." in waymark("ingest", "list").out
    assert "spreadsheet: Spreadsheet" in waymark("ingest", "list").out
    file = tmp_path / "clubs.csv"
    file.write_text("Club,Area\nHarbour Club,Fife\n")
    assert waymark("ingest", "run", "clubs", "--from", str(file), "--json").json["made"] == 1


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"--kind": "pigeon"}, "There is no kind of source 'pigeon'", id="kind"),
        pytest.param({"--id": "schools"}, "comes with Waymark", id="ours"),
        pytest.param({"--id": "x", "--url": "https://127.0.0.1/"}, "names a machine by number", id="inward address"),
        pytest.param({"--id": "x", "--options": "{"}, "The options cannot be read", id="options"),
        pytest.param({"--id": "x", "--options": "[]"}, "not a list of names", id="options of another sort"),
    ],
)
def test_a_source_that_cannot_be_added(waymark: Installation, changes: dict[str, str], said: str) -> None:
    answer = waymark(*KNOWN, *(word for pair in changes.items() for word in pair))
    assert answer.code == 2
    assert said in answer.err


def test_a_worker_does_what_waits_and_stops(waymark: Installation) -> None:
    assert waymark("work", "--once").code == 0


def test_a_line_of_the_last_runs() -> None:
    assert sparkline([0, 7, 14, 3]) == "▁▅█▃"
    assert sparkline([0, 0]) == "▁▁"
    assert sparkline([]) == ""
