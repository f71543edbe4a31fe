"""The engines the bench can measure: each remembers what a match asked of it, so that it can be asked the same bare."""

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from directory.errors import BadInput
from directory.search.answering import EngineCandidates
from directory.search.embedded import EmbeddedIndex
from directory.search.index import SearchIndex
from directory.search.query import ServiceQuery
from directory.settings import Settings

EMBEDDED, ELASTICSEARCH = "embedded", "elasticsearch"
ENGINES = (EMBEDDED, ELASTICSEARCH)

Bare = Callable[[], Awaitable[int]]
"""The engine's own work for one match and nothing of ours; gives how many services passed."""


class Measured(SearchIndex, Protocol):
    """An index that remembers its first query for candidates: the enquiry's own. What a match asks besides, for a step
    that stayed empty or for the wider area, is the match's own cost."""

    asked: tuple[ServiceQuery, int] | None

    async def bare(self, query: ServiceQuery, limit: int) -> Bare:
        """The same asked of the engine alone, made ready before the clock starts."""
        ...

    async def megabytes(self) -> float: ...


class Embedded(EmbeddedIndex):
    """tantivy; bare is its own query for the candidates."""

    asked: tuple[ServiceQuery, int] | None = None

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> EngineCandidates:
        self.asked = self.asked or (query, limit)
        return await super().candidates(query, limit, facets)

    async def bare(self, query: ServiceQuery, limit: int) -> Bare:
        built = self.prepared(query, limit)

        async def ask() -> int:
            return built()

        return ask

    async def megabytes(self) -> float:
        return self.bytes_on_disk() / 1_000_000


@asynccontextmanager
async def opened(engine: str, settings: Settings) -> AsyncIterator[Measured]:
    """An index for one measurement, gone afterwards. Raises BadInput when there is no server to ask."""
    if engine == EMBEDDED:
        with tempfile.TemporaryDirectory(prefix="waymark-bench-") as folder:
            yield Embedded(Path(folder) / "index")
    elif settings.elasticsearch_url is None:
        raise BadInput("No search server is named to measure.", "Set WAYMARK_ELASTICSEARCH_URL.")
    else:
        from directory.bench_elastic import Elastic  # half a second that nobody else need wait for

        index = Elastic.of(settings.elasticsearch_url, f"waymark-bench-{uuid4().hex[:10]}", settings.elasticsearch_ca)
        try:
            yield index
        finally:
            await index.drop()
            await index.close()
