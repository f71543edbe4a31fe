"""Complaints about a service or about us: a route of their own that never stands in the way of help.

open → answered, and open again when the person is not content. One about us is answered by a supervisor.
"""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import case_rows, codes, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case, Complaint
from directory.tables import Service

OPEN, ANSWERED = "open", "answered"
LABELS = {OPEN: "still to be answered", ANSWERED: "answered"}
TASK, ABOUT_US = "complaint", "spoc"


def receive(loop: Loop, ask: Ask, case_id: str, about: str, words: str, service_id: str = "") -> Answer:
    """Takes one up (`codes`, list complaint_about); a task asks for the answer. {"id", "state", "version"}."""
    codes.check("complaint_about", about, "about")
    said = case_rows.line(words, "complaint", case_rows.TEXT_LIMIT, needed=True)
    if (about == ABOUT_US) == bool(service_id):
        raise BadInput("Say which service it is about, or that it is about us.", "Nothing was kept.", "service_id")

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        if service_id and session.get(Service, service_id) is None:
            raise NotFound("There is no such service.", "Look it up in the directory.")
        own = str(uuid4())
        row = Complaint(
            id=own,
            case_id=case.id,
            subject_id=case.subject_id,
            about=about,
            service_id=service_id,
            words_sealed=loop.sealer(session, case.subject_id).seal(said, "complaint", own, "words"),
            state=OPEN,
            received_at=ask.at,
            recorded_by=ask.who.id,
            version=1,
        )
        session.add(row)
        session.flush()
        _written(session, case, row, ask, "receive", "")
        _ask_for_answer(session, loop, case, row, ask)
        return answered(row)

    body = {"about": about, "service_id": service_id, "words": said}
    return loop.once(ask, "complaint.receive", {"case_id": case_id, **case_rows.fingerprint(loop, body)}, do)


def answer(loop: Loop, ask: Ask, complaint_id: str) -> Answer:
    """It has been answered. Raises Forbidden for one about us unless a supervisor answers, Conflict when done."""

    def do(session: Session) -> Answer:
        case, row = _held(session, ask, complaint_id, OPEN)
        if row.about == ABOUT_US and ask.who.kind is not Actor.SUPERVISOR:
            raise Forbidden("A supervisor answers a complaint about us.", "Tell one of them.")
        row.state, row.answered_at, row.answered_by, row.version = ANSWERED, ask.at, ask.who.id, row.version + 1
        case_rows.settle_tasks(session, row.id, TASK, ask)
        _written(session, case, row, ask, "answer", OPEN)
        return answered(row)

    return loop.once(ask, "complaint.answer", {"complaint_id": complaint_id}, do)


def open_again(loop: Loop, ask: Ask, complaint_id: str) -> Answer:
    """The person is not content with the answer."""

    def do(session: Session) -> Answer:
        case, row = _held(session, ask, complaint_id, ANSWERED)
        row.state, row.answered_at, row.answered_by, row.version = OPEN, None, "", row.version + 1
        _written(session, case, row, ask, "open_again", ANSWERED)
        _ask_for_answer(session, loop, case, row, ask)
        return answered(row)

    return loop.once(ask, "complaint.open_again", {"complaint_id": complaint_id}, do)


def of_case(session: Session, case_id: str) -> list[Complaint]:
    """A case's complaints, newest first."""
    query = select(Complaint).where(Complaint.case_id == case_id)
    return list(session.scalars(query.order_by(Complaint.received_at.desc(), Complaint.id)))


def opened(session: Session, loop: Loop, row: Complaint) -> str:
    """Its words; the caller writes the audit line."""
    return loop.sealer(session, row.subject_id).open(row.words_sealed, "complaint", row.id, "words")


def answered(row: Complaint) -> Answer:
    return {"id": row.id, "state": row.state, "version": row.version}


def _held(session: Session, ask: Ask, complaint_id: str, state: str) -> tuple[Case, Complaint]:
    case_id = session.scalar(select(Complaint.case_id).where(Complaint.id == complaint_id))
    if case_id is None:
        raise NotFound(*case_rows.NO_CASE)
    case = case_rows.held(session, ask, case_id)
    row = session.get_one(Complaint, complaint_id, with_for_update=True)
    check_version(row.version, ask, f"it is {LABELS[row.state]}")
    if row.state != state:
        raise Conflict(f"This complaint is {LABELS[row.state]}.", "Look at the case again.")
    return case, row


def _ask_for_answer(session: Session, loop: Loop, case: Case, row: Complaint, ask: Ask) -> None:
    due = working_time.after(loop.policy, ask.at, loop.policy.span("complaint", urgent=False))
    tasks.add(session, TASK, due, ask.at, case_id=case.id, service_id=row.service_id, object_id=row.id)


def _written(session: Session, case: Case, row: Complaint, ask: Ask, event: str, before: str) -> None:
    case_rows.written(
        session,
        case,
        ask,
        "complaint",
        row.id,
        event,
        state_from=before,
        state_to=row.state,
        details={"about": row.about},
    )
    session.flush()
