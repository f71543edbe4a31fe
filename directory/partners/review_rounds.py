"""Rounds of the yearly question about a service: begun, answered, or over for the record was confirmed elsewhere."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.keys import Unreadable
from directory.partners import mailbox_codes, members, review_due, said_wrong
from directory.partners.members import Membership
from directory.partners.review_due import ELSEWHERE
from directory.partners.review_tables import ServiceReview
from directory.partners.tables import PartnerMember, PartnerService
from directory.referrals import partner_letters, tasks
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.tables import Service

CALL = "review_call"
LETTERS = ("partner_review_1", "partner_review_2", "partner_review_3")
SEVERAL = "/partners/reviews"
"""The page with every service of somebody's that waits for an answer."""


def settle(session: Session, service_ids: Collection[str], by: str, at: datetime) -> None:
    """Staff have confirmed a record: what was asked about it is over. Call it with all rows of the service."""
    for kind in (CALL, said_wrong.TASK):
        tasks.settle_service(session, service_ids, kind, by, at)
    still = (ServiceReview.service_id.in_(service_ids), ServiceReview.closed_at.is_(None))
    session.execute(update(ServiceReview).where(*still).values(closed_at=at, how=ELSEWHERE))
    said_wrong.settle_all(session, service_ids, by, at)
    for own in service_ids:
        _keep_back(session, own, at)


def end(session: Session, row: ServiceReview, at: datetime) -> None:
    """A round that nobody has to answer any more: somebody else confirmed the record, or nothing is asked of it."""
    row.closed_at, row.how = at, ELSEWHERE
    tasks.settle_service(session, review_due.rows_of(session, row.service_id), CALL, SYSTEM.id, at)
    _keep_back(session, row.service_id, at)


def open_round(session: Session, service_id: str) -> ServiceReview | None:
    """The round about a service that nobody has answered yet."""
    own = (ServiceReview.service_id == service_id, ServiceReview.closed_at.is_(None))
    return session.scalars(select(ServiceReview).where(*own).order_by(ServiceReview.opened_at)).first()


def begin(session: Session, service_id: str, due_on: str, at: datetime) -> ServiceReview:
    """A new round, of which no reminder has left yet."""
    row = ServiceReview(id=str(uuid4()), service_id=service_id, due_on=due_on, opened_at=at, reminders=0)
    session.add(row)
    session.flush()
    return row


def answered(session: Session, loop: Loop, service_id: str, member: Membership, ask: Ask, how: str) -> ServiceReview:
    """The round is over: no reminder leaves any more, and nobody has to ring."""
    session.execute(select(Service.id).where(Service.id == service_id).with_for_update())
    row = open_round(session, service_id) or begin(session, service_id, ask.at.date().isoformat(), ask.at)
    row.closed_at, row.how, row.said_by = ask.at, how, member.id
    tasks.settle_service(session, review_due.rows_of(session, service_id), CALL, member.id, ask.at)
    _keep_back(session, service_id, ask.at)
    session.flush()
    try:
        emails = members.mailboxes_of(session, loop, service_id)
    except Unreadable:  # then a letter too many may leave, but the answer counts
        emails = []
    for email in emails:
        _keep_digests_back(session, loop, email)
    return row


def _keep_digests_back(session: Session, loop: Loop, email: str) -> None:
    """A letter about several services says nothing any more once no answer of theirs is waited for."""
    macs = mailbox_codes.macs(loop.keys, email)
    waits = (
        select(ServiceReview.id)
        .join(PartnerService, PartnerService.service_id == ServiceReview.service_id)
        .join(PartnerMember, PartnerMember.partner_id == PartnerService.partner_id)
        .where(ServiceReview.closed_at.is_(None), PartnerService.ended_at.is_(None), PartnerMember.left_at.is_(None))
    )
    if session.scalar(waits.where(PartnerMember.email_mac.in_(macs)).limit(1)) is None:
        partner_letters.forget_those(
            session, loop, LETTERS, lambda path, fields: path == SEVERAL and fields["to"] == email
        )


def _keep_back(session: Session, service_id: str, at: datetime) -> None:
    """A reminder that has not left yet stays here."""
    own = (PartnerLetter.path == path_of(service_id), PartnerLetter.fields_sealed.is_not(None))
    session.execute(update(PartnerLetter).where(*own).values(until=at))


def path_of(service_id: str) -> str:
    """Of the page on which it is asked."""
    return f"/partners/services/{service_id}/review"
