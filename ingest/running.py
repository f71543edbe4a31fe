"""Carries one run from its first moment to its end: claimed, kept in the record, marked when it fails or was killed.

Everything slow comes before the one transaction that writes: a run is in the record whole or not at all.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from directory import records
from directory.errors import WaymarkError
from directory.feeds import runs
from directory.feeds.runs import State
from ingest import lease
from ingest.confined import Task, confined_stage
from ingest.material import Material
from ingest.means import Means, Order
from ingest.report import RunReport
from ingest.settling import Settling
from ingest.sources import Wanted
from ingest.staging import Staged, stage

Gather = Callable[[int], Material]
"""Material for the run of that number."""


def carry_out(means: Means, wanted: Wanted, gather: Gather, order: Order) -> RunReport:
    """One run of a source from beginning to end. Raises Conflict when it is being run already, and what its material or
    its server raises; the run is then kept as failed."""
    if wanted.row is not None:
        with means.database.session() as session:
            records.ensure_source(session, wanted.row.info())
    with nullcontext(order.claim) if order.claim else lease.held(means.database, wanted.id, means.clock) as claim:
        at, started = means.clock(), time.monotonic()
        with means.database.session() as session:
            runs.bury(session, wanted.id, at)
            run_id = order.accepted.id if order.accepted else runs.begin(session, wanted.id, means.by, at)
        try:
            with _folder(means, wanted.id) as folder:
                material = gather(run_id)
                report = RunReport(
                    wanted.id, tuple(part.name for part in material), starter=order.starter, run_id=run_id
                )
                with _staged(means, wanted, material, folder) as staged:
                    return Settling(means, wanted, order, claim, at, started, report).settle(staged)
        except BaseException as error:
            _fail(means, run_id, started, error)
            raise


def _staged(means: Means, wanted: Wanted, material: Material, folder: Path) -> AbstractContextManager[Staged]:
    if means.confined:
        return confined_stage(Task(wanted.feed, wanted.kind.id, material, folder), means.progress)
    return nullcontext(stage(wanted.kind, wanted.feed, material, folder, means.progress))


@contextmanager
def _folder(means: Means, source_id: str) -> Iterator[Path]:
    """A folder for the run's own files; what a killed run of the source left there is taken away."""
    if means.home is None:
        with tempfile.TemporaryDirectory(prefix="waymark-run-") as name:
            yield Path(name)
        return
    folder = means.home / "runs" / source_id
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fail(means: Means, run_id: int, started: float, error: BaseException) -> None:
    """Ends a run as failed; one that waits for a person goes on waiting."""
    why = str(error) if isinstance(error, WaymarkError) else f"It failed ({type(error).__name__})."
    outcome = runs.Outcome(seconds=round(time.monotonic() - started, 2), why=why)
    with suppress(DBAPIError, WaymarkError), means.database.session() as session:  # else the next run buries it
        runs.end(session, run_id, State.FAILED, means.clock(), outcome)
