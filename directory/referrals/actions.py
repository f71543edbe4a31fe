"""What a worker does with a referral under way. Writing and sending: `drafts`; what follows an end: `ways_back`.

The person acts through these: each says whose wish it was by its code.
"""

from datetime import date

from sqlalchemy.orm import Session

from directory.errors import BadInput, Forbidden
from directory.referrals import (
    agreements,
    codes,
    consequences,
    late_replies,
    moves,
    needs,
    notices,
    outcomes_said,
    stopping,
    tasks,
)
from directory.referrals.acting import act, coming
from directory.referrals.asking import Ask
from directory.referrals.drafts import DraftSaid as DraftSaid
from directory.referrals.drafts import draft as draft
from directory.referrals.drafts import recall as recall
from directory.referrals.drafts import redraft as redraft
from directory.referrals.drafts import send as send
from directory.referrals.lifecycle import WORKERS, Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.outcomes_said import OutcomeSaid
from directory.referrals.tables import Referral
from directory.referrals.ways_back import dispose as dispose
from directory.referrals.ways_back import reopen as reopen
from directory.referrals.ways_back import take_up as take_up

CATEGORY = {
    "age": "need", "area": "need", "need": "need", "access": "access", "language": "access", "contact": "contact",
    "safety": "risk_flag",
}  # fmt: skip
"""What a provider's question touches, and so what the agreement must allow before it is answered."""
LATER = "W4"


def give_info(loop: Loop, ask: Ask, referral_id: str, how: str) -> Answer:
    """Their question is answered: by facts now on the case, or by phone (list info_how); back to received.

    Raises BadInput when the person did not agree that this may be told: then ask them first.
    """
    codes.check("info_how", how, "how")

    def do(session: Session, referral: Referral) -> None:
        question = _question(session, referral)
        if referral.state == State.INFO_REQUESTED.value:
            _check_category(session, referral, question, ask)
        moves.advance(session, referral, Event.GIVE_INFO, ask, {"how": how, "question": question})
        tasks.settle(session, referral.id, ("question",), ask.who.id, ask.at)
        notices.queue(session, loop, "question_answered", ask.at, referral=referral)

    return act(loop, ask, referral_id, "give_info", {"how": how}, do)


def pause(loop: Loop, ask: Ask, referral_id: str, review_on: date) -> Answer:
    """The person asked to wait; looked at again by a day. It resumes where it was."""
    most = loop.policy.number("sending", "pause_days")
    told = {"review_on": coming(review_on, ask, "review_on", most)}

    def do(session: Session, referral: Referral) -> None:
        moves.advance(session, referral, Event.PAUSE, ask, told)
        referral.review_on = review_on

    return act(loop, ask, referral_id, "pause", told, do)


def resume(loop: Loop, ask: Ask, referral_id: str) -> Answer:
    """A pause ends: back to where it was. Of a person not reached, once their contact is checked: back to accepted."""

    def do(session: Session, referral: Referral) -> None:
        to = State.ACCEPTED if referral.state == State.NOT_REACHED.value else _before_pause(session, referral)
        moves.advance(session, referral, Event.RESUME, ask, {}, to)
        referral.review_on = None
        tasks.settle(session, referral.id, ("not_reached", "check_contact"), ask.who.id, ask.at)
        needs.refresh(session, loop, referral.need_id, ask, contact=True)

    return act(loop, ask, referral_id, "resume", {}, do)


def withdraw(loop: Loop, ask: Ask, referral_id: str, reason: str, review_on: date | None = None) -> Answer:
    """The person or we stop it (list withdraw); a provider that knows is told to stop, without the reason.

    W4 (not now) rests the need until `review_on`. Agreement taken back (W7) is `agreements.withdraw`: it stops more.
    """
    codes.check("withdraw", reason, "reason")
    if reason == agreements.AGREEMENT_WITHDRAWN:
        raise BadInput("Withdraw the agreement itself.", "Everything that rests on it then stops.", "reason")
    if reason == LATER and review_on is None:
        raise BadInput("Say when to ask again.", "Choose a day with the person.", "review_on")
    told = {"reason": reason} | ({"review_on": coming(review_on, ask, "review_on")} if review_on else {})

    def do(session: Session, referral: Referral) -> None:
        left = stopping.has_left(session, referral, ask)
        moves.advance(session, referral, Event.WITHDRAW, ask, told)
        stopping.stop(session, loop, referral, ask, left)
        if reason == LATER:
            stopping.rest(session, loop, referral.need_id, ask, review_on)

    return act(loop, ask, referral_id, "withdraw", told, do)


def void(loop: Loop, ask: Ask, referral_id: str, reason: str) -> Answer:
    """It should never have been (list void): a supervisor's act, from any state; a provider that knows is told."""
    codes.check("void", reason, "reason")

    def do(session: Session, referral: Referral) -> None:
        left = stopping.has_left(session, referral, ask, ever=True)
        moves.advance(session, referral, Event.VOID, ask, {"reason": reason})
        stopping.stop(session, loop, referral, ask, left, "void")

    return act(loop, ask, referral_id, "void", {"reason": reason}, do)


def outcome(loop: Loop, ask: Ask, referral_id: str, said: OutcomeSaid) -> Answer:
    """What came of it, as the provider told us by phone, or the person did. Said again it is a correction: freely for
    some days, later by a supervisor."""
    outcomes_said.checked(said)

    def do(session: Session, referral: Referral) -> None:
        if referral.state == State.CLOSED.value:
            outcomes_said.check_correction(session, loop, referral, ask)
        told = outcomes_said.details(session, referral, said, ask.who.kind)
        line = moves.advance(session, referral, Event.OUTCOME, ask, told)
        referral.due_on = None
        tasks.settle(session, referral.id, ("no_update", "not_reached", "late_reply"), ask.who.id, ask.at)
        needs.refresh(session, loop, referral.need_id, ask, contact=False)
        consequences.after_outcome(session, loop, referral, line)

    body = {name: getattr(said, name) for name in OutcomeSaid.__slots__}
    return act(loop, ask, referral_id, "outcome", body, do)


def late_reply(loop: Loop, ask: Ask, referral_id: str, reply: str, reason: str = "") -> Answer:
    """A provider said something by phone about a referral that is over (list reply; of a decline, list decline)."""
    codes.check("reply", reply)
    told = {"reason": codes.check("decline", reason, "reason")} if reply == late_replies.DECLINE and reason else {}

    def do(session: Session, referral: Referral) -> None:
        if ask.who.kind not in WORKERS:
            raise Forbidden("A worker enters what was said by phone.", "Answer at your link.")
        late_replies.land(session, loop, referral, ask, reply, told)

    return act(loop, ask, referral_id, "late_reply", {"reply": reply, **told}, do)


def _question(session: Session, referral: Referral) -> str:
    lines = reversed(moves.events(session, referral.id))
    return next((line.details["question"] for line in lines if line.event == Event.ASK_INFO.value), "")


def _check_category(session: Session, referral: Referral, question: str, ask: Ask) -> None:
    row = agreements.current(session, referral.case_id, referral.service_id, ask.at)
    if row is None:
        raise BadInput(
            "No agreement to this referral holds now.", "Ask the person, and write down what they say.", "agreement"
        )
    category = CATEGORY.get(question, "")
    if category and category not in row.categories.split("|"):
        told = codes.label("category", category).lower()
        raise BadInput(
            f"The person did not agree that this may be told: {told}.", "Ask them, and record it.", "agreement"
        )


def _before_pause(session: Session, referral: Referral) -> State | None:
    """Where it was when it was paused; None when it is not paused, which `moves` refuses."""
    for line in reversed(moves.events(session, referral.id)):
        if line.event == Event.PAUSE.value:
            return State(line.state_from)
    return None
