"""Sessions on the server: the browser holds a random id and nothing else, and deleting the row ends it at once.

Limits and renewal follow OWASP ASVS 5.0, 7.2 to 7.4.
"""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from directory.accounts.policy import User
from directory.accounts.tables import Account, AccountRole, AccountSession, utc
from directory.database import Database

IDLE_LIMIT = timedelta(minutes=30)
"""A session unused this long is over: a shared office, a shared machine."""
ABSOLUTE_LIMIT = timedelta(hours=12)
"""A session is over after this, however busy: longer than any shift."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly `last_seen_at` is kept: not every page view should be a write."""
TOKEN_BYTES = 32

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def start(session: Session, account_id: str, at: datetime) -> str:
    """Opens a session in the caller's transaction; returns its id (256 random bits), which is kept nowhere."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(AccountSession(token_hash=_hash(token), account_id=account_id, started_at=at, last_seen_at=at))
    return token


def user(database: Database, token: str | None, at: datetime) -> User | None:
    """Who this session belongs to; None when it is unknown, over, ended, or its account disabled."""
    if token is None or not _TOKEN.fullmatch(token):
        return None
    with database.reading() as session:
        found = session.execute(
            select(AccountSession, Account)
            .join(Account, Account.id == AccountSession.account_id)
            .where(AccountSession.token_hash == _hash(token), Account.disabled_at.is_(None))
        ).one_or_none()
        if found is None:
            return None
        own, account = found
        roles = session.scalars(select(AccountRole.role).where(AccountRole.account_id == account.id))
        who = User(account.id, account.full_name, frozenset(roles))
    if is_over(utc(own.started_at), utc(own.last_seen_at), at):
        return None
    if at - utc(own.last_seen_at) >= NOTED_EVERY:
        with database.session() as session:
            row = AccountSession.token_hash == own.token_hash
            session.execute(update(AccountSession).where(row).values(last_seen_at=at))
    return who


def is_over(started_at: datetime, last_seen_at: datetime, at: datetime) -> bool:
    """Whether a session has reached one of its two limits."""
    return at - last_seen_at >= IDLE_LIMIT or at - started_at >= ABSOLUTE_LIMIT


def end(session: Session, token: str | None) -> None:
    """Ends one session, in the caller's transaction; one that is not there is no error."""
    if token is not None and _TOKEN.fullmatch(token):
        session.execute(delete(AccountSession).where(AccountSession.token_hash == _hash(token)))


def end_all(session: Session, account_id: str) -> None:
    """Ends every session of an account, in the caller's transaction."""
    session.execute(delete(AccountSession).where(AccountSession.account_id == account_id))


def sweep(session: Session, at: datetime) -> None:
    """Deletes the sessions that are over, in the caller's transaction."""
    idle = AccountSession.last_seen_at <= at - IDLE_LIMIT
    session.execute(delete(AccountSession).where(or_(idle, AccountSession.started_at <= at - ABSOLUTE_LIMIT)))


def _hash(token: str) -> str:
    # random enough that a plain hash cannot be searched; a slow one would cost every page
    return hashlib.sha256(token.encode("ascii")).hexdigest()
