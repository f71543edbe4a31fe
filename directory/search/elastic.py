"""The engine for many machines: Elasticsearch 9 over HTTP, with the embedded engine's answers."""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from directory import clock as clocks
from directory.errors import NotReady
from directory.places.distance import distance_m
from directory.search import analysis, coarse, elastic_answers, elastic_errors, elastic_mapping, elastic_query, reserved
from directory.search.breaker import Seconds
from directory.search.clauses import Term
from directory.search.document import ServiceDocument
from directory.search.elastic_answers import Ranked, column, keys
from directory.search.elastic_bulk import Pause, removing, writing
from directory.search.elastic_client import Connection
from directory.search.elastic_errors import Refused
from directory.search.elastic_rebuild import BATCH, Generations, check_version
from directory.search.elastic_words import WordCounts
from directory.search.index import Candidates, Hit, IndexHealth, Moved, SearchPage
from directory.search.query import Facet, ServiceQuery
from directory.values import Visibility

ENGINE = "Elasticsearch"
BELIEVED = 5.0
"""Seconds for which an index found to be ours is not asked about again, though it finds nothing."""


class ElasticIndex:
    """A `SearchIndex` over one server. Opens nothing until asked; raises NotReady for whatever the server fails at."""

    def __init__(
        self,
        connection: Connection,
        clock: clocks.Clock = clocks.now,
        pause: Pause = asyncio.sleep,
        seconds: Seconds = time.monotonic,
    ) -> None:
        self._connection = connection
        self._now = seconds
        self._generations = Generations(connection, pause)
        self._clock = clock
        self._words = WordCounts(connection)
        self._checked = ""
        """The index whose version was last found to be ours."""
        self._believed_until = 0.0
        self._ends: dict[tuple[ServiceQuery, int], Sequence[Any]] = {}
        """Where pages beyond the engine's reach ended, so that the next one begins there."""

    async def candidates(self, query: ServiceQuery, limit: int, facets: bool = True) -> Candidates:
        """Up to `limit` services that pass the filters, best coarse score first. Words and boosts filter nothing."""
        words = await self._telling(query, common=False)
        most = reserved.looked_at(query, limit)
        answer = await self._search(elastic_query.candidates(query, words, most, facets))
        found, total = elastic_answers.ranked(answer), answer["hits"]["total"]["value"]
        counted = elastic_answers.facets(answer) if facets else ()
        if total > limit:
            found = await self._with_reserved(query, found, limit, counted)
        return elastic_answers.candidates(found, total, counted, self._read)

    async def search(self, query: ServiceQuery) -> SearchPage:
        """One page. With words, at least one must match, and services that hold all of them come first.

        Raises BadInput for a page below 1, an unknown order, or order by distance without a circle.
        """
        query.check()
        words = await self._telling(query)
        after = await self._before(query, words)
        answer = await self._search(elastic_query.page(query, words, after))
        held = answer["hits"]["hits"]
        if held and query.page * query.page_size >= elastic_query.PLACES:
            self._ends[replace(query, page=1), query.page] = held[-1]["sort"]
        hits = []
        for hit in held:
            service = elastic_answers.document(hit)
            near = distance_m(query.near.centre, service.point) if query.near and service.point else None
            hits.append(Hit(service, hit["_score"] or 0.0, near))
        return SearchPage(
            tuple(hits), answer["hits"]["total"]["value"], elastic_answers.facets(answer), query.page, query.page_size
        )

    async def get(self, service_id: str) -> ServiceDocument | None:
        """By UUID, source id or one of `also`; a service that leads by that id before one that repeats it."""
        answer = await self._search(elastic_query.named(Term("ids", (service_id,)), 10))
        held = [elastic_answers.document(hit) for hit in answer["hits"]["hits"]]
        leading = [doc for doc in held if service_id in (doc.id, doc.source_id)]
        return next(iter(leading or held), None)

    async def suggest(self, prefix: str, limit: int = 8) -> list[str]:
        """Names of services that have a word beginning so, and all the words before it; in order of name."""
        *before, last = analysis.words(prefix) or [""]
        if not last or limit < 1:
            return []
        answer = await self._search(elastic_query.beginning(before, last, limit * 8))
        return list(dict.fromkeys(elastic_answers.document(hit).name for hit in answer["hits"]["hits"]))[:limit]

    async def put(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        """Puts in or replaces; a service that is not active is taken out instead. Returns how many were given.

        What was written at a later position stays. A service whose place is withheld from now on leaves no trace of
        it in the server's files, nor in the index kept as the way back.
        """
        given = list(documents)
        live = await self._live()
        was_open = await self._open_before(live, [doc for doc in given if doc.visibility is Visibility.UNDISCLOSED])
        for start in range(0, len(given), BATCH):
            operations = [
                (writing(doc.id, position), elastic_mapping.source(doc))
                if doc.status == "active"
                else (removing(doc.id, position), None)
                for doc in given[start : start + BATCH]
            ]
            await self._generations.sender.send(self._alias, operations, require_alias=True, refresh=True)
        if was_open:
            await self._generations.drop_previous()
            await self._generations.expunge(live)
        return len(given)

    async def remove(self, service_ids: Iterable[str], position: int = 0) -> int:
        """Takes services out by UUID; returns how many were there. What was written at a later position stays."""
        given, removed = list(service_ids), 0
        await self._live()
        for start in range(0, len(given), BATCH):
            operations = [(removing(own, position), None) for own in given[start : start + BATCH]]
            results = await self._generations.sender.send(self._alias, operations, require_alias=True, refresh=True)
            removed += sum(said == "deleted" for said in results.values())
        return removed

    async def rebuild(self, documents: Iterable[ServiceDocument], position: int = 0) -> int:
        """All documents into a new index beside the live one, then swapped; returns how many it holds.

        Whatever `documents` raises passes through, and the live one stays.
        """
        await self._connection.check_product()
        count = await self._generations.rebuild(documents, position, self._clock())
        self._forget()
        return count

    async def roll_back(self) -> str:
        """The index from before the last rebuild goes live again; returns its name. Raises NotReady without one."""
        await self._connection.check_product()
        name = await self._generations.roll_back()
        self._forget()
        return name

    async def fingerprints(self) -> dict[str, str]:
        """Of every service held, by id."""
        live = await self._live()
        found: dict[str, str] = {}
        after: Sequence[Any] | None = None
        while True:
            with self._connection.asking():
                answer = await self._connection.patient.search(index=live, **elastic_query.all_fingerprints(after))
            held = answer["hits"]["hits"]
            if not held:
                return found
            found |= {hit["fields"]["id"][0]: hit["fields"]["fingerprint"][0] for hit in held}
            after = held[-1]["sort"]

    async def health(self) -> IndexHealth:
        """Whether this index can answer, and if not, why and what to do."""
        self._forget()
        try:
            live = await self._live()
            with self._connection.asking():
                answer = await self._connection.client.count(index=live)
            return IndexHealth(True, int(answer["count"]), ENGINE)
        except NotReady as error:
            return IndexHealth(False, 0, ENGINE, str(error))

    async def close(self) -> None:
        """Lets go of connections; the next question opens them again."""
        await self._connection.close()

    @property
    def _alias(self) -> str:
        return self._connection.server.index

    def _forget(self) -> None:
        self._checked = ""
        self._ends.clear()
        self._words.forget()

    async def _live(self) -> str:
        """The live index, of our version. Raises NotReady when there is none, or what answers is no Elasticsearch 9."""
        await self._connection.check_product()
        self._checked = await self._generations.live()
        self._believed_until = self._now() + BELIEVED
        return self._checked

    async def _search(self, body: Mapping[str, Any]) -> Any:
        """One question to the live index; it is looked at first when it may be another than the last."""
        if not self._checked:
            await self._live()
        try:
            with self._connection.asking():
                answer = await self._connection.client.search(
                    index=self._alias, allow_partial_search_results=False, **body
                )
        except Refused:
            await self._live()  # says what is wrong with the index, when it is that
            raise
        hits = answer["hits"]["hits"]
        # Nothing found may be the answer of an index in another shape.
        if not hits and self._now() > self._believed_until:
            await self._live()
        elif hits and hits[0]["_index"] != self._checked:
            check_version(hits[0]["_index"])
            self._forget()
            self._checked = hits[0]["_index"]
        return answer

    async def _telling(self, query: ServiceQuery, common: bool = True) -> list[str]:
        """See `coarse.telling`."""
        words = list(dict.fromkeys(analysis.tokens(query.text)))
        if not words:
            return []
        if not self._checked:
            await self._live()
        counts, size = await self._words.of(words)
        return coarse.rarest(counts, size, common)

    async def _with_reserved(
        self, query: ServiceQuery, found: list[Ranked], limit: int, counted: Sequence[Facet]
    ) -> list[Ranked]:
        """See `reserved.with_reserved`. What is scarce and all found already is not asked for again."""
        families = column("families", found)
        kept = reserved.reserve(query, families, column("councils", found), limit)
        if reserved.all_found(kept.scarce, families, counted):
            kept = replace(kept, scarce=())
        more: list[Ranked] = []
        asked = kept.further(query) if len(found) >= reserved.looked_at(query, limit) else []
        if asked:
            lines: list[Mapping[str, Any]] = []
            for wanted, most in asked:
                lines += [{"allow_partial_search_results": False}, elastic_query.further(wanted, query.near, most)]
            with self._connection.asking():
                answers = await self._connection.client.msearch(index=self._alias, searches=lines)
            for answer in answers["responses"]:
                if "error" in answer:
                    kinds = elastic_errors.kinds(answer["error"])
                    raise elastic_errors.refused(self._connection.server.shown, answer["status"], kinds)
                more += elastic_answers.ranked(answer)
        return reserved.filled(found, keys(found), kept.positions, dict(zip(keys(more), more, strict=True)), limit)

    async def _read(self, addresses: Sequence[tuple[str, str]]) -> list[ServiceDocument]:
        if not addresses:
            return []
        docs = [{"_index": index, "_id": own} for index, own in addresses]
        with self._connection.asking():
            answer = await self._connection.client.mget(docs=docs, realtime=False)
        if not all(doc.get("found") for doc in answer["docs"]):
            raise Moved("The services changed while they were read.", "Ask again.")
        return [elastic_answers.document(doc) for doc in answer["docs"]]

    async def _before(self, query: ServiceQuery, words: Sequence[str]) -> Sequence[Any] | None:
        """The sort values that end the page before this one, when the engine's own paging does not reach so far."""
        start = (query.page - 1) * query.page_size
        if start + query.page_size <= elastic_query.PLACES:
            return None
        known = self._ends.get((replace(query, page=1), query.page - 1))
        if known:
            return known
        after: Sequence[Any] | None = None
        while start > 0:
            step = min(start, elastic_query.PLACES)
            held = (await self._search(elastic_query.steps(query, words, step, after)))["hits"]["hits"]
            if not held:
                break
            after, start = held[-1]["sort"], start - step
        return after

    async def _open_before(self, live: str, hidden: Sequence[ServiceDocument]) -> bool:
        """Whether one of these services, whose place is withheld, is in the index with a place."""
        if not hidden:
            return False
        with self._connection.asking():
            answer = await self._connection.client.mget(index=live, ids=[doc.id for doc in hidden])
        held = [elastic_answers.document(doc) for doc in answer["docs"] if doc.get("found")]
        return any(doc.visibility is not Visibility.UNDISCLOSED for doc in held)
