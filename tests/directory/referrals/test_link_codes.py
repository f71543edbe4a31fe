"""Codes for links: five tries, ten minutes, one browser, once; whoever tries elsewhere learns nothing."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from directory.errors import BadInput, TooManyTries, WaymarkError
from directory.referrals import doors, link_codes, locators
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, LinkCode, LinkSession, Mailbox, Notice, Referral, Task
from tests.directory.referrals.builders import Time, a_loop, referral
from tests.directory.referrals.door_builders import ADDRESS, Link, a_link, knocked, let_in, locator

WRONG = "ZZZZZZZZ"


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as made:
        yield made


def tried(loop: Loop, link: Link, cookie: str | None, code: str, address: str = ADDRESS, name: str = "Mo Reid") -> str:
    """What came of one try: "in", or what was said."""
    try:
        doors.enter(loop, link.token, cookie, code, name, address)
    except WaymarkError as error:
        return str(error)
    return "in"


def count(loop: Loop, table: type) -> int:
    with loop.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def actions(loop: Loop) -> list[tuple[str, str]]:
    with loop.database.reading() as session:
        return [(row.action, row.result) for row in session.scalars(select(AuditEvent).order_by(AuditEvent.id))]


NOT = f"{doors.WRONG} {doors.WRONG_ADVICE}"


def test_the_right_code_opens(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    fresh, own = doors.enter(loop, link.token, cookie, code, "Mo Reid", ADDRESS)
    assert (own.referral_id, own.who.kind, fresh != cookie) == (link.referral_id, "provider", True)
    assert actions(loop)[-2:] == [("code_sent", "allow"), ("link_opened", "allow")]
    with loop.database.reading() as session:
        assert doors.inside(session, loop, link.token, fresh, ADDRESS) == own


@pytest.mark.parametrize(
    "typed",
    [
        pytest.param(str.lower, id="small letters"),
        pytest.param(link_codes.shown, id="with a dash"),
        pytest.param(lambda code: f"  {' '.join(code)} ", id="with blanks"),
        pytest.param(lambda code: code.replace("0", "O").replace("1", "l"), id="letters for figures"),
        pytest.param(lambda code: f"{code[:3]}–{code[3:]}\u00a0", id="another dash, a blank that is kept"),
    ],
)
def test_a_code_may_be_written_in_many_ways(loop: Loop, typed: Callable[[str], str]) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert tried(loop, link, cookie, typed(code)) == "in"


@pytest.mark.parametrize(
    "typed", ["", "ABCD", "ABCD-12345", "ABCDEFGU", "ÄBCDEFGH", "ABCD/123", "\0" * 8, "A" * 10_000]
)
def test_what_cannot_be_a_code_is_said_and_not_counted(loop: Loop, typed: str) -> None:
    link = a_link(loop)
    cookie, _ = knocked(loop, link)
    with pytest.raises(BadInput, match="8 letters and figures") as refused:
        doors.enter(loop, link.token, cookie, typed, "Mo", ADDRESS)
    assert (refused.value.field, locator(loop, link).wrong_tries) == ("code", 0)


@pytest.mark.parametrize("name", ["", " \t", "x" * 101, "Mo\0", "Mo\u202e"])
def test_without_a_name_nobody_comes_in(loop: Loop, name: str) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    with pytest.raises(BadInput) as refused:
        doors.enter(loop, link.token, cookie, code, name, ADDRESS)
    assert refused.value.field == "name"
    assert tried(loop, link, cookie, code) == "in"


def test_the_name_is_sealed(loop: Loop) -> None:
    _, own = let_in(loop, a_link(loop), "Canary Name")
    with loop.database.reading() as session:
        row = session.get_one(LinkSession, own.who.id)
        assert b"Canary" not in (row.typed_name_sealed or b"")
        assert loop.own.open(row.typed_name_sealed, "link_session", row.id, "typed_name") == "Canary Name"


def test_a_code_is_good_once(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert [tried(loop, link, cookie, code) for _ in range(2)] == ["in", NOT]


@pytest.mark.parametrize(("seconds", "came"), [(599, "in"), (600, NOT)])
def test_a_code_is_good_for_ten_minutes(loop: Loop, clock: Time, seconds: int, came: str) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    clock.pass_(seconds=seconds)
    assert tried(loop, link, cookie, code) == came


def test_a_code_is_good_in_the_browser_that_asked_and_in_no_other(loop: Loop) -> None:
    link = a_link(loop)
    first, code = knocked(loop, link)
    other, _ = knocked(loop, link)
    assert tried(loop, link, other, code) == NOT
    assert tried(loop, link, None, code) == NOT
    assert tried(loop, link, "P" * 43, code) == NOT
    assert tried(loop, link, first, code) == "in"


def test_a_code_of_one_link_is_nothing_at_another(loop: Loop) -> None:
    link, other = a_link(loop), a_link(loop)
    cookie, code = knocked(loop, link)
    theirs, _ = knocked(loop, other)
    assert {tried(loop, other, each, code) for each in (cookie, theirs)} == {NOT}


def test_asking_again_in_the_same_browser_leaves_the_first_code_good(loop: Loop) -> None:
    link = a_link(loop)
    cookie, first = knocked(loop, link)
    cookie, _ = knocked(loop, link, cookie)
    assert tried(loop, link, cookie, first) == "in"


def test_the_sixth_try_is_refused_even_when_right_and_a_worker_is_told(loop: Loop, clock: Time) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert [tried(loop, link, cookie, WRONG) for _ in range(5)] == [NOT] * 5
    assert tried(loop, link, cookie, code) == NOT
    with loop.database.reading() as session:
        [task] = session.scalars(select(Task))
        assert (task.kind, task.referral_id, task.object_id) == ("locked_link", link.referral_id, link.locator_id)
    sent = count(loop, LinkCode)
    doors.ask_for_code(loop, link.token, cookie, ADDRESS)
    assert count(loop, LinkCode) == sent, "a locked link sends none"


def test_the_fifth_try_still_opens_and_the_count_begins_anew(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert [tried(loop, link, cookie, each) for each in (*[WRONG] * 4, code)] == [*[NOT] * 4, "in"]
    assert (locator(loop, link).wrong_tries, count(loop, Task)) == (0, 0)


def test_tries_in_other_browsers_count_alike(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert {tried(loop, link, None, WRONG) for _ in range(5)} == {NOT}
    assert tried(loop, link, cookie, code) == NOT


def test_fifty_tries_at_once_count_as_fifty(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    came, start = [], Barrier(50)

    def one(number: int) -> None:
        start.wait()
        came.append(tried(loop, link, cookie, WRONG, f"198.51.100.{number}"))

    threads = [Thread(target=one, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [NOT] * 50
    assert locator(loop, link).wrong_tries == 50
    assert (tried(loop, link, cookie, code), count(loop, Task)) == (NOT, 1)


def test_three_codes_leave_in_a_quarter_of_an_hour(loop: Loop, clock: Time) -> None:
    link, cookie = a_link(loop), None
    for _ in range(5):
        cookie = doors.ask_for_code(loop, link.token, cookie, ADDRESS)
    assert (count(loop, LinkCode), count(loop, Notice)) == (3, 3)
    clock.pass_(minutes=15)
    doors.ask_for_code(loop, link.token, cookie, ADDRESS)
    assert count(loop, LinkCode) == 4


def test_a_code_goes_to_the_mailbox_we_hold_at_once(loop: Loop) -> None:
    link = a_link(loop)
    knocked(loop, link)
    with loop.database.reading() as session:
        [notice], [code] = session.scalars(select(Notice)), session.scalars(select(LinkCode))
        told = session.get_one(Referral, link.referral_id)
        assert (notice.template, notice.mailbox_id, notice.link_code_id) == ("code", told.mailbox_id, code.id)
        assert notice.due_at.replace(tzinfo=None) == loop.clock().replace(tzinfo=None)
        assert link_codes.opened(loop, code).encode() not in (code.code_sealed or b"")


def test_a_code_that_came_back_proves_the_mailbox_anew(loop: Loop) -> None:
    link = a_link(loop)
    let_in(loop, link)
    with loop.database.reading() as session:
        own = session.get_one(Mailbox, referral(loop, link.referral_id).mailbox_id)
        assert own.confirmed_at.replace(tzinfo=None) == loop.clock().replace(tzinfo=None)


def spoilt(loop: Loop, clock: Time, how: str) -> Link:
    """A link that is no longer in use, or never was."""
    if how == "unknown":
        return Link("x" * 43, "", "")
    if how in ("draft", "withdrawn", "void"):
        return a_link(loop, State(how))
    link = a_link(loop)
    with loop.database.session() as session:
        if how == "revoked":
            locators.revoke(session, link.referral_id, loop.clock())
        elif how == "mailbox replaced":
            session.get_one(Mailbox, referral(loop, link.referral_id).mailbox_id).replaced_at = loop.clock()
        elif how == "erased":
            session.get_one(Referral, link.referral_id).erased_at = loop.clock()
    if how == "expired":
        clock.pass_(days=90)
    return link


GONE = ("unknown", "revoked", "expired", "mailbox replaced", "erased", "draft", "withdrawn", "void")


@pytest.mark.parametrize("how", GONE)
def test_a_link_out_of_use_answers_like_one_in_use_and_does_nothing(loop: Loop, clock: Time, how: str) -> None:
    link = spoilt(loop, clock, how)
    cookie = doors.ask_for_code(loop, link.token, None, ADDRESS)
    assert len(cookie) == 43
    assert tried(loop, link, cookie, WRONG) == NOT
    assert [count(loop, table) for table in (LinkCode, LinkSession, Notice, Task)] == [0, 0, 0, 0]


@pytest.mark.parametrize("state", [state for state in State if state not in {"draft", "withdrawn", "void"}])
def test_every_state_in_which_something_can_be_said_has_a_way_in(loop: Loop, state: State) -> None:
    assert let_in(loop, a_link(loop, state))


def test_cutting_a_link_off_kills_codes_on_their_way(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    with loop.database.session() as session:
        locators.revoke(session, link.referral_id, loop.clock())
    assert tried(loop, link, cookie, code) == NOT


@pytest.mark.parametrize("kind", ["codes", "tries"])
def test_one_network_is_stopped_and_others_are_not(loop: Loop, clock: Time, kind: str) -> None:
    most = loop.policy.number("link", f"network_{kind}")

    def one(address: str) -> None:
        stranger = Link("y" * 43, "", "")
        if kind == "codes":
            doors.ask_for_code(loop, stranger.token, None, address)
        else:
            assert tried(loop, stranger, None, WRONG, address) == NOT

    for _ in range(most):
        one(ADDRESS)
    with pytest.raises((TooManyTries, AssertionError), match="too many tries"):
        one(ADDRESS)
    one("198.51.100.1")
    clock.pass_(minutes=5)
    one(ADDRESS)


def test_right_codes_do_not_use_up_a_networks_tries(loop: Loop) -> None:
    for _ in range(3):
        link = a_link(loop)
        cookie, code = knocked(loop, link)
        assert tried(loop, link, cookie, code) == "in"
    left = [tried(loop, Link("y" * 43, "", ""), None, WRONG) for _ in range(20)]
    assert left == [NOT] * 20


@given(st.text(alphabet=link_codes.LETTERS, min_size=8, max_size=8))
def test_reading_a_code_gives_back_what_is_shown(code: str) -> None:
    assert link_codes.read(link_codes.shown(code)) == code == link_codes.read(code.lower())


@given(st.text())
def test_whatever_is_typed_is_a_code_or_refused(text: str) -> None:
    with suppress(BadInput):
        assert len(link_codes.read(text)) == 8
