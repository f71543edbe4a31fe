"""Who is away until which day, and who covers for them: what waits for the one then stands in the other's list too.

It is kept as an open task of the colleague who covers (kind "cover", about the account that is away), and ends by
itself after its last day.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Forbidden, NotFound
from directory.referrals import audit, case_access, case_rows, timers, working_time
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Task
from directory.referrals.work_sources import COVER

LONGEST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Away:
    """`worker` is away up to and with a day; `by` covers."""

    worker: str
    by: str
    until: date


def away(loop: Loop, ask: Ask, worker: str, until: date | None, by: str) -> Answer:
    """A supervisor says that somebody is away up to and with a day, and who covers; a cover there was ends.

    {"worker", "by", "until"}. Raises Forbidden, NotFound, BadInput.
    """
    day = case_rows.day_to_come(until, ask, LONGEST_DAYS, "until")

    def do(session: Session) -> Answer:
        _check(session, ask, worker)
        if by == worker or by not in workers(session):
            raise BadInput("Choose a colleague who covers.", "Somebody else who works on cases.", "by")
        _end(session, ask, worker)
        about = {"kind": COVER, "object_id": worker, "assigned_to": by, "details": {"until": day.isoformat()}}
        session.add(Task(**about, made_at=ask.at, due_at=timers.end_of(loop.policy, day)))
        return _written(session, ask, worker, {"worker": worker, "by": by, "until": day.isoformat()}, "away")

    return loop.once(ask, "work.away", {"worker": worker, "until": day, "by": by}, do)


def back(loop: Loop, ask: Ask, worker: str) -> Answer:
    """They are back: the cover ends now. {"worker"}. Raises Forbidden, NotFound."""

    def do(session: Session) -> Answer:
        _check(session, ask, worker)
        _end(session, ask, worker)
        return _written(session, ask, worker, {"worker": worker}, "back")

    return loop.once(ask, "work.back", {"worker": worker}, do)


def now(session: Session, at: datetime) -> list[Away]:
    """Who is away today."""
    today, found = working_time.today(at), []
    for row in session.scalars(select(Task).where(Task.kind == COVER, Task.done_at.is_(None)).order_by(Task.id)):
        until = date.fromisoformat(row.details["until"])
        if until >= today:
            found.append(Away(row.object_id, row.assigned_to, until))
    return found


def workers(session: Session) -> dict[str, str]:
    """Who works on cases, by account: their names, in order."""
    return dict(case_access.options(session, case_access.holders(session, case_access.WORK)))


def _check(session: Session, ask: Ask, worker: str) -> None:
    if ask.who.kind is not Actor.SUPERVISOR:
        raise Forbidden("A supervisor says who is away.", "Ask one of them.")
    if worker not in workers(session):
        raise NotFound("There is no such worker.", "Look at the team again.")


def _end(session: Session, ask: Ask, worker: str) -> None:
    case_rows.settle_tasks(session, worker, COVER, ask)


def _written(session: Session, ask: Ask, worker: str, answer: Answer, purpose: str) -> Answer:
    audit.note(session, ask.who, ask.at, "change", "account", worker, fields=answer, purpose=purpose)
    return answer
