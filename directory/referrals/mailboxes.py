"""Where referrals to a service may go: an address is trusted when two people and a call-back have proved it.

No import ever makes one. A new address replaces the old one, which is told; links that went there are dead at once, and
new ones wait until the new address may be used (security.md, section 2.5).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory import mail
from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import audit, locators, notices, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import LIVE
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Mailbox, Notice, Referral, Task
from directory.tables import Service

FOUND_LIMIT = 300
ENDS = ("stop", "void")
"""Messages that still go where the referral went."""


def current(session: Session, service_id: str) -> Mailbox | None:
    """The service's proved address, if it has one; whether it may be used yet is the sender's to check."""
    own = (Mailbox.service_id == service_id, Mailbox.verified_at.is_not(None), Mailbox.replaced_at.is_(None))
    return session.scalars(select(Mailbox).where(*own).order_by(Mailbox.verified_at.desc())).first()


def proposed(session: Session, service_id: str) -> Mailbox | None:
    """The address that somebody has proposed and that is not proved yet, if there is one."""
    own = (Mailbox.service_id == service_id, Mailbox.verified_at.is_(None), Mailbox.replaced_at.is_(None))
    return session.scalars(select(Mailbox).where(*own).order_by(Mailbox.proposed_at.desc())).first()


def address(loop: Loop, mailbox: Mailbox, to_second: bool = False) -> str:
    """Where it is written to; its second contact where one is asked for and known. Raises Unreadable."""
    second = loop.own.open(mailbox.second_sealed, "mailbox", mailbox.id, "second") if to_second else ""
    return second or loop.own.open(mailbox.address_sealed, "mailbox", mailbox.id, "address")


def propose(
    loop: Loop, ask: Ask, service_id: str, email: str, second: str = "", terms_agreed_on: date | None = None
) -> Answer:
    """Somebody says where referrals to a service should go; nothing goes there yet. An earlier proposal is dropped.

    Raises BadInput (field "email" or "second"), NotFound for the service, Conflict for the address in use.
    """
    checked = mail.address(email, "That", "email")
    other = mail.address(second, "The second contact", "second") if second.strip() else ""
    if other.casefold() == checked.casefold():
        raise BadInput(
            "The second contact is the mailbox itself.", "Leave it empty, or give another address.", "second"
        )
    body = {"service": service_id, "mac": loop.keys.mac("mailbox", f"{checked}\n{other}"), "terms": terms_agreed_on}

    def do(session: Session) -> Answer:
        if session.scalar(select(Service.id).where(Service.id == service_id).with_for_update()) is None:
            raise NotFound("There is no such service in the record.", "Look it up by its name.")
        used = current(session, service_id)
        if used is not None and address(loop, used).casefold() == checked.casefold() and not other:
            raise Conflict("Referrals go to that mailbox already.", "Nothing was changed.")
        row = _proposal(session, loop, ask, service_id, checked, other, terms_agreed_on)
        return _written(session, ask, row, "create", "propose")

    return loop.once(ask, "mailbox.propose", body, do)


def _proposal(
    session: Session, loop: Loop, ask: Ask, service_id: str, email: str, second: str, terms_agreed_on: date | None
) -> Mailbox:
    """A row that waits to be proved, instead of one that waited."""
    before = proposed(session, service_id)
    if before is not None:
        before.replaced_at, before.version = ask.at, before.version + 1
    own = str(uuid4())
    row = Mailbox(
        id=own,
        service_id=service_id,
        address_sealed=loop.own.seal(email, "mailbox", own, "address"),
        second_sealed=loop.own.seal(second, "mailbox", own, "second"),
        proposed_at=ask.at,
        proposed_by=ask.who.id,
        terms_agreed_on=terms_agreed_on,
    )
    session.add(row)
    session.flush()
    return row


@dataclass(frozen=True, slots=True)
class Rung:
    """How the provider was rung about an address, and who agreed to it first and when; the second is who asks now."""

    at: datetime
    number_found_at: str
    first_approver: str
    first_approved_at: datetime
    terms_agreed_on: date | None = None


def take_in(session: Session, loop: Loop, ask: Ask, service_id: str, email: str, second: str, rung: Rung) -> bool:
    """The address of a registration that was rung and agreed by two people, in the caller's transaction.

    A service that has another address in use, or another second contact, keeps it: theirs is only proposed, and False
    returned. Raises BadInput, and Conflict when both approvals are of one person.
    """
    if rung.first_approver == ask.who.id:
        raise Conflict("You have approved this already.", "Ask somebody else to look at it as well.")
    checked = mail.address(email, "That", "email")
    other = mail.address(second, "The second contact", "second") if second.strip() else ""
    used = current(session, service_id)
    if used is not None and address(loop, used).casefold() == checked.casefold():
        if not other or address(loop, used, to_second=True).casefold() == other.casefold():
            return True
    row = _proposal(session, loop, ask, service_id, checked, other, rung.terms_agreed_on)
    _written(session, ask, row, "create", "propose")
    if used is not None:
        return False
    row.called_back_at, row.number_found_at = rung.at, rung.number_found_at
    row.first_approver, row.first_approved_at = rung.first_approver, rung.first_approved_at
    _prove(session, loop, row, ask)
    row.version += 1
    _written(session, ask, row, "approve", "verified")
    return True


def called_back(loop: Loop, ask: Ask, mailbox_id: str, number_found_at: str) -> Answer:
    """Somebody rang a number that they found themselves, and the provider said that the address is theirs.

    Raises BadInput (field "number_found_at"), NotFound, Conflict.
    """
    found = " ".join(number_found_at.split())
    if not found or len(found) > FOUND_LIMIT:
        advice = "Name the page or register, like “the charity's own website, contact page”."
        raise BadInput("Say where you found the number you rang.", advice, "number_found_at")

    def do(session: Session) -> Answer:
        row = _pending(session, ask, mailbox_id)
        row.called_back_at, row.number_found_at = ask.at, found
        row.version += 1
        return _written(session, ask, row, "change", "call_back")

    return loop.once(ask, "mailbox.call_back", {"id": mailbox_id, "found": found}, do)


def approve(loop: Loop, ask: Ask, mailbox_id: str) -> Answer:
    """One person's approval; the second, of another, proves the address and replaces the one before.

    Raises Conflict when the same person approves twice, or nobody has rung them yet.
    """

    def do(session: Session) -> Answer:
        row = _pending(session, ask, mailbox_id)
        if row.called_back_at is None:
            advice = "Ring a number that you found yourself, and write down where."
            raise Conflict("Nobody has rung the provider about this address.", advice)
        if row.first_approved_at is None:
            row.first_approver, row.first_approved_at = ask.who.id, ask.at
        elif row.first_approver == ask.who.id:
            raise Conflict("You have approved this address already.", "Ask somebody else to look at it as well.")
        else:
            _prove(session, loop, row, ask)
        row.version += 1
        return _written(session, ask, row, "approve", "verified" if row.verified_at else "first")

    return loop.once(ask, "mailbox.approve", {"id": mailbox_id}, do)


def _prove(session: Session, loop: Loop, row: Mailbox, ask: Ask) -> None:
    before = current(session, row.service_id)
    row.second_approver, row.verified_at, row.confirmed_at = ask.who.id, ask.at, ask.at
    row.usable_from = ask.at + timedelta(hours=loop.policy.number("sending", "new_mailbox_hours"))
    if before is not None:
        before.replaced_at, before.version = ask.at, before.version + 1
        session.flush()
        _reached(session, before, ask.at)
        notices.queue(session, loop, "mailbox_changed", ask.at, mailbox_id=before.id)
        _move(session, loop, before, row, ask)


def _move(session: Session, loop: Loop, before: Mailbox, row: Mailbox, ask: Ask) -> None:
    """What is under way goes to the new address: old links die now, new ones leave once it may be used."""
    assert row.usable_from is not None
    waiting = (Notice.mailbox_id == before.id, Notice.settled_at.is_(None))
    codes = update(Notice).where(*waiting, Notice.template == notices.CODE)
    session.execute(codes.values(settled_at=ask.at, refused="replaced"))
    stays = (*ENDS, "mailbox_changed")
    session.execute(update(Notice).where(*waiting, Notice.template.not_in(stays)).values(mailbox_id=row.id))
    own = (Referral.mailbox_id == before.id, Referral.state.in_([state.value for state in LIVE]))
    for referral in session.scalars(select(Referral).where(*own).order_by(Referral.id).with_for_update()):
        referral.mailbox_id = row.id
        locators.revoke(session, referral.id, ask.at)
        locators.issue(session, loop, referral, ask.who, ask.at)
        tasks.settle(session, referral.id, ("bounced",), ask.who.id, ask.at)
        first = select(Notice.id).where(Notice.referral_id == referral.id, Notice.template == "referral")
        if session.scalar(first.where(Notice.settled_at.is_(None))) is None:
            notices.queue(session, loop, "link_again", ask.at, referral=referral, due_at=row.usable_from)
    later = update(Notice).where(Notice.mailbox_id == row.id, Notice.settled_at.is_(None))
    session.execute(later.where(Notice.due_at < row.usable_from).values(due_at=row.usable_from))


def remove(loop: Loop, ask: Ask, mailbox_id: str) -> Answer:
    """Takes a proposal back, or an address out of use: nothing more goes there and its links are dead."""

    def do(session: Session) -> Answer:
        row = _held(session, ask, mailbox_id)
        if row.replaced_at is not None:
            raise Conflict("This address is out of use already.", "Look at how it stands now.")
        row.replaced_at, row.version = ask.at, row.version + 1
        for referral in session.scalars(select(Referral).where(Referral.mailbox_id == row.id)):
            locators.revoke(session, referral.id, ask.at)
            if referral.state in LIVE:  # it has no address now: its worker must find another way
                due_at = working_time.after(loop.policy, ask.at, loop.policy.span("bounce", True))
                tasks.add(session, "bounced", due_at, ask.at, referral=referral)
        return _written(session, ask, row, "change", "remove")

    return loop.once(ask, "mailbox.remove", {"id": mailbox_id}, do)


def prove(loop: Loop, ask: Ask, mailbox_id: str) -> Answer:
    """Writes to a proved address to ask whether it is still right; they ring us. Raises Conflict."""

    def do(session: Session) -> Answer:
        row = _in_use(session, ask, mailbox_id)
        notices.queue(session, loop, "mailbox_prove", ask.at, mailbox_id=row.id)
        return _written(session, ask, row, "send", "prove")

    return loop.once(ask, "mailbox.prove", {"id": mailbox_id}, do)


def confirmed_by_phone(loop: Loop, ask: Ask, mailbox_id: str) -> Answer:
    """Somebody rang them, and the address is still right. Raises Conflict."""

    def do(session: Session) -> Answer:
        row = _in_use(session, ask, mailbox_id)
        row.version += 1
        confirm(session, row.id, ask.at)
        return _written(session, ask, row, "change", "confirm")

    return loop.once(ask, "mailbox.confirm", {"id": mailbox_id}, do)


def confirm(session: Session, mailbox_id: str, at: datetime) -> None:
    """The address has just been proved to be theirs: a code that was sent there came back."""
    row = session.get_one(Mailbox, mailbox_id)
    row.confirmed_at, row.bounced_at = at, None
    _reached(session, row, at)


def _reached(session: Session, row: Mailbox, at: datetime) -> None:
    """What asked how to reach them is answered; a referral that did not arrive still waits to be sent anew."""
    about = update(Task).where(Task.object_id == row.id, Task.kind == "bounced", Task.done_at.is_(None))
    session.execute(about.values(done_at=at))


def is_stale(loop: Loop, row: Mailbox, at: datetime) -> bool:
    """Whether a proved address has not been proved for so long that it takes no referral."""
    days = timedelta(days=loop.policy.number("sending", "mailbox_days"))
    return row.confirmed_at is None or utc(row.confirmed_at) + days <= at


def _held(session: Session, ask: Ask, mailbox_id: str) -> Mailbox:
    row = session.scalar(select(Mailbox).where(Mailbox.id == mailbox_id).with_for_update())
    if row is None:
        raise NotFound("There is no such mailbox.", "Look at the service's page.")
    check_version(row.version, ask, "look at what was done with it")
    return row


def _pending(session: Session, ask: Ask, mailbox_id: str) -> Mailbox:
    row = _held(session, ask, mailbox_id)
    if row.verified_at is not None or row.replaced_at is not None:
        raise Conflict("This address does not wait to be proved any more.", "Look at how it stands now.")
    return row


def _in_use(session: Session, ask: Ask, mailbox_id: str) -> Mailbox:
    row = _held(session, ask, mailbox_id)
    if row.verified_at is None or row.replaced_at is not None:
        raise Conflict("Referrals do not go to this address.", "Have it proved first: two people and a call.")
    return row


def _written(session: Session, ask: Ask, row: Mailbox, action: str, purpose: str) -> Answer:
    audit.note(session, ask.who, ask.at, action, "mailbox", row.id, purpose=purpose)
    return {"id": row.id, "service_id": row.service_id, "version": row.version, "verified": row.verified_at is not None}
