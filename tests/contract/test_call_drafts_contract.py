"""A call's draft on every database: sealed under a key of its own, one worker's alone, gone when the call ends."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from directory.database import Database
from directory.errors import Conflict, NotFound
from directory.referrals import call_drafts, erasing, retention
from directory.referrals.call_tables import CallDraft
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Subject
from tests.directory.referrals.builders import SUPERVISOR, WORKER, Time, a_loop_over, ask
from tests.directory.referrals.case_builders import audited, opened

CALL = "c0000000-0000-4000-8000-000000000001"
SAID = {"text": "Quokka was hit in Methil", "listed": ["s1"]}


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(record: Database, tmp_path: Path, time: Time) -> Loop:
    return a_loop_over(record, tmp_path / "home", time)


def row(loop: Loop) -> CallDraft | None:
    with loop.database.reading() as session:
        return session.scalar(select(CallDraft).where(CallDraft.id == CALL))


def kept(loop: Loop, body: dict[str, Any] | None = None, turn: int | None = None) -> int:
    return call_drafts.save(loop, WORKER, CALL, body or SAID, turn)


def test_what_was_heard_is_read_again_and_stands_nowhere_in_clear(loop: Loop) -> None:
    kept(loop)
    assert call_drafts.read(loop, WORKER, CALL).body == SAID
    own = row(loop)
    assert own is not None
    assert own.body_sealed is not None
    assert b"Quokka" not in own.body_sealed
    assert [each.id for each in call_drafts.offered(loop, WORKER)] == [CALL]


def test_to_another_worker_there_is_no_such_call(loop: Loop) -> None:
    kept(loop)
    for do in (call_drafts.read, call_drafts.resume, call_drafts.discard):
        with pytest.raises(NotFound):
            do(loop, SUPERVISOR, CALL)
    with pytest.raises(NotFound):
        call_drafts.save(loop, SUPERVISOR, CALL, {"text": "theirs"})
    assert call_drafts.offered(loop, SUPERVISOR) == ()
    assert call_drafts.read(loop, WORKER, CALL).body == SAID


def test_a_save_that_comes_late_undoes_nothing(loop: Loop) -> None:
    kept(loop, turn=5)
    assert kept(loop, {"text": "older"}, turn=4) == 5
    assert call_drafts.read(loop, WORKER, CALL).body == SAID
    assert kept(loop, {"text": "newer"}) == 6
    assert call_drafts.read(loop, WORKER, CALL).body == {"text": "newer"}


def test_discarding_destroys_the_key_and_nothing_brings_the_call_back(loop: Loop) -> None:
    kept(loop)
    call_drafts.discard(loop, WORKER, CALL)
    call_drafts.discard(loop, WORKER, CALL)
    own = row(loop)
    assert own is not None
    assert (own.wrapped_key, own.body_sealed) == (None, None)
    with pytest.raises(NotFound):
        call_drafts.read(loop, WORKER, CALL)
    with pytest.raises(Conflict):
        kept(loop, {"text": "a page that was slow"}, turn=99)
    lines = [line.action for line in audited(loop) if line.object_type == "call"]
    assert lines == ["create", "erase"]


@pytest.mark.parametrize(("hours", "goes_on"), [(23, True), (24, False)])
def test_a_call_left_alone_for_a_day_is_offered_no_more_and_looking_deletes_nothing(
    loop: Loop, time: Time, hours: int, goes_on: bool
) -> None:
    kept(loop)
    time.now += timedelta(hours=hours)
    assert bool(call_drafts.offered(loop, WORKER)) is goes_on
    assert row(loop) is not None


def test_the_schedule_deletes_it_too(loop: Loop, time: Time, tmp_path: Path) -> None:
    kept(loop)
    time.now += timedelta(hours=25)
    assert retention.run(loop, tmp_path / "home").counts["calls left open"] == 1
    assert row(loop) is None


def test_a_call_about_somebody_who_is_held_stays(loop: Loop, time: Time, tmp_path: Path) -> None:
    case = opened(loop)
    with loop.database.session() as session:
        subject_id = session.get_one(Case, case["id"]).subject_id
        session.get_one(Subject, subject_id).held_at = time.now
    call_drafts.save(loop, WORKER, CALL, SAID, subject_id=subject_id)
    kept(loop)  # whose case it is stays as it was
    time.now += timedelta(hours=25)
    assert retention.run(loop, tmp_path / "home").counts["calls left open"] == 0
    assert row(loop) is not None


def test_erasing_a_person_empties_the_call_about_them(loop: Loop, tmp_path: Path) -> None:
    case = opened(loop)
    with loop.database.reading() as session:
        subject_id = session.get_one(Case, case["id"]).subject_id
    call_drafts.save(loop, WORKER, CALL, SAID, subject_id=subject_id)
    erasing.erase(loop, ask(loop), subject_id, tmp_path / "home", erasing.ASKED)
    with pytest.raises(NotFound):
        call_drafts.read(loop, WORKER, CALL)
