"""A partner's edits: what could hurt waits for staff and nobody of theirs, the rest is public at once and sampled."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from directory.editing import current, hand, proposals
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
from directory.search import fold
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


def of_many(loop: Loop) -> Loop:
    """A loop that draws next to none for a sample."""
    sections = {**loop.policy.sections, "partners": {**loop.policy.sections["partners"], "sample_one_in": 10**9}}
    return replace(loop, policy=Policy(sections))


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
    edited(loop, ours, description="We listen by Example Wynd.")
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
    before = value(loop, "name")
    sent = edits.edit(loop, ask(loop, ours.who(EDITOR)), SERVICE, {"premises": premises}, seen, "", before)
    assert (sent["withheld"], sent["proposal"]) == (True, None)
    assert (value(loop, "premises")["visibility"], value(loop, "name")) == ("undisclosed", before)
    assert [each.labels for each in samples(loop)] == [("Its door",)]


def hidden(loop: Loop, own: Team, public_name: str, service: str = SERVICE) -> dict[str, Any]:
    with loop.database.reading() as session:
        now = current.read(session, service)
    empty = dict.fromkeys(("address_1", "address_2", "city", "postal_code"), "")
    premises = {**now.values["premises"], **empty, **PLACE}
    return edits.edit(
        loop, ask(loop, own.who(EDITOR)), service, {"premises": premises}, now.mark(["premises"]), "", public_name
    )


def test_hiding_a_place_gives_nobody_another_name_before_staff_agree(loop: Loop, ours: Team) -> None:
    sent = hidden(loop, ours, "Scottish Child Helpline")
    assert (value(loop, "premises")["visibility"], sent["waits"]) == ("undisclosed", ["name", "organization"])
    with loop.database.reading() as session:
        public = fold.document(session, SERVICE)
    assert public is not None
    assert (public.name, public.organization) == (proposals.NAMELESS, proposals.NAMELESS)
    approved(loop, sent["proposal"])
    assert (value(loop, "name"), value(loop, "organization")) == ("Scottish Child Helpline",) * 2


@pytest.mark.parametrize("leads", [True, False], ids=["ours leads", "theirs leads"])
def test_hiding_a_place_touches_no_row_of_somebody_else(loop: Loop, leads: bool) -> None:
    own, strange = (SERVICE, OTHER_SERVICE) if leads else (OTHER_SERVICE, SERVICE)
    ours, theirs = a_team(loop, own), a_team(loop, strange, "other.example", "Other Trust")
    theirs_waits = edited(loop, theirs, service=strange, age=AGES, premises={**value(loop, "premises"), "city": "X"})
    with loop.database.session() as session:
        session.get_one(Service, OTHER_SERVICE).same_as_id = SERVICE
        before = hand.contents(session, [strange])[strange]
    ours_waits = edited(loop, ours, service=own, kind="At 12 Harbour Row", phone="01632 960777")
    hidden(loop, ours, "Quiet House", own)
    with loop.database.reading() as session:
        rows = hand.contents(session, [own, strange])
        public = fold.document(session, SERVICE)
        lines = {
            each: session.get_one(ServiceProposal, each) for each in (theirs_waits["proposal"], ours_waits["proposal"])
        }
    assert rows[strange] == before
    assert (rows[own]["premises"]["visibility"], rows[own]["phone"], rows[own]["url"]) == ("undisclosed", "", "")
    assert public is not None
    assert (public.visibility, public.phone, public.url, public.address) == ("undisclosed", "", "", "")
    assert public.name == proposals.NAMELESS
    assert [row.state for row in lines.values()] == ["waiting", "outdated"]
    assert "Harbour Row" not in str(lines[ours_waits["proposal"]].changes)


TO_SOMEWHERE = {
    "a number": "Ring 07700 900123 from today.",
    "a short number": "Text HELP to 85258.",
    "a page": "See evil.example/help.",
    "a web address": "See https://evil.example/.",
    "a postcode": "We are at EH1 1AA now.",
    "an address": "Ask for Dave at 12 High Street.",
    "a name elsewhere": "Write to @dave_helps.",
}


@pytest.mark.parametrize("words", TO_SOMEWHERE.values(), ids=TO_SOMEWHERE)
def test_free_words_that_lead_people_somewhere_wait_for_staff(loop: Loop, ours: Team, words: str) -> None:
    hours = {**value(loop, "hours"), "known": "stated", "text": words}
    sent = edited(loop, ours, description=words, kind=words, hours=hours, languages=["en", "pl"])
    assert (sent["live"], sent["waits"]) == (["languages"], ["description", "hours", "kind"])
    assert words not in (value(loop, "description"), value(loop, "kind"), value(loop, "hours")["text"])


def test_plain_free_words_are_public_at_once(loop: Loop, ours: Team) -> None:
    words = "For 5 to 18, e.g. after school. Since 2019; 24 hours in 7 days (ring first)."
    hours = {**value(loop, "hours"), "known": "stated", "text": "Mon. to Fri. 9.30-17.00, 1.5 hours each"}
    assert edited(loop, ours, description=words, kind="Listening", hours=hours)["proposal"] is None


@pytest.mark.parametrize(("status", "count"), [("defunct", 1), ("inactive", 1), ("active", 0)])
def test_that_a_service_runs_no_more_is_always_looked_at(loop: Loop, ours: Team, status: str, count: int) -> None:
    if status == "active":
        write(loop.database, a_draft(status="temporarily closed"))
    edited(of_many(loop), ours, status=status)
    assert value(loop, "status") == status
    assert len(samples(loop)) == count


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
    edited(of_many(loop), ours, description="We listen.")
    with loop.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(EditSample)) == 0
