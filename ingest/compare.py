"""Says what a reading would do to the record before anything is written, so that a person can still say no.

What is to be written is made ready here, outside any transaction and while the material is still being read: while
100,000 services are laid out as rows, others can go on working.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import prepared, records, rows
from directory.accounts.tables import utc
from directory.database import Database
from directory.draft import ServiceDraft
from directory.feeds.listing import DROPPED_AFTER, LISTED, UNLISTED, Moved
from directory.prepared import Prepared
from directory.tables import Revision, Service, ServiceArea, Source
from directory.values import Issue
from ingest import match_keys, told
from ingest.difference import Difference
from ingest.guards import Figures
from ingest.match_keys import Keys
from ingest.protection import Protected
from ingest.reading import Reading
from ingest.spool import Spool
from ingest.staging import Staged
from ingest.tally import Tally

SPOOL, KEYS = "writes", "keys"
LOOKED_UP = 300
"""Services whose earlier content is read at a time."""


@dataclass(frozen=True, slots=True)
class Compared:
    """What a reading would do. `counts`: made, changed, unchanged, held, refused; `seen`: ids of services in it."""

    path: Path
    """Of the file of what is to be written; that of its keys lies beside it."""
    counts: Mapping[str, int]
    tally: Tally
    moved: Moved
    figures: Figures
    difference: Difference
    withheld: frozenset[str]
    """The digests that were protected against, and marks of what was set by hand (`protection`)."""
    overtaken: frozenset[int]
    """Ids of what was set by hand and is over, for the source says something new of the field."""

    def writes(self) -> Iterable[Prepared]:
        """What is to be written, in the source's order, from disk."""
        return Spool(self.path, Prepared)

    def keys(self) -> Iterable[Keys]:
        """By what each of them may be found to tell of a service that is there already (`reconcile`)."""
        return Spool(self.path.with_name(KEYS), Keys)


@dataclass(slots=True)
class _Held:
    """What the record holds of one service of the source."""

    digest: str
    listing: str
    listed: bool
    """Whether a whole reading ever had it."""
    overdue: bool
    """Missing for so long that it is dropped when it is missing again."""


@dataclass(slots=True)
class _Comparison:
    """A comparison under way."""

    database: Database
    source_id: str
    at: datetime
    whole: bool
    ours: frozenset[str]
    """Ids of services that nothing but the starter directory has told of."""
    known: dict[str, _Held]
    official: bool
    """Whether the source is a register."""
    keys: Spool[Keys]
    counts: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Tally)
    seen: set[str] = field(default_factory=set)
    difference: Difference = field(default_factory=Difference)
    overtaken: set[int] = field(default_factory=set)
    told_again: int = 0
    waiting: list[Prepared] = field(default_factory=list)

    def take(self, reading: Reading, keep: Protected, without_area: frozenset[str]) -> Prepared | None:
        """Counts one row; returns what is to be written of it."""
        self.tally.add(reading.issues)
        if reading.draft is None:
            if reading.source_id:
                self.seen.add(rows.service_id(self.source_id, reading.source_id))
            self.counts["held" if reading.held else "refused"] += 1
            return None
        try:
            laid = keep.applied(reading.draft, reading.known_as[:1])
            return self._taken(_apart(laid.draft, without_area), reading.row, laid.overtaken)
        except ValueError as problem:
            name, _, reason = str(problem).partition(": ")
            self._leave_out("refused", reading.row, name, reason or "cannot be kept in the record")
            return None

    def _taken(self, draft: ServiceDraft, row: int, overtaken: frozenset[int]) -> Prepared | None:
        if draft.source != self.source_id:
            raise ValueError("source: another source's row")
        digest, plain = prepared.fingerprint(draft)
        own = rows.service_id(draft.source, draft.source_id)
        if own in self.seen:
            self._leave_out("held", row, "source_id", "the id of an earlier row")
            return None
        held = self.known.get(own)
        if held and held.digest == digest:
            self.seen.add(own)
            self.overtaken |= overtaken
            self.counts["unchanged"] += 1
            self.told_again += own not in self.ours
            return None
        new = prepared.prepare(draft, digest, plain, self.at)
        self.seen.add(own)
        self.overtaken |= overtaken
        self.keys.write(Keys(own, match_keys.keys(told.of_draft(draft, self.official, own))))
        if self.whole:
            new.rows[Service.__tablename__][0]["listed_at"] = self.at
        if held is None:
            self.counts["made"] += 1
            self.difference.made(new)
        else:
            self.counts["changed"] += 1
            self._changed(new)
        return new

    def _changed(self, new: Prepared) -> None:
        self.told_again += new.id not in self.ours
        self.waiting.append(new)
        if len(self.waiting) >= LOOKED_UP:
            self.look_up()

    def look_up(self) -> None:
        """Sets the waiting changed services beside what the record says of them."""
        ids = [new.id for new in self.waiting]
        if not ids:
            return
        earlier = select(Revision.service_id, Revision.content).where(Revision.id.in_(records.newest(ids)))
        with self.database.reading() as session:
            before: dict[str, Mapping[str, object]] = {row.service_id: row.content for row in session.execute(earlier)}
        for new in self.waiting:
            if new.id in before:
                self.difference.changed(new, before[new.id], new.id not in self.ours)
        self.waiting.clear()

    def _leave_out(self, count: str, row: int, name: str, reason: str) -> None:
        self.tally.add([Issue(self.source_id, row, name, reason, count == "held")])
        self.counts[count] += 1

    def moved(self) -> Moved:
        """Whose listing changes. Without a whole reading nobody is missed."""
        there = [(own, held) for own, held in self.known.items() if own in self.seen]
        absent = [(own, held) for own, held in self.known.items() if own not in self.seen] if self.whole else []
        return Moved(
            missing=tuple(own for own, held in absent if held.listed and held.listing == LISTED),
            back=tuple(own for own, held in there if held.listing != LISTED),
            gone=tuple(own for own, held in absent if held.listing == UNLISTED and held.overdue),
            first=tuple(own for own, held in there if not held.listed) if self.whole else (),
        )


def compare(
    database: Database, source_id: str, staged: Staged, keep: Protected, at: datetime, whole: bool, first: bool,
    ours: frozenset[str] = frozenset(),
) -> Compared:  # fmt: skip
    """Sets what was staged beside the record. `keep` knows the withheld names of all sources and of this material;
    `whole`: it is all that the source lists; `first`: nothing of the source was read before."""
    path, beside = staged.path.with_name(SPOOL), staged.path.with_name(KEYS)
    path.unlink(missing_ok=True)
    beside.unlink(missing_ok=True)
    with database.reading() as session:
        without_area = _without_area(session, source_id, staged) if staged.repeats else frozenset()
        known = _known(session, source_id, at)
        official = session.scalar(select(Source.standing).where(Source.id == source_id)) == told.REGISTER
    with Spool(path, Prepared) as writes, Spool(beside, Keys) as keys:
        work = _Comparison(database, source_id, at, whole, ours, known, official, keys)
        for reading in staged.readings():
            new = work.take(reading, keep, without_area)
            if new is not None:
                writes.write(new)
    work.look_up()
    moved = work.moved()
    listed = sum(held.listed and held.listing == LISTED for held in work.known.values())
    figures = Figures(
        drafts=sum(work.counts[name] for name in ("made", "changed", "unchanged")),
        services=len(work.known),
        listed=listed,
        missing=len(moved.missing),
        told_again=work.told_again,
        contacts=work.difference.contacts,
        whole=whole,
        first=first,
    )
    with database.reading() as session:
        work.difference.unlisted(_names(session, moved.missing[: Difference.MOST]), len(moved.missing))
    return Compared(
        path, dict(work.counts), work.tally, moved, figures, work.difference, keep.marks, frozenset(work.overtaken)
    )


def _known(session: Session, source_id: str, at: datetime) -> dict[str, _Held]:
    query = select(
        Service.id, Service.content_hash, Service.listing, Service.listed_at, Service.unlisted_at
    ).where(Service.source_id == source_id)  # fmt: skip
    return {
        own: _Held(digest, listing, listed_at is not None, bool(missed and utc(missed) + DROPPED_AFTER <= at))
        for own, digest, listing, listed_at, missed in session.execute(query)
    }


def _names(session: Session, ids: Iterable[str]) -> dict[str, str]:
    query = select(Service.id, Service.name).where(Service.id.in_(list(ids))).order_by(Service.name)
    return {row.id: row.name for row in session.execute(query)}


def _without_area(session: Session, source_id: str, staged: Staged) -> frozenset[str]:
    """Source ids of this source's services that state no area, in the record or in this material."""
    stated = select(ServiceArea.service_id)
    query = select(Service.source_record_id).where(Service.source_id == source_id, Service.id.not_in(stated))
    kept = set(session.scalars(query))
    for draft in _drafts(staged):
        if draft.coverage.areas:
            kept.discard(draft.source_id)
    return frozenset(kept | {draft.source_id for draft in _drafts(staged) if not draft.coverage.areas})


def _drafts(staged: Staged) -> Iterator[ServiceDraft]:
    return (reading.draft for reading in staged.readings() if reading.draft)


def _apart(draft: ServiceDraft, without_area: frozenset[str]) -> ServiceDraft:
    """A row without an area never merges with one that has (matching could not tell whom it covers)."""
    if draft.same_as and (draft.same_as in without_area) != (not draft.coverage.areas):
        return replace(draft, same_as="")
    return draft
