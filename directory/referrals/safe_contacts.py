"""How a person may be reached, and how never: the guard that every message and call asks first (referrals.md, 3.11)."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import opening
from directory.errors import BadInput
from directory.referrals import case_rows, codes, working_time
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Case, SafeContact

SILENT = "none"
BY_HOUR = ("phone", "text", "email", "worker")
"""Channels that arrive at an hour; a letter does not."""
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY_NAMES = dict(zip(DAYS, opening.NAMES, strict=True))
SEALED = ("value", "who_must_not_know", "note")
_PHONE = re.compile(r"\+?\d{10,14}")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


@dataclass(frozen=True, slots=True)
class Wish:
    """How the person wants to be reached. Hours are local; `days` "MO|TU", empty: any day."""

    channel: str
    value: str = ""
    from_hour: int = 9
    until_hour: int = 17
    days: str = ""
    voicemail: str = "never"
    may_text: bool = False
    who_must_not_know: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Opened:
    """What was sealed of a safe contact."""

    value: str = ""
    who_must_not_know: str = ""
    note: str = ""


def set_(loop: Loop, ask: Ask, case_id: str, wish: Wish) -> Answer:
    """Replaces how the person may be reached from now on; the old row stays, superseded. {"id", "case_id"}."""
    checked = _checked(wish)
    told = {name: getattr(checked, name) for name in Wish.__slots__}

    def do(session: Session) -> Answer:
        case = case_rows.held(session, ask, case_id)
        return {"id": put(session, loop, case, checked, ask).id, "case_id": case.id}

    return loop.once(ask, "safe_contact.set", {"case_id": case_id, **case_rows.fingerprint(loop, told)}, do)


def put(session: Session, loop: Loop, case: Case, wish: Wish, ask: Ask) -> SafeContact:
    """The same within a transaction that holds the case. Raises BadInput."""
    checked, seal, own = _checked(wish), loop.sealer(session, case.subject_id), str(uuid4())
    before = current(session, case.id)
    if before is not None:
        before.superseded_at = ask.at
    row = SafeContact(
        id=own,
        case_id=case.id,
        subject_id=case.subject_id,
        channel=checked.channel,
        from_hour=checked.from_hour,
        until_hour=checked.until_hour,
        days=checked.days,
        voicemail=checked.voicemail,
        may_text=checked.may_text,
        recorded_at=ask.at,
        recorded_by=ask.who.id,
    )
    for name in SEALED:
        setattr(row, f"{name}_sealed", seal.seal(getattr(checked, name), "safe_contact", own, name))
    session.add(row)
    session.flush()
    case_rows.written(session, case, ask, "safe_contact", own, "set", details={"channel": checked.channel})
    return row


def current(session: Session, case_id: str) -> SafeContact | None:
    """The one that holds now; None: no safe way is known, and nobody may be contacted."""
    query = select(SafeContact).where(SafeContact.case_id == case_id, SafeContact.superseded_at.is_(None))
    return session.scalars(query.order_by(SafeContact.recorded_at.desc(), SafeContact.id)).first()


def opened(session: Session, loop: Loop, contact: SafeContact) -> Opened:
    """What was sealed of it; the caller writes the audit line. Raises Erased, Unreadable."""
    seal = loop.sealer(session, contact.subject_id)
    return Opened(*(seal.open(getattr(contact, f"{name}_sealed"), "safe_contact", contact.id, name) for name in SEALED))


def may_contact(contact: SafeContact | None, channel: str, local_moment: datetime) -> tuple[bool, str]:
    """Whether the person may be reached this way at this moment (aware; any zone), and the reason against.

    Asked for every message and call, from a provider and from us alike. "none" silences all.
    """
    if contact is None or contact.superseded_at is not None:
        return False, "No safe way to reach the person is recorded."
    if contact.channel == SILENT:
        return False, "The person asked not to be contacted."
    if not may_ever(contact, channel):
        return False, f"The person may be reached only so: {codes.label('contact_channel', contact.channel).lower()}."
    if channel not in BY_HOUR:
        return True, ""
    local = local_moment.astimezone(working_time.LOCAL)
    if contact.days and DAYS[local.weekday()] not in contact.days.split("|"):
        return False, "The person is not to be contacted on this day of the week."
    if not contact.from_hour <= local.hour < contact.until_hour:
        return False, f"The person may be contacted from {contact.from_hour}:00 to {contact.until_hour}:00 only."
    return True, ""


def may_ever(contact: SafeContact, channel: str) -> bool:
    """Whether a contact allows this channel at all, whatever the hour."""
    by_text = channel == "text" and contact.channel == "phone" and contact.may_text
    return contact.superseded_at is None and contact.channel != SILENT and (channel == contact.channel or by_text)


def words(contact: SafeContact | None) -> str:
    """The rule in one line, without number or address: "Phone, 9:00 to 17:00, Monday. Leave no voicemail"."""
    if contact is None:
        return "No safe way to reach the person is recorded"
    label = codes.label("contact_channel", contact.channel)
    if contact.channel == SILENT:
        return label
    days = f", {_in_words(contact.days.split('|'))}" if contact.days else ""
    hours = f", {contact.from_hour}:00 to {contact.until_hour}:00{days}" if contact.channel in BY_HOUR else ""
    voicemail = f". {codes.label('voicemail', contact.voicemail)}" if contact.channel == "phone" else ""
    return f"{label}{hours}{voicemail}"


def _in_words(days: list[str]) -> str:
    """ "Monday, Tuesday and Friday"."""
    *before, last = [DAY_NAMES[day] for day in days]
    return f"{', '.join(before)} and {last}" if before else last


def _checked(wish: Wish) -> Wish:
    codes.check("contact_channel", wish.channel, "channel")
    codes.check("voicemail", wish.voicemail)
    if not 0 <= wish.from_hour < wish.until_hour <= 24:
        raise BadInput(
            "The hours do not follow each other.", "Give two hours from 0 to 24, like 9 and 17.", "from_hour"
        )
    if any(day not in DAYS for day in filter(None, wish.days.split("|"))):
        raise BadInput("A day of the week is not known.", f"Use {', '.join(DAYS)}.", "days")
    silent = wish.channel == SILENT
    value = case_rows.line(wish.value, "value", needed=not silent)
    if wish.channel in ("phone", "text"):
        if not _PHONE.fullmatch(re.sub(r"[\s()-]", "", value)):
            raise BadInput("That is not a phone number.", "Give it with its area code, like 01632 960000.", "value")
    elif wish.channel == "email" and not _EMAIL.fullmatch(value):
        raise BadInput("That is not an e-mail address.", "Give it like name@place.example.", "value")
    return Wish(
        wish.channel,
        "" if silent else value,
        wish.from_hour,
        wish.until_hour,
        wish.days,
        wish.voicemail,
        wish.may_text and wish.channel == "phone",
        case_rows.line(wish.who_must_not_know, "who_must_not_know", 1_000),
        case_rows.line(wish.note, "note", 1_000),
    )
