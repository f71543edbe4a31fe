"""What staff decide of a registration: two different people agree and it is published, or it is sent back or refused.

Nothing of a registration is in the record before the second person agrees to the very version that the first agreed to.
"""

from collections.abc import Sequence
from datetime import date
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory import records
from directory.draft import ServiceDraft
from directory.editing import hand, proposals
from directory.errors import BadInput, Conflict
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.partners import claims, mailbox_codes, members, registrations, verifying
from directory.partners.drafting import SOURCE
from directory.partners.oscr import Register
from directory.partners.registrations import APPROVED, REFUSED, RETURNED, SUBMITTED, TABLE, Kept
from directory.partners.tables import (
    Partner,
    PartnerMember,
    PartnerService,
    Registration,
    RegistrationApproval,
)
from directory.partners.verifying import CALL, TERMS, Look
from directory.places.reading import fold
from directory.referrals import audit, mailboxes, partner_letters, tasks
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.mailboxes import Rung
from directory.tables import Service
from directory.values import Visibility

SAID_LIMIT = 2_000
BY = SOURCE.id
"""Who wrote it, as the record's history has it: the partner itself, through us."""
PAGES = "/partners"
TWICE = ("You have agreed to this already.", "Ask somebody else to look at it as well.")
KNOWN = (
    "This organisation is a partner already, and whoever registered this is none of its owners.",
    "Ask its owner to invite them. If it is another organisation, send this back and ask how the two differ.",
)


def approve(loop: Loop, ask: Ask, registration_id: str, register: Register | None = None) -> Answer:
    """One person's agreement with the version they saw; the second, of another, publishes it: {"published"}.

    Raises Conflict when the same person agrees twice, a check is missing, or it was changed; Forbidden for one's own;
    BadInput for what the record cannot hold; NotFound.
    """

    def do(session: Session) -> Answer:
        row = verifying.open_row(session, loop, ask, registration_id)
        second = bool(verifying.agreed(session, row))
        if second:  # the first writes nothing into the record, not even its source
            _hold(session, row)
        found = verifying.look(session, loop, row, ask.at, register)
        if found.missing:
            first = found.missing[0]
            raise Conflict(f"Not yet: “{first.words}” is still to do.", "Look at the list of checks.")
        if ask.who.id in {each.by for each in found.agreed}:
            raise Conflict(*TWICE)
        _partner_of(session, loop, found.kept)  # said to the first who agrees, not to the second
        _check_claim(session, loop, found)
        session.add(RegistrationApproval(registration_id=row.id, version=row.version, account_id=ask.who.id, at=ask.at))
        session.flush()
        published = second and bool(found.agreed)
        if published:
            _publish(session, loop, ask, row, found)
        purpose = "published" if published else "first"
        audit.note(
            session, ask.who, ask.at, "approve", TABLE, row.id,
            purpose=purpose, state_from=SUBMITTED, state_to=row.state,
        )  # fmt: skip
        return {"id": row.id, "version": row.version, "published": published}

    return loop.once(ask, "registration.approve", {"id": registration_id, "version": ask.version}, do)


def send_back(loop: Loop, ask: Ask, registration_id: str, said: str) -> Answer:
    """They may change it, and read what was said. Raises BadInput (field "said"), Conflict, Forbidden, NotFound."""
    return _answered(loop, ask, registration_id, said, RETURNED)


def refuse(loop: Loop, ask: Ask, registration_id: str, said: str) -> Answer:
    """It is over; they read why. Raises as `send_back`."""
    return _answered(loop, ask, registration_id, said, REFUSED)


def _answered(loop: Loop, ask: Ask, registration_id: str, said: str, state: str) -> Answer:
    plain = said.replace("\r\n", "\n").strip()
    if not plain:
        raise BadInput("Say why, in a sentence that they can act on.", "They read it.", "said")
    if len(plain) > SAID_LIMIT:
        raise BadInput(f"This has {len(plain):,} characters.", f"Shorten it to {SAID_LIMIT:,}.", "said")

    def do(session: Session) -> Answer:
        row = verifying.open_row(session, loop, ask, registration_id)
        kept = registrations.read(loop, row)
        row.said_sealed = loop.own.seal(plain, TABLE, row.id, "said")
        row.state, row.changed_at, row.version = state, ask.at, row.version + 1
        row.decided_at = ask.at if state == REFUSED else None
        tasks.settle_object(session, row.id, registrations.TASK, ask.who.id, ask.at)
        path = f"{PAGES}/registrations/{row.id}"
        partner_letters.queue(session, loop, "partner_returned", kept.email, ask.at, path=path)
        audit.note(
            session, ask.who, ask.at, "change", TABLE, row.id, purpose=state, state_from=SUBMITTED, state_to=state
        )
        return {"id": row.id, "version": row.version}

    body = {"id": registration_id, "said": loop.keys.mac("registration said", plain), "state": state}
    return loop.once(ask, f"registration.{state}", body, do)


def _hold(session: Session, row: Registration) -> None:
    """Until this transaction ends nobody else agrees, and nobody changes what is claimed: what is read from now on of
    partners, their claims and the record stays so. All is held in one go, for two who hold it bit by bit may wait for
    each other."""
    records.ensure_source(session, SOURCE)
    claimed = session.scalar(select(Service.id).where(Service.id == row.claims_service_id))
    rows = hand.rows_of(session, claimed) if claimed else []
    hand.lock_sources(session, [SOURCE.id, *session.scalars(select(Service.source_id).where(Service.id.in_(rows)))])


def _publish(session: Session, loop: Loop, ask: Ask, row: Registration, found: Look) -> None:
    kept = found.kept
    partner = _partner_of(session, loop, kept) or _new_partner(session, loop, ask, kept)
    owns = _write(session, ask, found.drafts)
    for own, draft in zip(owns, found.drafts, strict=True):
        claims.set_apart(session, own, found.likely.get(draft.source_id, ()), ask.who.id, ask.at)
    if found.claimed is not None:
        _claim(session, ask, owns[0], found)
        owns[0] = found.claimed.id
    for place, own in enumerate(owns):
        how = "claimed" if found.claimed is not None and place == 0 else "registered"
        _keeps(session, partner, own, how, ask)
        _mailbox(session, loop, ask, own, found)
    row.state, row.decided_at, row.changed_at, row.partner_id = APPROVED, ask.at, ask.at, partner.id
    tasks.settle_object(session, row.id, registrations.TASK, ask.who.id, ask.at)
    partner_letters.queue(session, loop, "partner_approved", kept.email, ask.at, path=f"{PAGES}/mine")


def _write(session: Session, ask: Ask, drafts: Sequence[ServiceDraft]) -> list[str]:
    """Into the record, by its one writer; each service is confirmed by its provider from this moment."""
    writer = records.Writer(session, SOURCE.id, ask.at, BY)
    for draft in drafts:
        writer.write(draft)
    writer.finish()
    owns = [records.service_id(SOURCE.id, draft.source_id) for draft in drafts]
    for own in owns:
        assurance.say(session, own, State.PROVIDER_CONFIRMED, BY, ask.at)
    return owns


def _check_claim(session: Session, loop: Loop, found: Look) -> None:
    """Raises Conflict for a service that is not there any more, or that another partner keeps true."""
    if not found.kept.claims_service_id:
        return
    if found.claimed is None:
        raise Conflict("The service that they claim cannot be found here any more.", "Send it back, and say so.")
    holder, own = claims.kept_by(session, found.claimed.id), _partner_of(session, loop, found.kept)
    if holder and (own is None or own.id != holder):
        advice = "Talk to both before you decide. Nothing is taken from a partner here."
        raise Conflict("Another partner keeps the service that they claim.", advice)


def _claim(session: Session, ask: Ask, own: str, found: Look) -> None:
    """Joined under the id it had. A place that its provider says is confidential is so at once, in every row."""
    claimed, draft = found.claimed, found.drafts[0]
    assert claimed is not None
    rows = hand.rows_of(session, claimed.id)
    hand.lock(session, rows)
    if draft.premises.visibility is Visibility.UNDISCLOSED and not claimed.withheld:
        hand.withhold(session, rows, draft.name, ask.who.id, ask.at)
        proposals.forget(session, rows, draft.name, ask.who.id, ask.at)
    claims.join(session, own, claimed.id, ask.who.id, ask.at)


def _keeps(session: Session, partner: Partner, service_id: str, how: str, ask: Ask) -> None:
    same = (PartnerService.partner_id == partner.id, PartnerService.service_id == service_id)
    before = session.scalar(select(PartnerService).where(*same))
    if before is not None:
        before.ended_at = None
        return
    session.add(PartnerService(partner_id=partner.id, service_id=service_id, how=how, since=ask.at))


def _mailbox(session: Session, loop: Loop, ask: Ask, service_id: str, found: Look) -> None:
    """Where its referrals go, proved by the call and by the same two people; one in use is not replaced here."""
    call, terms, first = found.check(CALL), found.check(TERMS), found.agreed[0]
    assert call.at is not None  # or it would be missing
    agreed_on = date.fromisoformat(terms.found_at) if terms.is_done else None
    rung = Rung(call.at, call.found_at, first.by, first.at, agreed_on)
    to = found.kept.answers.referrals
    mailboxes.take_in(session, loop, ask, service_id, to.email, to.second, rung)


def _partner_of(session: Session, loop: Loop, kept: Kept) -> Partner | None:
    """The partner that whoever registers is an owner of, where it is this organization; None: it is a new one.

    Raises Conflict when the organization is a partner already, and they are none of its owners; so too when its name is
    that of theirs and its charity number another's, or the other way round.
    """
    who = kept.answers.organization
    owner = (PartnerMember.role == members.OWNER, PartnerMember.joined_at.is_not(None), PartnerMember.left_at.is_(None))
    mine = PartnerMember.email_mac.in_(mailbox_codes.macs(loop.keys, kept.email))
    owned = set(session.scalars(select(PartnerMember.partner_id).where(*owner, mine)))
    same = [
        each
        for each in session.scalars(select(Partner).where(Partner.closed_at.is_(None)).order_by(Partner.made_at))
        if (who.charity_number and each.charity_number == who.charity_number) or fold(each.name) == fold(who.name)
    ]
    if not same:
        return None
    if not owned.issuperset(each.id for each in same):
        raise Conflict(*KNOWN)
    return same[0]


def _new_partner(session: Session, loop: Loop, ask: Ask, kept: Kept) -> Partner:
    who = kept.answers.organization
    partner = Partner(id=str(uuid4()), name=who.name, charity_number=who.charity_number, made_at=ask.at)
    session.add(partner)
    session.flush()
    members.first_owner(session, loop, partner.id, kept.email, kept.answers.contact.name, ask.who.id, ask.at)
    audit.note(session, ask.who, ask.at, "create", "partner", partner.id)
    return partner
