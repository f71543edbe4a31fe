"""What must hold before a referral leaves: each rule by name, with what can be done instead when it is broken."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.errors import BadInput, NotReady, WaymarkError
from directory.feeds.listing import DROPPED
from directory.referrals import agreements, alternatives, codes, exclusions, mailboxes, policy, safe_contacts
from directory.referrals.asking import Who
from directory.referrals.lifecycle import LABELS, LIVE, Actor, State
from directory.referrals.loop import Loop, is_over
from directory.referrals.tables import Case, Mailbox, Need, Referral
from directory.tables import Service

NOW = "now"
SILENT = "none"
RULES = (
    "case", "need", "service", "agreement", "exclusion", "safe_contact", "live", "mailbox", "sharing_terms", "eligible",
    "override_reason", "urgency", "phone_hand_over",
)  # fmt: skip
"""Every rule by the name that a refusal gives as its field."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that forbids the sending, why, and what to do instead."""

    rule: str
    message: str
    advice: str


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether the service takes this person, as the matcher says. `eligible` None: it could not be asked now."""

    eligible: bool | None
    reasons: tuple[str, ...] = ()


def fit(loop: Loop, referral_id: str) -> Fit:
    """Asks the matcher; call it outside any transaction. Raises NotFound."""
    with loop.database.reading() as session:
        wanted = replace(alternatives.wanted(session, loop, referral_id), without=frozenset())
        service_id = session.scalars(select(Referral.service_id).where(Referral.id == referral_id)).one()
    try:
        return Fit(*loop.next_best.eligible(wanted, service_id))
    except (NotReady, BadInput):
        return Fit(None)


def check(session: Session, loop: Loop, referral: Referral, who: Who, at: datetime, fit: Fit) -> None:
    """Raises BadInput (NotReady when the adopter has not decided) for the first rule broken; its field is the rule."""
    loop.policy.check(policy.TO_SEND)
    for broken in rules_broken(session, loop, referral, who, at, fit):
        raise BadInput(broken.message, broken.advice, broken.rule)


def rules_broken(
    session: Session, loop: Loop, referral: Referral, who: Who, at: datetime, fit: Fit
) -> Iterator[Broken]:
    """Every rule that forbids the sending now, in the order a worker mends them; a page lists them all."""
    yield from _case_and_need(session, referral)
    yield from _service(session, referral)
    yield from _agreement(session, loop, referral, at)
    yield from _person(session, referral)
    yield from _live_already(session, referral)
    yield from _mailbox(loop, mailboxes.current(session, referral.service_id), who, at)
    yield from _fits(referral, fit)
    yield from _urgency(referral)


def _case_and_need(session: Session, referral: Referral) -> Iterator[Broken]:
    case, need = session.get_one(Case, referral.case_id), session.get_one(Need, referral.need_id)
    if case.erased_at is not None or referral.erased_at is not None:
        yield Broken("case", "What we held about this person has been erased.", "Open a new case.")
    if need.state in ("met", "ended"):
        yield Broken("need", f"The need it is for is {need.state}.", "Open the need again first, or choose another.")


def _service(session: Session, referral: Referral) -> Iterator[Broken]:
    service = session.get(Service, referral.service_id)
    if service is None or service.status != "active" or service.listing == DROPPED:
        advice = "Ring it before you tell anybody of it, or choose the next best one."
        yield Broken("service", "The directory no longer has this service as open.", advice)


def _agreement(session: Session, loop: Loop, referral: Referral, at: datetime) -> Iterator[Broken]:
    try:
        agreements.check_to_send(session, loop, referral, at)
    except WaymarkError as error:
        yield Broken("agreement", error.message, error.advice)


def _person(session: Session, referral: Referral) -> Iterator[Broken]:
    if is_excluded(session, referral.case_id, referral.service_id):
        yield Broken("exclusion", "This service must not have this person.", "Choose another one.")
    contact = safe_contacts.current(session, referral.case_id)
    if contact is None:
        yield Broken("safe_contact", "No safe way to reach the person is recorded.", "Ask them how, then record it.")
    elif contact.channel == SILENT:
        advice = "Tell the person of the service and let them go themselves, or ask whether a worker may be rung."
        yield Broken("safe_contact", "The person wants nobody to contact them.", advice)


def is_excluded(session: Session, case_id: str, service_id: str) -> bool:
    """Whether the person named the service or its organization unsafe, or it must not have this person."""
    organization = select(Service.organization_id).where(Service.id == service_id)
    return bool({service_id, session.scalar(organization)} & exclusions.ids(session, case_id))


def _live_already(session: Session, referral: Referral) -> Iterator[Broken]:
    same = (Referral.need_id == referral.need_id, Referral.service_id == referral.service_id)
    query = select(Referral).where(*same, Referral.state.in_(sorted(LIVE)), Referral.id != referral.id)
    for other in session.scalars(query):
        message = f"This service has a referral for the same need already: it is {LABELS[State(other.state)]}."
        yield Broken("live", message, f"Go on with {other.reference}.")


def _mailbox(loop: Loop, mailbox: Mailbox | None, who: Who, at: datetime) -> Iterator[Broken]:
    if mailbox is None:
        advice = "Have its address proved by two of you and a call, or tell the person of it and ask how they got on."
        yield Broken("mailbox", "This service has no proved address for referrals.", advice)
        return
    if mailbox.bounced_at is not None:
        yield Broken("mailbox", "Messages to this service come back.", "Ring it, and have a new address proved.")
    most = timedelta(days=loop.policy.number("sending", "mailbox_days"))
    if mailbox.confirmed_at is None or is_over(mailbox.confirmed_at, most, at):
        advice = "Ring the service to ask whether the address is still theirs, and note it."
        yield Broken("mailbox", f"Nobody has proved its address for {most.days} days.", advice)
    new = mailbox.usable_from is None or utc(mailbox.usable_from) > at
    if new and who.kind is not Actor.SUPERVISOR:
        advice = "Wait until then, or ask a supervisor to send it."
        yield Broken("mailbox", "Its address was proved only just now.", advice)
    if mailbox.terms_agreed_on is None:
        advice = "Agree the data-sharing terms with the service, and note the day."
        yield Broken("sharing_terms", "There are no data-sharing terms with this service yet.", advice)


def _fits(referral: Referral, fit: Fit) -> Iterator[Broken]:
    if referral.override_reason:
        if referral.override_reason not in codes.codes("override"):
            yield Broken("override_reason", "Choose the reason from the list.", "Then send it again.")
    elif fit.eligible is None:
        advice = "Ring the service and ask, then say why you send it all the same."
        yield Broken("eligible", "Whether it takes this person cannot be checked now.", advice)
    elif not fit.eligible:
        reasons = " ".join(fit.reasons)
        advice = "Choose the next best one, or say why you send it all the same."
        yield Broken("eligible", f"This service may not take this person. {reasons}".strip(), advice)


def _urgency(referral: Referral) -> Iterator[Broken]:
    if referral.urgency not in codes.codes("urgency"):
        yield Broken("urgency", "Say how urgent it is.", "Choose today, within days or within weeks.")
    elif referral.urgency == NOW and referral.phone_hand_over_at is None:
        advice = "Ring the service, then note when you did; the referral goes beside the call."
        yield Broken("phone_hand_over", "What is for today is never sent alone.", advice)
