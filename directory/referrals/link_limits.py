"""How often a link may be tried from one network, and from everywhere: counted in the record for every process.

Beside a locator's own five tries (`link_codes`), which cannot stop somebody who goes through many links.
"""

import hashlib
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory.accounts.limits import LONGEST, WINDOW, network
from directory.accounts.tables import SignInTry
from directory.errors import TooManyTries
from directory.referrals.loop import Loop

CODES, TRIES = "codes", "tries"
"""Codes asked for; codes tried. Names of settings: [link] network_codes, all_codes, …"""


def take(loop: Loop, kind: str, address: str, at: datetime) -> tuple[int, ...]:
    """Counts one; returns its rows, for `limits.give_back` when it succeeds. Raises TooManyTries.

    It is counted before anything is looked at, so that fifty at once count as fifty; one refused is not counted.
    """
    limits = {
        _key(kind, network(address)): loop.policy.number("link", f"network_{kind}"),
        _key(kind, "all"): loop.policy.number("link", f"all_{kind}"),
    }
    with loop.database.session() as session:
        session.execute(delete(SignInTry).where(SignInTry.made_at <= at - LONGEST))
        if not _over(session, limits, at, 1):
            tries = [SignInTry(key=key, made_at=at) for key in limits]
            session.add_all(tries)
            session.flush()
            own = tuple(one.id for one in tries)
        else:
            own = ()
    with loop.database.reading() as session:  # rivals may have come in between: each sees all counted before it
        if not own or _over(session, limits, at, 0):
            raise TooManyTries("There were too many tries from your network.", "Wait five minutes, then try again.")
    return own


def _over(session: Session, limits: dict[str, int], at: datetime, more: int) -> bool:
    recent = (SignInTry.key.in_(limits), SignInTry.made_at > at - WINDOW)
    counts = select(SignInTry.key, func.count()).where(*recent).group_by(SignInTry.key)
    return any(count + more > limits[key] for key, count in session.execute(counts))


def _key(kind: str, value: str) -> str:
    return hashlib.sha256(f"link {kind}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()
