"""Whether a provider who acts has proved itself, for this very referral, and still may: asked inside each write."""

from datetime import timedelta

from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import NotSignedIn
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop, is_over
from directory.referrals.tables import LinkSession, Locator, Referral


def check(session: Session, loop: Loop, ask: Ask, referral: Referral) -> None:
    """Raises NotSignedIn alike for every reason there is; else the session lasts on from now."""
    row = session.get(LinkSession, ask.who.id) if ask.who.kind is Actor.PROVIDER else None
    locator = session.get(Locator, row.locator_id) if row else None
    if row is None or locator is None or not _lasts(loop, row, ask) or not _leads_to(locator, referral, ask):
        raise NotSignedIn("You are not signed in at this link any more.", "Ask for a new code.")
    row.last_seen_at = ask.at


def _lasts(loop: Loop, row: LinkSession, ask: Ask) -> bool:
    if row.proved_at is None or row.ended_at is not None:
        return False
    idle = timedelta(minutes=loop.policy.number("link", "idle_minutes"))
    most = timedelta(minutes=loop.policy.number("link", "absolute_minutes"))
    return not is_over(row.last_seen_at, idle, ask.at) and not is_over(row.proved_at, most, ask.at)


def _leads_to(locator: Locator, referral: Referral, ask: Ask) -> bool:
    own = locator.referral_id == referral.id and locator.mailbox_id == referral.mailbox_id
    return own and locator.revoked_at is None and locator.locked_at is None and utc(locator.expires_at) > ask.at
