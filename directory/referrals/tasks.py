"""What a worker must do because something happened, a row each until it is done. What time makes due: `timers`."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.referrals import codes
from directory.referrals.tables import Referral, Task

NEWS = "reply"
"""A service has said something that asks nothing of us but to be looked at."""


def add(
    session: Session,
    kind: str,
    due_at: datetime,
    made_at: datetime,
    *,
    referral: Referral | None = None,
    case_id: str = "",
    service_id: str = "",
    object_id: str = "",
    assigned_to: str = "",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Adds a task (`codes`, list task) unless the very same is open already; for a referral it goes to its worker."""
    codes.check("task", kind)
    if referral is not None:
        case_id, service_id = referral.case_id, referral.service_id
        assigned_to = assigned_to or referral.worker
    about = {
        "kind": kind,
        "case_id": case_id,
        "referral_id": referral.id if referral else "",
        "service_id": service_id,
        "object_id": object_id,
    }
    same = [getattr(Task, name) == value for name, value in about.items()]
    if session.scalar(select(Task.id).where(*same, Task.done_at.is_(None))) is None:
        row = Task(**about, assigned_to=assigned_to, made_at=made_at, due_at=due_at, details=dict(details or {}))
        session.add(row)


def settle(session: Session, referral_id: str, kinds: tuple[str, ...], by: str, at: datetime) -> None:
    """Closes a referral's open tasks of these kinds: what they asked for has happened."""
    chosen = (Task.referral_id == referral_id, Task.kind.in_(kinds), Task.done_at.is_(None))
    session.execute(update(Task).where(*chosen).values(done_at=at, done_by=by))


def waiting(session: Session, assigned_to: str = "") -> list[Task]:
    """Open tasks, of one worker or of all, first due first."""
    query = select(Task).where(Task.done_at.is_(None)).order_by(Task.due_at, Task.id)
    return list(session.scalars(query.where(Task.assigned_to == assigned_to) if assigned_to else query))


def of_referral(session: Session, referral_id: str) -> list[Task]:
    """A referral's open tasks, first due first."""
    own = (Task.referral_id == referral_id, Task.done_at.is_(None))
    return list(session.scalars(select(Task).where(*own).order_by(Task.due_at, Task.id)))


def settle_service(session: Session, service_ids: Collection[str], kind: str, by: str, at: datetime) -> None:
    """Closes the open tasks of a kind about these services: what they asked for has been done."""
    chosen = (Task.service_id.in_(service_ids), Task.kind == kind, Task.done_at.is_(None))
    session.execute(update(Task).where(*chosen).values(done_at=at, done_by=by))


def settle_object(session: Session, object_id: str, kind: str, by: str, at: datetime) -> None:
    """Closes the open tasks of a kind about something that is no case, referral or service: it waits no more."""
    chosen = (Task.object_id == object_id, Task.kind == kind, Task.done_at.is_(None))
    session.execute(update(Task).where(*chosen).values(done_at=at, done_by=by))


def hand_over(session: Session, case_id: str, before: str, to: str) -> None:
    """What waited for one worker in a case waits for another from now on: open tasks, and replies to referrals."""
    waits = (Task.case_id == case_id, Task.assigned_to == before, Task.done_at.is_(None))
    session.execute(update(Task).where(*waits).values(assigned_to=to))
    session.execute(update(Referral).where(Referral.case_id == case_id, Referral.worker == before).values(worker=to))
