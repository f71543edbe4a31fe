"""Whether a service has room, in its own word: one tap, kept until it expires, and on phones that were let in once.

The word is that of `capacity_words`: the matcher and whoever refers read it within seconds.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from directory import capacity
from directory.accounts.sessions import token_hash
from directory.capacity import FULL, OPEN, WAITING_LIST
from directory.draft import Capacity
from directory.errors import BadInput, Forbidden
from directory.partners import doors, members
from directory.partners.doors import Inside
from directory.partners.tables import PartnerSession
from directory.referrals import audit, capacity_words, codes, consequences
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.tables import CapacityWord

TABLE = "capacity_word"
LONGEST = timedelta(days=366)
"""A service that is full for longer has closed."""
FULL_WEEKS = (4, 8, 12, 26)


@dataclass(frozen=True, slots=True)
class Said:
    """What a service said last of its room. `state` "" and no days: nothing, or it has expired."""

    state: str = ""
    words: str = ""
    band: str = ""
    """A code of the list wait_band."""
    as_of: date | None = None
    expires: date | None = None


def now(session: Session, service_id: str, today: date) -> Said:
    """What counts today."""
    row = session.get(CapacityWord, service_id)
    if row is None or row.expires < today.isoformat():
        return Said()
    said = Capacity(row.state, row.minimum_weeks, row.maximum_weeks, row.as_of, row.expires)
    weeks = (row.minimum_weeks, row.maximum_weeks)
    band = next((code for code, each in consequences.WEEKS.items() if each == weeks), "")
    words = capacity.in_words(said, (today - date(1970, 1, 1)).days)
    return Said(row.state, words, band, date.fromisoformat(row.as_of), date.fromisoformat(row.expires))


def say(
    loop: Loop, ask: Ask, inside: Inside, service_id: str, state: str, band: str = "", until: date | None = None
) -> Answer:
    """Keeps it in place of the last word. `state`: `capacity.STATES`; `band` (list wait_band) with a waiting list;
    `until` with FULL: its last day. {"state", "expires"}.

    Pressed twice on one day it is one word; raises NotFound, BadInput (field "until" or "band").
    """
    today = ask.at.date()
    if state not in (OPEN, WAITING_LIST, FULL):
        raise BadInput("Choose one of the buttons.", "Nothing was changed.", "room")
    if state == WAITING_LIST:
        codes.check("wait_band", band, "band")
    if state == FULL and (until is None or not today <= until <= today + LONGEST):
        raise BadInput("That day cannot be used.", "Choose a day from today to a year from now.", "until")
    low, high = consequences.WEEKS[band] if state == WAITING_LIST else (None, None)
    last = until if state == FULL and until else today + timedelta(days=capacity.LASTS_DAYS)

    def do(session: Session) -> Answer:
        members.member(session, inside, service_id)
        capacity_words.say(
            session, service_id, state, ask.at, minimum_weeks=low, maximum_weeks=high, expires=last,
            said_by=capacity_words.PROVIDER,
        )  # fmt: skip
        audit.note(session, ask.who, ask.at, "change", TABLE, service_id, purpose=state)
        return {"state": state, "expires": last.isoformat()}

    own = Ask(ask.who, ask.at, f"{ask.key}:{today}:{state}{band}", None)
    return loop.once(own, "room.say", {"service": service_id, "until": last}, do)


def let_phone_in(loop: Loop, ask: Ask, inside: Inside, token: str) -> bool:
    """Lets this browser say whether there is room, for months, without another code; False: it was let in just now, and
    `token` is worth nothing. Raises Forbidden for a phone that would let in another."""
    if inside.kind != doors.MAILBOX:
        raise Forbidden("This needs a code first.", "Type your e-mail address, and the code that we send there.")

    def do(session: Session) -> Answer:
        row = doors.begin(session, loop, inside.email, token, ask.at, doors.PHONE)
        row.proved_at = ask.at
        audit.note(session, ask.who, ask.at, "create", "partner_session", row.id, purpose=doors.PHONE)
        return {"mark": token_hash(token)}

    return bool(loop.once(ask, "room.phone", {}, do)["mark"] == token_hash(token))


def phones(session: Session, loop: Loop, inside: Inside, at: datetime) -> int:
    """How many phones may say it for this mailbox now."""
    return session.scalar(select(func.count()).select_from(PartnerSession).where(*_phones(loop, inside, at))) or 0


def shut_phones_out(loop: Loop, ask: Ask, inside: Inside) -> Answer:
    """A phone was lost: none of this mailbox's may say anything any more. {"count"}."""

    def do(session: Session) -> Answer:
        ids = list(session.scalars(select(PartnerSession.id).where(*_phones(loop, inside, ask.at))))
        session.execute(update(PartnerSession).where(PartnerSession.id.in_(ids)).values(ended_at=ask.at))
        audit.note(session, ask.who, ask.at, "change", "partner_session", "", purpose="phones_out")
        return {"count": len(ids)}

    return loop.once(ask, "room.shut_out", {}, do)


def _phones(loop: Loop, inside: Inside, at: datetime) -> tuple[ColumnElement[bool], ...]:
    begun = at - timedelta(days=loop.policy.number("partners", "phone_days"))
    kept = (PartnerSession.kind == doors.PHONE, PartnerSession.email_mac.in_(inside.macs))
    return (*kept, PartnerSession.ended_at.is_(None), PartnerSession.proved_at > begun)
