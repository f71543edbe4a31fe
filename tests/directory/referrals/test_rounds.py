"""What the loop does by itself in one round: letters, timers, seals with their head, erasing again, retention."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory.mail import Files
from directory.referrals import audit_chain, erasing, notices
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.rounds import Rounds
from directory.referrals.sending import Outgoing
from directory.referrals.tables import AuditEvent, AuditSeal, Case, Referral, Subject
from tests.directory.referrals.builders import Time, a_case, a_loop, a_need, a_referral, with_policy
from tests.directory.referrals.case_builders import opened


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as loop:
        yield loop


def rounds(loop: Loop, home: Path) -> Rounds:
    return Rounds(loop, lambda: Outgoing(Files(home / "mail"), "https://spoc.example"), home)


def is_erased(loop: Loop, case_id: str) -> bool:
    with loop.database.reading() as session:
        return session.get_one(Subject, session.get_one(Case, case_id).subject_id).wrapped_key is None


def test_lines_are_sealed_and_the_head_is_kept(loop: Loop, tmp_path: Path) -> None:
    opened(loop)
    assert list(rounds(loop, tmp_path).look()) == []
    with loop.database.reading() as session:
        lines = session.scalars(select(func.count()).select_from(AuditEvent)).one()
        seals = session.scalars(select(func.count()).select_from(AuditSeal)).one()
    assert lines == seals > 0
    assert [head.seq for head in audit_chain.heads(tmp_path / audit_chain.HEADS)] == [seals]


def test_whom_a_backup_brought_back_is_erased_again_whatever_is_agreed(loop: Loop, clock: Time, tmp_path: Path) -> None:
    case_id = a_case(loop)
    undecided = with_policy(loop, retention_agreed=False)
    own = rounds(undecided, tmp_path)
    assert list(own.look()) == []
    with loop.database.reading() as session:
        subject_id = session.get_one(Case, case_id).subject_id
    erasing.note(tmp_path, subject_id, clock(), erasing.ASKED)
    clock.pass_(minutes=2)
    assert list(own.look()) == ["1 people were erased again: a backup had brought them back."]
    assert is_erased(loop, case_id)


@pytest.mark.parametrize("file", [erasing.LEDGER, audit_chain.HEADS])
def test_a_file_that_cannot_be_read_is_said_once_in_a_while_and_keeps_nothing_waiting(
    loop: Loop, tmp_path: Path, file: str
) -> None:
    opened(loop)
    (tmp_path / file).write_text("nonsense\n")
    said = list(rounds(loop, tmp_path).look())
    assert len(said) == 1
    assert file in said[0]
    assert list(rounds(loop, tmp_path).look()) == []


def test_retention_runs_once_a_day_when_it_is_agreed(loop: Loop, clock: Time, tmp_path: Path) -> None:
    case_id = a_case(loop)
    a_need(loop, case_id, state="met")
    clock.pass_(days=400)
    assert not any(rounds(with_policy(loop, retention_agreed=False), tmp_path).look())
    assert list(rounds(loop, tmp_path).look()) == ["Kept no longer: 1 people."]
    assert is_erased(loop, case_id)
    other = a_case(loop)
    a_need(loop, other, state="met")
    clock.pass_(hours=23)
    assert list(rounds(loop, tmp_path).look()) == []


def test_a_round_waits_for_letters_and_for_timers(loop: Loop, clock: Time, tmp_path: Path) -> None:
    own = rounds(loop, tmp_path)
    assert own.waits(), "no sweep was made yet"
    list(own.look())
    assert not own.waits()
    referral_id = a_referral(loop, State.SENT, urgency="now")
    with loop.database.session() as session:
        notices.queue(session, loop, "referral", clock(), referral=session.get_one(Referral, referral_id), urgent=True)
    assert own.waits()
    clock.pass_(minutes=2)
    assert own.waits()


def test_what_stands_above_the_loop_goes_round_with_it(loop: Loop, tmp_path: Path) -> None:
    own = replace(rounds(loop, tmp_path), also=(lambda _: iter(["A part said so."]),))
    assert list(own.look()) == ["A part said so."]
