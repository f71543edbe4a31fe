"""Real servers on loopback that behave as badly as servers can: what respx cannot play, sockets do."""

import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream

from directory.database import Database
from directory.errors import SourceUnavailable, UnusableFile
from directory.http import Address, is_public
from ingest.fetch import Fetch
from ingest.fetch_pages import Bounds
from ingest.kinds import Kind
from tests.ingest.feed_server import FILE, PAGED, QUICK, Runs, page

LAST = 12
ON_LOOPBACK = replace(QUICK, plain_http=True, most_bytes=200_000, read_s=0.2)
Serve = Callable[[SocketStream, str, int], Awaitable[None]]
"""Answers one question: the stream, the path asked, and how many connections there were before."""


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[tuple[int, list[str]]]:
    """A server's port, and the paths it was asked for."""
    asked: list[str] = []

    async def one(stream: SocketStream) -> None:
        async with stream:
            path = (await stream.receive()).split(b" ")[1].decode()
            asked.append(path)
            try:
                await serve(stream, path, len(asked) - 1)
            except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                return  # it was hung up on

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, one)
        yield listener.extra(SocketAttribute.local_port), asked
        tasks.cancel_scope.cancel()


def fetched(
    source: Runs,
    serve: Serve,
    kind: Kind = FILE,
    addresses: Sequence[Sequence[str]] = (("127.0.0.1",),),
    may_reach: Callable[[Address], bool] = lambda address: True,
    bounds: Bounds | None = None,
) -> tuple[Fetch | SourceUnavailable | UnusableFile, list[str]]:
    """What comes of a run against that server, and what it was asked. `addresses`: what the name means, each time."""
    meant = list(addresses)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return meant.pop(0) if len(meant) > 1 else meant[0]

    async def run() -> tuple[Fetch | SourceUnavailable | UnusableFile, list[str]]:
        async with serving(serve) as (port, asked):
            by = source.waiting.surroundings(resolve=resolve, may_reach=may_reach)
            try:
                url = f"http://feeds.example:{port}/list"
                return await source.material(kind, url, bounds or Bounds(http=ON_LOOPBACK), by, {}), asked
            except (SourceUnavailable, UnusableFile) as error:
                return error, asked

    source.begin()
    return anyio.run(run)


@pytest.fixture
def source(record: Database, tmp_path: Path) -> Runs:
    return Runs.of(record, tmp_path)


def nothing_kept(source: Runs) -> bool:
    return not [file for file in source.raw.root.rglob("*") if file.is_file()]


def answer(body: bytes, *headers: str, status: str = "200 OK", length: int | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def table(stream: SocketStream, path: str, before: int) -> None:
    await stream.send(answer(b"id,name\n1,Harbour\n", "Content-Type: text/csv", "Connection: close"))


def test_a_server_that_behaves(source: Runs) -> None:
    came, asked = fetched(source, table)
    assert isinstance(came, Fetch)
    assert came.parts[0].data() == b"id,name\n1,Harbour\n"
    assert asked == ["/list"]


def paging(cut_at: int, times: int) -> Serve:
    """Twelve pages over connections that close; this one's is cut in the middle so many times."""
    left = [times]

    async def serve(stream: SocketStream, path: str, before: int) -> None:
        number = int(path.rpartition("=")[2])
        body = page(number)
        if number == cut_at and left[0]:
            left[0] -= 1
            await stream.send(answer(body[:30], length=len(body)))
            return
        await stream.send(answer(body, "Content-Type: application/json", "Connection: close"))

    return serve


def test_a_connection_cut_in_page_7_of_12_is_made_again(source: Runs) -> None:
    came, asked = fetched(source, paging(7, times=2), PAGED)
    assert isinstance(came, Fetch)
    assert [json.loads(part.data())["number"] for part in came.parts] == list(range(1, 13))
    assert [path.rpartition("=")[2] for path in asked].count("7") == 3
    assert source.waiting.waited == [0.5, 1.0]


def test_one_that_is_always_cut_ends_the_run_and_keeps_six_pages(source: Runs) -> None:
    came, asked = fetched(source, paging(7, times=99), PAGED)
    assert "page 7: The source's server broke off" in str(came)
    assert len(asked) == 9
    assert len(list(source.raw.root.glob("??/*.gz"))) == 6


async def for_ever(stream: SocketStream, path: str, before: int) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await stream.send(b"2710\r\n" + b"x" * 10_000 + b"\r\n")


def test_a_body_without_end_is_cut_off(source: Runs) -> None:
    came, _ = fetched(source, for_ever)
    assert "larger than 0.2 MB" in str(came)
    assert nothing_kept(source)


async def headers_for_ever(stream: SocketStream, path: str, before: int) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"X-More: " + b"x" * 10_000 + b"\r\n")


def test_headers_without_end_are_cut_off(source: Runs) -> None:
    came, _ = fetched(source, headers_for_ever)
    assert "broke off" in str(came)


def test_a_body_that_drips_is_given_up(source: Runs) -> None:
    """A byte now and then keeps every single wait short: only the time of the whole answer ends it."""

    async def drip(stream: SocketStream, path: str, before: int) -> None:
        await stream.send(answer(b"", "Content-Type: text/csv", length=1000))
        while True:
            source.waiting.seconds += 70
            await stream.send(b"x")
            await anyio.lowlevel.checkpoint()

    came, asked = fetched(source, drip)
    assert "too slow" in str(came)
    assert len(asked) == 1
    assert nothing_kept(source)


async def silent(stream: SocketStream, path: str, before: int) -> None:
    await anyio.sleep_forever()


def test_a_server_that_says_nothing_is_given_up(source: Runs) -> None:
    came, asked = fetched(source, silent)
    assert "too slow" in str(came)
    assert len(asked) == 1


async def bomb(stream: SocketStream, path: str, before: int) -> None:
    body = gzip.compress(b"0" * 50_000_000)
    await stream.send(answer(body, "Content-Encoding: gzip", "Content-Type: text/csv"))


def test_a_bomb_in_the_encoding_is_not_opened(source: Runs) -> None:
    came, _ = fetched(source, bomb)
    assert "packed answer" in str(came)
    assert nothing_kept(source)


async def bomb_file(stream: SocketStream, path: str, before: int) -> None:
    body = gzip.compress(b"0" * 50_000_000)
    await stream.send(answer(body, "Content-Type: application/gzip", "Connection: close"))


def test_a_bomb_in_the_file_is_not_opened_far(source: Runs) -> None:
    came, _ = fetched(source, bomb_file)
    assert "it may be a bomb" in str(came)


async def nonsense(stream: SocketStream, path: str, before: int) -> None:
    await stream.send(b"SSH-2.0-OpenSSH_9.2\r\n")


def test_what_is_no_web_server_is_told(source: Runs) -> None:
    came, _ = fetched(source, nonsense)
    assert "broke off" in str(came)


@pytest.mark.parametrize(
    "to",
    [
        "http://169.254.169.254/latest/meta-data/",
        "//169.254.169.254/latest/meta-data/",
        "http://metadata.example/latest/",
        "http://[fd00:ec2::254]/",
    ],
)
def test_a_redirect_inwards_is_not_followed(source: Runs, to: str) -> None:
    async def redirect(stream: SocketStream, path: str, before: int) -> None:
        await stream.send(answer(b"", f"Location: {to}", "Connection: close", status="302 Found"))

    came, asked = fetched(source, redirect)
    assert "not on the list" in str(came)
    assert asked == ["/list"]


def test_a_name_that_means_something_else_the_second_time_is_refused(source: Runs) -> None:
    """DNS rebinding: page 1 comes from a public server, and then the name leads to ours."""
    public = lambda address: str(address) == "127.0.0.1" or is_public(address)  # noqa: E731  # stands for a public one
    came, asked = fetched(source, paging(0, 0), PAGED, addresses=(("127.0.0.1",), ("10.0.0.7",)), may_reach=public)
    assert "page 2: The host 'feeds.example' leads to an address inside a private network" in str(came)
    assert asked == ["/list?page=1"]


def test_one_private_address_among_public_ones_is_refused(source: Runs) -> None:
    came, asked = fetched(source, table, addresses=(("8.8.8.8", "127.0.0.1"),), may_reach=is_public)
    assert "private network" in str(came)
    assert asked == []
