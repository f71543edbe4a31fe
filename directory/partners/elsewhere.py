"""What the directory says of a partner's service besides its own word: other lists' facts, and entries much like it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.editing import adding, current, fields
from directory.editing.adding import Likely
from directory.editing.current import Current
from directory.partners.tables import PartnerService
from directory.search import fold
from directory.tables import Organization, Service, Source

OWN_SOURCE = "partner"
"""`Source.id` of what partners registered themselves (`publishing`)."""
UNTOLD = frozenset({"kind", "families", "description", "waiting_list", "status"})
"""Fields in which lists differ without anybody being wrong."""


@dataclass(frozen=True, slots=True)
class Differs:
    """One fact that a list has otherwise than the directory shows it; all in words."""

    label: str
    shown: str
    source: str
    as_of: str
    theirs: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Of one service. `lists`: names of the other lists that tell of it; `alike`: public entries that may be the same,
    or this organization's, which no partner keeps yet."""

    name: str
    lists: tuple[str, ...]
    differs: tuple[Differs, ...]
    alike: tuple[Likely, ...]


def of_service(session: Session, service_id: str) -> Elsewhere:
    """What stands in the directory of a service by others' word. Of a confidential place nothing is told (`current`).

    Raises NotFound.
    """
    now = current.read(session, service_id)
    query = select(Source.name).join(Service, Service.source_id == Source.id).distinct()
    lists = session.scalars(query.where(Service.id.in_(now.rows), Source.id != OWN_SOURCE).order_by(Source.name))
    return Elsewhere(now.name, tuple(lists), tuple(_differs(session, now)), tuple(_alike(session, now)))


def _differs(session: Session, now: Current) -> list[Differs]:
    own = set(session.scalars(select(Source.name).where(Source.id == OWN_SOURCE)))
    found = []
    for field in fields.FIELDS:
        if field.name in UNTOLD:
            continue
        shown = fields.in_words(field.name, now.values[field.name])
        for said in now.said.get(field.name, ()):
            if said.source_name not in own and said.words != shown:
                found.append(Differs(field.label, shown, said.source_name, said.as_of, said.words))
    return found


def _alike(session: Session, now: Current) -> list[Likely]:
    """Public entries that may be this one, or that stand under the same name of an organization."""
    values: Mapping[str, Any] = now.values
    found = {each.id: each for each in adding.likely(session, values)}
    for own in _of_organization(session, now):
        found.setdefault(own.id, own)
    kept = set(session.scalars(select(PartnerService.service_id).where(PartnerService.ended_at.is_(None))))
    alike = []
    for each in found.values():
        document = fold.document(session, each.id) if each.id not in {*now.rows, *kept} else None
        if document is not None:  # who else keeps theirs here is nobody's business, nor is what is not public
            alike.append(Likely(document.id, document.name, document.organization, each.why))
    return alike


def _of_organization(session: Session, now: Current) -> list[Likely]:
    """Each source keeps its own organizations: the name is what they share."""
    query = select(Service.id, Service.name).join(Organization, Organization.id == Service.organization_id)
    same = func.lower(Organization.name) == str(now.values["organization"]).lower()
    others = (same, Service.id.not_in(now.rows), Service.same_as_id.is_(None))
    rows = session.execute(query.where(*others).order_by(Service.name, Service.id).limit(adding.SHOWN))
    return [Likely(own, name, "", "It stands under the name of your organisation.") for own, name in rows]
