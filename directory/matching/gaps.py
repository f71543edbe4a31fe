"""Dead ends, counted by council area, need and week, so that whoever plans services sees what is missing.

Nothing of a person is kept: no text, no postcode, no time finer than a week. Counts gather in memory and are written
by a thread of their own after the answer has gone; a count that cannot be written waits for the next time.
"""

import logging
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from directory.database import Database
from directory.errors import BadInput, NotReady
from directory.matching.results import MatchResult
from directory.matching.tables import Gap
from directory.places import areas
from taxonomy import terms

LOG = logging.getLogger("waymark.gaps")
FEW = 5
"""Fewer than this are told as "fewer than 5" everywhere: a small number in a small place may point at a person."""
WRITE_AFTER_S = 5.0
KEPT_AT_MOST = 10_000
"""Lines that wait at most while the record cannot be written; further ones are dropped, and the log says so."""
WEEKS = (4, 13, 52)
"""Spans that can be asked for. Few, so that nobody subtracts one from the next to find a small number."""

Line = tuple[str, str, str]
"""Council, need and week of one `Gap`."""


def lines(result: MatchResult, at: datetime) -> tuple[Line, ...]:
    """What this answer could not give: each step of the plan that nothing fills, each ladder that ends in helplines."""
    place = result.enquiry.residence or result.enquiry.harm_place
    council = place.main_council.gss if place and place.main_council else ""
    missing = [f"need/{step.need}" for step in result.plan.steps if not step.matches] if result.plan else []
    missing += [concern for step in result.ladder if step.is_dead_end for concern in step.concerns]
    return tuple((council, need, week_of(at)) for need in dict.fromkeys(missing))


def week_of(at: datetime) -> str:
    """ "2026-W47": the ISO week of a moment, in its own time zone."""
    year, week, _ = at.isocalendar()
    return f"{year}-W{week:02}"


@dataclass(slots=True)
class GapCounter:
    """Counts that wait to be written. Safe to share among threads; made anew for each process."""

    _waiting: dict[Database, Counter[Line]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _closing: threading.Event = field(default_factory=threading.Event)
    _writer: threading.Thread | None = None

    def note(self, result: MatchResult, database: Database, at: datetime) -> None:
        """Counts what this answer could not give. Never raises, never waits for the record."""
        found = lines(result, at)
        if not found:
            return
        with self._lock:
            waiting = self._waiting.setdefault(database, Counter())
            if len(waiting) > KEPT_AT_MOST:
                LOG.warning("gaps: the record has not been writable for long; counts are dropped")
                return
            waiting.update(found)
            if self._writer is None and not self._closing.is_set():
                self._writer = threading.Thread(target=self._write_soon, name="waymark-gaps", daemon=True)
                self._writer.start()

    def _write_soon(self) -> None:
        self._closing.wait(WRITE_AFTER_S)
        with self._lock:
            self._writer = None
        self.flush()

    def flush(self) -> int:
        """Writes all that waits, one transaction a record; returns how many lines. A failure is logged, not raised."""
        with self._lock:
            taken, self._waiting = self._waiting, {}
        written = 0
        for database, counts in taken.items():
            try:
                add(database, counts)
                written += len(counts)
            except (SQLAlchemyError, NotReady) as error:
                LOG.warning("gaps could not be written: %s; they wait", type(error).__name__)
                with self._lock:
                    self._waiting.setdefault(database, Counter()).update(counts)
        return written

    def close(self) -> None:
        """Writes what waits and starts no more threads."""
        self._closing.set()
        writer = self._writer
        if writer is not None:
            writer.join()
        self.flush()


def add(database: Database, counts: Counter[Line]) -> None:
    """Adds these to what the record holds, in one transaction."""
    dialect = postgresql if database.engine.dialect.name == "postgresql" else sqlite
    rows = [
        {"council_gss": council, "need": need, "week": week, "count": count}
        for (council, need, week), count in sorted(counts.items())
    ]
    if not rows:
        return
    insert: Any = dialect.insert(Gap)
    keys = [Gap.council_gss, Gap.need, Gap.week]
    upsert = insert.on_conflict_do_update(index_elements=keys, set_={"count": Gap.count + insert.excluded.count})
    with database.session() as session:
        session.execute(upsert, rows)


@dataclass(frozen=True, slots=True)
class GapCount:
    """One line of the report. `said` is the number as it may be told."""

    council_gss: str
    council: str
    need: str
    label: str
    said: str


def report(database: Database, at: datetime, weeks: int = WEEKS[1], council: str = "") -> tuple[GapCount, ...]:
    """The gaps of the last so many weeks (this one among them), most first, then by name; of one council when given.

    Raises BadInput for another number of weeks, or a council that is not known.
    """
    if weeks not in WEEKS:
        raise BadInput("That span is not known.", f"Use {', '.join(map(str, WEEKS))} weeks.", field="weeks")
    gss = council_code(council)
    spans = [week_of(at - timedelta(weeks=back)) for back in range(weeks)]
    with database.reading() as session:
        query = select(Gap.council_gss, Gap.need, Gap.count).where(Gap.week.in_(spans))
        rows = session.execute(query.where(Gap.council_gss == gss) if gss else query).all()
    totals: Counter[tuple[str, str]] = Counter()
    for code, need, count in rows:
        totals[code, need] += count
    found = [
        (max(count, FEW - 1), GapCount(code, _council(code), need, _label(need), told(count)))
        for (code, need), count in totals.items()
    ]  # small numbers are told alike, so they are ordered alike
    found.sort(key=lambda line: (-line[0], line[1].council, line[1].label))
    return tuple(line for _, line in found)


def told(count: int) -> str:
    """A number as it may leave the record."""
    return f"{count:,}" if count >= FEW else f"fewer than {FEW}"


def council_code(council: str) -> str:
    """The code of a council area by code or name; empty for empty. Raises BadInput."""
    if not council.strip():
        return ""
    try:
        return areas.council(council.strip()).gss
    except KeyError:
        raise BadInput(
            "There is no such council area.", "Use its name, such as Fife, or its code.", field="council"
        ) from None


def _council(code: str) -> str:
    return areas.council(code).name if code else "Not said"


def _label(need: str) -> str:
    taxonomy, _, code = need.partition("/")
    return terms.load()[taxonomy].label(code) if taxonomy in terms.load() else need


CSV_COLUMNS = ("council_gss", "council", "need", "label", "count")


def table(found: Sequence[GapCount]) -> Iterable[tuple[str, ...]]:
    """The report as rows of CSV_COLUMNS."""
    return ((line.council_gss, line.council, line.need, line.label, line.said) for line in found)
