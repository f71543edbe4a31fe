"""What agencies call a case, and whether they were asked, have it, have answered: two things kept apart from all else.

An agency's own reference is sealed under a key that serves nothing else, and each agency is given a random reference of
ours: nothing joins two agencies' records. Updates are closed codes, never what was answered. Only somebody with the
permission agency.work (the role liaison) reads or writes them; they see no case, and nobody who sees a case sees them.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts import policy
from directory.errors import BadInput, Forbidden, NotFound
from directory.referrals import audit, case_rows, codes, working_time
from directory.referrals.asking import Ask, Who
from directory.referrals.loop import Answer, Loop
from directory.referrals.people import folded_reference
from directory.referrals.sealing import Sealer
from directory.referrals.tables import AgencyReference, AgencyUpdate, Case, HandIn

PERMISSION = "agency.work"
KEY = b"waymark agency"
FURTHEST_DAYS = 366
NO_REFERENCE = ("There is no such reference.", "Check it: four letters and four figures.")


@dataclass(frozen=True, slots=True)
class Update:
    """One line about an agency: codes (`agency_update`, `agency_role`) and a day."""

    update: str
    by_whom: str
    on: date


@dataclass(frozen=True, slots=True)
class Line:
    """One case at one agency, as the liaison sees it. `theirs` only where it was opened."""

    ours: str
    agency: str
    updates: tuple[Update, ...] = ()
    theirs: str = ""


def may(who: Who) -> bool:
    """Whether one of their roles gives agency.work."""
    return policy.may(policy.User(who.id, "", who.roles), PERMISSION)


def refer(session: Session, loop: Loop, case: Case, agency: str, theirs: str, ask: Ask, ours: str = "") -> str:
    """Notes, in a transaction that holds the case, what an agency calls it; returns the reference of ours it is given.

    `ours`: the one it was given already (a hand-in's). An agency that has one keeps it.
    """
    codes.check("agency", agency)
    query = select(AgencyReference).where(AgencyReference.case_id == case.id, AgencyReference.agency == agency)
    row = session.scalar(query)
    if row is None:
        row = AgencyReference(
            id=str(uuid4()),
            case_id=case.id,
            subject_id=case.subject_id,
            agency=agency,
            ours=ours or free_reference(session),
            made_at=ask.at,
        )
        session.add(row)
    if theirs:
        words = case_rows.line(theirs, "agency_reference")
        row.theirs_sealed = sealer(session, loop, case.subject_id).seal(words, "agency_reference", row.id, "theirs")
    session.flush()
    case_rows.written(session, case, ask, "agency_reference", row.id, "refer", details={"agency": agency})
    return row.ours


def add_reference(loop: Loop, ask: Ask, case_id: str, agency: str, theirs: str = "") -> Answer:
    """The same as an action of a worker on a case. {"ours"}: what this agency, and no other, is told."""

    def do(session: Session) -> Answer:
        return {"ours": refer(session, loop, case_rows.held(session, ask, case_id), agency, theirs, ask)}

    told = case_rows.fingerprint(loop, {"agency": agency, "theirs": theirs})
    return loop.once(ask, "agency.refer", {"case_id": case_id, **told}, do)


def listed(loop: Loop, who: Who) -> list[Line]:
    """Every case at every agency by our reference for it, newest first: no case, no name. Raises Forbidden."""
    _check(loop, who)
    with loop.database.session() as session:
        audit.note(session, who, loop.clock(), "list", "agency_update", "")
        query = select(AgencyReference).where(AgencyReference.case_id.not_in(case_rows.kept_from(who)))
        rows = session.scalars(query.order_by(AgencyReference.made_at.desc(), AgencyReference.ours))
        return [Line(row.ours, row.agency, _updates(session, row)) for row in list(rows)]


def read(loop: Loop, who: Who, ours: str) -> Line:
    """One of them, with what the agency itself calls it. Raises Forbidden, NotFound, Erased."""
    _check(loop, who)
    with loop.database.session() as session:
        row = _found(session, who, ours)
        audit.note(
            session,
            who,
            loop.clock(),
            "view",
            "agency_reference",
            row.id,
            subject_id=row.subject_id,
            fields=("theirs",),
        )
        opened = sealer(session, loop, row.subject_id)
        theirs = opened.open(row.theirs_sealed, "agency_reference", row.id, "theirs")
        return Line(row.ours, row.agency, _updates(session, row), theirs)


def update(loop: Loop, ask: Ask, ours: str, update: Update) -> Answer:
    """Adds a line: that they were asked, have it, have answered, or when next contact is due. Raises Forbidden."""
    _check(loop, ask.who)
    codes.check("agency_update", update.update, "update")
    codes.check("agency_role", update.by_whom, "by_whom")
    _check_day(update, ask)

    def do(session: Session) -> Answer:
        row = _found(session, ask.who, ours)
        line = AgencyUpdate(
            agency_reference_id=row.id,
            update=update.update,
            by_whom=update.by_whom,
            on=update.on,
            recorded_at=ask.at,
            recorded_by=ask.who.id,
        )
        session.add(line)
        session.flush()
        audit.note(session, ask.who, ask.at, "create", "agency_update", str(line.id), subject_id=row.subject_id)
        return {"ours": row.ours, "id": line.id}

    body = {"ours": ours, "update": update.update, "by_whom": update.by_whom, "on": update.on}
    return loop.once(ask, "agency.update", body, do)


def sealer(session: Session, loop: Loop, subject_id: str) -> Sealer:
    """What seals agencies' references: a key made from the subject's, so that erasing it erases them too."""
    return Sealer(hmac.new(loop.sealer(session, subject_id).key, KEY, sha256).digest())


def free_reference(session: Session) -> str:
    """A reference of ours that no agency was given yet."""
    return case_rows.free_reference(session, AgencyReference.ours, HandIn.our_reference, Case.reference)


def _updates(session: Session, row: AgencyReference) -> tuple[Update, ...]:
    query = select(AgencyUpdate).where(AgencyUpdate.agency_reference_id == row.id)
    lines: Sequence[AgencyUpdate] = session.scalars(query.order_by(AgencyUpdate.id)).all()
    return tuple(Update(line.update, line.by_whom, line.on) for line in lines)


def _found(session: Session, who: Who, ours: str) -> AgencyReference:
    own = folded_reference(ours)
    known = select(AgencyReference).where(AgencyReference.case_id.not_in(case_rows.kept_from(who)))
    row = session.scalar(known.where(AgencyReference.ours == own))
    if row is None:  # an agency that handed a person in twice was given two
        again = (HandIn.case_id == AgencyReference.case_id) & (HandIn.agency == AgencyReference.agency)
        row = session.scalar(known.join(HandIn, again).where(HandIn.our_reference == own))
    if row is None:
        raise NotFound(*NO_REFERENCE)
    return row


def _check(loop: Loop, who: Who) -> None:
    """Raises Forbidden, and writes down that it did, for anybody without agency.work."""
    if may(who):
        return
    with loop.database.session() as session:
        audit.note(session, who, loop.clock(), "view", "agency_update", "", result=audit.DENY)
    raise Forbidden("Agencies' updates are for the agency liaison alone.", "Ask them what you need to know.")


def _check_day(update: Update, ask: Ask) -> None:
    days = (update.on - working_time.today(ask.at)).days
    if update.update == "next_contact" and not 0 <= days <= FURTHEST_DAYS:
        raise BadInput("Next contact is on a day to come.", "Choose today or later.", "on")
    if update.update != "next_contact" and not -FURTHEST_DAYS <= days <= 0:
        raise BadInput("That day is still to come, or too long ago.", "Choose the day it happened.", "on")
