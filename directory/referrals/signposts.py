"""Signposts: a person was told of a service and goes there themselves; nothing of theirs leaves, we ask how it went.

given → followed_up (an answer of `codes`, list signpost_answer) or no_follow_up_wanted; both can be asked again.
"""

from collections.abc import Mapping
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import Conflict, Forbidden, NotFound
from directory.referrals import case_rows, codes, exclusions, needs
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case, Signpost
from directory.tables import Service

GIVEN, FOLLOWED_UP, NO_MORE = "given", "followed_up", "no_follow_up_wanted"
LABELS: Mapping[str, str] = {
    GIVEN: "given: we ask how it went",
    FOLLOWED_UP: "followed up",
    NO_MORE: "given: no question is wanted",
}
"""For people, after "This signpost is"."""


def give(loop: Loop, ask: Ask, need_id: str, service_id: str, ask_on: date | None) -> Answer:
    """Tells the person of a service; we ask how it went on the day they chose, or never (None).

    {"id", "state", "version"}. Raises NotFound, BadInput, Forbidden for a service the person named as unsafe.
    """
    day = _day(loop, ask, ask_on)

    def do(session: Session) -> Answer:
        return answer(put(session, loop, ask, need_id, service_id, ask_on))

    return loop.once(ask, "signpost.give", {"need_id": need_id, "service_id": service_id, "ask_on": day}, do)


def put(session: Session, loop: Loop, ask: Ask, need_id: str, service_id: str, ask_on: date | None) -> Signpost:
    """The same within a transaction."""
    day, need = _day(loop, ask, ask_on), needs.held(session, ask, need_id)
    service = session.get(Service, service_id)
    if service is None:
        raise NotFound("There is no such service.", "Choose it from the plan.")
    if {service.id, service.organization_id} & exclusions.ids(session, need.case_id):
        raise Forbidden("The person named this service as unsafe.", "Choose another, or lift the exclusion first.")
    row = Signpost(
        id=str(uuid4()),
        case_id=need.case_id,
        need_id=need.id,
        service_id=service.id,
        service_name=service.name,
        given_at=ask.at,
        given_by=ask.who.id,
        ask_on=day,
        state=GIVEN if day else NO_MORE,
        version=1,
    )
    session.add(row)
    session.flush()
    _written(session, row, ask, "give", "", {"ask_on": day.isoformat()} if day else {})
    needs.refresh(session, loop, need.id, ask, contact=True)
    return row


def _day(loop: Loop, ask: Ask, ask_on: date | None) -> date | None:
    return case_rows.day_to_come(ask_on, ask, loop.policy.number("cases", "ask_days"), "ask_on") if ask_on else None


def follow_up(loop: Loop, ask: Ask, signpost_id: str, said: str) -> Answer:
    """What the person answered. The need is open again unless something else has it in hand.

    Whoever did not get through brings back a need that was met or rested: somebody must help another way.
    """
    codes.check("signpost_answer", said, "answer")

    def do(session: Session) -> Answer:
        row = _held(session, ask, signpost_id, (GIVEN, NO_MORE))
        before, row.state, row.answer, row.answered_at = row.state, FOLLOWED_UP, said, ask.at
        return _settled(session, loop, row, ask, "follow_up", before, {"answer": said}, contact=said != "reached")

    return loop.once(ask, "signpost.follow_up", {"signpost_id": signpost_id, "said": said}, do)


def no_more(loop: Loop, ask: Ask, signpost_id: str) -> Answer:
    """The person wants no question after all."""

    def do(session: Session) -> Answer:
        row = _held(session, ask, signpost_id, (GIVEN,))
        before, row.state = row.state, NO_MORE
        return _settled(session, loop, row, ask, "no_more", before, {}, contact=False)

    return loop.once(ask, "signpost.no_more", {"signpost_id": signpost_id}, do)


def ask_again(loop: Loop, ask: Ask, signpost_id: str, ask_on: date | None) -> Answer:
    """They will try (again): we ask on another day they chose. Raises BadInput without one to come."""
    day = case_rows.day_to_come(ask_on, ask, loop.policy.number("cases", "ask_days"), "ask_on")

    def do(session: Session) -> Answer:
        row = _held(session, ask, signpost_id, (GIVEN, FOLLOWED_UP, NO_MORE))
        before, row.state, row.ask_on, row.answer, row.answered_at = row.state, GIVEN, day, "", None
        said = {"ask_on": day.isoformat()}
        return _settled(session, loop, row, ask, "ask_again", before, said, contact=True)

    return loop.once(ask, "signpost.ask_again", {"signpost_id": signpost_id, "ask_on": day}, do)


def of_case(session: Session, case_id: str) -> list[Signpost]:
    """A case's signposts, newest first."""
    query = select(Signpost).where(Signpost.case_id == case_id)
    return list(session.scalars(query.order_by(Signpost.given_at.desc(), Signpost.id)))


def answer(row: Signpost) -> Answer:
    return {"id": row.id, "state": row.state, "version": row.version}


def _held(session: Session, ask: Ask, signpost_id: str, states: tuple[str, ...]) -> Signpost:
    case_id = session.scalar(select(Signpost.case_id).where(Signpost.id == signpost_id))
    if case_id is None:
        raise NotFound(*case_rows.NO_CASE)
    case_rows.held(session, ask, case_id)
    row = session.scalars(select(Signpost).where(Signpost.id == signpost_id).with_for_update()).one()
    standing = f"this signpost is {LABELS[row.state]}"
    check_version(row.version, ask, standing)
    if row.state not in states:
        raise Conflict(f"T{standing[1:]}.", "Ask again on another day, if the person wants that.")
    return row


def _settled(
    session: Session,
    loop: Loop,
    row: Signpost,
    ask: Ask,
    event: str,
    before: str,
    details: Mapping[str, str],
    contact: bool,
) -> Answer:
    row.version += 1
    _written(session, row, ask, event, before, details)
    needs.refresh(session, loop, row.need_id, ask, contact=contact)
    return answer(row)


def _written(session: Session, row: Signpost, ask: Ask, event: str, before: str, details: Mapping[str, str]) -> None:
    case = session.get_one(Case, row.case_id)
    case_rows.written(
        session, case, ask, "signpost", row.id, event, state_from=before, state_to=row.state, details=details
    )
    session.flush()
