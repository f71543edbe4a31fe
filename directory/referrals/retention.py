"""What is kept no longer, by the adopter's schedule ([retention]): counted first, erased only when that is agreed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from directory.database import count_changed
from directory.errors import Conflict
from directory.referrals import audit, audit_anchor, call_drafts, erasing, lifecycle, policy, switches
from directory.referrals.asking import SYSTEM, Ask
from directory.referrals.call_tables import CallDraft
from directory.referrals.loop import Loop
from directory.referrals.needs import NeedState
from directory.referrals.tables import (
    AuditEvent,
    Case,
    CaseEvent,
    HandIn,
    Idempotency,
    LinkCode,
    LinkSession,
    Locator,
    Need,
    Notice,
    Referral,
    ReferralEvent,
    Subject,
)
from directory.tables import Base

Conditions = tuple[ColumnElement[bool], ...]
PEOPLE, AUDIT, NOTES = "people", "audit lines", "reply notes"
WRITES = ("create", "change", "move")
UNSYNCHRONIZED = {"synchronize_session": False}


@dataclass(slots=True)
class Retained:
    """How many rows of each kind are due (or were erased), and the subjects that a hold keeps."""

    counts: dict[str, int] = field(default_factory=dict)
    held: int = 0

    def __str__(self) -> str:
        found = ", ".join(f"{count:,} {name}" for name, count in self.counts.items() if count) or "nothing"
        return found + (f"; {self.held:,} people are held" if self.held else "")


def run(loop: Loop, home: Path, dry: bool = False) -> Retained:
    """Erases what is due, or only counts it; under a general hold there is nothing to do.

    Raises NotReady until the schedule is agreed, unless it only counts.
    """
    if not dry:
        loop.policy.check(policy.TO_ERASE)
    now = loop.clock()
    with loop.database.reading() as session:
        due, held = _people(session, loop, now)
        if switches.is_on(session, switches.HOLD):
            return Retained({}, len(due) + held)
        if dry:
            return Retained(_counted(session, loop, now) | {PEOPLE: len(due)}, held)
    with loop.database.session() as session:
        done = Retained(_cleared(session, loop, now), held)
        if any(done.counts.values()):
            kinds = [name for name, count in done.counts.items() if count]
            audit.note(session, SYSTEM, now, "erase", "schedule", "", purpose="schedule", fields=kinds)
    done.counts[PEOPLE] = 0
    for subject_id in due:
        try:
            erasing.erase(loop, Ask(SYSTEM, now), subject_id, home)
            done.counts[PEOPLE] += 1
        except Conflict:  # held, or a service's again, since we looked
            done.held += 1
    return done


def _since(loop: Loop, name: str, now: datetime) -> datetime:
    return now - timedelta(days=loop.policy.number("retention", name))


def _people(session: Session, loop: Loop, now: datetime) -> tuple[list[str], int]:
    """Subjects with whom all has been over for long enough, and how many more a hold keeps."""
    before = _since(loop, "person_after_close", now)
    live = [state.value for state in lifecycle.LIVE | lifecycle.TO_DISPOSE]
    resting = and_(Need.state == NeedState.RESTING.value, Need.review_on > now.date())
    going = or_(Need.state.in_((NeedState.OPEN.value, NeedState.IN_HAND.value)), resting)
    own_case, own_referral = Case.subject_id == Subject.id, Referral.subject_id == Subject.id
    reasons = (
        exists().where(own_case, Case.opened_at > before),
        exists().where(own_case, Need.case_id == Case.id, going),
        exists().where(own_case, CaseEvent.case_id == Case.id, CaseEvent.at > before),
        exists().where(own_referral, or_(Referral.state.in_(live), Referral.stage_at > before)),
        exists().where(own_referral, ReferralEvent.referral_id == Referral.id, ReferralEvent.at > before),
        exists().where(HandIn.subject_id == Subject.id, or_(HandIn.settled_at.is_(None), HandIn.settled_at > before)),
    )
    over = (Subject.erased_at.is_(None), Subject.made_at <= before, *(~reason for reason in reasons))
    found = session.execute(select(Subject.id, Subject.held_at).where(*over).order_by(Subject.id)).all()
    return [own for own, held_at in found if held_at is None], sum(held_at is not None for _, held_at in found)


def _due(loop: Loop, now: datetime) -> Mapping[str, tuple[type[Base], Conditions]]:
    """Rows that are kept no longer, by what a report calls them; what others point at comes after those."""
    links, codes = _since(loop, "links", now), _since(loop, "codes", now)
    code_kept = LinkCode.expires_at > codes
    session_kept = exists().where(LinkSession.locator_id == Locator.id, LinkSession.last_seen_at > links)
    of_session = exists().where(LinkCode.link_session_id == LinkSession.id, code_kept)
    of_locator = exists().where(LinkCode.locator_id == Locator.id, code_kept)
    held = select(Referral.id).join(Subject, Subject.id == Referral.subject_id).where(Subject.held_at.is_not(None))
    people_held = select(Subject.id).where(Subject.held_at.is_not(None))
    free = select(Locator.id).where(Locator.referral_id.not_in(held))
    return {
        "codes": (LinkCode, (~code_kept, LinkCode.locator_id.in_(free))),
        "sessions": (LinkSession, (LinkSession.last_seen_at <= links, ~of_session, LinkSession.locator_id.in_(free))),
        "links": (Locator, (Locator.expires_at <= links, ~session_kept, ~of_locator, Locator.referral_id.not_in(held))),
        "notices": (Notice, (Notice.settled_at <= _since(loop, "notices", now), Notice.referral_id.not_in(held))),
        "form keys": (Idempotency, (Idempotency.made_at <= _since(loop, "idempotency", now),)),
        "calls left open": (CallDraft, (*call_drafts.idle(loop, now), CallDraft.subject_id.not_in(people_held))),
        "idle drafts": (Referral, (Referral.id.not_in(held), *_idle(_since(loop, "idle_draft", now)))),
        NOTES: (
            ReferralEvent,
            (
                ReferralEvent.note_sealed.is_not(None),
                ReferralEvent.referral_id.not_in(held),
                _is_over(_since(loop, "reply_notes", now)),
            ),
        ),
    }


def _idle(before: datetime) -> Conditions:
    """Drafts that never left and that nobody has written in since."""
    left = exists().where(ReferralEvent.referral_id == Referral.id)
    own = (AuditEvent.subject_id == Referral.subject_id, AuditEvent.object_id == Referral.id)
    written = exists().where(*own, AuditEvent.action.in_(WRITES), AuditEvent.at > before)
    return Referral.state == lifecycle.State.DRAFT.value, Referral.stage_at <= before, ~left, ~written


def _is_over(before: datetime) -> ColumnElement[bool]:
    """Of a referral that ended so long ago."""
    over = [state.value for state in lifecycle.OVER | {lifecycle.State.VOID}]
    chosen = (Referral.id == ReferralEvent.referral_id, Referral.state.in_(over), Referral.stage_at <= before)
    return exists().where(*chosen)


def _audit_before(session: Session, loop: Loop, now: datetime) -> datetime:
    """Audit lines are of many people: while one is held, none goes."""
    held = session.scalar(select(Subject.id).where(Subject.held_at.is_not(None)).limit(1))
    return _since(loop, "audit", now) if held is None else datetime.min.replace(tzinfo=UTC)


def _counted(session: Session, loop: Loop, now: datetime) -> dict[str, int]:
    found = {
        name: session.scalar(select(func.count()).select_from(table).where(*chosen)) or 0
        for name, (table, chosen) in _due(loop, now).items()
    }
    return found | {AUDIT: audit_anchor.count(session, _audit_before(session, loop, now))}


def _cleared(session: Session, loop: Loop, now: datetime) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, (table, chosen) in _due(loop, now).items():
        statement = update(table).values(note_sealed=None) if name == NOTES else delete(table)
        found[name] = count_changed(session, statement.where(*chosen).execution_options(**UNSYNCHRONIZED))
    return found | {AUDIT: audit_anchor.let_go(session, loop.keys, _audit_before(session, loop, now), now)}
