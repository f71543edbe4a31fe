"""What a person may ask for: all that we hold of them, in one file for machines and one in plain words; and who saw it.

Left out is what is somebody else's or must be looked at first (`LEFT_OUT`). An export is for the person's own eyes: a
worker reads it before it is handed over.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import NotFound
from directory.referrals import audit, case_rows, given_facts, people, sealing, subject_words, timeline
from directory.referrals import tables as rows
from directory.referrals.asking import SYSTEM, Who
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Case, Need, Subject
from directory.tables import Base

TABLES = (
    rows.Case, rows.Person, rows.SafeContact, rows.Agreement, rows.Referral, rows.Signpost, rows.Complaint,
    rows.SafetyPlan, rows.HandIn, rows.Disclosure,
)  # fmt: skip
HELD_BACK = frozenset(
    {
        "passphrase_sealed", "enquiry_sealed", "agency_reference_sealed", "who_must_not_know_sealed",
        "to_whom_sealed", "note_sealed", "alternatives", "snapshot", "harmed_by_under_12", "made_by", "recorded_by",
        "opened_by", "withdrawn_by", "answered_by", "asked_by", "supervisor", "worker", "lead_worker",
        "override_reason", "version", "id",
    }
)  # fmt: skip
"""Columns that are somebody else's data, a secret of the person's own, or say nothing of them."""
UNTOLD_FACTS = frozenset({"harmed_by", "avoid"})
"""Facts kept for the matcher that are of somebody else."""
UNTOLD_EVENTS = frozenset({"concern", "disclosure", "exclusion", "agency_reference", "hand_in"})
LEFT_OUT = (
    "Left out, because it is also about somebody else or must be looked at first: whom you told us to keep away from, "
    "news of you from agencies, notes of workers and services, calls to keep somebody safe, and what we know of the "
    "child who harmed. Your passphrase cannot be read by us."
)


@dataclass(frozen=True, slots=True)
class Export:
    """Everything we hold of a person: by table for machines, and in words."""

    data: Mapping[str, list[Mapping[str, Any]]]
    words: str

    @property
    def as_json(self) -> str:
        return json.dumps({**self.data, "left_out": LEFT_OUT}, ensure_ascii=False, indent=2, default=_text)


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of who did or saw what of a person's: ids, never names."""

    at: datetime
    by: str
    actor: str
    action: str
    what: str
    fields: str
    result: str
    network: str


def case_of(session: Session, reference: str, who: Who = SYSTEM) -> Case:
    """The case of a reference, however it is typed, for somebody who may know of it. Raises NotFound."""
    known = (Case.reference == people.folded_reference(reference), case_rows.visible(who))
    case = session.scalar(select(Case).where(*known))
    if case is None:
        raise NotFound("There is no case with this reference.", "It is four letters and four figures, like KX4821TP.")
    return case


def export(loop: Loop, who: Who, reference: str) -> Export:
    """Everything held under a case's reference, with a line in the audit. Raises NotFound, Erased."""
    with loop.database.session() as session:
        case = case_of(session, reference, who)
        subject = session.get_one(Subject, case.subject_id)
        seal = sealing.sealer(loop.keys, subject)
        data = {table.__tablename__: list(_rows(session, table, subject.id, seal)) for table in TABLES}
        data["need"] = list(_needs(session, subject.id))
        data["facts"] = [_facts(session, loop, own) for own in _cases(session, subject.id)]
        data["history"] = [line for own in _cases(session, subject.id) for line in _history(session, own)]
        names = sorted(name for name, found in data.items() if found)
        audit.note(session, who, loop.clock(), "export", "subject", subject.id, subject_id=subject.id, fields=names)
        return Export(data, subject_words.words(data, case.reference, LEFT_OUT))


def seen(loop: Loop, who: Who, reference: str) -> list[Seen]:
    """Who saw or did what of this person's, first to last: for a breach, or for themselves. Raises NotFound."""
    with loop.database.session() as session:
        case = case_of(session, reference, who)
        query = select(AuditEvent).where(AuditEvent.subject_id == case.subject_id).order_by(AuditEvent.id)
        found = [_seen(row) for row in session.scalars(query)]
        audit.note(session, who, loop.clock(), "export", "audit_event", "", subject_id=case.subject_id)
        return found


def _seen(row: AuditEvent) -> Seen:
    what = f"{row.object_type} {row.purpose}".strip()
    return Seen(
        utc(row.at), row.actor_id, row.actor_kind, row.action, what, row.fields, row.result, row.network
    )  # fmt: skip


def _rows(session: Session, table: type[Base], subject_id: str, seal: sealing.Sealer) -> Iterator[Mapping[str, Any]]:
    left = HELD_BACK | ({"given_by"} if table is rows.Signpost else set())  # a worker's account there
    names = [column.key for column in inspect(table).columns if column.key not in left]
    by_case = not hasattr(table, "subject_id")
    cases = select(Case.id).where(Case.subject_id == subject_id)
    # each of these tables has the column
    own = table.case_id.in_(cases) if by_case else table.subject_id == subject_id  # type: ignore[attr-defined]
    for row in session.scalars(select(table).where(own)):
        if not isinstance(row, rows.Disclosure) or row.person_told == "yes":
            yield _row(row, names, table.__tablename__, seal)


def _row(row: Base, names: list[str], table: str, seal: sealing.Sealer) -> Mapping[str, Any]:
    theirs = isinstance(row, rows.HandIn) and row.agency != "person"
    found: dict[str, Any] = {}
    for name in names:
        value = getattr(row, name)
        if value in (None, "", [], {}) or name.endswith("_id"):
            continue
        if not name.endswith("_sealed"):
            found[name] = utc(value) if isinstance(value, datetime) else value
        elif not theirs:
            plain = name.removesuffix("_sealed")
            # each of these tables has an id
            found[plain] = seal.open(value, table, row.id, plain)  # type: ignore[attr-defined]
    return found


def _cases(session: Session, subject_id: str) -> list[Case]:
    return list(session.scalars(select(Case).where(Case.subject_id == subject_id).order_by(Case.opened_at)))


def _needs(session: Session, subject_id: str) -> Iterator[Mapping[str, Any]]:
    query = select(Need).join(Case, Case.id == Need.case_id).where(Case.subject_id == subject_id)
    for row in session.scalars(query.order_by(Need.opened_at)):
        yield {"need": row.need, "state": row.state, "opened_at": utc(row.opened_at)}


def _facts(session: Session, loop: Loop, case: Case) -> Mapping[str, Any]:
    """What is kept for the matcher."""
    kept = given_facts.kept(session, loop, case)
    return {name: value for name, value in kept.items() if name not in UNTOLD_FACTS and value not in (None, "", [])}


def _history(session: Session, case: Case) -> Iterator[Mapping[str, Any]]:
    """What happened, without anybody's notes."""
    for line in timeline.entries(session, None, case):
        if line.kind not in UNTOLD_EVENTS:
            yield {"at": line.at, "what": line.words, "service": line.service, "details": dict(line.details)}


def _text(value: object) -> str:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
