"""Carries out what time has made due, by one process at a time, so that silence never closes a door.

After a pause of the scheduler it sends one chaser a stage, the latest that is due, and no burst. Nothing lapses before
a worker has been warned for two working days (urgent: four working hours). What is due is worked out by `timers`.
"""

import logging
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import count_changed
from directory.errors import WaymarkError
from directory.referrals import (
    alternatives,
    learning,
    locators,
    moves,
    notices,
    system_actions,
    tasks,
    timers,
    working_time,
)
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.loop import Loop
from directory.referrals.policy import Span
from directory.referrals.tables import Notice, Referral, SweepRun, Task
from directory.referrals.timers import Clock, Does, Due

LOG = logging.getLogger("waymark.referrals")
CLAIM = timedelta(minutes=5)
EVERY = timedelta(minutes=1)
WARNED_FOR = {False: Span(days=2), True: Span(hours=4)}
"""How long a worker has, once warned, before a referral lapses; by whether it is urgent."""
CHASERS = {Does.CHASER_1: "chaser_1", Does.CHASER_2: "chaser_2"}


@dataclass(slots=True)
class Swept:
    """What one sweep did."""

    chasers: int = 0
    warnings: int = 0
    lapsed: int = 0
    tasks: int = 0

    def __str__(self) -> str:
        return f"{self.chasers} chasers, {self.warnings} warnings, {self.lapsed} lapsed, {self.tasks} tasks"

    def __bool__(self) -> bool:
        return any((self.chasers, self.warnings, self.lapsed, self.tasks))


def sweep(loop: Loop) -> Swept:
    """Does what is due now; nothing while another process does. Each referral is a transaction of its own."""
    done = Swept()
    with claimed(loop, "timers", EVERY) as ours:
        if not ours:
            return done
        now = loop.clock()
        with loop.database.reading() as session:
            waiting = [each for each in timers.clocks(session) if due_now(loop, each, now) is not None]
        for each in waiting:
            try:
                _carry_out(loop, each.referral_id, done)
            except WaymarkError as error:  # it has moved on, or cannot be done yet: the next sweep looks again
                LOG.info("referral %s was not swept: %s", each.referral_id, type(error).__name__)
        learning.learn(loop)
    return done


def is_due(loop: Loop) -> bool:
    """Whether a sweep would be carried out now."""
    with loop.database.reading() as session:
        row = session.get(SweepRun, "timers")
        return row is None or row.done_at is None or utc(row.done_at) + EVERY <= loop.clock()


def due_now(loop: Loop, clock: Clock, now: datetime) -> Due | None:
    """The latest step that is due; the ones before it are spent with it."""
    passed = [each for each in timers.due(loop.policy, clock, now) if each.at <= now]
    return passed[-1] if passed else None


def _carry_out(loop: Loop, referral_id: str, done: Swept) -> None:
    """Looks again inside the transaction, for the provider may have answered meanwhile."""
    now = loop.clock()
    with loop.database.session() as session:
        referral = moves.held(session, referral_id)
        found = timers.clocks(session, [referral_id])
        step = due_now(loop, found[0], now) if found else None
        if step is None:
            return
        _warn(session, loop, referral, found[0], step, done, now)
        does = step.step.does
        if does in CHASERS or does in (Does.WARN, Does.LAPSE, Does.ASK_WORKER):
            _chase(session, loop, referral, found[0], does, done, now)
        lapses = does is Does.LAPSE and _may_lapse(session, loop, referral, found[0], now)
    if does in (Does.WARN, Does.LAPSE) and not lapses:
        _refresh(loop, referral_id, now)
    if lapses:
        system_actions.time_out(loop, Ask(SYSTEM, now, version=None), referral_id)
        done.lapsed += 1


def _warn(
    session: Session, loop: Loop, referral: Referral, clock: Clock, step: Due, done: Swept, now: datetime
) -> None:
    """The task that this step gives a worker, once for each run of the clock."""
    kind = {
        Does.CHASER_2: "phone_second",
        Does.WARN: "lapse_warning",
        Does.LAPSE: "lapse_warning",
        Does.ASK_WORKER: "no_update",
    }.get(step.step.does)
    if kind is None or _warned_at(session, referral.id, kind, clock.key) is not None:
        return
    due_at = working_time.after(loop.policy, now, loop.policy.span("dispose", clock.urgent))
    tasks.settle(session, referral.id, (kind,), SYSTEM.id, now)  # one of an earlier run says nothing of this one
    tasks.add(session, kind, due_at, now, referral=referral, details={"stage": clock.key})
    done.tasks += 1
    done.warnings += kind == "lapse_warning"


def _chase(
    session: Session, loop: Loop, referral: Referral, clock: Clock, does: Does, done: Swept, now: datetime
) -> None:
    """One message to the provider, if the stage's budget and its order allow: never an earlier chaser after a later."""
    template = CHASERS.get(does, "chaser_2")
    sent = set(session.scalars(select(Notice.template).where(_of_run(referral.id, clock))))
    many = session.scalar(select(func.count()).select_from(Notice).where(_of_run(referral.id, clock))) or 0
    spent = template in sent or "chaser_2" in sent or many >= loop.policy.number("sending", "chasers")
    if spent or not referral.mailbox_id:
        return
    second = template == "chaser_2"
    if locators.live(session, referral.id, now, to_second=second) is None:
        locators.issue(session, loop, referral, SYSTEM, now, to_second=second)
    notices.queue(session, loop, template, now, referral=referral, to_second=second, stage=clock.key)
    done.chasers += 1


def _of_run(referral_id: str, clock: Clock) -> ColumnElement[bool]:
    return (Notice.referral_id == referral_id) & (Notice.stage == clock.key)


def _may_lapse(session: Session, loop: Loop, referral: Referral, clock: Clock, now: datetime) -> bool:
    """Whether its worker has been warned for long enough."""
    warned = _warned_at(session, referral.id, "lapse_warning", clock.key)
    return warned is not None and working_time.after(loop.policy, warned, WARNED_FOR[clock.urgent]) <= now


def _warned_at(session: Session, referral_id: str, kind: str, key: str) -> datetime | None:
    for task in session.scalars(select(Task).where(Task.referral_id == referral_id, Task.kind == kind)):
        if task.details.get("stage") == key:
            return utc(task.made_at)
    return None


def _refresh(loop: Loop, referral_id: str, now: datetime) -> None:
    try:
        alternatives.keep(loop, referral_id, now)
    except WaymarkError:  # the engine is away: those kept at the sending stand
        LOG.info("alternatives of referral %s were not refreshed", referral_id)


@contextmanager
def claimed(loop: Loop, name: str, every: timedelta) -> Iterator[bool]:
    """Whether this work is ours to do now: nobody does it, and the last time is long enough ago.

    The claim ends by itself when its holder dies; the time is noted when the block ends without an error.
    """
    holder = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
    if not _taken(loop, name, holder, every):
        yield False
        return
    try:
        yield True
    except BaseException:
        _let_go(loop, name, holder, None)
        raise
    _let_go(loop, name, holder, loop.clock())


def _taken(loop: Loop, name: str, holder: str, every: timedelta) -> bool:
    now = loop.clock()
    try:
        with loop.database.session() as session:
            row = session.scalar(select(SweepRun).where(SweepRun.name == name).with_for_update())
            if row is None:
                session.execute(
                    insert(SweepRun).values(name=name, claimed_by=holder, claimed_until=now + CLAIM, done_at=None)
                )
                return True
            busy = row.claimed_until is not None and utc(row.claimed_until) > now
            early = row.done_at is not None and utc(row.done_at) + every > now
            if busy or early:
                return False
            row.claimed_by, row.claimed_until = holder, now + CLAIM
            return True
    except IntegrityError:  # another process made the row at the same moment
        return False


def _let_go(loop: Loop, name: str, holder: str, done_at: datetime | None) -> None:
    own = update(SweepRun).where(SweepRun.name == name, SweepRun.claimed_by == holder)
    kept = {"claimed_until": None} | ({"done_at": done_at} if done_at else {})
    with loop.database.session() as session:
        count_changed(session, own.values(**kept))
