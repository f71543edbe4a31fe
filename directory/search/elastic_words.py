"""In how many services a word stands: what tells rare words from common ones, asked once for each word in a while."""

import time
from collections.abc import Sequence

from directory.search import clauses, elastic_query
from directory.search.breaker import Seconds
from directory.search.elastic_client import Connection

KEPT = 600.0
"""Seconds a count is believed: it only chooses which words of a long text are looked up."""
MOST = 50_000
"""Words remembered at most."""


class WordCounts:
    """Counts of words in the live index."""

    def __init__(self, connection: Connection, seconds: Seconds = time.monotonic) -> None:
        self._connection = connection
        self._now = seconds
        self._counts: dict[str, int] = {}
        self._size = 0
        self._since = 0.0

    def forget(self) -> None:
        """Another index is live."""
        self._counts.clear()

    async def of(self, words: Sequence[str]) -> tuple[dict[str, int], int]:
        """How many services have each word in one field, the field with most; and how many services there are."""
        if self._now() - self._since > KEPT or len(self._counts) > MOST:
            self._counts.clear()
        new = [word for word in words if word not in self._counts]
        if new:
            if not self._counts:
                self._since = self._now()
            self._counts |= await self._asked(new)
        return {word: self._counts[word] for word in words}, self._size

    async def _asked(self, words: Sequence[str]) -> dict[str, int]:
        with self._connection.asking():
            answer = await self._connection.client.termvectors(
                index=self._connection.server.index, realtime=False, **elastic_query.word_counts(words)
            )
        vectors = [answer["term_vectors"].get(field, {}) for field, _ in clauses.WORD_SCORES]
        self._size = max((vector["field_statistics"]["doc_count"] for vector in vectors if vector), default=0)
        known = [vector.get("terms", {}) for vector in vectors]
        return {word: max(terms.get(word, {}).get("doc_freq", 0) for terms in known) for word in words}
