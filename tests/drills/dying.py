"""A worker in a process of its own that is really killed (SIGKILL) at the nth call of one function of ours."""

import importlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from multiprocessing import get_context
from typing import Any

import anyio
from sqlalchemy import select

from directory import database
from directory.accounts.tables import utc
from directory.mail import Smtp
from directory.referrals import actions, doors, erasing, link_codes, locators, sealing, sending, sweeps
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from directory.referrals.sending import Outgoing
from directory.referrals.tables import LinkCode, LinkSession, Locator, Referral, Subject
from directory.settings import Settings
from tests.directory.referrals.builders import WORKER, Doors, Time, a_policy
from tests.directory.referrals.mail_builders import PUBLIC, a_server

PROCESSES = get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.drills.dying"])


@dataclass(frozen=True, slots=True)
class Death:
    """Killed at the nth call of this function, before it or just after it."""

    function: str
    nth: int
    after: bool = False


@dataclass(frozen=True, slots=True)
class Shift:
    """What a worker is given: the installation, the moment it starts, the mail server, and its end (None: it lives)."""

    work: str
    chosen: Settings
    at: datetime
    port: int
    death: Death | None = None


def killed(shift: Shift) -> bool:
    """Works a shift in a process of its own; whether that was killed. Raises AssertionError when it failed."""
    process = PROCESSES.Process(target=begin, args=(shift,))
    process.start()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL), f"the worker ended with {process.exitcode}"
    return process.exitcode != 0


def begin(shift: Shift) -> None:
    """Works a shift to its end, or to one's own."""
    with at_work(shift.chosen, shift.at) as loop:
        if shift.death is not None:
            _arm(shift.death)
        WORKS[shift.work](loop, shift)


@contextmanager
def at_work(chosen: Settings, at: datetime) -> Iterator[Loop]:
    """Opens the installation as a worker that has just started does."""
    record = database.open_database(chosen)
    try:
        yield Loop(record, sealing.open_keys(chosen.home / "key"), a_policy(), Time(at), Doors())
    finally:
        record.close()


def _arm(death: Death) -> None:
    """Puts the end of this process into one of its functions."""
    module, _, name = death.function.rpartition(".")
    owner = importlib.import_module(f"directory.referrals.{module}")
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def dying(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == death.nth and not death.after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = real(*args, **named)
        if calls == death.nth:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, dying)


def send(loop: Loop, shift: Shift) -> None:
    """A worker's browser sends each form until it has an answer, always under the same key."""
    for own in _referrals(loop):
        actions.send(loop, Ask(WORKER, loop.clock(), f"send-{own}", 1), own)


def drain(loop: Loop, shift: Shift) -> None:
    outgoing = Outgoing(Smtp(a_server(shift.port), timeout_s=20), PUBLIC)
    while anyio.run(sending.drain, loop, outgoing).letters:
        continue


def sweep(loop: Loop, shift: Shift) -> None:
    sweeps.sweep(loop)


def erase(loop: Loop, shift: Shift) -> None:
    """As a round does: first what the ledger says, then whoever is due."""
    erasing.replay(loop, shift.chosen.home)
    with loop.database.reading() as session:
        due = session.scalars(select(Subject.id).where(Subject.wrapped_key.is_not(None)).order_by(Subject.id)).all()
    for own in due:
        erasing.erase(loop, Ask(WORKER, loop.clock()), own, shift.chosen.home, erasing.ASKED)


def knock(loop: Loop, shift: Shift) -> None:
    """Each provider that is not inside yet asks for a code, has it by mail, and types it: five at a time."""
    assert isinstance(loop.clock, Time)
    with loop.database.reading() as session:
        proved = select(LinkSession.locator_id).where(LinkSession.proved_at.is_not(None))
        outside = session.scalars(select(Locator).where(Locator.id.not_in(proved)).order_by(Locator.id)).all()
    for some in database.batches(enumerate(outside), 5):
        asked = []
        for number, locator in some:
            loop.clock.now = max(loop.clock.now, utc(locator.made_at)) + timedelta(seconds=2)
            token, address = locators.token(loop.keys, locator.id), f"10.{number // 250}.{number % 250}.1"
            asked.append((locator.id, token, doors.ask_for_code(loop, token, None, address), address))
        codes = [_newest_code(loop, locator_id) for locator_id, *_ in asked]
        drain(loop, shift)
        for (_, token, cookie, address), code in zip(asked, codes, strict=True):
            doors.enter(loop, token, cookie, code, "Mo Reid", address)


def _newest_code(loop: Loop, locator_id: str) -> str:
    """As its message says it; its message has not left yet."""
    own = select(LinkCode).where(LinkCode.locator_id == locator_id).order_by(LinkCode.id.desc()).limit(1)
    with loop.database.reading() as session:
        return link_codes.opened(loop, session.scalars(own).one())


def _referrals(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Referral.id).order_by(Referral.id)))


WORKS: Mapping[str, Callable[[Loop, Shift], None]] = {
    "send": send,
    "drain": drain,
    "sweep": sweep,
    "erase": erase,
    "knock": knock,
}
