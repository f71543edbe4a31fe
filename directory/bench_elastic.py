"""Elasticsearch as the bench measures it: beside a match, the bare client's two requests for the same."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from directory.search import elastic_query, indexed
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection, Server
from directory.search.index import COLUMNS, Candidates
from directory.search.query import ServiceQuery

CANDIDATES, DOCUMENTS = 300, 10
"""What the bare client asks for: candidates by doc values, a column each, and documents by id."""
COLUMN_FIELDS = ["id", *map(indexed.column, COLUMNS)]


class Elastic(ElasticIndex):
    """One server, with indices of its own."""

    asked: tuple[ServiceQuery, int] | None = None

    @classmethod
    def of(cls, url: str, index: str, ca: Path | None) -> "Elastic":
        return cls(Connection(Server(url, index, ca)))

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> Candidates:
        self.asked = self.asked or (query, limit)
        return await super().candidates(query, limit, facets)

    async def bare(self, query: ServiceQuery, limit: int) -> Callable[[], Awaitable[int]]:
        words = await self._telling(query, common=False)
        body = elastic_query.candidates(query, words, CANDIDATES, facets=False) | {"docvalue_fields": COLUMN_FIELDS}
        live = await self._live()
        client = self._connection.client

        async def ask() -> int:
            answer = await client.search(index=live, **body)
            docs = [{"_id": hit["fields"]["id"][0]} for hit in answer["hits"]["hits"][:DOCUMENTS]]
            if docs:
                await client.mget(index=live, docs=docs, realtime=False)
            return int(answer["hits"]["total"]["value"])

        return ask

    async def megabytes(self) -> float:
        """Of the live index, all copies."""
        live = await self._live()
        with self._connection.asking():
            answer = await self._connection.client.indices.stats(index=live, metric="store")
        return int(answer["_all"]["total"]["store"]["size_in_bytes"]) / 1_000_000

    async def drop(self) -> None:
        """Takes every index of this measurement away."""
        await self._generations.drop_all()
