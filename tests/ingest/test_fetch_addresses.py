"""However an inward address is written, as a source's own or as where a server sends us: nobody there hears of us."""

import socket
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import anyio
import httpx
import pytest
import respx
from anyio.abc import SocketAttribute, SocketStream

from directory import http
from directory.errors import BadInput, SourceUnavailable
from ingest import fetch
from ingest.fetch_pages import Bounds
from ingest.material import Feed
from tests.builders import a_record
from tests.ingest.feed_server import FEED, FILE, QUICK, Runs

FORMS = [
    "http://127.0.0.1:{port}/", "http://127.1:{port}/", "http://127.0.1:{port}/", "http://2130706433:{port}/",
    "http://0x7f000001:{port}/", "http://0x7f.0.0.1:{port}/", "http://0x7F.0x0.0x0.0x1:{port}/",
    "http://017700000001:{port}/", "http://0177.0.0.1:{port}/", "http://0177.0000.0000.0001:{port}/",
    "http://127.000.000.001:{port}/", "http://127.8.8.8:{port}/", "http://0:{port}/", "http://0.0.0.0:{port}/",
    "http://127.0.0.1.:{port}/", "http://localhost:{port}/", "http://LOCALHOST:{port}/", "http://localhost.:{port}/",
    "http://[::1]:{port}/", "http://[0:0:0:0:0:0:0:1]:{port}/", "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/", "http://[::127.0.0.1]:{port}/", "http://[64:ff9b::7f00:1]:{port}/",
    "http://[2002:7f00:1::]:{port}/", "http://[::]:{port}/", "http://[fe80::1%25lo]:{port}/",
    "http://feeds.example@127.0.0.1:{port}/", "http://feeds.example:80@127.0.0.1:{port}/",
    "http://127.0.0.1:{port}\\@feeds.example/", "http://127.0.0.1:{port}#@feeds.example/",
    "http://feeds.example%00@127.0.0.1:{port}/", "http://127.0.0.1%2f@feeds.example:{port}/",
    "http://127。0。0。1:{port}/", "http://１２７.０.０.１:{port}/", "http://①②⑦.0.0.1:{port}/",
    "http:127.0.0.1:{port}/", "http:///127.0.0.1:{port}/", "//127.0.0.1:{port}/", "http://127.0.0.1\t:{port}/",
    "http://\n127.0.0.1:{port}/", " http://127.0.0.1:{port}/", "https://127.0.0.1:{port}/", "ftp://127.0.0.1:{port}/",
    "gopher://127.0.0.1:{port}/_GET", "dict://127.0.0.1:{port}/d", "file://127.0.0.1:{port}/etc/passwd",
    "ws://127.0.0.1:{port}/", "unix:///var/run/docker.sock", "data:text/csv,id", "http://127.0.0.1:0{port}/",
    "http://127.0.0.1:+{port}/", "http://127.0.0.1:99999/", "http://127.0.0.1:-1/", "http://:{port}/", "",
]  # fmt: skip


LIMITS = replace(QUICK, plain_http=True, connect_s=0.5, read_s=0.5, attempts=1)


async def resolve(host: str, port: int) -> Sequence[str]:
    """Numbers as the system reads them; every name leads to the canary, the worst that a name can mean."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)]
    except OSError:
        return ["127.0.0.1"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    folder = tmp_path_factory.mktemp("addresses")
    record = a_record(folder / "home")
    yield Runs.of(record, folder)
    record.close()


def heard(source: Runs, form: str, sent_on: bool, **by: Any) -> int:
    """How many connections a server on loopback had, which stood at that address and was on the source's list."""
    connections: list[SocketStream] = []

    async def canary(stream: SocketStream) -> None:
        connections.append(stream)
        await stream.aclose()

    async def run() -> None:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, canary)
            url = form.format(port=listener.extra(SocketAttribute.local_port))
            with respx.mock(assert_all_called=False) as router:
                router.get(FEED).mock(return_value=httpx.Response(302, headers=[(b"Location", url.encode())]))
                router.route().pass_through()
                surroundings = source.waiting.surroundings(**{"resolve": resolve, **by})
                bounds, options = Bounds(http=LIMITS), {"hosts": _hosts(url)}
                with pytest.raises(SourceUnavailable):
                    await source.material(FILE, FEED if sent_on else url, bounds, surroundings, options)
            tasks.cancel_scope.cancel()

    source.begin()
    anyio.run(run)
    return len(connections)


def _hosts(url: str) -> list[str]:
    """Its host, if it can be put on a list at all."""
    try:
        hosts = fetch.hosts(Feed("feed", url))
        http.client(hosts)
    except (BadInput, SourceUnavailable):
        return []
    return hosts


@pytest.mark.parametrize("sent_on", [False, True], ids=["its own", "a redirect"])
@pytest.mark.parametrize("form", FORMS)
def test_an_inward_address_is_not_connected_to(source: Runs, form: str, sent_on: bool) -> None:
    assert heard(source, form, sent_on) == 0


def test_the_canary_would_hear_them(source: Runs) -> None:
    """Without the check of addresses the same forms reach it: the zeros above are not the list's doing alone."""

    async def loopback(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    reached = [form for form in FORMS if heard(source, form, False, resolve=loopback, may_reach=lambda address: True)]
    assert len(reached) > 20
