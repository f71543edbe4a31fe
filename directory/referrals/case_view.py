"""A whole case as a worker reads it: one way in, so that every look leaves a line in the audit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import BadInput
from directory.referrals import (
    audit,
    case_rows,
    cases,
    codes,
    complaints,
    concerns,
    disclosures,
    exclusions,
    needs,
    people,
    safe_contacts,
    safety_plans,
    signposts,
    timeline,
)
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.safe_contacts import Opened as ContactOpened
from directory.referrals.tables import (
    Agreement,
    Case,
    Complaint,
    Concern,
    Disclosure,
    Exclusion,
    HandIn,
    Need,
    Referral,
    SafeContact,
    SafetyPlan,
    Signpost,
    Task,
)
from directory.referrals.timeline import Entry

WORDS = ("facts", "safe_contact", "exclusion", "concern", "disclosure", "complaint", "safety_plan", "event_notes")
"""What a whole look opens besides the person's own fields."""
ERASED = "erased"


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case. Rows as they are in the record; what was sealed is in clear beside them, by the row's id.

    Of an erased case only codes, days and states are left. Agencies' updates are not part of a case (`agencies`).
    """

    case: Case
    person: Mapping[str, str] = field(repr=False)
    """`people.FIELDS` asked for."""
    person_version: int
    has_passphrase: bool
    given: Mapping[str, Any] = field(repr=False)
    harmed_by: tuple[str, ...] = field(repr=False)
    contact: SafeContact | None
    contact_opened: ContactOpened = field(repr=False)
    needs: tuple[Need, ...]
    referrals: tuple[Referral, ...]
    signposts: tuple[Signpost, ...]
    agreements: tuple[Agreement, ...]
    exclusions: tuple[Exclusion, ...]
    concerns: tuple[Concern, ...]
    disclosures: tuple[Disclosure, ...]
    complaints: tuple[Complaint, ...]
    safety_plans: tuple[SafetyPlan, ...]
    hand_ins: tuple[HandIn, ...]
    tasks: tuple[Task, ...]
    """Open ones, first due first."""
    timeline: tuple[Entry, ...]
    words: Mapping[str, Any] = field(repr=False)
    """Id of an exclusion, concern, disclosure, complaint or safety plan → what was sealed of it."""

    @property
    def is_erased(self) -> bool:
        return self.case.erased_at is not None


def read(loop: Loop, who: Who, case_id: str, purpose: str = "", fields: Collection[str] = people.FIELDS) -> CaseView:
    """Opens a case for somebody who works on it or has said why they look, in one look.

    `purpose` (`codes`, list seen_for): "" is what they have said. `fields`: which of the person's fields are opened.
    Raises NotFound, PurposeNeeded, BadInput, Unreadable.
    """
    if purpose:
        codes.check("seen_for", purpose, "purpose")
    if unknown := sorted(set(fields) - set(people.FIELDS)):
        raise BadInput("There is no such field of a person.", f"We keep: {', '.join(people.FIELDS)}.", unknown[0])
    with loop.database.session() as session:
        case = case_rows.found(session, who, case_id)
        erased = case.erased_at is not None
        opened = (ERASED,) if erased else (*fields, *WORDS)
        audit.note(
            session,
            who,
            loop.clock(),
            "view",
            "case",
            case.id,
            subject_id=case.subject_id,
            fields=opened,
            purpose=purpose or case_rows.why(session, who, case),
        )
        session.flush()
        return _view(session, loop, case, () if erased else fields)


def _view(session: Session, loop: Loop, case: Case, fields: Collection[str]) -> CaseView:
    live = case.erased_at is None
    contact = safe_contacts.current(session, case.id) if live else None
    out, told = exclusions.of_case(session, case.id), concerns.of_case(session, case.id)
    passed, complained = disclosures.of_case(session, case.id), complaints.of_case(session, case.id)
    plans = safety_plans.of_case(session, case.id)
    words: dict[str, Any] = {}
    if live:
        seal = loop.sealer(session, case.subject_id)
        words |= {row.id: seal.open(row.named_sealed, "exclusion", row.id, "named") for row in out}
        words |= {row.id: concerns.opened(session, loop, row) for row in told}
        words |= {row.id: disclosures.opened(session, loop, row) for row in passed}
        words |= {row.id: complaints.opened(session, loop, row) for row in complained}
        words |= {row.id: safety_plans.opened(session, loop, row) for row in plans}
    person = people.of_subject(session, case.subject_id)
    return CaseView(
        case=case,
        person=people.opened(session, loop, case.subject_id, fields) if live else {},
        person_version=person.version,
        has_passphrase=person.passphrase_sealed is not None,
        given=cases.given(session, loop, case) if live else {},
        harmed_by=cases.harmed_by(session, loop, case) if live else (),
        contact=contact,
        contact_opened=safe_contacts.opened(session, loop, contact) if contact else ContactOpened(),
        needs=tuple(needs.of_case(session, case.id)),
        referrals=_rows(session, Referral, case, Referral.made_at.desc()),
        signposts=tuple(signposts.of_case(session, case.id)),
        agreements=_rows(session, Agreement, case, Agreement.recorded_at.desc()),
        exclusions=tuple(out),
        concerns=tuple(told),
        disclosures=tuple(passed),
        complaints=tuple(complained),
        safety_plans=tuple(plans),
        hand_ins=_rows(session, HandIn, case, HandIn.received_at.desc()),
        tasks=_rows(session, Task, case, Task.due_at, Task.done_at.is_(None)),
        timeline=timeline.entries(session, loop.sealer(session, case.subject_id) if live else None, case),
        words=words,
    )


def _rows(session: Session, table: Any, case: Case, order: Any, *only: Any) -> tuple[Any, ...]:
    return tuple(session.scalars(select(table).where(table.case_id == case.id, *only).order_by(order, table.id)))
