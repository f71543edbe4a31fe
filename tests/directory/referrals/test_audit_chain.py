"""The audit's chain: whoever edits it is found out, whatever way they choose, and the first seal at fault is named."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from directory.errors import UnusableFile
from directory.referrals import audit, audit_anchor, audit_chain, sealing
from directory.referrals.audit_chain import Head, Verified
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, AuditSeal
from tests.directory.referrals.builders import WORKER, Time, a_loop

LINES = 12


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as loop:
        yield loop


def lines(loop: Loop, many: int = LINES) -> None:
    with loop.database.session() as session:
        for number in range(many):
            fields = ("name", "address")
            audit.note(session, WORKER, loop.clock(), "view", "case", f"case {number}", fields=fields)


def sealed(loop: Loop, many: int = LINES) -> Head:
    lines(loop, many)
    audit_chain.seal_all(loop)
    with loop.database.reading() as session:
        head = audit_chain.head(session, loop.clock())
    assert head is not None
    return head


def verified(loop: Loop, *known: Head) -> Verified:
    with loop.database.reading() as session:
        return audit_chain.verify(session, loop.keys, loop.clock(), known)


def edited(loop: Loop, edit: Callable[[Session], object]) -> None:
    with loop.database.session() as session:
        edit(session)


def flip(session: Session) -> None:
    session.execute(update(AuditEvent).where(AuditEvent.id == 5).values(result="deny"))


def spoil_the_moment(session: Session) -> None:
    session.execute(text("UPDATE audit_event SET at = 'some day' WHERE id = 5"))


def spoil_a_type(session: Session) -> None:
    session.execute(text("UPDATE audit_event SET result = x'00' WHERE id = 5"))


def remove(session: Session) -> None:
    session.execute(delete(AuditEvent).where(AuditEvent.id == 5))


def remove_with_its_seal(session: Session) -> None:
    remove(session)
    session.execute(delete(AuditSeal).where(AuditSeal.seq == 5))


def close_up(session: Session) -> None:
    """Take a line out with its seal and renumber what follows."""
    remove_with_its_seal(session)
    session.execute(text("UPDATE audit_seal SET seq = -seq WHERE seq > 5"))
    session.execute(text("UPDATE audit_seal SET seq = -seq - 1 WHERE seq < 0"))


def put_in(session: Session) -> None:
    """Make room for another seal and fill it with a line of one's own."""
    session.execute(text("UPDATE audit_seal SET seq = -seq WHERE seq > 4"))
    session.execute(text("UPDATE audit_seal SET seq = -seq + 1 WHERE seq < 0"))
    audit.note(session, WORKER, Time()(), "view", "case", "case x")
    session.flush()
    newest = session.scalars(select(func.max(AuditEvent.id))).one()
    copied = session.get_one(AuditSeal, 4)
    same = {"mac": copied.mac, "key_id": copied.key_id, "sealed_at": copied.sealed_at}
    session.add(AuditSeal(seq=5, audit_event_id=newest, **same))


def swap_lines(session: Session) -> None:
    """Let two lines change places; their seals stay."""
    session.execute(text("UPDATE audit_event SET id = -5 WHERE id = 5"))
    session.execute(text("UPDATE audit_event SET id = 5 WHERE id = 7"))
    session.execute(text("UPDATE audit_event SET id = 7 WHERE id = -5"))


def swap_seals(session: Session) -> None:
    session.execute(text("UPDATE audit_seal SET seq = -5 WHERE seq = 5"))
    session.execute(text("UPDATE audit_seal SET seq = 5 WHERE seq = 7"))
    session.execute(text("UPDATE audit_seal SET seq = 7 WHERE seq = -5"))


def another_key(session: Session) -> None:
    session.execute(update(AuditSeal).where(AuditSeal.seq == 5).values(key_id="k2"))


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        pytest.param(flip, "not what was sealed", id="a value flipped"),
        pytest.param(spoil_the_moment, "not what was sealed", id="a moment that is none"),
        pytest.param(spoil_a_type, "not what was sealed", id="a value of another type"),
        pytest.param(remove, "is gone", id="a line deleted"),
        pytest.param(remove_with_its_seal, "a seal is missing", id="a line deleted with its seal"),
        pytest.param(close_up, "not what was sealed", id="a line deleted and the rest renumbered"),
        pytest.param(put_in, "not what was sealed", id="a line put in"),
        pytest.param(swap_lines, "not what was sealed", id="two lines reordered"),
        pytest.param(swap_seals, "not what was sealed", id="two seals reordered"),
        pytest.param(another_key, "a key that is not ours", id="sealed under another key"),
    ],
)
def test_an_edit_is_found_and_the_first_seal_at_fault_is_named(
    loop: Loop, edit: Callable[[Session], object], why: str
) -> None:
    sealed(loop)
    assert verified(loop) == Verified(LINES, 0)
    edited(loop, edit)
    found = verified(loop)
    assert (found.is_right, found.sealed, found.bad_seq) == (False, 4, 5)
    assert why in found.why


def test_a_last_line_spoilt_together_with_its_seal_is_found(loop: Loop) -> None:
    sealed(loop)
    edited(loop, lambda session: session.execute(text("UPDATE audit_event SET result = x'00' WHERE id = 12")))
    edited(loop, lambda session: session.execute(text("UPDATE audit_seal SET mac = '' WHERE seq = 12")))
    assert verified(loop).bad_seq == LINES


def test_a_chain_cut_off_at_its_end_is_found_by_the_head_that_was_exported(loop: Loop) -> None:
    head = sealed(loop)

    def cut(session: Session) -> None:
        session.execute(delete(AuditSeal).where(AuditSeal.seq > 9))
        session.execute(delete(AuditEvent).where(AuditEvent.id > 9))

    edited(loop, cut)
    assert verified(loop).is_right, "without a head nothing tells"
    assert verified(loop, head).bad_seq == 10
    sealed(loop, 5)
    found = verified(loop, head)
    assert (found.bad_seq, found.why) == (LINES, "it is not the head that was exported")


def test_an_old_line_and_seal_put_back_into_a_newer_chain_are_found(loop: Loop) -> None:
    """Both are ours and right by themselves; what follows was sealed over another."""
    sealed(loop)
    line = "SELECT * FROM audit_event WHERE id = 9"
    seal = "SELECT * FROM audit_seal WHERE seq = 9"
    with loop.database.reading() as session:
        old = [tuple(session.connection().exec_driver_sql(query).one()) for query in (line, seal)]

    def cut(session: Session) -> None:
        session.execute(delete(AuditSeal).where(AuditSeal.seq > 8))
        session.execute(delete(AuditEvent).where(AuditEvent.id > 8))

    edited(loop, cut)
    sealed(loop, 4)
    assert verified(loop) == Verified(LINES, 0)
    with loop.database.session() as session:
        for table, key, row in zip(("audit_event", "audit_seal"), ("id", "seq"), old, strict=True):
            session.execute(text(f"DELETE FROM {table} WHERE {key} = 9"))
            places = ", ".join("?" * len(row))
            session.connection().exec_driver_sql(f"INSERT INTO {table} VALUES ({places})", row)
    assert verified(loop).bad_seq == 10


def test_a_chain_under_a_swapped_key_is_found(loop: Loop) -> None:
    sealed(loop)
    other = sealing.Keys("k1", {"k1": base64.b64decode("x" * 44)[:32]})
    with loop.database.reading() as session:
        assert audit_chain.verify(session, other, loop.clock()).bad_seq == 1


def test_a_key_added_to_the_file_seals_from_then_on(loop: Loop) -> None:
    sealed(loop)
    rolled = replace(loop, keys=sealing.Keys("k2", {**loop.keys.masters, "k2": b"2" * 32}))
    sealed(rolled, 3)
    assert verified(rolled) == Verified(LINES + 3, 0)


def test_a_line_put_in_behind_what_was_sealed_is_never_sealed_and_is_found(loop: Loop, clock: Time) -> None:
    sealed(loop)
    clock.pass_(hours=2)
    sealed(loop, 3)
    edited(loop, lambda session: audit.note(session, WORKER, Time()(), "view", "case", "case x"))
    edited(loop, lambda session: session.execute(text("UPDATE audit_event SET id = 0 WHERE object_id = 'case x'")))
    assert audit_chain.seal_all(loop) == 0
    found = verified(loop)
    assert (found.bad_seq, found.unsealed) == (1, 1)
    assert "never sealed" in found.why


def test_a_line_that_was_committed_late_is_sealed_after_its_rivals(loop: Loop, clock: Time) -> None:
    lines(loop, 3)
    edited(loop, lambda session: session.execute(text("UPDATE audit_event SET id = id + 10 WHERE id > 1")))
    audit_chain.seal_all(loop)
    clock.pass_(minutes=5)
    lines(loop, 1)
    edited(loop, lambda session: session.execute(text("UPDATE audit_event SET id = 5 WHERE id > 13")))
    assert audit_chain.seal_all(loop) == 1
    assert verified(loop) == Verified(4, 0)


def test_lines_wait_for_their_seal_without_harm(loop: Loop) -> None:
    sealed(loop)
    lines(loop, 2)
    assert verified(loop) == Verified(LINES, 2)


def test_nothing_sealed_has_no_head_and_nothing_wrong(loop: Loop) -> None:
    with loop.database.reading() as session:
        assert audit_chain.head(session, loop.clock()) is None
    assert verified(loop) == Verified(0, 0)


def test_a_head_is_exported_once_a_day(loop: Loop, clock: Time, tmp_path: Path) -> None:
    assert audit_chain.export_head(loop, tmp_path) is None
    first = sealed(loop)
    assert audit_chain.export_head(loop, tmp_path) == first
    sealed(loop)
    assert audit_chain.export_head(loop, tmp_path) is None
    clock.pass_(days=1)
    audit_chain.export_head(loop, tmp_path)
    known = audit_chain.heads(tmp_path / audit_chain.HEADS)
    assert [head.seq for head in known] == [LINES, 2 * LINES]
    assert verified(loop, *known).is_right


@pytest.mark.parametrize("content", ["nonsense", '{"seq": 1}', '{"seq": "x", "mac": "y", "at": "z"}', "[1]"])
def test_what_is_no_file_of_heads_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "heads").write_text(content)
    with pytest.raises(UnusableFile):
        audit_chain.heads(tmp_path / "heads")


def let_go(loop: Loop, days: int) -> int:
    with loop.database.session() as session:
        before = loop.clock() - timedelta(days=days)
        said = audit_anchor.count(session, before)
        done = audit_anchor.let_go(session, loop.keys, before, loop.clock())
        assert said == done
    audit_chain.seal_all(loop)
    return done


def test_a_chain_whose_old_lines_the_schedule_let_go_verifies_from_there(loop: Loop, clock: Time) -> None:
    sealed(loop)
    clock.pass_(days=400)
    head = sealed(loop, 4)
    assert let_go(loop, 365) == LINES
    assert verified(loop, head) == Verified(5, 0)
    clock.pass_(days=400)
    sealed(loop, 2)
    assert let_go(loop, 365) == 5
    assert verified(loop, head) == Verified(3, 0)


def test_the_newest_seal_stays(loop: Loop, clock: Time) -> None:
    sealed(loop)
    clock.pass_(days=400)
    assert let_go(loop, 365) == LINES - 1
    assert verified(loop).is_right
    assert let_go(loop, 3650) == 0


def test_a_beginning_that_was_cut_off_by_hand_is_found(loop: Loop, clock: Time) -> None:
    """Even by somebody who writes an anchor of their own, for they have not the key."""
    sealed(loop)

    def cut(session: Session) -> None:
        last = session.get_one(AuditSeal, 6)
        audit.note(
            session, WORKER, loop.clock(), "erase", "audit_event", "6", fields=(last.mac, "k1", "0" * 64)
        )  # fmt: skip
        session.execute(delete(AuditSeal).where(AuditSeal.seq <= 6))
        session.execute(delete(AuditEvent).where(AuditEvent.id <= 6))

    edited(loop, cut)
    audit_chain.seal_all(loop)
    assert verified(loop).bad_seq == 1


def test_the_file_of_heads_holds_nothing_but_heads(loop: Loop, tmp_path: Path) -> None:
    sealed(loop)
    audit_chain.export_head(loop, tmp_path)
    line = json.loads((tmp_path / audit_chain.HEADS).read_text())
    assert set(line) == {"seq", "mac", "at"}
