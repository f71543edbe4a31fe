"""What is harmless goes live at once; what could hurt waits for a second person, and nobody's change is lost."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory import records
from directory.database import Database
from directory.editing import current, fields, hand, history, proposal_views, proposals
from directory.errors import BadInput, Conflict, Forbidden
from directory.feeds import duplicates, joining
from directory.values import Known
from tests.builders import FIFE, NOON, a_draft, a_record, a_withheld_draft, write
from tests.directory.editing.builders import ANN, BEN, CAT, SERVICE, ages, approved, edited, now, shown, viewed

RISKY = {
    "ages": {"age": ages(10, 20)},
    "areas": {"coverage": {"known": "stated", "areas": [FIFE]}},
    "gender": {"gender": {"known": "stated", "rule": "female"}},
    "needs": {"needs": ["safety"]},
    "harms": {"harms": ["domestic_abuse"]},
    "relations": {"relations": ["harmed_person"]},
    "phone": {"phone": "01632 960002"},
    "an address no more": {"premises": {"visibility": "area_only"}},
}
HARMLESS = {
    "description": {"description": "Talking, for children who were hurt."},
    "name": {"name": "Harbour Talking"},
    "website": {"url": "https://new.example/"},
    "hours": {"hours": {"known": "none"}},
    "languages": {"languages": ["en", "pl"]},
}


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    made = a_record(tmp_path)
    write(made, a_draft())
    yield made
    made.close()


@pytest.mark.parametrize("values", RISKY.values(), ids=RISKY)
def test_what_could_hurt_waits_and_the_last_version_stays_public(record: Database, values: dict[str, object]) -> None:
    before = shown(record)
    sent = edited(record, **values)
    assert sent.live == ()
    assert shown(record) == before
    approved(record, sent.proposal)
    name, value = next(iter(values.items()))
    assert now(record).values[name] == fields.normal(name, value)
    assert shown(record) != before


@pytest.mark.parametrize("values", HARMLESS.values(), ids=HARMLESS)
def test_what_is_harmless_is_public_at_once(record: Database, values: dict[str, object]) -> None:
    sent = edited(record, **values)
    name, value = next(iter(values.items()))
    assert (sent.live, sent.proposal) == ((name,), None)
    assert now(record).values[name] == fields.normal(name, value)


def test_who_proposes_cannot_approve_nor_reject(record: Database) -> None:
    sent = edited(record, age=ages(10, 20))
    with pytest.raises(Forbidden):
        approved(record, sent.proposal, ANN)
    with pytest.raises(Forbidden), record.session() as session:
        proposals.reject(session, sent.proposal or 0, "no", ANN, NOON)
    assert viewed(record, sent.proposal or 0).line.state == "waiting"


def test_a_partner_with_the_id_of_a_member_of_staff_is_another_person(record: Database) -> None:
    sent = edited(record, proposals.Proposer("ann", "partner"), age=ages(10, 20))
    approved(record, sent.proposal, ANN)
    assert shown(record).age.minimum == 10


def test_it_is_decided_once(record: Database) -> None:
    sent = edited(record, age=ages(10, 20))
    approved(record, sent.proposal)
    with pytest.raises(Conflict):
        approved(record, sent.proposal, CAT)


def test_a_rejection_tells_why_to_who_proposed_it(record: Database) -> None:
    sent = edited(record, age=ages(10, 20))
    with record.session() as session:
        proposals.reject(session, sent.proposal or 0, "Their page says 12.", BEN, NOON)
    with record.reading() as session:
        (line,) = proposal_views.mine(session, ANN)
    assert (line.state, line.reason, line.decided_by) == ("rejected", "Their page says 12.", "ben")
    assert shown(record).age.minimum == 12


def test_only_its_proposer_takes_it_back(record: Database) -> None:
    number = edited(record, age=ages(10, 20)).proposal or 0
    with pytest.raises(Forbidden), record.session() as session:
        proposals.withdraw(session, number, BEN, NOON)
    with record.session() as session:
        proposals.withdraw(session, number, ANN, NOON)
    assert viewed(record, number).line.state == "withdrawn"


def test_the_same_sent_twice_is_one_proposal(record: Database) -> None:
    assert edited(record, age=ages(10, 20)).proposal == edited(record, age=ages(10, 20)).proposal


def test_what_moved_since_is_shown_three_ways_and_approved_only_as_seen(record: Database) -> None:
    sent = edited(record, age=ages(10, 20))
    first = viewed(record, sent.proposal or 0)
    write(record, a_draft(age=a_draft().age.__class__(Known.STATED, 14, 16)))
    with pytest.raises(Conflict), record.session() as session:
        proposals.approve(session, sent.proposal or 0, first.seen, BEN, NOON)
    found = viewed(record, sent.proposal or 0)
    assert found.moved
    (change,) = found.changes
    assert (change.old, change.now, change.new) == ("12 to 18", "14 to 16", "10 to 20")
    approved(record, sent.proposal)
    assert shown(record).age.minimum == 10


def test_an_edit_of_what_changed_meanwhile_is_refused(record: Database) -> None:
    seen = now(record).mark(["description"])
    edited(record, description="First.")
    with pytest.raises(Conflict), record.session() as session:
        proposals.edit(session, SERVICE, {"description": "Second."}, seen, BEN, NOON)
    assert shown(record).description == "First."


def test_an_approved_number_is_shown_as_confirmed_and_ends_the_doubt(record: Database) -> None:
    write(record, a_draft(confidence=a_draft().confidence.__class__.GENERAL_KNOWLEDGE), at=NOON)
    assert shown(record).phone == ""
    approved(record, edited(record, phone="01632 960002").proposal, at=NOON + timedelta(days=1))
    assert shown(record).phone == "01632 960002"
    assert shown(record).phone_note == "Confirmed, November 2026."


def test_an_edit_reaches_every_row_that_tells_of_the_service(record: Database) -> None:
    write(record, a_draft(source="aliss", source_id="a1", needs=("safety", "counselling"), age=a_draft().age))
    other = records.service_id("aliss", "a1")
    with record.session() as session:
        duplicates.decide(session, SERVICE, other, "same", "ann", NOON, 0)
        joining.settle(session, (SERVICE, other), NOON)
    approved(record, edited(record, needs=["practical_help"], age=ages(5, 30)).proposal)
    assert shown(record, now(record).id).needs == ("practical_help",)
    assert (shown(record, now(record).id).age.minimum, shown(record, now(record).id).age.maximum) == (5, 30)


def test_a_new_service_is_found_only_once_a_second_person_agrees(record: Database) -> None:
    values = {name: fields.default(name) for name in fields.BY_NAME} | {
        "name": "Rowan Help", "organization": "Rowan", "families": ["counselling"], "status": "active",
        "coverage": fields.normal("coverage", {"known": "stated", "areas": [FIFE]}),
    }  # fmt: skip
    with record.session() as session:
        number = proposals.propose_new(session, values, "h-1", ANN, NOON, "")
        assert proposals.propose_new(session, values, "h-1", ANN, NOON, "") == number
        with pytest.raises(Conflict):
            proposals.propose_new(session, values | {"name": "Rowan Helps"}, "h-1", ANN, NOON, "")
    own = records.service_id("staff", "h-1")
    with record.reading() as session:
        assert records.get_service(session, own) is None
    approved(record, number)
    found = shown(record, own)
    assert (found.name, found.assurance.state) == ("Rowan Help", "spoc_confirmed")


def test_words_that_tell_a_withheld_place_are_refused(record: Database) -> None:
    write(record, a_withheld_draft())
    own = records.service_id("facts", "f901")
    for words in ("Ring 01632 960777.", "At 12 Harbour Row.", "KY99 9ZZ", "See www.hidden.example.org.uk"):
        with pytest.raises(BadInput):
            edited(record, own=own, description=words)
    with pytest.raises(BadInput):
        edited(record, own=own, phone="01632 960777")
    with pytest.raises(BadInput):
        edited(record, own=own, premises={"visibility": "exact", "address_1": "12 Harbour Row"})
    sent = edited(record, own=own, description="For women and their children.")
    assert sent.live == ()  # any word on a withheld service is read by two


def joined_with_a_withheld_one(record: Database) -> None:
    """The open service turns out to be one whose place another row keeps confidential."""
    hidden = a_withheld_draft(source="aliss", source_id="a1")
    write(record, hidden)
    with record.session() as session:
        other = records.service_id("aliss", "a1")
        duplicates.decide(session, SERVICE, other, "same", "ann", NOON, 0)
        joining.settle(session, (SERVICE, other), NOON)


def test_of_a_place_confidential_by_now_nothing_proposed_before_is_shown_or_approved(record: Database) -> None:
    door = {"visibility": "exact", "address_1": "12 Harbour Row", "city": "Cupar"}
    with record.session() as session:
        seen, values = current.read(session, SERVICE), {"premises": fields.normal("premises", door)}
        sent = proposals.edit(session, SERVICE, values, seen.mark(values), ANN, NOON, "I was at Harbour Row.")
    joined_with_a_withheld_one(record)
    found = viewed(record, sent.proposal or 0)
    assert "Harbour" not in str(found)
    with pytest.raises(BadInput, match="confidential by now"):
        approved(record, sent.proposal)


def test_of_a_confidential_place_no_open_row_tells_beside_the_form_or_in_the_history(record: Database) -> None:
    edited(record, description="By Harbour Row.", alert="Ring at 12 Harbour Row.", name="Harbour Row House")
    joined_with_a_withheld_one(record)
    found = now(record)
    assert found.withheld
    assert not {"name", "description", "alert", "premises", "phone"} & {
        name for name, said in found.said.items() if any("Harbour" in each.words for each in said)
    }
    with record.reading() as session:
        told = str(history.read(session, SERVICE)), str(history.on(session, SERVICE, NOON.date()))
    assert "Harbour" not in "".join(told)


def test_a_confidential_service_s_own_proposal_is_read_by_the_second_person(record: Database) -> None:
    write(record, a_withheld_draft())
    sent = edited(record, own=records.service_id("facts", "f901"), description="For women and their children.")
    assert [change.new for change in viewed(record, sent.proposal or 0).changes] == ["For women and their children."]


def test_a_status_and_a_door_reach_every_row(record: Database) -> None:
    write(record, a_draft(source="aliss", source_id="a1"))
    other = records.service_id("aliss", "a1")
    with record.session() as session:
        duplicates.decide(session, SERVICE, other, "same", "ann", NOON, 0)
        joining.settle(session, (SERVICE, other), NOON)
    edited(record, status="inactive")
    with record.reading() as session:
        assert {content["status"] for content in hand.contents(session, [SERVICE, other]).values()} == {"inactive"}


def test_letting_go_of_a_risky_field_waits_too(record: Database) -> None:
    approved(record, edited(record, age=ages(10, 20)).proposal)
    with record.session() as session:
        sent = proposals.propose_let_go(session, SERVICE, "age", ANN, NOON)
    assert shown(record).age.minimum == 10
    approved(record, sent.proposal)
    assert shown(record).age.minimum == 12
    assert "age" not in now(record).by_hand


def test_the_mark_moves_with_the_fields_alone(record: Database) -> None:
    before = now(record)
    edited(record, description="New words.")
    after = now(record)
    assert before.mark(["age", "phone"]) == after.mark(["age", "phone"])
    assert before.mark(["description"]) != after.mark(["description"])
    assert current.mark({}) == current.mark({})
