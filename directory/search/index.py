"""The seam between us and a search engine: `SearchIndex` speaks ServiceQuery → SearchPage and no engine's words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from directory.errors import NotReady
from directory.search.document import ServiceDocument
from directory.search.query import Facet, ServiceQuery


@dataclass(frozen=True, slots=True)
class Hit:
    """A service found, its coarse score (no unit), and the distance in metres where the query had a circle."""

    service: ServiceDocument
    score: float
    distance_m: float | None = None


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of what was found. `total` counts all."""

    hits: tuple[Hit, ...]
    total: int
    facets: tuple[Facet, ...]
    page: int
    page_size: int
    notice: str = ""
    """For the reader: why this is not the answer it could be."""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.page_size))


COLUMNS = (
    "families", "needs", "harms", "relations", "delivery", "routes", "councils", "languages",
    "groups", "main_family", "age_min", "age_max", "flags", "lat", "lon", "as_of_day", "name_key",
    "conditions", "hours",
)  # fmt: skip
"""Numbers kept for every service, so that ranking reads no stored document. Masks are over taxonomy bits; `councils`
over `columns.council_bits`; `age_min` 0 and `age_max` 255 when open; `flags` over `columns.Flag`; `lat` and `lon` in
micro-degrees (NO_POINT when none); `as_of_day` days since 1970 (0 unknown); `name_key` the first 8 bytes of the folded
name, for ties; `conditions` school stages, registration, track record, island and capacity (`columns.HOURS_SHIFT`);
`hours` the opening hours of a week (`opening.pack`)."""


class Candidates(Protocol):
    """Up to 300 services as columns, best coarse score first; `load` reads the whole documents of a few of them."""

    scores: Sequence[float]
    columns: Mapping[str, Sequence[int]]
    """Each of COLUMNS, a value per candidate."""
    total: int
    notice: str
    """As `SearchPage.notice`."""

    @property
    def facets(self) -> tuple[Facet, ...]: ...

    async def load(self, positions: Sequence[int]) -> list[ServiceDocument]:
        """The documents at these positions, in the order asked."""
        ...


@dataclass(frozen=True, slots=True)
class IndexHealth:
    """Whether an index can answer, how many services it holds, and in plain words what is wrong."""

    ready: bool
    services: int
    engine: str
    message: str = ""


class Moved(NotReady):
    """A service was taken out between the finding and the reading of it: asked again, the answer is whole."""


class SearchIndex(Protocol):
    """One engine. Errors are ours (NotReady); a query never raises for the person's words."""

    async def search(self, query: ServiceQuery) -> SearchPage: ...

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> Candidates:
        """Up to `limit` services as columns, with the facets family and delivery (`search` has all four)."""
        ...

    async def get(self, service_id: str) -> ServiceDocument | None:
        """By UUID or by source id ("f18"), also one of `also`."""
        ...

    async def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Names of services that have a word beginning so."""
        ...

    async def put(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        """Puts in or replaces. `position` is the last outbox line in sight when the record was read: where several
        processes write, what was written from a later position stays."""
        ...

    async def remove(self, service_ids: Iterable[str], position: int = 0) -> int: ...

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        """All documents into a new index beside the live one, then swapped; the live one stays on failure."""
        ...

    async def roll_back(self) -> str:
        """Back to the index from before the last rebuild; its name. Raises NotReady when none is kept."""
        ...

    async def fingerprints(self) -> dict[str, str]:
        """Of every service held, by id, its document's fingerprint: what record and index are compared by."""
        ...

    async def health(self) -> IndexHealth: ...

    async def close(self) -> None:
        """Lets go of connections, if there are any; the next question opens them again."""
        ...
