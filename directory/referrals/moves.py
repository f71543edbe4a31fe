"""Moves a referral: the one place where its state, version and events are written, all in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.errors import NotFound
from directory.referrals import audit, case_rows, tasks
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import LABELS, TRANSITIONS, WORKERS, Event, State, check_move
from directory.referrals.loop import check_version
from directory.referrals.tables import Referral, ReferralEvent


def held(session: Session, referral_id: str) -> Referral:
    """The referral, locked for the rest of the transaction. Raises NotFound."""
    referral = session.scalar(select(Referral).where(Referral.id == referral_id).with_for_update())
    if referral is None:
        raise NotFound(*case_rows.NO_CASE)
    return referral


def case_of(session: Session, referral_id: str) -> str:
    """The id of a referral's case. Raises NotFound."""
    case_id = session.scalar(select(Referral.case_id).where(Referral.id == referral_id))
    if case_id is None:
        raise NotFound(*case_rows.NO_CASE)
    return case_id


def advance(
    session: Session,
    referral: Referral,
    event: Event,
    ask: Ask,
    details: Mapping[str, Any] | None = None,
    to: State | None = None,
    note_sealed: bytes | None = None,
) -> ReferralEvent:
    """Moves a referral that is `held`; `to` where the event leaves a choice. Returns the line that says so.

    Raises Conflict for a stale version (with who changed it and when) or a forbidden move, Forbidden, BadInput.
    """
    given = dict(details or {})
    before = State(referral.state)
    check_version(referral.version, ask, standing(session, referral))
    check_move(before, event, ask.who.kind, given)
    after = target(event, before, to)
    referral.version += 1
    if after is not before:
        referral.state, referral.stage_at = after.value, ask.at
    line = ReferralEvent(
        referral_id=referral.id,
        seq=referral.version,
        event=event.value,
        at=ask.at,
        actor_kind=ask.who.kind.value,
        actor_id=ask.who.id,
        link_session_id=ask.who.id if ask.who.kind.value == "provider" else "",
        state_from=before.value,
        state_to=after.value,
        episode=referral.episode,
        details=given,
        note_sealed=note_sealed,
    )
    session.add(line)
    audit.note(
        session,
        ask.who,
        ask.at,
        "move",
        "referral",
        referral.id,
        subject_id=referral.subject_id,
        fields=given,
        state_from=before.value,
        state_to=after.value,
        agreement_id=referral.agreement_id,
        purpose=event.value,
    )
    if ask.who.kind in WORKERS:  # who acts on it has looked
        tasks.settle(session, referral.id, (tasks.NEWS,), ask.who.id, ask.at)
    session.flush()
    return line


def target(event: Event, before: State, to: State | None) -> State:
    """Where an event leads. Raises ValueError for a choice that the table does not give: a mistake of ours."""
    targets = TRANSITIONS[event].targets
    if to is None:
        if len(targets) > 1:
            raise ValueError(f"{event} leaves a choice")
        return targets[0] if targets else before
    if to not in targets:
        raise ValueError(f"{event} does not lead to {to}")
    return to


def events(session: Session, referral_id: str) -> list[ReferralEvent]:
    """Everything that happened to a referral, first to last."""
    own = select(ReferralEvent).where(ReferralEvent.referral_id == referral_id)
    return list(session.scalars(own.order_by(ReferralEvent.seq)))


def replayed(lines: list[ReferralEvent]) -> State:
    """The state that the events alone give: what `Referral.state` must say."""
    return State(lines[-1].state_to) if lines else State.DRAFT


def standing(session: Session, referral: Referral) -> str:
    """How it stands now, and since when, in words: "accepted, by the service, 22 November 2026 12:00"."""
    last = session.scalars(
        select(ReferralEvent).where(ReferralEvent.referral_id == referral.id).order_by(ReferralEvent.seq.desc())
    ).first()
    words = LABELS[State(referral.state)]
    return f"it is {words}{_since(last.actor_kind, last.at) if last else ''}"


def _since(actor: str, at: datetime) -> str:
    by = {"provider": "by the service", "system": "by itself"}.get(actor, "by a worker")
    return f" ({by}, {at.day} {at:%B %Y %H:%M} UTC)"
