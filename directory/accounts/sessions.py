"""Sessions on the server: the browser holds a random id and nothing else, and deleting the row ends it at once.

Limits and renewal follow OWASP ASVS 5.0, 7.2 to 7.4.
"""

import hashlib
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeGuard

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from directory.accounts.policy import User
from directory.accounts.tables import Account, AccountRole, AccountSession, SignInStep, utc
from directory.database import Database

IDLE_LIMIT = timedelta(minutes=30)
"""A session unused this long is over: a shared office, a shared machine."""
ABSOLUTE_LIMIT = timedelta(hours=12)
"""A session is over after this, however busy: longer than any shift."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly `last_seen_at` is kept: not every page view should be a write."""
TOKEN_BYTES = 32

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True, slots=True)
class Seen:
    """A session that is open, and whose. `handle` names it on its owner's page: no way in can be made of it."""

    user: User
    handle: str
    locked: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """One of somebody's open sessions, as they are shown it."""

    handle: str
    device: str
    started_at: datetime
    last_seen_at: datetime
    locked: bool


def new_token() -> str:
    """256 random bits for a cookie; only their hash is kept."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def start(session: Session, account_id: str, at: datetime, device: str = "") -> str:
    """Opens a session in the caller's transaction; returns its id, which is kept nowhere."""
    token = new_token()
    session.add(
        AccountSession(
            token_hash=token_hash(token), account_id=account_id, started_at=at, last_seen_at=at, device=device
        )
    )
    return token


def user(database: Database, token: str | None, at: datetime) -> User | None:
    """Who this session belongs to; None when it is unknown, over, ended, locked, or its account disabled."""
    found = seen(database, token, at)
    return found.user if found is not None and not found.locked else None


def seen(database: Database, token: str | None, at: datetime) -> Seen | None:
    """The session, locked ones too; None when it is unknown, over, ended, or its account disabled."""
    if not is_token(token):
        return None
    with database.reading() as session:
        found = session.execute(
            select(AccountSession, Account)
            .join(Account, Account.id == AccountSession.account_id)
            .where(AccountSession.token_hash == token_hash(token), Account.disabled_at.is_(None))
        ).one_or_none()
        if found is None:
            return None
        own, account = found
        roles = session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
        who = User(account.id, account.full_name, frozenset(roles), account.single_keys)
    if is_over(utc(own.started_at), utc(own.last_seen_at), at):
        return None
    if own.locked_at is None and at - utc(own.last_seen_at) >= NOTED_EVERY:
        with database.session() as session:
            row = AccountSession.token_hash == own.token_hash
            session.execute(update(AccountSession).where(row).values(last_seen_at=at))
    return Seen(who, _handle(own.token_hash), own.locked_at is not None)


def listed(database: Database, account_id: str, at: datetime) -> list[OpenSession]:
    """Somebody's open sessions, the last used first."""
    own = select(AccountSession).where(AccountSession.account_id == account_id)
    with database.reading() as session:
        rows = session.scalars(own.order_by(AccountSession.last_seen_at.desc())).all()
    return [
        OpenSession(
            _handle(row.token_hash), row.device, utc(row.started_at), utc(row.last_seen_at), row.locked_at is not None
        )
        for row in rows
        if not is_over(utc(row.started_at), utc(row.last_seen_at), at)
    ]


def revoke(database: Database, account_id: str, handles: Collection[str]) -> int:
    """Ends those of somebody's sessions that are named; returns how many there were."""
    with database.session() as session:
        own = session.scalars(select(AccountSession).where(AccountSession.account_id == account_id))
        chosen = [row for row in own if _handle(row.token_hash) in handles]
        for row in chosen:
            session.delete(row)
    return len(chosen)


def lock(database: Database, token: str, at: datetime) -> None:
    """Locks a session: it opens nothing until it is renewed."""
    with database.session() as session:
        row = (AccountSession.token_hash == token_hash(token), AccountSession.locked_at.is_(None))
        session.execute(update(AccountSession).where(*row).values(locked_at=at))


def locked_at(session: Session, account_id: str, at: datetime) -> datetime | None:
    """When somebody last locked one of their sessions that is not over; None when none is locked."""
    own = (AccountSession.account_id == account_id, AccountSession.locked_at.is_not(None))
    rows = session.scalars(select(AccountSession).where(*own))
    open_ones = [row for row in rows if not is_over(utc(row.started_at), utc(row.last_seen_at), at)]
    return max((utc(row.locked_at) for row in open_ones if row.locked_at), default=None)


def renew(session: Session, token: str, at: datetime) -> str | None:
    """Another id, unlocked, for a session whose owner has proved anew who they are; its age stays.

    In the caller's transaction; None when it has ended meanwhile.
    """
    own = session.get(AccountSession, token_hash(token), with_for_update=True)
    if own is None or is_over(utc(own.started_at), utc(own.last_seen_at), at):
        return None
    fresh = start(session, own.account_id, utc(own.started_at), own.device)
    session.flush()
    renewed = session.get(AccountSession, token_hash(fresh))
    assert renewed is not None
    renewed.last_seen_at = at
    session.delete(own)
    return fresh


def only(session: Session, token: str, at: datetime) -> str | None:
    """`renew`, and every other session of the account ends: what proves who they are has changed."""
    fresh = renew(session, token, at)
    if fresh is not None:
        own = session.get(AccountSession, token_hash(fresh))
        assert own is not None
        others = (AccountSession.account_id == own.account_id, AccountSession.token_hash != own.token_hash)
        session.execute(delete(SignInStep).where(SignInStep.account_id == own.account_id))  # first: as in `end_all`
        session.execute(delete(AccountSession).where(*others))
    return fresh


def is_over(started_at: datetime, last_seen_at: datetime, at: datetime) -> bool:
    """Whether a session has reached one of its two limits."""
    return at - last_seen_at >= IDLE_LIMIT or at - started_at >= ABSOLUTE_LIMIT


def end(session: Session, token: str | None) -> None:
    """Ends one session, in the caller's transaction; one that is not there is no error."""
    if is_token(token):
        session.execute(delete(AccountSession).where(AccountSession.token_hash == token_hash(token)))


def end_all(session: Session, account_id: str) -> None:
    """Ends every session of an account, and every sign-in on its way, in the caller's transaction.

    The ways in go first: a sign-in that takes its step meanwhile is waited for, and its session is then seen.
    """
    session.execute(delete(SignInStep).where(SignInStep.account_id == account_id))
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))


def sweep(session: Session, at: datetime) -> None:
    """Deletes the sessions that are over, in the caller's transaction."""
    idle = AccountSession.last_seen_at <= at - IDLE_LIMIT
    session.execute(delete(AccountSession).where(or_(idle, AccountSession.started_at <= at - ABSOLUTE_LIMIT)))


def is_token(text: str | None) -> TypeGuard[str]:
    """Whether this can be the value of a cookie of ours."""
    return text is not None and _TOKEN.fullmatch(text) is not None


def token_hash(token: str) -> str:
    """What is kept of a cookie's value: random enough that a plain hash cannot be searched; a slow one would cost
    every page."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def _handle(hashed: str) -> str:
    return hashed[:16]
