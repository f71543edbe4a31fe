"""What nobody goes on with is erased when its time is over, and not before; a hold stops it."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from directory.partners import forgetting, registrations
from directory.partners.answers import Answers, Contact
from directory.partners.tables import PartnerCode, PartnerSession, Registration, RegistrationCheck
from directory.referrals import switches
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import (
    MORAG,
    a_partner,
    a_registration,
    ask_of,
    codes_to,
    full_answers,
)
from tests.directory.referrals.builders import Time, a_loop, ask


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def is_erased(loop: Loop, own_id: str) -> bool:
    with loop.database.reading() as session:
        return session.get_one(Registration, own_id).erased_at is not None


def put(loop: Loop, own_id: str, state: str) -> None:
    with loop.database.session() as session:
        session.get_one(Registration, own_id).state = state


@pytest.mark.parametrize(
    ("state", "goes"),
    [("draft", True), ("returned", True), ("refused", True), ("submitted", False), ("approved", False)],
)
def test_what_waits_for_nobody_of_ours_goes_after_its_days(loop: Loop, time: Time, state: str, goes: bool) -> None:
    own = a_registration(loop, a_partner(loop).inside).id
    put(loop, own, state)
    time.pass_(days=89)
    assert forgetting.stale(loop) == 0
    time.pass_(days=1)
    assert forgetting.stale(loop) == int(goes)
    assert is_erased(loop, own) is goes


def test_a_round_says_so_once_an_hour(loop: Loop, time: Time) -> None:
    a_registration(loop, a_partner(loop).inside, sent=False)
    time.pass_(days=90)
    assert list(forgetting.look(loop)) == ["1 registrations that nobody went on with were erased."]
    assert list(forgetting.look(loop)) == []


def test_under_a_hold_nothing_goes(loop: Loop, time: Time) -> None:
    own = a_registration(loop, a_partner(loop).inside, sent=False).id
    time.pass_(days=90)
    switches.turn(loop, ask(loop), switches.HOLD, True)
    assert forgetting.stale(loop) == 0
    assert not is_erased(loop, own)


def test_browsers_whose_time_is_over_leave_no_row(loop: Loop, time: Time) -> None:
    a_partner(loop)
    time.pass_(hours=31)
    forgetting.stale(loop)
    with loop.database.reading() as session:
        left = session.scalars(select(func.count()).select_from(PartnerSession)).one()
    assert left > 0
    time.pass_(hours=2)
    forgetting.stale(loop)
    with loop.database.reading() as session:
        assert session.scalars(select(func.count()).select_from(PartnerSession)).one() == 0
        assert session.scalars(select(func.count()).select_from(PartnerCode)).one() == 0


def test_of_what_is_erased_no_check_and_no_waiting_letter_says_anything(loop: Loop) -> None:
    inside = a_partner(loop).inside
    sent = a_registration(loop, inside)
    with loop.database.session() as session:
        for check in session.scalars(select(RegistrationCheck)):
            check.found_at = "Ada Smith at 4 Quay Street said so"
    registrations.withdraw(loop, ask_of(loop, inside, sent.version), inside, sent.id)
    with loop.database.reading() as session:
        kept = [(check.found_at, check.about_mac) for check in session.scalars(select(RegistrationCheck))]
    assert kept == [("", "")]
    assert codes_to(loop, MORAG, "partner_received") == []


def test_whom_staff_rang_is_forgotten_some_time_after_it_was_agreed(loop: Loop, time: Time) -> None:
    inside = a_partner(loop).inside
    own = a_registration(loop, inside).id
    with loop.database.session() as session:
        row = session.get_one(Registration, own)
        row.state, row.decided_at, row.changed_at = "approved", loop.clock(), loop.clock()
        version = row.version
    days = loop.policy.number("partners", "contact_days")

    def after(passed: int) -> Answers:
        time.pass_(days=passed)
        forgetting.stale(loop)
        with loop.database.reading() as session:
            return registrations.read(loop, session.get_one(Registration, own)).answers

    assert after(days - 1) == full_answers()
    left = after(1)
    assert left.contact == Contact()
    assert left == msgspec.structs.replace(full_answers(), contact=Contact())
    with loop.database.reading() as session:
        row = session.get_one(Registration, own)
    assert row.version == version
    sealed = row.answers_sealed
    assert after(1) == left
    with loop.database.reading() as session:
        assert session.get_one(Registration, own).answers_sealed == sealed
