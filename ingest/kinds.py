"""The kinds of source that a person may add by an address or a file, a row each: how it is fetched, how it is read.

`docs/sources.md` says how to add one.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from ingest.adapters import aliss, aliss_import, hsds_package, open_referral, spreadsheet
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
    expects: str = ""
    """json | csv | xlsx | zip: an answer of any other sort is refused. "": JSON for pages, for a file any table."""


KINDS: Mapping[str, Kind] = {
    "oruk": Kind("oruk", "Open Referral UK 3.0 feed", open_referral.read, open_referral.pages),
    "oruk-1": Kind("oruk-1", "Open Referral UK 1.x feed", open_referral.read, open_referral.pages),
    "hsds-package": Kind("hsds-package", "HSDS data package (CSV in a ZIP file)", hsds_package.read, expects="zip"),
    "hsds-json": Kind("hsds-json", "HSDS 3 JSON file", open_referral.read, expects="json"),
    "aliss": Kind("aliss", "ALISS search (v4.1)", aliss.read, aliss.pages),
    "aliss-import": Kind("aliss-import", "ALISS import (v5)", aliss_import.read, aliss_import.pages),
    spreadsheet.KIND: Kind(spreadsheet.KIND, "Spreadsheet (CSV, XLSX or ODS)", spreadsheet.read),
}
