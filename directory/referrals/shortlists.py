"""Short lists: the few services a worker means to speak of for a need, in the order chosen, their facts read anew.

A service that was named unsafe is never put on one; what became of the others meanwhile (closed, changed, named unsafe
since) is said whenever a list is read.
"""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, NotFound
from directory.feeds.listing import DROPPED
from directory.referrals import audit, case_rows, exclusions, mailboxes
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.shortlist_tables import Shortlisted
from directory.referrals.tables import Case, Need
from directory.tables import Service

MOST = 10
"""Services for one need: a sheet of more is read by nobody."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A service on a short list as the record has it now. `name` is "" once the directory has none."""

    need_id: str
    service_id: str
    name: str
    organization: str
    is_open: bool
    changed: bool
    """Its facts are others than when it was chosen."""
    excluded: bool
    """Named as unsafe since: it is shown to be taken off, and told to nobody."""
    receives: bool
    """It has a proved mailbox: a referral can be sent to it."""


def add(loop: Loop, ask: Ask, case_id: str, need_id: str, service_id: str) -> Answer:
    """Puts a service at the end of a need's short list; one that is there stays where it is.

    {"need_id", "service_id", "listed"}. Raises NotFound, Conflict for a service named unsafe, BadInput for a full list.
    """

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        service = session.get(Service, service_id)
        if service is None:
            raise NotFound("There is no such service.", "Choose it from the plan or the directory.")
        if {service.id, service.organization_id} & exclusions.ids(session, case.id):
            advice = "Choose another, or lift that on the case first."
            raise Conflict(f"{service.name} is named as unsafe for this person.", advice)
        rows = _rows(session, _need(session, case, need_id).id)
        if all(row.service_id != service.id for row in rows):
            if len(rows) >= MOST:
                raise BadInput(f"This short list is full: it holds {MOST}.", "Take one off first.", "service_id")
            position = rows[-1].position + 1 if rows else 1
            session.add(_row(ask, case, need_id, service, position))
            _noted(session, ask, case, need_id, "create")
        return _answer(session, need_id, service_id)

    return loop.once(ask, "shortlist.add", _body(case_id, need_id, service_id), do)


def remove(loop: Loop, ask: Ask, case_id: str, need_id: str, service_id: str) -> Answer:
    """Takes a service off a need's short list, if it is on it. Answers as `add` does. Raises NotFound."""

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        need = _need(session, case, need_id)
        if any(row.service_id == service_id for row in _rows(session, need.id)):
            own = (Shortlisted.need_id == need.id, Shortlisted.service_id == service_id)
            session.execute(delete(Shortlisted).where(*own))
            _noted(session, ask, case, need_id, "change")
        return _answer(session, need_id, service_id)

    return loop.once(ask, "shortlist.remove", _body(case_id, need_id, service_id), do)


def listed(session: Session, case_id: str, need_id: str = "") -> tuple[Listed, ...]:
    """A case's short lists, or one need's, each in the order chosen. Who asks may see the case (`case_rows.found`)."""
    query = select(Shortlisted).where(Shortlisted.case_id == case_id)
    if need_id:
        query = query.where(Shortlisted.need_id == need_id)
    rows = list(session.scalars(query.order_by(Shortlisted.need_id, Shortlisted.position, Shortlisted.id)))
    out = exclusions.ids(session, case_id) if rows else frozenset[str]()
    return tuple(_listed(session, row, out) for row in rows)


def _listed(session: Session, row: Shortlisted, out: frozenset[str]) -> Listed:
    service = session.get(Service, row.service_id)
    if service is None:
        return Listed(row.need_id, row.service_id, "", "", False, False, row.service_id in out, False)
    return Listed(
        row.need_id,
        service.id,
        service.name,
        service.organization.name,
        service.status == "active" and service.listing != DROPPED,
        service.content_hash != row.seen,
        bool({service.id, service.organization_id} & out),
        mailboxes.current(session, service.id) is not None,
    )


def _row(ask: Ask, case: Case, need_id: str, service: Service, position: int) -> Shortlisted:
    return Shortlisted(
        id=str(uuid4()),
        case_id=case.id,
        need_id=need_id,
        service_id=service.id,
        position=position,
        seen=service.content_hash,
        added_at=ask.at,
        added_by=ask.who.id,
    )


def _rows(session: Session, need_id: str) -> list[Shortlisted]:
    query = select(Shortlisted).where(Shortlisted.need_id == need_id)
    return list(session.scalars(query.order_by(Shortlisted.position, Shortlisted.id)))


def _need(session: Session, case: Case, need_id: str) -> Need:
    need = session.get(Need, need_id)
    if need is None or need.case_id != case.id:
        raise NotFound("There is no such need.", "Look at the case.")
    return need


def _noted(session: Session, ask: Ask, case: Case, need_id: str, action: str) -> None:
    """Audit alone: what is still being weighed up is nothing that happened to the person."""
    session.flush()
    audit.note(session, ask.who, ask.at, action, "shortlist", need_id, subject_id=case.subject_id)


def _answer(session: Session, need_id: str, service_id: str) -> Answer:
    return {"need_id": need_id, "service_id": service_id, "listed": len(_rows(session, need_id))}


def _body(case_id: str, need_id: str, service_id: str) -> dict[str, str]:
    return {"case_id": case_id, "need_id": need_id, "service_id": service_id}
