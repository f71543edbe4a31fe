"""The one way out to other people's servers: every client is made here, so that no address can send us inwards.

Only listed hosts are asked, over https, without redirects. A name is resolved once per connection, every address it has
is checked, and the connection goes to one of those: the name cannot mean something else to the socket. TLS still checks
the certificate against the name. Proxies of the environment are not used.
"""

import random
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import anyio
import httpcore
import httpx

from directory import clock as clocks
from directory.errors import BadInput, SourceUnavailable

Address = IPv4Address | IPv6Address
REPEATABLE = {"waymark.repeatable": True}  # request extension: a POST that only asks, and may be sent again
HOST = re.compile(r"[\w.:-]+")
BUSY = frozenset({429, 502, 503, 504})
# Not private by Python's list, and yet no public server: protocol assignments, relays, Azure's metadata host.
INWARDS = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "2002::/16")))
NAT64, UNICAST = ip_network("64:ff9b::/96"), ip_network("2000::/3")


@dataclass(frozen=True, slots=True)
class Limits:
    """What we take from a server, in seconds and bytes, and how we treat it: `per_second` requests to one host at most.

    An answer must be in whole within `total_s`; one that asks us to wait longer than `longest_wait_s` is handed on.
    """

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 60.0
    most_bytes: int = 50_000_000
    per_second: float = 5.0
    attempts: int = 3
    longest_wait_s: float = 60.0
    redirects: int = 0
    plain_http: bool = False


def is_public(address: Address) -> bool:
    """Whether an address is a public server's: not private, loopback, link-local, metadata, multicast or a tunnel."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if address in NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
        if address not in UNICAST:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or any(address in n for n in INWARDS))


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses the system knows for a host."""
    return [str(found[4][0]) for found in await anyio.getaddrinfo(host, port)]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client takes from the machine it runs on; tests pass their own and never sleep."""

    resolve: Callable[[str, int], Awaitable[Sequence[str]]] = resolve
    may_reach: Callable[[Address], bool] = is_public
    sleep: Callable[[float], Awaitable[None]] = anyio.sleep
    timer: Callable[[], float] = time.monotonic
    clock: clocks.Clock = clocks.now
    chance: Callable[[], float] = random.random


def client(
    hosts: Iterable[str], limits: Limits | None = None, surroundings: Surroundings | None = None, contact: str = ""
) -> httpx.AsyncClient:
    """A client for these hosts ("feeds.example" or "feeds.example:8443") and no other; close it after use.

    `contact` is a web address where we can be reached. Raises BadInput for what is no host. Requests raise httpx's own
    errors when a server fails, SourceUnavailable when we must not ask it or take its answer; a busy answer is handed on
    once `attempts` are used up. Bodies are never compressed, so that `most_bytes` is the size in memory.
    """
    limits = limits or Limits()
    agent = "Waymark/0.1 (service directory" + (f"; +{contact})" if contact else ")")
    return httpx.AsyncClient(
        transport=_Guard(frozenset(map(_listed, hosts)), limits, surroundings or Surroundings()),
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
        follow_redirects=limits.redirects > 0,
        max_redirects=limits.redirects,
        trust_env=False,
    )


def _listed(host: str) -> tuple[str, int | None]:
    """Name and port (None: the scheme's own) of an entry of the list."""
    try:
        url = httpx.URL(f"https://{host}")
    except httpx.InvalidURL:
        url = httpx.URL()
    if not HOST.fullmatch(url.host) or url.userinfo or url.raw_path != b"/" or url.fragment:
        raise BadInput(f"{host!r} is not the name of a host.", "Write it as feeds.example or feeds.example:8443.")
    return url.raw_host.decode("ascii"), url.port


_certificates = cache(partial(httpx.create_ssl_context, trust_env=False))


class _Guard(httpx.AsyncBaseTransport):
    """Checks every request, redirected ones too; waits its turn; asks again when a server is busy."""

    def __init__(self, hosts: frozenset[tuple[str, int | None]], limits: Limits, surroundings: Surroundings) -> None:
        self._hosts, self._limits, self._by = hosts, limits, surroundings
        self._inner = _Checked(surroundings)
        self._free: dict[str, float] = {}

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._check(request.url)
        asks = request.method in {"GET", "HEAD"} or "waymark.repeatable" in request.extensions
        repeatable = asks and isinstance(request.stream, httpx.ByteStream)  # a body that is still there
        attempt = 0
        while True:
            attempt += 1
            again = attempt < self._limits.attempts and repeatable
            await self._turn(request.url.host)
            started = self._by.timer()
            try:
                with anyio.fail_after(self._limits.total_s):
                    response = await self._inner.handle_async_request(request)
            except TimeoutError:
                raise httpx.ReadTimeout("The answer came too slowly.") from None
            except (httpx.NetworkError, httpx.ConnectTimeout, httpx.RemoteProtocolError):
                if not again:
                    raise
                wait = self._back_off(attempt)
            else:
                wait = self._asked_wait(response, attempt)
                if not again or response.status_code not in BUSY or wait > self._limits.longest_wait_s:
                    response.stream = _Body(response, self._limits, self._by.timer, started)
                    return response
                await response.aclose()
            await self._by.sleep(wait)

    def _check(self, url: httpx.URL) -> None:
        if url.scheme != "https" and not (url.scheme == "http" and self._limits.plain_http):
            raise SourceUnavailable("The address does not start with https.", "Ask the source for an https address.")
        if url.userinfo or (url.raw_host.decode("ascii"), url.port) not in self._hosts:
            raise SourceUnavailable(f"The host {url.host[:100]!r} is not on the list of those we may ask.")

    async def _turn(self, host: str) -> None:
        """Waits until this host may be asked again. The turn is taken before waiting, so that tasks queue."""
        now = self._by.timer()
        turn = max(now, self._free.get(host, now))
        self._free[host] = turn + 1 / self._limits.per_second
        if turn > now:
            await self._by.sleep(turn - now)

    def _back_off(self, attempt: int) -> float:
        """Half a second, one, two … and up to as much again, so that many clients do not come back together."""
        return float(0.5 * 2 ** (attempt - 1) * (1 + self._by.chance()))

    def _asked_wait(self, response: httpx.Response, attempt: int) -> float:
        """Seconds the server asks for in Retry-After (RFC 9110 10.2.3), and never less than the back-off."""
        said = response.headers.get("retry-after", "0").strip()
        try:
            until = None if said.isdigit() else parsedate_to_datetime(said)
            asked = float(said) if until is None else (until - self._by.clock()).total_seconds()
        except (ValueError, TypeError):  # not a number or a date; a date without its zone
            asked = 0.0
        return max(asked, self._back_off(attempt))


class _Body(httpx.AsyncByteStream):
    """A body as it comes in: cut off when it is too large or too slow, refused when packed."""

    def __init__(self, response: httpx.Response, limits: Limits, timer: Callable[[], float], started: float) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream, self._limits, self._timer, self._started = response.stream, limits, timer, started
        self._packing = response.headers.get("content-encoding", "identity").strip().lower()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packing != "identity":
            raise SourceUnavailable("The source's server sent a packed answer that was not asked for.")
        taken = 0
        async for part in self._stream:
            taken += len(part)
            if taken > self._limits.most_bytes:
                size = f"{self._limits.most_bytes / 1e6:.3g} MB"
                raise SourceUnavailable(f"The source's answer is larger than {size}.", "Check the source.")
            if self._timer() - self._started > self._limits.total_s:
                raise httpx.ReadTimeout("The answer came too slowly.")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


class _Checked(httpx.AsyncHTTPTransport):
    """httpx's own transport over connections that `_Network` opens.

    httpx offers no way to hand a network to its pool, so the pool is replaced; httpx is held below 0.29.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        context = _certificates()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=10, keepalive_expiry=5.0, network_backend=_Network(surroundings)
        )


class _Network(httpcore.AsyncNetworkBackend):
    """Opens connections to checked addresses only."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._by = surroundings

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *more: Any, **named: Any
    ) -> httpcore.AsyncNetworkStream:
        failure: Exception = httpcore.ConnectError("The name has no address.")
        for address in await self._addresses(host, port, timeout):
            try:
                return await httpcore.AnyIOBackend().connect_tcp(address, port, timeout, *more, **named)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        """Every address of the host; none is used when one of them leads inwards."""
        try:
            with anyio.fail_after(timeout):
                found = await self._by.resolve(host, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout("The name was not resolved in time.") from None
        except (OSError, UnicodeError):
            raise httpcore.ConnectError("The name cannot be resolved.") from None
        if not all(self._by.may_reach(ip_address(address)) for address in found):
            raise SourceUnavailable(f"The host {host[:100]!r} leads to an address inside a private network.")
        return list(dict.fromkeys(found))
