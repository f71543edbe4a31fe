"""What changed in the record, newest first, for anybody to follow: of a withheld place only that something did."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from directory.accounts.tables import utc
from directory.places import areas
from directory.records import Change
from directory.tables import Metadata, Revision, Service, ServiceArea, Source
from directory.values import Visibility

ACTIVE = "active"


class Kind(StrEnum):
    """What happened to a service."""

    MADE = "made"
    CHANGED = "changed"
    CLOSED = "closed"
    """It is not active any more."""
    BACK = "back"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `id` counts upwards and is never used again. Of a withheld place there is no name, id or field."""

    id: int
    at: datetime
    kind: Kind
    service_id: str
    name: str
    fields: tuple[str, ...]
    councils: tuple[str, ...]
    """Names of the council areas it serves; "Scotland" for all; empty when not stated."""
    licence: str
    attribution: str

    @property
    def withheld(self) -> bool:
        return not self.service_id


def newest(session: Session, before: int | None = None, limit: int = 100) -> tuple[Entry, ...]:
    """The newest changes, or those before the change of this id, of services that are still in the record."""
    query = (
        select(Revision.id, Revision.service_id, Revision.made_at, Revision.action, Service.name, Service.same_as_id,
               Source.licence, Source.attribution)
        .join(Service, Service.id == Revision.service_id)
        .join(Source, Source.id == Service.source_id)
        .order_by(Revision.id.desc())
        .limit(limit)
    )  # fmt: skip
    rows = session.execute(query if before is None else query.where(Revision.id < before)).all()
    ids = {row.service_id for row in rows}
    fields = _fields(session, ids, {row.made_at for row in rows})
    served = _served(session, ids)
    hidden = _withheld(session, {row.same_as_id or row.service_id for row in rows})
    found = []
    for row in rows:
        leader = row.same_as_id or row.service_id
        told = fields.get((row.service_id, row.made_at), ())
        closed = leader in hidden
        kind = Kind.MADE if row.action == Change.MADE else Kind.CHANGED if closed else _kind(told)
        found.append(
            Entry(
                id=row.id,
                at=utc(row.made_at),
                kind=kind,
                service_id="" if closed else leader,
                name="" if closed else row.name,
                fields=() if closed else tuple(name for name, _, _ in told),
                councils=served.get(row.service_id, ()),
                licence=row.licence,
                attribution=row.attribution,
            )
        )
    return tuple(found)


def _kind(told: Iterable[tuple[str, str, str]]) -> Kind:
    for name, before, after in told:
        if name == "status" and ACTIVE in (before, after):
            return Kind.BACK if after == ACTIVE else Kind.CLOSED
    return Kind.CHANGED


def _fields(
    session: Session, ids: Collection[str], moments: Collection[datetime]
) -> dict[tuple[str, datetime], list[tuple[str, str, str]]]:
    """(service, moment) → the fields that changed then, with a status before and after."""
    query = (
        select(Metadata)
        .where(Metadata.resource_id.in_(ids), Metadata.last_action_date.in_(moments))
        .where(Metadata.last_action_type == "update")
        .order_by(Metadata.field_name)
    )
    found: dict[tuple[str, datetime], list[tuple[str, str, str]]] = defaultdict(list)
    for line in session.scalars(query):
        change = (line.field_name, line.previous_value, line.replacement_value)
        found[line.resource_id, line.last_action_date].append(change)
    return found


def _served(session: Session, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Service → the council areas it serves, never a part of one."""
    query = (
        select(ServiceArea.service_id, ServiceArea.extent)
        .where(ServiceArea.service_id.in_(ids), ServiceArea.extent_type.in_(("gss", "nation")))
        .order_by(ServiceArea.position)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for own, extent in session.execute(query):
        found[own].append("Scotland" if extent == "SCOTLAND" else areas.council_name(extent))
    return {own: tuple(names) for own, names in found.items()}


def _withheld(session: Session, leaders: Collection[str]) -> frozenset[str]:
    """Those of these leaders of which any row withholds the place."""
    row = aliased(Service)
    leader = func.coalesce(row.same_as_id, row.id)
    query = select(leader).where(leader.in_(leaders), row.visibility == Visibility.UNDISCLOSED.value)
    return frozenset(session.scalars(query))
