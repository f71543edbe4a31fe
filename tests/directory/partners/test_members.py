"""Who acts for which partner: asked anew each time, nothing for a stranger, and one owner always stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory.accounts import actions, sessions
from directory.accounts.tables import Account
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.partners import members, room, team
from directory.partners.members import ANSWERER, EDITOR, OWNER
from directory.partners.tables import Partner, PartnerMember, PartnerService, PartnerSession
from directory.referrals.loop import Loop
from tests.builders import a_draft, write
from tests.directory.partners.member_builders import OTHER_SERVICE, Team, a_team, ask, member, put_account
from tests.directory.partners.partner_builders import a_partner, ask_of
from tests.directory.referrals.builders import SERVICE, a_loop


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path) as made:
        write(made.database, a_draft(source_id="f902", name="Second Door"))
        yield made


@pytest.fixture
def ours(loop: Loop) -> Team:
    return a_team(loop)


@pytest.fixture
def theirs(loop: Loop) -> Team:
    return a_team(loop, OTHER_SERVICE, "other.example", "Other Trust")


def services(loop: Loop, who: str) -> list[str]:
    with loop.database.reading() as session:
        return [each.service_id for each in members.services_of(session, who)]


def test_each_sees_the_services_of_their_own_partner(loop: Loop, ours: Team, theirs: Team) -> None:
    assert services(loop, ours.people[EDITOR]) == [SERVICE]
    assert services(loop, theirs.people[OWNER]) == [OTHER_SERVICE]
    assert services(loop, "") == []
    with loop.database.reading() as session:
        for asked in (OTHER_SERVICE, "no-such-service"):
            with pytest.raises(NotFound, match="no such page"):
                members.member(session, ours.people[OWNER], asked)


def test_whose_account_was_shut_is_out_by_the_mailbox_and_the_phone_too(loop: Loop, ours: Team) -> None:
    inside = a_partner(loop, "owner@harbour.example").inside
    actions.disable(loop.database, "owner@harbour.example", loop.clock())
    with loop.database.reading() as session:
        assert (members.partners_of(session, inside), members.services_of(session, inside)) == ([], [])
        assert members.mailboxes_of(session, loop, SERVICE) == ["editor@harbour.example"]
    with pytest.raises(NotFound):
        room.say(loop, ask_of(loop, inside), inside, SERVICE, "open")
    actions.enable(loop.database, "owner@harbour.example")
    with loop.database.reading() as session:
        assert members.member(session, inside, SERVICE).role == OWNER


def test_a_mailbox_that_was_proved_finds_the_same(loop: Loop, ours: Team) -> None:
    inside = a_partner(loop, "editor@harbour.example").inside
    with loop.database.reading() as session:
        assert members.member(session, inside, SERVICE).role == EDITOR
        stranger = a_partner(loop, "nobody@harbour.example").inside
        assert members.partners_of(session, stranger) == []
        assert set(members.mailboxes_of(session, loop, SERVICE)) == {"owner@harbour.example", "editor@harbour.example"}


def test_who_has_left_or_not_come_and_what_has_ended_give_nothing(loop: Loop) -> None:
    for what in ("left", "invited", "closed", "ended"):
        own = a_team(loop, host=f"{what}.example")
        with loop.database.session() as session:
            row, at = session.get_one(PartnerMember, own.members[EDITOR]), loop.clock()
            if what == "left":
                row.left_at = at
            elif what == "invited":
                row.joined_at = None
            elif what == "closed":
                session.get_one(Partner, own.partner_id).closed_at = at
            else:
                kept = select(PartnerService).where(PartnerService.partner_id == own.partner_id)
                session.scalars(kept).one().ended_at = at
        assert services(loop, own.people[EDITOR]) == [], what


def test_only_an_owner_sees_and_changes_the_people(loop: Loop, ours: Team, theirs: Team) -> None:
    for role in (EDITOR, ANSWERER):
        with pytest.raises(Forbidden):
            team.change_role(loop, ask(loop, ours.who(role)), ours.members[role], OWNER)
        with loop.database.reading() as session, pytest.raises(Forbidden):
            team.listed(session, loop, ours.people[role], ours.partner_id)
    with pytest.raises(NotFound):
        team.leave(loop, ask(loop, theirs.who()), ours.members[EDITOR])
    with loop.database.reading() as session:
        shown = team.listed(session, loop, ours.people[OWNER], ours.partner_id)
    assert [(each.email, each.role, each.is_self) for each in shown] == [
        ("answerer@harbour.example", ANSWERER, False),
        ("editor@harbour.example", EDITOR, False),
        ("owner@harbour.example", OWNER, True),
    ]


def test_the_last_owner_stays(loop: Loop, ours: Team) -> None:
    own = ours.members[OWNER]
    for act in (team.leave, lambda *given: team.change_role(*given, EDITOR)):
        with pytest.raises(Conflict, match="last owner"):
            act(loop, ask(loop, ours.who()), own)
    team.change_role(loop, ask(loop, ours.who()), ours.members[EDITOR], OWNER)
    team.leave(loop, ask(loop, ours.who()), own)
    assert services(loop, ours.people[OWNER]) == []
    with pytest.raises(Conflict, match="last owner"):
        team.leave(loop, ask(loop, ours.who(EDITOR)), ours.members[EDITOR])


def test_every_way_in_of_a_leaver_ends_at_once(loop: Loop, ours: Team) -> None:
    a_partner(loop, "editor@harbour.example")
    with loop.database.session() as session:
        token = sessions.start(session, ours.people[EDITOR], loop.clock())
    assert sessions.user(loop.database, token, loop.clock()) is not None
    team.leave(loop, ask(loop, ours.who(), version=1), ours.members[EDITOR])
    assert sessions.user(loop.database, token, loop.clock()) is None
    with loop.database.reading() as session:
        assert session.get_one(Account, ours.people[EDITOR]).disabled_at is not None
        open_ = select(func.count()).select_from(PartnerSession).where(PartnerSession.ended_at.is_(None))
        assert session.scalar(open_) == 0
    assert (member(loop, ours.members[EDITOR]).email_sealed, services(loop, ours.people[EDITOR])) == (None, [])
    with pytest.raises(NotFound):
        team.change_role(loop, ask(loop, ours.who()), ours.members[EDITOR], OWNER)


def test_who_belongs_to_two_keeps_the_other(loop: Loop, ours: Team, theirs: Team) -> None:
    with loop.database.session() as session:
        session.get_one(PartnerMember, theirs.members[EDITOR]).account_id = ours.people[EDITOR]
    team.leave(loop, ask(loop, ours.who()), ours.members[EDITOR])
    assert services(loop, ours.people[EDITOR]) == [OTHER_SERVICE]
    with loop.database.reading() as session:
        assert session.get_one(Account, ours.people[EDITOR]).disabled_at is None


def test_another_role_signs_out_and_a_stale_one_is_refused(loop: Loop, ours: Team) -> None:
    with loop.database.session() as session:
        token = sessions.start(session, ours.people[EDITOR], loop.clock())
    team.change_role(loop, ask(loop, ours.who(), version=1), ours.members[EDITOR], ANSWERER)
    assert sessions.user(loop.database, token, loop.clock()) is None
    with pytest.raises(Conflict, match="Somebody else"):
        team.change_role(loop, ask(loop, ours.who(), version=1), ours.members[EDITOR], OWNER)
    with pytest.raises(BadInput):
        team.change_role(loop, ask(loop, ours.who()), ours.members[EDITOR], "king")


def test_an_account_of_a_partner_never_becomes_one_of_staff(loop: Loop, ours: Team) -> None:
    with loop.database.session() as session:
        put_account(loop, session, "ann@example.org", "Ann", "worker")
    for email, after in (("owner@harbour.example", "worker"), ("ann@example.org", "partner")):
        with pytest.raises(BadInput, match="stay apart"):
            actions.set_roles(loop.database, email, [after])
        with pytest.raises(BadInput, match="no other role"):
            actions.set_roles(loop.database, email, ["partner", "worker"])
