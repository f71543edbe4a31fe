"""What nobody goes on with is erased when its time is over, and not before; a hold stops it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from directory.partners import forgetting
from directory.partners.tables import PartnerCode, PartnerSession, Registration
from directory.referrals import switches
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import a_partner, a_registration
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
