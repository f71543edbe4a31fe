"""How long the call's page makes a worker wait: from a pause in typing to the pathway, through the whole application.

Each press is a signed-in form, read, kept sealed in the record, matched and rendered, as a browser here would send it.
"""

import gc
import random
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

import anyio
from starlette.types import Message

from directory import bench
from directory.accounts import sessions
from directory.accounts.tables import Account, AccountRole
from directory.bench_services import services
from directory.referrals import call_drafts, sealing
from directory.runtime import Runtime
from directory.search.embedded import EmbeddedIndex
from web.app import create_app
from web.auth import cookie_name

LONG = 3
"""Enquiries put together into one, for the size of a page after a long call."""


@dataclass(frozen=True, slots=True)
class CallBench:
    """One size of directory. Milliseconds of a live answer; bytes of what is sent.

    `least`: the middle of each enquiry's own best, near what the clock says on a machine that does nothing else.
    """

    services: int
    answers: int
    answer_ms_p50: float
    answer_ms_p95: float
    least_ms_p50: float
    answer_bytes_most: int
    page_bytes_most: int

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def run(runtime: Runtime, size: int, seed: int = 1, rounds: int = bench.ROUNDS) -> CallBench:
    """Types the bench's forty enquiries, each `rounds` times in a shuffled order after a round that warms up.

    `runtime` is over a migrated, empty record in a folder of its own; its index and key file are made here.
    """
    sealing.make_keys(runtime.settings.key_file)
    index = EmbeddedIndex(runtime.settings.index_dir)
    anyio.run(index.rebuild, services(size, seed))
    return anyio.run(_timed, replace(runtime, index=index), size, seed, rounds)


async def _timed(runtime: Runtime, size: int, seed: int, rounds: int) -> CallBench:
    caller = _Caller(runtime)
    texts = [_words(*enquiry) for enquiry in bench.ENQUIRIES]
    sizes = [len(await caller.answer(text)) for text in texts]
    order = texts * rounds
    random.Random(seed).shuffle(order)
    times, least = list[float](), dict[str, float]()
    gc.collect()
    gc.freeze()
    for text in order:
        started = time.perf_counter()
        await caller.answer(text)
        times.append((time.perf_counter() - started) * 1000)
        least[text] = min(times[-1], least.get(text, times[-1]))
    gc.unfreeze()
    pages = [len(await caller.page("\n".join(texts[at : at + LONG]))) for at in range(0, len(texts), LONG)]
    return CallBench(
        size, len(times), _of(times, 50), _of(times, 95), _of([*least.values()], 50), max(sizes), max(pages)
    )


def _of(times: list[float], percent: int) -> float:
    return round(sorted(times)[len(times) * percent // 100], 2)


def _words(text: str, given: object) -> str:
    """An enquiry as one says it on the phone: with where they live."""
    places = given if isinstance(given, dict) else {}
    return f"{text}, lives in {places['residence']}" if "residence" in places else text


class _Caller:
    """A worker signed in to the application, with one call open."""

    def __init__(self, runtime: Runtime) -> None:
        self.app, self.call_id, self.turn = create_app(runtime), call_drafts.new_id(), 0
        own, now = str(uuid4()), runtime.clock()
        with runtime.database.session() as session:
            account = Account(id=own, email="bench@example.org", full_name="Bench", password_hash="")
            account.password_set_at = account.created_at = now
            session.add(account)
            session.flush()
            session.add(AccountRole(account_id=own, role="worker"))
            token = sessions.start(session, own, now)
        public = runtime.settings.public_url
        self.headers = [
            (b"host", urlsplit(public).netloc.encode()),
            (b"cookie", f"{cookie_name(public)}={token}".encode()),
            (b"sec-fetch-site", b"same-origin"),
            (b"content-type", b"application/x-www-form-urlencoded"),
        ]

    async def answer(self, text: str) -> bytes:
        """The live answer to a text."""
        self.turn += 1
        return await self._sent("POST", "/staff/call/answer", call=self.call_id, text=text, turn=str(self.turn))

    async def page(self, text: str) -> bytes:
        """The whole page with a text."""
        await self.answer(text)
        return await self._sent("GET", f"/staff/call/{self.call_id}")

    async def _sent(self, method: str, path: str, **form: str) -> bytes:
        body, parts, status = urlencode(form).encode(), list[bytes](), 0
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "path": path,
            "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http", "headers": self.headers,
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip

        async def receive() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            parts.append(message.get("body", b""))

        await self.app(scope, receive, send)
        assert status == 200, (status, b"".join(parts)[:500])
        return b"".join(parts)


def table(results: Iterable[CallBench]) -> str:
    """The results as lines to read."""
    rows = [result.as_json() for result in results]
    lines = ["  ".join(rows[0])] if rows else []
    return "\n".join(
        [*lines, *("  ".join(f"{value:,}".rjust(len(name)) for name, value in row.items()) for row in rows)]
    )
