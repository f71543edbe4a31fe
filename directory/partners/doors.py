"""A partner's way in without a password: a mailbox, proved by a code that goes there and to nobody else.

It lets somebody register, answer whether their facts are still right, and say whether there is room. Whatever speaks of
a person, and every edit, needs an account with a second factor (`members`). Until the code every mailbox has the same
pages: nothing tells whether it is known here.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from directory import mail
from directory.accounts import limits
from directory.accounts.sessions import is_token, token_hash
from directory.accounts.tables import utc
from directory.errors import BadInput, NotSignedIn
from directory.partners import mailbox_codes
from directory.partners.tables import PartnerCode, PartnerSession
from directory.referrals import audit, link_codes, link_limits
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop, is_over

MAILBOX, PHONE = "mailbox", "phone"
OUT = ("Your time here is over.", "Type your e-mail address and we send you another code. What you wrote is kept.")
KEPT = timedelta(days=1)
"""How long a browser that asked for a code and never gave it leaves a row."""


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who has proved a mailbox in this browser. `macs` find what is that mailbox's, `mac` is written."""

    who: Who
    email: str
    mac: str
    macs: tuple[str, ...]
    kind: str


def ask(loop: Loop, email: str, token: str, address: str) -> str:
    """Sends a code to a mailbox for the browser that holds this token; the mailbox as it is kept.

    Raises BadInput (field "email"), TooManyTries.
    """
    at, plain = loop.clock(), mail.address(email, "That", "email")
    link_limits.take(loop, link_limits.CODES, address, at)
    with loop.database.session() as session:
        _forget(session, at)
        browser = begin(session, loop, plain, token, at)
        if mailbox_codes.send(session, loop, browser, plain, at):
            audit.note(session, _who(browser, address), at, "code_sent", "partner_session", browser.id)
    return plain


def begin(session: Session, loop: Loop, email: str, token: str, at: datetime, kind: str = MAILBOX) -> PartnerSession:
    """A browser that has asked for a code; one that asks again is begun anew, and an earlier code of it is dead."""
    own = token_hash(token)
    before = session.scalar(select(PartnerSession).where(PartnerSession.token_hash == own))
    if before is not None:
        session.execute(delete(PartnerCode).where(PartnerCode.session_id == before.id))
        session.delete(before)
        session.flush()
    row = PartnerSession(id=str(uuid4()), token_hash=own, kind=kind, started_at=at, last_seen_at=at)
    row.email_mac = mailbox_codes.mac(loop.keys, email)
    row.email_sealed = loop.own.seal(email, "partner_session", row.id, "email")
    session.add(row)
    session.flush()
    return row


def enter(loop: Loop, token: str | None, typed: str, fresh: str, address: str) -> None:
    """Lets in a browser that gives the right code, under a `fresh` token of 256 bits that replaces the one before.

    Raises BadInput (field "code") for one that is wrong, spent or too old, TooManyTries.
    """
    at, code = loop.clock(), link_codes.read(typed)
    tries = link_limits.take(loop, link_limits.TRIES, address, at)
    with loop.database.session() as session:
        row = _locked(session, token)
        email = opened(loop, row) if row else ""
        right = mailbox_codes.is_right(session, loop, row, email, code)
        if right and row is not None:
            limits.give_back(session, tries)
            row.ended_at = at
            new = begin(session, loop, email, fresh, at)
            new.proved_at = at
            audit.note(session, _who(new, address), at, "link_opened", "partner_session", new.id)
        elif row is not None:
            audit.note(session, _who(row, address), at, "code_failed", "partner_session", row.id, result=audit.DENY)
    if not right:
        raise BadInput("That is not the code, or it is too old.", "Look again, or ask for another one.", "code")


def inside(session: Session, loop: Loop, cookie: str | None, address: str = "", kind: str = MAILBOX) -> Inside:
    """Who comes with this cookie. Raises NotSignedIn: unknown, not proved, over, ended."""
    row = _found(session, cookie)
    if row is None or row.kind != kind or not _lasts(loop, row):
        raise NotSignedIn(*OUT)
    email = opened(loop, row)
    found = mailbox_codes.mac(loop.keys, email), tuple(mailbox_codes.macs(loop.keys, email))
    return Inside(_who(row, address), email, *found, row.kind)


def touch(session: Session, session_id: str, at: datetime) -> None:
    """Notes that they have just done something."""
    session.execute(update(PartnerSession).where(PartnerSession.id == session_id).values(last_seen_at=at))


def leave(loop: Loop, cookie: str | None) -> None:
    """Ends a session; its cookie is worth nothing from now on. One that is over already stays so."""
    with loop.database.session() as session:
        row = _found(session, cookie)
        if row is not None and row.ended_at is None:
            row.ended_at = loop.clock()


def waiting(session: Session, loop: Loop, cookie: str | None) -> str:
    """The mailbox that this browser has asked a code for and not given it; "" for any other browser."""
    row = _found(session, cookie)
    return opened(loop, row) if row is not None and row.proved_at is None and row.ended_at is None else ""


def opened(loop: Loop, row: PartnerSession) -> str:
    """A browser's mailbox. Raises Unreadable."""
    return loop.own.open(row.email_sealed, "partner_session", row.id, "email")


def _lasts(loop: Loop, row: PartnerSession) -> bool:
    if row.proved_at is None or row.ended_at is not None:
        return False
    at, number = loop.clock(), loop.policy.number
    if row.kind == PHONE:
        return not is_over(utc(row.proved_at), timedelta(days=number("partners", "phone_days")), at)
    idle, most = timedelta(minutes=number("partners", "idle_minutes")), timedelta(hours=number("partners", "hours"))
    return not is_over(row.last_seen_at, idle, at) and not is_over(utc(row.proved_at), most, at)


def _found(session: Session, token: str | None) -> PartnerSession | None:
    if not is_token(token):
        return None
    return session.scalar(select(PartnerSession).where(PartnerSession.token_hash == token_hash(token)))


def _locked(session: Session, token: str | None) -> PartnerSession | None:
    """The browser that waits for its code, its row held until the transaction ends."""
    if not is_token(token):
        return None
    query = select(PartnerSession).where(PartnerSession.token_hash == token_hash(token)).with_for_update()
    row = session.scalar(query)
    return row if row is not None and row.proved_at is None and row.ended_at is None else None


def _who(row: PartnerSession, address: str) -> Who:
    return Who(Actor.PARTNER, row.id, frozenset({"partner"}), row.token_hash, address)


def _forget(session: Session, at: datetime) -> None:
    """Browsers that never gave their code leave nothing behind."""
    old = (PartnerSession.proved_at.is_(None), PartnerSession.started_at <= at - KEPT)
    ids = select(PartnerSession.id).where(*old)
    session.execute(delete(PartnerCode).where(PartnerCode.session_id.in_(ids)))
    session.execute(delete(PartnerSession).where(*old, ~exists().where(PartnerCode.session_id == PartnerSession.id)))
