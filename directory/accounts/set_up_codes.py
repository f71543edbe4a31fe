"""The way in for somebody new, or who has lost their password: a code that an administrator hands over, used once.

The code is worked out from the key file, the account and the password that it replaces, so that nothing is kept of it
and using it ends it. Nobody but its owner ever knows a password.
"""

import hmac
import logging
import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from directory.accounts import actions, limits, passwords, sessions
from directory.accounts.tables import Account
from directory.database import Database
from directory.errors import BadInput
from directory.keys import Keys

LOG = logging.getLogger("waymark.accounts")
PATH = "/sign-in/first-time"
PURPOSE = "set up"
DAYS = 3
"""A code made today works up to and with the third day after."""
LENGTH = 16
"""Figures of base 16: 64 bits, and tries are limited."""
_READ = str.maketrans("OIL", "011", " -–—\t\u00a0")


class WrongCode(BadInput):
    """Not this account's code, used, or too old; or no such account: which of them is not told."""

    def __init__(self) -> None:
        super().__init__("The address or the code is wrong, or the code is too old.", "Ask for another code.", "code")


def unusable() -> str:
    """What is kept as the password of an account whose owner has not chosen one; takes as long to be refused."""
    return passwords.hashed(secrets.token_urlsafe(32))


def code(keys: Keys, account: Account, at: datetime) -> str:
    """ "1F0A-93BC-5D77-0E21", for its owner's ears alone."""
    made = _made(keys, account, at, keys.current)
    return "-".join(made[start : start + 4] for start in range(0, LENGTH, 4))


def use(database: Database, keys: Keys, typed: tuple[str, str], password: str, address: str, at: datetime) -> str:
    """Gives the account of `typed` (e-mail address, code) the password that its owner chose; its sessions end. Its id.

    Raises WrongCode, BadInput for the password, TooManyTries.
    """
    email = actions.user_name(typed[0])
    tries = limits.take(database, email, address, at)
    with database.reading() as session:
        account = actions.by_email(session, email)
    if not _is_right(keys, account, typed[1], at) or account is None:
        raise WrongCode
    with database.session() as session:
        limits.give_back(session, tries)
    passwords.check(password, account.email, account.full_name)
    kept = passwords.hashed(password)
    with database.session() as session:
        _put(session, account, kept, at)
    LOG.info("account %s was set up", account.id)
    return account.id


def _put(session: Session, seen: Account, kept: str, at: datetime) -> None:
    row = session.get(Account, seen.id, with_for_update=True)
    if row is None or row.disabled_at is not None or row.password_hash != seen.password_hash:
        raise WrongCode  # used, or shut, while we were hashing
    row.password_hash, row.password_set_at = kept, at
    session.flush()
    sessions.end_all(session, row.id)


def _is_right(keys: Keys, account: Account | None, typed: str, at: datetime) -> bool:
    """The same work for an account that is not there."""
    plain = typed[:60].strip().upper().translate(_READ).encode("utf-8", "surrogatepass")
    known = account or Account(id="", password_hash="")
    right = [hmac.compare_digest(each.encode(), plain) for each in _codes(keys, known, at)]
    return any(right) and account is not None and account.disabled_at is None


def _codes(keys: Keys, account: Account, at: datetime) -> Iterator[str]:
    for key_id in keys.masters:
        for days in range(DAYS + 1):
            yield _made(keys, account, at - timedelta(days=days), key_id)


def _made(keys: Keys, account: Account, at: datetime, key_id: str) -> str:
    return keys.mac(PURPOSE, f"{account.id} {account.password_hash} {at.date()}", key_id)[:LENGTH].upper()
