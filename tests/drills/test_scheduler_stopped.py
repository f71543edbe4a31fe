"""A scheduler that stood still over a bank holiday or a clock change: what is late is right whenever it is read, and
on its return each stage is chased once."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from directory.database import Database
from directory.referrals import sweeps, worklist
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Referral, Task
from directory.referrals.working_time import LOCAL
from directory.settings import Settings
from tests.directory.referrals.builders import SUPERVISOR, Time, a_loop_over, a_referral
from tests.drills.scale import count

READ_EVERY = timedelta(minutes=count(60, 5))
SWEPT_EVERY = timedelta(minutes=count(360, 20))
CHASERS = {"chaser_1", "chaser_2"}


@dataclass(frozen=True, slots=True)
class Sent:
    """A referral sent at a local moment, and when by the calendar each of its four steps is due."""

    at: str
    urgency: str
    due: tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Pause:
    """When the scheduler stood still, what was sent around it, and how many must be chased on its return."""

    stopped: str
    again: str
    sent: tuple[Sent, ...]
    chased: dict[str, int]


ST_ANDREWS_MONDAY = Pause(
    "2026-11-26 13:00",
    "2026-12-01 10:30",
    (
        Sent(
            "2026-11-26 09:10",
            "weeks",
            ("2026-12-01 09:10", "2026-12-04 09:10", "2026-12-09 09:10", "2026-12-11 09:10"),
        ),
        Sent(
            "2026-11-24 12:00",
            "weeks",
            ("2026-11-26 12:00", "2026-12-02 12:00", "2026-12-07 12:00", "2026-12-09 12:00"),
        ),
        Sent(
            "2026-11-27 15:00",
            "days",
            ("2026-12-01 11:00", "2026-12-01 15:00", "2026-12-02 11:00", "2026-12-02 15:00"),
        ),
        Sent(
            "2026-11-26 14:00",
            "days",
            ("2026-11-27 10:00", "2026-11-27 14:00", "2026-12-01 10:00", "2026-12-01 14:00"),
        ),
    ),
    {"chaser_1": 1, "chaser_2": 1},
)
"""The second one's chaser had gone before the stop. 30 November 2026 is a bank holiday in Scotland."""
CLOCKS_GO_BACK = Pause(
    "2026-10-22 11:30",
    "2026-10-26 10:00",
    (
        Sent(
            "2026-10-22 09:30",
            "weeks",
            ("2026-10-26 09:30", "2026-10-29 09:30", "2026-11-03 09:30", "2026-11-05 09:30"),
        ),
        Sent(
            "2026-10-20 12:00",
            "weeks",
            ("2026-10-22 12:00", "2026-10-27 12:00", "2026-10-30 12:00", "2026-11-03 12:00"),
        ),
        Sent(
            "2026-10-23 15:00",
            "days",
            ("2026-10-26 11:00", "2026-10-26 15:00", "2026-10-27 11:00", "2026-10-27 15:00"),
        ),
    ),
    {"chaser_1": 2},
)
CLOCKS_GO_FORWARD = Pause(
    "2026-03-26 11:30",
    "2026-03-30 10:00",
    (
        Sent(
            "2026-03-26 09:30",
            "weeks",
            ("2026-03-30 09:30", "2026-04-02 09:30", "2026-04-08 09:30", "2026-04-10 09:30"),
        ),
        Sent(
            "2026-03-24 12:00",
            "weeks",
            ("2026-03-26 12:00", "2026-03-31 12:00", "2026-04-06 12:00", "2026-04-08 12:00"),
        ),
        Sent(
            "2026-03-27 15:00",
            "days",
            ("2026-03-30 11:00", "2026-03-30 15:00", "2026-03-31 11:00", "2026-03-31 15:00"),
        ),
    ),
    {"chaser_1": 2},
)
"""Good Friday, 3 April, is a bank holiday; Easter Monday is none in Scotland."""
PAUSES = [
    pytest.param(ST_ANDREWS_MONDAY, id="bank holiday weekend"),
    pytest.param(CLOCKS_GO_BACK, id="clocks go back"),
    pytest.param(CLOCKS_GO_FORWARD, id="clocks go forward"),
]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL).astimezone(UTC)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(record: Database, chosen: Settings, time: Time) -> Loop:
    return a_loop_over(record, chosen.home, time)


def passing(time: Time, until: datetime, step: timedelta) -> Iterator[datetime]:
    """Every moment until then, the last one too."""
    while time.now < until:
        yield time.now
        time.now = min(time.now + step, until)
    yield until


def begun(loop: Loop, time: Time, pause: Pause) -> dict[str, Sent]:
    """Everything that was sent, with the scheduler at work until it stops; the clock stands at the stop after it."""
    made = {}
    for each in sorted(pause.sent, key=lambda each: each.at):
        time.now = local(each.at)
        made[a_referral(loop, State.SENT, urgency=each.urgency)] = each
    return made


def chasers(loop: Loop) -> Counter[tuple[str, str]]:
    with loop.database.reading() as session:
        found = session.execute(select(Notice.referral_id, Notice.template))
        return Counter((own, template) for own, template in found if template in CHASERS)


@pytest.mark.parametrize("pause", PAUSES)
def test_what_is_overdue_is_right_at_every_read(loop: Loop, time: Time, pause: Pause) -> None:
    made, reads = begun(loop, time, pause), 0
    time.now = local(pause.stopped) + timedelta(minutes=1)
    for now in passing(time, local(pause.again), READ_EVERY):
        with loop.database.reading() as session:
            found = worklist.lines(session, loop.policy, now, SUPERVISOR)
        lines = {line.referral_id: line for line in found if line.kind == "timer_answer"}
        for own, sent in made.items():
            due = [local(each) for each in sent.due]
            expected = max((each for each in due if each <= now), default=due[0])
            assert lines[own].due_at == expected, (now, sent)
            assert lines[own].is_overdue is (now > due[0])
            assert lines[own].over == now - expected
            reads += 1
    assert reads >= len(made) * 24 * 3


@pytest.mark.parametrize("pause", PAUSES)
def test_on_its_return_each_stage_is_chased_once_and_nothing_bursts(loop: Loop, time: Time, pause: Pause) -> None:
    waiting = sorted(pause.sent, key=lambda each: each.at)
    made: dict[str, Sent] = {}

    def send_until(moment: datetime) -> None:
        while waiting and local(waiting[0].at) <= moment:
            each = waiting.pop(0)
            time.now = local(each.at)
            made[a_referral(loop, State.SENT, urgency=each.urgency)] = each
        time.now = moment

    time.now = local(waiting[0].at)
    for now in passing(time, local(pause.stopped), SWEPT_EVERY):
        send_until(now)
        sweeps.sweep(loop)
    send_until(local(pause.again))  # workers went on while the scheduler stood still
    before = chasers(loop)
    for _ in range(5):
        sweeps.sweep(loop)
        time.pass_(minutes=2)
    new = chasers(loop) - before
    assert max(Counter(own for own, _ in new.elements()).values()) == 1
    assert Counter(template for _, template in new.elements()) == pause.chased
    for _ in passing(time, time.now + timedelta(days=16), SWEPT_EVERY):
        sweeps.sweep(loop)
    assert set(chasers(loop).values()) == {1}
    assert {own for own, _ in chasers(loop)} == set(made)
    with loop.database.reading() as session:
        assert set(session.scalars(select(Referral.state))) == {State.UNANSWERED}
        warned = Counter(session.scalars(select(Task.referral_id).where(Task.kind == "lapse_warning")))
    assert warned == dict.fromkeys(made, 1)
