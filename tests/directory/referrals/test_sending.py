"""What waits leaves once, in order, under one id, whatever the mail server does; and what must not leave does not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select, update

from directory.accounts.tables import utc
from directory.mail import Files, Letter, Smtp
from directory.referrals import claiming, letters, notices, sending, switches
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.sending import Drained, Outgoing
from directory.referrals.tables import (
    Agreement,
    AuditEvent,
    Case,
    LinkCode,
    Mailbox,
    Notice,
    Referral,
    SafeContact,
    Task,
)
from tests.directory.mail_server import Box
from tests.directory.referrals.builders import (
    WORKER,
    Time,
    a_case,
    a_loop,
    a_mailbox,
    a_policy,
    a_referral,
    ask,
    referral,
    with_policy,
)
from tests.directory.referrals.mail_builders import (
    PUBLIC,
    a_code,
    a_person_contact,
    a_sent,
    a_server,
    notice,
    queued,
    sent,
)

WORKING = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
"""A Tuesday, in working hours."""


@pytest.fixture
def time() -> Time:
    clock = Time()
    clock.now = clock.now.replace(day=WORKING.day, hour=WORKING.hour)
    return clock


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def all_notices(loop: Loop) -> list[Notice]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def tasks_of(loop: Loop) -> list[str]:
    with loop.database.reading() as session:
        return list(session.scalars(select(Task.kind).where(Task.done_at.is_(None))))


def test_an_urgent_message_leaves_at_once_and_is_marked_when_the_server_has_it(loop: Loop, time: Time) -> None:
    own = a_sent(loop)
    waiting, box = queued(loop, own), Box()
    (done,) = sent(loop, box)
    row = notice(loop, waiting)
    assert (done.letters, done.messages, done.trouble) == (1, 1, "")
    assert row.handed_over_at is not None
    assert utc(row.handed_over_at) == time.now
    assert row.settled_at is not None
    assert box.recipients == ["referrals@harbour.example"]
    assert box.ids == [f"<{row.message_id}@spoc.example>"]
    assert referral(loop, own).reference in box.bodies[0]
    assert "Wednesday 25 November 2026" in box.bodies[0]


def test_nothing_is_left_for_a_second_round(loop: Loop) -> None:
    queued(loop, a_sent(loop))
    box = Box()
    assert [done.letters for done in sent(loop, box, rounds=2)] == [1, 0]
    assert len(box.letters) == 1


@pytest.mark.parametrize(
    ("trouble", "seen"),
    [
        pytest.param({"rcpt": ["450 later"]}, 1, id="recipient refused for now"),
        pytest.param({"data": ["451 later"]}, 2, id="letter refused for now"),
        pytest.param({"data": ["cut"]}, 1, id="connection cut in the middle of the letter"),
        pytest.param({"data": ["drop"]}, 2, id="connection dropped when the letter was in"),
        pytest.param({"data": ["421 closing"]}, 2, id="server closes down"),
    ],
)
def test_trouble_with_one_letter_makes_it_wait_and_go_again_under_the_same_id(
    loop: Loop, time: Time, trouble: dict[str, list[str]], seen: int
) -> None:
    waiting, box = queued(loop, a_sent(loop)), Box(**trouble)
    first, second = sent(loop, box, rounds=2, between=lambda: time.pass_(minutes=2))
    assert (first.letters, first.to_try_again, second.letters) == (0, 1, 1)
    assert notice(loop, waiting).tries == 1
    assert len(box.letters) == 1
    assert box.seen == box.ids * seen


def test_a_letter_that_waits_is_not_tried_before_its_pause_is_over(loop: Loop, time: Time) -> None:
    queued(loop, a_sent(loop))
    box = Box(data=["451 later"])
    assert [done.letters for done in sent(loop, box, rounds=2, between=lambda: time.pass_(seconds=30))] == [0, 0]


def test_the_pauses_grow_and_after_the_last_try_a_person_is_asked(loop: Loop, time: Time) -> None:
    waiting, box = queued(loop, a_sent(loop)), Box(data=["451 later"] * 20)
    began, pauses = time.now, []

    def until_next() -> None:
        row = notice(loop, waiting)
        if row.next_try_at and row.settled_at is None:
            pauses.append(utc(row.next_try_at) - time.now)
            time.now = utc(row.next_try_at)

    sent(loop, box, rounds=9, between=until_next)
    assert pauses == sorted(pauses)
    assert len(box.seen) == 8
    assert time.now - began > timedelta(hours=24)
    assert notice(loop, waiting).refused == "failed"
    assert tasks_of(loop) == ["bounced"]


def test_a_server_that_is_down_costs_no_try_and_loses_nothing(loop: Loop, time: Time) -> None:
    waiting = [queued(loop, a_sent(loop)) for _ in range(3)]

    async def down() -> Drained:
        return await sending.drain(loop, Outgoing(Smtp(a_server(9), timeout_s=2.0), PUBLIC))

    for _ in range(30):
        assert "cannot be used" in anyio.run(down).trouble
        time.pass_(hours=1)
    assert all(row.tries == 0 and row.settled_at is None and row.claimed_until is None for row in all_notices(loop))
    box = Box()
    sent(loop, box)
    assert len(box.letters) == len(set(box.ids)) == len(waiting)


def test_a_slow_server_is_waited_for_no_longer_than_the_time_limit(loop: Loop, time: Time) -> None:
    queued(loop, a_sent(loop))
    (done,) = sent(loop, Box(delay_s=0.6), timeout_s=0.3)
    assert (done.letters, done.to_try_again) == (0, 1)
    assert "broke off" in done.trouble


def test_a_sender_that_is_refused_is_the_servers_trouble_and_no_letters(loop: Loop) -> None:
    waiting = queued(loop, a_sent(loop))
    (done,) = sent(loop, Box(mail=["550 who are you"]))
    assert "refuses our sender" in done.trouble
    assert notice(loop, waiting).tries == 0


@pytest.mark.parametrize(
    ("answers", "marked"),
    [
        pytest.param({"rcpt": ["550 no such mailbox"]}, True, id="no such mailbox"),
        pytest.param({"data": ["554 not wanted"]}, False, id="letter not wanted"),
    ],
)
def test_a_refusal_for_good_is_told_to_the_worker_within_the_hour(
    loop: Loop, time: Time, answers: dict[str, list[str]], marked: bool
) -> None:
    own = a_sent(loop)
    waiting = queued(loop, own)
    (done,) = sent(loop, Box(**answers))
    row = notice(loop, waiting)
    assert (done.failed, row.refused, row.handed_over_at) == (1, "refused", None)
    assert (row.bounced_at is not None) is marked
    with loop.database.reading() as session:
        task = session.scalars(select(Task)).one()
        assert (task.kind, task.referral_id, task.assigned_to) == ("bounced", own, WORKER.id)
        assert utc(task.due_at) - time.now == timedelta(hours=1)
        assert (session.get_one(Mailbox, row.mailbox_id).bounced_at is not None) is marked


def test_messages_about_one_referral_keep_their_order_when_the_first_must_wait(loop: Loop, time: Time) -> None:
    own, other = a_sent(loop), a_sent(loop)
    first, second = queued(loop, own), queued(loop, own, "question_answered")
    third = queued(loop, other)
    box = Box(data=["451 later"])
    sent(loop, box)
    assert [row.handed_over_at is not None for row in all_notices(loop)] == [False, False, True]
    time.pass_(minutes=2)
    sent(loop, box)
    assert box.ids == [f"<{notice(loop, each).message_id}@spoc.example>" for each in (third, first, second)]


def test_a_code_goes_before_everything_and_waits_for_nothing(loop: Loop, tmp_path: Path) -> None:
    own = a_sent(loop)
    queued(loop, own)
    code = a_code(loop, own)
    box = Box(data=["250 OK", "451 later"])
    sent(loop, box)
    assert "Your code" in box.letters[0]["Subject"]
    assert code in box.bodies[0]
    assert len(box.letters) == 1


def test_a_code_is_kept_nowhere_once_it_has_left(loop: Loop) -> None:
    a_code(loop, a_sent(loop))
    sent(loop, Box())
    with loop.database.reading() as session:
        assert session.scalars(select(LinkCode.code_sealed)).one() is None


def test_a_code_that_is_too_old_is_not_sent(loop: Loop, time: Time) -> None:
    a_code(loop, a_sent(loop))
    time.pass_(minutes=11)
    (done,) = sent(loop, Box())
    assert (done.letters, done.reasons) == (0, {"expired": 1})


# what must not leave


def test_mail_that_is_stopped_leaves_when_it_is_started_again(loop: Loop) -> None:
    queued(loop, a_sent(loop))
    box = Box()
    switches.turn(loop, ask(loop), switches.MAIL_STOPPED, True)
    assert sent(loop, box)[0].letters == 0
    switches.turn(loop, ask(loop), switches.MAIL_STOPPED, False)
    assert sent(loop, box)[0].letters == 1


def test_mail_stopped_between_the_claim_and_the_hand_over_does_not_leave(loop: Loop, time: Time) -> None:
    waiting = queued(loop, a_sent(loop))
    claim = claiming.claim(loop, time.now)
    assert claim is not None
    switches.turn(loop, ask(loop), switches.MAIL_STOPPED, True)
    outgoing = Outgoing(Smtp(a_server(9)), PUBLIC)
    assert sending.prepare(loop, outgoing, claim, time.now, Drained()) is None
    row = notice(loop, waiting)
    assert (row.claimed_until, row.settled_at, row.tries) == (None, None, 0)


def test_nothing_leaves_before_the_adopter_has_filled_in_what_it_must(loop: Loop) -> None:
    queued(loop, a_sent(loop))
    box = Box()
    (done,) = sent(with_policy(loop, article_9=""), box)
    assert "article_9" in done.trouble
    assert box.letters == []


@pytest.mark.parametrize(
    ("state", "template", "reason"),
    [
        pytest.param(State.WITHDRAWN, "referral", "withdrawn", id="withdrawn"),
        pytest.param(State.VOID, "referral", "withdrawn", id="void"),
        pytest.param(State.DRAFT, "referral", "moved_on", id="recalled"),
        pytest.param(State.CLOSED, "question_answered", "moved_on", id="closed"),
        pytest.param(State.SENT, "stop", "moved_on", id="stop, but it lives"),
        pytest.param(State.DECLINED, "chaser_1", "moved_on", id="chaser after an answer"),
    ],
)
def test_a_message_that_no_longer_holds_does_not_leave(loop: Loop, state: State, template: str, reason: str) -> None:
    own = a_sent(loop)
    waiting = queued(loop, own, template)
    with loop.database.session() as session:
        session.get_one(Referral, own).state = state.value
    (done,) = sent(loop, Box())
    assert (done.letters, done.reasons) == (0, {reason: 1})
    assert notice(loop, waiting).settled_at is not None


def test_a_chaser_of_an_earlier_stage_does_not_leave(loop: Loop) -> None:
    queued(loop, a_sent(loop), "chaser_1", stage="first_contact:9")
    assert sent(loop, Box())[0].reasons == {"moved_on": 1}


def test_a_withdrawn_agreement_keeps_the_message_back(loop: Loop, time: Time) -> None:
    own = a_sent(loop)
    queued(loop, own)
    with loop.database.session() as session:
        session.execute(update(Agreement).values(withdrawn_at=time.now))
    assert sent(loop, Box())[0].reasons == {"withdrawn": 1}


@pytest.mark.parametrize(
    "change",
    [pytest.param({"verified_at": None}, id="unproved"), pytest.param({"replaced_at": WORKING}, id="replaced")],
)
def test_an_address_that_is_not_proved_gets_nothing_and_a_worker_is_asked(
    loop: Loop, change: dict[str, datetime | None]
) -> None:
    queued(loop, a_sent(loop))
    with loop.database.session() as session:
        session.execute(update(Mailbox).values(**change))
    box = Box()
    assert sent(loop, box)[0].refused == 1
    assert box.letters == []
    assert tasks_of(loop) == ["bounced"]


def test_an_address_that_cannot_be_read_keeps_no_other_message_back(loop: Loop) -> None:
    first = queued(loop, a_sent(loop))
    with loop.database.session() as session:
        session.execute(update(Mailbox).values(address_sealed=b"nonsense"))
    queued(loop, a_sent(loop))
    box = Box()
    assert sent(loop, box)[0].reasons == {"unreadable": 1}
    assert len(box.letters) == 1
    assert notice(loop, first).refused == "unreadable"
    assert tasks_of(loop) == ["bounced"]


def test_a_mistake_of_ours_makes_one_message_wait_and_no_other(loop: Loop, tmp_path: Path) -> None:
    class Stumbling(Files):
        async def hand_over(self, letter: Letter) -> None:
            if letter.message_id == notice(loop, first).message_id:
                raise RuntimeError("a mistake of ours about in@harbour.example")
            await super().hand_over(letter)

    first, second = queued(loop, a_sent(loop)), queued(loop, a_sent(loop))
    done = anyio.run(sending.drain, loop, Outgoing(Stumbling(tmp_path / "mail"), PUBLIC))
    assert (done.letters, done.to_try_again) == (1, 1)
    assert (notice(loop, first).tries, notice(loop, second).handed_over_at is not None) == (1, True)


def test_a_stop_goes_out_and_takes_the_place_of_what_still_waited(loop: Loop) -> None:
    own = a_sent(loop)
    first = queued(loop, own)
    with loop.database.session() as session:
        session.get_one(Referral, own).state = State.WITHDRAWN.value
    queued(loop, own, "stop")
    box = Box()
    sent(loop, box)
    assert notice(loop, first).refused == "cancelled"
    assert [str(letter["Subject"]).endswith("please stop") for letter in box.letters] == [True]


# people


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"channel": "none"}, id="contact nobody"),
        pytest.param({"channel": "phone"}, id="phone only"),
        pytest.param({"channel": "post"}, id="letters only"),
        pytest.param({"channel": "text", "may_text": True}, id="text only"),
        pytest.param({"superseded_at": WORKING}, id="changed since"),
    ],
)
def test_a_person_whose_safe_contact_does_not_say_so_gets_no_mail(loop: Loop, change: dict[str, object]) -> None:
    contact = person(loop, **change)
    queued(loop, "", "person_check_in", safe_contact_id=contact)
    box = Box()
    assert sent(loop, box)[0].reasons == {"silenced": 1}
    assert box.letters == []


def test_a_person_is_written_to_at_their_own_hours(loop: Loop, time: Time) -> None:
    contact = person(loop, from_hour=18, until_hour=20)
    queued(loop, "", "signpost_question", safe_contact_id=contact)
    box = Box()
    assert sent(loop, box)[0].letters == 0
    time.now = time.now.replace(hour=17, minute=59)
    assert sent(loop, box)[0].letters == 0
    time.now = time.now.replace(hour=18, minute=0)
    assert sent(loop, box)[0].letters == 1
    assert box.recipients == ["skye@person.example"]


def test_a_person_who_was_erased_gets_no_mail(loop: Loop) -> None:
    contact = person(loop)
    queued(loop, "", "person_check_in", safe_contact_id=contact)
    with loop.database.session() as session:
        session.execute(update(SafeContact).where(SafeContact.id == contact).values(value_sealed=None))
    assert sent(loop, Box())[0].reasons == {"erased": 1}


def person(loop: Loop, **changes: object) -> str:
    case_id = a_case(loop)
    with loop.database.reading() as session:
        subject_id = session.get_one(Case, case_id).subject_id
    return a_person_contact(loop, case_id, subject_id, **changes)


# digest and cap


def test_what_is_not_urgent_waits_for_one_digest_the_next_working_day(loop: Loop, time: Time) -> None:
    mailbox = a_mailbox(loop)
    many = [queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox)) for _ in range(5)]
    box = Box()
    assert sent(loop, box)[0].letters == 0
    time.now = time.now.replace(day=25, hour=10)
    (done,) = sent(loop, box)
    assert (done.letters, done.messages) == (1, len(many))
    assert str(box.letters[0]["Subject"]) == "Messages for Harbour Trust, Wednesday 25 November 2026"
    assert box.bodies[0].count("/r/") == len(many)


def test_a_provider_has_one_digest_a_day_however_late_the_first_was(loop: Loop, time: Time) -> None:
    mailbox = a_mailbox(loop)
    queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox))
    time.now = time.now.replace(day=26, hour=9)  # nobody drained on the 25th
    queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox))
    box = Box()
    sent(loop, box)
    time.now = time.now.replace(hour=10)
    sent(loop, box)
    assert len(box.letters) == 1
    time.now = time.now.replace(day=27, hour=10)
    sent(loop, box)
    assert len(box.letters) == 2


def test_services_of_one_provider_under_one_address_share_a_digest_and_other_providers_do_not(
    loop: Loop, time: Time
) -> None:
    one, two = a_mailbox(loop), a_mailbox(loop, address="Referrals@Harbour.example")
    queued(loop, a_sent(loop, "weeks", mailbox_id=one))
    queued(loop, a_sent(loop, "weeks", mailbox_id=two))
    queued(loop, a_sent(loop, "weeks", mailbox_id=one, organization="Another Trust"))
    time.now = time.now.replace(day=25, hour=10)
    box = Box()
    sent(loop, box)
    assert len(box.letters) == 2
    assert not any("Another Trust" in body and "Harbour Trust" in body for body in box.bodies)


def test_a_digest_is_tried_again_whole_and_nothing_new_gets_into_it(loop: Loop, time: Time) -> None:
    mailbox = a_mailbox(loop)
    for _ in range(2):
        queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox))
    time.now = time.now.replace(day=25, hour=9, minute=59)
    late = queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox))
    time.now = time.now.replace(day=25, hour=10, minute=0)
    box = Box(data=["drop"])
    sent(loop, box)
    newer = queued(loop, a_sent(loop, "weeks", mailbox_id=mailbox))
    time.pass_(minutes=2)
    sent(loop, box)
    assert box.seen[0] == box.seen[1]
    assert box.bodies[0].count("/r/") == 3
    assert notice(loop, late).handed_over_at is not None
    assert notice(loop, newer).handed_over_at is None


def test_urgent_messages_above_the_cap_wait_for_the_digest(loop: Loop, time: Time) -> None:
    mailbox = a_mailbox(loop)
    for _ in range(13):
        queued(loop, a_sent(loop, mailbox_id=mailbox))
    box = Box()
    assert sent(loop, box)[0].letters == 10
    time.now = time.now.replace(day=25, hour=10)
    (done,) = sent(loop, box)
    assert (done.letters, done.messages) == (1, 3)


def test_a_second_contact_that_is_not_known_is_the_mailbox(loop: Loop) -> None:
    own = a_sent(loop)
    with loop.database.session() as session:
        letters.locators.issue(session, loop, session.get_one(Referral, own), WORKER, loop.clock(), to_second=True)
    queued(loop, own, "chaser_2", to_second=True)
    box = Box()
    sent(loop, box)
    assert box.recipients == ["referrals@harbour.example"]


# files


def test_mail_that_is_not_live_is_written_to_a_file_for_its_owner_alone(loop: Loop, tmp_path: Path) -> None:
    waiting = queued(loop, a_sent(loop))
    folder = tmp_path / "mail"
    done = anyio.run(sending.drain, loop, Outgoing(Files(folder), PUBLIC))
    (file,) = folder.iterdir()
    assert done.letters == 1
    assert file.name.endswith(f"{notice(loop, waiting).message_id}.eml")
    assert file.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert b"harbour.example" not in file.read_bytes()


def test_a_persons_address_is_in_no_file(loop: Loop, tmp_path: Path) -> None:
    queued(loop, "", "person_check_in", safe_contact_id=person(loop))
    anyio.run(sending.drain, loop, Outgoing(Files(tmp_path / "mail"), PUBLIC))
    (file,) = (tmp_path / "mail").iterdir()
    assert b"skye" not in file.read_bytes()


# audit


def test_every_message_that_left_and_every_one_kept_back_is_in_the_audit(loop: Loop) -> None:
    own = a_sent(loop)
    queued(loop, own)
    queued(loop, "", "person_check_in", safe_contact_id=person(loop, channel="none"))
    sent(loop, Box())
    with loop.database.reading() as session:
        lines = session.scalars(select(AuditEvent).where(AuditEvent.action == "notice").order_by(AuditEvent.id)).all()
    assert [(line.result, line.purpose) for line in lines] == [("allow", "referral"), ("deny", "person_check_in")]


def test_a_message_to_nobody_or_to_both_is_a_mistake_of_ours(loop: Loop) -> None:
    own = a_referral(loop)
    with pytest.raises(ValueError, match="one recipient"):
        queued(loop, own, "person_check_in")
    with pytest.raises(ValueError, match="one recipient"):
        queued(loop, own, safe_contact_id="x")
    with pytest.raises(KeyError):
        queued(loop, own, "no_such_template")
    assert notices.templates()["referral"].to == "provider"
    assert a_policy().number("sending", "tries") == 8
