"""One-time codes for links: eight signs that are easy to read out, for one browser, ten minutes, once, five tries.

40 random bits in Crockford's base 32 (https://www.crockford.com/base32.html); only a keyed hash is looked at, and the
code itself, sealed, goes once its message has left.
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.referrals.loop import Loop
from directory.referrals.sealing import Keys
from directory.referrals.tables import LinkCode, LinkSession, Locator

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
SENDS_WINDOW = timedelta(minutes=15)
_READ = str.maketrans("OIL", "011", " -–—\t\u00a0")


def read(typed: str) -> str:
    """A code as typed: small letters, blanks, dashes, O for 0 and I or L for 1 are taken. Raises BadInput."""
    code = typed.strip().upper().translate(_READ)
    if len(code) != LENGTH or set(code) - set(LETTERS):
        raise BadInput("A code has 8 letters and figures.", "Write it as the message has it: ABCD-1234.", "code")
    return code


def shown(code: str) -> str:
    """ "ABCD1234" as a message has it: "ABCD-1234"."""
    return f"{code[:4]}-{code[4:]}"


def opened(loop: Loop, code: LinkCode) -> str:
    """The code that a message must say; "" when its message has left."""
    return loop.own.open(code.code_sealed, "link_code", str(code.id), "code")


def make(session: Session, loop: Loop, browser: LinkSession, at: datetime) -> LinkCode | None:
    """A new code for a browser; None when this link has had its codes for this quarter of an hour."""
    made = LinkCode.made_at > at - SENDS_WINDOW
    count = select(func.count()).where(LinkCode.locator_id == browser.locator_id, made)
    if session.scalars(count).one() >= loop.policy.number("link", "code_sends"):
        return None
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    row = LinkCode(
        link_session_id=browser.id,
        locator_id=browser.locator_id,
        code_hash=hashed(loop.keys, browser.locator_id, code),
        made_at=at,
        expires_at=at + timedelta(minutes=loop.policy.number("link", "code_minutes")),
    )
    session.add(row)
    session.flush()
    row.code_sealed = loop.own.seal(code, "link_code", str(row.id), "code")
    return row


def hand_on(session: Session, before: LinkSession, browser: LinkSession, at: datetime) -> None:
    """Codes on their way to the same browser stay good when it asks for another."""
    live = (LinkCode.link_session_id == before.id, LinkCode.used_at.is_(None), LinkCode.expires_at > at)
    for row in session.scalars(select(LinkCode).where(*live)):
        row.link_session_id = browser.id


def is_right(session: Session, loop: Loop, locator: Locator, browser: LinkSession | None, code: str) -> bool:
    """Counts a try at a locator that the caller has locked, and says whether it is the code, still good, and not too
    many. The same work is done for a browser that has asked for none."""
    at, own = loop.clock(), browser.id if browser else ""
    locator.wrong_tries += 1
    live = (LinkCode.link_session_id == own, LinkCode.used_at.is_(None), LinkCode.expires_at > at)
    wanted = all_hashed(loop.keys, locator.id, code)
    waiting = list(session.scalars(select(LinkCode).where(*live)))
    matching = [row for row in waiting if _is_one_of(row.code_hash, wanted)]
    if not matching or locator.locked_at is not None or locator.wrong_tries > loop.policy.number("link", "code_tries"):
        return False
    for row in waiting:
        row.used_at, row.code_sealed = at, None
    locator.wrong_tries = 0
    return True


def is_spent(loop: Loop, locator: Locator) -> bool:
    """Whether a locator has just had all its tries and is not locked yet."""
    return locator.locked_at is None and locator.wrong_tries >= loop.policy.number("link", "code_tries")


def hashed(keys: Keys, locator_id: str, code: str, key_id: str = "") -> str:
    return keys.mac("code", f"{locator_id}:{code}", key_id)


def all_hashed(keys: Keys, locator_id: str, code: str) -> list[str]:
    """Under each of our keys, for one may have been rotated since the code was made."""
    return [hashed(keys, locator_id, code, key_id) for key_id in keys.masters]


def _is_one_of(kept: str, wanted: Sequence[str]) -> bool:
    """Compares with each, so that right and wrong are the same work."""
    return sum(hmac.compare_digest(kept, each) for each in wanted) > 0
