"""Browsers at a link: before the code one can only ask for it; after it, it has a new, short session for one referral.

Limits follow OWASP ASVS 5.0 (6.6.2, 7.2.4, 7.3): the session from before the code never becomes the one after it.
Only a POST makes a session last longer: looking changes nothing.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.sessions import new_token
from directory.accounts.tables import utc
from directory.errors import NotSignedIn
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop, is_over
from directory.referrals.tables import LinkSession, Locator, Referral

OUT = ("Your time at this link is over.", "Ask for a new code.")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody who has proved themselves at a link, for one referral."""

    who: Who
    locator_id: str
    referral_id: str
    may_snooze: bool


def begin(session: Session, locator_id: str, token: str, at: datetime) -> LinkSession:
    """A browser that has asked for a code."""
    row = LinkSession(id=str(uuid4()), token_hash=_hash(token), locator_id=locator_id, started_at=at, last_seen_at=at)
    session.add(row)
    session.flush()
    return row


def waiting(session: Session, locator_id: str, token: str | None) -> LinkSession | None:
    """The browser that has asked for a code here and has not given one; None for any other."""
    row = _found(session, token)
    good = row is not None and row.locator_id == locator_id and row.proved_at is None and row.ended_at is None
    return row if good else None


def prove(session: Session, loop: Loop, before: LinkSession, token: str, name: str, at: datetime) -> LinkSession:
    """A new session for whoever gave the right code, under the name they typed; the one before it ends."""
    before.ended_at = at
    row = begin(session, before.locator_id, token, at)
    row.proved_at = at
    row.typed_name_sealed = loop.own.seal(name, "link_session", row.id, "typed_name")
    return row


def inside(session: Session, loop: Loop, token_hash: str, cookie: str | None, address: str) -> Inside:
    """Who comes with this cookie to this link. Raises NotSignedIn: unknown, over, ended, another link's, cut off."""
    at, row = loop.clock(), _found(session, cookie)
    own = select(Locator).where(Locator.token_hash == token_hash, Locator.revoked_at.is_(None))
    locator = session.scalar(own)
    if row is None or locator is None or row.locator_id != locator.id or not _lasts(loop, row, at):
        raise NotSignedIn(*OUT)
    return _inside(row, locator, address)


def of_account(session: Session, loop: Loop, locator: Locator, account_id: str, address: str) -> Inside | None:
    """What somebody of a partner has opened of this link by account (`by_account`); None when nothing, or over."""
    own = (LinkSession.locator_id == locator.id, LinkSession.account_id == account_id, LinkSession.ended_at.is_(None))
    rows = session.scalars(select(LinkSession).where(*own).order_by(LinkSession.started_at.desc()))
    row = next((each for each in rows if account_id and _lasts(loop, each, loop.clock())), None)
    return _inside(row, locator, address) if row is not None else None


def by_account(session: Session, loop: Loop, locator: Locator, account: tuple[str, str], address: str) -> Inside:
    """A session at a link for an account (id, full name), whose second factor stands in for the code: as short, and for
    this referral alone. Whoever calls this has asked whether the referral is theirs."""
    at, (account_id, name) = loop.clock(), account
    row = begin(session, locator.id, new_token(), at)
    row.proved_at, row.account_id = at, account_id
    row.typed_name_sealed = loop.own.seal(name, "link_session", row.id, "typed_name")
    return _inside(row, locator, address)


def end_account(session: Session, account_id: str, at: datetime) -> None:
    """Ends what somebody has opened by their account: they belong to the partner no more, or in another role."""
    own = (LinkSession.account_id == account_id, LinkSession.ended_at.is_(None))
    session.execute(update(LinkSession).where(*own).values(ended_at=at))


def check_proved(session: Session, loop: Loop, ask: Ask, referral: Referral) -> None:
    """Raises NotSignedIn unless whoever asks has proved themselves, at a link in use, for this very referral."""
    row = session.get(LinkSession, ask.who.id)
    locator = session.get(Locator, row.locator_id) if row is not None else None
    mine = locator is not None and locator.referral_id == referral.id and locator.revoked_at is None
    if row is None or not mine or not _lasts(loop, row, ask.at):
        raise NotSignedIn(*OUT)


def touch(session: Session, link_session_id: str, at: datetime) -> None:
    """Notes that they have just done something."""
    session.execute(update(LinkSession).where(LinkSession.id == link_session_id).values(last_seen_at=at))


def end(session: Session, link_session_id: str, at: datetime) -> None:
    """Ends a session; its cookie is worth nothing from now on."""
    own = (LinkSession.id == link_session_id, LinkSession.ended_at.is_(None))
    session.execute(update(LinkSession).where(*own).values(ended_at=at))


def _inside(row: LinkSession, locator: Locator, address: str) -> Inside:
    roles = frozenset({"provider", "partner"} if row.account_id else {"provider"})
    who = Who(Actor.PROVIDER, row.id, roles, row.token_hash, address)
    return Inside(who, locator.id, locator.referral_id, locator.snoozed_at is None)


def _lasts(loop: Loop, row: LinkSession, at: datetime) -> bool:
    if row.proved_at is None or row.ended_at is not None:
        return False
    idle = timedelta(minutes=loop.policy.number("link", "idle_minutes"))
    most = timedelta(minutes=loop.policy.number("link", "absolute_minutes"))
    return not is_over(row.last_seen_at, idle, at) and not is_over(utc(row.proved_at), most, at)


def _found(session: Session, token: str | None) -> LinkSession | None:
    if token is None or not _TOKEN.fullmatch(token):
        return None
    return session.scalar(select(LinkSession).where(LinkSession.token_hash == _hash(token)))


def _hash(token: str) -> str:
    # random enough that a plain hash cannot be searched
    return sha256(token.encode("ascii")).hexdigest()
