"""What came of each run of a source, kept from its first moment: one that dies is seen, and never half believed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import count_changed
from directory.errors import Conflict, NotFound
from directory.feeds.tables import IngestRun


class State(StrEnum):
    """How a run stands."""

    RUNNING = "running"
    DONE = "done"
    HELD = "held"
    """Waits for a person: nothing of it is in the record."""
    FAILED = "failed"
    DRY_RUN = "dry_run"
    REJECTED = "rejected"
    REPLACED = "replaced"
    """Was held, and a newer run overtook it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One part of what a source handed over, as kept in the raw store under its digest (SHA-256, hexadecimal)."""

    name: str
    digest: str
    content_type: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ended with: made + changed + unchanged + held + refused = rows read. `seconds` of wall time."""

    made: int = 0
    changed: int = 0
    unchanged: int = 0
    held: int = 0
    refused: int = 0
    unlisted: int = 0
    seconds: float = 0.0
    why: str = ""
    """Why it was held or failed, in words for people."""
    report: Mapping[str, Any] | None = None
    difference: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run. Moments are aware, in UTC; `ended_at` None: it runs, or its process died."""

    id: int
    source_id: str
    state: State
    started_at: datetime
    ended_at: datetime | None
    made_by: str
    why: str
    material: tuple[Kept, ...]
    made: int
    changed: int
    unchanged: int
    held: int
    refused: int
    unlisted: int
    seconds: float
    report: Mapping[str, Any]
    difference: Mapping[str, Any]

    @property
    def read(self) -> int:
        """Rows read."""
        return self.made + self.changed + self.unchanged + self.held + self.refused


DIED = "The run was cut off: its process ended. Nothing of it is in the record."


def not_held(run_id: int) -> Conflict:
    """What to raise of a run that was held, and that somebody has decided meanwhile."""
    return Conflict(f"Run {run_id} does not wait any more.", "Look at the source's latest run.")


def begin(session: Session, source_id: str, by: str, at: datetime) -> int:
    """A new run's id. `by`: "schedule", "command", or an account's id."""
    run = IngestRun(
        source_id=source_id, state=State.RUNNING, started_at=at, made_by=by, why="", rows_made=0, rows_changed=0,
        rows_unchanged=0, rows_held=0, rows_refused=0, unlisted=0, seconds=0.0,
    )  # fmt: skip
    session.add(run)
    session.flush()
    return run.id


def note_material(session: Session, run_id: int, parts: Iterable[Kept]) -> None:
    """Keeps what the run reads, so that it can be read again just so when a person accepts it."""
    plain = [
        {"name": part.name, "digest": part.digest, "content_type": part.content_type, "url": part.url} for part in parts
    ]
    session.execute(update(IngestRun).where(IngestRun.id == run_id).values(material=plain))


def end(session: Session, run_id: int, state: State, at: datetime, outcome: Outcome | None = None) -> bool:
    """Ends a run, once; returns False, and changes nothing, when it has ended already."""
    return _move(session, run_id, State.RUNNING, {"state": state, "ended_at": at, **_columns(outcome or Outcome())})


def accept(session: Session, run_id: int, at: datetime, outcome: Outcome) -> bool:
    """Ends a held run as done, with what came of it; False when it is not held any more."""
    return _move(session, run_id, State.HELD, {"state": State.DONE, "ended_at": at, **_columns(outcome)})


def settle(session: Session, run_id: int, state: State, at: datetime, why: str = "") -> bool:
    """Decides a held run (done, rejected, replaced); False when it is not held any more."""
    values: dict[str, Any] = {"state": state, "ended_at": at} | ({"why": why} if why else {})
    return _move(session, run_id, State.HELD, values)


def replace_held(session: Session, source_id: str, at: datetime, newer: int) -> int:
    """Held runs that a newer one overtakes; returns how many."""
    older = (IngestRun.source_id == source_id, IngestRun.state == State.HELD, IngestRun.id < newer)
    values = {"state": State.REPLACED, "ended_at": at}
    return count_changed(session, update(IngestRun).where(*older).values(values))


def bury(session: Session, source_id: str, at: datetime) -> int:
    """Marks this source's runs that never ended as failed: to be called while holding its claim. Returns how many."""
    left = (IngestRun.source_id == source_id, IngestRun.state == State.RUNNING)
    values = {"state": State.FAILED, "ended_at": at, "why": DIED}
    return count_changed(session, update(IngestRun).where(*left).values(values))


def get(session: Session, run_id: int) -> Run:
    """Raises NotFound."""
    row = session.get(IngestRun, run_id)
    if row is None:
        raise NotFound(f"There is no run {run_id}.", "`waymark ingest report` shows each source's last runs.")
    return _run(row)


def last(session: Session, source_id: str) -> Run | None:
    """The latest run, whatever came of it."""
    return next(iter(history(session, source_id, 1)), None)


def history(session: Session, source_id: str, limit: int = 20) -> tuple[Run, ...]:
    """The latest runs, latest first."""
    query = select(IngestRun).where(IngestRun.source_id == source_id).order_by(IngestRun.id.desc()).limit(limit)
    return tuple(map(_run, session.scalars(query)))


def held(session: Session, source_id: str = "") -> tuple[Run, ...]:
    """The runs that wait for a person, of one source or of all, oldest first."""
    query = select(IngestRun).where(IngestRun.state == State.HELD).order_by(IngestRun.id)
    return tuple(map(_run, session.scalars(query.where(IngestRun.source_id == source_id) if source_id else query)))


def _move(session: Session, run_id: int, state: State, values: dict[str, Any]) -> bool:
    """Changes a run, if it still stands so."""
    chosen = update(IngestRun).where(IngestRun.id == run_id, IngestRun.state == state).values(values)
    return bool(count_changed(session, chosen))


def _columns(came: Outcome) -> dict[str, Any]:
    return {
        "why": came.why, "rows_made": came.made, "rows_changed": came.changed, "rows_unchanged": came.unchanged,
        "rows_held": came.held, "rows_refused": came.refused, "unlisted": came.unlisted, "seconds": came.seconds,
        "report": dict(came.report or {}), "difference": dict(came.difference or {}),
    }  # fmt: skip


def _run(row: IngestRun) -> Run:
    return Run(
        id=row.id,
        source_id=row.source_id,
        state=State(row.state),
        started_at=utc(row.started_at),
        ended_at=utc(row.ended_at) if row.ended_at else None,
        made_by=row.made_by,
        why=row.why,
        material=tuple(Kept(**part) for part in row.material or ()),
        made=row.rows_made,
        changed=row.rows_changed,
        unchanged=row.rows_unchanged,
        held=row.rows_held,
        refused=row.rows_refused,
        unlisted=row.unlisted,
        seconds=row.seconds,
        report=row.report or {},
        difference=row.difference or {},
    )
