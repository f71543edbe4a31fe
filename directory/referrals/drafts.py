"""From a draft to a referral that has left: written, sent under every guard, taken back while it is held."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, NotFound, NotReady
from directory.referrals import (
    agreements,
    alternatives,
    audit,
    case_rows,
    codes,
    locators,
    mailboxes,
    moves,
    needs,
    notices,
    sending_guards,
)
from directory.referrals.acting import NOTE_LIMIT, act, answer, is_urgent
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import WORKERS, Event, State
from directory.referrals.loop import Answer, Loop
from directory.referrals.sending_guards import Fit
from directory.referrals.tables import Case, Need, Referral
from directory.tables import Service


@dataclass(frozen=True, slots=True)
class DraftSaid:
    """What a worker writes. `notes` are agreed with the person word for word; an empty worker is whoever writes."""

    need_id: str
    service_id: str
    urgency: str = "weeks"
    notes: str = ""
    override_reason: str = ""
    phone_hand_over_at: datetime | None = None
    worker: str = ""


def draft(loop: Loop, ask: Ask, said: DraftSaid) -> Answer:
    """Writes a referral for a need; nothing leaves. Raises BadInput, NotFound, Conflict for an unsafe service."""
    snapshot = _snapshot(loop, said.service_id)

    def do(session: Session) -> Answer:
        need = session.get(Need, said.need_id)
        if need is None:
            raise NotFound(*case_rows.NO_CASE)
        case = case_rows.held(session, ask, need.case_id)
        referral = put(session, loop, ask, case, said, snapshot)
        return answer(referral)

    return loop.once(ask, "draft", _body(loop, said), do)


def put(session: Session, loop: Loop, ask: Ask, case: Case, said: DraftSaid, snapshot: Mapping[str, Any]) -> Referral:
    """A draft in the caller's transaction, which holds the case."""
    service = session.get(Service, said.service_id)
    if service is None:
        raise NotFound("There is no such service.", "Choose it from the plan or the directory.")
    if sending_guards.is_excluded(session, case.id, service.id):
        raise Conflict("This service must not have this person.", "Choose another one.")
    referral = Referral(
        id=str(uuid4()),
        reference=case_rows.free_reference(session, Referral.reference),
        case_id=case.id,
        need_id=said.need_id,
        subject_id=case.subject_id,
        service_id=service.id,
        service_name=service.name,
        organization=service.organization.name,
        snapshot=dict(snapshot),
        alternatives=[],
        state=State.DRAFT.value,
        version=1,
        made_at=ask.at,
        made_by=ask.who.id,
        worker=said.worker or ask.who.id,
        stage_at=ask.at,
    )
    _write(session, loop, ask, referral, said)
    session.add(referral)
    session.flush()
    audit.note(session, ask.who, ask.at, "create", "referral", referral.id, subject_id=case.subject_id)
    return referral


def redraft(loop: Loop, ask: Ask, referral_id: str, said: DraftSaid) -> Answer:
    """Writes a draft anew: urgency, notes, override, hand-over by phone, worker. Raises Conflict once it was sent."""

    def do(session: Session, referral: Referral) -> None:
        if ask.who.kind not in WORKERS or referral.state != State.DRAFT.value:
            raise Conflict("This referral is no draft any more.", "Look at how it stands now.")
        if (said.need_id, said.service_id) != (referral.need_id, referral.service_id):
            raise BadInput("A draft stays with its need and service.", "Write another one.", "service_id")
        _write(session, loop, ask, referral, said)
        referral.worker = said.worker or referral.worker
        referral.version += 1
        fields = ("urgency", "notes", "override_reason", "phone_hand_over_at", "worker")
        subject = referral.subject_id
        audit.note(session, ask.who, ask.at, "change", "referral", referral.id, subject_id=subject, fields=fields)

    return act(loop, ask, referral_id, "redraft", _body(loop, said), do)


def send(loop: Loop, ask: Ask, referral_id: str) -> Answer:
    """Sends a draft: routine ones are held for a while and can be recalled, urgent ones go at once.

    Raises BadInput whose field is the rule that forbids it (`sending_guards`), NotReady until the adopter has decided,
    Conflict, Forbidden.
    """
    fit = sending_guards.fit(loop, referral_id)

    def do(session: Session, referral: Referral) -> None:
        told = ready(session, loop, referral, ask, fit) if referral.state == State.DRAFT.value else {}
        moves.advance(session, referral, Event.SEND, ask, told)
        go_out(session, loop, referral, ask)

    done = act(loop, ask, referral_id, "send", {}, do)
    keep_doors(loop, referral_id, ask.at)
    return done


def ready(session: Session, loop: Loop, referral: Referral, ask: Ask, fit: Fit) -> dict[str, Any]:
    """Checks every guard and ties the referral to its agreement and mailbox; the facts that the event must hold."""
    sending_guards.check(session, loop, referral, ask.who, ask.at, fit)
    mailbox = mailboxes.current(session, referral.service_id)
    assert mailbox is not None  # a guard has seen it
    referral.agreement_id = agreements.check_to_send(session, loop, referral, ask.at).id
    referral.mailbox_id = mailbox.id
    return {
        "agreement": referral.agreement_id,
        "urgency": referral.urgency,
        "attempt": referral.attempt,
        "override": referral.override_reason,
    }


def go_out(session: Session, loop: Loop, referral: Referral, ask: Ask) -> None:
    """After the move: a new link, the message that leaves after the hold, and the need in hand."""
    hold = timedelta(minutes=0 if is_urgent(referral) else loop.policy.number("sending", "hold_minutes"))
    referral.held_until = ask.at + hold if hold else None
    referral.decline_reason, referral.may_contact_again = "", None
    referral.due_on = referral.review_on = referral.disposed_at = None
    locators.issue(session, loop, referral, ask.who, ask.at)
    notices.queue(session, loop, "referral", ask.at, referral=referral, due_at=referral.held_until)
    needs.refresh(session, loop, referral.need_id, ask, contact=True)


def recall(loop: Loop, ask: Ask, referral_id: str) -> Answer:
    """Takes back what is still held: nothing has left, and it is a draft again. Raises Conflict after the hold."""

    def do(session: Session, referral: Referral) -> None:
        held = referral.held_until is not None and ask.at < utc(referral.held_until)
        if referral.state == State.SENT.value and not held:
            raise Conflict("This referral has left already.", "Withdraw it: the service is then told to stop.")
        moves.advance(session, referral, Event.RECALL, ask)
        referral.held_until = None
        notices.cancel(session, referral.id, ask.at)
        locators.revoke(session, referral.id, ask.at)
        needs.refresh(session, loop, referral.need_id, ask, contact=False)

    return act(loop, ask, referral_id, "recall", {}, do)


def keep_doors(loop: Loop, referral_id: str, at: datetime) -> None:
    """Keeps the next best doors beside a referral that has just been sent, unless they were kept since."""
    with loop.database.reading() as session:
        row = session.get_one(Referral, referral_id)
        kept = row.alternatives_at is not None and utc(row.alternatives_at) >= utc(row.stage_at)
    if not kept:
        alternatives.keep(loop, referral_id, at)


def snapshot_of(loop: Loop, service_id: str) -> Mapping[str, Any]:
    """The service as it is shown now; {} when the index cannot be asked: the record's name and organization stand."""
    return _snapshot(loop, service_id)


def _snapshot(loop: Loop, service_id: str) -> Mapping[str, Any]:
    try:
        return loop.next_best.snapshot(service_id)
    except NotReady:
        return {}


def _write(session: Session, loop: Loop, ask: Ask, referral: Referral, said: DraftSaid) -> None:
    codes.check("urgency", said.urgency)
    if said.override_reason:
        codes.check("override", said.override_reason, "override_reason")
    notes = case_rows.line(said.notes, "notes", NOTE_LIMIT)
    referral.urgency, referral.override_reason = said.urgency, said.override_reason
    rung = said.phone_hand_over_at
    referral.phone_hand_over_at = case_rows.past(rung, ask, "phone_hand_over_at") if rung else None
    sealer = loop.sealer(session, referral.subject_id)
    referral.notes_sealed = sealer.seal(notes, "referral", referral.id, "notes")


def _body(loop: Loop, said: DraftSaid) -> dict[str, Any]:
    """What the idempotency key stands for; of the notes only a mark."""
    facts = replace(said, notes="")
    named = {name: getattr(facts, name) for name in DraftSaid.__slots__}
    return named | case_rows.fingerprint(loop, {"notes": said.notes})
