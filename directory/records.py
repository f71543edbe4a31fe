"""The one writer of services: rows, revision, change record and outbox line go in together or not at all.

A second run of the same source changes nothing: the SHA-256 of a draft decides. Ids are UUIDv5 of what a
source calls its row, so that a record made anew has the same ids.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Select, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from directory import prepared, rows
from directory.database import batches
from directory.draft import ServiceDraft
from directory.errors import NotFound
from directory.prepared import Prepared
from directory.tables import (
    Accessibility,
    Attribute,
    Base,
    Language,
    Location,
    Metadata,
    Organization,
    Outbox,
    Phone,
    Revision,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    Source,
    TaxonomyTerm,
)
from taxonomy import terms

INDEX = "index"
"""Topic of the outbox lines that feed the index."""

BATCH = 500
"""Drafts written at a time: 5,800 take about 5 s on SQLite, and no list grows with the source."""

ORDER = (
    Organization, Service, Location, ServiceAtLocation, ServiceArea, Phone, Language, Schedule, Accessibility,
    Attribute, Metadata, Revision,
)  # fmt: skip
"""Tables in an order that never points at a row not yet written."""

UNSEEN = {"synchronize_session": False}
"""The sub-rows taken out are never held as objects: nothing to bring in step."""

service_id = rows.service_id
check = rows.check


class Change(StrEnum):
    """What writing a draft did to the record."""

    MADE = "made"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Who supplies data, as the pages name them; `id` is the name on the command line, `standing` as in `Source`.

    `url` and `every_hours` are where and how often it is fetched unless a person says otherwise.
    """

    id: str
    name: str
    publisher: str
    licence: str
    attribution: str = ""
    standing: str = "feed"
    url: str = ""
    every_hours: int | None = None


@dataclass(slots=True)
class _Known:
    """What the record holds of one service before a draft is written."""

    digest: str
    same_as_id: str | None


def ensure_source(session: Session, info: SourceInfo) -> None:
    """Makes or mends the source's row; what a person has set of it since (address, rhythm, active) stays."""
    row = session.get(Source, info.id)
    if row is None:
        _make_source(session, info)
        row = session.get_one(Source, info.id)
    row.name, row.publisher, row.licence = info.name, info.publisher, info.licence
    row.attribution, row.standing = info.attribution, info.standing
    session.flush()


def _make_source(session: Session, info: SourceInfo) -> None:
    """Makes the row, unless somebody else does so at this moment: their transaction is waited for."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    made: Any = dialect.insert(Source).values(
        id=info.id, name=info.name, publisher=info.publisher, licence=info.licence, attribution=info.attribution,
        standing=info.standing, url=info.url, every_hours=info.every_hours,
    )  # fmt: skip
    session.execute(made.on_conflict_do_nothing(index_elements=[Source.id]))


def record_run(session: Session, source: str, at: datetime, report: Mapping[str, Any]) -> None:
    """Keeps when a source was last read and what came of it (JSON values)."""
    values = {"last_run_at": at, "last_report": dict(report)}
    session.execute(update(Source).where(Source.id == source).values(values))


def sync_terms(session: Session) -> int:
    """Makes the rows of `taxonomy_term` what our vocabulary says; returns how many were made or changed.

    Terms that left the vocabulary stay: old revisions speak of them.
    """
    kept = {
        row.id: (row.name, row.description, row.parent_id)
        for row in session.execute(
            select(TaxonomyTerm.id, TaxonomyTerm.name, TaxonomyTerm.description, TaxonomyTerm.parent_id)
        )
    }
    changed = 0
    for taxonomy in terms.load().values():
        for term in sorted(taxonomy.terms.values(), key=lambda term: len(taxonomy.ancestors(term.code))):
            parent = f"{term.taxonomy}/{term.parent}" if term.parent else None
            values = {"name": term.label, "description": term.definition, "parent_id": parent}
            if term.id not in kept:
                session.execute(
                    insert(TaxonomyTerm).values(id=term.id, taxonomy=term.taxonomy, code=term.code, **values)
                )
            elif kept[term.id] != (term.label, term.definition, parent):
                session.execute(update(TaxonomyTerm).where(TaxonomyTerm.id == term.id).values(values))
            else:
                continue
            changed += 1
    return changed


class Writer:
    """Writes one source's drafts inside the caller's transaction; call `finish` before it ends.

    `at` is the moment kept with every change, `by` who made it ("ingest:facts"). The source must have its row
    (`ensure_source`).
    """

    def __init__(self, session: Session, source: str, at: datetime, by: str) -> None:
        self._session, self._source, self._at, self._by = session, source, at, by
        sync_terms(session)
        self._known: dict[str, _Known | None] = {}
        """Services looked up so far; None: not in the record."""
        self._organizations: dict[str, str | None] = {}
        """Charity numbers of the organizations looked up so far; None: not in the record."""
        self._waiting: rows.Rows = {table: [] for table in ORDER}
        self._updated: list[dict[str, Any]] = []
        self._mended: list[dict[str, Any]] = []
        self._batch: dict[str, tuple[Change, dict[str, Any]]] = {}
        self._repeats: dict[str, str | None] = {}
        self._counts: Counter[Change] = Counter()

    def write(self, draft: ServiceDraft) -> Change:
        """Takes one draft into the record. Raises ValueError, with nothing written, when it cannot be."""
        if draft.source != self._source:
            raise ValueError(f"source: this writer writes {self._source} only")
        digest, plain = prepared.fingerprint(draft)
        known = self._look_up(service_id(draft.source, draft.source_id))
        if known and known.digest == digest:
            self._counts[Change.UNCHANGED] += 1
            return Change.UNCHANGED
        return self.take(prepared.prepare(draft, digest, plain, self._at))

    def take_all(self, drafts: Iterable[Prepared]) -> None:
        """The same for drafts made ready before, at this writer's moment: a few looks at the record for each batch."""
        for some in batches(drafts, BATCH):
            self._flush()
            self._known = self._services([new.id for new in some])
            self._organizations = self._charities(
                [row["id"] for new in some for row in new.rows[Organization.__tablename__]]
            )
            for new in some:
                self.take(new)

    def take(self, new: Prepared) -> Change:
        """The same for one."""
        own = new.id
        known = self._look_up(own)
        if known and known.digest == new.digest:
            self._counts[Change.UNCHANGED] += 1
            return Change.UNCHANGED
        if own in self._batch:
            self._flush()
        change = Change.CHANGED if known else Change.MADE
        self._batch[own] = (change, new.plain)
        self._known[own] = _Known(new.digest, known.same_as_id if known else None)
        self._take(dict(new.tables()), change)
        if new.same_as:
            self._repeats[own] = service_id(new.source, new.same_as)
        self._counts[change] += 1
        if len(self._batch) >= BATCH:
            self._flush()
        return change

    def finish(self) -> Mapping[Change, int]:
        """Writes what waits, joins the rows that say they repeat another, and returns how many were what."""
        self._flush()
        for own, leader in self._repeats.items():
            with suppress(NotFound):  # what it repeats may not be in the record (yet)
                set_same_as(self._session, own, leader, self._at)
        self._repeats.clear()
        return {change: self._counts[change] for change in Change}

    def _look_up(self, own: str) -> _Known | None:
        if own not in self._known:
            self._known |= self._services([own])
        return self._known[own]

    def _services(self, ids: Sequence[str]) -> dict[str, _Known | None]:
        query = select(Service.id, Service.content_hash, Service.same_as_id).where(Service.id.in_(ids))
        there = {own: _Known(digest, leader) for own, digest, leader in self._session.execute(query)}
        return {own: there.get(own) for own in ids}

    def _charities(self, ids: Sequence[str]) -> dict[str, str | None]:
        query = select(Organization.id, Organization.charity_number).where(Organization.id.in_(ids))
        there = {row.id: row.charity_number for row in self._session.execute(query)}
        return {own: there.get(own) for own in ids}

    def _take(self, found: rows.Rows, change: Change) -> None:
        """Puts a draft's rows among those that wait; a charity number once known is kept."""
        (organization,) = found.pop(Organization)
        if organization["id"] not in self._organizations:
            self._organizations |= self._charities([organization["id"]])
        kept = self._organizations[organization["id"]]
        if kept is None:
            self._waiting[Organization].append(organization)
        elif organization["charity_number"] not in {"", kept}:
            self._mended.append({name: organization[name] for name in ("id", "charity_number")})
        self._organizations[organization["id"]] = organization["charity_number"] or kept or ""
        if change is Change.CHANGED:
            self._updated += found.pop(Service)
        for table, table_rows in found.items():
            self._waiting[table] += table_rows

    def _flush(self) -> None:
        """Writes what waits, in an order that never points at a row not yet there."""
        self._insert(Organization)
        if self._mended:
            self._session.execute(update(Organization), self._mended)
        if self._updated:
            self._clear([row["id"] for row in self._updated])
            self._session.execute(update(Service), self._updated)
        for own, (change, plain) in self._batch.items():
            if change is Change.MADE:
                self._note(own, "create")
            revision = {"service_id": own, "made_at": self._at, "made_by": self._by, "action": str(change)}
            self._waiting[Revision].append({**revision, "content": plain})
        for table in ORDER:
            self._insert(table)
        leaders = ((self._known[own], own) for own in self._batch)
        queue(self._session, [(known and known.same_as_id) or own for known, own in leaders], self._at)
        self._batch, self._mended, self._updated = {}, [], []

    def _insert(self, table: type[Base]) -> None:
        put_rows(self._session, table, self._waiting[table])
        self._waiting[table] = []

    def _clear(self, changed: list[str]) -> None:
        """Notes each field that changes and takes out the rows that new ones replace."""
        session = self._session
        earlier = select(Revision.service_id, Revision.content).where(Revision.id.in_(newest(changed)))
        withheld = [own for own in changed if rows.is_withheld(self._batch[own][1])]
        for own, old in session.execute(earlier):
            new = self._batch[own][1]
            for name, before, after in rows.changed_fields(old, new):
                silent = own in withheld and rows.tells_place(name)
                self._note(own, "update", name, *(("", "") if silent else (before, after)))
            if old.get("same_as") and not new["same_as"]:
                self._repeats[own] = None
        _forget_places(session, withheld)
        links = select(ServiceAtLocation.location_id).where(ServiceAtLocation.service_id.in_(changed))
        places = session.scalars(links).all()
        for table in (ServiceAtLocation, ServiceArea, Phone, Language, Schedule, Accessibility):
            session.execute(delete(table).where(table.service_id.in_(changed)), execution_options=UNSEEN)
        session.execute(delete(Location).where(Location.id.in_(places)), execution_options=UNSEEN)
        links_of = (Attribute.link_type == "service", Attribute.link_id.in_(changed))
        session.execute(delete(Attribute).where(*links_of), execution_options=UNSEEN)

    def _note(self, own: str, action: str, name: str = "", before: str = "", after: str = "") -> None:
        """A line of the change record; `action` is HSDS's create or update."""
        self._waiting[Metadata].append(
            {
                "id": str(uuid4()),
                "resource_id": own,
                "resource_type": "service",
                "last_action_date": self._at,
                "last_action_type": action,
                "field_name": name,
                "previous_value": before,
                "replacement_value": after,
                "updated_by": self._by,
            }
        )


def write(session: Session, draft: ServiceDraft, at: datetime, by: str) -> Change:
    """Takes one draft into the record; for a whole source use `Writer`."""
    writer = Writer(session, draft.source, at, by)
    change = writer.write(draft)
    writer.finish()
    return change


def set_same_as(session: Session, service_id: str, leader_id: str | None, at: datetime) -> bool:
    """Joins a service, and those it leads, to the service it repeats; None sets it apart again.

    A follower named as leader stands for its own leader, so that chains never arise. Returns whether anything
    changed; then the index is told of the old and the new leader. Raises NotFound for an unknown id.
    """
    old = leader(session, service_id)
    new = leader(session, leader_id) if leader_id else service_id
    if new == old or (leader_id and new == service_id):
        return False
    moved = (Service.id == service_id) | (Service.same_as_id == service_id)
    session.execute(update(Service).where(moved).values(same_as_id=new if leader_id else None))
    queue(session, (old, new), at)
    return True


def leader(session: Session, service_id: str) -> str:
    """The id of the service that this one leads or follows. Raises NotFound."""
    row = session.execute(select(Service.id, Service.same_as_id).where(Service.id == service_id)).first()
    if row is None:
        raise NotFound("There is no such service in the record.", "Look it up by name.")
    return str(row.same_as_id or row.id)


def newest(service_ids: Sequence[str]) -> Select[int]:
    """The number of the latest revision of each of these services."""
    return select(func.max(Revision.id)).where(Revision.service_id.in_(service_ids)).group_by(Revision.service_id)


def put_rows(session: Session, table: type[Base], found: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows past the ORM, which takes as long again for what needs no objects."""
    if found:
        session.connection().execute(Base.metadata.tables[table.__tablename__].insert(), found)


def queue(session: Session, service_ids: Iterable[str], at: datetime) -> None:
    """Outbox lines: once committed, these services are put into the index, or taken out of it."""
    lines = [{"topic": INDEX, "key": key, "made_at": at} for key in dict.fromkeys(service_ids)]
    if lines:
        session.execute(insert(Outbox), lines)


def get_service(session: Session, name: str) -> Service | None:
    """By id, or by what its source calls it ("f18")."""
    found = session.get(Service, name)
    if found is None:
        query = select(Service).where(Service.source_record_id == name).order_by(Service.source_id)
        found = session.scalars(query.limit(1)).first()
    return found


def _forget_places(session: Session, service_ids: Sequence[str]) -> None:
    """A place withheld from now on leaves the earlier revisions and change lines too."""
    if not service_ids:
        return
    for revision in session.scalars(select(Revision).where(Revision.service_id.in_(service_ids))):
        revision.content = rows.without_place(revision.content)
    for line in session.scalars(select(Metadata).where(Metadata.resource_id.in_(service_ids))):
        if rows.tells_place(line.field_name):
            line.previous_value = line.replacement_value = ""
    session.flush()
