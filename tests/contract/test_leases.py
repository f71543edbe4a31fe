"""One run a source at a time on every database, in many threads and in another process."""

import os
import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from directory import records
from directory.database import Database
from directory.errors import Conflict
from directory.feeds.tables import SourceClaim
from directory.settings import Settings
from ingest import lease
from ingest.lease import Busy
from tests.builders import NOON

WORKERS = 6
HOLDS = """
from directory import database, settings
from ingest import lease
from tests.builders import NOON
with lease.held(database.open_database(settings.read()), "facts", lambda: NOON):
    print("held", flush=True)
    input()
"""


def noon() -> object:
    return NOON


@pytest.fixture
def record(record: Database) -> Database:
    with record.session() as session:
        records.ensure_source(session, records.SourceInfo("facts", "Facts", "Waymark", "Facts", "Waymark"))
    return record


def claims(record: Database) -> int:
    with record.reading() as session:
        return session.scalar(select(func.count()).select_from(SourceClaim)) or 0


def test_of_many_workers_one_has_the_source(record: Database) -> None:
    start, tried = threading.Barrier(WORKERS), threading.Barrier(WORKERS)
    got: list[str] = []

    def work() -> None:
        start.wait()
        try:
            with lease.held(record, "facts", lambda: NOON):
                got.append("held")
                tried.wait(timeout=60)
        except Busy:
            got.append("busy")
            tried.wait(timeout=60)

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(got) == ["busy"] * (WORKERS - 1) + ["held"]
    assert claims(record) == 0


def test_another_process_has_it(chosen: Settings, record: Database) -> None:
    environment = {**os.environ, "WAYMARK_HOME": str(chosen.home), "WAYMARK_DATABASE_URL": chosen.database_url}
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDS], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    assert child.stdin
    with child.stdout as said, child.stdin as go_on:
        assert said.readline() == "held\n"
        with pytest.raises(Busy), lease.held(record, "facts", lambda: NOON):
            pass
        with record.reading() as session:
            assert lease.is_running(session, "facts", NOON)
        go_on.write("\n")
    child.wait()
    with lease.held(record, "facts", lambda: NOON):
        assert claims(record) == 1


def test_a_claim_ends_by_itself(record: Database) -> None:
    late = NOON + lease.LENGTH + timedelta(seconds=1)
    with lease.held(record, "facts", lambda: NOON) as slow:
        with record.reading() as session:
            assert not lease.is_running(session, "facts", late)
        with lease.held(record, "facts", lambda: late), record.session() as session, pytest.raises(Conflict):
            slow.confirm(session, late)
    assert claims(record) == 0


def test_a_beat_makes_it_last(record: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.01)
    late = NOON + lease.LENGTH + timedelta(seconds=1)
    times = iter([NOON])
    beaten = threading.Event()

    def clock() -> object:
        now = next(times, late)
        if now == late:
            beaten.set()
        return now

    with lease.held(record, "facts", clock):  # type: ignore[arg-type]  # a clock of the test's own
        assert beaten.wait(60)
        for _ in range(200):
            with record.reading() as session:
                if lease.is_running(session, "facts", late):
                    break
            threading.Event().wait(0.05)
        with pytest.raises(Busy), lease.held(record, "facts", lambda: late):
            pass


def test_many_claim_while_another_writes(record: Database) -> None:
    """A run in its one transaction keeps its claim, and those who ask for the source are told so or wait."""
    with lease.held(record, "facts", lambda: NOON) as ours, record.session() as session:
        ours.confirm(session, NOON)
        said: list[object] = []

        def ask() -> None:
            try:
                with lease.held(record, "facts", lambda: NOON + lease.LENGTH * 2):
                    said.append("held")
            except Busy:
                said.append("busy")

        asking = threading.Thread(target=ask)
        asking.start()
        if record.engine.dialect.name == "sqlite":  # it waits for the record, and finds that the claim has ended
            asking.join(timeout=0.2)
            assert said == []
            session.commit()
        asking.join(timeout=60)
        assert said == (["held"] if record.engine.dialect.name == "sqlite" else ["busy"])
