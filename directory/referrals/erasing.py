"""Erases what we held of a person by destroying their key, and remembers it so that a restored backup forgets again.

The ledger (`erasures.jsonl` in home, and the table) holds pseudonyms only; keep it, like the key file, apart from the
record's backups. Codes, days and counts stay: statistics and the audit's chain do not change (security.md, section 6).
"""

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete, inspect, select, update
from sqlalchemy.orm import Session

from directory.database import batches
from directory.errors import Conflict, UnusableFile
from directory.referrals import audit, lifecycle, policy, switches
from directory.referrals import tables as rows
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.referrals.loop import Loop
from directory.referrals.sealing import Erased
from directory.referrals.shortlist_tables import PersonMessage, Shortlisted
from directory.referrals.tables import Case, Erasure, Referral, ReferralEvent, Subject
from directory.tables import Base

LEDGER = "erasures.jsonl"
ASKED, SCHEDULE = "asked", "schedule"


def erase(loop: Loop, ask: Ask, subject_id: str, home: Path, reason: str = SCHEDULE) -> None:
    """Destroys the subject's key and everything sealed under it, for good.

    Raises NotReady until the adopter's schedule is set (unless the person asked), Conflict while something is live or
    held, Erased when it was done already.
    """
    if reason == SCHEDULE:
        loop.policy.check(policy.TO_ERASE)
    with loop.database.session() as session:
        subject = session.get_one(Subject, subject_id, with_for_update=True)
        check_may(session, subject)
        note(home, subject_id, ask.at, reason)  # first: a ledger line too many erases nothing that is not due
        _wipe(session, subject, ask.who, ask.at, reason, ask.at)
    loop.database.forget()


def check_may(session: Session, subject: Subject) -> None:
    """Raises Conflict when an inquiry or court holds it, or a referral is still with somebody, and Erased."""
    if subject.wrapped_key is None:
        raise Erased("What we held about this person has been erased.", "Only codes and dates remain.")
    if subject.held_at is not None or switches.is_on(session, switches.HOLD):
        raise Conflict("What we hold about this person must be kept: a hold is set.", "Lift the hold first.")
    live = select(Referral.id).where(
        Referral.subject_id == subject.id, Referral.state.in_([state.value for state in lifecycle.LIVE])
    )
    if session.scalar(live.limit(1)) is not None:
        raise Conflict("A service is still helping this person.", "Close or withdraw that referral first.")


def hold(loop: Loop, ask: Ask, subject_id: str, on: bool) -> None:
    """Keeps what we hold of a person from being erased, or no longer. Raises Erased when it has been."""
    with loop.database.session() as session:
        subject = session.get_one(Subject, subject_id, with_for_update=True)
        if subject.wrapped_key is None:
            raise Erased("What we held about this person has been erased.", "There is nothing left to hold.")
        if (subject.held_at is not None) is on:
            return
        subject.held_at = ask.at if on else None
        purpose = "on" if on else "off"
        audit.note(session, ask.who, ask.at, "hold", "subject", subject.id, subject_id=subject.id, purpose=purpose)


def returned(session: Session, home: Path) -> dict[str, tuple[datetime, str]]:
    """Subjects whom the ledger says were erased and who can be read again, with when and why: a backup was restored."""
    known = {subject_id: (at, reason) for subject_id, at, reason in ledger(home)}
    found: dict[str, tuple[datetime, str]] = {}
    for some in batches(sorted(known), 500):
        readable = select(Subject.id).where(Subject.id.in_(some), Subject.wrapped_key.is_not(None))
        found |= {own: known[own] for own in session.scalars(readable)}
    return found


def replay(loop: Loop, home: Path) -> int:
    """Erases again whoever the ledger says was erased, whatever is held now. Returns how many."""
    with loop.database.reading() as session:
        again = returned(session, home)
    for subject_id, (at, reason) in again.items():
        with loop.database.session() as session:
            subject = session.get_one(Subject, subject_id, with_for_update=True)
            _wipe(session, subject, SYSTEM, at, reason, loop.clock())
    if again:
        loop.database.forget()
    return len(again)


def note(home: Path, subject_id: str, at: datetime, reason: str) -> None:
    """Adds a line to the ledger in home, on disk before anything is erased."""
    if subject_id in {known for known, _, _ in ledger(home)}:
        return
    with (home / LEDGER).open("a", encoding="utf-8") as out:
        out.write(json.dumps({"subject_id": subject_id, "at": at.isoformat(), "reason": reason}) + "\n")
        out.flush()
        os.fsync(out.fileno())


def ledger(home: Path) -> list[tuple[str, datetime, str]]:
    """Pseudonym, moment and reason of every erasure. Raises UnusableFile."""
    file = home / LEDGER
    if not file.exists():
        return []
    try:
        lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line]
        return [(line["subject_id"], datetime.fromisoformat(line["at"]), line["reason"]) for line in lines]
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableFile(f"{file} is not the ledger of erasures.", "Use the copy that was kept elsewhere.") from error


def _wipe(session: Session, subject: Subject, who: Who, at: datetime, reason: str, now: datetime) -> None:
    """`at`: when it was erased first."""
    subject.wrapped_key, subject.erased_at = None, at
    for table in _sealed_tables():
        mine = table.subject_id == subject.id  # type: ignore[attr-defined]  # chosen by that very column
        session.execute(update(table).where(mine).values(dict.fromkeys(_sealed(table))))
    cases = select(Case.id).where(Case.subject_id == subject.id)
    session.execute(update(rows.CaseEvent).where(rows.CaseEvent.case_id.in_(cases)).values(note_sealed=None))
    own = select(Referral.id).where(Referral.subject_id == subject.id)
    session.execute(update(ReferralEvent).where(ReferralEvent.referral_id.in_(own)).values(note_sealed=None))
    session.execute(delete(Shortlisted).where(Shortlisted.case_id.in_(cases)))
    messages = PersonMessage.subject_id == subject.id
    session.execute(update(PersonMessage).where(messages).values(services=""))
    for marked in (Case, Referral):
        session.execute(update(marked).where(marked.subject_id == subject.id).values(erased_at=at))
    session.execute(update(Referral).where(Referral.subject_id == subject.id).values(alternatives=[]))
    if session.scalar(select(Erasure.id).where(Erasure.subject_id == subject.id)) is None:
        session.add(Erasure(subject_id=subject.id, at=at, by=who.id, reason=reason))
    audit.note(session, who, now, "erase", "subject", subject.id, subject_id=subject.id, purpose=reason)


def _sealed_tables() -> Iterable[type[Base]]:
    """Every table of a subject's that holds something sealed: found by its columns, so that a new one is not missed."""
    for mapper in Base.registry.mappers:
        names = {column.key for column in mapper.columns}
        if "subject_id" in names and any(name.endswith("_sealed") for name in names):
            yield mapper.class_


def _sealed(table: type[Base]) -> list[str]:
    return [column.key for column in inspect(table).columns if column.key.endswith("_sealed")]
