"""Sessions at a link: for one referral, short, ended at once, and nobody acts without one."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.errors import BadInput, NotSignedIn
from directory.referrals import doors, link_sessions, locators, provider_actions
from directory.referrals.asking import Ask
from directory.referrals.lifecycle import State
from directory.referrals.link_sessions import Inside
from directory.referrals.loop import Loop, new_key
from directory.referrals.tables import LinkSession, Notice, Task
from tests.directory.referrals.builders import PROVIDER, WORKER, Time, a_loop, referral
from tests.directory.referrals.door_builders import ADDRESS, Link, a_link, knocked, let_in

SOON = date(2026, 11, 30)


@pytest.fixture
def clock() -> Time:
    return Time()


@pytest.fixture
def loop(tmp_path: Path, clock: Time) -> Iterator[Loop]:
    with a_loop(tmp_path, clock) as made:
        yield made


def accept(loop: Loop, own: Inside, referral_id: str) -> None:
    seen = referral(loop, referral_id).version
    provider_actions.accept(loop, Ask(own.who, loop.clock(), new_key(), seen), referral_id, SOON)


def test_a_proved_session_may_act(loop: Loop) -> None:
    link = a_link(loop, State.RECEIVED)
    _, own = let_in(loop, link)
    accept(loop, own, link.referral_id)
    assert referral(loop, link.referral_id).state == "accepted"


def revoked(loop: Loop, clock: Time, link: Link, own: Inside) -> None:
    with loop.database.session() as session:
        locators.revoke(session, link.referral_id, clock())


def left(loop: Loop, clock: Time, link: Link, own: Inside) -> None:
    with loop.database.session() as session:
        link_sessions.end(session, own.who.id, clock())


def idle(loop: Loop, clock: Time, link: Link, own: Inside) -> None:
    clock.pass_(minutes=20)


def an_hour(loop: Loop, clock: Time, link: Link, own: Inside) -> None:
    for _ in range(4):
        clock.pass_(minutes=15)
        with loop.database.session() as session:
            link_sessions.touch(session, own.who.id, clock())


def never_proved(loop: Loop, clock: Time, link: Link, own: Inside) -> None:
    with loop.database.session() as session:
        session.get_one(LinkSession, own.who.id).proved_at = None


@pytest.mark.parametrize("how", [revoked, left, idle, an_hour, never_proved])
def test_a_session_that_is_over_sees_and_does_nothing(
    loop: Loop, clock: Time, how: Callable[[Loop, Time, Link, Inside], None]
) -> None:
    link = a_link(loop, State.RECEIVED)
    cookie, own = let_in(loop, link)
    how(loop, clock, link, own)
    with pytest.raises(NotSignedIn):
        accept(loop, own, link.referral_id)
    with loop.database.reading() as session, pytest.raises(NotSignedIn):
        doors.inside(session, loop, link.token, cookie, ADDRESS)
    assert referral(loop, link.referral_id).state == "received"


def test_a_session_acts_on_no_other_referral(loop: Loop) -> None:
    link, other = a_link(loop, State.RECEIVED), a_link(loop, State.RECEIVED)
    _, own = let_in(loop, link)
    with pytest.raises(NotSignedIn):
        accept(loop, own, other.referral_id)


def test_nobody_acts_without_a_session(loop: Loop) -> None:
    link = a_link(loop, State.RECEIVED)
    with pytest.raises(NotSignedIn):
        accept(loop, Inside(PROVIDER, link.locator_id, link.referral_id, True), link.referral_id)


@pytest.mark.parametrize("cookie", [None, "", "x", "x" * 43, "é" * 43, "x" * 5_000])
def test_a_cookie_of_nobodys_making_is_nobody(loop: Loop, cookie: str | None) -> None:
    with loop.database.reading() as session, pytest.raises(NotSignedIn):
        doors.inside(session, loop, a_link(loop).token, cookie, ADDRESS)


def test_a_browser_that_only_asked_for_a_code_is_not_inside(loop: Loop) -> None:
    link = a_link(loop)
    cookie, _ = knocked(loop, link)
    with loop.database.reading() as session, pytest.raises(NotSignedIn):
        doors.inside(session, loop, link.token, cookie, ADDRESS)


def test_a_new_link_ends_the_old_one_and_settles_the_task(loop: Loop) -> None:
    link = a_link(loop)
    cookie, _ = knocked(loop, link)
    for _ in range(5):
        with pytest.raises(BadInput, match="not the code"):
            doors.enter(loop, link.token, cookie, "ZZZZZZZZ", "Mo", ADDRESS)
    seen = referral(loop, link.referral_id).version
    doors.new_link(loop, Ask(WORKER, loop.clock(), new_key(), seen), link.referral_id)
    with loop.database.reading() as session:
        assert [task.done_by for task in session.scalars(select(Task))] == [WORKER.id]
        again = locators.live(session, link.referral_id, loop.clock())
        assert again is not None
        assert again.id != link.locator_id
        assert "link_again" in [row.template for row in session.scalars(select(Notice))]
    assert let_in(loop, Link(locators.token(loop.keys, again.id), again.id, link.referral_id))
