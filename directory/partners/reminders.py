"""Asks partners in time whether their facts are still right: three rising letters, then a call by staff.

What is due is worked out by day (`review_due`) whenever this runs, and each step is written with its letters in one
transaction of its partner: whoever is stopped half-way goes on where it was, and nobody gets a letter twice.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import batches
from directory.errors import WaymarkError
from directory.partners import members, review_due, review_rounds, said_wrong
from directory.partners.review_due import Due
from directory.partners.review_tables import ServiceReview
from directory.partners.tables import Partner, PartnerService
from directory.referrals import audit, notices, partner_letters, sweeps, switches, tasks, working_time
from directory.referrals.asking import SYSTEM
from directory.referrals.loop import Loop
from directory.tables import Service

LOG = logging.getLogger("waymark.partners")
EVERY = timedelta(hours=1)
LETTERS, SEVERAL = review_rounds.LETTERS, review_rounds.SEVERAL
BEFORE = ("review_first_days", "review_second_days", "review_last_days")
AT_A_TIME = 500
LASTS = timedelta(days=5)
"""A letter that could not leave for so long says nothing any more: the next one does."""


@dataclass(slots=True)
class Reminded:
    """What one run did: letters queued, calls asked for, and rounds that somebody else had ended."""

    letters: int = 0
    calls: int = 0
    ended: int = 0


def look(loop: Loop) -> Iterator[str]:
    """Does what is due, once an hour and by one process, and says in a line what came of it."""
    with sweeps.claimed(loop, "partner_reviews", EVERY) as ours:
        done = remind(loop) if ours else Reminded()
    if done.letters or done.calls:
        yield f"Partners: {done.letters} reminders of their facts, {done.calls} calls to make."


def remind(loop: Loop) -> Reminded:
    """Does what is due now, a transaction for each partner of whom something is."""
    done = Reminded()
    with loop.database.reading() as session:
        partners = _waiting(session, loop)
    for partner_id in partners:
        try:
            with loop.database.session() as session:
                _partner(session, loop, partner_id, done)
        except WaymarkError as error:  # one whose mailbox cannot be read keeps nobody else waiting
            LOG.warning("partner %s was not reminded: %s", partner_id, type(error).__name__)
    _forget(loop)
    return done


def _waiting(session: Session, loop: Loop) -> list[str]:
    today = loop.clock().date()
    query = select(PartnerService.partner_id, PartnerService.service_id).join(
        Partner, Partner.id == PartnerService.partner_id
    )
    live = (PartnerService.ended_at.is_(None), Partner.closed_at.is_(None))
    kept = session.execute(query.where(*live).order_by(PartnerService.partner_id)).all()
    waits = set(session.scalars(select(ServiceReview.service_id).where(ServiceReview.closed_at.is_(None))))
    for some in batches([own for _, own in kept], AT_A_TIME):
        dues = review_due.of_services(session, some, loop.policy)
        waits |= {own for own, due in dues.items() if due.first <= today}
    return list(dict.fromkeys(partner_id for partner_id, own in kept if own in waits))


def _partner(session: Session, loop: Loop, partner_id: str, done: Reminded) -> None:
    now = loop.clock()
    own = (PartnerService.partner_id == partner_id, PartnerService.ended_at.is_(None))
    ids = list(session.scalars(select(PartnerService.service_id).where(*own).order_by(PartnerService.service_id)))
    session.scalars(select(Service.id).where(Service.id.in_(ids)).order_by(Service.id).with_for_update()).all()
    dues = review_due.of_services(session, ids, loop.policy)  # an answer meanwhile waits, or counts already
    letters: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for service_id in ids:
        stage = _service(session, loop, service_id, dues.get(service_id), now, done)
        for email in members.mailboxes_of(session, loop, service_id) if stage else ():
            letters[email].append((stage, service_id))
    for email, about in letters.items():
        _write(session, loop, email, about, now)
    done.letters += len(letters)


def _service(session: Session, loop: Loop, service_id: str, due: Due | None, now: datetime, done: Reminded) -> int:
    """Takes the step of one service that is due now, its row held; the number of the reminder that is to leave, 0 for
    none."""
    row = review_rounds.open_round(session, service_id)
    if row is not None and _is_over(row, due):
        review_rounds.end(session, row, now)
        row, done.ended = None, done.ended + 1
    if due is None or (row is None and now.date() < due.first):
        return 0
    row = row or review_rounds.begin(session, service_id, due.day.isoformat(), now)
    if row.reminders == len(LETTERS):
        done.calls += _call(session, loop, row, now)
        return 0
    if now < _next(loop, row):
        return 0
    row.reminders, row.reminded_at = row.reminders + 1, now
    audit.note(session, SYSTEM, now, "notice", said_wrong.TABLE, row.id, purpose=LETTERS[row.reminders - 1])
    return row.reminders


def _is_over(row: ServiceReview, due: Due | None) -> bool:
    """Whether somebody has confirmed it all since it was opened, or the doubt that opened it is gone."""
    if due is None or (due.confirmed_at is not None and due.confirmed_at > utc(row.opened_at)):
        return True
    return due.first > date.fromisoformat(row.due_on)


def _next(loop: Loop, row: ServiceReview) -> datetime:
    """When the next reminder may leave: the first at once, the others towards the day, and never two in a burst."""
    if row.reminded_at is None:
        return utc(row.opened_at)
    pause = timedelta(days=loop.policy.number("partners", "review_pause_days"))
    before = timedelta(days=loop.policy.number("partners", BEFORE[row.reminders]))
    day = date.fromisoformat(row.due_on) - before
    return max(utc(row.reminded_at) + pause, datetime.combine(day, time.min, UTC))


def _write(session: Session, loop: Loop, email: str, about: list[tuple[int, str]], now: datetime) -> None:
    """One letter to a mailbox, the most pressing of those that are due, however many services it is about."""
    stage = max(stage for stage, _ in about)
    path = review_rounds.path_of(about[0][1]) if len(about) == 1 else SEVERAL
    due_at = notices.digest_at(loop, now)
    until = due_at + LASTS
    partner_letters.queue(session, loop, LETTERS[stage - 1], email, now, path=path, until=until, due_at=due_at)


def _call(session: Session, loop: Loop, row: ServiceReview, now: datetime) -> int:
    """Asks staff to ring when all letters have gone unanswered and the facts are overdue for a while; and again, when
    somebody rang and nothing came of it."""
    days = loop.policy.number("partners", "review_again_days" if row.called_at else "review_call_days")
    moments = [moment for moment in (row.reminded_at, row.called_at) if moment]
    last = max([date.fromisoformat(row.due_on), *(utc(moment).date() for moment in moments)])
    if now.date() < last + timedelta(days=days):
        return 0
    row.called_at = now
    due_at = working_time.after(loop.policy, now, loop.policy.span("dispose", urgent=False))
    tasks.add(session, review_rounds.CALL, due_at, now, service_id=row.service_id)
    return 1


def _forget(loop: Loop) -> None:
    """What partners wrote is not kept for long once staff have confirmed the record."""
    old = loop.clock() - timedelta(days=loop.policy.number("partners", "review_kept_days"))
    with loop.database.session() as session:
        if switches.is_on(session, switches.HOLD):
            return
        handled = (ServiceReview.handled_at <= old, ServiceReview.said_sealed.is_not(None))
        session.execute(update(ServiceReview).where(*handled).values(said_sealed=None))
