"""Replies that come when a referral is over: they land whatever it is in, are shown, and ask a worker to look.

The link of a withdrawn referral is dead: what its provider says by phone a worker enters (`actions.late_reply`).
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.referrals import codes, consequences, moves, needs, tasks, working_time
from directory.referrals.acting import is_urgent
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import OVER, Event
from directory.referrals.loop import Loop
from directory.referrals.tables import Referral, ReferralEvent

RECEIPTS = frozenset({"deleted", "kept_by_law"})
"""What a provider says it did with what it had, after it was told to stop."""
DECLINE = "decline"


def land(
    session: Session, loop: Loop, referral: Referral, ask: Ask, reply: str, details: Mapping[str, Any]
) -> ReferralEvent:
    """Keeps a reply (list reply) with its codes, and asks a worker to look; a receipt settles the question for one."""
    codes.check("reply", reply)
    line = moves.advance(session, referral, Event.LATE_REPLY, Ask(ask.who, ask.at), {"reply": reply, **details})
    needs.refresh(session, loop, referral.need_id, ask, contact=reply not in RECEIPTS | {DECLINE})
    if reply in RECEIPTS:
        tasks.settle(session, referral.id, ("stop_receipt",), ask.who.id, ask.at)
        return line
    due_at = working_time.after(loop.policy, ask.at, loop.policy.span("dispose", is_urgent(referral)))
    tasks.add(session, "late_reply", due_at, ask.at, referral=referral, details={"reply": reply})
    if reply == DECLINE and details.get("reason"):
        consequences.after_decline(session, loop, referral, line)
    return line


def is_late(session: Session, referral: Referral, ask: Ask) -> bool:
    """Whether the referral ended without the provider since they looked: what they say then is late, not a conflict."""
    if referral.state not in OVER or ask.version is None:
        return referral.state in OVER
    newer = (ReferralEvent.referral_id == referral.id, ReferralEvent.seq > ask.version)
    theirs = select(ReferralEvent.id).where(*newer, ReferralEvent.actor_kind == "provider")
    return session.scalars(theirs).first() is None
