"""Forgets what people wrote of a place while it was open, once a source, or another row, keeps it confidential."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.editing import current, hand, proposals
from directory.editing.tables import HandEdit, ServiceProposal
from directory.tables import Service
from directory.values import Visibility

Told = Mapping[str, bool]
"""Id of an open row → whether no row of its service withholds the place."""


def told(session: Session) -> Told:
    """The open rows of services that somebody has edited or proposed to change."""
    edited = Service.id.in_(select(HandEdit.service_id))
    proposed = Service.id.in_(select(ServiceProposal.service_id))
    query = select(Service.same_as_id, Service.id).where(or_(edited, proposed))
    leaders = {leader or own for leader, own in session.execute(query)}
    of_them = or_(Service.id.in_(leaders), Service.same_as_id.in_(leaders))
    found = session.execute(select(Service.id, Service.same_as_id, Service.visibility).where(of_them)).all()
    hidden = {row.same_as_id or row.id for row in found if row.visibility == Visibility.UNDISCLOSED}
    return {
        row.id: (row.same_as_id or row.id) not in hidden
        for row in found
        if row.visibility != Visibility.UNDISCLOSED
    }  # fmt: skip


def forget(session: Session, before: Told, by: str, at: datetime) -> None:
    """`before`: `told` of earlier in this transaction. Of a row withheld by now no edit counts that may tell the place;
    nothing of it is kept there, nor in the proposals of its service."""
    query = select(Service.id, Service.visibility, Service.same_as_id).where(Service.id.in_(before))
    done: set[str] = set()
    for own, visibility, leader in session.execute(query.order_by(Service.id)).all():
        if visibility == Visibility.UNDISCLOSED:
            hand.forget(session, own)
        if not before[own] or (leader or own) in done:
            continue
        done.add(leader or own)
        if _is_withheld(session, leader or own):
            now = current.read(session, own)
            proposals.forget(session, now.rows, now.name, by, at)


def _is_withheld(session: Session, leader: str) -> bool:
    of_it = or_(Service.id == leader, Service.same_as_id == leader)
    query = select(Service.id).where(of_it, Service.visibility == Visibility.UNDISCLOSED)
    return session.scalar(query.limit(1)) is not None
