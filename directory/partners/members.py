"""Who acts for which partner, and which services are theirs: asked anew for every page, so a leaver is out at once.

Somebody comes as a mailbox they proved (`doors.Inside`), or as an account with its second factor (its id). Whatever is
not theirs is not there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from directory.accounts.tables import Account
from directory.errors import Forbidden, NotFound
from directory.partners import mailbox_codes
from directory.partners.doors import Inside
from directory.partners.tables import Partner, PartnerMember, PartnerService
from directory.referrals.loop import Loop
from directory.tables import Service

TABLE = "partner_member"
OWNER, EDITOR, ANSWERER = "owner", "editor", "answerer"
ROLES = {
    OWNER: "Owner: everything, and who else belongs here",
    EDITOR: "Editor: keeps what is written of the services true",
    ANSWERER: "Answerer: answers referrals and says whether there is room",
}
EDITS, ANSWERS = (OWNER, EDITOR), (OWNER, ANSWERER)
"""Who may change facts; who may see and answer referrals."""
GONE = ("There is no such page.", "Look at your own list.")


@dataclass(frozen=True, slots=True)
class Membership:
    """One person's part in one partner. `account_id` is "" until they have an account."""

    id: str
    partner_id: str
    partner: str
    role: str
    account_id: str
    version: int

    def check(self, roles: Collection[str]) -> "Membership":
        """Itself, when its role is among these. Raises Forbidden."""
        if self.role not in roles:
            raise Forbidden("Your part here does not allow this.", "Ask an owner of your organisation.")
        return self


@dataclass(frozen=True, slots=True)
class OwnService:
    """A service that somebody keeps true, and as what."""

    partner_id: str
    partner: str
    service_id: str
    name: str
    role: str


def partners_of(session: Session, who: Inside | str) -> list[Membership]:
    """What somebody belongs to now, by the partner's name; nothing for a stranger, somebody invited, a leaver, or
    whose account was shut."""
    query = select(PartnerMember, Partner).join(Partner, Partner.id == PartnerMember.partner_id)
    rows = session.execute(query.where(*_now(who)).order_by(Partner.name, Partner.id))
    return [_membership(row, partner) for row, partner in rows]


def services_of(session: Session, who: Inside | str) -> list[OwnService]:
    """The services that somebody's partners keep true, by name."""
    query = (
        select(PartnerMember, Partner, Service.id, Service.name)
        .join(Partner, Partner.id == PartnerMember.partner_id)
        .join(PartnerService, PartnerService.partner_id == Partner.id)
        .join(Service, Service.id == PartnerService.service_id)
        .where(PartnerService.ended_at.is_(None))
    )
    rows = session.execute(query.where(*_now(who)).order_by(Service.name, Service.id))
    return [OwnService(partner.id, partner.name, own, name, row.role) for row, partner, own, name in rows]


def member(session: Session, who: Inside | str, service_id: str) -> Membership:
    """Somebody's part in the partner that keeps this service true. Raises NotFound, for another's service too."""
    query = (
        select(PartnerMember, Partner)
        .join(Partner, Partner.id == PartnerMember.partner_id)
        .join(PartnerService, PartnerService.partner_id == Partner.id)
        .where(PartnerService.service_id == service_id, PartnerService.ended_at.is_(None))
    )
    found = session.execute(query.where(*_now(who)).order_by(Partner.id)).first()
    if found is None:
        raise NotFound(*GONE)
    return _membership(*found)


def of_partner(session: Session, who: Inside | str, partner_id: str) -> Membership:
    """Somebody's part in this partner. Raises NotFound, for another's too."""
    found = [each for each in partners_of(session, who) if each.partner_id == partner_id]
    if not found:
        raise NotFound(*GONE)
    return found[0]


def first_owner(
    session: Session, loop: Loop, partner_id: str, email: str, name: str, by: str, at: datetime
) -> PartnerMember:
    """The owner whose mailbox was proved by the registration that made a partner, in the caller's transaction.

    `by`: the account that agreed second. They act by their mailbox alone until they set an account up.
    """
    row = put(session, loop, partner_id, email, name, OWNER, by, at)
    row.joined_at = at
    return row


def put(
    session: Session, loop: Loop, partner_id: str, email: str, name: str, role: str, by: str, at: datetime
) -> PartnerMember:
    """A row for somebody new, in the caller's transaction; they belong to it once `joined_at` is set."""
    row = PartnerMember(id=str(uuid4()), partner_id=partner_id, role=role, invited_at=at, invited_by=by)
    row.email_mac = mailbox_codes.mac(loop.keys, email)
    row.email_sealed = loop.own.seal(email, TABLE, row.id, "email")
    row.name_sealed = loop.own.seal(name, TABLE, row.id, "name")
    session.add(row)
    session.flush()
    return row


def email_of(loop: Loop, row: PartnerMember) -> str:
    """A member's mailbox. Raises Unreadable."""
    return loop.own.open(row.email_sealed, TABLE, row.id, "email")


def mailboxes_of(session: Session, loop: Loop, service_id: str, roles: Collection[str] = EDITS) -> list[str]:
    """Where letters about a service go: the mailboxes of those in these roles now. Raises Unreadable."""
    query = (
        select(PartnerMember)
        .join(Partner, Partner.id == PartnerMember.partner_id)
        .join(PartnerService, PartnerService.partner_id == Partner.id)
        .where(PartnerService.service_id == service_id, PartnerService.ended_at.is_(None))
        .where(*_LIVE, PartnerMember.role.in_(roles))
    )
    return [email_of(loop, row) for row in session.scalars(query.order_by(PartnerMember.invited_at, PartnerMember.id))]


_LIVE = (
    PartnerMember.joined_at.is_not(None),
    PartnerMember.left_at.is_(None),
    Partner.closed_at.is_(None),
    # whose account was shut is out by their mailbox and their phones too
    ~exists().where(Account.id == PartnerMember.account_id, Account.disabled_at.is_not(None)),
)


def _now(who: Inside | str) -> tuple[ColumnElement[bool], ...]:
    own = PartnerMember.email_mac.in_(who.macs) if isinstance(who, Inside) else PartnerMember.account_id == who
    return (*_LIVE, own)


def _membership(row: PartnerMember, partner: Partner) -> Membership:
    return Membership(row.id, partner.id, partner.name, row.role, row.account_id or "", row.version)
