"""What happens to a referral by itself: a message that came back, and silence that ran out."""

from sqlalchemy.orm import Session

from directory.errors import Forbidden
from directory.referrals import codes, consequences, mailboxes, moves, needs, tasks, working_time
from directory.referrals.acting import act, is_urgent
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor, Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Mailbox, Referral

OF_ADDRESS = frozenset({"bounced", "no_address"})
"""Failures that say that the address is wrong; of the others only the way there failed."""


def delivery_failed(loop: Loop, ask: Ask, referral_id: str, bounce: str = "bounced") -> Answer:
    """A message about it could not be delivered (list bounce): its address is marked, a worker is asked to ring."""
    codes.check("bounce", bounce)
    _check_system(ask)

    def do(session: Session, referral: Referral) -> None:
        note_failed(session, loop, referral, ask, bounce)

    return act(loop, ask, referral_id, "delivery_failed", {"bounce": bounce}, do)


def note_failed(session: Session, loop: Loop, referral: Referral, ask: Ask, bounce: str) -> None:
    """The same in the caller's transaction; a referral that is answered already keeps no event, only the task."""
    if referral.state == State.SENT.value:
        moves.advance(session, referral, Event.DELIVERY_FAILED, Ask(ask.who, ask.at), {"bounce": bounce})
    mailbox = session.get(Mailbox, referral.mailbox_id) or mailboxes.current(session, referral.service_id)
    if mailbox is not None and mailbox.bounced_at is None and bounce in OF_ADDRESS:
        mailbox.bounced_at = ask.at
    due_at = working_time.after(loop.policy, ask.at, loop.policy.span("bounce", is_urgent(referral)))
    tasks.add(session, "bounced", due_at, ask.at, referral=referral, details={"bounce": bounce})


def time_out(loop: Loop, ask: Ask, referral_id: str) -> Answer:
    """All chasers are spent and a worker was warned in time (`sweeps` sees to that): it counts as unanswered.

    Its link still opens: a late answer lands. Raises Conflict when it has moved on, Forbidden for anybody else.
    """
    _check_system(ask)

    def do(session: Session, referral: Referral) -> None:
        line = moves.advance(session, referral, Event.TIME_OUT, ask)
        tasks.settle(session, referral.id, ("phone_second", "lapse_warning", "no_update"), ask.who.id, ask.at)
        needs.refresh(session, loop, referral.need_id, ask)
        consequences.after_unanswered(session, loop, referral, line)

    return act(loop, ask, referral_id, "time_out", {}, do)


def _check_system(ask: Ask) -> None:
    if ask.who.kind is not Actor.SYSTEM:
        raise Forbidden("This happens by itself.", "Withdraw it, if the person wants something else now.")
