"""Silence never closes a door: chasers within their budget, a warning with next doors, then back to the worker."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.referrals import sweeps, worklist
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Need, Notice, Referral, SweepRun, Task
from directory.referrals.worklist import Line
from tests.directory.referrals.builders import (
    SUPERVISOR,
    WORKER,
    Doors,
    Time,
    a_case,
    a_loop,
    a_need,
    a_referral,
    referral,
)

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def time() -> Time:
    return Time(MONDAY)


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time, Doors()) as made:
        yield made


def notices(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Notice.template).order_by(Notice.id)))


def open_tasks(loop: Loop) -> set[str]:
    with loop.database.reading() as session:
        return set(session.scalars(select(Task.kind).where(Task.done_at.is_(None))))


def days_later(time: Time, days: float) -> None:
    time.now = MONDAY + timedelta(days=days)


def lines(loop: Loop, worker: str = "", who: Who = SUPERVISOR) -> dict[str, Line]:
    with loop.database.reading() as session:
        whose = {worker} if worker else ()
        return {line.kind: line for line in worklist.lines(session, loop.policy, loop.clock(), who, whose)}


def test_nothing_is_done_before_its_time(loop: Loop, time: Time) -> None:
    a_referral(loop, State.SENT)
    days_later(time, 1.9)
    assert not sweeps.sweep(loop)
    assert notices(loop) == []


def test_silence_goes_step_by_step_to_its_worker(loop: Loop, time: Time) -> None:
    """Two working days: a chaser. Five: the second contact and a call. Eight: next doors. Ten: unanswered."""
    own = a_referral(loop, State.SENT)
    days_later(time, 2.1)
    sweeps.sweep(loop)
    assert notices(loop) == ["chaser_1"]
    days_later(time, 8.1)  # St Andrew's Day does not count
    sweeps.sweep(loop)
    assert notices(loop) == ["chaser_1", "chaser_2"]
    assert "phone_second" in open_tasks(loop)
    days_later(time, 11.1)
    sweeps.sweep(loop)
    assert "lapse_warning" in open_tasks(loop)
    assert [door["name"] for door in referral(loop, own).alternatives] == ["Second Door", "Third Door"]
    days_later(time, 15.2)
    sweeps.sweep(loop)
    assert referral(loop, own).state == State.UNANSWERED
    assert "unanswered" in open_tasks(loop)
    assert len(notices(loop)) <= 3


def test_after_a_pause_of_the_scheduler_there_is_one_chaser_and_no_burst(loop: Loop, time: Time) -> None:
    own = a_referral(loop, State.SENT)
    days_later(time, 30)
    for _ in range(3):
        sweeps.sweep(loop)
        time.pass_(minutes=2)
    assert notices(loop) == ["chaser_2"]
    assert referral(loop, own).state == State.SENT, "its worker has not been warned for two working days"
    days_later(time, 37)  # two working days on: Christmas and a weekend lie between
    sweeps.sweep(loop)
    assert referral(loop, own).state == State.UNANSWERED


def test_what_is_urgent_goes_faster(loop: Loop, time: Time) -> None:
    own = a_referral(loop, State.SENT, urgency="days")
    time.pass_(hours=4, minutes=1)
    sweeps.sweep(loop)
    assert notices(loop) == ["chaser_1"]
    days_later(time, 2.1)
    sweeps.sweep(loop)
    assert "lapse_warning" in open_tasks(loop)
    time.pass_(hours=5)
    sweeps.sweep(loop)
    assert referral(loop, own).state == State.UNANSWERED


@pytest.mark.parametrize(
    "state", [pytest.param(each, id=each) for each in (State.INFO_REQUESTED, State.PAUSED, State.DECLINED)]
)
def test_what_is_ours_to_do_never_lapses(loop: Loop, time: Time, state: State) -> None:
    own = a_referral(loop, state)
    days_later(time, 100)
    sweeps.sweep(loop)
    assert referral(loop, own).state == state
    assert notices(loop) == []


def test_help_that_is_going_on_is_asked_about_and_never_lapses(loop: Loop, time: Time) -> None:
    own = a_referral(loop, State.IN_SERVICE)
    for day in (30, 50, 70, 90):
        days_later(time, day)
        sweeps.sweep(loop)
    assert referral(loop, own).state == State.IN_SERVICE
    assert notices(loop) == ["chaser_1", "chaser_2"]
    assert "no_update" in open_tasks(loop)


def test_one_sweep_at_a_time_and_not_every_second(loop: Loop, time: Time) -> None:
    a_referral(loop, State.SENT)
    days_later(time, 3)
    with sweeps.claimed(loop, "timers", sweeps.EVERY) as ours:
        assert ours
        assert not sweeps.sweep(loop)
    assert not sweeps.sweep(loop), "it was done this minute"
    time.pass_(minutes=2)
    assert sweeps.sweep(loop).chasers == 1


def test_a_sweeper_that_died_is_not_waited_for_for_ever(loop: Loop, time: Time) -> None:
    with loop.database.session() as session:
        session.add(SweepRun(name="timers", claimed_by="gone", claimed_until=time.now + sweeps.CLAIM))
    assert not sweeps.is_due(loop) or not sweeps.sweep(loop)
    a_referral(loop, State.SENT)
    days_later(time, 3)
    assert sweeps.sweep(loop).chasers == 1


def test_the_list_says_how_late_everything_is_whatever_the_sweeps_did(loop: Loop, time: Time) -> None:
    a_referral(loop, State.SENT)
    days_later(time, 2)
    assert lines(loop)["timer_answer"].over == timedelta(0)
    days_later(time, 3)
    assert lines(loop)["timer_answer"].is_overdue
    assert notices(loop) == []


def test_a_need_that_nobody_looks_after_is_listed_the_same_day(loop: Loop) -> None:
    a_need(loop, a_case(loop))
    assert "need_adrift" in lines(loop)


def test_a_need_that_rests_comes_back_on_its_day(loop: Loop, time: Time) -> None:
    case = a_case(loop)
    need = a_need(loop, case, state="resting")
    with loop.database.session() as session:
        session.get_one(Need, need).review_on = (MONDAY + timedelta(days=7)).date()
    assert not lines(loop)["need_review"].is_overdue
    days_later(time, 8)
    assert lines(loop)["need_review"].is_overdue


def test_each_worker_sees_their_own_and_what_is_nobodys(loop: Loop, time: Time) -> None:
    a_referral(loop, State.DECLINED)
    assert "timer_dispose" in lines(loop, WORKER.id)
    assert lines(loop, "somebody-else") == {}
    with loop.database.session() as session:
        session.scalars(select(Referral)).one().worker = session.scalars(select(Case)).one().lead_worker = ""
    assert "timer_dispose" in lines(loop, "somebody-else")


def test_an_answer_between_look_and_act_is_kept(loop: Loop, time: Time) -> None:
    """The sweep looks again inside its transaction."""
    own = a_referral(loop, State.SENT)
    days_later(time, 30)
    sweeps.sweep(loop)
    days_later(time, 33)
    with loop.database.session() as session:
        session.get_one(Referral, own).state = State.ACCEPTED.value
    sweeps.sweep(loop)
    assert referral(loop, own).state == State.ACCEPTED


def test_of_a_restricted_case_others_see_nothing(loop: Loop) -> None:
    a_need(loop, a_case(loop, restricted=True))
    other = Who(Actor.WORKER, "somebody-else", frozenset({"worker"}))
    assert "need_adrift" in lines(loop)
    assert lines(loop, who=other) == {}
