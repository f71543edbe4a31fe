"""A workplace for pages of cases and referrals: a record, keys, an index and a mail folder of its own, and a worker."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import httpx

from directory import outgoing, runtime
from directory.draft import Coverage
from directory.referrals import sealing
from directory.referrals.policy import FILE
from directory.referrals.rounds import Rounds
from directory.search import indexing
from directory.search.embedded import EmbeddedIndex
from directory.values import Known
from tests.builders import FIFE, NOON, a_draft, a_record, write
from tests.web.desk import Desk

Answer = TypeVar("Answer")
RULES = """
[adopter]
name = "Fife Single Point of Contact"
phone = "01632 960100"
article_6 = "public task"
article_9 = "substantial public interest"
article_10 = "Schedule 1"
sharing_terms = true
retention_agreed = true
"""
FORM = {
    "name": "Skye Example", "relation": "harmed_person", "age": "14", "residence": "Methil", "needs": "counselling",
    "channel": "phone", "value": "01632 960200", "from_hour": "9", "until_hour": "17", "voicemail": "never",
    "text": "Battered by boys at school, wants to talk to somebody", "key": "k-open",
}  # fmt: skip
CODE = re.compile(r"^([0-9A-Z]{4}-[0-9A-Z]{4})\s*$", re.MULTILINE)
LINK = re.compile(r"/r/[A-Za-z0-9_-]{43}")


def apart(do: Callable[..., Answer], *args: Any) -> Answer:
    """Does something in a thread of its own: while a browser runs, no other event loop can in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(do, *args).result()


@dataclass(slots=True)
class Worker:
    """A signed-in worker at a desk; `get` and `post` go to the pages as they would from a browser."""

    desk: Desk
    role: str = "worker"
    places: dict[str, str] = field(default_factory=dict)
    """Addresses of what a test put there."""

    def get(self, path: str) -> httpx.Response:
        return apart(lambda: self.desk.web.get(path, **self.desk.cookie(self.role)))

    def post(self, path: str, **form: str) -> httpx.Response:
        return apart(lambda: self.desk.web.post(path, form, **self.desk.cookie(self.role)))

    def open_case(self, **changes: str) -> str:
        answer = self.post("/staff/cases", **(FORM | changes))
        assert answer.status_code == 303, answer.text
        return answer.headers["location"].split("?")[0].rpartition("/")[2]

    def go_round(self) -> None:
        """What `waymark work` does in one round: letters, timers, seals."""
        chosen = self.desk.running.settings
        loop = self.desk.running.loop
        apart(list, Rounds(loop, partial(outgoing.carrier, chosen, loop.clock), chosen.home).look())

    def letters(self) -> list[str]:
        """The words of every letter written so far, oldest first."""
        found = []
        for file in sorted(
            outgoing.folder(self.desk.running.settings).glob("*.eml"), key=lambda each: each.stat().st_mtime_ns
        ):
            body = message_from_bytes(file.read_bytes(), policy=policy.default).get_body()
            found.append(body.get_content() if body else "")
        return found

    def link(self, organization: str) -> str:
        """The path of the newest link that was sent to an organization."""
        own = [letter for letter in self.letters() if organization in letter and LINK.search(letter)]
        found = LINK.search(own[-1])
        assert found is not None
        return found[0]

    def code(self) -> str:
        """The newest one-time code."""
        found = [code for letter in self.letters() for code in CODE.findall(letter)]
        return str(found[-1])


@contextmanager
def a_workplace(installation: runtime.Runtime, home: Path) -> Iterator[Worker]:
    """With two counselling services for Fife, whose names and places the shared installation reads."""
    (home / FILE).write_text(RULES, encoding="utf-8")
    sealing.make_keys(home / "key")
    record, index = a_record(home), EmbeddedIndex(home / "index")
    fife = Coverage(Known.STATED, (FIFE,))
    second = a_draft(source_id="f902", name="Second Door", organization="Second Door Trust", coverage=fife)
    write(record, a_draft(coverage=fife), second)
    apart(anyio.run, indexing.rebuild, record, index, lambda: NOON)
    chosen = replace(installation.settings, home=home, key_file=home / "key")
    try:
        yield Worker(Desk(replace(installation, settings=chosen, database=record, index=index)))
    finally:
        record.close()
