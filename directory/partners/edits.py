"""A partner changes what is written of its services: what could hurt waits for staff, the rest is public at once and
looked at afterwards in part. The last agreed version stays public meanwhile.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.editing import current, fields, proposal_views, proposals
from directory.editing.current import Current
from directory.editing.proposal_views import Line
from directory.editing.proposals import PARTNER, Proposer
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import duplicates
from directory.feeds.duplicates import Verdict
from directory.partners import hidden_places, members
from directory.partners.members import EDITS, OWNER, Membership
from directory.partners.tables import EditSample, Partner, PartnerMember, PartnerService
from directory.referrals import audit, mailboxes
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.tables import Mailbox
from directory.tables import Service

STAFFS_OWN = frozenset({"alert"})
"""Words of ours to our own workers."""
ELSEWHERE = "room"
"""Its page stands on its own: one tap, without an account."""
GROUPS = tuple(group for group in fields.GROUPS if group.code != ELSEWHERE)
FINE, WRONG = "fine", "wrong"
RUNS = "active"
LISTED = 100


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own service as it counts now. `others`: ids of rows in it that are somebody else's (`strangers`)."""

    membership: Membership
    now: Current
    waiting: tuple[Line, ...]
    others: tuple[str, ...]

    @property
    def shared(self) -> bool:
        """Whether somebody else's word counts in it too: then every change waits."""
        return bool(self.others)


@dataclass(frozen=True, slots=True)
class Sample:
    """An edit that was public at once. `result`: "", or what somebody found who looked."""

    id: int
    service_id: str
    service: str
    partner: str
    labels: tuple[str, ...]
    by: str
    made_at: datetime
    result: str
    seen_by: str


@dataclass(frozen=True, slots=True)
class ProposedMailbox:
    """A mailbox that a partner wants its referrals to go to, and that nobody has proved."""

    service_id: str
    service: str
    proposed_at: datetime


def fields_of(group: str) -> tuple[fields.Field, ...]:
    """The fields of a page that partners may change."""
    return tuple(each for each in fields.of_group(group) if each.name not in STAFFS_OWN)


def needs_staff(found: Mine, name: str, value: Any = None, hides: bool = False) -> bool:
    """Whether a change of this field waits for us, to this value if it is given. `hides`: its place is made
    confidential with it."""
    return found.shared or fields.needs_two(name, found.now.withheld or hides, of_partner=True, value=value)


def read(session: Session, account_id: str, service_id: str) -> Mine:
    """Raises NotFound, also for another's service; Forbidden for who may not edit."""
    membership = members.member(session, account_id, service_id).check(EDITS)
    now = current.read(session, service_id)
    others = strangers(session, now.rows, kept_by(session, membership.partner_id))
    return Mine(membership, now, proposal_views.of_service(session, now.rows), others)


def kept_by(session: Session, partner_id: str) -> frozenset[str]:
    """The rows that a partner keeps, by their ids."""
    kept = (PartnerService.partner_id == partner_id, PartnerService.ended_at.is_(None))
    return frozenset(session.scalars(select(PartnerService.service_id).where(*kept)))


def is_shared(session: Session, rows: Sequence[str], kept: Collection[str]) -> bool:
    """Whether a row counts in the service that no person has joined to one of those the partner keeps: a list's reading
    may have joined somebody else's. `rows`: all that count in it (`hand.rows_of`)."""
    return bool(strangers(session, rows, kept))


def strangers(session: Session, rows: Sequence[str], kept: Collection[str]) -> tuple[str, ...]:
    """Those rows of a service that no person has joined to one of those the partner keeps."""
    own = [row for row in rows if row in kept]
    return tuple(row for row in rows if row not in kept and not _is_joined(session, own, row))


def _is_joined(session: Session, own: Sequence[str], row: str) -> bool:
    said = (duplicates.standing(session, each, row) for each in own)
    return any(each is not None and each.is_persons and each.counts is Verdict.SAME for each in said)


def edit(
    loop: Loop, ask: Ask, service_id: str, values: Mapping[str, Any], seen: str, note: str = "", public_name: str = ""
) -> Answer:
    """{"live", "proposal", "waits", "withheld"} as `proposals.Sent`.

    A place that is made confidential waits for nobody. Raises as `read` and `proposals.edit` do; BadInput for a field
    that is not theirs.
    """
    allowed = {field.name for group in GROUPS for field in fields_of(group.code)}
    if values.keys() - allowed:
        raise BadInput("That field is not yours to change.", "Ring us.")

    def do(session: Session) -> Answer:
        found = read(session, ask.who.id, service_id)
        who = Proposer(ask.who.id, PARTNER)
        sent = proposals.edit(
            session, service_id, values, seen, who, ask.at, note, public_name, others=found.others
        )  # fmt: skip
        if sent.withheld:
            _forget_proposals(session, found, ask)
            hidden_places.forget(session, loop, service_id)
        names = (*sent.live, *(["premises"] if sent.withheld else []))
        if names and (sent.withheld or _closes(values, sent.live) or _is_drawn(loop)):
            partner_id = found.membership.partner_id
            sample = EditSample(service_id=found.now.id, partner_id=partner_id, account_id=ask.who.id, made_at=ask.at)
            sample.fields = "|".join(sorted(names))
            session.add(sample)
        changed = (*names, *(["proposal"] if sent.proposal else []))
        audit.note(session, ask.who, ask.at, "change", "service", found.now.id, purpose="partner_edit", fields=changed)
        return {
            "live": list(sent.live), "proposal": sent.proposal, "waits": list(sent.waits), "withheld": sent.withheld
        }  # fmt: skip

    words = json.dumps([dict(values), note, public_name], sort_keys=True)
    return loop.once(
        ask, "partner.edit", {"service": service_id, "mac": loop.keys.mac("body", words), "seen": seen}, do
    )


def _forget_proposals(session: Session, found: Mine, ask: Ask) -> None:
    """What theirs proposed while it was open, and what is filed under somebody else's row, may tell the place too."""
    theirs = select(PartnerMember.account_id).where(
        PartnerMember.partner_id == found.membership.partner_id, PartnerMember.account_id.is_not(None)
    )
    accounts = [each for each in session.scalars(theirs) if each]
    proposals.forget(session, found.others, proposals.NAMELESS, ask.who.id, ask.at, of=accounts)


def _closes(values: Mapping[str, Any], live: Collection[str]) -> bool:
    """Whether it says that the service runs no more: somebody looks at that always."""
    return "status" in live and values["status"] != RUNS


def _is_drawn(loop: Loop) -> bool:
    return secrets.randbelow(max(loop.policy.number("partners", "sample_one_in"), 1)) == 0


def own_proposals(session: Session, account_id: str) -> tuple[Line, ...]:
    """What one has proposed, and what came of it, the newest first."""
    return proposal_views.mine(session, Proposer(account_id, PARTNER))


def withdraw(loop: Loop, ask: Ask, number: int) -> Answer:
    """Takes one's own proposal back. Raises NotFound, also for another's; Conflict once it is decided."""

    def do(session: Session) -> Answer:
        if number not in {line.id for line in own_proposals(session, ask.who.id)}:
            raise NotFound(*members.GONE)
        proposals.withdraw(session, number, Proposer(ask.who.id, PARTNER), ask.at)
        audit.note(session, ask.who, ask.at, "change", "service_proposal", str(number), purpose="withdraw")
        return {"number": number}

    return loop.once(ask, "partner.withdraw", {"number": number}, do)


def propose_mailbox(loop: Loop, ask: Ask, service_id: str, email: str, second: str = "") -> Answer:
    """An owner says where referrals should go from now on: nothing goes there before staff have proved it, by a call to
    a number that they found themselves and two people. Raises as `read` and `mailboxes.propose` do."""
    with loop.database.reading() as session:
        members.member(session, ask.who.id, service_id).check((OWNER,))
    return mailboxes.propose(loop, ask, service_id, email, second)


def proposed_mailboxes(session: Session) -> list[ProposedMailbox]:
    """Of partners' services, what waits to be proved, the oldest first."""
    query = (
        select(Service.id, Service.name, Mailbox.proposed_at)
        .join(Mailbox, Mailbox.service_id == Service.id)
        .where(Mailbox.verified_at.is_(None), Mailbox.replaced_at.is_(None))
        .where(Service.id.in_(select(PartnerService.service_id).where(PartnerService.ended_at.is_(None))))
    )
    rows = session.execute(query.order_by(Mailbox.proposed_at, Mailbox.id))
    return [ProposedMailbox(own, name, utc(at)) for own, name, at in rows]


def samples(session: Session) -> list[Sample]:
    """Edits that were public at once: those that nobody has looked at first, the oldest of them before all."""
    query = (
        select(EditSample, Service.name, Partner.name)
        .join(Service, Service.id == EditSample.service_id)
        .join(Partner, Partner.id == EditSample.partner_id)
        .order_by(EditSample.seen_at.is_not(None), EditSample.made_at, EditSample.id)
    )
    return [
        Sample(
            row.id, row.service_id, service, partner, tuple(map(fields.label, row.fields.split("|"))), row.account_id,
            utc(row.made_at), row.result, row.seen_by,
        )
        for row, service, partner in session.execute(query.limit(LISTED))
    ]  # fmt: skip


def looked_at(loop: Loop, ask: Ask, sample_id: int, result: str) -> Answer:
    """Somebody of staff looked at one: it is fine, or wrong and put right. Raises BadInput, NotFound, Conflict."""
    if result not in (FINE, WRONG):
        raise BadInput("Say what you found.", "Choose one.", "result")

    def do(session: Session) -> Answer:
        row = session.get(EditSample, sample_id, with_for_update=True)
        if row is None:
            raise NotFound("There is no such edit.", "Look at the list.")
        if row.result:
            raise Conflict("Somebody has looked at this already.", "Look at the list.")
        row.result, row.seen_by, row.seen_at = result, ask.who.id, ask.at
        audit.note(session, ask.who, ask.at, "change", "edit_sample", str(sample_id), purpose=result)
        return {"id": sample_id}

    return loop.once(ask, "partner.sample", {"id": sample_id, "result": result}, do)
