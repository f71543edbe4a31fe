"""A registration is its writer's alone, goes in only when it is whole, and counts anew whenever it was changed."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from directory.errors import BadInput, Conflict, NotFound
from directory.partners import completeness, members, registrations
from directory.partners.answers import Answers, Contact, Organization, Referrals, ServiceAnswers
from directory.partners.tables import PartnerMember, Registration, RegistrationCheck
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.tables import Service
from tests.directory.partners.keeper import a_keeper
from tests.directory.partners.partner_builders import (
    MORAG,
    OTHER,
    a_partner,
    a_registration,
    ask_of,
    codes_to,
    full_answers,
    kept,
)
from tests.directory.referrals.builders import Time, a_loop


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def row_of(loop: Loop, own_id: str) -> Registration:
    with loop.database.reading() as session:
        return session.get_one(Registration, own_id)


def test_what_was_typed_is_kept_sealed_and_opened_for_its_writer(loop: Loop) -> None:
    inside = a_partner(loop).inside
    found = a_registration(loop, inside, sent=False)
    assert found.answers == full_answers()
    assert found.email == MORAG
    row = row_of(loop, found.id)
    assert row.answers_sealed is not None
    assert b"Harbour" not in row.answers_sealed


def test_another_mailbox_finds_none_of_it(loop: Loop) -> None:
    own = a_registration(loop, a_partner(loop).inside, sent=False).id
    other = a_partner(loop, OTHER).inside
    for attempt in (
        lambda: kept(loop, other, own),
        lambda: registrations.submit(loop, ask_of(loop, other), other, own),
        lambda: registrations.withdraw(loop, ask_of(loop, other), other, own),
        lambda: registrations.change(loop, ask_of(loop, other), other, own, lambda whole: whole, "all"),
    ):
        with pytest.raises(NotFound):
            attempt()
    with loop.database.reading() as session:
        assert registrations.own(session, loop, other) == []


def test_once_agreed_it_is_the_owners_who_see_what_is_public_of_it(loop: Loop) -> None:
    inside = a_partner(loop).inside
    own = a_registration(loop, inside).id
    keeper = a_keeper(loop)
    with loop.database.session() as session:
        row = session.get_one(Registration, own)
        row.state, row.partner_id = registrations.APPROVED, keeper.partner_id
    found = kept(loop, inside, own)
    assert (found.answers.organization.name, found.answers.contact, found.answers.referrals) == (
        "Harbour Trust",
        Contact(),
        Referrals(),
    )
    with loop.database.session() as session:
        session.get_one(PartnerMember, keeper.id).role = members.EDITOR
    with loop.database.reading() as session:
        assert registrations.own(session, loop, inside) == []
        with pytest.raises(NotFound):
            registrations.lacks(session, loop, inside, own)
    with loop.database.session() as session:
        row_ = session.get_one(PartnerMember, keeper.id)
        row_.role, row_.left_at = members.OWNER, loop.clock()
    with pytest.raises(NotFound):
        kept(loop, inside, own)


def test_sent_in_it_is_in_no_record_and_its_writer_is_told(loop: Loop) -> None:
    with loop.database.reading() as session:
        before = session.scalars(select(Service.id)).all()
    found = a_registration(loop, a_partner(loop).inside)
    assert found.state == registrations.SUBMITTED
    assert found.submitted_at == loop.clock()
    assert len(codes_to(loop, MORAG, "partner_received")) == 1
    with loop.database.reading() as session:
        assert session.scalars(select(Service.id)).all() == before
        letter = session.scalars(select(PartnerLetter).where(PartnerLetter.path.contains(found.id))).one()
    assert letter.path == f"/partners/registrations/{found.id}"


@pytest.mark.parametrize(
    ("filled", "page"),
    [
        pytest.param(
            msgspec.structs.replace(full_answers(), done=("contact", "referrals")), "organization", id="an own page"
        ),
        pytest.param(msgspec.structs.replace(full_answers(), services=()), "services", id="no service"),
        pytest.param(full_answers(ServiceAnswers("a" * 32)), f"services/{'a' * 32}/what", id="an empty service"),
        pytest.param(full_answers(email=OTHER), "mailbox", id="a mailbox that nobody proved"),
    ],
)
def test_what_is_not_whole_cannot_be_sent(loop: Loop, filled: Answers, page: str) -> None:
    inside = a_partner(loop).inside
    found = a_registration(loop, inside, filled, sent=False)
    with loop.database.reading() as session:
        assert registrations.lacks(session, loop, inside, found.id)[0].page == page
    with pytest.raises(Conflict, match="still missing"):
        registrations.submit(loop, ask_of(loop, inside, found.version), inside, found.id)
    assert kept(loop, inside, found.id).state == registrations.DRAFT


def test_every_step_raises_the_version_so_that_an_earlier_agreement_is_to_something_else(loop: Loop) -> None:
    inside = a_partner(loop).inside
    sent = a_registration(loop, inside)
    registrations.take_back(loop, ask_of(loop, inside, sent.version), inside, sent.id)
    back = kept(loop, inside, sent.id)
    assert (back.state, back.answers) == (registrations.DRAFT, sent.answers)
    registrations.submit(loop, ask_of(loop, inside, back.version), inside, sent.id)
    again = kept(loop, inside, sent.id)
    assert sent.version < back.version < again.version


def test_what_was_sent_cannot_be_changed_before_it_is_taken_back(loop: Loop) -> None:
    inside = a_partner(loop).inside
    sent = a_registration(loop, inside)
    with pytest.raises(Conflict, match="sent in"):
        registrations.change(loop, ask_of(loop, inside, sent.version), inside, sent.id, lambda _: Answers(), "all")
    with pytest.raises(Conflict):
        registrations.submit(loop, ask_of(loop, inside, sent.version), inside, sent.id)
    assert kept(loop, inside, sent.id) == sent


def test_two_who_write_at_once_do_not_write_over_each_other(loop: Loop) -> None:
    inside = a_partner(loop).inside
    found = a_registration(loop, inside, sent=False)

    def renamed(whole: Answers) -> Answers:
        return msgspec.structs.replace(whole, organization=Organization("Second"))

    registrations.change(loop, ask_of(loop, inside, found.version), inside, found.id, lambda whole: whole, "contact")
    with pytest.raises(Conflict, match="meanwhile"):
        registrations.change(loop, ask_of(loop, inside, found.version), inside, found.id, renamed, "organization")
    assert kept(loop, inside, found.id).answers == found.answers


def test_a_form_sent_twice_is_taken_once_and_with_other_words_refused(loop: Loop) -> None:
    inside = a_partner(loop).inside
    found = a_registration(loop, inside, sent=False)
    ask = ask_of(loop, inside, found.version)

    def change(name: str) -> object:
        new = msgspec.structs.replace(found.answers, organization=Organization(name))
        return registrations.change(loop, ask, inside, found.id, lambda _: new, "organization", {"organization": name})

    assert change("First") == change("First")
    with pytest.raises(BadInput, match="something else in it"):
        change("Second")
    assert kept(loop, inside, found.id).answers.organization.name == "First"
    assert kept(loop, inside, found.id).version == found.version + 1


def test_withdrawn_nothing_of_it_is_left(loop: Loop) -> None:
    inside = a_partner(loop).inside
    sent = a_registration(loop, inside)
    registrations.withdraw(loop, ask_of(loop, inside, sent.version), inside, sent.id)
    row = row_of(loop, sent.id)
    assert (row.state, row.answers_sealed, row.email_sealed, row.email_mac) == ("withdrawn", None, None, "")
    assert row.erased_at is not None
    with loop.database.reading() as session:
        assert registrations.own(session, loop, inside) == []


def test_the_mailbox_that_they_came_in_with_is_proved_and_stands_among_the_checks(loop: Loop) -> None:
    sent = a_registration(loop, a_partner(loop).inside)
    with loop.database.reading() as session:
        check = session.scalars(select(RegistrationCheck).where(RegistrationCheck.registration_id == sent.id)).one()
    assert (check.kind, check.result, check.by) == ("referral_mailbox", "passed", "")


def test_a_mailbox_begins_only_so_many_at_a_time(loop: Loop) -> None:
    inside = a_partner(loop).inside
    begun = [registrations.begin(loop, ask_of(loop, inside), inside)["id"] for _ in range(registrations.MOST_OPEN)]
    with pytest.raises(Conflict, match="not agreed yet"):
        registrations.begin(loop, ask_of(loop, inside), inside)
    with loop.database.session() as session:
        session.get_one(Registration, begun[0]).state = registrations.SUBMITTED
    with pytest.raises(Conflict, match="not agreed yet"):
        registrations.begin(loop, ask_of(loop, inside), inside)
    registrations.withdraw(loop, ask_of(loop, inside), inside, begun[0])
    registrations.begin(loop, ask_of(loop, inside), inside)


def test_sent_again_and_again_it_says_so_once_a_day(loop: Loop, time: Time) -> None:
    inside = a_partner(loop).inside
    own = a_registration(loop, inside).id

    def again() -> int:
        registrations.take_back(loop, ask_of(loop, inside, kept(loop, inside, own).version), inside, own)
        registrations.submit(loop, ask_of(loop, inside, kept(loop, inside, own).version), inside, own)
        return len(codes_to(loop, MORAG, "partner_received"))

    assert [again() for _ in range(2)] == [1, 1]
    a_registration(loop, inside)
    assert len(codes_to(loop, MORAG, "partner_received")) == 2
    time.pass_(days=1)
    assert again() == 3


def test_what_is_missing_says_where_it_is_put_right() -> None:
    whole = completeness.lacks(Answers(), is_proved=False)
    assert [lack.page for lack in whole] == ["organization", "contact", "referrals", "services"]
    assert completeness.lacks(full_answers(), is_proved=True) == ()


def test_a_claim_goes_with_the_service_that_it_was_of(loop: Loop) -> None:
    inside, two = a_partner(loop).inside, (ServiceAnswers("a" * 32), ServiceAnswers("b" * 32))
    found = a_registration(loop, inside, full_answers(*two), sent=False, claims="of-the-first")

    def left(*services: ServiceAnswers) -> str:
        version = kept(loop, inside, found.id).version
        whole = full_answers(*services)
        registrations.change(loop, ask_of(loop, inside, version), inside, found.id, lambda _: whole, "service_remove")
        return kept(loop, inside, found.id).claims_service_id

    assert left(two[0]) == "of-the-first"
    assert left(two[1]) == ""
