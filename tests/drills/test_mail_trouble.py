"""A mail server that is down, slow, refuses, or takes mail and sends it back: nothing is lost, each referral's messages
keep their order, and no provider is late with what it had not been given."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import anyio
import pytest
from sqlalchemy import select

from directory.accounts.tables import utc
from directory.database import Database
from directory.mail import Smtp
from directory.referrals import actions, failures, sending, timers, working_time
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.sending import Drained, Outgoing
from directory.referrals.tables import Mailbox, Notice, Referral, Task
from directory.settings import Settings
from tests.builders import NOON
from tests.directory.referrals.builders import WORKER, Time, a_loop_over
from tests.directory.referrals.mail_builders import PUBLIC, a_server, queued
from tests.directory.referrals.test_failures import a_report
from tests.drills import whole
from tests.drills.posting import Post
from tests.drills.scale import count, in_full

MANY = count(8, 300)
MESSAGES = ("referral", "question_answered", "link_again")
"""Of each referral, in this order."""
ROUNDS = count(4, 96)
"""In a day without a server."""
NO_SERVER = 9
"""The discard port: nobody listens there."""


@pytest.fixture
def loop(record: Database, chosen: Settings) -> Loop:
    """Every referral sent through the real action, with two more messages behind its first."""
    made = a_loop_over(record, chosen.home)
    for own in whole.many(made, MANY):
        actions.send(made, Ask(WORKER, NOON, f"send-{own}", 1), own)
        for template in MESSAGES[1:]:
            queued(made, own, template, urgent=True)
    return made


def passes(loop: Loop, **by: float) -> None:
    assert isinstance(loop.clock, Time)
    loop.clock.pass_(**by)


def drained(loop: Loop, port: int, timeout_s: float = 60.0) -> Drained:
    return anyio.run(sending.drain, loop, Outgoing(Smtp(a_server(port), timeout_s=timeout_s), PUBLIC))


def until_all_have_left(loop: Loop, post: Post, timeout_s: float = 60.0) -> None:
    """Round after round, at the moments when something is to be tried again."""
    for _ in range(400):
        drained(loop, post.port, timeout_s)
        if all(row.settled_at for row in whole.notices(loop)):
            return
        passes(loop, minutes=5, seconds=1)
    raise AssertionError("something never left")


def check_nothing_lost_and_order_kept(loop: Loop, post: Post, refused: int = 0) -> None:
    """Each message arrived once, or a worker was asked; those of one referral in the order they were queued."""
    rows = whole.notices(loop)
    assert len(rows) == MANY * len(MESSAGES)
    number = {f"<{row.message_id}@spoc.example>": row for row in rows}
    arrived = [number[own] for own in post.box.ids]
    assert len({row.id for row in arrived}) == len(arrived) == len(rows) - refused
    for own in {row.referral_id for row in rows}:
        mine = [row.id for row in arrived if row.referral_id == own]
        assert mine == sorted(mine)
    for row in rows:
        assert (row.handed_over_at is not None) is (row in arrived)
        assert row.settled_at is not None
    whole.check(loop)


def check_clocks(loop: Loop, handed_over_after: datetime) -> None:
    """Nobody's time for an answer ran before its message was handed over."""
    rows = {row.referral_id: row for row in whole.notices(loop, "referral")}
    with loop.database.reading() as session:
        clocks = [each for each in timers.clocks(session) if each.state is State.SENT]
    assert clocks
    for clock in clocks:
        handed_over = rows[clock.referral_id].handed_over_at
        if handed_over is None:
            assert timers.due(loop.policy, clock, loop.clock() + timedelta(days=90)) == ()
            continue
        assert clock.at == utc(handed_over) >= handed_over_after
        first = timers.due(loop.policy, clock, loop.clock())[0]
        assert first.at == working_time.after(loop.policy, clock.at, loop.policy.span("acknowledge", True))


def test_down_for_a_day(loop: Loop, post: Post) -> None:
    for _ in range(ROUNDS):
        assert "cannot be used" in drained(loop, NO_SERVER).trouble
        check_clocks(loop, NOON)
        passes(loop, hours=24 / ROUNDS)
    assert all(row.tries == 0 for row in whole.notices(loop))
    until_all_have_left(loop, post)
    check_nothing_lost_and_order_kept(loop, post)
    check_clocks(loop, NOON + timedelta(hours=24))


def test_slower_than_we_wait(loop: Loop, post: Post) -> None:
    """What it takes after we gave up arrives again under the same message id, so that nobody reads two letters."""
    post.box.delay_s = 2.0
    for _ in range(3):  # half a second is enough for a busy machine to be connected in, and never for the answer
        assert "broke off" in drained(loop, post.port, timeout_s=0.5).trouble
        passes(loop, seconds=1)
    post.box.delay_s = 0.0
    until_all_have_left(loop, post)
    rows = whole.notices(loop)
    times = Counter(post.box.ids)
    assert set(times) == {f"<{row.message_id}@spoc.example>" for row in rows}
    assert sum(times.values()) - len(times) <= 3
    assert all(row.handed_over_at for row in rows)
    check_clocks(loop, NOON)


def _mixed(seed: int, answers: list[str]) -> list[str]:
    """So many answers in an order of their own, a third of them trouble."""
    chance = random.Random(seed)  # an order, not a secret
    return [chance.choice([*answers, "250 OK", "250 OK"]) for _ in range(MANY)]


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(lambda box: box.data.extend(_mixed(3, ["421 closing", "cut", "451 later"])), id="of all sorts"),
        *in_full(
            pytest.param(lambda box: box.data.extend(_mixed(1, ["451 later"])), id="letters refused for now"),
            pytest.param(lambda box: box.rcpt.extend(_mixed(2, ["450 later"])), id="recipients refused for now"),
        ),
    ],
)
def test_refusing_for_now(loop: Loop, post: Post, trouble: Callable[[object], None]) -> None:
    trouble(post.box)
    until_all_have_left(loop, post)
    check_nothing_lost_and_order_kept(loop, post)
    check_clocks(loop, NOON)


def test_refusing_for_good_asks_a_worker_for_each(loop: Loop, post: Post) -> None:
    post.box.data.extend(["554 not wanted"] * (MANY // 4))
    until_all_have_left(loop, post)
    refused = [row for row in whole.notices(loop) if row.refused]
    assert len(refused) == MANY // 4
    check_nothing_lost_and_order_kept(loop, post, len(refused))
    check_clocks(loop, NOON)
    with loop.database.reading() as session:
        asked = set(session.scalars(select(Task.referral_id).where(Task.kind == "bounced")))
        assert {row.referral_id for row in refused} <= asked
        assert set(session.scalars(select(Referral.state))) == {State.SENT}, "a bounce closes no door"


def test_taken_and_sent_back(loop: Loop, post: Post) -> None:
    until_all_have_left(loop, post)
    back = whole.notices(loop, "referral")[: MANY // 2]
    passes(loop, hours=3)
    for row in back:
        for again in (1, 0):  # a report may come twice
            (own,) = failures.read_report(a_report(row.message_id))
            assert failures.bounced(loop, own, loop.clock()) == again
    check_nothing_lost_and_order_kept(loop, post)
    with loop.database.reading() as session:
        asked = Counter(session.scalars(select(Task.referral_id).where(Task.kind == "bounced")))
        marked = session.scalars(select(Mailbox.id).where(Mailbox.bounced_at.is_not(None))).all()
        lost = select(Notice.id).where(Notice.bounced_at.is_(None), Notice.refused != "")
        assert session.scalars(lost).all() == []
    assert asked == {row.referral_id: 1 for row in back}
    assert len(marked) == len(back)
