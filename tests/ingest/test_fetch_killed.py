"""A fetch that is killed outright, in a process of its own, is taken up by the next run where it was."""

import http.server
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from directory.database import Database
from directory.feeds import runs
from ingest.fetch_pages import Bounds
from tests.ingest.feed_server import PAGED, QUICK, Runs, page

LAST, KILLED_AT = 12, 7
RUN = """
import sys
from pathlib import Path
import anyio
from directory import database, settings
from ingest.fetch_pages import Bounds
from tests.ingest.feed_server import PAGED, Runs
from tests.ingest.test_fetch_killed import BOUNDS, to_loopback
home, raw, url = sys.argv[1:]
record = database.open_database(settings.read({"WAYMARK_HOME": home}))
source = Runs.of(record, Path(raw))
source.begin()
by = source.waiting.surroundings(resolve=to_loopback, may_reach=lambda address: True)
anyio.run(source.material, PAGED, url, BOUNDS, by, {})
"""
BOUNDS = Bounds(http=replace(QUICK, plain_http=True))


async def to_loopback(host: str, port: int) -> list[str]:
    return ["127.0.0.1"]


class Feed(http.server.ThreadingHTTPServer):
    """Twelve pages; whoever asks for page 7 first is killed before it is answered."""

    daemon_threads = True
    asked: list[int]
    victim: "subprocess.Popen[bytes] | None" = None


class Page(http.server.BaseHTTPRequestHandler):
    server: Feed

    def do_GET(self) -> None:
        number = int(parse_qs(urlsplit(self.path).query)["page"][0])
        self.server.asked.append(number)
        if number == KILLED_AT and self.server.victim is not None:
            victim, self.server.victim = self.server.victim, None
            os.kill(victim.pid, signal.SIGKILL)
            return
        body = page(number, LAST)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def feed() -> Iterator[Feed]:
    with Feed(("127.0.0.1", 0), Page) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("buried", [False, True], ids=["nobody has noticed", "noticed"])
def test_no_page_is_asked_twice_but_the_last(record: Database, tmp_path: Path, feed: Feed, buried: bool) -> None:
    url = f"http://feeds.example:{feed.server_address[1]}/services"
    ready, go = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", f"import os; os.read({ready}, 1)\n{RUN}", str(tmp_path / "home"), str(tmp_path), url],
        cwd=Path(__file__).parents[2],
        pass_fds=[ready],
    )
    feed.victim = process
    os.write(go, b"x")
    assert process.wait(60) == -signal.SIGKILL
    os.close(ready)
    os.close(go)
    assert feed.asked == [1, 2, 3, 4, 5, 6, 7]
    source = Runs.of(record, tmp_path)
    if buried:
        with record.session() as session:
            assert runs.bury(session, "feed", source.waiting.now()) == 1
    by = source.waiting.surroundings(resolve=to_loopback, may_reach=lambda address: True)
    fetched = source.fetch(PAGED, url, BOUNDS, by)
    assert feed.asked[7:] == [6, 7, 8, 9, 10, 11, 12]
    assert [part.data() for part in fetched.parts] == [page(number, LAST) for number in range(1, LAST + 1)]
    assert not list((tmp_path / "raw").glob(".new-*"))
