"""Erasing a person: nothing of theirs can be read again, here or in a backup, and what is counted does not change."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import inspect, select

from directory import database, settings
from directory.errors import Conflict, NotReady, UnusableFile
from directory.referrals import audit_chain, cases, erasing, people, subject_reports, switches
from directory.referrals import tables as rows
from directory.referrals.lifecycle import LIVE, State
from directory.referrals.loop import Loop
from directory.referrals.sealing import Erased
from directory.referrals.tables import Case, Erasure, Referral, ReferralEvent, Subject
from directory.tables import Base
from tests.directory.referrals.builders import Time, a_case, a_loop, a_loop_over, ask, with_policy
from tests.directory.referrals.case_builders import audited
from tests.directory.referrals.subject_builders import a_whole_person

COUNTED = ("relation", "age_band", "council", "harms", "opened_at", "closed_at")
PERSONAL = tuple(
    mapper.class_
    for mapper in Base.registry.mappers
    if mapper.class_.__module__ == rows.__name__
    and mapper.class_ not in (rows.Mailbox, rows.LinkCode, rows.LinkSession)
    and any(column.key.endswith("_sealed") for column in mapper.columns)
)
"""Every table with something sealed under a person's key."""


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as loop:
        yield loop


def sealed_values(loop: Loop) -> Counter[str]:
    """How many sealed values each column of the record holds: "person.name_sealed"."""
    found: Counter[str] = Counter()
    with loop.database.reading() as session:
        for table in PERSONAL:
            names = [column.key for column in inspect(table).columns if column.key.endswith("_sealed")]
            for row in session.scalars(select(table)):
                found.update(f"{table.__tablename__}.{name}" for name in names if getattr(row, name) is not None)
    return found


def statistics(loop: Loop) -> list[tuple[Any, ...]]:
    with loop.database.reading() as session:
        found = [tuple(getattr(row, name) for name in COUNTED) for row in session.scalars(select(Case))]
        events = session.execute(select(ReferralEvent.event, ReferralEvent.details, ReferralEvent.at)).all()
        needs = session.execute(select(rows.Need.need, rows.Need.state)).all()
        states = session.execute(select(Referral.state, Referral.decline_reason)).all()
    return [*found, *map(tuple, events), *map(tuple, needs), *map(tuple, states)]


def erase(loop: Loop, subject_id: str, home: Path, reason: str = erasing.ASKED) -> None:
    erasing.erase(loop, ask(loop), subject_id, home, reason)


def test_whoever_is_erased_cannot_be_read_in_any_sealed_column(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    before = sealed_values(loop)
    assert {name.partition(".")[0] for name in before} == {table.__tablename__ for table in PERSONAL}
    erase(loop, case.subject_id, tmp_path)
    assert sealed_values(loop) == Counter()
    with loop.database.reading() as session:
        with pytest.raises(Erased):
            people.opened(session, loop, case.subject_id)
        assert session.get_one(Subject, case.subject_id).wrapped_key is None
    with pytest.raises(Erased):
        subject_reports.export(loop, ask(loop).who, case.reference)
    assert subject_reports.seen(loop, ask(loop).who, case.reference)


def test_the_key_is_in_no_file_of_the_record_any_more(loop: Loop, tmp_path: Path) -> None:
    case_id = a_case(loop)
    with loop.database.reading() as session:
        subject = session.get_one(Subject, session.get_one(Case, case_id).subject_id)
    key = subject.wrapped_key
    assert key is not None
    erasing.erase(loop, ask(loop), subject.id, tmp_path)
    files = [file for file in tmp_path.iterdir() if file.name.startswith("waymark.db")]
    assert not [file.name for file in files if key in file.read_bytes()]


def test_nobody_else_is_erased(loop: Loop, tmp_path: Path) -> None:
    case, other = a_whole_person(loop), a_whole_person(loop)
    both = sealed_values(loop)
    erase(loop, case.subject_id, tmp_path)
    assert sealed_values(loop) == Counter({name: count // 2 for name, count in both.items()})
    with loop.database.reading() as session:
        assert people.opened(session, loop, other.subject_id)["school"] == "Potoroo Academy"


def test_codes_and_days_stay_and_the_audit_verifies(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    audit_chain.seal_all(loop)
    before = statistics(loop)
    erase(loop, case.subject_id, tmp_path)
    audit_chain.seal_all(loop)
    assert statistics(loop) == before
    with loop.database.reading() as session:
        assert audit_chain.verify(session, loop.keys, loop.clock()).is_right
    line = audited(loop, "erase")[-1]
    assert (line.subject_id, line.purpose) == (case.subject_id, "asked")


def test_a_restored_backup_forgets_again(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    loop.database.close()
    backup = tmp_path / "backup"
    backup.mkdir()
    for file in tmp_path.glob("waymark.db*"):
        shutil.copy(file, backup)
    erase(loop, case.subject_id, tmp_path, erasing.SCHEDULE)

    restored = database.open_database(settings.read({"WAYMARK_HOME": str(backup)}))
    shutil.copy(tmp_path / "key", backup)
    again = a_loop_over(restored, backup, Time())
    with restored.reading() as session:
        assert people.opened(session, again, case.subject_id)["full_name"] == "Skye Wombat"
        assert list(erasing.returned(session, tmp_path)) == [case.subject_id]
    assert erasing.replay(again, tmp_path) == 1
    assert sealed_values(again) == Counter()
    assert erasing.replay(again, tmp_path) == 0
    with restored.reading() as session:
        assert session.scalars(select(Erasure)).one().reason == "schedule"
    restored.close()


def test_the_ledger_holds_pseudonyms_only(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    erase(loop, case.subject_id, tmp_path)
    line = json.loads((tmp_path / erasing.LEDGER).read_text())
    assert line == {"subject_id": case.subject_id, "at": loop.clock().isoformat(), "reason": "asked"}
    assert erasing.ledger(tmp_path) == [(case.subject_id, loop.clock(), "asked")]


@pytest.mark.parametrize("content", ["nonsense", '{"subject_id": "x"}', "[]", '{"subject_id": 1, "at": 2}'])
def test_what_is_no_ledger_is_refused_and_nothing_is_erased(loop: Loop, tmp_path: Path, content: str) -> None:
    case_id = a_case(loop)
    with loop.database.reading() as session:
        subject_id = session.get_one(Case, case_id).subject_id
    (tmp_path / erasing.LEDGER).write_text(content + "\n")
    before = sealed_values(loop)
    with pytest.raises(UnusableFile):
        erase(loop, subject_id, tmp_path)
    assert sealed_values(loop) == before


@pytest.mark.parametrize("state", sorted(LIVE))
def test_nobody_is_erased_whom_a_service_still_helps(loop: Loop, tmp_path: Path, state: State) -> None:
    case = a_whole_person(loop, state)
    before = sealed_values(loop)
    with pytest.raises(Conflict, match="still helping"):
        erase(loop, case.subject_id, tmp_path)
    assert sealed_values(loop) == before
    assert erasing.ledger(tmp_path) == []


def test_whoever_is_held_is_not_erased_until_released(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    erasing.hold(loop, ask(loop), case.subject_id, True)
    erasing.hold(loop, ask(loop), case.subject_id, True)
    with pytest.raises(Conflict, match="hold"):
        erase(loop, case.subject_id, tmp_path)
    erasing.hold(loop, ask(loop), case.subject_id, False)
    erase(loop, case.subject_id, tmp_path)
    assert [line.purpose for line in audited(loop, "hold")] == ["on", "off"]


def test_under_a_general_hold_nobody_is_erased(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    switches.turn(loop, ask(loop), switches.HOLD, True)
    with pytest.raises(Conflict, match="hold"):
        erase(loop, case.subject_id, tmp_path)


def test_nothing_is_erased_by_a_schedule_that_nobody_agreed(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    undecided = with_policy(loop, retention_agreed=False)
    with pytest.raises(NotReady, match="retention_agreed"):
        erase(undecided, case.subject_id, tmp_path, erasing.SCHEDULE)
    erase(undecided, case.subject_id, tmp_path)


def test_whoever_is_erased_is_neither_erased_nor_held_again(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    erase(loop, case.subject_id, tmp_path)
    with pytest.raises(Erased):
        erase(loop, case.subject_id, tmp_path)
    with pytest.raises(Erased):
        erasing.hold(loop, ask(loop), case.subject_id, True)
    assert len(erasing.ledger(tmp_path)) == 1


def test_a_ledger_line_without_its_erasure_is_made_good(loop: Loop, tmp_path: Path) -> None:
    """The process died between the two."""
    case = a_whole_person(loop)
    erasing.note(tmp_path, case.subject_id, loop.clock(), erasing.ASKED)
    assert erasing.replay(loop, tmp_path) == 1
    assert sealed_values(loop) == Counter()


def test_an_erased_case_takes_nothing_more(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    erase(loop, case.subject_id, tmp_path)
    with pytest.raises(Exception, match="erased"):
        cases.amend(loop, ask(loop), case.id, flags={"safety_flag": True})
