"""A registration on every database: kept, sent, taken back, erased; two who send it at once send it once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from directory.accounts.sessions import new_token
from directory.database import Database
from directory.errors import Conflict
from directory.partners import doors, forgetting, referral_mailbox, registrations
from directory.partners.tables import Registration
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import (
    MORAG,
    a_partner,
    a_registration,
    ask_of,
    codes_to,
    full_answers,
    kept,
)
from tests.directory.referrals.builders import Time, a_loop_over

TEAM = "referrals@harbour.example"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(record: Database, tmp_path: Path, time: Time) -> Loop:
    return a_loop_over(record, tmp_path / "home", time)


def test_from_the_first_page_to_sent_and_back(loop: Loop) -> None:
    inside = a_partner(loop).inside
    found = a_registration(loop, inside, full_answers(email=TEAM), sent=False)
    referral_mailbox.send(loop, ask_of(loop, inside), inside, found.id)
    referral_mailbox.prove(loop, inside, found.id, codes_to(loop, TEAM)[-1])
    registrations.submit(loop, ask_of(loop, inside, found.version), inside, found.id)
    sent = kept(loop, inside, found.id)
    assert (sent.state, sent.answers) == ("submitted", full_answers(email=TEAM))
    registrations.take_back(loop, ask_of(loop, inside, sent.version), inside, found.id)
    assert kept(loop, inside, found.id).state == "draft"


def test_what_nobody_goes_on_with_is_erased(loop: Loop, time: Time) -> None:
    own = a_registration(loop, a_partner(loop).inside, sent=False).id
    time.pass_(days=90)
    assert forgetting.stale(loop) == 1
    with loop.database.reading() as session:
        row = session.get_one(Registration, own)
    assert (row.answers_sealed, row.email_sealed, row.email_mac) == (None, None, "")


def test_two_who_send_it_at_once_send_it_once(loop: Loop) -> None:
    inside = a_partner(loop).inside
    found = a_registration(loop, inside, sent=False)

    def send(_: int) -> str:
        try:
            registrations.submit(loop, ask_of(loop, inside, found.version), inside, found.id)
        except Conflict:
            return "refused"
        return "sent"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, range(2))) == ["refused", "sent"]
    assert len(codes_to(loop, MORAG, "partner_received")) == 1


def test_however_many_ask_at_once_a_mailbox_has_its_three_codes(loop: Loop) -> None:
    def ask(number: int) -> None:
        doors.ask(loop, MORAG, new_token(), f"192.0.2.{number + 1}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(codes_to(loop, MORAG)) == loop.policy.number("link", "code_sends")
