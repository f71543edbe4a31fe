"""What follows when a message cannot be delivered: it is marked, a worker is asked within the hour, nothing is lost.

A provider's server may refuse at once, or take a message and report later that it failed (RFC 3464): both end here. A
report is found by our message id; nothing else of it is kept.
"""

import email
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from email import policy as email_policy
from email.message import Message

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.referrals import partner_letters, system_actions, tasks, working_time
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.loop import Loop
from directory.referrals.tables import Case, Mailbox, Notice, Referral, SafeContact

REFUSED, FAILED, BOUNCED = "refused", "failed", "bounced"
"""Of `codes`, list bounce."""
MOST_BYTES = 1_000_000
"""Of a report: larger ones carry attachments that we never sent."""
OURS = re.compile(r"<([0-9a-f]{32})@[^<>\s]{1,255}>")


def rejected(loop: Loop, ids: Sequence[int], recipient: bool, now: datetime) -> None:
    """The server refused them for good; `recipient`: because of the mailbox, which is marked."""
    _settle(loop, ids, REFUSED, recipient, now)


def given_up(loop: Loop, ids: Sequence[int], now: datetime) -> None:
    """All tries are spent."""
    _settle(loop, ids, FAILED, False, now)


def bounced(loop: Loop, message_id: str, at: datetime) -> int:
    """A server that had taken a message reports that it could not deliver it; says how many messages were in it."""
    with loop.database.reading() as session:
        own = or_(Notice.message_id == message_id, Notice.message_id.startswith(f"{message_id}.", autoescape=True))
        ids = session.scalars(select(Notice.id).where(own, Notice.bounced_at.is_(None)).order_by(Notice.id)).all()
    if ids:
        _settle(loop, ids, BOUNCED, True, at)
    return len(ids)


def _settle(loop: Loop, ids: Sequence[int], why: str, mailbox_too: bool, now: datetime) -> None:
    """Tells first and marks then: a worker that dies in between tells twice, never not at all."""
    with loop.database.reading() as session:
        rows = session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id)).all()
    for referral_id in dict.fromkeys(row.referral_id for row in rows if row.referral_id):
        system_actions.delivery_failed(loop, Ask(SYSTEM, now), referral_id, why)
    with loop.database.session() as session:
        for row in session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id).with_for_update()):
            row.settled_at, row.claimed_until, row.refused = row.settled_at or now, None, why
            mailbox = session.get(Mailbox, row.mailbox_id) if row.mailbox_id else None
            if mailbox_too:
                row.bounced_at = now
                if mailbox is not None:
                    mailbox.bounced_at = now
            if row.partner_letter_id:  # no task: it stands among what failed, and whoever waits for it asks anew
                partner_letters.forget(session, row)
            elif not row.referral_id:
                ask_worker(session, loop, row, now)


def ask_worker(session: Session, loop: Loop, row: Notice, now: datetime) -> None:
    """A task: somebody must find out how to reach them."""
    referral = session.get(Referral, row.referral_id) if row.referral_id else None
    mailbox = session.get(Mailbox, row.mailbox_id) if row.mailbox_id else None
    if referral is not None:
        tasks.add(session, "bounced", _due(loop, now), now, referral=referral)
    elif mailbox is not None:
        service = mailbox.service_id
        tasks.add(session, "bounced", _due(loop, now), now, service_id=service, object_id=mailbox.id)
    elif (contact := session.get(SafeContact, row.safe_contact_id)) is not None:
        case = session.get_one(Case, contact.case_id)
        lead = case.lead_worker
        tasks.add(session, "check_contact", _due(loop, now), now, case_id=case.id, assigned_to=lead)


def _due(loop: Loop, now: datetime) -> datetime:
    return working_time.after(loop.policy, now, loop.policy.span("bounce", True))


def read_report(content: bytes) -> frozenset[str]:
    """Ids of our messages that a delivery report says have failed for good; none when it tells of a delay or success.

    Raises BadInput for what is no report on a message of ours.
    """
    if len(content) > MOST_BYTES:
        raise BadInput("That is too large for a delivery report.", "Give the report alone, as it came.")
    report = email.message_from_bytes(content, policy=email_policy.compat32)
    if report.get_content_type() != "multipart/report":
        raise BadInput("That is no delivery report.", "Give the message as the mail server sent it, with its headers.")
    parts = list(report.walk())
    ids = frozenset(_ids(parts))
    actions = {
        action for part in parts if part.get_content_type() == "message/delivery-status" for action in _said(part)
    }
    if not ids or not actions:
        raise BadInput("That report is not about a message of ours.", "Nothing was changed.")
    return ids if "failed" in actions else frozenset()


def _said(status: Message) -> Iterator[str]:
    """The actions of a delivery-status part: "failed", "delayed", "delivered" … (RFC 3464, 2.3.3)."""
    payload = status.get_payload()
    for block in payload if isinstance(payload, list) else ():
        if isinstance(block, Message) and block["Action"]:
            yield str(block["Action"]).strip().lower()


def _ids(parts: Iterable[Message]) -> Iterator[str]:
    """Message ids in the returned message or its headers."""
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            text = payload.decode("latin-1") if isinstance(payload, bytes) else ""
            part = email.message_from_string(text, policy=email_policy.compat32)
        yield from OURS.findall(str(part["Message-ID"] or ""))
