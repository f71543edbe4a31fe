"""Makes the letter of a claim at the very moment it leaves, and says why a message must not leave after all.

Between a message's being queued and its hand-over anything may have happened: agreement withdrawn, address replaced,
the person silenced. All of it is asked again here.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.mail import Letter
from directory.referrals import (
    exclusions,
    link_codes,
    locators,
    mailboxes,
    partner_letters,
    safe_contacts,
    timers,
    working_time,
)
from directory.referrals.lifecycle import LIVE, State
from directory.referrals.loop import Loop
from directory.referrals.notices import CODE, DIGEST, PARTNER, PERSON, URGENT, templates
from directory.referrals.sealing import Erased
from directory.referrals.shortlist_tables import PersonMessage
from directory.referrals.tables import Agreement, LinkCode, Locator, Mailbox, Notice, Referral, SafeContact
from directory.referrals.texts import TEXT, Template
from directory.tables import Organization, Service

ENDED = {"stop": State.WITHDRAWN, "void": State.VOID}
"""Messages about a referral that has ended, and the state that each tells of."""
CHASERS = frozenset({"chaser_1", "chaser_2"})
NO_LINK = frozenset({CODE, *ENDED})
TELL = frozenset({"unverified", "replaced", "no_link"})
"""Refusals that nobody wished for: a worker must know that the message did not go."""
NAME_LENGTH = 100
SILENCED, LATER = "silenced", "later"
AHEAD = timedelta(days=8)


def refusal(session: Session, loop: Loop, notice: Notice, now: datetime) -> str:
    """Why a message must not leave, as a code; "" when it may; "later" for a person who may be written to later."""
    kind = templates().get(notice.template)
    if kind is None:
        return "unknown"
    if kind.to == PERSON:
        return _to_person(session, notice, kind.by, now)
    if kind.to == PARTNER:
        return partner_letters.refusal(session, notice, now)
    mailbox = session.get(Mailbox, notice.mailbox_id)
    if mailbox is None or mailbox.verified_at is None:
        return "unverified"
    if mailbox.replaced_at is not None and not (kind.ends or notice.template == "mailbox_changed"):
        return "replaced"
    if notice.template == CODE:
        return _of_code(session, notice, now)
    return _of_referral(session, loop, notice, now) if notice.referral_id else ""


def _to_person(session: Session, notice: Notice, by: str, now: datetime) -> str:
    """People hear from us only as their own safe contact says, and at their hours; of no service named unsafe since."""
    contact = session.get(SafeContact, notice.safe_contact_id)
    if contact is None or not safe_contacts.may_ever(contact, by):
        return SILENCED
    if set(_chosen(session, notice)) & exclusions.ids(session, contact.case_id):
        return "excluded"
    return "" if safe_contacts.may_contact(contact, by, now)[0] else LATER


def may_write_from(session: Session, notice: Notice, now: datetime) -> datetime:
    """When the person's hours begin next."""
    contact = session.get(SafeContact, notice.safe_contact_id)
    by = templates()[notice.template].by
    moment = now.replace(minute=0, second=0, microsecond=0)
    while not safe_contacts.may_contact(contact, by, moment)[0] and moment < now + AHEAD:
        moment += timedelta(hours=1)
    return moment


def _of_code(session: Session, notice: Notice, now: datetime) -> str:
    code = session.get(LinkCode, notice.link_code_id)
    if code is None or code.code_sealed is None or code.used_at is not None or utc(code.expires_at) <= now:
        return "expired"
    locator = session.get(Locator, code.locator_id)
    return "withdrawn" if locator is None or locator.revoked_at is not None else ""


def _of_referral(session: Session, loop: Loop, notice: Notice, now: datetime) -> str:
    referral = session.get(Referral, notice.referral_id)
    if referral is None or referral.erased_at is not None:
        return "erased"
    state = State(referral.state)
    if notice.template in ENDED:
        return "" if state is ENDED[notice.template] else "moved_on"
    if state in (State.WITHDRAWN, State.VOID):
        return "withdrawn"
    if state not in LIVE:
        return "moved_on"
    agreement = session.get(Agreement, referral.agreement_id)
    if agreement is None or agreement.withdrawn_at is not None:
        return "withdrawn"
    if referral.service_id in exclusions.ids(session, referral.case_id):
        return "excluded"
    if notice.template in CHASERS and notice.stage not in {"", *_stages(session, referral)}:
        return "moved_on"
    return "" if locators.live(session, referral.id, now, notice.to_second) else "no_link"


def _stages(session: Session, referral: Referral) -> set[str]:
    return {clock.key for clock in timers.clocks(session, [referral.id])}


def letter(
    session: Session, loop: Loop, notices: Sequence[Notice], message_id: str, public_url: str, now: datetime
) -> Letter:
    """The letter of messages that go together. Raises Unreadable, and Erased for a person who has been."""
    first = notices[0]
    words = loop.texts.messages
    kind = words[first.template]
    said = [_fields(session, loop, each, words[each.template], public_url, now) for each in notices]
    fields = said[0]
    if len(notices) > 1:
        kind = words[DIGEST]
        lines = [f"{each['reference']}: please answer by {each['respond_by']}\n{each['link']}" for each in said]
        fields = {**fields, "lines": "\n\n".join(lines), "day": _day(working_time.today(now))}
    return Letter(
        to=fields["to"] if kind.to == PARTNER else _address(session, loop, first),
        subject=kind.subject.format(**fields),
        body=kind.body.format(**fields),
        message_id=message_id,
        at=utc(first.due_at),
        by_text=kind.by == TEXT,
    )


def to_person(loop: Loop, template: str, public_url: str, service_ids: Sequence[str]) -> tuple[str, str]:
    """Subject and words of what a person is sent, for them to be read before it is: `letter` makes the same."""
    kind = loop.texts.messages[template]
    fields = {"phone": loop.policy.text("adopter", "phone"), "links": links(public_url, service_ids)}
    return kind.subject.format(**fields), kind.body.format(**fields)


def links(public_url: str, service_ids: Sequence[str]) -> str:
    """The public addresses of services, one a line."""
    return "\n".join(f"{public_url}/services/{each}" for each in service_ids)


def _chosen(session: Session, notice: Notice) -> list[str]:
    """Ids of the services that a message to a person tells of."""
    said = session.scalar(select(PersonMessage.services).where(PersonMessage.notice_id == notice.id))
    return said.split("|") if said else []


def _fields(
    session: Session, loop: Loop, notice: Notice, kind: Template, public_url: str, now: datetime
) -> dict[str, str]:
    if kind.to == PARTNER:
        facts = {"phone": loop.policy.text("adopter", "phone"), "spoc": _spoc(loop), "minutes": _minutes(loop)}
        return facts | partner_letters.said(session, loop, notice, public_url)
    referral = session.get(Referral, notice.referral_id) if notice.referral_id else None
    urgent = referral is not None and referral.urgency in URGENT
    until = working_time.after(loop.policy, now, loop.policy.span(kind.timer, urgent))
    fields = {
        "organization": _organization(session, notice, referral),
        "reference": referral.reference if referral else "",
        "respond_by": _day(working_time.today(until)),
        "phone": loop.policy.text("adopter", "phone"),
    }
    if kind.to == PERSON:
        return fields | {"links": links(public_url, _chosen(session, notice))}
    if notice.template == CODE:
        code = session.get_one(LinkCode, notice.link_code_id)
        return fields | {"code": link_codes.shown(link_codes.opened(loop, code)), "minutes": _minutes(loop)}
    if referral is not None and notice.template not in NO_LINK:
        live = locators.live(session, referral.id, now, notice.to_second)
        assert live is not None  # `refusal` was asked first, in this transaction
        fields["link"] = f"{public_url}/r/{locators.token_again(loop.keys, live)}"
    return fields


def _spoc(loop: Loop) -> str:
    """Who runs this directory, on one line."""
    return " ".join(loop.policy.text("adopter", "name").split())[:NAME_LENGTH]


def _minutes(loop: Loop) -> str:
    return str(loop.policy.number("link", "code_minutes"))


def _organization(session: Session, notice: Notice, referral: Referral | None) -> str:
    """The provider's own name, on one line."""
    name = referral.organization if referral else ""
    mailbox = session.get(Mailbox, notice.mailbox_id) if not referral and notice.mailbox_id else None
    service = session.get(Service, mailbox.service_id) if mailbox else None
    organization = session.get(Organization, service.organization_id) if service else None
    return " ".join((name or (organization.name if organization else "")).split())[:NAME_LENGTH]


def _address(session: Session, loop: Loop, notice: Notice) -> str:
    if notice.mailbox_id:
        return mailboxes.address(loop, session.get_one(Mailbox, notice.mailbox_id), notice.to_second)
    contact = session.get_one(SafeContact, notice.safe_contact_id)
    address = safe_contacts.opened(session, loop, contact).value
    if not address:
        raise Erased("What we held about this person has been erased.", "Nothing was sent.")
    return address


def _day(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"
