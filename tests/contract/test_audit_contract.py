"""The audit's chain, erasing and retention on every database: SQLite and PostgreSQL alike."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from directory.database import Database
from directory.errors import Conflict
from directory.referrals import audit, audit_chain, erasing, people, retention, subject_reports
from directory.referrals.loop import Loop
from directory.referrals.sealing import Erased
from directory.referrals.tables import AuditEvent, AuditSeal, Referral, ReferralEvent
from tests.directory.referrals.builders import WORKER, Time, a_case, a_loop_over, a_need, a_referral, ask
from tests.directory.referrals.case_builders import audited
from tests.directory.referrals.subject_builders import OWN, THEIRS, a_whole_person

WRITERS, EACH = 6, 40


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(record: Database, tmp_path: Path, clock: Time) -> Loop:
    return a_loop_over(record, tmp_path / "keys", clock)


def lines(loop: Loop, many: int) -> None:
    for number in range(many):
        with loop.database.session() as session:
            audit.note(session, WORKER, loop.clock(), "view", "case", f"case {number}", fields=("name",))


def verified(loop: Loop) -> audit_chain.Verified:
    with loop.database.reading() as session:
        return audit_chain.verify(session, loop.keys, loop.clock())


def test_sealing_beside_writers_and_another_sealer_seals_every_line_once(loop: Loop) -> None:
    over = threading.Event()

    def seal_on() -> int:
        done = 0
        while not over.is_set():
            done += audit_chain.seal(loop, 7)
        return done

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        sealers = [pool.submit(seal_on) for _ in range(2)]
        try:
            list(pool.map(lambda _: lines(loop, EACH), range(WRITERS)))
        finally:
            over.set()
        done = sum(sealer.result() for sealer in sealers)
    done += audit_chain.seal_all(loop)
    assert done == WRITERS * EACH
    assert verified(loop) == audit_chain.Verified(WRITERS * EACH, 0)


def flip(session: Session) -> None:
    session.execute(update(AuditEvent).where(AuditEvent.id == _of(session, 5)).values(result="deny"))


def later(session: Session) -> None:
    moved = AuditEvent.id == _of(session, 5)
    session.execute(update(AuditEvent).where(moved).values(at=Time()() + timedelta(microseconds=1)))


def remove(session: Session) -> None:
    session.execute(delete(AuditEvent).where(AuditEvent.id == _of(session, 5)))


def reorder(session: Session) -> None:
    session.execute(text("UPDATE audit_seal SET seq = -5 WHERE seq = 5"))
    session.execute(text("UPDATE audit_seal SET seq = 5 WHERE seq = 7"))
    session.execute(text("UPDATE audit_seal SET seq = 7 WHERE seq = -5"))


def _of(session: Session, seq: int) -> int:
    return session.get_one(AuditSeal, seq).audit_event_id


@pytest.mark.parametrize("edit", [flip, later, remove, reorder])
def test_an_edit_is_found_at_its_place(loop: Loop, edit: Callable[[Session], None]) -> None:
    lines(loop, 12)
    audit_chain.seal_all(loop)
    assert verified(loop).is_right
    with loop.database.session() as session:
        edit(session)
    assert verified(loop).bad_seq == 5


def test_a_person_is_exported_erased_and_gone(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)
    told = subject_reports.export(loop, WORKER, case.reference)
    assert [words for words in OWN if words not in told.words] == []
    assert [words for words in THEIRS if words in told.as_json] == []
    erasing.erase(loop, ask(loop), case.subject_id, tmp_path, erasing.ASKED)
    with pytest.raises(Erased), loop.database.reading() as session:
        people.opened(session, loop, case.subject_id)
    with pytest.raises(Erased):
        subject_reports.export(loop, WORKER, case.reference)
    assert erasing.replay(loop, tmp_path) == 0
    audit_chain.seal_all(loop)
    assert verified(loop).is_right


def test_two_who_erase_one_person_do_it_once(loop: Loop, tmp_path: Path) -> None:
    case = a_whole_person(loop)

    def erase(_: int) -> bool:
        try:
            erasing.erase(loop, ask(loop), case.subject_id, tmp_path, erasing.ASKED)
        except (Conflict, Erased):
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(erase, range(4))) == [False, False, False, True]
    assert len(audited(loop, "erase")) == 1


def test_a_dry_run_counts_what_a_run_erases(loop: Loop, clock: Time, tmp_path: Path) -> None:
    a_referral(loop)
    case_id = a_case(loop)
    a_need(loop, case_id, state="met")
    lines(loop, 3)
    audit_chain.seal_all(loop)
    clock.pass_(days=2600)
    lines(loop, 2)
    audit_chain.seal_all(loop)
    counted = retention.run(loop, tmp_path, dry=True)
    assert {name for name, count in counted.counts.items() if count} == {"idle drafts", "people", "audit lines"}
    assert retention.run(loop, tmp_path) == counted
    with loop.database.reading() as session:
        assert session.scalars(select(func.count()).select_from(Referral)).one() == 0
        assert session.scalars(select(func.count()).select_from(ReferralEvent)).one() == 0
    audit_chain.seal_all(loop)
    assert verified(loop).is_right
