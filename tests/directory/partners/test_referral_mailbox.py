"""Where referrals would go is proved by a code that went there, for this registration, in the browser that asked."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from directory.errors import BadInput, NotFound, TooManyTries
from directory.partners import referral_mailbox, registrations
from directory.partners.answers import Referrals
from directory.partners.doors import Inside
from directory.partners.registrations import Kept
from directory.referrals.loop import Loop
from tests.directory.partners.partner_builders import (
    MORAG,
    OTHER,
    a_partner,
    a_registration,
    ask_of,
    codes_to,
    full_answers,
)
from tests.directory.partners.partner_builders import kept as now
from tests.directory.referrals.builders import Time, a_loop

TEAM = "referrals@harbour.example"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


@pytest.fixture
def inside(loop: Loop) -> Inside:
    return a_partner(loop).inside


@pytest.fixture
def kept(loop: Loop, inside: Inside) -> Kept:
    return a_registration(loop, inside, full_answers(email=TEAM), sent=False)


def is_proved(loop: Loop, inside: Inside, own_id: str) -> bool:
    with loop.database.reading() as session:
        return referral_mailbox.is_proved(session, loop, inside, own_id)


def sent_code(loop: Loop, inside: Inside, kept: Kept) -> str:
    referral_mailbox.send(loop, ask_of(loop, inside), inside, kept.id)
    return codes_to(loop, TEAM)[-1]


def test_its_code_proves_it(loop: Loop, inside: Inside, kept: Kept) -> None:
    assert not is_proved(loop, inside, kept.id)
    referral_mailbox.prove(loop, inside, kept.id, sent_code(loop, inside, kept))
    assert is_proved(loop, inside, kept.id)
    registrations.submit(loop, ask_of(loop, inside, kept.version), inside, kept.id)


def test_the_code_goes_there_and_to_nobody_else(loop: Loop, inside: Inside, kept: Kept) -> None:
    before = codes_to(loop, MORAG)
    sent_code(loop, inside, kept)
    assert codes_to(loop, MORAG) == before
    assert len(codes_to(loop, TEAM)) == 1


def test_another_mailbox_written_later_is_not_proved_by_it(loop: Loop, inside: Inside, kept: Kept) -> None:
    referral_mailbox.prove(loop, inside, kept.id, sent_code(loop, inside, kept))
    ask, other = ask_of(loop, inside, kept.version), full_answers(email=OTHER)
    registrations.change(loop, ask, inside, kept.id, lambda _: other, "referrals")
    assert not is_proved(loop, inside, kept.id)


def test_a_code_of_their_own_mailbox_proves_no_other(loop: Loop, inside: Inside, kept: Kept) -> None:
    sent_code(loop, inside, kept)
    with pytest.raises(BadInput, match="not the code"):
        referral_mailbox.prove(loop, inside, kept.id, codes_to(loop, MORAG)[-1])
    assert not is_proved(loop, inside, kept.id)


def test_it_works_once_and_in_its_time(loop: Loop, time: Time, inside: Inside, kept: Kept) -> None:
    code = sent_code(loop, inside, kept)
    time.pass_(minutes=11)
    with pytest.raises(BadInput, match="too old"):
        referral_mailbox.prove(loop, inside, kept.id, code)


def test_after_five_wrong_ones_the_right_one_is_too_late(loop: Loop, inside: Inside, kept: Kept) -> None:
    code = sent_code(loop, inside, kept)
    for _ in range(4):
        with pytest.raises(BadInput):
            referral_mailbox.prove(loop, inside, kept.id, "ABCD-1234")
    with pytest.raises(TooManyTries):
        referral_mailbox.prove(loop, inside, kept.id, "ABCD-1234")
    with pytest.raises(TooManyTries):
        referral_mailbox.prove(loop, inside, kept.id, code)
    assert not is_proved(loop, inside, kept.id)


def test_somebody_elses_registration_sends_and_proves_nothing(loop: Loop, inside: Inside, kept: Kept) -> None:
    other = a_partner(loop, OTHER).inside
    with pytest.raises(NotFound):
        referral_mailbox.send(loop, ask_of(loop, other), other, kept.id)
    with pytest.raises(NotFound):
        referral_mailbox.prove(loop, other, kept.id, "ABCD-1234")
    assert codes_to(loop, TEAM) == []


def with_second(loop: Loop, inside: Inside) -> Kept:
    filled = msgspec.structs.replace(full_answers(), referrals=Referrals(MORAG, TEAM))
    return a_registration(loop, inside, filled, sent=False)


def test_a_second_one_that_nobody_proved_is_left_out_when_it_is_sent(loop: Loop, inside: Inside) -> None:
    found = with_second(loop, inside)
    registrations.submit(loop, ask_of(loop, inside, found.version), inside, found.id)
    assert now(loop, inside, found.id).answers.referrals == Referrals(MORAG)


def test_a_second_one_goes_in_once_its_own_code_came_back(loop: Loop, inside: Inside) -> None:
    found = with_second(loop, inside)
    with pytest.raises(BadInput, match="not the code"):
        referral_mailbox.prove(loop, inside, found.id, codes_to(loop, MORAG)[-1], referral_mailbox.SECOND)
    referral_mailbox.send(loop, ask_of(loop, inside), inside, found.id, referral_mailbox.SECOND)
    referral_mailbox.prove(loop, inside, found.id, codes_to(loop, TEAM)[-1], referral_mailbox.SECOND)
    registrations.submit(loop, ask_of(loop, inside, found.version), inside, found.id)
    assert now(loop, inside, found.id).answers.referrals == Referrals(MORAG, TEAM)
