"""Links in messages: each finds one referral for one mailbox, proves nothing, and can be cut off at once.

The token is worked out from the locator's id under a key of ours (HMAC-SHA-256, 256 bits) and kept nowhere: a message
that must be written again says the same address. Only its hash is in the record.
"""

import base64
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.referrals import audit
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.sealing import Keys
from directory.referrals.tables import LinkSession, Locator, Referral


def token(keys: Keys, locator_id: str, key_id: str = "") -> str:
    """What stands in the link's address after /r/: 43 characters."""
    return base64.urlsafe_b64encode(bytes.fromhex(keys.mac("locator", locator_id, key_id))).decode().rstrip("=")


def token_again(keys: Keys, locator: Locator) -> str:
    """A link's token as it was issued, under whichever of our keys: a rotation cuts off no link."""
    made = (token(keys, locator.id, key_id) for key_id in reversed(tuple(keys.masters)))
    return next((each for each in made if token_hash(each) == locator.token_hash), token(keys, locator.id))


def token_hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def issue(session: Session, loop: Loop, referral: Referral, who: Who, at: datetime, to_second: bool = False) -> Locator:
    """A new link for the referral's mailbox; the ones it had end."""
    own = str(uuid4())
    lasts = timedelta(days=loop.policy.number("link", "locator_days"))
    revoke(session, referral.id, at, to_second=to_second)
    locator = Locator(
        id=own,
        token_hash=token_hash(token(loop.keys, own)),
        referral_id=referral.id,
        mailbox_id=referral.mailbox_id,
        to_second=to_second,
        made_at=at,
        expires_at=at + lasts,
        wrong_tries=0,
    )
    session.add(locator)
    audit.note(session, who, at, "link_issued", "referral", referral.id, subject_id=referral.subject_id, link_id=own)
    return locator


def live(session: Session, referral_id: str, at: datetime, to_second: bool = False) -> Locator | None:
    """The referral's link that still works, if there is one."""
    own = (Locator.referral_id == referral_id, Locator.to_second == to_second, Locator.revoked_at.is_(None))
    return session.scalars(select(Locator).where(*own, Locator.expires_at > at).order_by(Locator.made_at)).first()


def revoke(session: Session, referral_id: str, at: datetime, to_second: bool | None = None) -> None:
    """Cuts off a referral's links (both recipients' unless one is named) and whoever has come in by them."""
    chosen = [Locator.referral_id == referral_id]
    if to_second is not None:
        chosen.append(Locator.to_second == to_second)
    ids = select(Locator.id).where(*chosen)
    session.execute(update(Locator).where(*chosen, Locator.revoked_at.is_(None)).values(revoked_at=at))
    ended = update(LinkSession).where(LinkSession.locator_id.in_(ids), LinkSession.ended_at.is_(None))
    session.execute(ended.values(ended_at=at), execution_options={"synchronize_session": False})
