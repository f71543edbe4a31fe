"""What every action on a case shares: who may see it, its row held for the transaction, and the line that says so."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from directory.errors import BadInput, Forbidden, NotFound
from directory.referrals import audit, working_time
from directory.referrals.access_tables import SESSION_LENGTH, CaseBlock, CaseLook, CaseWorker
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import WORKERS, Actor
from directory.referrals.loop import Answer, Loop, new_reference
from directory.referrals.policy import Policy
from directory.referrals.tables import Case, CaseEvent, Task

LINE_LIMIT, TEXT_LIMIT = 300, 20_000
"""Characters of one line of anything, and of an account or a plan."""
NO_CASE = ("There is no such thing here.", "Go back to the list, or look the case up by its reference.")
"""Said alike of a case and of all that belongs to one, whether there is none or it is not for this reader."""
WORKING, SUPERVISING = "working", "supervising"


class PurposeNeeded(Forbidden):
    """A worker who is not on a case must say why they open it (`case_access.say_why`)."""

    def __init__(self, case: Case) -> None:
        super().__init__("You do not work on this case.", "Say why you open it: it is written down.")
        self.case_id, self.reference, self.is_nobodys = case.id, case.reference, not case.lead_worker


def visible(who: Who) -> ColumnElement[bool]:
    """Which rows of Case somebody may know of: the one rule for pages, lists, counts, searches, exports and reports.

    Whom a case is kept from knows nothing of it, whatever their role. Restricted ones are for those who work on them
    and for supervisors.
    """
    if who.kind is Actor.SYSTEM:
        return true()
    if who.kind not in WORKERS:
        return false()
    kept_from = exists().where(CaseBlock.case_id == Case.id, *_live_block(who.id))
    if who.kind is Actor.SUPERVISOR:
        return ~kept_from
    return and_(~kept_from, or_(Case.restricted.is_(False), assigned_to(who.id)))


def kept_from(who: Who) -> Select[str]:
    """Ids of the cases that do not exist for somebody, for rows that lead to a case but tell nothing of it."""
    return select(CaseBlock.case_id).where(*_live_block(who.id))


def assigned_to(account_id: str) -> ColumnElement[bool]:
    """Which rows of Case somebody works on, as the lead or beside them."""
    if not account_id:
        return false()
    beside = exists().where(CaseWorker.case_id == Case.id, CaseWorker.account_id == account_id)
    return or_(Case.lead_worker == account_id, beside)


def opened_by(who: Who) -> ColumnElement[bool]:
    """Which rows of Case somebody may read without being asked why (again): of those that are `visible` to them."""
    if who.kind in (Actor.SUPERVISOR, Actor.SYSTEM):
        return true()
    said = exists().where(CaseLook.case_id == Case.id, *_open_look(who))
    return or_(assigned_to(who.id), said)


def known(session: Session, who: Who, case_id: str, lock: bool = False) -> Case:
    """The case, to answer for it and not to read it. Raises NotFound alike for none and for one not theirs to know of,
    and to anybody outside."""
    if who.kind not in WORKERS | {Actor.SYSTEM}:
        raise NotFound(*NO_CASE)
    query = select(Case).where(Case.id == case_id, visible(who))
    case = session.scalar(query.with_for_update() if lock else query)
    if case is None:
        raise NotFound(*NO_CASE)
    return case


def found(session: Session, who: Who, case_id: str, lock: bool = False) -> Case:
    """The case, for somebody who works on it or has said why they look. Raises NotFound, PurposeNeeded."""
    case = known(session, who, case_id, lock)
    why(session, who, case)
    return case


def why(session: Session, who: Who, case: Case) -> str:
    """For what somebody reads a case (`codes`, list seen_for). Raises PurposeNeeded."""
    if who.kind is Actor.SYSTEM or session.scalar(select(Case.id).where(Case.id == case.id, assigned_to(who.id))):
        return WORKING
    if who.kind is Actor.SUPERVISOR:
        return SUPERVISING
    said = select(CaseLook.purpose).where(CaseLook.case_id == case.id, *_open_look(who))
    purpose = session.scalar(said.order_by(CaseLook.said_at.desc(), CaseLook.id).limit(1))
    if purpose is None:
        raise PurposeNeeded(case)
    return purpose


def _live_block(account_id: str) -> tuple[ColumnElement[bool], ...]:
    return CaseBlock.account_id == account_id, CaseBlock.lifted_at.is_(None)


def _open_look(who: Who) -> tuple[ColumnElement[bool], ...]:
    own = CaseLook.session == who.session[:SESSION_LENGTH]
    return CaseLook.account_id == who.id, own


def held(session: Session, ask: Ask, case_id: str) -> Case:
    """The case, locked for the rest of the transaction, for a worker's change. Raises NotFound, Forbidden."""
    if ask.who.kind not in WORKERS | {Actor.SYSTEM}:
        raise NotFound(*NO_CASE)
    case = found(session, ask.who, case_id, lock=True)
    if case.erased_at is not None:
        raise Forbidden("What we held about this person has been erased.", "Open a new case.")
    return case


def written(
    session: Session,
    case: Case,
    ask: Ask,
    object_type: str,
    object_id: str,
    event: str,
    *,
    action: str = "change",
    state_from: str = "",
    state_to: str = "",
    details: Mapping[str, Any] | None = None,
    note_sealed: bytes | None = None,
) -> None:
    """Adds the case's line for what was done, and audit's. `details`: codes, days and ids only."""
    session.add(
        CaseEvent(
            case_id=case.id,
            object_type=object_type,
            object_id=object_id,
            event=event,
            at=ask.at,
            actor_kind=ask.who.kind.value,
            actor_id=ask.who.id,
            state_from=state_from,
            state_to=state_to,
            details=dict(details or {}),
            note_sealed=note_sealed,
        )
    )
    audit.note(
        session,
        ask.who,
        ask.at,
        action,
        object_type,
        object_id,
        subject_id=case.subject_id,
        fields=details or (),
        state_from=state_from,
        state_to=state_to,
        purpose=event,
    )


def free_reference(session: Session, *columns: InstrumentedAttribute[str]) -> str:
    """A reference that stands in none of these columns."""
    while True:
        reference = new_reference()
        if not any(session.scalar(select(column).where(column == reference)) for column in columns):
            return reference


def fingerprint(loop: Loop, body: Mapping[str, Any]) -> Answer:
    """A body with what is personal in it, for `Loop.once`: under a key of ours, so that its hash tells nothing."""
    return {"mac": loop.keys.mac("body", json.dumps(dict(body), sort_keys=True, default=str))}


def settle_tasks(session: Session, object_id: str, kind: str, ask: Ask) -> None:
    """Closes the open tasks of a kind about a thing: what they asked for has been done."""
    chosen = (Task.object_id == object_id, Task.kind == kind, Task.done_at.is_(None))
    session.execute(update(Task).where(*chosen).values(done_at=ask.at, done_by=ask.who.id))


def line(text: str, field: str, limit: int = LINE_LIMIT, needed: bool = False) -> str:
    """One field's text, trimmed. Raises BadInput when it is too long, cannot be kept, or is needed and empty."""
    said = text.replace("\r\n", "\n").strip()
    words = field.replace("_", " ")
    if needed and not said:
        raise BadInput(f"Say the {words}.", "Nothing was kept.", field)
    if len(said) > limit:
        raise BadInput(f"The {words} has {len(said):,} characters.", f"Shorten it to {limit:,}.", field)
    if any(sign == "\0" or 0xD800 <= ord(sign) <= 0xDFFF for sign in said):
        raise BadInput(f"The {words} cannot be read.", "Type it again.", field)
    return said


def day_to_come(day: date | None, ask: Ask, most_days: int, field: str) -> date:
    """A day after today, within so many. Raises BadInput."""
    today = working_time.today(ask.at)
    if day is None or not 0 < (day - today).days <= most_days:
        raise BadInput("Choose a day to come.", f"It is at most {most_days} days away.", field)
    return day


def past(moment: datetime | None, ask: Ask, field: str) -> datetime:
    """A moment that has been, by default now. Raises BadInput for one to come."""
    if moment is None:
        return ask.at
    if moment.tzinfo is None or moment > ask.at:
        raise BadInput("That moment is still to come.", "Give the date and time at which it happened.", field)
    return moment.astimezone(UTC)


def morning_of(policy: Policy, day: date) -> datetime:
    """When work begins on the first working day from this one, in UTC."""
    start = datetime.combine(day, datetime.min.time(), working_time.LOCAL)
    return working_time.next_working_moment(policy, start.astimezone(UTC))
