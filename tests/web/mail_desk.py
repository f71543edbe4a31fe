"""A desk with a loop over a record of its own: `a_mail_desk(installation, tmp_path)`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from directory import runtime
from directory.referrals.loop import Loop
from tests.builders import a_record
from tests.directory.referrals.builders import Time, a_loop_over
from tests.web.desk import Desk


@contextmanager
def a_mail_desk(installation: runtime.Runtime, home: Path, **settings: object) -> Iterator[tuple[Desk, Loop, Time]]:
    """Pages over a record with one service, its loop, and the clock of both."""
    home.mkdir(parents=True, exist_ok=True)
    record, time = a_record(home), Time()
    time.now = time.now.replace(day=24, hour=11)
    loop = a_loop_over(record, home, time)
    chosen = replace(installation.settings, home=home, key_file=home / "key", mail_url=None, **settings)  # type: ignore[arg-type]
    desk = Desk(replace(installation, database=record, settings=chosen), now=time.now)
    desk.running.clock = time
    desk.running._loop = loop
    try:
        yield desk, loop, time
    finally:
        record.close()


def hidden(text: str, name: str, after: str = "") -> str:
    """A hidden field's value, the first after some words of the page."""
    part = text[text.index(after) :] if after else text
    found = re.search(rf'name="{name}" value="([^"]*)"', part)
    assert found, name
    return found[1]
