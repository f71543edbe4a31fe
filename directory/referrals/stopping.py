"""Stops a referral: its links and whoever came in by them end, what waits to leave does not, the provider is told.

All in the transaction that withdraws or voids it, so that there is no moment in which a withdrawn link still opens.
"""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.referrals import locators, needs, notices, tasks, working_time
from directory.referrals.acting import is_urgent
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import LIVE, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice, Referral

SETTLED = (
    "question", "declined", "unanswered", "offer_wait", "not_reached", "phone_second", "ask_later", "check_contact",
    "lapse_warning", "no_update", "late_reply", "bounced",
)  # fmt: skip
"""What a worker need no longer do about a referral that has stopped."""
OPENED = frozenset(state.value for state in LIVE - {State.SENT})


def has_left(session: Session, referral: Referral, ask: Ask, ever: bool = False) -> bool:
    """Whether anybody outside may know: it was opened or told by phone, or a message was or is being handed over.

    Of a draft that was sent before only when asked for `ever`: its last try ended, and was told of then.
    """
    if referral.state == State.DRAFT.value and not ever:
        return False
    if referral.state in OPENED or referral.phone_hand_over_at is not None:
        return True
    own = select(Notice.id).where(Notice.referral_id == referral.id)
    gone = Notice.handed_over_at.is_not(None) | (Notice.claimed_until > ask.at)
    return session.scalars(own.where(gone)).first() is not None


def stop(session: Session, loop: Loop, referral: Referral, ask: Ask, left: bool, template: str = "stop") -> None:
    """Cuts off what is under way. `left` (`has_left`, asked before the move): then the provider is told to stop, to
    delete what it need not keep and to say which, without a reason; a worker asks for that receipt."""
    notices.cancel(session, referral.id, ask.at)
    locators.revoke(session, referral.id, ask.at)
    tasks.settle(session, referral.id, SETTLED, ask.who.id, ask.at)
    if left and referral.mailbox_id:
        notices.queue(session, loop, template, ask.at, referral=referral)
        due_at = working_time.after(loop.policy, ask.at, loop.policy.span("outcome", is_urgent(referral)))
        tasks.add(session, "stop_receipt", due_at, ask.at, referral=referral)
    needs.refresh(session, loop, referral.need_id, ask, contact=False)


def rest(session: Session, loop: Loop, need_id: str, ask: Ask, review_on: date | None) -> None:
    """Lets a need rest until a day, by default the policy's; not while something else is under way for it."""
    need = needs.refresh(session, loop, need_id, ask, contact=False)
    if need.state != needs.NeedState.OPEN:
        return
    default = working_time.today(ask.at) + timedelta(days=loop.policy.number("consequences", "rest_days"))
    day = review_on or default
    needs.settle(session, need, ask, needs.NeedState.RESTING, {"review_on": day.isoformat()}, review_on=day)
