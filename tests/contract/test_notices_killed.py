"""kill -9 at each step of a round of mail, on every database: nothing is lost, and a double has the same message id."""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest

from directory.database import Database
from directory.mail import Smtp
from directory.referrals import claiming, sending
from directory.referrals.loop import Loop
from directory.referrals.sending import Outgoing
from directory.settings import Settings
from tests.directory.mail_server import Box, mail_server
from tests.directory.referrals.builders import Time, a_loop_over
from tests.directory.referrals.mail_builders import PUBLIC, a_sent, a_server, notice, queued

MESSAGES = 6
DIES = """
import sys, time
from pathlib import Path
import anyio
from directory import database, settings
from directory.mail import Smtp
from directory.referrals import claiming, sealing, sending
from directory.referrals.loop import Loop
from directory.referrals.sending import Outgoing
from tests.directory.referrals.builders import Doors, Time, a_policy
from tests.directory.referrals.mail_builders import PUBLIC, a_server

step, port, keys, after = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])

def dies(module, name, before):
    real, calls = getattr(module, name), []
    def wrapped(*args):
        calls.append(1)
        last = len(calls) == after
        if last and before:
            here()
        answer = real(*args)
        if last:
            here()
        return answer
    setattr(module, name, wrapped)

def here():
    print("at", step, flush=True)
    time.sleep(600)

module, name, before = {
    "claimed": (claiming, "claim", False),
    "prepared": (sending, "prepare", False),
    "handed over": (sending, "handed_over", True),
    "marked": (sending, "handed_over", False),
}[step]
dies(module, name, before)
clock = Time()
clock.now = clock.now.replace(day=24, hour=11)
record = database.open_database(settings.read())
loop = Loop(record, sealing.open_keys(keys), a_policy(), clock, Doors())
anyio.run(sending.drain, loop, Outgoing(Smtp(a_server(port)), PUBLIC))
"""


@pytest.fixture
def time() -> Time:
    clock = Time()
    clock.now = clock.now.replace(day=24, hour=11)
    return clock


@pytest.fixture
def loop(record: Database, tmp_path: Path, time: Time) -> Loop:
    return a_loop_over(record, tmp_path / "keys", time)


@pytest.mark.parametrize(
    ("step", "doubles"),
    [
        pytest.param("claimed", 0, id="claimed"),
        pytest.param("prepared", 0, id="about to be handed over"),
        pytest.param("handed over", 1, id="handed over and not marked yet"),
        pytest.param("marked", 0, id="marked"),
    ],
)
def test_a_worker_killed_at_any_step_loses_no_message(
    loop: Loop, chosen: Settings, time: Time, tmp_path: Path, step: str, doubles: int
) -> None:
    own = a_sent(loop)
    waiting = [queued(loop, own), queued(loop, own, "question_answered")]
    waiting += [queued(loop, a_sent(loop)) for _ in range(MESSAGES - 2)]
    box = Box()
    environment = {**os.environ, "WAYMARK_HOME": str(chosen.home), "WAYMARK_DATABASE_URL": chosen.database_url}

    async def killed_then_drained() -> None:
        async with mail_server(box) as port:
            words = (step, str(port), str(tmp_path / "keys" / "key"), "3")
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", DIES, *words, env=environment, stdout=asyncio.subprocess.PIPE
            )
            assert child.stdout
            assert await child.stdout.readline() == f"at {step}\n".encode()
            child.send_signal(signal.SIGKILL)
            await child.communicate()
            time.now += claiming.LEASE
            done = await sending.drain(loop, Outgoing(Smtp(a_server(port)), PUBLIC))
            assert done.trouble == ""

    asyncio.run(killed_then_drained())
    counted = Counter(box.ids)
    assert len(counted) == MESSAGES
    assert sum(counted.values()) - MESSAGES == doubles
    assert all(notice(loop, each).handed_over_at is not None for each in waiting)
    order = [notice(loop, each).message_id for each in waiting[:2]]
    firsts = [own_id.strip("<>").partition("@")[0] for own_id in box.ids]
    assert firsts.index(order[0]) < firsts.index(order[1])
