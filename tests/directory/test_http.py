"""The one way out: listed hosts over https, never inwards, a fair share of patience, and no more than we can hold."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import anyio
import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st

from directory import http
from directory.errors import BadInput, SourceUnavailable
from directory.http import Limits, Surroundings

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
FEED = "https://feeds.example/services.json"
BUSY = 503


class Waiting:
    """A clock that only moves when somebody waits; what was waited for is kept."""

    def __init__(self) -> None:
        self.waited: list[float] = []
        self.seconds = 0.0

    async def sleep(self, seconds: float) -> None:
        self.waited.append(round(seconds, 3))
        self.seconds += seconds

    def surroundings(self, **changes: object) -> Surroundings:
        given = {"sleep": self.sleep, "timer": lambda: self.seconds, "chance": lambda: 0.0, **changes}
        return Surroundings(clock=lambda: NOON + timedelta(seconds=self.seconds), **given)  # type: ignore[arg-type]


def ask(
    url: str = FEED,
    limits: Limits | None = None,
    waiting: Waiting | None = None,
    hosts: Sequence[str] = ("feeds.example",),
    times: int = 1,
    **changes: object,
) -> httpx.Response:
    """The answer to the last of so many GETs of one client."""

    async def asked() -> httpx.Response:
        async with http.client(hosts, limits, (waiting or Waiting()).surroundings(**changes)) as client:
            for _ in range(times):
                answer = await client.get(url)
            return answer

    return anyio.run(asked)


def found_at(*addresses: str) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A resolver that gives these addresses for any name."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return resolve


@asynccontextmanager
async def canary() -> AsyncIterator[tuple[int, list[str]]]:
    """A real server on loopback: its port, and the request lines it was sent."""
    heard: list[str] = []

    async def serve(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            said = (await stream.receive()).decode("latin-1")
            heard.append(said.splitlines()[0])
            if "/slow" in said:
                await anyio.sleep_forever()
            place = b"" if "/moved" not in said else b"Location: http://other.example/inwards\r\n"
            await stream.send(
                b"HTTP/1.1 %s\r\nContent-Length: 2\r\n%s\r\nok" % (b"302 Found" if place else b"200 OK", place)
            )

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, serve)
        yield listener.extra(anyio.abc.SocketAttribute.local_port), heard
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://feeds.example/", id="not https"),
        pytest.param("ftp://feeds.example/", id="another scheme"),
        pytest.param("https://elsewhere.example/", id="another host"),
        pytest.param("https://sub.feeds.example/", id="a host below"),
        pytest.param("https://feeds.example.elsewhere.example/", id="a host that starts alike"),
        pytest.param("https://feeds.example./", id="a trailing stop"),
        pytest.param("https://feeds.example:8443/", id="another port"),
        pytest.param("https://feeds.example@elsewhere.example/", id="the name as a user"),
        pytest.param("https://me:secret@feeds.example/", id="credentials"),
        pytest.param("https://127.0.0.1/", id="loopback"),
        pytest.param("https://2130706433/", id="loopback in decimal"),
        pytest.param("https://0x7f000001/", id="loopback in hexadecimal"),
        pytest.param("https://[::1]/", id="loopback v6"),
        pytest.param("https://[::ffff:169.254.169.254]/", id="metadata in v6"),
        pytest.param("https://169.254.169.254/latest/meta-data/", id="metadata"),
        pytest.param("https://localhost/", id="localhost"),
        pytest.param("https://féeds.example/", id="another letter"),
    ],
)
def test_what_is_not_listed_is_not_asked(url: str) -> None:
    with respx.mock(assert_all_called=False) as server, pytest.raises(SourceUnavailable) as refused:
        ask(url)
    assert not server.calls
    assert refused.value.status == 503
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["", "https://feeds.example", "feeds.example/path", "me@feeds.example", "a b"])
def test_the_list_holds_hosts_only(host: str) -> None:
    with pytest.raises(BadInput, match="not the name of a host"):
        http.client([host])


ADDRESSES = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.1.1", "240.0.0.1",
    "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "2001:db8::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%2", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_that_leads_inwards_is_public(address: str) -> None:
    assert not http.is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "203.1.113.9", "::ffff:8.8.8.8", "64:ff9b::808:808", "2a00:1450::1"])
def test_public_addresses_are(address: str) -> None:
    assert http.is_public(ip_address(address))


@given(st.ip_addresses(v=4, network="10.0.0.0/8") | st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_an_inward_address_stays_so_however_it_is_wrapped(inward: object) -> None:
    for wrapped in (f"{inward}", f"::ffff:{inward}", f"64:ff9b::{inward}"):
        assert not http.is_public(ip_address(wrapped))


@pytest.mark.parametrize("address", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_a_listed_name_that_leads_inwards_is_not_connected_to(address: str) -> None:
    async def asked() -> list[str]:
        async with canary() as (port, heard):
            url = f"http://feeds.example:{port}/"
            by = Waiting().surroundings(resolve=found_at(address))
            async with http.client([f"feeds.example:{port}"], Limits(plain_http=True), by) as client:
                with pytest.raises(SourceUnavailable, match="private network"):
                    await client.get(url)
        return heard

    assert anyio.run(asked) == []


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "[::1]", "[::ffff:127.0.0.1]"])
def test_even_a_listed_inward_address_is_not_connected_to(host: str) -> None:
    """The system's own resolver reads them all as loopback."""

    async def asked() -> list[str]:
        async with canary() as (port, heard):
            client = http.client([f"{host}:{port}"], Limits(plain_http=True))
            with pytest.raises(SourceUnavailable, match="private network"):
                await client.get(f"http://{host}:{port}/")
            await client.aclose()
        return heard

    assert anyio.run(asked) == []


def test_one_inward_address_among_others_refuses_the_name() -> None:
    with pytest.raises(SourceUnavailable, match="private network"):
        ask(resolve=found_at("8.8.8.8", "10.0.0.1"))


def test_the_address_checked_is_the_one_connected_to() -> None:
    """A name that changes its mind (rebinding) is asked once, and its first answer is used."""

    async def asked() -> tuple[list[str], list[str], str]:
        looked_up: list[str] = []
        async with canary() as (port, heard):

            async def resolve(host: str, port: int) -> Sequence[str]:
                looked_up.append(host)
                return ["127.0.0.1"] if len(looked_up) == 1 else ["10.0.0.1"]

            by = Waiting().surroundings(resolve=resolve, may_reach=lambda address: True)
            async with http.client([f"feeds.example:{port}"], Limits(plain_http=True), by) as client:
                answer = await client.get(f"http://feeds.example:{port}/a")
        return looked_up, heard, answer.text

    assert anyio.run(asked) == (["feeds.example"], ["GET /a HTTP/1.1"], "ok")


def moved(redirects: int) -> tuple[str, list[str]]:
    """What comes of a page that has moved to a host that is not on the list, and what its own host was asked."""

    async def asked() -> tuple[str, list[str]]:
        async with canary() as (port, heard):
            by = Waiting().surroundings(resolve=found_at("127.0.0.1"), may_reach=lambda address: True)
            limits = Limits(plain_http=True, redirects=redirects)
            async with http.client([f"feeds.example:{port}"], limits, by) as client:
                try:
                    return str((await client.get(f"http://feeds.example:{port}/moved")).status_code), heard
                except SourceUnavailable as error:
                    return str(error), heard

    return anyio.run(asked)


def test_a_redirect_is_not_followed() -> None:
    assert moved(redirects=0) == ("302", ["GET /moved HTTP/1.1"])


def test_a_redirect_is_followed_to_listed_hosts_only() -> None:
    said, heard = moved(redirects=3)
    assert "'other.example' is not on the list" in said
    assert heard == ["GET /moved HTTP/1.1"]


def test_a_server_that_says_nothing_ends_in_a_timeout() -> None:
    async def asked() -> None:
        async with canary() as (port, _):
            by = Waiting().surroundings(resolve=found_at("127.0.0.1"), may_reach=lambda address: True)
            async with http.client([f"feeds.example:{port}"], Limits(plain_http=True, read_s=0.05), by) as client:
                with pytest.raises(httpx.ReadTimeout):
                    await client.get(f"http://feeds.example:{port}/slow")

    anyio.run(asked)


def test_a_name_that_cannot_be_resolved_is_asked_for_again_and_then_told() -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    waiting = Waiting()
    with pytest.raises(httpx.ConnectError):
        ask(waiting=waiting, resolve=resolve)
    assert waiting.waited == [0.5, 1.0]


def test_who_asks_is_told_and_nothing_packed_is_asked_for() -> None:
    with respx.mock() as server:
        server.get(FEED).respond(text="[]")
        ask()
        sent = server.calls.last.request.headers
        assert sent["user-agent"].startswith("Waymark/")
        assert sent["accept-encoding"] == "identity"


def test_the_contact_stands_in_the_user_agent() -> None:
    assert "+https://spoc.example" in http.client([], contact="https://spoc.example").headers["user-agent"]


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "ALL_PROXY"])
def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    async def asked() -> list[str]:
        async with canary() as (port, heard):
            monkeypatch.setenv(variable, "http://127.0.0.1:9")
            by = Waiting().surroundings(resolve=found_at("127.0.0.1"), may_reach=lambda address: True)
            async with http.client([f"feeds.example:{port}"], Limits(plain_http=True), by) as client:
                await client.get(f"http://feeds.example:{port}/a")
        return heard

    assert anyio.run(asked) == ["GET /a HTTP/1.1"]


@pytest.mark.parametrize(
    ("answers", "status", "waited"),
    [
        pytest.param([200], 200, [], id="at once"),
        pytest.param([404], 404, [], id="not found is an answer"),
        pytest.param([500], 500, [], id="broken is not busy"),
        pytest.param([429, 200], 200, [0.5], id="once too often"),
        pytest.param([502, 504, 200], 200, [0.5, 1.0], id="longer each time"),
        pytest.param([BUSY] * 3, BUSY, [0.5, 1.0], id="handed on in the end"),
        pytest.param([httpx.ConnectError("no"), 200], 200, [0.5], id="no connection"),
        pytest.param([httpx.RemoteProtocolError("cut"), 200], 200, [0.5], id="cut off"),
    ],
)
def test_a_busy_server_is_asked_again(answers: list[int | Exception], status: int, waited: list[float]) -> None:
    waiting = Waiting()
    with respx.mock() as server:
        server.get(FEED).side_effect = [a if isinstance(a, Exception) else httpx.Response(a) for a in answers]
        answer = ask(waiting=waiting, limits=Limits(per_second=1000))
    assert (answer.status_code, waiting.waited) == (status, waited)


@pytest.mark.parametrize(
    ("said", "waited"),
    [
        pytest.param("7", [7.0], id="seconds"),
        pytest.param("Sun, 22 Nov 2026 12:00:09 GMT", [9.0], id="a date"),
        pytest.param("0", [0.5], id="never less than the back-off"),
        pytest.param("-5", [0.5], id="negative"),
        pytest.param("Sun, 22 Nov 2020 12:00:09 GMT", [0.5], id="a date gone by"),
        pytest.param("Sun, 22 Nov 2026 12:00:09 -0000", [0.5], id="a date without a zone"),
        pytest.param("soon", [0.5], id="neither"),
        pytest.param("", [0.5], id="empty"),
        pytest.param("3600", [], id="longer than we wait"),
        pytest.param("9" * 400, [], id="beyond all numbers"),
    ],
)
def test_a_server_says_how_long_to_wait(said: str, waited: list[float]) -> None:
    waiting = Waiting()
    with respx.mock() as server:
        server.get(FEED).side_effect = [httpx.Response(429, headers={"Retry-After": said}), httpx.Response(200)]
        answer = ask(waiting=waiting)
    assert waiting.waited == waited
    assert answer.status_code == (200 if waited else 429)


def test_the_back_off_is_spread_by_chance() -> None:
    waiting = Waiting()
    with respx.mock() as server:
        server.get(FEED).side_effect = [httpx.Response(BUSY), httpx.Response(200)]
        ask(waiting=waiting, chance=lambda: 0.5)
    assert waiting.waited == [0.75]


def test_a_slow_answer_is_not_asked_for_again() -> None:
    with respx.mock() as server:
        server.get(FEED).mock(side_effect=httpx.ReadTimeout("slow"))
        with pytest.raises(httpx.ReadTimeout):
            ask()
        assert server.calls.call_count == 1


@pytest.mark.parametrize(("extensions", "calls"), [({}, 1), (http.REPEATABLE, 2)], ids=["that changes", "that asks"])
def test_a_post_is_repeated_only_when_it_only_asks(extensions: dict[str, bool], calls: int) -> None:
    async def asked() -> None:
        async with http.client(["feeds.example"], None, Waiting().surroundings()) as client:
            await client.post(FEED, json={"a": 1}, extensions=extensions)

    with respx.mock() as server:
        server.post(FEED).side_effect = [httpx.Response(BUSY), httpx.Response(200)]
        anyio.run(asked)
        assert [call.request.content for call in server.calls] == [b'{"a":1}'] * calls


def test_one_host_is_asked_so_often_and_no_oftener() -> None:
    waiting = Waiting()
    with respx.mock() as server:
        server.get(FEED).respond(text="[]")
        ask(waiting=waiting, limits=Limits(per_second=4), times=3)
    assert waiting.waited == [0.25, 0.25]


def test_tasks_at_the_same_time_queue() -> None:
    waiting = Waiting()

    async def sleep(seconds: float) -> None:
        waiting.waited.append(seconds)  # all ask at one moment: the clock stands still

    async def asked() -> None:
        by = waiting.surroundings(sleep=sleep)
        async with (
            http.client(["feeds.example"], Limits(per_second=2), by) as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(4):
                tasks.start_soon(client.get, FEED)

    with respx.mock() as server:
        server.get(FEED).respond(text="[]")
        anyio.run(asked)
    assert waiting.waited == [0.5, 1.0, 1.5]


@pytest.mark.parametrize(("size", "fits"), [(999, True), (1000, True), (1001, False), (100_000, False)])
def test_a_body_is_cut_off_at_its_largest(size: int, fits: bool) -> None:
    taken: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        for _ in range(size):
            taken.append(1)
            yield b"x"

    with respx.mock() as server:
        server.get(FEED).mock(return_value=httpx.Response(200, content=parts()))
        if fits:
            assert len(ask(limits=Limits(most_bytes=1000)).content) == size
            return
        with pytest.raises(SourceUnavailable, match=r"larger than 0\.001 MB"):
            ask(limits=Limits(most_bytes=1000))
    assert len(taken) == 1001


def test_a_body_that_trickles_is_given_up() -> None:
    waiting = Waiting()

    async def parts() -> AsyncIterator[bytes]:
        while True:
            await waiting.sleep(5)
            yield b"x"

    with respx.mock() as server:
        server.get(FEED).mock(return_value=httpx.Response(200, content=parts()))
        with pytest.raises(httpx.ReadTimeout):
            ask(waiting=waiting, limits=Limits(total_s=60))
    assert waiting.seconds == 65


def test_a_packed_body_is_refused_unread() -> None:
    with respx.mock() as server:
        server.get(FEED).respond(headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"\x1f\x8b"))
        with pytest.raises(SourceUnavailable, match="packed"):
            ask()


KEY = http.Key("feeds.example", "X-Api-Key", "s3cret")


def headers_sent(url: str, key: http.Key = KEY) -> httpx.Headers:
    """Of one request of a client that may ask two hosts."""

    async def asked() -> None:
        hosts = ["feeds.example", "feeds.example:8443", "other.example"]
        async with http.client(hosts, None, Waiting().surroundings(), key=key) as client:
            await client.get(url)

    with respx.mock() as server:
        server.get(url).respond(text="[]")
        anyio.run(asked)
        return server.calls.last.request.headers


def test_a_key_goes_to_its_own_host() -> None:
    assert headers_sent(FEED)["x-api-key"] == "s3cret"


@pytest.mark.parametrize("url", ["https://other.example/", "https://feeds.example:8443/"])
def test_a_key_goes_to_no_other_host(url: str) -> None:
    assert "x-api-key" not in headers_sent(url)


def test_a_key_takes_the_place_of_a_header() -> None:
    assert headers_sent(FEED, http.Key("feeds.example", "User-Agent", "us")).get_list("user-agent") == ["us"]


def test_a_key_is_not_shown() -> None:
    assert "s3cret" not in repr(KEY)


@pytest.mark.parametrize(
    ("failure", "kind", "said"),
    [
        pytest.param(httpx.ConnectError("no"), SourceUnavailable, "cannot be reached", id="no connection"),
        pytest.param(httpx.ConnectTimeout("slow"), SourceUnavailable, "too slow", id="no connection in time"),
        pytest.param(httpx.ReadTimeout("slow"), SourceUnavailable, "too slow", id="no answer in time"),
        pytest.param(httpx.ReadError("reset"), http.Interrupted, "broke off", id="reset"),
        pytest.param(httpx.RemoteProtocolError("cut"), http.Interrupted, "broke off", id="cut"),
        pytest.param(httpx.TooManyRedirects("round"), SourceUnavailable, "on and on", id="redirects"),
        pytest.param(httpx.LocalProtocolError("header"), SourceUnavailable, "cannot be asked", id="ours"),
    ],
)
@pytest.mark.parametrize("late", [False, True], ids=["at once", "in the body"])
def test_every_failure_is_said_in_a_sentence(failure: Exception, kind: type[Exception], said: str, late: bool) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"["
        raise failure

    async def asked() -> None:
        asking = http.client(["feeds.example"], Limits(attempts=1), Waiting().surroundings())
        async with asking as client, http.answered(client, FEED) as answer:
            await answer.aread()

    with respx.mock() as server:
        server.get(FEED).side_effect = [httpx.Response(200, content=broken())] if late else failure
        with pytest.raises(SourceUnavailable, match=said) as told:
            anyio.run(asked)
    assert type(told.value) is kind
    assert told.value.advice


@pytest.mark.parametrize(
    ("url", "params", "address"),
    [
        pytest.param(FEED, None, FEED, id="as it is"),
        pytest.param(FEED, {"page": "2"}, f"{FEED}?page=2", id="with a parameter"),
        pytest.param(f"{FEED}?a=1&page=1", {"page": "2"}, f"{FEED}?a=1&page=2", id="in another's place"),
        pytest.param(FEED, {"area": "Leith & Ards/£"}, f"{FEED}?area=Leith%20%26%20Ards%2F%C2%A3", id="escaped"),
    ],
)
def test_parameters_join_an_address(url: str, params: dict[str, str] | None, address: str) -> None:
    assert http.address(url, params).replace("+", "%20") == address


@pytest.mark.parametrize(
    "url", ["https://[::1/", "https://feeds.example:port/", "https://" + "a" * 70_000, "https://\x00/"]
)
def test_what_is_no_address_is_said_to_be_none(url: str) -> None:
    with pytest.raises(SourceUnavailable, match="not a web address"):
        http.address(url)
