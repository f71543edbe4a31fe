"""Somebody is asked to join: the letter lets nobody in, and an account opens nothing before its second factor."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from directory.accounts import actions, policy, second_factors, sessions, signing_in, steps
from directory.accounts.signing_in import Browser, Door, Identity
from directory.accounts.steps import Kind
from directory.accounts.tables import Account
from directory.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn
from directory.partners import invitations, members, team
from directory.partners.members import ANSWERER, EDITOR, OWNER
from directory.partners.tables import PartnerMember
from directory.referrals import letters, managing
from directory.referrals.loop import Loop
from directory.referrals.tables import Notice
from tests.directory.partners.member_builders import Team, a_team, ask, member, put_account
from tests.directory.partners.partner_builders import ADDRESS, AtDoor, a_partner
from tests.directory.referrals.builders import SUPERVISOR, Time, a_loop
from tests.directory.referrals.mail_builders import PUBLIC

NEW, PASSWORD = "kirsty@harbour.example", "seven quiet otters swim"


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as made:
        yield made


@pytest.fixture
def ours(loop: Loop) -> Team:
    return a_team(loop)


def invited(loop: Loop, ours: Team, email: str = NEW, role: str = EDITOR) -> str:
    return str(invitations.invite(loop, ask(loop, ours.who()), ours.partner_id, email, role)["id"])


def joins(loop: Loop, at: AtDoor, own: str, password: str = PASSWORD) -> dict[str, object]:
    return invitations.accept(loop, ask(loop, at.inside.who), at.inside, own, "Kirsty Example", password)


def offered(loop: Loop, at: AtDoor) -> list[str]:
    with loop.database.reading() as session:
        return [each.id for each in invitations.waiting(session, loop, at.inside)]


def test_from_the_letter_to_an_account_with_a_second_factor(loop: Loop, ours: Team) -> None:
    own = invited(loop, ours)
    with loop.database.reading() as session:
        notice = session.scalars(select(Notice).where(Notice.template == "partner_invited")).one()
        letter = letters.letter(session, loop, [notice], "m1", PUBLIC, loop.clock())
    assert (letter.to, f"{PUBLIC}/partners/join\n" in letter.body) == (NEW, True)
    assert own not in letter.body
    at = a_partner(loop, NEW)
    assert offered(loop, at) == [own]
    made = joins(loop, at, own)
    account = str(made["account_id"])
    door = Door(loop.database, lambda: loop.keys)
    entrance = signing_in.by_invitation(door, account, Browser(ADDRESS), loop.clock())
    assert entrance.kind is Kind.SET_UP
    assert sessions.user(loop.database, entrance.token, loop.clock()) is None
    secret = second_factors.new_secret(loop.database, loop.keys, account)
    opened, codes = signing_in.by_set_up(
        door, entrance.token, pyotp.TOTP(secret).at(loop.clock()), Browser(ADDRESS), loop.clock()
    )
    user = sessions.user(loop.database, opened.token, loop.clock())
    assert user is not None
    assert (user.roles, len(codes)) == (frozenset({policy.PARTNER}), 10)
    with loop.database.reading() as session:
        assert [each.role for each in members.services_of(session, user.id)] == [EDITOR]
    with pytest.raises(NotSignedIn):
        signing_in.by_invitation(door, account, Browser(ADDRESS), loop.clock())


def test_a_password_alone_opens_nothing_even_where_staff_need_no_second_factor(loop: Loop, ours: Team) -> None:
    own = invited(loop, ours)
    joins(loop, a_partner(loop, NEW), own)
    door = Door(loop.database, lambda: loop.keys, required=False)
    entrance = signing_in.by_password(door, NEW, PASSWORD, Browser(ADDRESS), loop.clock())
    assert entrance.kind is Kind.SET_UP
    assert steps.held(loop.database, entrance.token, Kind.SET_UP, loop.clock()).email == NEW


def test_what_an_organisation_vouches_for_is_not_enough_either(loop: Loop, ours: Team) -> None:
    joins(loop, a_partner(loop, NEW), invited(loop, ours))
    door = Door(loop.database, lambda: loop.keys)
    identity = Identity("https://login.example", "s1", NEW, two_factors=True)
    assert signing_in.by_organization(door, identity, Browser(ADDRESS), loop.clock()).kind is Kind.SET_UP


def test_an_administrator_makes_no_account_of_a_partner(loop: Loop) -> None:
    for roles in (["partner"], ["partner", "worker"]):
        with pytest.raises(BadInput) as refused:
            managing.add(loop, ask(loop, SUPERVISOR), NEW, "Kirsty", roles)
        assert refused.value.field == "role"


def test_only_the_mailbox_that_was_asked_may_join(loop: Loop, ours: Team) -> None:
    own = invited(loop, ours)
    other = a_partner(loop, "somebody@else.example")
    assert offered(loop, other) == []
    with pytest.raises(NotFound):
        joins(loop, other, own)
    assert member(loop, own).account_id is None


def test_an_invitation_ends_with_time_and_when_it_is_taken_back(loop: Loop, ours: Team, clock: Time) -> None:
    own, other = invited(loop, ours), invited(loop, ours, "ishbel@harbour.example")
    team.leave(loop, ask(loop, ours.who()), other)
    assert offered(loop, a_partner(loop, "ishbel@harbour.example")) == []
    clock.pass_(days=14)
    at = a_partner(loop, NEW)
    assert offered(loop, at) == []
    with pytest.raises(NotFound):
        joins(loop, at, own)
    assert invited(loop, ours) != own  # too old: asked anew


def test_who_belongs_or_is_asked_is_not_asked_again(loop: Loop, ours: Team) -> None:
    invited(loop, ours)
    for email in (NEW.upper(), "editor@harbour.example"):
        with pytest.raises(BadInput) as refused:
            invited(loop, ours, email)
        assert refused.value.field == "email"
    for wrong in ("no address", ""):
        with pytest.raises(BadInput):
            invited(loop, ours, wrong)


def test_only_owners_ask(loop: Loop, ours: Team) -> None:
    for role in (EDITOR, ANSWERER):
        with pytest.raises(Forbidden):
            invitations.invite(loop, ask(loop, ours.who(role)), ours.partner_id, NEW, OWNER)
    with pytest.raises(NotFound):
        invitations.invite(loop, ask(loop, ours.who()), "another", NEW, OWNER)


def test_no_more_than_so_many_a_day(loop: Loop, ours: Team, clock: Time) -> None:
    most = loop.policy.number("partners", "most_invitations") - len(ours.members)
    for number in range(most):
        invited(loop, ours, f"p{number}@harbour.example")
    with pytest.raises(Conflict, match="many people"):
        invited(loop, ours)
    clock.now += timedelta(days=1)
    invited(loop, ours)


def test_a_member_of_staff_cannot_join(loop: Loop, ours: Team) -> None:
    own = invited(loop, ours)
    with loop.database.session() as session:
        put_account(loop, session, NEW, "Ann Staff", "worker")
    with pytest.raises(Conflict, match="our own pages"):
        joins(loop, a_partner(loop, NEW), own)
    assert member(loop, own).account_id is None


def test_who_left_may_come_back_but_not_whom_an_administrator_shut(loop: Loop, ours: Team) -> None:
    own = invited(loop, ours)
    at = a_partner(loop, NEW)
    account = str(joins(loop, at, own)["account_id"])
    team.leave(loop, ask(loop, ours.who()), own)
    again = invited(loop, ours)
    assert joins(loop, a_partner(loop, NEW), again, "") == {"account_id": account, "made": False}
    with loop.database.reading() as session:
        assert session.get_one(Account, account).disabled_at is None
    actions.disable(loop.database, NEW, loop.clock() + timedelta(hours=1))
    team.leave(loop, ask(loop, ours.who()), again)
    third = invited(loop, ours)
    with pytest.raises(Conflict, match="was shut"):
        joins(loop, a_partner(loop, NEW), third, "")


def test_the_first_owner_gets_an_account_by_the_same_way(loop: Loop, ours: Team) -> None:
    with loop.database.session() as session:
        own = members.first_owner(session, loop, ours.partner_id, NEW, "Kirsty", "", loop.clock()).id
    at = a_partner(loop, NEW)
    assert offered(loop, at) == [own]
    for password, field in (("short", "password"), ("kirsty@harbour.example1", "password")):
        with pytest.raises(BadInput) as refused:
            joins(loop, at, own, password)
        assert refused.value.field == field
    joins(loop, at, own)
    with loop.database.reading() as session:
        row = session.get_one(PartnerMember, own)
        assert (row.role, row.account_id is not None, row.name_sealed) == (OWNER, True, None)
    assert offered(loop, at) == []
