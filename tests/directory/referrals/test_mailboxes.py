"""An address is trusted when two people and a call have proved it; a new one cuts the old one off at once."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.accounts.tables import utc
from directory.errors import BadInput, Conflict, NotFound
from directory.referrals import locators, mailboxes, notices
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, Locator, Mailbox, Notice, Referral, Task
from tests.directory.mail_server import Box
from tests.directory.referrals.builders import (
    SERVICE,
    SUPERVISOR,
    WORKER,
    Time,
    a_loop,
    a_mailbox,
    ask,
    referral,
)
from tests.directory.referrals.mail_builders import a_code, a_sent, queued, sent

NEW = "intake@harbour.example"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def a_proposal(loop: Loop, email: str = NEW, called: bool = True, second: str = "") -> str:
    own: str = mailboxes.propose(loop, ask(loop), SERVICE, email, second, date(2026, 11, 1))["id"]
    if called:
        mailboxes.called_back(loop, ask(loop), own, "The charity register")
    return own


def proved(loop: Loop, email: str = NEW) -> str:
    own = a_proposal(loop, email)
    mailboxes.approve(loop, ask(loop), own)
    mailboxes.approve(loop, ask(loop, SUPERVISOR), own)
    return own


def mailbox(loop: Loop, own: str) -> Mailbox:
    with loop.database.reading() as session:
        return session.get_one(Mailbox, own)


def in_use(loop: Loop) -> str:
    with loop.database.reading() as session:
        found = mailboxes.current(session, SERVICE)
        return found.id if found else ""


def test_nothing_goes_to_an_address_that_was_only_proposed(loop: Loop) -> None:
    a_proposal(loop)
    assert in_use(loop) == ""


def test_two_people_and_a_call_prove_an_address_which_may_be_used_two_days_later(loop: Loop, time: Time) -> None:
    own = proved(loop)
    row = mailbox(loop, own)
    assert in_use(loop) == own
    assert mailboxes.address(loop, row) == NEW
    assert (row.first_approver, row.second_approver) == (WORKER.id, SUPERVISOR.id)
    assert row.verified_at is not None
    assert row.usable_from is not None
    assert utc(row.usable_from) - utc(row.verified_at) == timedelta(hours=48)
    assert row.terms_agreed_on == date(2026, 11, 1)


def test_one_person_alone_cannot_prove_an_address(loop: Loop) -> None:
    own = a_proposal(loop)
    mailboxes.approve(loop, ask(loop), own)
    with pytest.raises(Conflict, match="approved this address already"):
        mailboxes.approve(loop, ask(loop), own)
    assert in_use(loop) == ""


def test_nobody_approves_before_somebody_has_rung_them(loop: Loop) -> None:
    own = a_proposal(loop, called=False)
    with pytest.raises(Conflict, match="Nobody has rung"):
        mailboxes.approve(loop, ask(loop), own)


def test_an_approval_of_what_has_changed_since_is_refused(loop: Loop) -> None:
    own = a_proposal(loop)
    with pytest.raises(Conflict):
        mailboxes.approve(loop, ask(loop, version=1), own)


@pytest.mark.parametrize(
    ("email", "second", "field"),
    [
        pytest.param("", "", "email", id="nothing"),
        pytest.param("no address", "", "email", id="no address"),
        pytest.param("a@b.example\r\nBcc: x@y.example", "", "email", id="another header"),
        pytest.param("Somebody <a@b.example>", "", "email", id="with a name"),
        pytest.param("a@b.example, c@d.example", "", "email", id="two of them"),
        pytest.param("a@b.example", "nobody", "second", id="second is none"),
        pytest.param("a@b.example", "A@b.example", "second", id="second is the first"),
    ],
)
def test_what_is_no_address_is_refused_by_its_field(loop: Loop, email: str, second: str, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        mailboxes.propose(loop, ask(loop), SERVICE, email, second)
    assert refused.value.field == field
    assert "b.example" not in str(refused.value)


def test_a_service_that_is_not_in_the_record_has_no_mailbox(loop: Loop) -> None:
    with pytest.raises(NotFound):
        mailboxes.propose(loop, ask(loop), "no-service", NEW)


def test_a_second_proposal_takes_the_place_of_the_first(loop: Loop) -> None:
    first, second = a_proposal(loop), a_proposal(loop, "third@harbour.example")
    assert mailbox(loop, first).replaced_at is not None
    with loop.database.reading() as session:
        found = mailboxes.proposed(session, SERVICE)
        assert found is not None
        assert found.id == second


def test_the_address_is_sealed_in_the_record_and_in_no_log_of_the_audit(loop: Loop) -> None:
    own = proved(loop)
    assert NEW.encode() not in (mailbox(loop, own).address_sealed or b"")
    with loop.database.reading() as session:
        lines = session.scalars(select(AuditEvent).where(AuditEvent.object_type == "mailbox")).all()
    assert [line.purpose for line in lines] == ["propose", "call_back", "first", "verified"]


def test_a_new_address_tells_the_old_one_and_kills_its_links(loop: Loop, time: Time) -> None:
    old = a_mailbox(loop)
    own = a_sent(loop, mailbox_id=old)
    queued(loop, own)
    box = Box()
    sent(loop, box)
    a_code(loop, own)
    with loop.database.reading() as session:
        before = session.scalars(select(Locator)).one()
    with loop.database.session() as session:
        locators.issue(session, loop, session.get_one(Referral, own), WORKER, time.now, to_second=True)
    new = proved(loop)
    with loop.database.reading() as session:
        assert locators.live(session, own, time.now, to_second=True) is None
        assert session.get_one(Locator, before.id).revoked_at is not None
        after = locators.live(session, own, time.now)
        assert after is not None
        assert after.mailbox_id == new
    assert referral(loop, own).mailbox_id == new
    box = Box()
    sent(loop, box)
    assert box.recipients == ["referrals@harbour.example"]
    assert "go to another address" in str(box.letters[0]["Subject"])
    assert "Harbour" in str(box.letters[0]["Subject"])
    time.pass_(hours=48)
    box = Box()
    sent(loop, box)
    assert box.recipients == [NEW]
    assert locators.token(loop.keys, after.id) in box.bodies[0].replace("=\n", "")


def test_what_had_not_left_yet_goes_to_the_new_address_once(loop: Loop, time: Time) -> None:
    own = a_sent(loop, mailbox_id=a_mailbox(loop))
    queued(loop, own)
    proved(loop)
    time.pass_(hours=49)
    box = Box()
    sent(loop, box)
    assert sorted(box.recipients) == [NEW, "referrals@harbour.example"]
    with loop.database.reading() as session:
        templates = list(session.scalars(select(Notice.template).where(Notice.referral_id == own)))
    assert templates == ["referral"]


def test_an_address_taken_out_of_use_leaves_its_worker_a_task(loop: Loop, time: Time) -> None:
    old = a_mailbox(loop)
    own = a_sent(loop, mailbox_id=old)
    mailboxes.remove(loop, ask(loop, SUPERVISOR), old)
    with loop.database.reading() as session:
        assert mailboxes.current(session, SERVICE) is None
        assert locators.live(session, own, time.now) is None
        assert session.scalars(select(Task.referral_id)).all() == [own]


def test_an_old_address_is_asked_whether_it_is_right_and_noted_when_they_say_so(loop: Loop, time: Time) -> None:
    own = proved(loop)
    time.pass_(days=181)
    assert mailboxes.is_stale(loop, mailbox(loop, own), time.now)
    mailboxes.prove(loop, ask(loop), own)
    box = Box()
    sent(loop, box)
    assert "still the mailbox of" in str(box.letters[0]["Subject"])
    mailboxes.confirmed_by_phone(loop, ask(loop), own)
    assert not mailboxes.is_stale(loop, mailbox(loop, own), time.now)


def test_an_address_that_is_not_proved_is_not_asked(loop: Loop) -> None:
    with pytest.raises(Conflict):
        mailboxes.prove(loop, ask(loop), a_proposal(loop))


def test_a_form_sent_twice_proposes_once(loop: Loop) -> None:
    one = mailboxes.propose(loop, ask(loop, key="k"), SERVICE, NEW)
    assert mailboxes.propose(loop, ask(loop, key="k"), SERVICE, NEW) == one
    with loop.database.reading() as session:
        assert len(session.scalars(select(Mailbox.id)).all()) == 1


def test_a_finished_referral_stays_with_the_address_it_went_to(loop: Loop) -> None:
    old = a_mailbox(loop)
    own = a_sent(loop, mailbox_id=old)
    with loop.database.session() as session:
        session.get_one(Referral, own).state = State.CLOSED.value
    proved(loop)
    assert referral(loop, own).mailbox_id == old
    assert "mailbox_changed" in notices.templates()


@pytest.mark.parametrize(("second", "waits"), [("desk@harbour.example", True), ("", False)])
def test_of_a_registration_a_new_second_contact_of_the_mailbox_in_use_waits_to_be_proved(
    loop: Loop, second: str, waits: bool
) -> None:
    own = proved(loop)
    rung = mailboxes.Rung(loop.clock(), "The charity register", WORKER.id, loop.clock())
    for _ in range(2):
        with loop.database.session() as session:
            used = mailboxes.take_in(session, loop, ask(loop, SUPERVISOR), SERVICE, NEW.upper(), second, rung)
        assert used is not waits
    with loop.database.reading() as session:
        assert mailboxes.current(session, SERVICE).id == own  # type: ignore[union-attr]  # it has one
        proposal = mailboxes.proposed(session, SERVICE)
        assert (proposal is not None) is waits
        assert proposal is None or mailboxes.address(loop, proposal, to_second=True) == second
