"""Connections to other people's servers: never inwards, whatever a name leads to and however an address is written.

A name is resolved once per connection, every address it has is checked, and the connection goes to one of those: the
name cannot mean something else to the socket.
"""

import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import anyio
import httpcore

from directory import clock as clocks
from directory.errors import SourceUnavailable

Address = IPv4Address | IPv6Address
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


class Network(httpcore.AsyncNetworkBackend):
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
            said = f"The host {host[:100]!r} leads to an address inside a private network."
            raise SourceUnavailable(said, "Give the address of a public server.")
        return list(dict.fromkeys(found))
