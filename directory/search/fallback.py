"""Never "no results" because an engine is down: readers are then answered from the record, and told so."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from directory.errors import NotReady
from directory.search.document import ServiceDocument
from directory.search.from_record import FromRecord
from directory.search.index import Candidates, IndexHealth, SearchIndex, SearchPage
from directory.search.query import ServiceQuery

LOG = logging.getLogger("waymark.search")
NOTICE = (
    "Search is not working fully just now. These services come straight from the directory's record, by area and kind"
    " of help: the list may be shorter than usual and in another order."
)

Answer = TypeVar("Answer")


class WithFallback:
    """A `SearchIndex` whose readers are answered from the record while the engine is not ready. Writers are not."""

    def __init__(self, engine: SearchIndex, record: FromRecord) -> None:
        self.engine = engine
        self._record = record
        self._down = False

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> Candidates:
        async def from_record() -> Candidates:
            found = await self._record.candidates(query, limit, facets)
            found.notice = NOTICE
            return found

        return await self._either(lambda: self.engine.candidates(query, limit, facets), from_record)

    async def search(self, query: ServiceQuery) -> SearchPage:
        async def from_record() -> SearchPage:
            return replace(await self._record.search(query), notice=NOTICE)

        return await self._either(lambda: self.engine.search(query), from_record)

    async def get(self, service_id: str) -> ServiceDocument | None:
        return await self._either(lambda: self.engine.get(service_id), lambda: self._record.get(service_id))

    async def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        return await self._either(
            lambda: self.engine.suggest(prefix, limit), lambda: self._record.suggest(prefix, limit)
        )

    async def put(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        return await self.engine.put(documents, position)

    async def remove(self, service_ids: Iterable[str], position: int = 0) -> int:
        return await self.engine.remove(service_ids, position)

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        return await self.engine.rebuild(documents, position)

    async def roll_back(self) -> str:
        return await self.engine.roll_back()

    async def fingerprints(self) -> dict[str, str]:
        return await self.engine.fingerprints()

    async def health(self) -> IndexHealth:
        return await self.engine.health()

    async def close(self) -> None:
        await self.engine.close()

    async def _either(
        self, ask: Callable[[], Awaitable[Answer]], from_record: Callable[[], Awaitable[Answer]]
    ) -> Answer:
        try:
            answer = await ask()
        except NotReady as error:
            if not self._down:
                LOG.warning("answering from the record: %s", error)
            self._down = True
            return await from_record()
        if self._down:
            LOG.warning("the index answers again")
        self._down = False
        return answer
