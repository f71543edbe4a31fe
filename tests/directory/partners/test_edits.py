"""A partner's edits: what could hurt waits for staff and nobody of theirs, the rest is public at once and sampled."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from directory.editing import current, proposals
from directory.editing.proposals import Proposer
from directory.editing.tables import ServiceProposal
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.feeds import duplicates
from directory.feeds.duplicates import Verdict
from directory.feeds.tables import Assurance
from directory.partners import edits
from directory.partners.members import ANSWERER, EDITOR
from directory.partners.tables import EditSample
from directory.referrals import mailboxes
from directory.referrals.loop import Loop
from directory.referrals.policy import Policy
from directory.tables import Service
from tests.builders import a_draft, write
from tests.directory.partners.member_builders import OTHER_SERVICE, Team, a_team, ask
from tests.directory.referrals.builders import SERVICE, a_loop, a_mailbox

STAFF = Proposer("a0000000-0000-4000-8000-000000000009")
AGES = {"known": "stated", "minimum": 3, "maximum": 9, "about": "person_helped"}
PLACE = {"visibility": "undisclosed"}


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path) as made:
        write(made.database, a_draft(source_id="f902", name="Second Door"))
        sections = {**made.policy.sections, "partners": {**made.policy.sections["partners"], "sample_one_in": 1}}
        yield replace(made, policy=Policy(sections))


@pytest.fixture
def ours(loop: Loop) -> Team:
    return a_team(loop)


def value(loop: Loop, name: str) -> Any:
    with loop.database.reading() as session:
        return current.read(session, SERVICE).values[name]


def edited(loop: Loop, own: Team, role: str = EDITOR, service: str = SERVICE, **values: Any) -> dict[str, Any]:
    with loop.database.reading() as session:
        seen = current.read(session, service).mark(values)
    return edits.edit(loop, ask(loop, own.who(role)), service, values, seen)


def approved(loop: Loop, number: int, who: Proposer = STAFF) -> None:
    with loop.database.session() as session:
        row = session.get_one(ServiceProposal, number)
        seen = current.read(session, row.service_id).mark(row.changes)
        proposals.approve(session, number, seen, who, loop.clock())


def samples(loop: Loop) -> list[edits.Sample]:
    with loop.database.reading() as session:
        return edits.samples(session)


def test_what_could_hurt_waits_for_staff_and_the_old_word_stays_public(loop: Loop, ours: Team) -> None:
    wanted = {"age": AGES, "url": "https://other.example/", "name": "Other Name", "organization": "Other"}
    for name, new in wanted.items():
        before = value(loop, name)
        sent = edited(loop, ours, **{name: new})
        assert (sent["live"], value(loop, name)) == ([], before)
        with pytest.raises(Forbidden):
            approved(loop, sent["proposal"], Proposer(ours.people[EDITOR], "partner"))
        approved(loop, sent["proposal"])
        assert value(loop, name) == new
    assert samples(loop) == []


def test_the_rest_is_public_at_once_as_the_providers_word_and_sampled(loop: Loop, ours: Team) -> None:
    sent = edited(loop, ours, description="We listen.", status="temporarily closed")
    assert (sent["proposal"], value(loop, "description")) == (None, "We listen.")
    with loop.database.reading() as session:
        said = session.scalars(select(Assurance.state).where(Assurance.service_id == SERVICE)).all()
    assert said == ["provider_confirmed"]
    (sample,) = samples(loop)
    assert (sample.labels, sample.by, sample.partner) == (
        ("Description", "Whether it runs"), ours.people[EDITOR], "Harbour Trust"
    )  # fmt: skip
    staff = replace(ours.who(), id=STAFF.id)
    edits.looked_at(loop, ask(loop, staff), sample.id, "fine")
    assert [(each.result, each.seen_by) for each in samples(loop)] == [("fine", STAFF.id)]
    with pytest.raises(Conflict):
        edits.looked_at(loop, ask(loop, staff), sample.id, "wrong")


def test_a_sample_keeps_no_word_of_the_service(loop: Loop, ours: Team) -> None:
    edited(loop, ours, description="We listen at 77 Example Wynd.")
    with loop.database.reading() as session:
        row = session.scalars(select(EditSample)).one()
        assert "Wynd" not in str([getattr(row, column.key) for column in EditSample.__table__.columns])


def test_a_place_is_made_confidential_at_once(loop: Loop, ours: Team) -> None:
    with loop.database.reading() as session:
        seen = current.read(session, SERVICE).mark(["premises"])
    premises = {
        **value(loop, "premises"),
        **dict.fromkeys(("address_1", "address_2", "city", "postal_code"), ""),
        **PLACE,
    }
    sent = edits.edit(loop, ask(loop, ours.who(EDITOR)), SERVICE, {"premises": premises}, seen, "", "Harbour Support")
    assert sent["withheld"]
    assert (value(loop, "premises")["visibility"], value(loop, "name")) == ("undisclosed", "Harbour Support")
    assert [each.labels for each in samples(loop)] == [("Its door",)]


def test_nobody_edits_what_is_not_theirs(loop: Loop, ours: Team) -> None:
    before = value(loop, "description")
    with pytest.raises(Forbidden):
        edited(loop, ours, ANSWERER, description="We listen.")
    with pytest.raises(NotFound):
        edited(loop, ours, service=OTHER_SERVICE, description="We listen.")
    for name, new in (("alert", "Ring first."), ("capacity", {}), ("source_id", "x")):
        with pytest.raises(BadInput, match="not yours"):
            edits.edit(loop, ask(loop, ours.who()), SERVICE, {name: new}, "")
    with pytest.raises(Conflict):
        edits.edit(loop, ask(loop, ours.who()), SERVICE, {"description": "We listen."}, "stale")
    assert value(loop, "description") == before


@pytest.mark.parametrize("by_a_person", [True, False])
def test_a_row_that_a_list_joined_makes_every_change_wait(loop: Loop, ours: Team, by_a_person: bool) -> None:
    """Or a partner could write over somebody else's service that was taken for its own."""
    with loop.database.session() as session:
        session.get_one(Service, OTHER_SERVICE).same_as_id = SERVICE
        if by_a_person:
            duplicates.decide(session, SERVICE, OTHER_SERVICE, Verdict.SAME, STAFF.id, loop.clock(), 0)
    sent = edited(loop, ours, description="We listen.")
    assert (sent["proposal"] is None) is by_a_person


def test_one_takes_back_ones_own_and_no_other(loop: Loop, ours: Team) -> None:
    number = edited(loop, ours, age=AGES)["proposal"]
    with pytest.raises(NotFound):
        edits.withdraw(loop, ask(loop, ours.who()), number)
    edits.withdraw(loop, ask(loop, ours.who(EDITOR)), number)
    with loop.database.reading() as session:
        assert [line.state for line in edits.own_proposals(session, ours.people[EDITOR])] == ["withdrawn"]


def test_another_mailbox_is_only_proposed(loop: Loop, ours: Team) -> None:
    used = a_mailbox(loop)
    for role in (EDITOR, ANSWERER):
        with pytest.raises(Forbidden):
            edits.propose_mailbox(loop, ask(loop, ours.who(role)), SERVICE, "new@harbour.example")
    with pytest.raises(NotFound):
        edits.propose_mailbox(loop, ask(loop, ours.who()), OTHER_SERVICE, "new@harbour.example")
    made = edits.propose_mailbox(loop, ask(loop, ours.who()), SERVICE, "new@harbour.example")
    with loop.database.reading() as session:
        now, waits = mailboxes.current(session, SERVICE), mailboxes.proposed(session, SERVICE)
        assert now is not None
        assert waits is not None
        assert (now.id, waits.id, made["verified"]) == (used, made["id"], False)
        assert [each.service_id for each in edits.proposed_mailboxes(session)] == [SERVICE]
    with pytest.raises(Conflict, match="Nobody has rung"):
        mailboxes.approve(loop, ask(loop, replace(ours.who(), id=STAFF.id)), made["id"])


def test_few_of_many_are_sampled(loop: Loop, ours: Team) -> None:
    sections = {**loop.policy.sections, "partners": {**loop.policy.sections["partners"], "sample_one_in": 10**9}}
    edited(replace(loop, policy=Policy(sections)), ours, description="We listen.")
    with loop.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EditSample)) == 0
