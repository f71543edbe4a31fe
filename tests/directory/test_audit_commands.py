"""`waymark audit`, `subject`, `retention` and `check` from a shell: what they say, write, refuse, and how they end."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from directory import checks, database, settings
from directory.referrals import erasing
from directory.referrals.loop import Loop
from directory.referrals.tables import Case
from tests.directory.referrals.builders import Time, a_loop_over
from tests.directory.referrals.subject_builders import a_whole_person
from tests.installation import Installation

AGREED = """[adopter]
name = "Fife Single Point of Contact"
phone = "01632 960100"
article_6 = "public task"
article_9 = "substantial public interest"
article_10 = "Schedule 1"
sharing_terms = true
retention_agreed = true
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    made = Installation(tmp_path_factory.mktemp("installed"))
    assert made("setup", "--no-starter").code == 0
    return made


@pytest.fixture
def home(installed: Installation, tmp_path: Path) -> Installation:
    """A copy of it, so that each test finds it untouched."""
    with closing(sqlite3.connect(installed.home / "waymark.db")) as record:
        record.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(installed.home, tmp_path / "home")
    return Installation(tmp_path / "home")


def in_loop(home: Installation, do: Callable[[Loop], Case]) -> Case:
    record = database.open_database(settings.read({"WAYMARK_HOME": str(home.home)}))
    try:
        return do(a_loop_over(record, home.home, Time()))
    finally:
        record.close()


def edit(home: Installation, statement: str) -> None:
    with closing(sqlite3.connect(home.home / "waymark.db")) as record:
        record.execute(statement)
        record.commit()


def test_the_chain_is_sealed_verified_and_its_head_kept(home: Installation) -> None:
    in_loop(home, a_whole_person)
    assert "wait for their seal" in home("audit", "verify").out
    assert "lines were sealed" in home("audit", "seal").out
    head = home("audit", "head", "--json").json
    assert json.loads((home.home / "audit-heads.jsonl").read_text())["mac"] == head["mac"]
    answer = home("audit", "verify")
    assert answer.code == 0
    assert f"{head['seq']:,} lines are as they were sealed" in answer.out


def test_an_edited_audit_ends_with_1_and_names_the_seal(home: Installation) -> None:
    in_loop(home, a_whole_person)
    home("audit", "seal")
    edit(home, "UPDATE audit_event SET actor_id = 'nobody' WHERE id = 3")
    answer = home("audit", "verify")
    assert answer.code == 1
    assert "First at fault is seal 3: the line or its place is not what was sealed" in answer.err
    assert "PROBLEM  audit: seal 3" in home("check").out


def test_a_chain_cut_off_is_found_by_heads_kept_elsewhere(home: Installation, tmp_path: Path) -> None:
    in_loop(home, a_whole_person)
    home("audit", "head")
    elsewhere = tmp_path / "heads"
    (home.home / "audit-heads.jsonl").rename(elsewhere)
    edit(home, "DELETE FROM audit_seal WHERE seq > 5")
    edit(home, "DELETE FROM audit_event WHERE id > 5")
    assert home("audit", "verify").code == 0
    answer = home("audit", "verify", "--heads", str(elsewhere))
    assert (answer.code, "seal 6" in answer.err) == (1, True)
    assert home("audit", "verify", "--heads", str(tmp_path / "none")).code == 2


def test_a_person_is_exported_to_two_files_that_only_we_can_read(home: Installation, tmp_path: Path) -> None:
    case = in_loop(home, a_whole_person)
    out = tmp_path / "out"
    assert home("subject", "export", case.reference.lower(), "--out", str(out)).code == 0
    files = sorted(out.iterdir())
    assert [file.name for file in files] == [f"subject-{case.reference}.json", f"subject-{case.reference}.txt"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert json.loads(files[0].read_text())["person"][0]["school"] == "Potoroo Academy"
    again = home("subject", "export", case.reference, "--out", str(out))
    assert (again.code, "is there already" in again.err) == (2, True)


def test_an_export_that_cannot_be_written_is_said(home: Installation, tmp_path: Path) -> None:
    case = in_loop(home, a_whole_person)
    (tmp_path / "file").touch()
    answer = home("subject", "export", case.reference, "--out", str(tmp_path / "file"))
    assert (answer.code, "cannot be written" in answer.err) == (2, True)


def test_who_saw_a_person_is_told_line_by_line(home: Installation) -> None:
    case = in_loop(home, a_whole_person)
    lines = home("subject", "seen", case.reference).out.splitlines()
    assert lines[0].startswith("when (UTC)\twho")
    assert {line.count("\t") for line in lines} == {7}
    assert len(lines) > 10


def test_a_person_is_held_released_and_erased_for_good(home: Installation, tmp_path: Path) -> None:
    case = in_loop(home, a_whole_person)
    assert home("subject", "hold", case.reference).code == 0
    refused = home("subject", "erase", case.reference, "--yes")
    assert "a hold is set" in refused.err
    assert home("subject", "release", case.reference).code == 0
    unsure = home("subject", "erase", case.reference)
    assert (unsure.code, "Nothing was erased" in unsure.err) == (2, True)
    assert home("subject", "erase", case.reference, "--yes").code == 0
    for words in (["erase", "--yes"], ["hold"], ["export", "--out", str(tmp_path)]):
        answer = home("subject", words[0], case.reference, *words[1:])
        assert answer.code != 0
        assert "has been erased" in answer.err
    assert list(tmp_path.glob("subject-*")) == []
    assert home("subject", "seen", case.reference).code == 0
    assert home("audit", "verify").code == 0


@pytest.mark.parametrize("command", ["export", "seen", "hold", "release", "erase"])
def test_a_reference_there_is_not_is_said(home: Installation, tmp_path: Path, command: str) -> None:
    options = ["--out", str(tmp_path)] if command == "export" else []
    answer = home("subject", command, "KX4821TP", *options)
    assert (answer.code, "There is no case with this reference" in answer.err) == (2, True)


def test_nothing_is_erased_by_schedule_until_it_is_agreed(home: Installation) -> None:
    assert home("retention", "run", "--dry-run").out == "Due to be erased: nothing.\n"
    refused = home("retention", "run")
    assert (refused.code, "retention_agreed is not filled in" in refused.err) == (3, True)
    (home.home / "referrals.toml").write_text(AGREED)
    assert home("retention", "run").out == "Erased: nothing.\n"


def test_everything_is_held_and_let_go(home: Installation) -> None:
    assert "Nothing at all is erased" in home("retention", "hold", "on").out
    assert "applies again" in home("retention", "hold", "off").out
    assert home("retention", "hold", "maybe").code == 2


def test_check_tells_of_the_key_the_rules_and_the_mail(home: Installation) -> None:
    answer = home("check")
    assert answer.code == 0
    for told in (
        "nothing is sent or erased until [adopter] name",
        "no mail server is set",
        "readable by its owner alone",
    ):
        assert told in answer.out
    (home.home / "referrals.toml").write_text(AGREED)
    assert "all of [adopter] is filled in" in home("check").out


@pytest.mark.parametrize(("live", "ok"), [("no", True), ("yes", False)])
def test_rules_that_are_not_filled_in_are_a_problem_only_once_it_is_live(
    home: Installation, live: str, ok: bool
) -> None:
    found = checks.run(settings.read({"WAYMARK_HOME": str(home.home), "WAYMARK_LIVE": live}))
    assert [finding.ok for finding in found if finding.what == "rules"] == [ok]


def test_check_finds_a_key_that_others_can_read_and_one_that_is_gone(home: Installation) -> None:
    (home.home / "key").chmod(0o640)
    answer = home("check")
    assert (answer.code, "PROBLEM  key: Others can read" in answer.out) == (1, True)
    (home.home / "key").unlink()
    answer = home("check")
    assert (answer.code, "PROBLEM  key: There is no key file" in answer.out) == (1, True)


@pytest.mark.parametrize("rules", ["[adopter", "[adopter]\nnme = 'x'\n"])
def test_check_finds_rules_that_cannot_be_read(home: Installation, rules: str) -> None:
    (home.home / "referrals.toml").write_text(rules)
    answer = home("check")
    assert (answer.code, "PROBLEM  rules" in answer.out) == (1, True)


def test_check_finds_a_restored_backup_and_work_erases_again(home: Installation) -> None:
    case = in_loop(home, a_whole_person)
    erasing.note(home.home, case.subject_id, Time()(), erasing.ASKED)
    answer = home("check")
    assert (answer.code, "a backup brought back 1 people" in answer.out) == (1, True)
    assert "erased again" in home("work", "--once").out
    assert "1 people, all still erased" in home("check").out
