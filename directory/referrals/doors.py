"""The provider's way in with no account: a link finds one referral, a code to the mailbox we hold opens it.

Whoever knocks at a link that is unknown, spent, revoked or expired is answered as if it were good, after the same work
(security.md, section 2 and threats 3 to 6): only the mailbox learns more.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, select, update
from sqlalchemy.orm import Session

from directory.accounts import limits
from directory.accounts.sessions import new_token
from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict
from directory.referrals import (
    audit,
    codes,
    letters,
    link_codes,
    link_limits,
    link_sessions,
    locators,
    mailboxes,
    notices,
    tasks,
    working_time,
)
from directory.referrals.acting import act
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import LIVE, OVER, Actor, State
from directory.referrals.link_sessions import Inside
from directory.referrals.locators import token_hash
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Locator, Mailbox, Notice, Referral

NAME_LIMIT = 100
WRONG = "That is not the code, or it is too old."
WRONG_ADVICE = "Look at the newest message, or ask for another code."
ANSWERABLE = (LIVE | OVER) - {State.WITHDRAWN}
"""A withdrawn referral has no link; what comes late by phone is written down by a worker."""
SNOOZED_STATES = frozenset({State.ACCEPTED, State.WAITLISTED, State.SCHEDULED, State.IN_SERVICE})
"""Where the next reminder counts from a day that the provider names."""


@dataclass(frozen=True, slots=True)
class Door:
    """A link that works, the referral behind it, and the mailbox it was sent to."""

    locator: Locator
    referral: Referral
    mailbox: Mailbox


def ask_for_code(loop: Loop, token: str, cookie: str | None, address: str) -> str:
    """Sends a code to the mailbox we hold, if the link is in use and has not had too many; returns the browser's new
    cookie, in every case. Raises TooManyTries for a network or for all together."""
    at, fresh = loop.clock(), new_token()
    link_limits.take(loop, link_limits.CODES, address, at)
    with loop.database.session() as session:
        door = _found(session, token, at)
        if door is None or door.locator.locked_at is not None:
            _note(session, door, _who("", "", address), at, "code_sent", audit.DENY)
            return fresh
        before = link_sessions.waiting(session, door.locator.id, cookie)
        browser = link_sessions.begin(session, door.locator.id, fresh, at)
        if before is not None:
            link_codes.hand_on(session, before, browser, at)
            before.ended_at = at
        code = link_codes.make(session, loop, browser, at)
        if code is not None:
            referral, second = door.referral, door.locator.to_second
            notices.queue(
                session, loop, notices.CODE, at, referral=referral, mailbox_id=door.mailbox.id, to_second=second,
                urgent=True, link_code_id=code.id,
            )  # fmt: skip
            _note(session, door, _who(browser.id, browser.token_hash, address), at, "code_sent")
    return fresh


def enter(loop: Loop, token: str, cookie: str | None, typed: str, name: str, address: str) -> tuple[str, Inside]:
    """Takes a code; returns a new cookie, and who is inside now.

    Raises BadInput (field "code" or "name"), the same for every link, and TooManyTries. What cannot be a code is not
    counted as a try; everything else is, before it is looked at.
    """
    said = " ".join(name.split())
    if not said or len(said) > NAME_LIMIT or not said.isprintable():
        raise BadInput("Write your own name.", "It is kept with your answer, so that we know whom to ask.", "name")
    code, at = link_codes.read(typed), loop.clock()
    taken = link_limits.take(loop, link_limits.TRIES, address, at)
    with loop.database.session() as session:
        entered = _tried(session, loop, _found(session, token, at), cookie, code, said, address)
        if entered is not None:
            limits.give_back(session, taken)
    if entered is None:
        raise BadInput(WRONG, WRONG_ADVICE, "code")
    return entered


def inside(session: Session, loop: Loop, token: str, cookie: str | None, address: str) -> Inside:
    """Who has proved themselves at this link. Raises NotSignedIn, the same for every link."""
    return link_sessions.inside(session, loop, token_hash(token), cookie, address)


def reached(session: Session, service_ids: Collection[str], at: datetime, referral_id: str = "") -> list[Door]:
    """The doors of referrals to these services whose link has left for their mailbox, and works: what the services' own
    people may open by an account. `referral_id`: that one alone."""
    left = exists().where(
        Notice.referral_id == Referral.id,
        Notice.mailbox_id == Locator.mailbox_id,
        Notice.handed_over_at >= Locator.made_at,
        Notice.to_second.is_(False),
        Notice.template.not_in(letters.NO_LINK),
    )
    query = (
        select(Locator, Referral, Mailbox)
        .join(Referral, Referral.id == Locator.referral_id)
        .join(Mailbox, and_(Mailbox.id == Locator.mailbox_id, Mailbox.id == Referral.mailbox_id))
        .where(Referral.service_id.in_(service_ids), left)
        .where(Locator.revoked_at.is_(None), Locator.locked_at.is_(None), Locator.to_second.is_(False))
    )
    if referral_id:
        query = query.where(Referral.id == referral_id)
    found = [Door(*each) for each in session.execute(query.order_by(Referral.stage_at, Referral.id))]
    return [door for door in found if _works(door, at)]


def leave(loop: Loop, token: str, cookie: str | None, address: str) -> None:
    """Ends a session. Raises NotSignedIn when there is none any more."""
    with loop.database.session() as session:
        own = inside(session, loop, token, cookie, address)
        link_sessions.end(session, own.who.id, loop.clock())


def snooze(loop: Loop, ask: Ask, own: Inside, days: int, reason: str) -> Answer:
    """Puts the next reminder off, once a link, because of a coded reason. Raises Conflict, BadInput, NotSignedIn."""
    codes.check("snooze", reason, "reason")
    if days not in snooze_days(loop):
        raise BadInput("Choose how long from the list.", "Nothing was changed.", "days")

    def do(session: Session, referral: Referral) -> None:
        link_sessions.check_proved(session, loop, ask, referral)
        locator = session.get_one(Locator, own.locator_id)
        if locator.snoozed_at is not None or State(referral.state) not in SNOOZED_STATES:
            raise Conflict("This reminder cannot be put off again.", "Ring us, or say how it goes.")
        locator.snoozed_at, today = ask.at, working_time.today(ask.at)
        referral.due_on = max(referral.due_on or today, today) + timedelta(days=days)
        chasers = (Notice.referral_id == referral.id, Notice.stage != "", Notice.settled_at.is_(None))
        session.execute(update(Notice).where(*chasers).values(settled_at=ask.at, refused="snoozed"))
        audit.note(
            session, ask.who, ask.at, "change", "referral", referral.id,
            subject_id=referral.subject_id, fields=("due_on",), purpose=reason, link_id=locator.id,
        )  # fmt: skip

    return act(loop, ask, own.referral_id, "snooze", {"days": days, "reason": reason}, do)


def new_link(loop: Loop, ask: Ask, referral_id: str, to_second: bool = False) -> Answer:
    """A worker sends the mailbox a new link, after the one it had was locked or lost; the old one ends.

    Raises Conflict where the referral has no link.
    """

    def do(session: Session, referral: Referral) -> None:
        if State(referral.state) not in ANSWERABLE or referral.erased_at is not None:
            raise Conflict("This referral has no link.", "Ring the service.")
        locators.issue(session, loop, referral, ask.who, ask.at, to_second=to_second)
        notices.queue(session, loop, "link_again", ask.at, referral=referral, to_second=to_second, urgent=True)
        tasks.settle(session, referral.id, ("locked_link",), ask.who.id, ask.at)

    return act(loop, ask, referral_id, "new_link", {"to_second": to_second}, do)


def snooze_days(loop: Loop) -> tuple[int, int]:
    """For how many days a reminder can be put off."""
    return loop.policy.number("link", "snooze_short_days"), loop.policy.number("link", "snooze_long_days")


def _tried(
    session: Session, loop: Loop, door: Door | None, cookie: str | None, code: str, name: str, address: str
) -> tuple[str, Inside] | None:
    """One try at a door; None when it stays shut. It never raises: the count must be kept."""
    at, fresh = loop.clock(), new_token()
    if door is None:
        link_codes.all_hashed(loop.keys, "", code)
        link_sessions.waiting(session, "", cookie)
        _note(session, None, _who("", "", address), at, "code_failed", audit.DENY)
        return None
    browser = link_sessions.waiting(session, door.locator.id, cookie)
    if not link_codes.is_right(session, loop, door.locator, browser, code) or browser is None:
        _note(session, door, _who("", "", address), at, "code_failed", audit.DENY)
        _lock(session, loop, door, at)
        return None
    row = link_sessions.prove(session, loop, browser, fresh, name, at)
    if not door.locator.to_second:
        mailboxes.confirm(session, door.mailbox.id, at)
    who = _who(row.id, row.token_hash, address)
    _note(session, door, who, at, "link_opened")
    return fresh, Inside(who, door.locator.id, door.referral.id, door.locator.snoozed_at is None)


def _lock(session: Session, loop: Loop, door: Door, at: datetime) -> None:
    if not link_codes.is_spent(loop, door.locator):
        return
    door.locator.locked_at = at
    urgent = door.referral.urgency in notices.URGENT
    due = working_time.after(loop.policy, at, loop.policy.span("info_reply", urgent))
    tasks.add(session, "locked_link", due, at, referral=door.referral, object_id=door.locator.id)


def _found(session: Session, token: str, at: datetime) -> Door | None:
    """The door of a token, its locator locked for the rest of the transaction."""
    found = session.execute(
        select(Locator, Referral, Mailbox)
        .join(Referral, Referral.id == Locator.referral_id)
        .join(Mailbox, Mailbox.id == Locator.mailbox_id)
        .where(Locator.token_hash == token_hash(token))
        .with_for_update(of=Locator)
    ).one_or_none()
    if found is None:
        return None
    door = Door(*found)
    return door if _works(door, at) else None


def _works(door: Door, at: datetime) -> bool:
    locator, referral, mailbox = door.locator, door.referral, door.mailbox
    live = locator.revoked_at is None and utc(locator.expires_at) > at and referral.erased_at is None
    theirs = mailbox.replaced_at is None and mailbox.verified_at is not None
    return live and theirs and State(referral.state) in ANSWERABLE


def _note(session: Session, door: Door | None, who: Who, at: datetime, action: str, result: str = audit.ALLOW) -> None:
    """Also where there is no door: so that knocking there is written down, and takes as long."""
    if door is None:
        audit.note(session, who, at, action, "referral", "", result=result)
        return
    own = door.referral
    audit.note(
        session, who, at, action, "referral", own.id,
        subject_id=own.subject_id, result=result, agreement_id=own.agreement_id, link_id=door.locator.id,
    )  # fmt: skip


def _who(own: str, session_hash: str, address: str) -> Who:
    return Who(Actor.PROVIDER, own, frozenset({"provider"}), session_hash, address)
