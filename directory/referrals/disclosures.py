"""Something was told without agreement, to keep somebody safe: who told whom what, on what ground. Never by link."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import case_rows, codes, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Disclosure

YES, NOT_YET = "yes", "not_yet"
TASK = "tell_person"


@dataclass(frozen=True, slots=True)
class Passed:
    """What was passed on: to whom, which categories ("contact|need", `codes` list category), on what ground.

    `supervisor`: the account of who decided it with the worker; `person_told`: yes, not_yet or not_safe.
    """

    to_whom: str = field(repr=False)
    categories: str
    ground: str
    supervisor: str
    person_told: str
    at: datetime | None = None


def record(loop: Loop, ask: Ask, case_id: str, passed: Passed) -> Answer:
    """Writes it down; a task asks to tell the person where that is safe and not done. {"id"}. Raises BadInput."""
    to_whom = case_rows.line(passed.to_whom, "to_whom", needed=True)
    if not codes.check_all("category", passed.categories, "categories"):
        raise BadInput("Say what was passed on.", "Choose from the list.", "categories")
    codes.check("disclosure_ground", passed.ground, "ground")
    codes.check("person_told", passed.person_told)
    supervisor = passed.supervisor or (ask.who.id if ask.who.kind is Actor.SUPERVISOR else "")
    if not supervisor or (supervisor == ask.who.id and ask.who.kind is not Actor.SUPERVISOR):
        raise BadInput("Say which supervisor decided this with you.", "Nothing was kept.", "supervisor")
    at = case_rows.past(passed.at, ask, "at")
    body = {name: getattr(passed, name) for name in Passed.__slots__}

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        own, seal = str(uuid4()), loop.sealer(session, case.subject_id)
        row = Disclosure(
            id=own,
            case_id=case.id,
            subject_id=case.subject_id,
            to_whom_sealed=seal.seal(to_whom, "disclosure", own, "to_whom"),
            categories=passed.categories,
            ground=passed.ground,
            supervisor=supervisor,
            person_told=passed.person_told,
            at=at,
            recorded_by=ask.who.id,
        )
        session.add(row)
        session.flush()
        said = {"ground": passed.ground, "person_told": passed.person_told}
        case_rows.written(session, case, ask, "disclosure", own, "record", action="create", details=said)
        if passed.person_told == NOT_YET:
            due = working_time.after(loop.policy, ask.at, loop.policy.span("info_reply", urgent=False))
            tasks.add(session, TASK, due, ask.at, case_id=case.id, object_id=own, assigned_to=case.lead_worker)
        return {"id": own}

    return loop.once(ask, "disclosure.record", {"case_id": case_id, **case_rows.fingerprint(loop, body)}, do)


def person_told(loop: Loop, ask: Ask, disclosure_id: str) -> Answer:
    """The person knows now. Raises Conflict when they did already."""

    def do(session: Session) -> Answer:
        row = session.get(Disclosure, disclosure_id)
        if row is None:
            raise NotFound(*case_rows.NO_CASE)
        case = case_rows.held(session, ask, row.case_id)
        session.refresh(row)
        if row.person_told == YES:
            raise Conflict("The person knows of this already.", "Look at the case again.")
        row.person_told = YES
        case_rows.settle_tasks(session, row.id, TASK, ask)
        case_rows.written(session, case, ask, "disclosure", row.id, "person_told", details={"person_told": YES})
        return {"id": row.id}

    return loop.once(ask, "disclosure.told", {"disclosure_id": disclosure_id}, do)


def of_case(session: Session, case_id: str) -> list[Disclosure]:
    """A case's, newest first."""
    query = select(Disclosure).where(Disclosure.case_id == case_id)
    return list(session.scalars(query.order_by(Disclosure.at.desc(), Disclosure.id)))


def opened(session: Session, loop: Loop, row: Disclosure) -> str:
    """To whom it was told; the caller writes the audit line."""
    return loop.sealer(session, row.subject_id).open(row.to_whom_sealed, "disclosure", row.id, "to_whom")
