"""Links on every database: tries at once are all counted, and one code opens one door once."""

from pathlib import Path
from threading import Barrier, Thread

import pytest

from directory.database import Database
from directory.errors import BadInput
from directory.referrals import doors
from directory.referrals.loop import Loop
from tests.directory.referrals.builders import a_loop_over
from tests.directory.referrals.door_builders import Link, a_link, knocked, let_in, locator

AT_ONCE = 16
"""As many as the pool of connections holds, and some more than five."""


@pytest.fixture
def loop(record: Database, tmp_path: Path) -> Loop:
    return a_loop_over(record, tmp_path / "keys")


def at_once(loop: Loop, link: Link, cookie: str, code: str) -> list[str]:
    """What came of the same code, tried by many at the same moment."""
    came: list[str] = []
    start = Barrier(AT_ONCE)

    def one(number: int) -> None:
        start.wait()
        try:
            doors.enter(loop, link.token, cookie, code, "Mo Reid", f"198.51.100.{number}")
            came.append("in")
        except BadInput:
            came.append("wrong")

    threads = [Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(came)


def test_wrong_tries_at_once_are_all_counted_and_lock_the_link(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert at_once(loop, link, cookie, "ZZZZZZZZ") == ["wrong"] * AT_ONCE
    assert locator(loop, link).wrong_tries == AT_ONCE
    with pytest.raises(BadInput, match="not the code"):
        doors.enter(loop, link.token, cookie, code, "Mo Reid", "192.0.2.1")


def test_the_right_code_at_once_opens_once(loop: Loop) -> None:
    link = a_link(loop)
    cookie, code = knocked(loop, link)
    assert at_once(loop, link, cookie, code) == ["in"] + ["wrong"] * (AT_ONCE - 1)


def test_a_code_opens(loop: Loop) -> None:
    assert let_in(loop, a_link(loop))
