"""Partners' people on every database: of two owners who remove each other one stays; one invitation is taken once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from directory.accounts import passwords
from directory.accounts.tables import Account
from directory.database import Database
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.partners import edits, inbox, invitations, members, team
from directory.partners.members import EDITOR, OWNER
from directory.partners.tables import EditSample, PartnerMember
from directory.referrals.loop import Loop
from tests.builders import a_draft, write
from tests.directory.partners.member_builders import OTHER_SERVICE, a_team, arrived, ask
from tests.directory.partners.partner_builders import a_partner
from tests.directory.partners.test_edits import edited
from tests.directory.referrals.builders import SERVICE, Time, a_loop_over


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "home", Time())


def test_of_two_owners_who_remove_each_other_one_stays(loop: Loop) -> None:
    ours = a_team(loop)
    team.change_role(loop, ask(loop, ours.who()), ours.members[EDITOR], OWNER)

    def remove(by: str, whom: str) -> str:
        try:
            team.leave(loop, ask(loop, ours.who(by)), ours.members[whom])
        except (Conflict, NotFound, Forbidden) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(remove, OWNER, EDITOR), pool.submit(remove, EDITOR, OWNER)
        said = [first.result(), second.result()]
    assert said.count("done") == 1, said
    live = (PartnerMember.role == OWNER, PartnerMember.left_at.is_(None))
    with loop.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PartnerMember).where(*live)) == 1


def test_an_invitation_is_taken_once_however_often_it_is_sent(loop: Loop) -> None:
    ours, email = a_team(loop), "kirsty@harbour.example"
    own = str(invitations.invite(loop, ask(loop, ours.who()), ours.partner_id, email, EDITOR)["id"])
    inside = a_partner(loop, email).inside

    def join(number: int) -> str:
        try:
            return str(
                invitations.accept(loop, ask(loop, inside.who), inside, own, "Kirsty", "seven quiet otters swim")
            )
        except (Conflict, NotFound, BadInput):
            return ""

    with ThreadPoolExecutor(2) as pool:
        made = [each for each in pool.map(join, range(2)) if each]
    assert len(made) == 1
    with loop.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Account).where(Account.email == email)) == 1


def test_two_invitations_of_one_mailbox_said_yes_to_at_once_make_one_account(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(loop.database, a_draft(source_id="f902", name="Second Door"))
    email, both, hashed = "kirsty@harbour.example", Barrier(2), passwords.hashed
    teams = (a_team(loop), a_team(loop, OTHER_SERVICE, "other.example", "Other Trust"))
    asked = [invitations.invite(loop, ask(loop, each.who()), each.partner_id, email, EDITOR)["id"] for each in teams]
    inside = a_partner(loop, email).inside

    def at_once(password: str) -> str:
        made = hashed(password)
        both.wait(30)
        return made

    def join(own: str) -> object:
        made = invitations.accept(loop, ask(loop, inside.who), inside, own, "Kirsty", "seven quiet otters swim")
        return made["account_id"]

    monkeypatch.setattr(passwords, "hashed", at_once)
    with ThreadPoolExecutor(2) as pool:
        accounts = list(pool.map(join, asked))
    assert accounts[0] == accounts[1]
    with loop.database.reading() as session:
        assert len(members.partners_of(session, str(accounts[0]))) == 2


def test_the_inbox_and_an_edit_on_every_database(loop: Loop) -> None:
    ours = a_team(loop)
    link = arrived(loop)
    assert [line.id for line in inbox.listed(loop, ours.who())] == [link.referral_id]
    inbox.open_(loop, ask(loop, ours.who()), link.referral_id, "Pat")
    assert inbox.letter(loop, ours.who(), link.referral_id).view is not None
    with pytest.raises(NotFound):
        inbox.letter(loop, ours.who(), str(uuid4()))
    assert edited(loop, ours, service=SERVICE, description="We listen.")["live"] == ["description"]
    with loop.database.session() as session:
        row = EditSample(service_id=SERVICE, partner_id=ours.partner_id, account_id=ours.people[OWNER], fields="hours")
        row.made_at = loop.clock()
        session.add(row)
    with loop.database.reading() as session:
        assert "Opening hours" in {label for each in edits.samples(session) for label in each.labels}
        assert edits.proposed_mailboxes(session) == []
