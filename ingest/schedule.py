"""Does what waits: what people asked for on a page, and the sources whose time has come, one run a source at a time."""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from directory.errors import WaymarkError
from directory.feeds import raw, requests, runs, sources
from directory.feeds.requests import Action, Request
from directory.feeds.runs import State
from directory.feeds.sources import SourceSettings
from ingest import lease, pipeline
from ingest.lease import Busy, Lease
from ingest.means import Means, Order
from ingest.report import RunReport, failure, summary

LOG = logging.getLogger("waymark.ingest")
FIRST_RETRY = timedelta(minutes=15)
JITTER, LONGEST_JITTER = 0.1, timedelta(minutes=30)
"""So that many sources, and many Waymarks, do not ask one server in the same second."""
PRUNE_EVERY = timedelta(days=1)


@dataclass(slots=True)
class Schedule:
    """Looks again and again. `chance` gives 0 to 1; tests pass their own."""

    means: Means
    chance: Callable[[], float] = random.random
    _pruned_at: datetime | None = None

    def look(self) -> Iterator[str]:
        """Does all that waits now, and says of each thing what came of it. Raises NotReady when the record is lost."""
        with self.means.database.reading() as session:
            asked = requests.for_a_worker(session)
            due = sources.due(session, self.means.clock())
        for request in asked:
            yield from self._answered(request)
        for source_id in due:
            yield from self._run_due(source_id)
        self._prune()

    def waits(self) -> bool:
        """Whether a look would find anything to do."""
        with self.means.database.reading() as session:
            return bool(requests.for_a_worker(session) or sources.due(session, self.means.clock()))

    def _answered(self, request: Request) -> Iterator[str]:
        """Nothing when another worker is at the source, or has answered meanwhile."""
        means = replace(self.means, by=request.made_by)
        try:
            with lease.held(means.database, request.source_id, means.clock) as claim:
                with means.database.reading() as session:
                    if request.id not in {each.id for each in requests.waiting(session)}:
                        return
                said, report = _tried(lambda: _done(means, request, claim))
                with means.database.session() as session:
                    requests.finish(session, request.id, said, means.clock())
                if report is not None and not request.upload_digest and request.action is Action.RUN:
                    self._set_next(request.source_id)
        except Busy:
            return
        yield f"{request.source_id}: {said}"

    def _run_due(self, source_id: str) -> Iterator[str]:
        means = replace(self.means, by="schedule")
        try:
            with lease.held(means.database, source_id, means.clock) as claim:
                with means.database.reading() as session:
                    if source_id not in sources.due(session, means.clock()):
                        return
                said, _ = _tried(lambda: pipeline.run_fetched(means, source_id, Order(claim=claim)))
                self._set_next(source_id)
        except Busy:
            return
        yield f"{source_id}: {said}"

    def _set_next(self, source_id: str) -> None:
        with self.means.database.session() as session:
            chosen = sources.get(session, source_id)
            history = runs.history(session, source_id, 20)
            failures = next((n for n, run in enumerate(history) if run.state is not State.FAILED), len(history))
            sources.set_next(session, source_id, next_time(chosen, failures, self.means.clock(), self.chance()))

    def _prune(self) -> None:
        """Once a day, what was received so long ago that nobody will ask for it."""
        now, store = self.means.clock(), self.means.raw
        if store is None or (self._pruned_at and now - self._pruned_at < PRUNE_EVERY):
            return
        with self.means.database.reading() as session:
            keep = raw.wanted(session)
        store.prune(keep, now)
        self._pruned_at = now


def next_time(chosen: SourceSettings, failures: int, at: datetime, chance: float) -> datetime | None:
    """When a source runs next: after its own hours, or sooner when the last `failures` runs failed, each time later.

    None: only when asked. `chance` 0 to 1 spreads sources out.
    """
    if not chosen.runs_by_itself or chosen.every_hours is None:
        return None
    wait = timedelta(hours=chosen.every_hours)
    if failures:
        wait = min(wait, FIRST_RETRY * 2 ** min(failures - 1, 20))
    return at + wait + min(wait * JITTER, LONGEST_JITTER) * chance


def _done(means: Means, request: Request, claim: Lease) -> RunReport | None:
    if request.action is Action.REJECT:
        pipeline.reject(means.database, request.run_id or 0, means.clock)
        return None
    if request.action is Action.ACCEPT:
        return pipeline.accept(means, request.run_id or 0, claim)
    order = Order(dry_run=request.action is Action.DRY_RUN, claim=claim)
    if request.upload_digest:
        return pipeline.run_kept(means, request.source_id, request.upload_digest, request.upload_name, order)
    return pipeline.run_fetched(means, request.source_id, order)


def _tried(work: Callable[[], RunReport | None]) -> tuple[str, RunReport | None]:
    """What came of it, in a sentence; whatever went wrong is said, and the next source is not kept waiting for it."""
    try:
        report = work()
    except DBAPIError:
        raise
    except WaymarkError as error:
        return str(error), None
    except Exception as error:
        LOG.error("a run failed: %s", failure(error))
        return f"It failed ({type(error).__name__}); the log says more.", None
    return (summary(report) if report else "Rejected: nothing of it is in the record."), report
