"""A partner's own inbox: the referrals whose link has reached its services' mailboxes, opened by an account, whose
second factor stands in for the code. What is seen, and what can be answered, is what the link gives, and never more.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import Forbidden, NotFound
from directory.partners import mailbox_codes, members, proofs, registrations
from directory.partners.members import ANSWERS, GONE
from directory.partners.tables import PartnerService, Registration, RegistrationCheck
from directory.referrals import audit, door_views, doors, link_sessions, mailboxes, provider_actions
from directory.referrals.asking import Ask, Who
from directory.referrals.door_views import View
from directory.referrals.doors import Door
from directory.referrals.lifecycle import OVER, State
from directory.referrals.loop import Answer, Loop

CLAIMED = "claimed"


@dataclass(frozen=True, slots=True)
class Line:
    """A referral in the list: nothing of the person. `by`: until when an answer (`asked`) or the next word is due."""

    id: str
    reference: str
    service: str
    state: State
    by: date | None
    asked: bool
    is_over: bool


@dataclass(frozen=True, slots=True, repr=False)
class Letter:
    """One referral: `view` is None until somebody opens it, and again when their short time at it is over."""

    line: Line
    view: View | None


@dataclass(frozen=True, slots=True)
class _Answered:
    """A service, and since when its links are for its partner to see: a claim is as young as a new mailbox for as long.

    `claimed_at`: of a claim, which leaves the mailbox that was in use: what goes there is not for the partner to see
    unless it was proved since, or is one of those (`proved`) whose code they gave back."""

    name: str
    since: datetime
    claimed_at: datetime | None = None
    proved: frozenset[str] = frozenset()


def listed(loop: Loop, who: Who) -> list[Line]:
    """What waits for an answer first, by its day, then the rest. Raises Forbidden for who answers for no service."""
    with loop.database.session() as session:
        services = _services(session, loop, who.id)
        if not services:
            raise Forbidden("Your part here does not allow this.", "Ask an owner of your organisation.")
        lines = [_line(session, loop, door, services) for door in _doors(session, loop, services)]
        audit.note(session, who, loop.clock(), "list", "referral", "", purpose="partner_inbox", fields=("reference",))
    return sorted(lines, key=lambda line: (line.is_over, line.by or date.max, line.reference))


def letter(loop: Loop, who: Who, referral_id: str) -> Letter:
    """One of them, with who reads which fields written down. Raises NotFound, also for another partner's."""
    with loop.database.session() as session:
        services, door = _door(session, loop, who, referral_id)
        own = link_sessions.of_account(session, loop, door.locator, who.id, who.address)
        view = door_views.seen(session, loop, own, loop.clock()) if own is not None else None
        return Letter(_line(session, loop, door, services), view)


def open_(loop: Loop, ask: Ask, referral_id: str, name: str) -> Answer:
    """Somebody opens it, under their account's name: a short session for this referral, and sent → received.

    Raises NotFound, also for another partner's.
    """

    def do(session: Session) -> Answer:
        _, door = _door(session, loop, ask.who, referral_id)
        own = link_sessions.of_account(session, loop, door.locator, ask.who.id, ask.who.address)
        if own is None:
            account = (ask.who.id, name)
            own = link_sessions.by_account(session, loop, door.locator, account, ask.who.address)
            audit.note(
                session, ask.who, ask.at, "link_opened", "link_session", own.who.id,
                subject_id=door.referral.subject_id, agreement_id=door.referral.agreement_id, link_id=door.locator.id,
                purpose="partner_inbox",
            )  # fmt: skip
        return {"id": referral_id, "session": own.who.id}

    answer = loop.once(ask, "partner.open", {"referral": referral_id}, do)
    found = letter(loop, ask.who, referral_id).view
    if found is not None:
        provider_actions.open_(loop, Ask(found.inside.who, ask.at), referral_id)
    return answer


def _door(session: Session, loop: Loop, who: Who, referral_id: str) -> tuple[Mapping[str, _Answered], Door]:
    services = _services(session, loop, who.id)
    found = _doors(session, loop, services, referral_id) if services else []
    if not found:
        raise NotFound(*GONE)
    return services, found[0]


def _doors(session: Session, loop: Loop, services: Mapping[str, _Answered], referral_id: str = "") -> list[Door]:
    found = doors.reached(session, list(services), loop.clock(), referral_id)
    return [door for door in found if _is_theirs(loop, door, services[door.referral.service_id])]


def _is_theirs(loop: Loop, door: Door, service: _Answered) -> bool:
    if utc(door.locator.made_at) < service.since:
        return False
    mailbox = door.mailbox
    if service.claimed_at is None or (mailbox.verified_at and utc(mailbox.verified_at) >= service.claimed_at):
        return True
    return not service.proved.isdisjoint(mailbox_codes.macs(loop.keys, mailboxes.address(loop, mailbox)))


def _services(session: Session, loop: Loop, account_id: str) -> Mapping[str, _Answered]:
    """The services that this account answers for, by id. A row that was joined to one of them since, by a list or a
    person, is not among them: its referrals were sent to somebody else."""
    own = {each.service_id: each for each in members.services_of(session, account_id) if each.role in ANSWERS}
    kept = (PartnerService.service_id.in_(own), PartnerService.ended_at.is_(None))
    wait = timedelta(hours=loop.policy.number("sending", "new_mailbox_hours"))
    rows = session.scalars(select(PartnerService).where(*kept)).all()
    return {
        row.service_id: _answered(session, row, own[row.service_id].name, wait)
        for row in rows
        if row.partner_id == own[row.service_id].partner_id
    }


def _answered(session: Session, row: PartnerService, name: str, wait: timedelta) -> _Answered:
    since = utc(row.since)
    if row.how != CLAIMED:
        return _Answered(name, since)
    agreed = (Registration.partner_id == row.partner_id, Registration.state == registrations.APPROVED)
    codes = (RegistrationCheck.kind == proofs.MAILBOX, RegistrationCheck.result == proofs.PASSED)
    query = select(RegistrationCheck.about_mac).join(Registration, Registration.id == RegistrationCheck.registration_id)
    return _Answered(name, since + wait, since, frozenset(session.scalars(query.where(*agreed, *codes))))


def _line(session: Session, loop: Loop, door: Door, services: Mapping[str, _Answered]) -> Line:
    referral = door.referral
    state, by = State(referral.state), door_views.respond_by(session, loop, referral)
    asked, name = state in door_views.ASKED, services[referral.service_id].name
    return Line(referral.id, referral.reference, name, state, by, asked, state in OVER)
