"""Messages leave once, whichever database holds them and however many workers drain: SQLite and PostgreSQL alike."""

import asyncio
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import anyio
import pytest

from directory.database import Database
from directory.mail import Letter, Smtp
from directory.referrals import claiming, locators, notices, sending, switches
from directory.referrals.loop import Loop, new_reference
from directory.referrals.sending import Drained, Outgoing
from directory.referrals.tables import Referral
from tests.directory.mail_server import Box, mail_server
from tests.directory.referrals.builders import WORKER, Time, a_loop_over, a_mailbox, ask
from tests.directory.referrals.mail_builders import PUBLIC, a_sent, a_server, notice, queued

WORKERS = 8
SAME = (
    "case_id", "need_id", "subject_id", "service_id", "service_name", "state", "urgency", "agreement_id", "made_at",
    "made_by", "worker", "stage_at",
)  # fmt: skip


@pytest.fixture
def time() -> Time:
    clock = Time()
    clock.now = clock.now.replace(day=24, hour=11)
    return clock


@pytest.fixture
def loop(record: Database, tmp_path: Path, time: Time) -> Loop:
    return a_loop_over(record, tmp_path / "keys", time)


class Counting:
    """A postman who notes what he is handed."""

    leaves = True

    def __init__(self, dies: bool = False) -> None:
        self.handed: list[Letter] = []
        self._dies, self._lock = dies, threading.Lock()

    async def hand_over(self, letter: Letter) -> None:
        with self._lock:
            self.handed.append(letter)
        if self._dies:
            raise KeyboardInterrupt  # the process ends right after the server took it

    async def close(self) -> None:
        """Nothing is open."""


def drained(loop: Loop, postman: Counting) -> Drained:
    return anyio.run(sending.drain, loop, Outgoing(postman, PUBLIC))


def side_by_side(loop: Loop, postman: Counting) -> list[Drained]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return list(pool.map(lambda _: drained(loop, postman), range(WORKERS)))


def test_many_workers_hand_every_message_over_once(loop: Loop) -> None:
    mailboxes = [a_mailbox(loop, address=f"in{number}@harbour.example") for number in range(8)]
    for number in range(24):
        queued(loop, a_sent(loop, mailbox_id=mailboxes[number % 8]))
    postman = Counting()
    done = side_by_side(loop, postman)
    assert sum(one.letters for one in done) == 24
    assert set(Counter(letter.message_id for letter in postman.handed).values()) == {1}


def test_many_workers_form_one_digest(loop: Loop, time: Time) -> None:
    mailbox = a_mailbox(loop)
    for _ in range(12):
        queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox))
    time.now = time.now.replace(day=25, hour=10)
    postman = Counting()
    side_by_side(loop, postman)
    assert len(postman.handed) == 1
    assert postman.handed[0].body.count("/r/") == 12


def test_a_thousand_messages_in_a_minute_are_one_digest_a_provider(loop: Loop, time: Time) -> None:
    boxes = [a_mailbox(loop, address=f"in{number}@p.example") for number in range(4)]
    first = a_sent(loop, "weeks", mailbox_id=boxes[0])
    with loop.database.session() as session:
        pattern = session.get_one(Referral, first)
        same = {name: getattr(pattern, name) for name in SAME}
        for number in range(1_000):
            where = {"mailbox_id": boxes[number % 4], "organization": f"Provider {number % 4}"}
            own = Referral(id=str(uuid4()), reference=new_reference(), **(same | where))
            session.add(own)
            session.flush()
            locators.issue(session, loop, own, WORKER, time.now)
            notices.queue(session, loop, "referral", time.pass_(milliseconds=50), referral=own)
    time.now = time.now.replace(day=25, hour=10, minute=0, second=0)
    postman = Counting()
    done = drained(loop, postman)
    assert (done.letters, done.messages, done.refused) == (4, 1_000, 0)
    assert [letter.body.count("/r/") for letter in postman.handed] == [250] * 4
    assert drained(loop, Counting()).letters == 0


def test_a_worker_that_dies_after_the_hand_over_leaves_one_double_under_the_same_id(loop: Loop, time: Time) -> None:
    waiting = queued(loop, a_sent(loop))
    dying = Counting(dies=True)
    with pytest.raises(KeyboardInterrupt):
        drained(loop, dying)
    assert notice(loop, waiting).handed_over_at is None
    after = Counting()
    assert drained(loop, after).letters == 0  # its claim still holds
    time.pass_(minutes=6)
    assert drained(loop, after).letters == 1
    assert [letter.message_id for letter in dying.handed] == [letter.message_id for letter in after.handed]


def test_a_claim_that_is_lost_is_taken_by_the_next(loop: Loop, time: Time) -> None:
    waiting = queued(loop, a_sent(loop))
    first = claiming.claim(loop, time.now)
    assert first is not None
    assert first.ids == (waiting,)
    assert claiming.claim(loop, time.now) is None
    time.pass_(minutes=6)
    assert claiming.claim(loop, time.now) == first


def test_the_order_of_one_referral_holds_between_workers(loop: Loop) -> None:
    for _ in range(4):
        own = a_sent(loop)
        queued(loop, own)
        queued(loop, own, "question_answered")
    postman = Counting()
    for _ in range(3):
        side_by_side(loop, postman)
    subjects = [letter.subject for letter in postman.handed]
    assert len(subjects) == 8
    for subject in subjects:
        if subject.endswith("your question"):
            assert subjects.index(subject.rpartition(":")[0]) < subjects.index(subject)


def test_nobody_claims_while_mail_is_stopped(loop: Loop, time: Time) -> None:
    queued(loop, a_sent(loop))
    switches.turn(loop, ask(loop), switches.MAIL_STOPPED, True)
    assert claiming.claim(loop, time.now) is None


def test_a_real_server_that_fails_now_and_then_loses_nothing(loop: Loop, time: Time) -> None:
    for number in range(12):
        queued(loop, a_sent(loop, mailbox_id=a_mailbox(loop, address=f"in{number % 3}@p.example")))
    box = Box(data=["250 OK", "451 later", "drop", "250 OK", "cut", "421 closing"], rcpt=["250 OK", "450 later"])

    async def rounds() -> None:
        async with mail_server(box) as port:
            for _ in range(10):
                await sending.drain(loop, Outgoing(Smtp(a_server(port), timeout_s=60.0), PUBLIC))
                time.pass_(minutes=2)

    asyncio.run(rounds())
    taken = Counter(box.ids)
    assert len(taken) == 12
    assert set(taken.values()) == {1}
