"""A message that comes back is found by its id, marked, and told to a worker; nothing else of a report is kept."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from directory.errors import BadInput
from directory.referrals import failures
from directory.referrals.loop import Loop
from directory.referrals.tables import Mailbox, Notice, ReferralEvent, Task
from tests.directory.mail_server import Box
from tests.directory.referrals.builders import Time, a_loop, a_mailbox
from tests.directory.referrals.mail_builders import a_sent, notice, queued, sent


@pytest.fixture
def time() -> Time:
    clock = Time()
    clock.now = clock.now.replace(day=24, hour=11)
    return clock


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def a_report(message_id: str, action: str = "failed", returned: str = "message/rfc822") -> bytes:
    """A delivery report as RFC 3464 has it, from a mail server on the way."""
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: messages@spoc.example\r\nSubject: Undelivered Mail\r\n"
        "MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\n\r\n'
        "--B\r\nContent-Type: text/plain\r\n\r\n<in@harbour.example>: unknown user\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; in@harbour.example\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        f"\r\n--B\r\nContent-Type: {returned}\r\n\r\n"
        f"From: messages@spoc.example\r\nMessage-ID: <{message_id}@spoc.example>\r\n\r\nHarbour\r\n"
        "--B--\r\n"
    ).encode()


ID = "0123456789abcdef" * 2


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers"])
def test_a_report_names_our_message(returned: str) -> None:
    assert failures.read_report(a_report(ID, returned=returned)) == {ID}


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed"])
def test_a_report_of_a_delay_or_success_tells_of_no_failure(action: str) -> None:
    assert failures.read_report(a_report(ID, action)) == frozenset()


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"\x00\xff\xfe" * 99, id="no message"),
        pytest.param(b"From: a@b.example\r\nSubject: out of office\r\n\r\nHello", id="a holiday reply"),
        pytest.param(a_report("not-ours"), id="not our message"),
        pytest.param(a_report(ID).replace(b"Action: failed", b"Acting: failed"), id="no action"),
        pytest.param(b"a" * (failures.MOST_BYTES + 1), id="too large"),
    ],
)
def test_what_is_no_report_on_a_message_of_ours_is_refused(content: bytes) -> None:
    with pytest.raises(BadInput):
        failures.read_report(content)


@given(st.binary(max_size=400))
def test_nothing_that_comes_in_breaks_the_reading(content: bytes) -> None:
    whole = a_report(ID)
    for text in (content, whole[: len(whole) // 2] + content, whole.replace(b"Action", content)):
        with suppress(BadInput):
            assert failures.read_report(text) <= {ID}


def test_a_message_that_comes_back_is_marked_and_told_once(loop: Loop, time: Time) -> None:
    own = a_sent(loop)
    waiting = queued(loop, own)
    sent(loop, Box())
    time.pass_(minutes=20)
    (message_id,) = failures.read_report(a_report(notice(loop, waiting).message_id))
    assert [failures.bounced(loop, message_id, time.now) for _ in range(2)] == [1, 0]
    row = notice(loop, waiting)
    assert row.handed_over_at is not None
    assert row.bounced_at is not None
    with loop.database.reading() as session:
        assert [task.kind for task in session.scalars(select(Task))] == ["bounced"]
        assert session.get_one(Mailbox, row.mailbox_id).bounced_at is not None
        events = session.scalars(select(ReferralEvent.event).where(ReferralEvent.referral_id == own)).all()
    assert events[-1] == "delivery_failed"


def test_a_digest_that_comes_back_is_told_of_every_message_in_it(loop: Loop, time: Time) -> None:
    mailbox = a_mailbox(loop)
    many = [a_sent(loop, "weeks", mailbox_id=mailbox) for _ in range(3)]
    for own in many:
        queued(loop, own)
    time.now = time.now.replace(day=25, hour=10)
    box = Box()
    sent(loop, box)
    wire = box.ids[0].strip("<>").partition("@")[0]
    assert failures.bounced(loop, wire, time.now) == 3
    with loop.database.reading() as session:
        assert set(session.scalars(select(Task.referral_id))) == set(many)


def test_a_report_on_a_message_nobody_knows_changes_nothing(loop: Loop, time: Time) -> None:
    queued(loop, a_sent(loop))
    assert failures.bounced(loop, ID, time.now) == 0
    assert failures.bounced(loop, "%", time.now) == 0
    with loop.database.reading() as session:
        assert session.scalars(select(Notice.bounced_at)).one() is None
