"""How a provider's answer is taken: proved first, compared with what they saw, and kept even when it comes late."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session

from directory.referrals import late_replies, moves, needs, proved, tasks, working_time
from directory.referrals.acting import Do, hold_case, is_urgent
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import OVER, Event, State
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Referral, ReferralEvent

Then = Callable[[Session, Referral, ReferralEvent], None]
NEWS = frozenset({Event.ACCEPT, Event.SCHEDULE, Event.MISSED, Event.START, Event.PROGRESS})
"""Answers that ask nothing of a worker but to be looked at; the others make a task of their own."""


def reply(
    loop: Loop,
    ask: Ask,
    referral_id: str,
    event: Event,
    told: Mapping[str, Any],
    then: Then,
    to: Callable[[Session, Referral], State | None] | None = None,
) -> Answer:
    """One answer: the move and what goes with it, or a late reply when the referral is over."""

    def do(session: Session, referral: Referral) -> None:
        if referral.state in OVER:
            late_replies.land(session, loop, referral, ask, event.value, told)
            return
        line = moves.advance(session, referral, event, ask, told, to(session, referral) if to else None)
        needs.refresh(session, loop, referral.need_id, ask)
        then(session, referral, line)
        if event in NEWS:
            news(session, loop, referral, ask)

    return inside(loop, ask, referral_id, event.value, dict(told), do)


def inside(
    loop: Loop,
    ask: Ask,
    referral_id: str,
    action: str,
    body: Mapping[str, Any],
    do: Do,
) -> Answer:
    """`acting.act` for a provider: the session is proved first, and a referral that ended meanwhile is no conflict."""

    def run(session: Session) -> Answer:
        hold_case(session, ask, referral_id)
        referral = moves.held(session, referral_id)
        proved.check(session, loop, ask, referral)
        if not late_replies.is_late(session, referral, ask):
            check_version(referral.version, ask, moves.standing(session, referral))
        do(session, referral)
        session.flush()
        return {"id": referral.id, "state": referral.state, "version": referral.version}

    return loop.once(ask, action, {"referral": referral_id, "version": ask.version, **body}, run)


def news(session: Session, loop: Loop, referral: Referral, ask: Ask) -> None:
    """The answer stands on the work list until its worker has looked, or acts on the referral (`moves.advance`)."""
    add_task(session, loop, referral, ask, tasks.NEWS, "dispose", {})


def add_task(
    session: Session, loop: Loop, referral: Referral, ask: Ask, kind: str, timer: str, details: Mapping[str, Any]
) -> None:
    due_at = working_time.after(loop.policy, ask.at, loop.policy.span(timer, is_urgent(referral)))
    tasks.add(session, kind, due_at, ask.at, referral=referral, details=details)
