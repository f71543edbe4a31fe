"""Claims: a service of the record that somebody says is theirs. It takes the same proof as a new one, and joins rows.

What other sources say of it stays beside the provider's own word (docs/adr/0012-whose-word-counts.md); nothing is
written over, and its id, links and mailbox stay.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.draft import ServiceDraft
from directory.editing import adding, fields, hand
from directory.editing.adding import Likely
from directory.errors import Conflict
from directory.feeds import duplicates, joining
from directory.feeds.duplicates import Verdict
from directory.partners.tables import Partner, PartnerService
from directory.search import fold
from directory.tables import Service
from directory.values import Visibility


@dataclass(frozen=True, slots=True)
class Claimable:
    """A service as anybody may see it; `withheld`: its place is confidential, and stays so."""

    id: str
    name: str
    organization: str
    withheld: bool


def claimable(session: Session, service_id: str) -> Claimable | None:
    """The service that this id leads or follows, as anybody finds it; None for one that is closed, or not active.

    Whether a partner has it is told to nobody.
    """
    asked = session.execute(select(Service.id, Service.same_as_id).where(Service.id == service_id)).first()
    found = fold.document(session, asked.same_as_id or asked.id) if asked else None
    if found is None:
        return None
    return Claimable(found.id, found.name, found.organization, found.visibility is Visibility.UNDISCLOSED)


def kept_by(session: Session, service_id: str) -> str:
    """The id of the partner that keeps a service true now, whichever of its rows is asked about; "" for none."""
    rows = hand.rows_of(session, service_id)
    query = (
        select(Partner.id)
        .join(PartnerService, PartnerService.partner_id == Partner.id)
        .where(PartnerService.service_id.in_(rows), PartnerService.ended_at.is_(None), Partner.closed_at.is_(None))
    )
    return session.scalars(query.order_by(Partner.id)).first() or ""


def likely(session: Session, draft: ServiceDraft, claimed: str = "") -> tuple[Likely, ...]:
    """Services of the record that may be the one described, for staff: all but the one that it says it is."""
    found = adding.likely(session, fields.plain(draft))
    return tuple(each for each in found if each.id != claimed)


def offered(session: Session, values: Mapping[str, Any]) -> tuple[Likely, ...]:
    """The same, for whoever registers: "Is this you?", of a draft's plain values as far as they are written. Only what
    is public leads there, so numbers are not compared.

    Nothing is offered that is closed, or whose place is confidential.
    """
    found = adding.likely(session, {**values, "phone": ""})
    public = {
        each.id
        for each in fold.documents(session, [each.id for each in found])
        if each.visibility is not Visibility.UNDISCLOSED
    }
    return tuple(each for each in found if each.id in public)


def set_apart(session: Session, own: str, others: Iterable[Likely], by: str, at: datetime) -> None:
    """A partner's row is none of these services, which people looked at and passed: no rule joins it to one. `by`: who
    agreed second."""
    for other in sorted(each.id for each in others):
        before = duplicates.standing(session, own, other)
        if before is None or not before.is_persons:
            duplicates.decide(session, own, other, Verdict.DISTINCT, by, at, before.last.id if before else 0)
    joining.settle(session, (own,), at)


def join(session: Session, own: str, claimed: str, by: str, at: datetime) -> None:
    """A partner's row and the service it claims become one, under the id that the service had. `by`: who agreed second.

    Raises Conflict when somebody has set the two apart.
    """
    before = duplicates.standing(session, own, claimed)
    if before is not None and before.is_persons and before.counts is Verdict.DISTINCT:
        raise Conflict("Somebody has said that these are two services.", "Look at the pair under Duplicates first.")
    if before is None or before.counts is not Verdict.SAME:
        seen = before.last.id if before else 0
        duplicates.decide(session, own, claimed, Verdict.SAME, by, at, seen)
    leader = hand.rows_of(session, claimed)[0]
    joining.settle(session, (own, claimed), at, order=lambda row: (row.id != leader, row.id))
