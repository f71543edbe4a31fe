"""Consequences on every database: a word on room, gaps counted at once by many, the week's batch."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory.database import Database
from directory.matching.tables import Gap
from directory.next_doors import NextDoors
from directory.referrals import capacity_words, learning, outcomes, provider_actions
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Task
from directory.search import fold
from directory.tables import CapacityWord, ServiceEvidence
from tests.builders import FIFE, NOON
from tests.directory.referrals.builders import SERVICE, Time, a_loop_over, a_provider, a_referral, ask, referral
from tests.directory.referrals.test_outcomes import GOOD, over

WRITERS = 4


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(record: Database, tmp_path: Path, clock: Time) -> Loop:
    return a_loop_over(record, tmp_path, clock)


def test_a_no_for_want_of_room_is_kept_in_the_same_transaction_and_settled(loop: Loop, clock: Time) -> None:
    own = a_referral(loop, State.RECEIVED)
    provider_actions.decline(loop, ask(loop, a_provider(loop, own)), own, "D1", True)
    assert referral(loop, own).state == State.DECLINED
    with loop.database.reading() as session:
        found = fold.document(session, SERVICE)
        assert found is not None
        assert found.capacity.state == "full"
    clock.pass_(days=29)
    learning.learn(loop)
    with loop.database.reading() as session:
        assert session.scalar(select(CapacityWord)) is None


def test_words_said_at_once_leave_one(loop: Loop) -> None:
    start = threading.Barrier(WRITERS)

    def say() -> None:
        start.wait()
        with loop.database.session() as session:
            capacity_words.say(session, SERVICE, "full", NOON)

    at_once(say)
    with loop.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CapacityWord)) == 1


def test_gaps_counted_at_once_add_up(loop: Loop) -> None:
    doors, start = NextDoors(None), threading.Barrier(WRITERS)  # type: ignore[arg-type]  # asks the matcher nothing

    def count() -> None:
        start.wait()
        with loop.database.session() as session:
            doors.missing(session, FIFE, "counselling", NOON)

    at_once(count)
    with loop.database.reading() as session:
        assert session.scalar(select(Gap.count)) == WRITERS


def test_the_weeks_batch_is_done_once(loop: Loop, clock: Time) -> None:
    over(loop, 8, *GOOD)
    assert outcomes.count(loop, clock.now).written == 1
    assert outcomes.count(loop, clock.now) == outcomes.Counted()
    with loop.database.reading() as session:
        kept = session.get_one(ServiceEvidence, SERVICE)
        assert (kept.referrals, kept.outcomes) == (8, 1.0)
    outcomes.count(loop, clock.now + timedelta(days=731))
    with loop.database.reading() as session:
        assert session.get(ServiceEvidence, SERVICE) is None
        assert not session.scalars(select(Task).where(Task.kind == "outlier")).all()


def at_once(does: Callable[[], None]) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        for each in [pool.submit(does) for _ in range(WRITERS)]:
            each.result()
