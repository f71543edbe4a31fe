"""The one way out to other people's servers: every client is made here, so that no address can send us inwards.

Only listed hosts are asked, over https, without redirects unless `Limits` allow some; connections are `network`'s. TLS
checks the certificate against the name. Proxies of the environment are not used.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cache, partial
from typing import TypeAlias

import anyio
import httpcore
import httpx

from directory.errors import BadInput, SourceUnavailable
from directory.network import Address as Address
from directory.network import Limits as Limits
from directory.network import Network
from directory.network import Surroundings as Surroundings
from directory.network import is_public as is_public

REPEATABLE = {"waymark.repeatable": True}  # request extension: a POST that only asks, and may be sent again
HOST = re.compile(r"[\w.:-]+")
Host: TypeAlias = tuple[str, int | None]
BUSY = frozenset({429, 502, 503, 504})
Client: TypeAlias = httpx.AsyncClient
Response: TypeAlias = httpx.Response
"""For annotations elsewhere: httpx is imported here alone."""
LATER = "Try again later; what was received is kept."


@dataclass(frozen=True, slots=True)
class Key:
    """What lets us in at one host ("feeds.example"), sent to no other: `value` stands in `header` as it is."""

    host: str
    header: str
    value: str = field(repr=False)


class Interrupted(SourceUnavailable):
    """The server broke off, or failed: asking the same again may help."""


FAILURES: Sequence[tuple[tuple[type[Exception], ...], type[SourceUnavailable], str, str]] = (
    ((httpx.TooManyRedirects,), SourceUnavailable, "The source's server sends us on and on.", "Ask where its feed is."),
    ((httpx.TimeoutException,), SourceUnavailable, "The source's server is too slow.", LATER),
    ((httpx.ConnectError,), SourceUnavailable, "The source's server cannot be reached, or not securely.", LATER),
    ((httpx.NetworkError, httpx.RemoteProtocolError), Interrupted, "The source's server broke off its answer.", LATER),
    ((Exception,), SourceUnavailable, "The address cannot be asked.", "Check the source's address."),
)
"""What `answered` says of each failure of httpx's, the first that fits."""


def client(
    hosts: Iterable[str],
    limits: Limits | None = None,
    surroundings: Surroundings | None = None,
    contact: str = "",
    key: Key | None = None,
) -> httpx.AsyncClient:
    """A client for these hosts ("feeds.example" or "feeds.example:8443") and no other; close it after use.

    `contact` is a web address of ours; `key` goes to its own host alone. Raises BadInput for what is no host. Requests
    raise httpx's own errors when a server fails, SourceUnavailable when we must not ask it or take its answer; a busy
    answer is handed on once `attempts` are used up. Bodies are never compressed, so `most_bytes` is their size.
    """
    limits = limits or Limits()
    agent = "Waymark/0.1 (service directory" + (f"; +{contact})" if contact else ")")
    return httpx.AsyncClient(
        transport=_Guard(frozenset(map(_listed, hosts)), limits, surroundings or Surroundings(), key),
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
        timeout=httpx.Timeout(limits.read_s, connect=limits.connect_s),
        follow_redirects=limits.redirects > 0,
        max_redirects=limits.redirects,
        trust_env=False,
    )


def _listed(host: str) -> Host:
    """Name and port (None: the scheme's own) of an entry of the list."""
    try:
        url = httpx.URL(f"https://{host}")
    except httpx.InvalidURL:
        url = httpx.URL()
    if not HOST.fullmatch(url.host) or url.userinfo or url.raw_path != b"/" or url.fragment:
        raise BadInput(f"{host!r} is not the name of a host.", "Write it as feeds.example or feeds.example:8443.")
    return url.raw_host.decode("ascii"), url.port


@asynccontextmanager
async def answered(
    client: httpx.AsyncClient,
    url: str,
    headers: Mapping[str, str] | None = None,
    method: str = "GET",
    sent: Mapping[str, object] | None = None,
    form: Mapping[str, str] | None = None,
) -> AsyncIterator[httpx.Response]:
    """The answer to a GET (or HEAD, or a POST of `sent` as JSON or of a form), its body to be read within the block.

    Raises SourceUnavailable, with a sentence, for every way in which a server or an address fails, then and while the
    body is read; Interrupted where asking again may help. What the server says is never repeated.
    """
    try:
        async with client.stream(method, url, headers=headers, json=sent, data=form) as response:
            yield response
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        raise next(told(said, advice) for kinds, told, said, advice in FAILURES if isinstance(error, kinds)) from None


def address(url: str, params: Mapping[str, str] | None = None) -> str:
    """A web address with these parameters beside its own. Raises SourceUnavailable for what is no address."""
    try:
        parsed = httpx.URL(url)
        return str(parsed.copy_merge_params(params) if params else parsed)
    except (httpx.InvalidURL, UnicodeError):
        raise SourceUnavailable("That is not a web address.", "Check the source's address.") from None


def back_off(attempt: int, chance: Callable[[], float]) -> float:
    """Half a second, one, two … and up to as much again, so that many clients do not come back together."""
    return float(0.5 * 2 ** (attempt - 1) * (1 + chance()))


_certificates = cache(partial(httpx.create_ssl_context, trust_env=False))


class _Guard(httpx.AsyncBaseTransport):
    """Checks every request, redirected ones too; waits its turn; asks again when a server is busy."""

    def __init__(self, hosts: frozenset[Host], limits: Limits, surroundings: Surroundings, key: Key | None) -> None:
        self._hosts, self._limits, self._by = hosts, limits, surroundings
        self._key, self._key_host = key, _listed(key.host) if key else None
        self._inner = _Checked(surroundings)
        self._free: dict[str, float] = {}

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._check(request.url)
        request = self._with_key(request)
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
                wait = back_off(attempt, self._by.chance)
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
            said = f"The host {url.host[:100]!r} is not on the list of those we may ask."
            raise SourceUnavailable(said, "If it belongs to the source, add it to the source's hosts.")

    def _with_key(self, request: httpx.Request) -> httpx.Request:
        """The request to be sent; the caller's own stays without the key, for a redirect would carry it on."""
        url = request.url
        if self._key is None or (url.raw_host.decode("ascii"), url.port) != self._key_host:
            return request
        headers = {**request.headers, self._key.header.lower(): self._key.value}
        return httpx.Request(request.method, url, headers=headers, stream=request.stream, extensions=request.extensions)

    async def _turn(self, host: str) -> None:
        """Waits until this host may be asked again. The turn is taken before waiting, so that tasks queue."""
        now = self._by.timer()
        turn = max(now, self._free.get(host, now))
        self._free[host] = turn + 1 / self._limits.per_second
        if turn > now:
            await self._by.sleep(turn - now)

    def _asked_wait(self, response: httpx.Response, attempt: int) -> float:
        """Seconds the server asks for in Retry-After (RFC 9110 10.2.3), and never less than the back-off."""
        said = response.headers.get("retry-after", "0").strip()
        try:
            until = None if said.isdigit() else parsedate_to_datetime(said)
            asked = float(said) if until is None else (until - self._by.clock()).total_seconds()
        except (ValueError, TypeError):  # not a number or a date; a date without its zone
            asked = 0.0
        return max(asked, back_off(attempt, self._by.chance))


class _Body(httpx.AsyncByteStream):
    """A body as it comes in: cut off when it is too large or too slow, refused when packed."""

    def __init__(self, response: httpx.Response, limits: Limits, timer: Callable[[], float], started: float) -> None:
        assert isinstance(response.stream, httpx.AsyncByteStream)
        self._stream, self._limits, self._timer, self._started = response.stream, limits, timer, started
        self._packing = response.headers.get("content-encoding", "identity").strip().lower()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._packing != "identity":
            raise SourceUnavailable(
                "The source's server sent a packed answer that nobody asked for.", "Tell the source."
            )
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
    """httpx's own transport over connections that `Network` opens.

    httpx offers no way to hand a network to its pool, so the pool is replaced; httpx is held below 0.29.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        context = _certificates()
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context, max_connections=10, keepalive_expiry=5.0, network_backend=Network(surroundings)
        )
