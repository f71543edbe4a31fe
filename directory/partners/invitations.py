"""Somebody is asked to join a partner: by a letter without a way in, a code to their mailbox, and an account whose
second factor they set up before they see anything.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory import mail
from directory.accounts import actions, passwords, policy
from directory.accounts.actions import NewAccount
from directory.accounts.tables import Account, AccountRole, utc
from directory.errors import BadInput, Conflict, NotFound
from directory.partners import mailbox_codes, members, team
from directory.partners.doors import Inside
from directory.partners.members import OWNER, ROLES, TABLE
from directory.partners.tables import Partner, PartnerMember
from directory.referrals import audit, partner_letters
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, is_over

PATH = "/partners/join"
TEMPLATE = team.INVITED
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A partner that a mailbox may join, or has joined without an account so far (`joined`).

    `has_account`: there is an account of a partner's with this address already, so that no password is asked for.
    """

    id: str
    partner: str
    role: str
    joined: bool
    has_account: bool


def invite(loop: Loop, ask: Ask, partner_id: str, email: str, role: str) -> Answer:
    """Asks somebody to join; a letter tells them. Raises NotFound, Forbidden; BadInput at "email" or "role"; Conflict
    for who belongs to it or is asked already, and when too many are asked in a day."""
    plain = mail.address(email, "That", "email")
    if role not in ROLES:
        raise BadInput("Choose what they may do.", "Nobody was asked.", "role")

    def do(session: Session) -> Answer:
        team.lock(session, partner_id)
        partner = members.of_partner(session, ask.who.id, partner_id).check((OWNER,)).partner
        _check_new(session, loop, partner_id, plain, ask.at)
        row = members.put(session, loop, partner_id, plain, "", role, ask.who.id, ask.at)
        until = ask.at + _lasts(loop)
        partner_letters.queue(session, loop, TEMPLATE, plain, ask.at, path=PATH, organization=partner, until=until)
        audit.note(session, ask.who, ask.at, "create", TABLE, row.id, purpose="invite", fields=(f"role={role}",))
        return {"id": row.id, "partner_id": partner_id}

    body = {"partner": partner_id, "mac": mailbox_codes.mac(loop.keys, plain), "role": role}
    return loop.once(ask, "partner.invite", body, do)


def waiting(session: Session, loop: Loop, inside: Inside) -> list[Invitation]:
    """What a mailbox that was proved may join, or needs an account for."""
    account = actions.by_email(session, actions.user_name(inside.email))
    rows = session.execute(
        select(PartnerMember, Partner)
        .join(Partner, Partner.id == PartnerMember.partner_id)
        .where(PartnerMember.email_mac.in_(inside.macs), Partner.closed_at.is_(None), *_open())
        .order_by(Partner.name, PartnerMember.id)
    )
    return [
        Invitation(row.id, partner.name, row.role, row.joined_at is not None, account is not None)
        for row, partner in rows
        if _is_open(loop, row, loop.clock())
    ]


def accept(loop: Loop, ask: Ask, inside: Inside, member_id: str, name: str, password: str) -> Answer:
    """They join, with an account of their own: {"account_id", "made"}; `name` and `password` are for a new one.

    Takes long (a password is hashed). Raises NotFound, BadInput at "name" or "password", Conflict where their address
    signs in to something else, or their account was shut.
    """
    with loop.database.reading() as session:
        _held(session, loop, ask, inside, member_id)
        known = actions.by_email(session, actions.user_name(inside.email)) is not None
    new, kept = None, ""
    if not known:
        new = NewAccount.checked(inside.email, name, [policy.PARTNER])
        passwords.check(password, new.email, new.full_name)
        kept = passwords.hashed(password)

    def do(session: Session) -> Answer:
        row = _held(session, loop, ask, inside, member_id, lock=True)
        account = actions.by_email(session, actions.user_name(inside.email))
        made = account is None
        if account is None:
            if new is None:
                raise NotFound(*members.GONE)
            account = _made(session, new, kept, ask.at)
        else:
            _check_theirs(session, account, row)
        row.account_id, row.name_sealed, row.version = account.id, None, row.version + 1
        row.joined_at = row.joined_at or ask.at
        audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose="join", fields=(f"account={account.id}",))
        return {"account_id": account.id, "made": made}

    body = {"member": member_id, "mac": loop.keys.mac("body", name)}
    try:
        return loop.once(ask, "partner.join", body, do)
    except IntegrityError:  # another invitation of theirs has made the account meanwhile: this one joins it
        return loop.once(ask, "partner.join", body, do)


def _made(session: Session, new: NewAccount, kept: str, at: datetime) -> Account:
    account = Account(
        id=str(uuid4()), email=new.email, full_name=new.full_name, password_hash=kept, password_set_at=at,
        created_at=at,
    )  # fmt: skip
    session.add(account)
    session.flush()
    session.add_all(AccountRole(account_id=account.id, role=role) for role in sorted(new.roles))
    session.flush()
    return account


def _check_theirs(session: Session, account: Account, row: PartnerMember) -> None:
    """Raises Conflict unless it is an account of a partner's; one that was shut because they left is opened again."""
    if actions.held_roles(session, account.id) != {policy.PARTNER}:
        raise Conflict("This address signs in to our own pages.", "Ask to be invited with another one.")
    twice = (PartnerMember.account_id == account.id, PartnerMember.partner_id == row.partner_id)
    if session.scalar(select(PartnerMember.id).where(*twice, PartnerMember.left_at.is_(None))):
        raise Conflict("You belong to them already.", "Sign in.")
    if account.disabled_at is None:
        return
    left = session.scalars(select(PartnerMember.left_at).where(PartnerMember.account_id == account.id))
    if account.disabled_at not in list(left):
        raise Conflict("Your account here was shut.", "Ring us: we look at it together.")
    account.disabled_at = None


def _check_new(session: Session, loop: Loop, partner_id: str, email: str, at: datetime) -> None:
    own = (PartnerMember.partner_id == partner_id, PartnerMember.left_at.is_(None))
    macs = mailbox_codes.macs(loop.keys, email)
    for row in session.scalars(select(PartnerMember).where(*own, PartnerMember.email_mac.in_(macs))):
        if row.joined_at is not None:
            raise BadInput("They belong to you already.", "Look at the list.", "email")
        if _is_open(loop, row, at):
            raise BadInput("They are asked already.", "Take that back first, to ask them anew.", "email")
        row.left_at, row.email_sealed, row.name_sealed = at, None, None
    recent = (PartnerMember.partner_id == partner_id, PartnerMember.invited_at > at - DAY)
    count = session.scalars(select(func.count()).select_from(PartnerMember).where(*recent)).one()
    if count >= loop.policy.number("partners", "most_invitations"):
        raise Conflict("You have asked many people today.", "Go on tomorrow, or ring us.")


def _held(session: Session, loop: Loop, ask: Ask, inside: Inside, member_id: str, lock: bool = False) -> PartnerMember:
    query = select(PartnerMember).where(
        PartnerMember.id == member_id, PartnerMember.email_mac.in_(inside.macs), *_open()
    )
    row = session.scalar(query.with_for_update() if lock else query)
    if row is None or not _is_open(loop, row, ask.at):
        raise NotFound("There is no such invitation any more.", "Ask them to invite you anew.")
    return row


def _open() -> tuple:  # type: ignore[type-arg]
    return PartnerMember.left_at.is_(None), or_(PartnerMember.joined_at.is_(None), PartnerMember.account_id.is_(None))


def _is_open(loop: Loop, row: PartnerMember, at: datetime) -> bool:
    return row.joined_at is not None or not is_over(utc(row.invited_at), _lasts(loop), at)


def _lasts(loop: Loop) -> timedelta:
    return timedelta(days=loop.policy.number("partners", "invitation_days"))
