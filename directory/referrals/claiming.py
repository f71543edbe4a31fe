"""Takes the next message that must leave for one worker at a time, for a few minutes: a worker that dies loses nothing.

Claims are taken one after the other (a row is locked for the moment it takes), so that a provider's digest is formed
once; the messages themselves leave side by side. What was once put into a digest stays in it, under one message id,
however often it is tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, case, exists, insert, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from directory.referrals import mailboxes, switches, working_time
from directory.referrals.loop import Loop
from directory.referrals.notices import CODE, CODES, digest_at, templates
from directory.referrals.sealing import Unreadable
from directory.referrals.tables import Mailbox, Notice, Referral, SweepRun

LEASE = timedelta(minutes=5)
"""Longer than one hand-over can take with every answer at its time limit."""
TURN = "mail"
"""Of `SweepRun`: its lock makes claims follow each other."""
IN_DIGEST = Notice.message_id.contains(".")
"""A digest's messages are called ID.1, ID.2 …; on the wire it is ID."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages that are ours to hand over as one letter, oldest first."""

    ids: tuple[int, ...]
    message_id: str


def claim(loop: Loop, now: datetime) -> Claim | None:
    """The next letter; None when nothing is due, or mail is stopped. Codes go before all else."""
    try:
        with loop.database.session() as session:
            _take_turn(session)
            return None if switches.is_on(session, switches.MAIL_STOPPED) else _next(session, loop, now)
    except IntegrityError:  # another process made the row of the turn at the same moment
        return None


def _take_turn(session: Session) -> None:
    row = session.scalar(select(SweepRun).where(SweepRun.name == TURN).with_for_update())
    if row is None:
        session.execute(insert(SweepRun).values(name=TURN))


def _next(session: Session, loop: Loop, now: datetime) -> Claim | None:
    while (row := session.scalars(_ready(now).limit(1)).first()) is not None:
        if row.urgent:
            if _is_within_cap(session, loop, row, now):
                return _taken([row], now)
            row.urgent, row.due_at = False, digest_at(loop, now)
        elif "." in row.message_id:
            return _taken(session.scalars(_formed(row)).all(), now)
        else:
            fresh = _of_one_provider(session, loop, row, session.scalars(_fresh(session, row, now)).all())
            if not _had_digest(session, loop, row, now):
                return _taken(fresh, now)
            for each in fresh:
                each.due_at = digest_at(loop, _day_begins(now, 1))
        session.flush()
    return None


def _taken(rows: Sequence[Notice], now: datetime) -> Claim:
    base = rows[0].message_id.partition(".")[0]
    for number, row in enumerate(rows, 1):
        row.claimed_until = now + LEASE
        if not row.urgent and "." not in row.message_id:
            row.message_id = f"{base}.{number}"
    return Claim(tuple(row.id for row in rows), base)


def _ready(now: datetime) -> Select[Notice]:
    """What may be taken now, first to be sent first: never before an earlier message about the same referral."""
    earlier = aliased(Notice)
    under_way = or_(earlier.settled_at.is_(None), earlier.claimed_until > now)
    before = (earlier.referral_id == Notice.referral_id, earlier.id < Notice.id, earlier.template != CODE)
    in_turn = or_(Notice.template == CODE, Notice.referral_id == "", ~exists().where(*before, under_way))
    query = select(Notice).where(
        Notice.settled_at.is_(None),
        Notice.due_at <= now,
        or_(Notice.next_try_at.is_(None), Notice.next_try_at <= now),
        or_(Notice.claimed_until.is_(None), Notice.claimed_until <= now),
        in_turn,
    )
    first = case((Notice.template.in_(CODES), 0), else_=1)
    return query.order_by(first, Notice.due_at, Notice.id).with_for_update(skip_locked=True)


def _formed(row: Notice) -> Select[Notice]:
    """What is left of the digest that a message was put into."""
    base = row.message_id.partition(".")[0]
    own = (Notice.message_id.startswith(f"{base}."), Notice.settled_at.is_(None))
    return select(Notice).where(*own).order_by(Notice.id).with_for_update()


def _fresh(session: Session, row: Notice, now: datetime) -> Select[Notice]:
    """What may go into a digest for the organization that a message is for."""
    return _ready(now).where(Notice.urgent.is_(False), ~IN_DIGEST, _same_organization(session, row))


def _same_organization(session: Session, row: Notice) -> ColumnElement[bool]:
    name = session.scalar(select(Referral.organization).where(Referral.id == row.referral_id))
    return Notice.referral_id.in_(select(Referral.id).where(Referral.organization == name))


def _of_one_provider(session: Session, loop: Loop, row: Notice, rows: Sequence[Notice]) -> list[Notice]:
    """The message and those that go to the same address: one organization under one address is one provider."""
    address = _address(session, loop, row)
    others = [each for each in rows if each.id != row.id and _address(session, loop, each) == address]
    return sorted([row, *others], key=lambda each: each.id)


def _address(session: Session, loop: Loop, row: Notice) -> str:
    mailbox = session.get(Mailbox, row.mailbox_id)
    try:
        return mailboxes.address(loop, mailbox, row.to_second).casefold() if mailbox else row.mailbox_id
    except Unreadable:  # told when its letter is made; it keeps no other message back
        return row.mailbox_id


def _had_digest(session: Session, loop: Loop, row: Notice, now: datetime) -> bool:
    """Whether this provider has had its digest today, or one is still being tried."""
    today = or_(Notice.handed_over_at >= _day_begins(now), Notice.settled_at.is_(None))
    others = select(Notice).where(IN_DIGEST, today, _same_organization(session, row))
    address = _address(session, loop, row)
    return any(_address(session, loop, each) == address for each in session.scalars(others))


def _is_within_cap(session: Session, loop: Loop, row: Notice, now: datetime) -> bool:
    """Whether one more message outside the digest is not too many for this provider today."""
    always = [name for name, kind in templates().items() if kind.at_once]
    if row.template in always:
        return True
    today = or_(Notice.handed_over_at >= _day_begins(now), Notice.claimed_until > now)
    own = (Notice.urgent, today, Notice.template.not_in(always), _same_organization(session, row))
    address = _address(session, loop, row)
    had = sum(_address(session, loop, each) == address for each in session.scalars(select(Notice).where(*own)))
    return had < loop.policy.number("sending", "urgent_a_day")


def _day_begins(moment: datetime, later: int = 0) -> datetime:
    """Local midnight at the beginning of the day, or of one so many days later."""
    day = working_time.today(moment) + timedelta(days=later)
    return datetime.combine(day, time(0), working_time.LOCAL).astimezone(moment.tzinfo)
