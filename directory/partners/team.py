"""A partner's people as its owners see and change them: other roles, and who leaves; one owner always stays."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from directory.accounts import actions, sessions
from directory.accounts.tables import Account, utc
from directory.errors import BadInput, Conflict, NotFound
from directory.partners import mailbox_codes, members, review_rounds
from directory.partners.members import OWNER, ROLES, TABLE
from directory.partners.tables import Partner, PartnerMember, PartnerService, PartnerSession
from directory.referrals import audit, link_sessions, partner_letters
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, check_version

INVITED = "partner_invited"
"""The letter that asks somebody to join."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who belongs to a partner, or is asked to. `joined_at` is None while they have not said yes."""

    id: str
    name: str
    email: str
    role: str
    joined_at: datetime | None
    invited_at: datetime
    has_account: bool
    is_self: bool
    version: int


def listed(session: Session, loop: Loop, account_id: str, partner_id: str) -> list[Person]:
    """A partner's people, for one of its owners. Raises NotFound, Forbidden, Unreadable."""
    members.of_partner(session, account_id, partner_id).check((OWNER,))
    own = (PartnerMember.partner_id == partner_id, PartnerMember.left_at.is_(None))
    rows = session.scalars(select(PartnerMember).where(*own))
    people = [_person(session, loop, row, account_id) for row in rows]
    return sorted(people, key=lambda each: (each.joined_at is None, each.name.casefold(), each.email))


def names_of(session: Session, partner_id: str) -> Mapping[str, str]:
    """Account ids of everybody who ever was of a partner → their names."""
    query = select(Account.id, Account.full_name).join(PartnerMember, PartnerMember.account_id == Account.id)
    rows = session.execute(query.where(PartnerMember.partner_id == partner_id))
    return {row.id: row.full_name for row in rows}


def change_role(loop: Loop, ask: Ask, member_id: str, role: str) -> Answer:
    """Another role for somebody; they are signed out everywhere. Raises NotFound, Forbidden, BadInput at "role",
    Conflict for the last owner."""
    if role not in ROLES:
        raise BadInput("Choose what they may do.", "Nothing was changed.", "role")

    def do(session: Session) -> Answer:
        row = held(session, ask, member_id)
        if role != OWNER:
            _check_not_last(session, row)
        row.role, row.version = role, row.version + 1
        _signed_out(session, loop, row, ask.at)
        audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose="role", fields=(f"role={role}",))
        return {"id": row.id, "partner_id": row.partner_id}

    return loop.once(ask, "partner.role", {"member": member_id, "role": role, "version": ask.version}, do)


def leave(loop: Loop, ask: Ask, member_id: str) -> Answer:
    """Somebody leaves, or an invitation is taken back: every way in ends at once. The account of who belongs to no
    other partner is shut. What they did stays theirs. Raises NotFound, Forbidden, Conflict for the last owner."""

    def do(session: Session) -> Answer:
        row = held(session, ask, member_id)
        _check_not_last(session, row)
        _signed_out(session, loop, row, ask.at)
        row.left_at, row.version = ask.at, row.version + 1
        session.flush()
        _keep_letters_back(session, loop, row)
        row.email_sealed = row.name_sealed = None
        session.flush()
        account = session.get(Account, row.account_id) if row.account_id else None
        if account is not None and not members.partners_of(session, account.id):
            actions.shut(session, account, ask.at)
        audit.note(session, ask.who, ask.at, "change", TABLE, row.id, purpose="leave")
        return {"id": row.id, "partner_id": row.partner_id}

    return loop.once(ask, "partner.leave", {"member": member_id, "version": ask.version}, do)


def held(session: Session, ask: Ask, member_id: str) -> PartnerMember:
    """One of a partner's people, held for one of its owners with all of that partner's rows: of two owners who remove
    each other at once, one is too late. Raises NotFound, also for another partner's; Forbidden, Conflict."""
    partner_id = session.scalar(select(PartnerMember.partner_id).where(PartnerMember.id == member_id))
    if partner_id is None:
        raise NotFound(*members.GONE)
    lock(session, partner_id)
    members.of_partner(session, ask.who.id, partner_id).check((OWNER,))
    row = session.get_one(PartnerMember, member_id)
    if row.left_at is not None:
        raise NotFound(*members.GONE)
    check_version(row.version, ask, "look at the list of your people")
    return row


def lock(session: Session, partner_id: str) -> None:
    """Holds every row of a partner's people until the transaction ends, and reads them anew."""
    own = select(PartnerMember).where(PartnerMember.partner_id == partner_id).order_by(PartnerMember.id)
    session.scalars(own.with_for_update().execution_options(populate_existing=True)).all()


def _check_not_last(session: Session, row: PartnerMember) -> None:
    others = select(PartnerMember.id).where(
        PartnerMember.partner_id == row.partner_id, PartnerMember.id != row.id, PartnerMember.role == OWNER,
        PartnerMember.joined_at.is_not(None), PartnerMember.left_at.is_(None),
    )  # fmt: skip
    if row.role == OWNER and row.joined_at is not None and session.scalar(others.limit(1)) is None:
        raise Conflict("This is the last owner.", "Make somebody else an owner first.")


def _signed_out(session: Session, loop: Loop, row: PartnerMember, at: datetime) -> None:
    """Of their account, of the links it opened, and of the mailbox, on phones too."""
    if row.account_id:
        sessions.end_all(session, row.account_id)
        link_sessions.end_account(session, row.account_id, at)
    if row.email_sealed is not None:
        macs = mailbox_codes.macs(loop.keys, members.email_of(loop, row))
        own = (PartnerSession.email_mac.in_(macs), PartnerSession.ended_at.is_(None))
        session.execute(update(PartnerSession).where(*own).values(ended_at=at))


def _keep_letters_back(session: Session, loop: Loop, row: PartnerMember) -> None:
    """What was written to them as one of this partner's does not leave: the invitation, and reminders but for those of
    services that they keep true for somebody else."""
    if row.email_sealed is None:
        return
    macs = mailbox_codes.macs(loop.keys, members.email_of(loop, row))
    live = (PartnerMember.joined_at.is_not(None), PartnerMember.left_at.is_(None), PartnerService.ended_at.is_(None))
    kept = select(PartnerService.service_id).join(PartnerMember, PartnerMember.partner_id == PartnerService.partner_id)
    theirs = session.scalars(kept.where(PartnerMember.email_mac.in_(macs), *live)).all()
    stays = {review_rounds.path_of(own) for own in theirs} | ({review_rounds.SEVERAL} if theirs else set())
    partner = " ".join(session.get_one(Partner, row.partner_id).name.split())[: partner_letters.NAME_LENGTH]

    def is_meant(path: str, fields: Mapping[str, str]) -> bool:
        ours = path not in stays and fields["organization"] in ("", partner)
        return ours and mailbox_codes.mac(loop.keys, fields["to"]) in macs

    partner_letters.forget_those(session, loop, (*review_rounds.LETTERS, INVITED), is_meant)


def _person(session: Session, loop: Loop, row: PartnerMember, account_id: str) -> Person:
    account = session.get(Account, row.account_id) if row.account_id else None
    name = account.full_name if account else loop.own.open(row.name_sealed, TABLE, row.id, "name")
    return Person(
        id=row.id,
        name=name,
        email=members.email_of(loop, row),
        role=row.role,
        joined_at=utc(row.joined_at) if row.joined_at else None,
        invited_at=utc(row.invited_at),
        has_account=account is not None,
        is_self=row.account_id == account_id,
        version=row.version,
    )
