"""Messages that must leave, written down in the transaction that needs them; their words are data (`texts`).

A message says tier 0 and nothing else: the provider's own name, our reference for it, a day, a link, our phone. Its
text is made when it is handed over (`letters`) and kept nowhere.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from directory.database import count_changed
from directory.referrals import texts, working_time
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Referral
from directory.referrals.texts import Template

PROVIDER, PERSON, PARTNER = "provider", "person", "partner"
DIGEST, CODE = "digest", "code"
CODES = (CODE, "partner_code")
"""Somebody waits for them at a page: they leave before all else."""
URGENT = frozenset({"now", "days"})
CANCELLED = "cancelled"


def templates() -> Mapping[str, Template]:
    """Every kind of message by its name: what each is. `Loop.texts` has the words that are in use."""
    return texts.shipped().messages


def queue(
    session: Session,
    loop: Loop,
    template: str,
    at: datetime,
    *,
    referral: Referral | None = None,
    mailbox_id: str = "",
    to_second: bool = False,
    urgent: bool = False,
    stage: str = "",
    link_code_id: int | None = None,
    safe_contact_id: str = "",
    partner_letter_id: str = "",
    due_at: datetime | None = None,
) -> Notice:
    """Adds a message to what must leave, not before `due_at`. It goes to the referral's mailbox unless one is named.

    What is neither urgent (as the referral is or `urgent` says) nor always at once waits for the provider's next
    digest. A `stop` or `void` cancels what still waits for the referral. Raises KeyError for a template there is not,
    ValueError for a message to nobody or to both: mistakes of ours.
    """
    kind = templates()[template]
    if template == DIGEST:
        raise ValueError("a digest is made when it is due")
    if kind.to == PROVIDER and referral is not None:
        mailbox_id = mailbox_id or referral.mailbox_id
    to = {PROVIDER: mailbox_id, PERSON: safe_contact_id, PARTNER: partner_letter_id}
    if [name for name, own in to.items() if own] != [kind.to]:
        raise ValueError(f"{template} needs one recipient")
    if referral is None and not kind.at_once:
        raise ValueError(f"{template} needs a referral")
    if kind.ends and referral is not None:
        cancel(session, referral.id, at)
    urgent = urgent or kind.at_once or (referral is not None and referral.urgency in URGENT)
    earliest = max(at, due_at) if due_at else at
    row = Notice(
        template=template,
        mailbox_id=mailbox_id,
        to_second=to_second,
        safe_contact_id=safe_contact_id,
        partner_letter_id=partner_letter_id,
        referral_id=referral.id if referral is not None else "",
        link_code_id=link_code_id,
        message_id=uuid4().hex,
        urgent=urgent,
        stage=stage,
        made_at=at,
        due_at=earliest if urgent else digest_at(loop, earliest),
        tries=0,
    )
    session.add(row)
    session.flush()
    return row


def digest_at(loop: Loop, moment: datetime) -> datetime:
    """When the next digest of a provider leaves: at the policy's hour of the first working day it is still to come."""
    return working_time.hour_of_next_working_day(loop.policy, moment, loop.policy.number("sending", "digest_hour"))


def cancel(session: Session, referral_id: str, at: datetime) -> int:
    """Keeps back every message of a referral that has not left yet; says how many. One on its way cannot be."""
    waiting = (Notice.referral_id == referral_id, Notice.settled_at.is_(None))
    return count_changed(session, update(Notice).where(*waiting).values(settled_at=at, refused=CANCELLED))
