"""What a provider sees of a referral, in five tiers, each a list of all that may be there (referrals.md, section 8).

What is not in `TIERS` cannot be shown: address, date of birth, school, the account of what happened, the child who
harmed, other referrals and providers, exclusions and internal notes have no name here. The agreement narrows it
further. Reading is written down, by names of fields.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy.orm import Session

from directory.accounts.tables import Account, utc
from directory.places import areas
from directory.referrals import audit, codes, moves, people, safe_contacts, working_time
from directory.referrals.asking import Who
from directory.referrals.lifecycle import TAKEN, Event, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Agreement, Case, Need, Referral, ReferralEvent
from taxonomy import terms
from taxonomy.languages import LANGUAGES


class Tier(IntEnum):
    """How much is shown."""

    MESSAGE = 0
    LINK = 1
    UNDECIDED = 2
    ACCEPTED = 3
    OVER = 4


_FRAME = ("organization", "reference", "spoc_phone")
_UNDECIDED = (
    "need", "urgency", "age_band", "relation", "council", "languages", "access", "contact_kind", "safety_flag",
)  # fmt: skip
_ACCEPTED = (
    "name", "contact", "contact_hours", "contact_voicemail", "notes", "worker",
)  # fmt: skip
TIERS: Mapping[Tier, tuple[str, ...]] = {
    Tier.MESSAGE: ("organization", "reference", "respond_by", "link", "spoc_phone"),
    Tier.LINK: ("spoc_phone",),
    Tier.UNDECIDED: (*_FRAME, *_UNDECIDED),
    Tier.ACCEPTED: (*_FRAME, *_UNDECIDED, *_ACCEPTED),
    Tier.OVER: (*_FRAME, "sent_on", "ended_on", "state", "decline_reason", "engagement", "service", "need_result"),
}
"""Every field of each tier, and nothing else. Dates in tier 4 are days, so that two providers' records do not join."""
CATEGORIES: Mapping[str, str] = {
    "need": "need", "urgency": "need", "age_band": "need", "relation": "need", "council": "need",
    "languages": "access", "access": "access", "contact_kind": "contact", "safety_flag": "risk_flag",
    "name": "identity", "contact": "contact", "contact_hours": "contact", "contact_voicemail": "contact",
    "notes": "notes",
}  # fmt: skip
"""Of the agreement: a field is shown only if its category was agreed to. Those not here are nobody's personal data."""
UNDECIDED_STATES = frozenset({State.SENT, State.RECEIVED, State.INFO_REQUESTED, State.WAITLISTED, State.PAUSED})
AGREED = (Event.ACCEPT.value, Event.TAKE_UP.value)


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A tier, and its fields in the table's order, ready to be read; what is empty or not agreed to is absent."""

    tier: Tier
    fields: Mapping[str, str]


def shown(session: Session, loop: Loop, referral: Referral, at: datetime) -> Shown:
    """What a provider who has proved themselves sees of its referral at this moment.

    The caller is in a transaction; nothing is written: `read` is for pages. Raises Erased, Unreadable.
    """
    lines = moves.events(session, referral.id)
    agreement = session.get(Agreement, referral.agreement_id)
    tier = _tier(loop, referral, agreement, lines, at)
    values = _frame(loop, referral)
    if tier is Tier.OVER:
        values |= _codes(referral, lines)
    elif tier in (Tier.UNDECIDED, Tier.ACCEPTED):
        values |= _facts(session, referral)
        if tier is Tier.ACCEPTED:
            values |= _person(session, loop, referral)
    return _narrowed(tier, values, agreement.categories if agreement else "")


def preview(session: Session, loop: Loop, referral: Referral, categories: str) -> tuple[Shown, Shown]:
    """What a provider will see of a draft when it is sent as it stands: before it decides, and once it accepts.

    `categories` are those agreed to, joined by "|". The caller writes the audit line. Raises Erased, Unreadable.
    """
    values = _frame(loop, referral) | _facts(session, referral)
    whole = values | _person(session, loop, referral)
    return _narrowed(Tier.UNDECIDED, values, categories), _narrowed(Tier.ACCEPTED, whole, categories)


def _narrowed(tier: Tier, values: Mapping[str, str], categories: str) -> Shown:
    """Of the values, what the tier and the agreement allow."""
    agreed = frozenset(categories.split("|")) | {""}
    allowed = [name for name in TIERS[tier] if CATEGORIES.get(name, "") in agreed]
    return Shown(tier, {name: values[name] for name in allowed if values.get(name)})


def read(session: Session, loop: Loop, referral: Referral, who: Who, at: datetime) -> Shown:
    """The same, and the audit line that says who saw which fields."""
    found = shown(session, loop, referral, at)
    audit.note(
        session, who, at, "view", "referral", referral.id,
        subject_id=referral.subject_id, fields=found.fields, agreement_id=referral.agreement_id,
        purpose=f"tier_{int(found.tier)}",
    )  # fmt: skip
    return found


def _tier(
    loop: Loop, referral: Referral, agreement: Agreement | None, lines: list[ReferralEvent], at: datetime
) -> Tier:
    """Tier 3 only after the provider, or a worker for it, has accepted in this very episode; after the end only where
    help was given, for the days in which its outcome can still be put right by whoever gave it."""
    if referral.erased_at is not None or agreement is None or agreement.withdrawn_at is not None:
        return Tier.OVER
    state = State(referral.state)
    own = [line for line in lines if line.episode == referral.episode]
    accepted = any(line.event in AGREED for line in own)
    if state in TAKEN - {State.WAITLISTED} or (state is State.WAITLISTED and accepted):
        return Tier.ACCEPTED
    if state in UNDECIDED_STATES:
        return Tier.UNDECIDED
    days = timedelta(days=loop.policy.number("consequences", "late_names_shown_days"))
    reported = state is State.CLOSED and accepted and bool(own) and own[-1].event != Event.DISPOSE.value
    return Tier.ACCEPTED if reported and at < utc(referral.stage_at) + days else Tier.OVER


def _frame(loop: Loop, referral: Referral) -> dict[str, str]:
    return {
        "organization": referral.organization,
        "reference": referral.reference,
        "spoc_phone": loop.policy.text("adopter", "phone"),
    }


def _facts(session: Session, referral: Referral) -> dict[str, str]:
    """What helps to decide, and does not say who it is."""
    case, need = session.get_one(Case, referral.case_id), session.get_one(Need, referral.need_id)
    contact = safe_contacts.current(session, case.id)
    words, vocabulary = terms.load(), (code for code in case.access.split("|") if code)
    return {
        "need": words["need"].label(need.need),
        "urgency": codes.label("urgency", referral.urgency),
        "age_band": codes.label("age_band", case.age_band),
        "relation": words["relation"].label(case.relation) if case.relation else "",
        "council": _council(case.council),
        "languages": ", ".join(LANGUAGES.get(code, code) for code in case.languages.split("|") if code),
        "access": ", ".join(words["communication"].label(code) for code in vocabulary),
        "contact_kind": codes.label("contact_channel", contact.channel) if contact else "",
        "safety_flag": "Yes: ring us before you do anything" if case.safety_flag else "No",
    }


def _person(session: Session, loop: Loop, referral: Referral) -> dict[str, str]:
    """Name to use, one safe contact with its rules, the notes agreed, and the worker to call."""
    seal = loop.sealer(session, referral.subject_id)
    worker = session.get(Account, referral.worker)
    return {
        "name": people.opened(session, loop, referral.subject_id, ("name",))["name"],
        "notes": seal.open(referral.notes_sealed, "referral", referral.id, "notes"),
        "worker": worker.full_name if worker else "",
        **_contact(session, loop, referral),
    }


def _contact(session: Session, loop: Loop, referral: Referral) -> dict[str, str]:
    """The contact that holds now, without who must not know and our own note."""
    found = safe_contacts.current(session, referral.case_id)
    if found is None or found.channel == safe_contacts.SILENT:
        return {"contact": "Do not contact them: ring us"}
    days = found.days.replace("|", ", ") or "any day"
    text = ". A text message is all right" if found.may_text else ""
    return {
        "contact": safe_contacts.opened(session, loop, found).value + text,
        "contact_hours": f"{found.from_hour}:00 to {found.until_hour}:00, {days}",
        "contact_voicemail": codes.label("voicemail", found.voicemail) if found.channel == "phone" else "",
    }


def _codes(referral: Referral, lines: list[ReferralEvent]) -> dict[str, str]:
    """What remains at the end: days and codes."""
    sent = [line for line in lines if line.event == Event.SEND.value]
    outcome = next((line.details for line in reversed(lines) if line.event == Event.OUTCOME.value), {})
    told = {name: codes.label(name, str(outcome.get(name, ""))) for name in ("engagement", "service", "need_result")}
    return {
        "sent_on": _day(sent[-1].at) if sent else "",
        "ended_on": _day(referral.stage_at),
        "state": ENDED.get(State(referral.state), ""),
        "decline_reason": codes.label("decline", referral.decline_reason) if referral.decline_reason else "",
        **told,
    }


ENDED: Mapping[State, str] = {
    State.DECLINED: "You said no", State.UNANSWERED: "No answer came in time", State.CLOSED: "Closed",
    State.WITHDRAWN: "Withdrawn", State.VOID: "Withdrawn", State.DRAFT: "Taken back",
}  # fmt: skip


def _day(moment: datetime) -> str:
    day = working_time.today(utc(moment))
    return f"{day.day} {day:%B %Y}"


def _council(code: str) -> str:
    try:
        return areas.council(code).name
    except KeyError:
        return ""
