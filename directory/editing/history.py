"""Every version of a service: who or what source changed it, when, what differs, and how it stood on a day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import rows
from directory.accounts.tables import utc
from directory.editing import fields, hand
from directory.editing.proposals import APPROVED, TELLING
from directory.editing.tables import ServiceProposal
from directory.tables import Revision, Service, Source

MOST = 200
SCOTLAND = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """One revision of one row. `by` as the record has it (account, "ingest:…"); `approved_by` an account or ""."""

    number: int
    source_name: str
    at: datetime
    by: str
    approved_by: str
    is_first: bool
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """How one source's row stood: field labels and words."""

    source_name: str
    at: datetime
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class History:
    """Versions newest first; `withheld`: nothing of the place is told."""

    id: str
    name: str
    withheld: bool
    versions: tuple[Version, ...]


def read(session: Session, service_id: str) -> History:
    """All versions of the service that this id leads or follows, at most the last MOST. Raises NotFound."""
    ids = hand.rows_of(session, service_id)
    names, latest = _source_names(session, ids), hand.contents(session, ids)
    hidden = any(rows.is_withheld(content) for content in latest.values())
    query = select(Revision).where(Revision.service_id.in_(ids)).order_by(Revision.id.desc()).limit(MOST + len(ids))
    newest_first = list(session.scalars(query))
    agreed = _agreed(session, ids)
    versions = []
    for at, row in enumerate(newest_first[:MOST]):
        before = next((each for each in newest_first[at + 1 :] if each.service_id == row.service_id), None)
        versions.append(
            Version(
                row.id, names[row.service_id], utc(row.made_at), row.made_by, agreed.get(utc(row.made_at), ""),
                row.action == "made", _differences(before.content if before else None, row.content, hidden),
            )
        )  # fmt: skip
    own = next((one for one in ids if rows.is_withheld(latest[one])), ids[0])
    return History(ids[0], str(latest[own]["name"]), hidden, tuple(versions))


def on(session: Session, service_id: str, day: date) -> tuple[Shown, ...]:
    """How each source's row stood at the end of a day in Scotland; none before the service was in the record."""
    ids = hand.rows_of(session, service_id)
    names = _source_names(session, ids)
    hidden = any(rows.is_withheld(content) for content in hand.contents(session, ids).values())
    end = datetime.combine(day + timedelta(days=1), time(), SCOTLAND).astimezone(ZoneInfo("UTC"))
    found = []
    for own in ids:
        query = select(Revision).where(Revision.service_id == own, Revision.made_at < end)
        row = session.scalars(query.order_by(Revision.id.desc()).limit(1)).first()
        if row is not None:
            found.append(Shown(names[own], utc(row.made_at), _lines(row.content, hidden)))
    return tuple(found)


def _source_names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    query = select(Service.id, Source.name).join(Source, Source.id == Service.source_id).where(Service.id.in_(ids))
    return {row.id: row.name for row in session.execute(query)}


def _agreed(session: Session, ids: Sequence[str]) -> dict[datetime, str]:
    """Moment of an approval → who approved."""
    query = select(ServiceProposal.decided_at, ServiceProposal.decided_by).where(
        ServiceProposal.service_id.in_(ids), ServiceProposal.state == APPROVED
    )
    return {utc(at): by for at, by in session.execute(query) if at}


def _differences(before: Mapping[str, Any] | None, after: Mapping[str, Any], hidden: bool) -> tuple[Difference, ...]:
    if before is None:
        return ()
    return tuple(
        Difference(field.label, *_pair(field, was, now, hidden and field.name in TELLING))
        for field in fields.FIELDS
        if (was := fields.normal(field.name, before.get(field.name, fields.default(field.name))))
        != (now := fields.normal(field.name, after.get(field.name, fields.default(field.name))))
    )


def _pair(field: fields.Field, was: Any, now: Any, hidden: bool) -> tuple[str, str]:
    return ("", "") if hidden else (field.words(was), field.words(now))


def _lines(content: Mapping[str, Any], hidden: bool) -> tuple[tuple[str, str], ...]:
    """What a row stated; of a withheld place nothing."""
    stated = []
    for field in fields.FIELDS:
        value = fields.normal(field.name, content.get(field.name, fields.default(field.name)))
        if value != fields.default(field.name) and not (hidden and field.name in TELLING):
            stated.append((field.label, field.words(value)))
    return tuple(stated)
