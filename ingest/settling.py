"""Compares what a run reads with the record, and then writes it, holds it for a person, or only tells."""

import time
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory import records
from directory.editing import forgetting, hand
from directory.errors import Conflict
from directory.feeds import listing, runs
from directory.feeds.runs import Run, State
from directory.records import Change, Writer
from directory.tables import Revision, Service
from ingest import compare, guards, protection, reconcile, starter
from ingest.compare import Compared
from ingest.lease import Lease
from ingest.means import STARTER_BY, Means, Order
from ingest.protection import REPORT_KEY, Protected
from ingest.report import RunReport
from ingest.sources import SOURCES, Wanted
from ingest.staging import Staged

TRIES = 3
"""Comparisons before a run gives up, because other sources' runs learn of withheld places all the time."""


class _Overtaken(Exception):
    """What was compared with is not the record any more."""


@dataclass(frozen=True, slots=True)
class Settling:
    """A run whose material has been read, on its way to its end."""

    means: Means
    wanted: Wanted
    order: Order
    claim: Lease
    at: datetime
    started: float
    report: RunReport

    def settle(self, staged: Staged) -> RunReport:
        """Compares, and then writes, holds, or only tells."""
        for _ in range(TRIES):
            compared = self._compared(staged)
            why = guards.why_held(compared.figures)
            if self.order.dry_run:
                return self._ended(compared, State.DRY_RUN, f"It would wait for a person. {why}" if why else "")
            if why and self.order.guarded:
                return self._held(compared, why)
            with suppress(_Overtaken):
                return self._written(compared, staged)
        raise Conflict("Other sources changed the record all the while.", "Run this source again.")

    def _compared(self, staged: Staged) -> Compared:
        """Compares, while it is still being read; anew when only its end told what had to be known from the start."""
        source_id, repeats = self.wanted.id, staged.repeats
        whole = not self.order.starter and self.wanted.is_whole(self.report.files)
        with self.means.database.reading() as session:
            keep = _keeping(session, source_id, staged)
            ours = _starters(session, source_id) if source_id == starter.SOURCE else frozenset()
            first = not _was_read(session, source_id)
        compared = compare.compare(self.means.database, source_id, staged, keep, self.at, whole, first, ours)
        known = staged.withheld <= compared.withheld and staged.repeats == repeats
        return compared if known else self._compared(staged)

    def _ended(self, compared: Compared, state: State, why: str) -> RunReport:
        report = self._told(compared, state, why)
        with self.means.database.session() as session:
            runs.end(session, report.run_id, state, self.means.clock(), report.outcome())
        return report

    def _held(self, compared: Compared, why: str) -> RunReport:
        """Keeps the difference for a person. What waits or was turned down already is not asked again."""
        report = self._told(compared, State.HELD, why)
        with self.means.database.session() as session:
            before = _asked_before(session, report)
            if before is not None:
                state = State.REPLACED if before.state is State.HELD else before.state
                report = replace(report, state=state, why=f"{why} The same as run {before.id}.")
            else:
                runs.replace_held(session, report.source, self.means.clock(), report.run_id)
            runs.end(session, report.run_id, report.state, self.means.clock(), report.outcome())
        return report

    def _written(self, compared: Compared, staged: Staged) -> RunReport:
        """Writes everything and ends the run, in one transaction. Raises _Overtaken."""
        source_id, by = self.wanted.id, STARTER_BY if self.order.starter else f"ingest:{self.wanted.id}"
        with self.means.database.session() as session:
            self.claim.confirm(session, self.means.clock())
            told = protection.load(session, source_id, write=True).all
            keep = _keeping(session, source_id, staged)
            if keep.marks != compared.withheld:
                raise _Overtaken
            open_before = forgetting.told(session)
            writer = Writer(session, source_id, self.at, by)
            writer.take_all(compared.writes())
            writer.finish()
            hand.end_overtaken(session, compared.overtaken, f"ingest:{source_id}", self.at)
            listing.move(session, source_id, compared.moved, self.at, compared.figures.whole)
            hidden = _hide_elsewhere(session, source_id, keep, self.at) if keep.all != told else ()
            changed = (*hidden, *compared.moved.missing)
            joined = reconcile.join(session, [row.id for row in SOURCES], self.at, changed, compared.keys())
            forgetting.forget(session, open_before, f"ingest:{source_id}", self.at)
            report = replace(self._told(compared, State.DONE, ""), joined=joined, protected=len(hidden))
            self._keep(session, report, compared, keep)
        return report

    def _keep(self, session: Session, report: RunReport, compared: Compared, keep: Protected) -> None:
        now, accepted = self.means.clock(), self.order.accepted
        records.record_run(session, report.source, self.at, report.to_json() | {REPORT_KEY: sorted(keep.own)})
        outcome = report.outcome()
        unlisted = compared.moved.missing[: listing.KEPT_IDS]
        outcome = replace(outcome, report={**(outcome.report or {}), "unlisted_services": list(unlisted)})
        if accepted is None:
            runs.end(session, report.run_id, State.DONE, now, outcome)
            runs.replace_held(session, report.source, now, report.run_id)
        elif not runs.accept(session, accepted.id, now, outcome):
            raise runs.not_held(accepted.id)

    def _told(self, compared: Compared, state: State, why: str) -> RunReport:
        counts, moved = compared.counts, compared.moved
        return replace(
            self.report,
            made=counts.get("made", 0),
            changed=counts.get("changed", 0),
            unchanged=counts.get("unchanged", 0) + self.order.skipped,
            held=counts.get("held", 0),
            refused=counts.get("refused", 0),
            unlisted=len(moved.missing),
            relisted=len(moved.back),
            dropped=len(moved.gone),
            issues=tuple(compared.tally.issues),
            reasons=tuple(compared.tally.reasons.most_common()),
            seconds=time.monotonic() - self.started,
            state=state,
            why=why,
            difference=compared.difference.to_json(),
        )


def _keeping(session: Session, source_id: str, staged: Staged) -> Protected:
    keep = protection.load(session, source_id)
    keep.all |= staged.withheld
    keep.own |= staged.withheld
    return keep


def _asked_before(session: Session, report: RunReport) -> Run | None:
    """An earlier run of the very same material that waits for a person, or that one has turned down."""
    own, *earlier = runs.history(session, report.source, 20)
    for before in earlier:
        if before.state in (State.HELD, State.REJECTED):
            same = [part.digest for part in before.material] == [part.digest for part in own.material]
            return before if own.material and same else None
        if before.state is State.DONE:
            break
    return None


def _was_read(session: Session, source_id: str) -> bool:
    """Whether a run of the source, other than the starter's, was ever written."""
    return any(run.state is State.DONE and run.made_by != STARTER_BY for run in runs.history(session, source_id, 200))


def _hide_elsewhere(session: Session, source_id: str, keep: Protected, at: datetime) -> tuple[str, ...]:
    """Withholds what other files and sources told earlier of a place that is now known to be withheld: their ids."""
    found = {records.service_id(draft.source, draft.source_id) for draft in protection.told_before(session, keep)}
    if not found:
        return ()
    hand.lock(session, sorted(found))
    drafts = {records.service_id(one.source, one.source_id): one for one in protection.told_before(session, keep)}
    edits = hand.of_rows(session, sorted(drafts)).by_row
    changed = []
    for own, draft in drafts.items():
        safe = replace(draft, alert="") if "alert" in edits.get(own, {}) else draft
        if records.write(session, safe, at, f"ingest:{source_id}") is Change.CHANGED:
            changed.append(own)
    return tuple(changed)


def written_by_others(session: Session, source_id: str) -> frozenset[str]:
    """Source ids whose latest revision was not made by the starter directory."""
    query = _latest(source_id, Service.source_record_id).where(Revision.made_by != STARTER_BY)
    return frozenset(session.scalars(query))


def _starters(session: Session, source_id: str) -> frozenset[str]:
    """Ids of services that nothing but the starter directory has told of."""
    return frozenset(session.scalars(_latest(source_id, Service.id).where(Revision.made_by == STARTER_BY)))


def _latest(source_id: str, column: InstrumentedAttribute[str]) -> Select[str]:
    """A column of the source's services, joined to each one's latest revision."""
    latest = select(func.max(Revision.id)).group_by(Revision.service_id)
    joined = select(column).join(Revision, Revision.service_id == Service.id)
    return joined.where(Service.source_id == source_id, Revision.id.in_(latest))
