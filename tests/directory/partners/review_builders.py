"""A partner that keeps `a_draft()`'s service true: `an_owner(loop)` is at the door."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.partners import members, review_facts, reviews
from directory.partners.review_facts import Asked
from directory.partners.review_tables import ServiceReview
from directory.partners.tables import Partner, PartnerService
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Task
from tests.directory.partners.partner_builders import MORAG, AtDoor, a_partner, ask_of
from tests.directory.referrals.builders import SERVICE

CONFIRM_BY = "partner_review_"


def keeps(loop: Loop, *emails: str, service_id: str = SERVICE, role: str = members.OWNER) -> str:
    """A partner whose members, in this role, keep the service; its id."""
    own, at = str(uuid4()), loop.clock()
    with loop.database.session() as session:
        session.add(Partner(id=own, name="Harbour Trust", made_at=at))
        session.flush()
        session.add(PartnerService(partner_id=own, service_id=service_id, how="registered", since=at))
        for email in emails or (MORAG,):
            members.put(session, loop, own, email, "Morag Reid", role, "", at).joined_at = at
    return own


def an_owner(loop: Loop, email: str = MORAG, role: str = members.OWNER, service_id: str = SERVICE) -> AtDoor:
    """Somebody of a partner who has proved their mailbox."""
    keeps(loop, email, service_id=service_id, role=role)
    return a_partner(loop, email)


def confirmed(loop: Loop, at: datetime, service_id: str = SERVICE, by: str = "ann") -> None:
    with loop.database.session() as session:
        assurance.say(session, service_id, State.SPOC_CONFIRMED, by, at)


def asked(loop: Loop, service_id: str = SERVICE) -> Asked:
    with loop.database.reading() as session:
        return review_facts.asked(session, loop, service_id)


def confirm(loop: Loop, door: AtDoor, service_id: str = SERVICE, ask: Ask | None = None) -> None:
    reviews.confirm(loop, ask or ask_of(loop, door.inside), door.inside, service_id, asked(loop, service_id).mark)


def tell(loop: Loop, door: AtDoor, service_id: str = SERVICE, **wrong: str) -> None:
    seen = asked(loop, service_id).mark
    reviews.tell(loop, ask_of(loop, door.inside), door.inside, service_id, seen, wrong)


def letters(loop: Loop) -> list[str]:
    """Reminders queued so far, first to last."""
    with loop.database.reading() as session:
        query = select(Notice.template).where(Notice.template.like(f"{CONFIRM_BY}%")).order_by(Notice.id)
        return list(session.scalars(query))


def open_tasks(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return sorted(session.scalars(select(Task.kind).where(Task.done_at.is_(None))))


def rounds(loop: Loop) -> list[ServiceReview]:
    with loop.database.reading() as session:
        found = list(session.scalars(select(ServiceReview).order_by(ServiceReview.opened_at)))
        session.expunge_all()
        return found
