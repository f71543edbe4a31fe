"""Hand-ins: somebody else's news of a person, or their own, kept sealed until it is taken into a case or returned.

waiting → taken (a new case, or one there is) | returned (with why; the agency is told by phone), and back to waiting.
"""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import Conflict, Forbidden, NotFound
from directory.referrals import agencies, audit, case_rows, cases, codes, people
from directory.referrals.asking import Ask, Who
from directory.referrals.cases import Opening
from directory.referrals.lifecycle import WORKERS
from directory.referrals.loop import Answer, Loop, check_version
from directory.referrals.tables import Case, HandIn, Subject

WAITING, TAKEN, RETURNED = "waiting", "taken", "returned"
SEALED = ("summary", "agency_reference")
LABELS = {WAITING: "waiting to be taken up", TAKEN: "taken into a case", RETURNED: "returned"}


@dataclass(frozen=True, slots=True)
class News:
    """What was handed in, by whom (`codes`, list agency) and how (hand_in_how)."""

    agency: str
    how: str
    summary: str = field(repr=False)
    agency_reference: str = field(default="", repr=False)
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A hand-in in clear."""

    id: str
    agency: str
    how: str
    our_reference: str
    state: str
    received_at: datetime
    version: int
    case_id: str
    summary: str = field(repr=False)
    agency_reference: str = field(repr=False)


def receive(loop: Loop, ask: Ask, news: News) -> Answer:
    """Keeps it, and answers with the reference of ours that this agency is told. {"id", "our_reference", …}."""
    _check_worker(ask.who)
    codes.check("agency", news.agency)
    codes.check("hand_in_how", news.how, "how")
    summary = case_rows.line(news.summary, "summary", case_rows.TEXT_LIMIT, needed=True)
    theirs = case_rows.line(news.agency_reference, "agency_reference")
    received_at = case_rows.past(news.received_at, ask, "received_at")

    def do(session: Session) -> Answer:
        subject = people.new_subject(session, loop, ask)
        row = HandIn(
            id=str(uuid4()),
            agency=news.agency,
            subject_id=subject.id,
            received_at=received_at,
            recorded_by=ask.who.id,
            how=news.how,
            our_reference=agencies.free_reference(session),
            state=WAITING,
            version=1,
        )
        _seal(session, loop, row, summary, theirs)
        session.add(row)
        _noted(session, row, ask, "create", "receive", "")
        return answer(row)

    told = {"agency": news.agency, "how": news.how, "summary": summary, "theirs": theirs, "at": news.received_at}
    return loop.once(ask, "hand_in.receive", case_rows.fingerprint(loop, told), do)


def take(loop: Loop, ask: Ask, hand_in_id: str, opening: Opening) -> Answer:
    """Opens a case from it, under the same subject. {"id": the case's, "reference", "version", "needs"}."""
    body = case_rows.fingerprint(loop, cases.body(opening))

    def do(session: Session) -> Answer:
        row = _held(session, ask, hand_in_id, WAITING)
        subject = session.get_one(Subject, row.subject_id)
        made = cases.put(session, loop, ask, opening, subject)
        _taken(session, loop, row, session.get_one(Case, made["id"]), ask)
        return made

    return loop.once(ask, "hand_in.take", {"hand_in_id": hand_in_id, **body}, do)


def take_to(loop: Loop, ask: Ask, hand_in_id: str, case_id: str) -> Answer:
    """Puts it to a case there is: sealed anew under that case's key, the one it had is destroyed."""

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        row = _held(session, ask, hand_in_id, WAITING)
        said = opened(session, loop, row)
        left = session.get_one(Subject, row.subject_id)
        row.subject_id = case.subject_id
        _seal(session, loop, row, said.summary, said.agency_reference)
        session.flush()
        session.delete(left)
        _taken(session, loop, row, case, ask)
        return answer(row)

    return loop.once(ask, "hand_in.take_to", {"hand_in_id": hand_in_id, "case_id": case_id}, do)


def give_back(loop: Loop, ask: Ask, hand_in_id: str, because: str) -> Answer:
    """Returns it to who handed it in, told by phone (`codes`, list hand_in_returned)."""
    codes.check("hand_in_returned", because, "because")

    def do(session: Session) -> Answer:
        row = _held(session, ask, hand_in_id, WAITING)
        return _moved(session, row, ask, RETURNED, because)

    return loop.once(ask, "hand_in.give_back", {"hand_in_id": hand_in_id, "because": because}, do)


def wait_again(loop: Loop, ask: Ask, hand_in_id: str) -> Answer:
    """One that was returned is ours after all."""
    return loop.once(
        ask,
        "hand_in.wait_again",
        {"hand_in_id": hand_in_id},
        lambda session: _moved(session, _held(session, ask, hand_in_id, RETURNED), ask, WAITING, "wait_again"),
    )


def waiting(session: Session) -> list[HandIn]:
    """Those nobody has taken up yet, oldest first."""
    query = select(HandIn).where(HandIn.state == WAITING)
    return list(session.scalars(query.order_by(HandIn.received_at, HandIn.id)))


def read(loop: Loop, who: Who, hand_in_id: str) -> Opened:
    """One in clear, with a line in the audit. Raises NotFound, PurposeNeeded, Forbidden, Erased."""
    _check_worker(who)
    with loop.database.session() as session:
        row = _found(session, who, hand_in_id)
        purpose = case_rows.why(session, who, session.get_one(Case, row.case_id)) if row.case_id else ""
        audit.note(
            session, who, loop.clock(), "view", "hand_in", row.id, subject_id=row.subject_id, fields=SEALED,
            purpose=purpose,
        )  # fmt: skip
        return opened(session, loop, row)


def opened(session: Session, loop: Loop, row: HandIn) -> Opened:
    """In clear; the caller writes the audit line."""
    seal = loop.sealer(session, row.subject_id)
    keyed = agencies.sealer(session, loop, row.subject_id)
    return Opened(
        row.id,
        row.agency,
        row.how,
        row.our_reference,
        row.state,
        row.received_at,
        row.version,
        row.case_id,
        seal.open(row.summary_sealed, "hand_in", row.id, "summary"),
        keyed.open(row.agency_reference_sealed, "hand_in", row.id, "agency_reference"),
    )


def answer(row: HandIn) -> Answer:
    return {"id": row.id, "our_reference": row.our_reference, "state": row.state, "version": row.version}


def _seal(session: Session, loop: Loop, row: HandIn, summary: str, theirs: str) -> None:
    row.summary_sealed = loop.sealer(session, row.subject_id).seal(summary, "hand_in", row.id, "summary")
    keyed = agencies.sealer(session, loop, row.subject_id)
    row.agency_reference_sealed = keyed.seal(theirs, "hand_in", row.id, "agency_reference")


def _found(session: Session, who: Who, hand_in_id: str, lock: bool = False) -> HandIn:
    query = select(HandIn).where(HandIn.id == hand_in_id)
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None:
        raise NotFound(*case_rows.NO_CASE)
    if row.case_id:
        case_rows.found(session, who, row.case_id)
    return row


def _held(session: Session, ask: Ask, hand_in_id: str, state: str) -> HandIn:
    _check_worker(ask.who)
    row = _found(session, ask.who, hand_in_id, lock=True)
    check_version(row.version, ask, f"it is {LABELS[row.state]}")
    if row.state != state:
        raise Conflict(f"This hand-in is {LABELS[row.state]}.", "Look at the list again.")
    return row


def _taken(session: Session, loop: Loop, row: HandIn, case: Case, ask: Ask) -> None:
    row.case_id = case.id
    theirs = opened(session, loop, row).agency_reference
    if row.agency != "person":
        agencies.refer(session, loop, case, row.agency, theirs, ask, ours=row.our_reference)
    _moved(session, row, ask, TAKEN, "take")
    case_rows.written(session, case, ask, "hand_in", row.id, "take", details={"agency": row.agency})


def _moved(session: Session, row: HandIn, ask: Ask, to: str, purpose: str) -> Answer:
    before, row.state = row.state, to
    row.settled_at = None if to == WAITING else ask.at
    row.version += 1
    _noted(session, row, ask, "move", purpose, before)
    return answer(row)


def _noted(session: Session, row: HandIn, ask: Ask, action: str, purpose: str, before: str) -> None:
    session.flush()
    audit.note(
        session,
        ask.who,
        ask.at,
        action,
        "hand_in",
        row.id,
        subject_id=row.subject_id,
        state_from=before,
        state_to=row.state,
        purpose=purpose,
    )


def _check_worker(who: Who) -> None:
    if who.kind not in WORKERS:
        raise Forbidden("Hand-ins are for workers of the single point of contact.", "Ask one of them.")
