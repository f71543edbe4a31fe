"""How often a password or a code may be tried: counted in the record, for every process.

A try is counted before what was typed is looked at, so that fifty at once count as fifty.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import SignInTry
from directory.database import Database
from directory.errors import TooManyTries

MOST = 10
"""Failed tries in a window, of an account and of an address: what PyPI allows (pypi/warehouse config.py)."""
WINDOW = timedelta(minutes=5)
Limits = Sequence[tuple[timedelta, int]]
"""Windows, the longest last, and the failed tries allowed in each."""
CODE_LIMITS: Limits = ((timedelta(minutes=5), 5), (timedelta(hours=1), 20))
"""Failed codes of an account's second factor in a window: PyPI's (pypi/warehouse config.py)."""
LONGEST = CODE_LIMITS[-1][0]


def take(database: Database, email: str, address: str, at: datetime) -> tuple[int, ...]:
    """Counts one try; returns its rows, for `give_back` when it succeeds. Raises TooManyTries.

    A try refused here is not counted: it tells nothing, and counting it would keep an account shut for ever.
    """
    return _taken(database, (_key("account", email), _key("address", network(address))), ((WINDOW, MOST),), at)


def take_code(database: Database, account_id: str, at: datetime) -> tuple[int, ...]:
    """The same for one code of an account's second factor."""
    return _taken(database, (_key("code", account_id),), CODE_LIMITS, at)


def _taken(database: Database, keys: tuple[str, ...], limits: Limits, at: datetime) -> tuple[int, ...]:
    _refuse_over(database, keys, limits, at, 1)
    with database.session() as session:
        session.execute(delete(SignInTry).where(SignInTry.made_at <= at - LONGEST))
        tries = [SignInTry(key=key, made_at=at) for key in keys]
        session.add_all(tries)
        session.flush()
        own = tuple(one.id for one in tries)
    _refuse_over(database, keys, limits, at, 0)  # others may have come in between: each sees all counted before it
    return own


def give_back(session: Session, own: tuple[int, ...]) -> None:
    """Takes back a try that succeeded, in the caller's transaction; the failed ones stay counted."""
    session.execute(delete(SignInTry).where(SignInTry.id.in_(own)))


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has."""
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(read, IPv6Address):
        return str(read.ipv4_mapped or IPv6Address(int(read) >> 64 << 64))
    return str(read)


def _refuse_over(database: Database, keys: tuple[str, ...], limits: Limits, at: datetime, more: int) -> None:
    with database.reading() as session:
        for window, most in limits:
            recent = SignInTry.made_at > at - window
            counts = select(func.count()).where(SignInTry.key.in_(keys), recent).group_by(SignInTry.key)
            if any(count + more > most for count in session.scalars(counts)):
                wait = window // timedelta(minutes=1)
                raise TooManyTries("There were too many tries to sign in.", f"Wait {wait} minutes, then try again.")


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()
