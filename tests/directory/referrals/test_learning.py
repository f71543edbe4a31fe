"""What the sweeps teach the directory besides: each part in its own rhythm, and nothing twice."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.referrals import capacity_words, learning, sweeps
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import SweepRun, Task
from directory.tables import CapacityWord, Service
from tests.directory.referrals.builders import SERVICE, Time, a_loop, a_referral


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as opened:
        yield opened


def kinds(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Task.kind)))


def test_a_sweep_takes_away_what_expired_tells_of_what_vanished_and_counts(loop: Loop, clock: Time) -> None:
    a_referral(loop, State.INFO_REQUESTED)
    with loop.database.session() as session:
        capacity_words.say(session, SERVICE, "full", clock.now - timedelta(days=90))
        row = session.get_one(Service, SERVICE)
        row.listing, row.unlisted_at = "unlisted", clock.now
    sweeps.sweep(loop)
    assert "listing_gone" in kinds(loop)
    with loop.database.reading() as session:
        assert session.scalar(select(CapacityWord)) is None
        assert {"learning", "outcomes"} <= set(session.scalars(select(SweepRun.name)))


def test_within_the_hour_nothing_is_looked_at_again(loop: Loop, clock: Time) -> None:
    learning.learn(loop)
    with loop.database.session() as session:
        capacity_words.say(session, SERVICE, "full", clock.now - timedelta(days=90))
    for minutes, left in ((59, 1), (1, 0)):
        clock.pass_(minutes=minutes)
        learning.learn(loop)
        with loop.database.reading() as session:
            assert len(session.scalars(select(CapacityWord)).all()) == left
