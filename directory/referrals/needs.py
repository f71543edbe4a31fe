"""Needs: the loop belongs to them. A referral may end; its need stays open until the person says met, or rests it.

open → in_hand (a live referral, or a signpost whose question is still to be asked) → met | resting | ended. Any contact
from the person or a provider brings met, resting and moved needs back (referrals.md, sections 1 and 5).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import case_rows, codes, need_holds
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case, Need, Signpost
from taxonomy.terms import load


class NeedState(StrEnum):
    """Where a need stands."""

    OPEN = "open"
    IN_HAND = "in_hand"
    MET = "met"
    RESTING = "resting"
    ENDED = "ended"


GOING = (NeedState.OPEN.value, NeedState.IN_HAND.value)
LABELS: Mapping[str, str] = {
    "open": "open", "in_hand": "in hand", "met": "met, the person said so", "resting": "resting at the person's wish",
    "ended": "ended",
}  # fmt: skip
"""For people, after "This need is"."""
FINAL = ("died", "duplicate")
"""Why a need ended that no contact brings back; a supervisor can, when it was a mistake."""


def add(loop: Loop, ask: Ask, case_id: str, need: str) -> Answer:
    """Adds a need (taxonomy "need") to a case; a closed case opens again. {"id", "state", "version"}."""

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        return answer(put(session, case, need, ask))

    return loop.once(ask, "need.add", {"case_id": case_id, "need": need}, do)


def met(loop: Loop, ask: Ask, need_id: str) -> Answer:
    """The person said that it is met."""
    return _settled(loop, ask, need_id, NeedState.MET, {})


def rest(loop: Loop, ask: Ask, need_id: str, review_on: date | None) -> Answer:
    """The person wants it to rest until a day they chose. Raises BadInput without one to come."""
    most = loop.policy.number("cases", "rest_days")
    day = case_rows.day_to_come(review_on, ask, most, "review_on")
    return _settled(loop, ask, need_id, NeedState.RESTING, {"review_on": day.isoformat()}, review_on=day)


def look_again(loop: Loop, ask: Ask, need_id: str, on: date | None) -> Answer:
    """A worker goes on looking for help and says by which day at the latest. Raises BadInput without one to come."""
    day = case_rows.day_to_come(on, ask, loop.policy.number("cases", "look_days"), "review_on")

    def do(session: Session) -> Answer:
        need = held(session, ask, need_id)
        check_version(need.version, ask, standing(need))
        if need.state not in GOING:
            raise Conflict(f"This need is {standing(need)}.", "Open it again first.")
        _move(session, need, ask, "look_again", NeedState(need.state), {"review_on": day.isoformat()})
        need.review_on = day
        return answer(need)

    return loop.once(ask, "need.look_again", {"need_id": need_id, "on": day}, do)


def end(loop: Loop, ask: Ask, need_id: str, reason: str) -> Answer:
    """Nothing more can come of it (`codes`, list need_ended)."""
    codes.check("need_ended", reason, "reason")
    return _settled(loop, ask, need_id, NeedState.ENDED, {"reason": reason}, reason=reason)


def person_returned(loop: Loop, ask: Ask, need_id: str) -> Answer:
    """The person is back: a need that was met, resting or moved is open again.

    Raises Conflict for one that ended because they died or it is on another case, unless a supervisor says so.
    """

    def do(session: Session) -> Answer:
        need = held(session, ask, need_id)
        check_version(need.version, ask, standing(need))
        if need.state in GOING:
            raise Conflict(f"This need is {standing(need)}.", "Nothing needs to be reopened.")
        if need.ended_reason in FINAL and ask.who.kind is not Actor.SUPERVISOR:
            raise Forbidden(
                f"This need ended: {codes.label('need_ended', need.ended_reason).lower()}.",
                "A supervisor can open it again when that was a mistake.",
            )
        _bring_back(session, need, ask, "person_returned")
        return answer(need)

    return loop.once(ask, "need.returned", {"need_id": need_id}, do)


def refresh(session: Session, loop: Loop, need_id: str, ask: Ask, contact: bool | None = None) -> Need:
    """Puts a need where its referrals and signposts say: in hand or open. Call it after each move of one of them.

    `contact`: whether this is a sign of life that brings a met, resting or moved need back. Not said: it is when a
    provider acts. Say True when a worker sends or takes up a referral, False for an outcome that agrees with it.
    """
    need = session.scalars(select(Need).where(Need.id == need_id).with_for_update()).one()
    if need.state not in GOING:
        stirred = ask.who.kind is Actor.PROVIDER if contact is None else contact
        if stirred and need.ended_reason not in FINAL:
            _bring_back(session, need, ask, "contact")
        return need
    target = _in_hand_or_open(session, need)
    if target != need.state:
        _move(session, need, ask, "refresh", target)
    return need


def settle(
    session: Session,
    need: Need,
    ask: Ask,
    to: NeedState,
    details: Mapping[str, str],
    review_on: date | None = None,
    reason: str = "",
) -> None:
    """Puts a need that is held to met, resting or ended, within a transaction: what follows from an outcome."""
    _move(session, need, ask, to.value, to, details)
    need.review_on, need.ended_reason = review_on, reason
    if to is not NeedState.RESTING:
        _ask_no_more(session, need, ask)


def put(session: Session, case: Case, need: str, ask: Ask) -> Need:
    """A new need of a held case. Raises BadInput for an unknown one, Conflict for one that is going already."""
    known = load()["need"].terms.get(need)
    if known is None or not known.is_current:
        raise BadInput("Choose the need from the list.", "Nothing was kept.", "need")
    same = (Need.case_id == case.id, Need.need == need, Need.state.in_(GOING))
    if session.scalar(select(Need.id).where(*same)) is not None:
        raise Conflict(f"This case has that need already: {known.label}.", "Look at it on the case's page.")
    row = Need(id=str(uuid4()), case_id=case.id, need=need, state="open", opened_at=ask.at, version=1)
    session.add(row)
    session.flush()
    case_rows.written(session, case, ask, "need", row.id, "add", action="create", state_to="open")
    case.closed_at = None
    return row


def held(session: Session, ask: Ask, need_id: str) -> Need:
    """The need, its case and itself locked, for somebody who may know of the case. Raises NotFound."""
    case_id = session.scalar(select(Need.case_id).where(Need.id == need_id))
    if case_id is None:
        raise NotFound(*case_rows.NO_CASE)
    case_rows.held(session, ask, case_id)
    return session.scalars(select(Need).where(Need.id == need_id).with_for_update()).one()


def of_case(session: Session, case_id: str) -> list[Need]:
    """A case's needs, oldest first."""
    return list(session.scalars(select(Need).where(Need.case_id == case_id).order_by(Need.opened_at, Need.id)))


def adrift(session: Session, today: date) -> list[Need]:
    """Needs that nobody looks after, which is an error: shown on the SPOC's list the same day, oldest first."""
    query = select(Need).join(Case, Case.id == Need.case_id).where(Case.erased_at.is_(None), is_adrift(today))
    return list(session.scalars(query.order_by(Need.opened_at, Need.id)))


def is_adrift(today: date) -> ColumnElement[bool]:
    """Of a need, for a query: nobody looks after it.

    Open, with no live referral, no signpost question to come, no task about it and no day to look again (`look_again`)
    that is still to come; or resting without a day. Resting ones whose day has come are reviews, not errors.
    """
    undated = or_(Need.review_on.is_(None), Need.review_on < today)
    loose = Need.state.in_(GOING) & undated & ~need_holds.under_way() & ~need_holds.task_waiting()
    return or_(loose, (Need.state == NeedState.RESTING.value) & Need.review_on.is_(None))


def standing(need: Need) -> str:
    """How it stands, in words: "resting at the person's wish until 2026-12-01"."""
    words = LABELS[need.state]
    if need.state == NeedState.RESTING.value and need.review_on:
        return f"{words} until {need.review_on.isoformat()}"
    return f"{words}: {codes.label('need_ended', need.ended_reason).lower()}" if need.ended_reason else words


def answer(need: Need) -> Answer:
    return {"id": need.id, "state": need.state, "version": need.version}


def _settled(
    loop: Loop,
    ask: Ask,
    need_id: str,
    to: NeedState,
    details: Mapping[str, str],
    review_on: date | None = None,
    reason: str = "",
) -> Answer:
    def do(session: Session) -> Answer:
        need = held(session, ask, need_id)
        check_version(need.version, ask, standing(need))
        if need.ended_reason in FINAL:
            raise Conflict(f"This need is {standing(need)}.", "A supervisor can open it again.")
        settle(session, need, ask, to, details, review_on, reason)
        return answer(need)

    return loop.once(ask, f"need.{to.value}", {"need_id": need_id, **details}, do)


def _ask_no_more(session: Session, need: Need, ask: Ask) -> None:
    """Questions about signposts that are no longer wanted, for the need is over."""
    case = session.get_one(Case, need.case_id)
    given = select(Signpost).where(Signpost.need_id == need.id, Signpost.state == "given").with_for_update()
    for row in session.scalars(given):
        row.state, row.version = "no_follow_up_wanted", row.version + 1
        case_rows.written(
            session, case, ask, "signpost", row.id, "no_more", state_from="given", state_to="no_follow_up_wanted"
        )


def _bring_back(session: Session, need: Need, ask: Ask, event: str) -> None:
    need.review_on, need.ended_reason = None, ""
    _move(session, need, ask, event, _in_hand_or_open(session, need))
    session.get_one(Case, need.case_id).closed_at = None


def _move(
    session: Session, need: Need, ask: Ask, event: str, to: NeedState, details: Mapping[str, str] | None = None
) -> None:
    before, need.state = need.state, to.value
    need.version += 1
    case = session.get_one(Case, need.case_id)
    case_rows.written(
        session, case, ask, "need", need.id, event, action="move", state_from=before, state_to=to.value, details=details
    )
    session.flush()


def _in_hand_or_open(session: Session, need: Need) -> NeedState:
    held_by = session.scalar(select(Need.id).where(Need.id == need.id, need_holds.under_way()))
    return NeedState.IN_HAND if held_by else NeedState.OPEN
