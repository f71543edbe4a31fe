"""Whose data this is: every source's licence and the words it asks for, of the whole record or of one service."""

from dataclasses import dataclass

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from directory.tables import Service, Source


@dataclass(frozen=True, slots=True)
class Credit:
    """One source, as its licence asks to name it."""

    name: str
    publisher: str
    licence: str
    attribution: str


def of_all(session: Session) -> tuple[Credit, ...]:
    """Every source of the record, those that people added among them, by name; none that is off and gave nothing."""
    counts = Source.active | exists().where(Service.source_id == Source.id)
    return _credits(session, select(Source).where(counts).order_by(Source.name))


def of_service(session: Session, service_id: str) -> tuple[Credit, ...]:
    """The sources that tell of a service, by its leader's id: its leader's first."""
    rows = select(Service.source_id).where((Service.id == service_id) | (Service.same_as_id == service_id))
    first = select(Service.source_id).where(Service.id == service_id).scalar_subquery()
    return _credits(session, select(Source).where(Source.id.in_(rows)).order_by(Source.id != first, Source.name))


def _credits(session: Session, query: Select[Source]) -> tuple[Credit, ...]:
    return tuple(Credit(row.name, row.publisher, row.licence, row.attribution) for row in session.scalars(query))
