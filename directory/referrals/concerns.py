"""A child protection concern: one action, told by phone at once, whoever agrees. Never a referral, a link or a mail.

What is kept says who was told, on what ground, and that a supervisor knows. Numbers of duty lines are data, read on
councils' pages (`directory/places/duty.py`); where none is known we say 101, and never invent one.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, NotFound
from directory.places import duty
from directory.referrals import case_rows, codes
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Case, Concern

SEALED = ("what", "told_whom")


@dataclass(frozen=True, slots=True)
class Told:
    """Who may be at risk (`codes`, concern_about), what of, and who was told by phone (concern_told), when, and why.

    `supervisor`: the account of the one who knows already, if one does.
    """

    about: str
    told: str
    ground: str
    what: str = field(repr=False)
    told_whom: str = field(repr=False)
    told_at: datetime | None = None
    supervisor: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was sealed of a concern."""

    what: str = field(repr=False)
    told_whom: str = field(repr=False)


def duty_line(case: Case) -> duty.DutyLine:
    """Whom to ring where this person lives: 101 where the council, or its number, is not known."""
    return duty.line(case.council) if case.council else duty.DutyLine("", "")


def record(loop: Loop, ask: Ask, case_id: str, told: Told) -> Answer:
    """Writes down a concern that somebody has been told of by phone. {"id", "supervisor_told": bool}.

    No agreement is asked for. Until a supervisor knows it stays on the list, overdue after the policy's "concern".
    Raises BadInput for what is missing.
    """
    for name, code in (("concern_about", told.about), ("concern_told", told.told), ("concern_ground", told.ground)):
        codes.check(name, code, name.removeprefix("concern_"))
    what = case_rows.line(told.what, "what", case_rows.TEXT_LIMIT, needed=True)
    whom = case_rows.line(told.told_whom, "told_whom", needed=True)
    told_at = case_rows.past(told.told_at, ask, "told_at")
    body = {name: getattr(told, name) for name in Told.__slots__}

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        own, seal = str(uuid4()), loop.sealer(session, case.subject_id)
        supervisor = _supervisor(ask, told.supervisor)
        row = Concern(
            id=own,
            case_id=case.id,
            subject_id=case.subject_id,
            about=told.about,
            what_sealed=seal.seal(what, "concern", own, "what"),
            told=told.told,
            told_whom_sealed=seal.seal(whom, "concern", own, "told_whom"),
            told_at=told_at,
            ground=told.ground,
            recorded_at=ask.at,
            recorded_by=ask.who.id,
            supervisor=supervisor,
            supervisor_told_at=ask.at if supervisor else None,
            version=1,
        )
        session.add(row)
        session.flush()
        said = {"about": told.about, "told": told.told, "ground": told.ground}
        case_rows.written(session, case, ask, "concern", own, "record", action="create", details=said)
        return {"id": own, "supervisor_told": bool(supervisor)}

    return loop.once(ask, "concern.record", {"case_id": case_id, **case_rows.fingerprint(loop, body)}, do)


def supervisor_told(loop: Loop, ask: Ask, concern_id: str, supervisor: str = "") -> Answer:
    """A supervisor knows of it: themselves, or the account a worker names. Raises Conflict when one did already."""

    def do(session: Session) -> Answer:
        case_id = session.scalar(select(Concern.case_id).where(Concern.id == concern_id))
        if case_id is None:
            raise NotFound(*case_rows.NO_CASE)
        case = case_rows.held(session, ask, case_id)
        row = session.get_one(Concern, concern_id, with_for_update=True)
        if row.supervisor_told_at is not None:
            raise Conflict("A supervisor knows of this already.", "Look at the case again.")
        row.supervisor, row.supervisor_told_at = _supervisor(ask, supervisor), ask.at
        if not row.supervisor:
            raise BadInput("Say which supervisor was told.", "Nothing was kept.", "supervisor")
        row.version += 1
        case_rows.written(session, case, ask, "concern", row.id, "supervisor_told")
        return {"id": row.id, "supervisor_told": True}

    return loop.once(ask, "concern.supervisor", {"concern_id": concern_id, "supervisor": supervisor}, do)


def of_case(session: Session, case_id: str) -> list[Concern]:
    """A case's concerns, newest first."""
    query = select(Concern).where(Concern.case_id == case_id)
    return list(session.scalars(query.order_by(Concern.recorded_at.desc(), Concern.id)))


def opened(session: Session, loop: Loop, row: Concern) -> Opened:
    """In clear; the caller writes the audit line."""
    seal = loop.sealer(session, row.subject_id)
    return Opened(*(seal.open(getattr(row, f"{name}_sealed"), "concern", row.id, name) for name in SEALED))


def _supervisor(ask: Ask, named: str) -> str:
    if ask.who.kind is Actor.SUPERVISOR:
        return ask.who.id
    if named and named == ask.who.id:
        raise BadInput("You cannot be your own supervisor.", "Name the one who was told.", "supervisor")
    return case_rows.line(named, "supervisor", 36)
