"""The registrations that staff see: what waits for them, what waits for its writer, and what was decided last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.partners import proofs, registrations, verifying
from directory.partners.registrations import APPROVED, REFUSED, RETURNED, SUBMITTED
from directory.partners.tables import Registration, RegistrationCheck
from directory.referrals import audit
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop

DECIDED_SHOWN = 20
WAITS, BACK, DECIDED = "waiting", "returned", "decided"


@dataclass(frozen=True, slots=True)
class Line:
    """One registration on the list. `at`: when it was sent in, or how it ended; `agreed`: how many have agreed."""

    id: str
    reference: str
    organization: str
    services: int
    is_claim: bool
    state: str
    at: datetime
    agreed: int
    was_rung: bool


def listed(loop: Loop, ask: Ask) -> dict[str, tuple[Line, ...]]:
    """All that waits, longest first, what was sent back, and what was decided last; written down once. Raises
    Unreadable."""
    with loop.database.session() as session:
        audit.note(session, ask.who, ask.at, "list", registrations.TABLE, "", fields=("organization",))
        here = Registration.erased_at.is_(None)
        waiting = select(Registration).where(Registration.state == SUBMITTED, here).order_by(Registration.submitted_at)
        back = select(Registration).where(Registration.state == RETURNED, here).order_by(Registration.changed_at)
        over = select(Registration).where(Registration.state.in_((APPROVED, REFUSED)), here)
        last = over.order_by(Registration.decided_at.desc()).limit(DECIDED_SHOWN)
        found = {WAITS: waiting, BACK: back, DECIDED: last}
        return {
            name: tuple(_line(session, loop, row) for row in session.scalars(query)) for name, query in found.items()
        }


def by_reference(session: Session, typed: str) -> str:
    """The id of the registration that is read out on the phone, where staff may look into it; "" for none."""
    reference = "".join(typed.split()).upper()
    query = select(Registration.id).where(Registration.reference == reference, Registration.erased_at.is_(None))
    return session.scalar(query.where(Registration.state.in_(verifying.OPENED))) or ""


def _line(session: Session, loop: Loop, row: Registration) -> Line:
    kept = registrations.read(loop, row)
    rung = (RegistrationCheck.registration_id == row.id, RegistrationCheck.kind == verifying.CALL)
    passed = session.scalar(select(func.count()).where(*rung, RegistrationCheck.result == proofs.PASSED))
    agreed = len(verifying.agreed(session, row)) if row.state == SUBMITTED else 0
    at = utc(row.decided_at or row.submitted_at or row.changed_at)
    return Line(
        row.id, row.reference, kept.answers.organization.name, len(kept.answers.services),
        bool(row.claims_service_id), row.state, at, agreed, bool(passed),
    )  # fmt: skip
