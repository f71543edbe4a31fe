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
from directory.editing import hand
from directory.errors import BadInput, Forbidden
from directory.partners import doors, members, reviews, said_wrong
from directory.partners.doors import Inside
from directory.partners.tables import PartnerSession
from directory.referrals import audit, capacity_words, codes, consequences, tasks, working_time
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Task
from directory.search import fold
from directory.tables import CapacityWord, Service

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
    """What counts today, as the public page has it: its own last word here, else what the record says of room."""
    said = _folded(session, service_id)
    days = (today - date(1970, 1, 1)).days
    if not capacity.known_at(said, days):
        return Said()
    weeks = (said.minimum_weeks, said.maximum_weeks)
    band = next((code for code, each in consequences.WEEKS.items() if each == weeks), "")
    expires = date(1970, 1, 1) + timedelta(days=capacity.expiry_day(said))
    return Said(said.state, capacity.in_words(said, days), band, date.fromisoformat(said.as_of), expires)


def _folded(session: Session, service_id: str) -> Capacity:
    """What the index is told of the service, or of the one that it is the same as."""
    own = session.get(Service, service_id)
    leader = (own.same_as_id or own.id) if own is not None else service_id
    found = fold.document(session, leader)
    if found is not None:
        return found.capacity
    row = session.get(CapacityWord, service_id)
    return Capacity(row.state, row.minimum_weeks, row.maximum_weeks, row.as_of, row.expires) if row else Capacity()


def say(
    loop: Loop, ask: Ask, inside: Inside, service_id: str, state: str, band: str = "", until: date | None = None
) -> Answer:
    """Keeps it in place of the last word. `state`: `capacity.STATES`; `band` (list wait_band) with a waiting list;
    `until` with FULL: its last day. {"state", "expires", "waits"}; it "waits" for staff, and changes nothing, where a
    list has joined somebody else's row to the service.

    Pressed twice on one day it is one word, and a page that was left open says it anew; raises NotFound, BadInput
    (field "until" or "band").
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
        member = members.member(session, inside, service_id)
        answer = {"state": state, "expires": last.isoformat(), "waits": False}
        if reviews.is_shared(session, member, hand.rows_of(session, service_id)):
            said = Capacity(state, low, high, today.isoformat(), last.isoformat())
            _ask_staff(session, loop, ask, service_id, capacity.in_words(said, (today - date(1970, 1, 1)).days))
            return answer | {"waits": True}
        row = session.get(CapacityWord, service_id)
        same = (state, low, high, today.isoformat(), last.isoformat(), capacity_words.PROVIDER)
        if row and (row.state, row.minimum_weeks, row.maximum_weeks, row.as_of, row.expires, row.said_by) == same:
            return answer
        capacity_words.say(
            session, service_id, state, ask.at, minimum_weeks=low, maximum_weeks=high, expires=last,
            said_by=capacity_words.PROVIDER,
        )  # fmt: skip
        audit.note(session, ask.who, ask.at, "change", TABLE, service_id, purpose=state)
        return answer

    # without a key: the word that counts tells whether it was said already, however often the same form is sent
    return loop.once(Ask(ask.who, ask.at), "room.say", {}, do)


def _ask_staff(session: Session, loop: Loop, ask: Ask, service_id: str, words: str) -> None:
    """Keeps it in the task of whoever looks at the entry, the newest word in place of one before."""
    same = (Task.kind == said_wrong.TASK, Task.service_id == service_id, Task.object_id == "", Task.done_at.is_(None))
    before = session.scalars(select(Task).where(*same)).first()
    if before is not None:
        before.details = {**before.details, "room": words}
    else:
        due_at = working_time.after(loop.policy, ask.at, loop.policy.span("dispose", urgent=False))
        tasks.add(session, said_wrong.TASK, due_at, ask.at, service_id=service_id, details={"room": words})
    audit.note(session, ask.who, ask.at, "change", "task", service_id, purpose="room_waits")


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
