"""The kinds of source that a person may add by an address or a file, a row each: how it is fetched, how it is read.

`docs/sources.md` says how to add one.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ingest.material import Feed, Part, Read


class Getter(Protocol):
    """How an adapter asks its source's server, one page after the other; `ingest.fetch` makes them.

    The getter asks conditionally, waits when the server wants that, keeps the bytes, and hands a page that it has from
    a run that broke off before without asking again. Raises SourceUnavailable.
    """

    async def __call__(self, url: str, name: str, params: Mapping[str, str] | None = None) -> Part:
        """The part at an address; `name` is what people know it by ("page 3"). `params` join the address's own."""


Pages = Callable[[Feed, Getter], AsyncIterator[Part]]
"""Asks for every page of a feed, in order; raises SourceUnavailable for one that never ends or lies about its size."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of source. `pages` None: one file, fetched whole from its address."""

    id: str
    name: str
    """For people: "Open Referral UK 3.0 feed"."""
    read: Read
    pages: Pages | None = None


KINDS: Mapping[str, Kind] = {}
