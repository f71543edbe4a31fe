"""Lets `waymark serve` do what waits when no worker runs beside it, so that a fresh clone's pages work by themselves.

The work is done in a process of its own (`waymark work --once`): pages stay quick while a source is read.
"""

import fcntl
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from directory.clock import Clock
from directory.database import Database
from directory.errors import NotReady
from directory.search import indexing
from ingest.means import Means
from ingest.schedule import Schedule

LOOK_S, IN_VAIN_S = 5.0, 60.0
"""Between two looks; and after one whose work could not be done, such as that of a source which is being run."""
FILE = "working.lock"
COMMAND = (sys.executable, "-m", "waymark", "work", "--once")


@contextmanager
def working(home: Path) -> Iterator[None]:
    """Says for the length of the block that a worker runs on this machine; there may be several."""
    with _locked(home, fcntl.LOCK_SH):
        yield


@contextmanager
def beside(database: Database, clock: Clock, home: Path) -> Iterator[None]:
    """For the length of the block, does what waits whenever no worker runs."""
    over = threading.Event()
    looking = threading.Thread(target=_look, args=(database, clock, home, over), daemon=True, name="beside")
    looking.start()
    try:
        yield
    finally:
        over.set()
        looking.join()


def is_alone(home: Path) -> bool:
    """Whether no worker runs on this machine."""
    with _locked(home, fcntl.LOCK_EX) as alone:
        return alone


def is_needed(database: Database, clock: Clock, home: Path) -> bool:
    """Whether something waits, and no worker runs that would do it."""
    if not is_alone(home):
        return False
    return Schedule(Means(database, clock, home)).waits() or indexing.lag(database, clock()).lines > 0


def _look(database: Database, clock: Clock, home: Path, over: threading.Event) -> None:
    wait = LOOK_S
    while not over.wait(wait):
        wait = LOOK_S
        with suppress(NotReady, DBAPIError):  # the record is away or busy: the next look finds it
            if is_needed(database, clock, home):
                _work(over)
                wait = IN_VAIN_S if is_needed(database, clock, home) else LOOK_S


def _work(over: threading.Event) -> None:
    """Runs one worker to its end, or to ours."""
    child = subprocess.Popen(COMMAND, stdin=subprocess.DEVNULL)
    while child.poll() is None:
        if over.wait(0.2):
            child.terminate()
            child.wait()


@contextmanager
def _locked(home: Path, how: int) -> Iterator[bool]:
    """Whether the lock could be had at once; the system gives it back when a process dies."""
    handle = os.open(home / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
