"""Runs a source: file → readings → protection → record → reconcile, in one transaction, with a report of each row."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory import records
from directory.clock import Clock
from directory.database import Database
from directory.draft import ServiceDraft
from directory.errors import UnusableFile
from directory.records import Change, SourceInfo, Writer
from directory.tables import Revision, Service, ServiceArea
from directory.values import Issue
from ingest import protection, reconcile, starter
from ingest.protection import REPORT_KEY, Protected
from ingest.reading import Reading
from ingest.report import RunReport
from ingest.sources import SOURCES, SourceRow, files, source

Progress = Callable[[int], None]
STARTER_BY = "ingest:starter"


class _Undo(Exception):
    """Ends a dry run: what it wrote is taken back."""


def run(
    database: Database,
    source_id: str,
    path: Path,
    clock: Clock,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> RunReport:
    """Takes one file of a source into the record, all of it or, on any failure, nothing. `dry_run` only reports.

    Raises NotFound for an unknown source, UnusableFile for a file that is not what it claims.
    """
    row = source(source_id)
    started = time.monotonic()
    readings = list(row.read(path))
    report = RunReport(row.id, (path.name,), dry_run=dry_run)
    return _write(database, row, readings, clock, report, started, progress)


def run_folder(
    database: Database, folder: Path, clock: Clock, dry_run: bool = False, progress: Progress | None = None
) -> list[RunReport]:
    """Runs every source whose files are in a data folder ("services/…" or flat), in order of precedence."""
    found = [(row, path) for row in SOURCES for path in files(row, folder)]
    if not found:
        raise UnusableFile(f"{folder} holds no file of any source.", "`waymark ingest list` names each source's files.")
    return [run(database, row.id, path, clock, dry_run, progress) for row, path in found]


def run_starter(database: Database, clock: Clock, progress: Progress | None = None) -> RunReport:
    """Takes in the starter directory; a row that a file or a person has written since is left as it is."""
    row = source(starter.SOURCE)
    started = time.monotonic()
    readings = list(starter.read())
    with database.reading() as session:
        later = _written_by_others(session, row.id)
    mine = [reading for reading in readings if reading.draft and reading.draft.source_id not in later]
    report = RunReport(row.id, (starter.FILE,), starter=True, unchanged=len(readings) - len(mine))
    return _write(database, row, mine, clock, report, started, progress, STARTER_BY)


def _write(
    database: Database,
    row: SourceRow,
    readings: Sequence[Reading],
    clock: Clock,
    report: RunReport,
    started: float,
    progress: Progress | None = None,
    by: str = "",
) -> RunReport:
    at = clock()
    try:
        with database.session() as session:
            records.ensure_source(session, info(row))
            report = _take_in(session, row, readings, at, report, by or f"ingest:{row.id}", progress)
            report = replace(report, seconds=time.monotonic() - started)
            if report.dry_run:
                raise _Undo
    except _Undo:
        pass
    return report


def _take_in(
    session: Session,
    row: SourceRow,
    readings: Sequence[Reading],
    at: datetime,
    report: RunReport,
    by: str,
    progress: Progress | None,
) -> RunReport:
    keep = protection.load(session, row.id)
    before = set(keep.all)
    for reading in readings:
        keep.learn(reading)
    without_area = _without_area(session, row.id, readings)
    counts: Counter[str] = Counter()
    issues: list[Issue] = []
    writer = Writer(session, row.id, at, by)
    for number, reading in enumerate(readings, start=1):
        issues += reading.issues
        if reading.draft is None:
            counts["held" if reading.held else "refused"] += 1
        else:
            draft = _apart(keep.applied(reading.draft, reading.known_as[:1]), without_area)
            counts[_written(writer, draft, reading.row, issues)] += 1
        if progress:
            progress(number)
    writer.finish()
    hidden = _hide_elsewhere(session, row, keep, at) if keep.all != before else 0
    joined = reconcile.join(session, [each.id for each in SOURCES], at)
    report = replace(
        report,
        made=counts["made"],
        changed=counts["changed"],
        unchanged=report.unchanged + counts["unchanged"],
        held=counts["held"],
        refused=counts["refused"],
        joined=joined,
        protected=hidden,
        issues=tuple(issues),
    )
    records.record_run(session, row.id, at, report.to_json() | {REPORT_KEY: sorted(keep.own)})
    return report


def _written(writer: Writer, draft: ServiceDraft, row: int, issues: list[Issue]) -> str:
    try:
        return str(writer.write(draft))
    except ValueError as problem:
        field, _, reason = str(problem).partition(": ")
        issues.append(Issue(draft.source, row, field, reason or "cannot be kept in the record"))
        return "refused"


def _hide_elsewhere(session: Session, row: SourceRow, keep: Protected, at: datetime) -> int:
    """Withholds what other files and sources told earlier of a place that is now known to be withheld."""
    changed = 0
    for draft in list(protection.told_before(session, keep)):
        changed += records.write(session, draft, at, f"ingest:{row.id}") is Change.CHANGED
    return changed


def _without_area(session: Session, source_id: str, readings: Iterable[Reading]) -> frozenset[str]:
    """Source ids of this source's services that state no area, in the record or in this file."""
    stated = select(ServiceArea.service_id)
    query = select(Service.source_record_id).where(Service.source_id == source_id, Service.id.not_in(stated))
    here = [reading.draft for reading in readings if reading.draft]
    kept = set(session.scalars(query)) - {draft.source_id for draft in here if draft.coverage.areas}
    return frozenset(kept | {draft.source_id for draft in here if not draft.coverage.areas})


def _apart(draft: ServiceDraft, without_area: frozenset[str]) -> ServiceDraft:
    """A row without an area never merges with one that has (matching could not tell whom it covers)."""
    if draft.same_as and (draft.same_as in without_area) != (not draft.coverage.areas):
        return replace(draft, same_as="")
    return draft


def _written_by_others(session: Session, source_id: str) -> frozenset[str]:
    """Source ids whose latest revision was not made by the starter directory."""
    latest = select(func.max(Revision.id)).group_by(Revision.service_id)
    query = (
        select(Service.source_record_id)
        .join(Revision, Revision.service_id == Service.id)
        .where(Service.source_id == source_id, Revision.id.in_(latest), Revision.made_by != STARTER_BY)
    )
    return frozenset(session.scalars(query))


def info(row: SourceRow) -> SourceInfo:
    """A source as the record names it."""
    return SourceInfo(row.id, row.name, row.publisher, row.licence, row.attribution)
