"""A mailbox is proved by a code that goes there and nowhere else, in the browser that asked, once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.accounts.sessions import new_token
from directory.errors import BadInput, NotSignedIn, TooManyTries
from directory.partners import doors
from directory.partners.doors import Inside
from directory.partners.tables import PartnerCode, PartnerSession
from directory.referrals import partner_letters
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.referrals.tables import Notice
from tests.directory.referrals.builders import Time, a_loop

MORAG, OTHER, ADDRESS = "morag@harbour.example", "ada@other.example", "192.0.2.7"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, time: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, time) as made:
        yield made


def mail_of(loop: Loop, email: str) -> list[str]:
    """The codes on their way to a mailbox, first to last."""
    with loop.database.reading() as session:
        rows = session.scalars(select(Notice).where(Notice.template == "partner_code").order_by(Notice.id))
        said = [partner_letters.said(session, loop, row, "https://spoc.example") for row in rows]
    return [each["code"] for each in said if each["to"] == email]


def asked(loop: Loop, email: str = MORAG, address: str = ADDRESS) -> str:
    """The cookie of a browser that has asked for a code."""
    cookie = new_token()
    doors.ask(loop, email, cookie, address)
    return cookie


def let_in(loop: Loop, email: str = MORAG) -> str:
    """The cookie of somebody who has given their code."""
    cookie, fresh = asked(loop, email), new_token()
    doors.enter(loop, cookie, mail_of(loop, email)[-1], fresh, ADDRESS)
    return fresh


def inside(loop: Loop, cookie: str | None) -> Inside:
    with loop.database.reading() as session:
        return doors.inside(session, loop, cookie)


def test_the_code_of_a_mailbox_lets_its_reader_in(loop: Loop) -> None:
    found = inside(loop, let_in(loop))
    assert found.email == MORAG
    assert found.mac in found.macs


def test_the_cookie_from_before_the_code_is_worth_nothing_after_it(loop: Loop) -> None:
    before, fresh = asked(loop), new_token()
    doors.enter(loop, before, mail_of(loop, MORAG)[-1], fresh, ADDRESS)
    with pytest.raises(NotSignedIn):
        inside(loop, before)
    with pytest.raises(BadInput, match="not the code"):
        doors.enter(loop, before, mail_of(loop, MORAG)[-1], new_token(), ADDRESS)


@pytest.mark.parametrize(
    "whose", [pytest.param(OTHER, id="of another mailbox"), pytest.param(MORAG, id="of another browser")]
)
def test_another_code_does_not(loop: Loop, whose: str) -> None:
    asked(loop, whose)
    code, cookie = mail_of(loop, whose)[-1], asked(loop, MORAG)
    with pytest.raises(BadInput, match="not the code"):
        doors.enter(loop, cookie, code, new_token(), ADDRESS)


def test_the_sixth_try_is_refused_even_when_it_is_right(loop: Loop) -> None:
    cookie = asked(loop)
    for _ in range(loop.policy.number("link", "code_tries")):
        with pytest.raises(BadInput):
            doors.enter(loop, cookie, "ZZZZ-ZZZZ", new_token(), ADDRESS)
    with pytest.raises(BadInput):
        doors.enter(loop, cookie, mail_of(loop, MORAG)[-1], new_token(), ADDRESS)


def test_a_code_is_good_for_ten_minutes(loop: Loop, time: Time) -> None:
    cookie = asked(loop)
    time.pass_(minutes=10)
    with pytest.raises(BadInput):
        doors.enter(loop, cookie, mail_of(loop, MORAG)[-1], new_token(), ADDRESS)


def test_a_mailbox_is_not_flooded_and_the_answer_is_the_same(loop: Loop) -> None:
    assert {asked(loop) != "" for _ in range(5)} == {True}
    assert len(mail_of(loop, MORAG)) == loop.policy.number("link", "code_sends")


def test_one_network_cannot_ask_without_end(loop: Loop) -> None:
    for number in range(loop.policy.number("link", "network_codes")):
        asked(loop, f"box{number}@harbour.example")
    with pytest.raises(TooManyTries):
        asked(loop, "one-more@harbour.example")


@pytest.mark.parametrize("passed", [pytest.param({"minutes": 60}, id="idle"), pytest.param({"hours": 8}, id="in all")])
def test_a_session_ends(loop: Loop, time: Time, passed: dict[str, float]) -> None:
    cookie = let_in(loop)
    time.pass_(**passed)
    with pytest.raises(NotSignedIn, match="What you wrote is kept"):
        inside(loop, cookie)


def test_leaving_ends_it_and_a_session_used_stays(loop: Loop, time: Time) -> None:
    cookie = let_in(loop)
    time.pass_(minutes=50)
    with loop.database.session() as session:
        doors.touch(session, inside(loop, cookie).who.id, time())
    time.pass_(minutes=50)
    assert inside(loop, cookie)
    doors.leave(loop, cookie)
    with pytest.raises(NotSignedIn):
        inside(loop, cookie)


@pytest.mark.parametrize("cookie", [None, "", "short", "x" * 43, "é" * 43])
def test_no_other_cookie_comes_in(loop: Loop, cookie: str | None) -> None:
    let_in(loop)
    with pytest.raises(NotSignedIn):
        inside(loop, cookie)


def test_no_address_stands_in_the_record_as_it_is_read(loop: Loop) -> None:
    let_in(loop)
    with loop.database.reading() as session:
        kept = [
            json.dumps({name: repr(value) for name, value in vars(row).items()})
            for table in (PartnerSession, PartnerCode, PartnerLetter, Notice)
            for row in session.scalars(select(table))
        ]
    assert kept
    assert not [row for row in kept if "morag" in row.casefold()]


def test_a_browser_that_never_gave_its_code_leaves_nothing(loop: Loop, time: Time) -> None:
    asked(loop)
    time.pass_(days=2)
    asked(loop, OTHER)
    with loop.database.reading() as session:
        assert len(session.scalars(select(PartnerSession)).all()) == 1


def test_a_mailbox_has_only_so_many_codes_in_a_day(loop: Loop, time: Time) -> None:
    most = loop.policy.number("partners", "codes_a_day")
    for _ in range(most + 1):
        asked(loop)
        time.pass_(minutes=16)
    assert len(mail_of(loop, MORAG)) == most
    time.pass_(days=1)
    asked(loop)
    assert len(mail_of(loop, MORAG)) == most + 1
