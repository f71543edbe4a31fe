"""kill -9 at each step of a run, on every database: nothing is half, and the next run repairs what is left."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory.database import Database
from directory.feeds import runs
from directory.feeds.runs import State
from directory.settings import Settings
from directory.tables import Outbox, Revision, Service
from ingest import lease, pipeline
from ingest.lease import Busy
from ingest.means import Means
from tests.builders import NOON
from tests.ingest.lists import schools

SCHOOLS = 40

DIES = """
import sys, time
from pathlib import Path
from directory import database, records, settings
from ingest import lease, pipeline, running, settling
from ingest.means import Means
from tests.builders import NOON

step, file = sys.argv[1:]
records.BATCH = 7  # parts of a run reach the database before it is whole

def here(*_):
    print("at", step, flush=True)
    time.sleep(600)

if step == "staged":
    settling.Settling.settle = here
elif step == "writing":
    take, taken = records.Writer.take, []
    def counted(self, new):
        taken.append(new.id)
        return here() if len(taken) == 30 else take(self, new)
    records.Writer.take = counted
elif step == "written":
    settling.Settling._keep = here
elif step == "committed":
    settling.Settling.settle = lambda self, staged, settle=settling.Settling.settle: (settle(self, staged), here())
chosen = settings.read()
record = database.open_database(chosen)
pipeline.run_files(Means(record, lambda: NOON, chosen.home), "schools", [Path(file)])
"""


def killed_at(step: str, chosen: Settings, file: Path) -> None:
    environment = {**os.environ, "WAYMARK_HOME": str(chosen.home), "WAYMARK_DATABASE_URL": chosen.database_url}
    child = subprocess.Popen(
        [sys.executable, "-c", DIES, step, str(file)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout
    with child.stdout as said:
        assert said.readline() == f"at {step}\n"
        child.send_signal(signal.SIGKILL)
        child.wait()


def count(record: Database, table: type[Service] | type[Revision] | type[Outbox]) -> int:
    with record.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize("step", ["staged", "writing", "written"])
def test_a_run_killed_before_its_end_leaves_nothing(
    step: str, chosen: Settings, record: Database, tmp_path: Path
) -> None:
    file = schools(tmp_path, SCHOOLS)
    killed_at(step, chosen, file)
    assert [count(record, table) for table in (Service, Revision, Outbox)] == [0, 0, 0]
    with pytest.raises(Busy):
        pipeline.run_files(Means(record, lambda: NOON, chosen.home), "schools", [file])
    later = NOON + lease.LENGTH + timedelta(seconds=1)
    report = pipeline.run_files(Means(record, lambda: later, chosen.home), "schools", [file])
    assert (report.made, count(record, Service), count(record, Outbox)) == (SCHOOLS, SCHOOLS, SCHOOLS)
    with record.reading() as session:
        assert [run.state for run in runs.history(session, "schools")] == [State.DONE, State.FAILED]
        assert runs.history(session, "schools")[1].why == runs.DIED
    assert not (chosen.home / "runs" / "schools").exists()


def test_a_run_killed_after_its_end_is_done(chosen: Settings, record: Database, tmp_path: Path) -> None:
    file = schools(tmp_path, SCHOOLS)
    killed_at("committed", chosen, file)
    assert (count(record, Service), count(record, Outbox)) == (SCHOOLS, SCHOOLS)
    later = NOON + lease.LENGTH + timedelta(seconds=1)
    report = pipeline.run_files(Means(record, lambda: later, chosen.home), "schools", [file])
    assert (report.unchanged, count(record, Outbox)) == (SCHOOLS, SCHOOLS)
    with record.reading() as session:
        assert [run.state for run in runs.history(session, "schools")] == [State.DONE, State.DONE]
