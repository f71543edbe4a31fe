"""Partners with people and a service, put behind the actions' back: `team = a_team(loop)`, `team.people["owner"]`."""

from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import select

from directory.accounts.tables import Account, AccountRole
from directory.partners import members
from directory.partners.members import ROLES
from directory.partners.tables import Partner, PartnerMember, PartnerService
from directory.records import service_id
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Locator, Notice
from tests.directory.referrals.builders import SERVICE
from tests.directory.referrals.door_builders import Link, a_link
from tests.directory.referrals.mail_builders import queued

OTHER_SERVICE = service_id("facts", "f902")
"""Of `a_draft(source_id="f902")`."""


@dataclass(slots=True)
class Team:
    """A partner with one service, and somebody with an account in each role: role → account id."""

    partner_id: str
    service_id: str
    people: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)

    def who(self, role: str = "owner") -> Who:
        return Who(Actor.PARTNER, self.people[role], frozenset({"partner"}))


def a_team(loop: Loop, service: str = SERVICE, host: str = "harbour.example", name: str = "Harbour Trust") -> Team:
    team = Team(str(uuid4()), service)
    with loop.database.session() as session:
        at = loop.clock()
        session.add(Partner(id=team.partner_id, name=name, made_at=at))
        session.flush()
        session.add(PartnerService(partner_id=team.partner_id, service_id=service, how="registered", since=at))
        for role in ROLES:
            mailbox = f"{role}@{host}"
            row = members.first_owner(session, loop, team.partner_id, mailbox, f"Pat {role.capitalize()}", "", at)
            team.people[role] = put_account(loop, session, mailbox, f"Pat {role.capitalize()}")
            row.role, row.account_id, team.members[role] = role, team.people[role], row.id
    return team


def put_account(loop: Loop, session: members.Session, email: str, name: str, role: str = "partner") -> str:
    """An account that is signed in to behind the password's back."""
    own, at = str(uuid4()), loop.clock()
    session.add(Account(id=own, email=email, full_name=name, password_hash="none", password_set_at=at, created_at=at))
    session.flush()
    session.add(AccountRole(account_id=own, role=role))
    return own


def ask(loop: Loop, who: Who, version: int | None = None) -> Ask:
    return Ask(who, loop.clock(), str(uuid4()), version)


def member(loop: Loop, member_id: str) -> PartnerMember:
    with loop.database.reading() as session:
        return session.get_one(PartnerMember, member_id)


def arrived(loop: Loop, state: State = State.SENT, referral_id: str = "") -> Link:
    """A referral to `SERVICE` whose letter with the link has left."""
    link = a_link(loop, state, referral_id)
    left(loop, queued(loop, link.referral_id))
    return link


def left(loop: Loop, notice_id: int) -> None:
    with loop.database.session() as session:
        session.get_one(Notice, notice_id).handed_over_at = loop.clock()


def locators_of(loop: Loop, referral_id: str) -> list[Locator]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Locator).where(Locator.referral_id == referral_id)))
