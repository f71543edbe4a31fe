"""What follows when a referral came back or is over: the next step, a changed mind, another try."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict
from directory.referrals import (
    agreements,
    case_rows,
    codes,
    drafts,
    locators,
    mailboxes,
    moves,
    needs,
    notices,
    sending_guards,
    stopping,
    tasks,
)
from directory.referrals.acting import act, coming
from directory.referrals.asking import Ask
from directory.referrals.drafts import DraftSaid
from directory.referrals.lifecycle import Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Referral

NEXT_BEST, RE_OFFER, RESTS = "next_best", "re_offer", frozenset({"self_managed", "rest", "ended"})
DISPOSED = ("declined", "unanswered", "offer_wait", "lapse_warning", "phone_second", "late_reply", "ask_later")


@dataclass(frozen=True, slots=True)
class NextStep:
    """What a worker does with a referral that came back (list next_step)."""

    next_step: str
    service_id: str = ""
    """With next_best: the door chosen; a draft to it is written. "": none is written yet."""
    review_on: date | None = None
    """With rest: the day the person chose."""


def dispose(loop: Loop, ask: Ask, referral_id: str, step: NextStep) -> Answer:
    """Says what happens next with one that was declined or not answered.

    `re_offer` sends it again to the same service, under every guard; every other step closes it, and `next_best` writes
    a draft to the door chosen, which needs an agreement of its own: its id is the answer's "draft". Raises BadInput,
    Conflict, NotFound, NotReady.
    """
    codes.check("next_step", step.next_step)
    if step.next_step == "rest" and step.review_on is None:
        raise BadInput("Say when to look at it again.", "Choose a day with the person.", "review_on")
    told: dict[str, Any] = {"next_step": step.next_step}
    if step.review_on is not None:
        told["review_on"] = coming(step.review_on, ask, "review_on")
    if step.next_step == RE_OFFER:
        return _offer_again(loop, ask, referral_id, told)
    snapshot = drafts.snapshot_of(loop, step.service_id) if step.service_id else {}
    written: dict[str, str] = {}

    def do(session: Session, referral: Referral) -> None:
        moves.advance(session, referral, Event.DISPOSE, ask, told | _chosen(step), State.CLOSED)
        _disposed(session, referral, ask)
        if step.next_step == NEXT_BEST and step.service_id:
            written["draft"] = _next_draft(session, loop, ask, referral, step.service_id, snapshot)
        needs.refresh(session, loop, referral.need_id, ask, contact=False)
        if step.next_step in RESTS:
            stopping.rest(session, loop, referral.need_id, ask, step.review_on)

    return act(loop, ask, referral_id, "dispose", told | _chosen(step), do, written)


def take_up(loop: Loop, ask: Ask, referral_id: str, person_agrees: bool) -> Answer:
    """The provider changed its mind and the person still agrees: accepted after all, with a new link."""
    if not person_agrees:
        raise BadInput("Ask the person first.", "Without their word it cannot be taken up.", "person_agrees")

    def do(session: Session, referral: Referral) -> None:
        holds = agreements.current(session, referral.case_id, referral.service_id, ask.at)
        if holds is None:
            raise BadInput("No agreement to this referral holds now.", "Ask the person, and record it.", "agreement")
        if sending_guards.is_excluded(session, referral.case_id, referral.service_id):
            raise Conflict("This service must not have this person.", "Choose the next best one.")
        mailbox = mailboxes.current(session, referral.service_id)
        if mailbox is None:
            raise BadInput("This service has no proved address now.", "Have one proved first.", "mailbox")
        referral.agreement_id, referral.mailbox_id = holds.id, mailbox.id
        moves.advance(session, referral, Event.TAKE_UP, ask, {"person_agrees": True, "agreement": holds.id})
        referral.decline_reason, referral.may_contact_again, referral.due_on = "", None, None
        _disposed(session, referral, ask)
        locators.issue(session, loop, referral, ask.who, ask.at)
        notices.queue(session, loop, "link_again", ask.at, referral=referral)
        needs.refresh(session, loop, referral.need_id, ask, contact=True)

    return act(loop, ask, referral_id, "take_up", {"person_agrees": person_agrees}, do)


def reopen(loop: Loop, ask: Ask, referral_id: str, reason: str) -> Answer:
    """Another try with the same service (list reopen): a draft again, a new episode. Sending it asks for everything
    anew, the agreement too; its old links are dead."""
    codes.check("reopen", reason, "reason")

    def do(session: Session, referral: Referral) -> None:
        referral.episode, referral.attempt = referral.episode + 1, 1
        moves.advance(session, referral, Event.REOPEN, ask, {"reason": reason}, State.DRAFT)
        referral.held_until = referral.due_on = referral.review_on = referral.disposed_at = None
        referral.decline_reason, referral.may_contact_again, referral.phone_hand_over_at = "", None, None
        tasks.settle(session, referral.id, DISPOSED, ask.who.id, ask.at)
        notices.cancel(session, referral.id, ask.at)
        locators.revoke(session, referral.id, ask.at)
        needs.refresh(session, loop, referral.need_id, ask, contact=True)

    return act(loop, ask, referral_id, "reopen", {"reason": reason}, do)


def _offer_again(loop: Loop, ask: Ask, referral_id: str, told: dict[str, Any]) -> Answer:
    fit = sending_guards.fit(loop, referral_id)

    def do(session: Session, referral: Referral) -> None:
        open_still = referral.state in (State.DECLINED.value, State.UNANSWERED.value)
        checked = drafts.ready(session, loop, referral, ask, fit) if open_still else {}
        attempt = {"attempt": referral.attempt + 1}
        moves.advance(session, referral, Event.DISPOSE, ask, told | checked | attempt, State.SENT)
        referral.attempt += 1
        _disposed(session, referral, ask)
        drafts.go_out(session, loop, referral, ask)

    done = act(loop, ask, referral_id, "dispose", told, do)
    drafts.keep_doors(loop, referral_id, ask.at)
    return done


def _next_draft(session: Session, loop: Loop, ask: Ask, referral: Referral, service_id: str, snapshot: Any) -> str:
    """A draft to the door chosen, with the same urgency and notes. Raises Conflict when it may not be offered."""
    case = case_rows.held(session, ask, referral.case_id)
    sealer = loop.sealer(session, referral.subject_id)
    notes = sealer.open(referral.notes_sealed, "referral", referral.id, "notes")
    said = DraftSaid(referral.need_id, service_id, referral.urgency, notes, worker=referral.worker)
    return drafts.put(session, loop, ask, case, said, snapshot).id


def _chosen(step: NextStep) -> dict[str, str]:
    return {"service_id": step.service_id} if step.next_step == NEXT_BEST and step.service_id else {}


def _disposed(session: Session, referral: Referral, ask: Ask) -> None:
    referral.disposed_at = ask.at
    tasks.settle(session, referral.id, DISPOSED, ask.who.id, ask.at)
