"""A partner's own word on its facts: all right confirms them, not right puts them in doubt, and nothing is lost."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.feeds import assurance, assurance_words
from directory.feeds.assurance import State
from directory.partners import members, review_rounds, reviews, said_wrong
from directory.partners.review_facts import BY_CODE, FACTS
from directory.partners.tables import Partner
from directory.referrals import mailboxes
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Mailbox, Task
from directory.search import fold, record_view, telling
from directory.tables import Service
from tests.builders import a_draft, a_withheld_draft, write
from tests.directory.partners.partner_builders import OTHER, AtDoor, a_partner, ask_of
from tests.directory.partners.review_builders import an_owner, asked, confirm, keeps, open_tasks, rounds, tell
from tests.directory.referrals.builders import SERVICE, Time, a_loop, a_mailbox


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def stands(loop: Loop, service_id: str = SERVICE) -> assurance.Assured:
    with loop.database.reading() as session:
        return record_view.view(session, service_id).assured


def document(loop: Loop) -> object:
    with loop.database.reading() as session:
        return fold.fold(telling.read(session, [SERVICE])[SERVICE])


def test_one_press_confirms_the_record_in_the_service_own_name(loop: Loop) -> None:
    confirm(loop, an_owner(loop))
    assert stands(loop).state is State.PROVIDER_CONFIRMED
    assert assurance_words.said(stands(loop), loop.clock().date()) == "Checked by the service, November 2026."


def test_it_answers_what_others_doubted(loop: Loop, time: Time) -> None:
    with loop.database.session() as session:
        assurance.say(session, SERVICE, State.CONTRADICTED, "provider", loop.clock(), reason="age_not_served")
    time.pass_(days=1)
    confirm(loop, an_owner(loop))
    assert stands(loop).state is State.PROVIDER_CONFIRMED


def test_pressed_twice_is_one_answer(loop: Loop) -> None:
    door = an_owner(loop)
    ask = ask_of(loop, door.inside)
    confirm(loop, door, ask=ask)
    confirm(loop, door, ask=ask)
    assert [row.how for row in rounds(loop)] == ["right"]


def test_what_is_not_right_is_in_doubt_at_once_and_the_rest_is_confirmed(loop: Loop) -> None:
    tell(loop, an_owner(loop), age="From 10 to 25 since May.", phone="")
    found = stands(loop)
    assert (found.state, set(found.fields)) == (State.CONTRADICTED, {"age", "phone"})
    with loop.database.reading() as session:
        words = assurance.words(session, [SERVICE])[SERVICE]
    assert assurance.confirmed_in(words, "coverage", alone=True)
    assert assurance.confirmed_in(words, "age", alone=True) is None
    assert getattr(document(loop), "phone", "") == ""


def test_staff_read_what_is_right_and_their_confirmation_ends_it(loop: Loop) -> None:
    tell(loop, an_owner(loop), age="From 10 to 25 since May.", hours="")
    assert open_tasks(loop) == ["check_entry"]
    with loop.database.session() as session:
        assert [dict(each.facts) for each in said_wrong.told(session, loop, [SERVICE])] == [
            {"age": "From 10 to 25 since May.", "hours": ""}
        ]
        record_view.say(session, SERVICE, "checked", "", "ann", loop.clock() + timedelta(seconds=1))
        review_rounds.settle(session, [SERVICE], "ann", loop.clock())
    assert open_tasks(loop) == []
    with loop.database.reading() as session:
        assert said_wrong.told(session, loop, [SERVICE]) == ()


def test_a_partner_who_puts_all_right_closes_its_own_question_and_no_other(loop: Loop) -> None:
    door = an_owner(loop)
    tell(loop, door, age="")
    with loop.database.session() as session:
        own = Task(kind="check_entry", service_id=SERVICE, made_at=loop.clock(), due_at=loop.clock(), details={})
        session.add(own)
    confirm(loop, door)
    with loop.database.reading() as session:
        assert [row.object_id for row in session.scalars(select(Task).where(Task.done_at.is_(None)))] == [""]


def a_colleague(loop: Loop) -> AtDoor:
    """Another editor of the one partner there is, at the door."""
    with loop.database.session() as session:
        partner_id = session.scalars(select(Partner.id)).one()
        row = members.put(session, loop, partner_id, OTHER, "Ada Orr", members.EDITOR, "", loop.clock())
        row.joined_at = loop.clock()
    return a_partner(loop, OTHER)


def colleagues(loop: Loop, door: AtDoor) -> list[dict[str, str]]:
    """What the page shows this one of others' words."""
    with loop.database.reading() as session:
        own = members.member(session, door.inside, SERVICE)
        return [dict(each.facts) for each in reviews.still_wrong(session, loop, own, SERVICE)]


def test_a_colleague_who_confirms_the_unchanged_record_loses_no_word(loop: Loop, time: Time) -> None:
    a_mailbox(loop)
    said = {"phone": "It is 01632 960777 since May.", "referrals": "", "what": "We do more."}
    tell(loop, an_owner(loop), **said)
    time.pass_(minutes=5)
    colleague = a_colleague(loop)
    assert colleagues(loop, colleague) == [said]
    confirm(loop, colleague)
    time.pass_(minutes=5)
    tell(loop, colleague, hours="Shut on Mondays.")  # nor does saying something else of it
    assert {"phone", "referral_contact"} <= set(stands(loop).fields)
    assert open_tasks(loop) == ["check_entry", "check_entry"]
    assert [row.how for row in rounds(loop)] == ["wrong", "held", "wrong"]
    with loop.database.reading() as session:
        told = said_wrong.told(session, loop, [SERVICE])
        assert [dict(each.facts) for each in told] == [{"hours": "Shut on Mondays."}, {}, said]


def test_what_was_put_right_since_is_confirmed_by_anybody(loop: Loop, time: Time) -> None:
    tell(loop, an_owner(loop), phone="", what="")
    time.pass_(minutes=5)
    write(loop.database, a_draft(phone="01632 960777"))
    colleague = a_colleague(loop)
    assert colleagues(loop, colleague) == [{"what": ""}]
    write(loop.database, a_draft(phone="01632 960777", description="We listen, and more."))
    confirm(loop, colleague)
    assert (stands(loop).state, open_tasks(loop)) == (State.PROVIDER_CONFIRMED, [])
    assert [row.how for row in rounds(loop)] == ["wrong", "right"]


def test_nobody_of_theirs_takes_back_that_a_mailbox_is_wrong(loop: Loop, time: Time) -> None:
    """Its referrals are held until staff have proved it: so is the task."""
    a_mailbox(loop)
    door = an_owner(loop)
    tell(loop, door, referrals="", age="")
    time.pass_(minutes=5)
    confirm(loop, door)
    assert open_tasks(loop) == ["check_entry"]
    assert stands(loop).fields == ("referral_contact",)


def test_where_a_list_has_joined_anothers_row_nothing_counts_before_staff_have_looked(loop: Loop, time: Time) -> None:
    write(loop.database, a_draft(source_id="f902", name="Second Door", phone="01632 960002"))
    theirs = next(each for each in services(loop) if each != SERVICE)
    other = an_owner(loop, OTHER, service_id=theirs)
    mailbox = a_mailbox(loop)
    with loop.database.session() as session:
        session.get_one(Service, theirs).same_as_id = SERVICE
    before = stands(loop)
    assert {fact.code: words for fact, words in asked(loop, theirs).facts}["referrals"].startswith("We have no")
    tell(loop, other, theirs, runs="closed for good", referrals="not ours", phone="")
    with loop.database.reading() as session:
        assert session.get_one(Mailbox, mailbox).confirmed_at is not None
        assert assurance.words(session, [SERVICE, theirs]) == {}
    assert (stands(loop), document(loop) is not None) == (before, True)
    time.pass_(minutes=5)
    confirm(loop, other, theirs)
    assert stands(loop) == before
    assert [row.how for row in rounds(loop)] == ["wrong", "held"]
    assert open_tasks(loop) == ["check_entry", "check_entry"]
    with loop.database.session() as session:
        review_rounds.settle(session, [SERVICE, theirs], "ann", loop.clock())
    assert open_tasks(loop) == []


def test_a_service_that_says_it_is_over_is_found_by_nobody(loop: Loop) -> None:
    tell(loop, an_owner(loop), runs="We closed in June.")
    assert document(loop) is None


def test_a_mailbox_that_is_wrong_gets_no_referral_before_it_is_proved_anew(loop: Loop) -> None:
    a_mailbox(loop)
    door = an_owner(loop)
    assert {fact.code: words for fact, words in asked(loop).facts}["referrals"].startswith("To a mailbox at ")
    tell(loop, door, referrals="")
    with loop.database.reading() as session:
        found = mailboxes.current(session, SERVICE)
        assert found is not None
        assert found.confirmed_at is None
    assert "referral_contact" in stands(loop).fields


def test_what_they_had_not_seen_is_not_confirmed(loop: Loop) -> None:
    door, seen = an_owner(loop), asked(loop).mark
    write(loop.database, a_draft(phone="01632 960009"))
    with pytest.raises(Conflict, match="changed meanwhile"):
        reviews.confirm(loop, ask_of(loop, door.inside), door.inside, SERVICE, seen)
    assert stands(loop).state is not State.PROVIDER_CONFIRMED


def test_another_partners_service_is_not_there(loop: Loop) -> None:
    keeps(loop)
    stranger = a_partner(loop, OTHER)
    with pytest.raises(NotFound):
        confirm(loop, stranger)
    with pytest.raises(NotFound):
        tell(loop, stranger, age="")


def test_who_only_answers_referrals_does_not_confirm_facts(loop: Loop) -> None:
    with pytest.raises(Forbidden):
        confirm(loop, an_owner(loop, role=members.ANSWERER))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({}, "facts", id="nothing"),
        pytest.param({"shoe_size": ""}, "facts", id="no fact of ours"),
        pytest.param({"age": "x" * 501}, "age", id="too long"),
        pytest.param({"age": "<script>alert(1)</script>"}, "age", id="a script"),
        pytest.param({"phone": "write to morag@harbour.example"}, "phone", id="an e-mail address"),
    ],
)
def test_what_cannot_be_kept_says_so_at_its_fact(loop: Loop, wrong: dict[str, str], field: str) -> None:
    door = an_owner(loop)
    with pytest.raises(BadInput) as raised:
        tell(loop, door, **wrong)
    assert raised.value.field == field
    assert "Warning shown" not in str(raised.value)
    assert rounds(loop) == []


def test_a_confidential_place_is_neither_asked_nor_taken(loop: Loop) -> None:
    write(loop.database, a_withheld_draft())
    own = next(each for each in services(loop) if each != SERVICE)
    door = an_owner(loop, service_id=own)
    assert not {"premises", "phone", "url"} & {fact.code for fact, _ in asked(loop, own).facts}
    for wrong in ({"what": "We moved to 12 Harbour Row, EH6 5QG."}, {"premises": ""}):
        with pytest.raises(BadInput):
            tell(loop, door, own, **wrong)
    confirm(loop, door, own)
    assert stands(loop, own).state is State.PROVIDER_CONFIRMED


def services(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Service.id)))


def test_words_are_sealed_and_the_audit_has_none(loop: Loop) -> None:
    tell(loop, an_owner(loop), premises="At Mrs Example's house, 12 Harbour Row.")
    row = rounds(loop)[0]
    assert row.said_sealed is not None
    assert b"Harbour Row" not in row.said_sealed
    with loop.database.reading() as session:
        kept = [json.dumps(vars(line), default=str) for line in session.scalars(select(AuditEvent))]
        kept += [json.dumps(vars(line), default=str) for line in session.scalars(select(Task))]
    assert not [line for line in kept if "Harbour Row" in line or "Mrs" in line]


def test_every_fact_stands_for_fields_of_the_record_and_every_reason_is_known() -> None:
    assert set(BY_CODE) == {fact.code for fact in FACTS}
    assert all(fact.reason in assurance.REASONS for fact in FACTS if fact.reason)
    spoken = [assurance.REASONS[fact.reason] for fact in FACTS if fact.reason]
    assert len(spoken) == len(set(spoken))
