"""Register is not receive: nothing of a registration is in the record before two people agreed to that very version."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from directory.accounts.tables import Account, utc
from directory.draft import Coverage, Premises
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.feeds import assurance, duplicates
from directory.feeds.assurance import State
from directory.feeds.duplicates import Verdict
from directory.partners import claims, members, publishing, registrations, room, verifying
from directory.partners.answers import Referrals
from directory.partners.tables import Partner, PartnerService
from directory.referrals import locators, mailboxes, sending_guards
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Locator, Mailbox, Referral
from directory.search import fold
from directory.tables import Revision, Service
from directory.values import Known, Visibility
from ingest import reconcile
from tests.builders import FIFE, a_withheld_draft, write
from tests.directory.mail_server import Box
from tests.directory.partners.partner_builders import MORAG, a_partner, a_registration, ask_of, codes_to, full_answers
from tests.directory.partners.verifying_builders import (
    agreed,
    agrees,
    as_it_is,
    asked,
    checked,
    filled,
    in_record,
    noted,
    of_organization,
    of_service,
    sent_in,
    traces,
)
from tests.directory.referrals.access_builders import staff
from tests.directory.referrals.builders import SERVICE, Time, a_loop, a_mailbox
from tests.directory.referrals.mail_builders import a_sent, queued, sent

NAME = "Seal Watch Listening"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


@pytest.fixture
def ann(loop: Loop) -> Who:
    return staff(loop, "editor")


@pytest.fixture
def bea(loop: Loop) -> Who:
    return staff(loop, "supervisor")


def the_service(loop: Loop) -> str:
    return in_record(loop)[NAME]


def mailbox_of(loop: Loop, service_id: str) -> Mailbox | None:
    with loop.database.reading() as session:
        return mailboxes.current(session, service_id)


def test_nothing_is_in_the_record_until_two_people_have_agreed(loop: Loop, ann: Who, bea: Who) -> None:
    before = traces(loop)
    _, kept = sent_in(loop)
    assert traces(loop) == before
    checked(loop, kept, ann)
    assert agrees(loop, kept, ann) is False
    assert traces(loop) == before
    assert agrees(loop, kept, bea) is True
    assert list(in_record(loop)) == [NAME]
    with loop.database.reading() as session:
        document = fold.document(session, the_service(loop))
        assert document is not None
        assert document.organization == "Harbour Trust"
        assert assurance.words(session, [document.id])[document.id][-1].state is State.PROVIDER_CONFIRMED


def test_the_same_person_twice_is_refused(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    checked(loop, kept, ann)
    agrees(loop, kept, ann)
    with pytest.raises(Conflict, match="You have agreed to this already"):
        agrees(loop, kept, ann)
    assert in_record(loop) == {}


def test_an_approval_of_an_older_version_counts_for_nothing(loop: Loop, ann: Who, bea: Who) -> None:
    door, kept = sent_in(loop)
    checked(loop, kept, ann)
    agrees(loop, kept, ann)
    registrations.take_back(loop, ask_of(loop, door.inside, kept.version), door.inside, kept.id)
    changed = filled(description="Something else altogether, for everybody.")
    now = as_it_is(loop, door, kept)
    made = registrations.change(
        loop, ask_of(loop, door.inside, now.version), door.inside, kept.id, lambda _: changed, "x"
    )
    registrations.submit(loop, ask_of(loop, door.inside, made["version"]), door.inside, kept.id)
    now = as_it_is(loop, door, kept)
    with pytest.raises(Conflict, match="Somebody else changed this meanwhile"):
        agrees(loop, kept, bea)
    with pytest.raises(Conflict, match="still to do"):  # the call was about other words
        agrees(loop, now, bea)
    checked(loop, now, ann)
    assert agrees(loop, now, bea) is False
    assert in_record(loop) == {}
    assert agrees(loop, now, ann) is True


def test_an_approval_of_somebody_who_may_not_agree_any_more_counts_for_nothing(loop: Loop, ann: Who, bea: Who) -> None:
    _, kept = sent_in(loop)
    checked(loop, kept, ann)
    agrees(loop, kept, ann)
    with loop.database.session() as session:
        session.get_one(Account, ann.id).disabled_at = loop.clock()
    assert agrees(loop, kept, bea) is False
    assert in_record(loop) == {}
    assert agrees(loop, kept, staff(loop, "editor")) is True


def test_a_partner_an_owner_and_its_services_are_made_and_they_are_told(loop: Loop, ann: Who, bea: Who) -> None:
    door, kept = sent_in(loop)
    checked(loop, kept, ann)
    agreed(loop, kept, ann, bea)
    with loop.database.reading() as session:
        (own,) = members.services_of(session, door.inside)
        partner = session.scalars(select(Partner)).one()
    assert (own.service_id, own.role, own.partner) == (the_service(loop), members.OWNER, "Harbour Trust")
    assert partner.charity_number == "SC012345"
    now = as_it_is(loop, door, kept)
    assert (now.state, now.partner_id) == (registrations.APPROVED, partner.id)
    assert codes_to(loop, MORAG, "partner_approved") == [""]


def test_its_mailbox_may_be_used_two_days_later_and_before_that_by_a_supervisor(
    loop: Loop, time: Time, ann: Who, bea: Who
) -> None:
    _, kept = sent_in(loop)
    checked(loop, kept, ann)
    noted(loop, kept, ann, verifying.TERMS, "2026-11-20")
    agreed(loop, kept, ann, bea)
    box = mailbox_of(loop, the_service(loop))
    assert box is not None
    assert mailboxes.address(loop, box) == MORAG
    assert (box.first_approver, box.second_approver) == (ann.id, bea.id)
    assert box.terms_agreed_on == date(2026, 11, 20)
    assert box.usable_from is not None
    assert utc(box.usable_from) - loop.clock() == timedelta(hours=48)
    worker, supervisor = Who(Actor.WORKER, "w"), Who(Actor.SUPERVISOR, "s")
    assert [each.rule for each in sending_guards._mailbox(loop, box, worker, loop.clock())] == ["mailbox"]
    assert [*sending_guards._mailbox(loop, box, supervisor, loop.clock())] == []
    time.pass_(hours=48)
    assert [*sending_guards._mailbox(loop, box, worker, loop.clock())] == []


def test_nobody_agrees_what_came_from_a_mailbox_of_their_own(loop: Loop, ann: Who, bea: Who) -> None:
    with loop.database.session() as session:
        session.get_one(Account, ann.id).email = MORAG
    _, kept = sent_in(loop)
    checked(loop, kept, bea)
    for act in (checked, agrees):
        with pytest.raises(Forbidden, match="a mailbox of yours"):
            act(loop, kept, ann)
    with pytest.raises(Forbidden):
        publishing.refuse(loop, asked(loop, ann, kept), kept.id, "No.")


def test_what_is_being_written_is_looked_into_by_nobody(loop: Loop, ann: Who) -> None:
    door = a_partner(loop)
    kept = a_registration(loop, door.inside, filled(), sent=False)
    with pytest.raises(NotFound):
        agrees(loop, kept, ann)


def test_sent_back_it_can_be_changed_and_they_read_why(loop: Loop, ann: Who) -> None:
    door, kept = sent_in(loop)
    publishing.send_back(loop, asked(loop, ann, kept), kept.id, "Which towns do you go to?")
    now = as_it_is(loop, door, kept)
    assert (now.state, now.said) == (registrations.RETURNED, "Which towns do you go to?")
    assert codes_to(loop, MORAG, "partner_returned") == [""]
    registrations.change(loop, ask_of(loop, door.inside, now.version), door.inside, kept.id, lambda whole: whole, "x")


def test_refused_it_is_over(loop: Loop, ann: Who, bea: Who) -> None:
    door, kept = sent_in(loop)
    checked(loop, kept, ann)
    publishing.refuse(loop, asked(loop, ann, kept), kept.id, "The charity says that you are not of it.")
    assert as_it_is(loop, door, kept).state == registrations.REFUSED
    with pytest.raises(Conflict):
        agrees(loop, as_it_is(loop, door, kept), bea)
    assert in_record(loop) == {}


def test_words_must_be_said_and_not_too_many(loop: Loop, ann: Who) -> None:
    _, kept = sent_in(loop)
    for said in (" ", "x" * 2_001):
        with pytest.raises(BadInput) as refused:
            publishing.send_back(loop, asked(loop, ann, kept), kept.id, said)
        assert refused.value.field == "said"


def test_an_owner_registers_more_for_the_same_organization_and_a_stranger_cannot(
    loop: Loop, ann: Who, bea: Who
) -> None:
    door, first = sent_in(loop)
    checked(loop, first, ann)
    agreed(loop, first, ann, bea)
    own = "5e1f0000000040008000000000000002"
    more = filled(name="Puffin Evenings", phone="01632 960004", url="https://puffins.example/x")
    service = type(more.services[0])(own, more.services[0].values, more.services[0].done)
    again = a_registration(loop, door.inside, full_answers(service))
    checked(loop, again, ann)
    agreed(loop, again, ann, bea)
    with loop.database.reading() as session:
        assert len(session.scalars(select(Partner)).all()) == 1
        assert len(members.services_of(session, door.inside)) == 2
    stranger = a_partner(loop, "ada@other.example")
    theirs = a_registration(
        loop, stranger.inside, filled(name="Gannet Drop In", phone="01632 960005", email="ada@other.example")
    )
    checked(loop, theirs, ann, verifying.DUPLICATES)
    with pytest.raises(Conflict, match="none of its owners"):
        agrees(loop, theirs, bea)


def a_claim(loop: Loop, ann: Who, bea: Who, **changes: object) -> str:
    """What Harbour Counselling says of itself, claimed and agreed; its id."""
    door = a_partner(loop)
    whole = full_answers(**changes)
    kept = a_registration(loop, door.inside, whole, claims=SERVICE)
    checked(loop, kept, ann)
    agreed(loop, kept, ann, bea)
    return SERVICE


def test_a_claim_joins_rows_and_writes_nothing_over(loop: Loop, ann: Who, bea: Who) -> None:
    with loop.database.reading() as session:
        before = session.scalars(select(Revision.content).where(Revision.service_id == SERVICE)).all()
    a_claim(loop, ann, bea, description="Listening, by people of the harbour itself.")
    with loop.database.reading() as session:
        assert session.scalars(select(Revision.content).where(Revision.service_id == SERVICE)).all() == before
        row = session.scalars(select(Service).where(Service.source_id == "partner")).one()
        assert row.same_as_id == SERVICE
        document = fold.document(session, SERVICE)
        assert document is not None
        assert document.description == "Listening, by people of the harbour itself."
        kept = session.scalars(select(PartnerService)).one()
        assert (kept.service_id, kept.how) == (SERVICE, "claimed")


def test_what_another_partner_keeps_is_not_taken_by_a_claim(loop: Loop, ann: Who, bea: Who) -> None:
    a_claim(loop, ann, bea)
    door = a_partner(loop, "ada@other.example")
    other = full_answers(email="ada@other.example")
    named = type(other)(
        type(other.organization)("Other Trust", "SC099999"), other.contact, other.referrals, other.services, other.done
    )
    kept = a_registration(loop, door.inside, named, claims=SERVICE)
    checked(loop, kept, ann)
    with pytest.raises(Conflict, match="Another partner keeps"):
        agrees(loop, kept, bea)


def test_a_mailbox_in_use_is_not_replaced_by_a_claim_but_proposed(loop: Loop, ann: Who, bea: Who) -> None:
    old = a_mailbox(loop)
    a_claim(loop, ann, bea)
    box = mailbox_of(loop, SERVICE)
    assert box is not None
    assert box.id == old
    with loop.database.reading() as session:
        proposed = mailboxes.proposed(session, SERVICE)
        assert proposed is not None
        assert (mailboxes.address(loop, proposed), proposed.called_back_at) == (MORAG, None)


def test_swapped_by_a_claim_it_is_blocked_the_old_one_told_and_old_links_dead(
    loop: Loop, time: Time, ann: Who, bea: Who
) -> None:
    own = a_sent(loop, mailbox_id=a_mailbox(loop))
    queued(loop, own)
    sent(loop, Box())
    with loop.database.reading() as session:
        before = session.scalars(select(Locator)).one()
    a_claim(loop, ann, bea)
    with loop.database.reading() as session:
        proposed = mailboxes.proposed(session, SERVICE)
        assert proposed is not None
        assert locators.live(session, own, time.now) is not None
    mailboxes.called_back(loop, asked(loop, ann), proposed.id, "The charity register")
    mailboxes.approve(loop, asked(loop, ann), proposed.id)
    mailboxes.approve(loop, asked(loop, bea), proposed.id)
    box = mailbox_of(loop, SERVICE)
    assert box is not None
    broken = [each.rule for each in sending_guards._mailbox(loop, box, Who(Actor.WORKER, "w"), loop.clock())]
    assert "mailbox" in broken
    with loop.database.reading() as session:
        assert session.get_one(Locator, before.id).revoked_at is not None
        assert session.get_one(Referral, own).mailbox_id == box.id
    told = Box()
    sent(loop, told)
    assert told.recipients.count("referrals@harbour.example") == 1
    assert any("another address" in str(letter["Subject"]) for letter in told.letters)


def test_a_claimed_place_that_its_provider_keeps_confidential_is_so_in_every_row(
    loop: Loop, ann: Who, bea: Who
) -> None:
    hidden = {"premises": Premises(Visibility.UNDISCLOSED), "phone": "", "url": "", "description": "Help for women."}
    a_claim(loop, ann, bea, name="Lighthouse Women", **hidden)
    with loop.database.reading() as session:
        contents = str(session.scalars(select(Revision.content)).all())
    for word in ("Harbour Row", "EH6 5QG", "Leith", "01632 960001", "harbour.example/about"):
        assert word not in contents


def test_a_place_that_the_record_keeps_confidential_stays_so_whatever_they_write(
    loop: Loop, ann: Who, bea: Who
) -> None:
    withheld = write(loop.database, a_withheld_draft(coverage=Coverage(Known.STATED, (FIFE,))))
    assert withheld
    with loop.database.reading() as session:
        own = session.scalars(select(Service.id).where(Service.source_record_id == "f901")).one()
        found = claims.claimable(session, own)
        assert found is not None
        assert found.withheld
    door = a_partner(loop)
    kept = a_registration(loop, door.inside, filled(name="Lighthouse Women's Aid, 12 Harbour Row"), claims=own)
    checked(loop, kept, ann)
    agreed(loop, kept, ann, bea)
    with loop.database.reading() as session:
        told = session.scalars(select(Revision).where(Revision.service_id != SERVICE)).all()
        content = str([each.content for each in told])
        document = fold.document(session, own)
    assert document is not None
    assert (document.visibility, document.name) == (Visibility.UNDISCLOSED, "Lighthouse Women's Aid")
    for word in ("Harbour Row", "EH6 5QG", "Leith", "01632 960003", "seals.example"):
        assert word not in content


def test_the_audit_says_who_did_what_and_no_word_of_theirs(loop: Loop, ann: Who, bea: Who) -> None:
    _, kept = sent_in(loop)
    checked(loop, kept, ann)
    agreed(loop, kept, ann, bea)
    with loop.database.reading() as session:
        lines = session.scalars(
            select(AuditEvent).where(AuditEvent.object_type == "registration", AuditEvent.actor_kind != "partner")
        ).all()
    assert [(line.action, line.purpose, line.actor_id) for line in lines] == [
        ("change", "call_back_passed", ann.id), ("change", "charity_number_passed", ann.id),
        ("approve", "first", ann.id), ("approve", "published", bea.id),
    ]  # fmt: skip
    assert "Harbour" not in str([vars(line) for line in lines])


def test_what_two_people_judged_another_service_is_joined_to_it_by_no_rule(loop: Loop, ann: Who, bea: Who) -> None:
    a_claim(loop, ann, bea)
    rival = a_partner(loop, "ada@other.example")
    alike = of_organization(full_answers(email="ada@other.example"), name="Other Trust", charity_number="SC099999")
    kept = a_registration(loop, rival.inside, of_service(alike, "9" * 32))
    checked(loop, kept, ann, verifying.DUPLICATES)
    agreed(loop, kept, ann, bea)
    with loop.database.session() as session:
        (theirs,) = members.services_of(session, rival.inside)
        decided = duplicates.standing(session, theirs.service_id, SERVICE)
        assert decided is not None
        assert (decided.counts, decided.last.by) == (Verdict.DISTINCT, bea.id)
        before = dict(session.execute(select(Service.id, Service.same_as_id)).all())
        assert reconcile.join(session, ["facts"], loop.clock()) == 0
        assert dict(session.execute(select(Service.id, Service.same_as_id)).all()) == before
    room.say(loop, ask_of(loop, rival.inside), rival.inside, theirs.service_id, "full", until=loop.clock().date())
    with loop.database.reading() as session:
        ours, own = (fold.document(session, each) for each in (SERVICE, theirs.service_id))
    assert ours is not None
    assert own is not None
    assert (ours.capacity.state, own.capacity.state) == ("", "full")


def test_an_owner_cannot_put_the_name_of_theirs_to_the_charity_number_of_another(
    loop: Loop, ann: Who, bea: Who
) -> None:
    _, first = sent_in(loop)
    checked(loop, first, ann)
    agreed(loop, first, ann, bea)
    other = a_partner(loop, "ada@other.example")
    puffins = filled(name="Puffin Evenings", phone="01632 960004", url="https://puffins.example/x")
    theirs = of_organization(of_service(puffins, "9" * 32), name="Puffin Trust", charity_number="SC099999")
    theirs = msgspec.structs.replace(theirs, referrals=Referrals("ada@other.example"))
    second = a_registration(loop, other.inside, theirs)
    checked(loop, second, ann)
    agreed(loop, second, ann, bea)
    gannets = filled(name="Gannet Drop In", phone="01632 960005", url="https://gannets.example/x")
    mixed = of_organization(of_service(gannets, "8" * 32), name="Puffin Trust")  # with the number of Harbour Trust
    mixed = msgspec.structs.replace(mixed, referrals=Referrals("ada@other.example"))
    kept = a_registration(loop, other.inside, mixed)
    checked(loop, kept, ann)
    with pytest.raises(Conflict, match="none of its owners"):
        agrees(loop, kept, bea)
