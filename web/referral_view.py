"""What the page of a referral tells, read in one transaction with the audit line that says who read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import NotReady
from directory.referrals import (
    agreements,
    alternatives,
    audit,
    case_rows,
    codes,
    disclosure,
    doors,
    mailboxes,
    moves,
    people,
    policy,
    safe_contacts,
    sending_guards,
    tasks,
    timers,
)
from directory.referrals.asking import Who
from directory.referrals.disclosure import Shown
from directory.referrals.lifecycle import LABELS, TO_DISPOSE, Event, State
from directory.referrals.loop import Loop
from directory.referrals.next_best import Alternative
from directory.referrals.sending_guards import Broken, Fit
from directory.referrals.tables import Agreement, Case, Need, Referral, ReferralEvent, SafeContact, Task
from directory.referrals.timers import Due
from web import identity as identities
from web.identity import Identity

LISTS = {
    "reason": ("decline", "withdraw", "void", "reopen"),
    "question": ("question",),
    "wait_band": ("wait_band",),
    "engagement": ("engagement",),
    "service": ("service",),
    "need_result": ("need_result",),
    "person_view": ("person_view",),
    "next_step": ("next_step",),
    "who_missed": ("who_missed",),
    "channel": ("channel",),
    "reply": ("reply",),
    "how": ("info_how",),
}
"""Of an event's details: the lists in which a code may be found."""
NO_ACTION = "D11"
"""A decline that would tell of another service: nobody is shown more than that nothing need be done."""


@dataclass(frozen=True, slots=True, repr=False)
class ReferralView:
    """A referral as its worker sees it."""

    referral: Referral
    case: Case
    need: Need
    state: State
    words: str
    agreement: Agreement | None
    mailbox_host: str
    lines: tuple[tuple[ReferralEvent, str], ...]
    """Every event with what it said, in words."""
    doors: tuple[Alternative, ...]
    due: tuple[Due, ...]
    tasks: tuple[Task, ...]
    broken: tuple[Broken, ...]
    """Of a draft: the rules that forbid its sending now."""
    shown: Shown | None
    """What the provider sees at its link now."""
    notes: str
    has_passphrase: bool
    may_link: bool
    """Whether its mailbox can be sent another link."""
    held_until: datetime | None
    draft: "DraftFacts | None"
    identity: Identity


@dataclass(frozen=True, slots=True, repr=False)
class DraftFacts:
    """Of a referral that is being written: all that is known already, so that nothing is asked twice."""

    contact: SafeContact | None
    told: tuple[Shown, Shown]
    """What the service will be told before it decides, and once it accepts."""
    earlier: tuple[tuple[str, str, str], ...]
    """Id, service and notes of this person's other referrals for the same need that have notes, newest first."""
    agreed_before: Agreement | None
    """The newest agreement of this case with any service: how the person agrees."""
    asked_before: bool
    """Whether this very service was agreed to once."""
    not_set_up: str
    """What the adopter has still to decide before anything can be sent; "" for nothing."""


def read(loop: Loop, who: Who, referral_id: str, fit: Fit | None) -> ReferralView:
    """The whole page's facts; `fit` was asked for before (`fit_of`). Raises NotFound, Erased."""
    now = loop.clock()
    with loop.database.session() as session:
        own = moves.held(session, referral_id)
        case = case_rows.found(session, who, own.case_id)
        state = State(own.state)
        held = mailboxes.current(session, own.service_id)
        address = loop.own.open(held.address_sealed, "mailbox", held.id, "address") if held else ""
        sealer = loop.sealer(session, own.subject_id) if own.erased_at is None else None
        clocks = timers.clocks(session, [own.id])
        broken = sending_guards.rules_broken(session, loop, own, who, now, fit) if fit and state is State.DRAFT else ()
        left = state is not State.DRAFT and own.erased_at is None
        view = ReferralView(
            own,
            case,
            session.get_one(Need, own.need_id),
            state,
            LABELS[state],
            agreements.current(session, own.case_id, own.service_id, now),
            address.rpartition("@")[2],
            tuple((line, said(line)) for line in moves.events(session, own.id)),
            alternatives.shown(session, loop, own) if own.erased_at is None else (),
            timers.due(loop.policy, clocks[0], now) if clocks else (),
            tuple(tasks.of_referral(session, own.id)),
            tuple(broken),
            disclosure.shown(session, loop, own, now) if left and state is not State.VOID else None,
            sealer.open(own.notes_sealed, "referral", own.id, "notes") if sealer else "",
            people.has_passphrase(session, own.subject_id),
            state in doors.ANSWERABLE and own.erased_at is None,
            utc(own.held_until) if own.held_until and utc(own.held_until) > now else None,
            _draft(session, loop, own, now) if state is State.DRAFT and own.erased_at is None else None,
            identities.read(session, loop, case),
        )
        audit.note(
            session, who, now, "view", "referral", own.id, subject_id=own.subject_id,
            fields=["notes", *identities.OPENED, *(view.shown.fields if view.shown else ())],
            purpose=case_rows.why(session, who, case),
        )  # fmt: skip
        return view


def _draft(session: Session, loop: Loop, own: Referral, now: datetime) -> DraftFacts:
    agreement = agreements.current(session, own.case_id, own.service_id, now)
    given = agreements.of_case(session, own.case_id)
    seal = loop.sealer(session, own.subject_id)
    same = (Referral.need_id == own.need_id, Referral.id != own.id, Referral.notes_sealed.is_not(None))
    others = session.scalars(select(Referral).where(*same).order_by(Referral.made_at.desc(), Referral.id))
    try:
        loop.policy.check(policy.TO_SEND)
        not_set_up = ""
    except NotReady as error:
        not_set_up = str(error)
    return DraftFacts(
        safe_contacts.current(session, own.case_id),
        disclosure.preview(session, loop, own, agreement.categories if agreement else ""),
        tuple((row.id, row.service_name, seal.open(row.notes_sealed, "referral", row.id, "notes")) for row in others),
        given[0] if given else None,
        any(row.service_id == own.service_id for row in given),
        not_set_up,
    )


def fit_of(loop: Loop, who: Who, referral_id: str) -> Fit | None:
    """Whether the service takes the person; asked outside any transaction, of a draft alone. Raises NotFound."""
    with loop.database.reading() as session:
        row = session.get(Referral, referral_id)
        case_rows.found(session, who, row.case_id if row else "")
        is_draft = row is not None and row.state == State.DRAFT and row.erased_at is None
    return sending_guards.fit(loop, referral_id) if is_draft else None


def said(line: ReferralEvent) -> str:
    """What an event said, in words: its codes by their labels, its days."""
    if line.event == Event.DECLINE and line.details.get("reason") == NO_ACTION:
        return codes.label("decline", NO_ACTION)
    words = [_word(name, value) for name, value in line.details.items() if value not in ("", None, False)]
    return ", ".join(word for word in words if word)


def _word(name: str, value: object) -> str:
    for known in LISTS.get(name, ()):
        if value in codes.codes(known):
            return codes.label(known, str(value))
    if name.endswith(("_on", "_by")) or name == "on":
        return f"{name.replace('_', ' ')} {value}"
    return ""


def needs_next_step(view: ReferralView) -> bool:
    """Whether it came back and a worker must say what happens next."""
    return view.state in TO_DISPOSE
