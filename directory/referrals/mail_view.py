"""What staff see of mail: what waits and how long, what failed, whether it is stopped. Never what a message says."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import Conflict, NotFound
from directory.referrals import audit, case_rows, failures, switches
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Mailbox, Notice, Referral, SafeContact
from directory.tables import Organization, Service

LATE = timedelta(minutes=15)
"""A message that is due and has not left for so long is an alert (security.md, section 5)."""
SHOWN = 50
FAILED = (
    failures.REFUSED, failures.FAILED, failures.BOUNCED, "unverified", "replaced", "no_link", "unreadable", "no_texts",
)  # fmt: skip
"""What did not arrive though nobody wished so."""
FAILED_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Line:
    """One message. `to` is the provider's organization, or "a person"; no address."""

    id: int
    kind: str
    to: str
    due_at: datetime
    tries: int
    next_try_at: datetime | None
    on_its_way: bool
    refused: str
    failed_at: datetime | None
    may_go_again: bool


@dataclass(frozen=True, slots=True)
class MailView:
    """How mail stands. `late_since`: when the oldest message fell due that should have left."""

    waiting: int
    due: int
    late_since: datetime | None
    stopped: tuple[datetime, str] | None
    missing: tuple[str, ...]
    handed_over_today: int
    lines: tuple[Line, ...]
    failed: tuple[Line, ...]


def view(loop: Loop, now: datetime, who: Who = SYSTEM) -> MailView:
    """How mail stands now, the first to leave and the last to have failed first, for a reader."""
    with loop.database.reading() as session:
        unsettled = and_(Notice.settled_at.is_(None), *_known(who))
        due = (unsettled, Notice.due_at <= now)
        oldest = session.scalar(select(func.min(Notice.due_at)).where(*due))
        waiting = select(Notice).where(unsettled).order_by(Notice.due_at, Notice.id).limit(SHOWN)
        recent = (Notice.refused.in_(FAILED), Notice.made_at > now - FAILED_FOR, *_known(who))
        failed = select(Notice).where(*recent).order_by(Notice.id.desc()).limit(SHOWN)
        day = now - timedelta(days=1)
        return MailView(
            waiting=_count(session, unsettled),
            due=_count(session, *due),
            late_since=utc(oldest) if oldest and utc(oldest) + LATE <= now else None,
            stopped=switches.since(session, switches.MAIL_STOPPED),
            missing=tuple(name for name in loop.policy.missing if name != "retention_agreed"),
            handed_over_today=_count(session, Notice.handed_over_at > day, *_known(who)),
            lines=tuple(_line(session, row, now) for row in session.scalars(waiting)),
            failed=tuple(_line(session, row, now) for row in session.scalars(failed)),
        )


def again(loop: Loop, ask: Ask, notice_id: int) -> Answer:
    """Tries a message that failed once more, from the beginning. Raises NotFound, Conflict."""

    def do(session: Session) -> Answer:
        query = select(Notice).where(Notice.id == notice_id, *_known(ask.who))
        row = session.scalar(query.with_for_update())
        if row is None:
            raise NotFound("There is no such message.", "Look at the list.")
        if row.partner_letter_id:
            raise Conflict("What it said is erased.", "Whoever waits for it asks for it anew, or you ring them.")
        if not _may_go_again(row):
            raise Conflict("This message has left, or waits already.", "Look at the list again.")
        row.settled_at, row.refused, row.tries, row.next_try_at = None, "", 0, None
        row.due_at = max(utc(row.due_at), ask.at) if not row.urgent else ask.at
        audit.note(session, ask.who, ask.at, "notice", "notice", str(row.id), purpose="again")
        return {"id": row.id}

    return loop.once(ask, "mail.again", {"id": notice_id}, do)


def _known(who: Who) -> tuple[ColumnElement[bool], ...]:
    """Of messages about cases that are kept from the reader there is no trace."""
    if not who.id:
        return ()
    cases = case_rows.kept_from(who)
    referrals = select(Referral.id).where(Referral.case_id.in_(cases))
    contacts = select(SafeContact.id).where(SafeContact.case_id.in_(cases))
    return Notice.referral_id.not_in(referrals), Notice.safe_contact_id.not_in(contacts)


def _may_go_again(row: Notice) -> bool:
    """One that a server had taken may have arrived after all: its referral is sent anew instead. Of one to a partner
    nothing is kept."""
    failed = row.settled_at is not None and row.handed_over_at is None and row.refused in FAILED
    return failed and not row.partner_letter_id


def _count(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).select_from(Notice).where(*conditions)).one()


def _line(session: Session, row: Notice, now: datetime) -> Line:
    return Line(
        id=row.id,
        kind=row.template.replace("_", " "),
        to=_to(session, row),
        due_at=utc(row.due_at),
        tries=row.tries,
        next_try_at=utc(row.next_try_at) if row.next_try_at else None,
        on_its_way=row.claimed_until is not None and utc(row.claimed_until) > now,
        refused=row.refused,
        failed_at=utc(row.bounced_at or row.settled_at) if row.settled_at else None,
        may_go_again=_may_go_again(row),
    )


def _to(session: Session, row: Notice) -> str:
    if row.safe_contact_id:
        return "a person"
    if row.partner_letter_id:
        return "a partner"
    referral = session.get(Referral, row.referral_id) if row.referral_id else None
    if referral is not None:
        return referral.organization
    mailbox = session.get(Mailbox, row.mailbox_id)
    service = session.get(Service, mailbox.service_id) if mailbox else None
    organization = session.get(Organization, service.organization_id) if service else None
    return organization.name if organization else "a service that is no longer in the record"
