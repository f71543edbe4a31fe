"""One write for each key, whole or not at all, and never over what somebody else has changed."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict
from directory.referrals import codes, moves
from directory.referrals.lifecycle import Event, State
from directory.referrals.loop import Answer, Loop, new_reference
from directory.referrals.tables import AuditEvent, Idempotency, Task
from tests.directory.referrals.builders import PROVIDER, SUPERVISOR, WORKER, a_loop, a_referral, ask, referral


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path) as made:
        yield made


def count(loop: Loop, table: type[Task] | type[AuditEvent] | type[Idempotency]) -> int:
    with loop.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def a_task(loop: Loop, key: str = "k", body: str = "one") -> Answer:
    def add(session: Session) -> Answer:
        session.add(Task(kind="hand_in", made_at=loop.clock(), due_at=loop.clock(), object_id=body))
        return {"said": body}

    return loop.once(ask(loop, key=key), "add", {"body": body}, add)


def test_the_same_key_is_answered_and_not_done_again(loop: Loop) -> None:
    assert [a_task(loop) for _ in range(100)] == [{"said": "one"}] * 100
    assert count(loop, Task) == 1


def test_the_same_key_with_another_body_is_refused(loop: Loop) -> None:
    a_task(loop)
    with pytest.raises(BadInput, match="something else"):
        a_task(loop, body="two")
    assert count(loop, Task) == 1


def test_a_write_that_fails_leaves_nothing_and_its_key_free(loop: Loop) -> None:
    def fails(session: Session) -> Answer:
        session.add(Task(kind="hand_in", made_at=loop.clock(), due_at=loop.clock()))
        raise Conflict("no")

    with pytest.raises(Conflict):
        loop.once(ask(loop, key="k"), "add", {"body": "one"}, fails)
    assert (count(loop, Task), count(loop, Idempotency)) == (0, 0)
    a_task(loop)
    assert count(loop, Task) == 1


def test_many_at_once_with_one_key_are_one_write(loop: Loop) -> None:
    start, said = Barrier(8), []

    def press() -> None:
        start.wait()
        said.append(a_task(loop))

    threads = [Thread(target=press) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert said == [{"said": "one"}] * 8
    assert count(loop, Task) == 1


def test_a_move_writes_state_version_event_and_audit_together(loop: Loop) -> None:
    own = a_referral(loop, State.SENT)
    with loop.database.session() as session:
        line = moves.advance(session, moves.held(session, own), Event.OPEN, ask(loop, PROVIDER, version=1))
        assert (line.state_from, line.state_to, line.seq) == ("sent", "received", 2)
    assert (referral(loop, own).state, referral(loop, own).version) == ("received", 2)
    with loop.database.reading() as session:
        assert moves.replayed(moves.events(session, own)) is State.RECEIVED
        noted = session.scalars(select(AuditEvent)).one()
    assert (noted.action, noted.purpose, noted.state_to, noted.actor_kind) == ("move", "open", "received", "provider")


def test_a_stale_version_is_told_how_it_stands_now(loop: Loop) -> None:
    own = a_referral(loop, State.SENT, version=3)
    with pytest.raises(Conflict, match=r"it is sent.*by a worker"), loop.database.session() as session:
        moves.advance(session, moves.held(session, own), Event.OPEN, ask(loop, PROVIDER, version=2))
    assert referral(loop, own).version == 3


def test_a_choice_that_the_table_does_not_give_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="choice"):
        moves.target(Event.DISPOSE, State.DECLINED, None)
    with pytest.raises(ValueError, match="does not lead"):
        moves.target(Event.OPEN, State.SENT, State.CLOSED)


def test_references_are_said_easily_and_hardly_ever_meet() -> None:
    made = {new_reference() for _ in range(2000)}
    assert len(made) > 1990
    assert not set("IOS") & {letter for one in made for letter in one}


@pytest.mark.parametrize("name", ["decline", "engagement", "service", "need_result", "withdraw", "task", "agency"])
def test_every_code_has_a_label(name: str) -> None:
    assert all(code.label for code in codes.codes(name).values())


def test_a_code_from_nowhere_is_refused() -> None:
    with pytest.raises(BadInput, match="list"):
        codes.check("decline", "D99")
    with pytest.raises(KeyError):
        codes.codes("no such list")


@pytest.mark.parametrize(
    ("age", "band"), [(0, "under_12"), (11, "under_12"), (12, "12_15"), (16, "16_17"), (18, "18_25"), (26, "26_over")]
)
def test_ages_are_told_as_bands(age: int, band: str) -> None:
    assert codes.age_band(age) == band
    assert band in codes.codes("age_band")


def test_who_acts_is_kept_apart(loop: Loop) -> None:
    assert len({WORKER.id, SUPERVISOR.id, PROVIDER.id}) == 3
