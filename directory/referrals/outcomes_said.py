"""What came of a referral, as somebody says it: engagement, service, need result; corrected by adding a line.

What a provider may tell us is what the person agreed to (`Agreement.feedback`); the rest is not kept.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from directory.errors import Forbidden
from directory.referrals import codes, moves
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor, Event
from directory.referrals.loop import Loop, is_over
from directory.referrals.tables import Agreement, Referral, ReferralEvent


@dataclass(frozen=True, slots=True)
class OutcomeSaid:
    """Codes of the lists engagement, service, need_result; person_view is "" where the person was not asked."""

    engagement: str
    service: str
    need_result: str
    person_view: str = ""
    says: str = "provider"


def checked(said: OutcomeSaid) -> OutcomeSaid:
    """Raises BadInput, naming the field, for a code that is not of its list."""
    for name in ("engagement", "service", "need_result", "says"):
        codes.check(name, getattr(said, name))
    if said.person_view:
        codes.check("person_view", said.person_view)
    return said


def details(session: Session, referral: Referral, said: OutcomeSaid, actor: Actor) -> dict[str, Any]:
    """What the event keeps: of a provider's word only as much as was agreed to ("" where it was not)."""
    told: dict[str, Any] = {name: getattr(said, name) for name in ("engagement", "service", "need_result", "says")}
    if said.person_view:
        told["person_view"] = said.person_view
    if actor is Actor.PROVIDER or said.says == "provider":
        agreement = session.get(Agreement, referral.agreement_id)
        feedback = agreement.feedback if agreement else "none"
        if feedback != "outcome":
            told |= {"service": "", "need_result": ""}
            told.pop("person_view", None)
        if feedback == "none":
            told["engagement"] = ""
    corrected = last(session, referral)
    return told | ({"corrects": corrected.seq} if corrected else {})


def last(session: Session, referral: Referral) -> ReferralEvent | None:
    """The outcome that holds now in this episode, if one was said."""
    return next(reversed(_said(session, referral)), None)


def may_correct(session: Session, loop: Loop, referral: Referral, ask: Ask) -> bool:
    """Whether an outcome can still be corrected freely: so many days from when it was first said."""
    lines = _said(session, referral)
    freely = timedelta(days=loop.policy.number("consequences", "correction_days"))
    return not lines or not is_over(lines[0].at, freely, ask.at)


def check_correction(session: Session, loop: Loop, referral: Referral, ask: Ask) -> None:
    """Raises Forbidden when only a supervisor may correct it now."""
    if ask.who.kind is not Actor.SUPERVISOR and not may_correct(session, loop, referral, ask):
        days = loop.policy.number("consequences", "correction_days")
        raise Forbidden(f"An outcome is corrected freely for {days} days.", "Ask a supervisor to correct it.")


def _said(session: Session, referral: Referral) -> list[ReferralEvent]:
    lines = moves.events(session, referral.id)
    return [line for line in lines if line.event == Event.OUTCOME.value and line.episode == referral.episode]
