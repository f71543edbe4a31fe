"""Elasticsearch's answers as ours: candidates as columns, documents, counts; its JSON goes no further than here."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from directory.search import coarse
from directory.search.document import ServiceDocument
from directory.search.elastic_packing import FIELD, Packed, unpacked
from directory.search.index import COLUMNS
from directory.search.query import Facet

Ranked = tuple[float, Packed]
"""Score and numbers of one candidate."""


@dataclass(slots=True)
class ElasticCandidates:
    """Candidates of one query, as numbers; their documents are read from the very index that gave them."""

    scores: Sequence[float]
    columns: Mapping[str, Sequence[int]]
    total: int
    facets: tuple[Facet, ...]
    _addresses: Sequence[tuple[str, str]]
    _read: Callable[[Sequence[tuple[str, str]]], Awaitable[list[ServiceDocument]]]
    notice: str = ""

    async def load(self, positions: Sequence[int]) -> list[ServiceDocument]:
        """The documents at these positions, in the order asked. Raises Moved when one was taken out meanwhile."""
        return await self._read([self._addresses[position] for position in positions])


def candidates(
    found: Sequence[Ranked],
    total: int,
    counted: tuple[Facet, ...],
    read: Callable[[Sequence[tuple[str, str]]], Awaitable[list[ServiceDocument]]],
) -> ElasticCandidates:
    """What was found as columns; `read` gives the documents at some addresses (index and id)."""
    columns = zip(*(one.columns for _, one in found), strict=True) if found else ((),) * len(COLUMNS)
    return ElasticCandidates(
        scores=[score for score, _ in found],
        columns=dict(zip(COLUMNS, columns, strict=True)),
        total=total,
        facets=counted,
        _addresses=[(one.held_in, one.id) for _, one in found],
        _read=read,
    )


def column(name: str, of: Sequence[Ranked]) -> list[int]:
    """One column's value of each candidate."""
    at = COLUMNS.index(name)
    return [one.columns[at] for _, one in of]


def keys(of: Sequence[Ranked]) -> list[int]:
    return [one.key for _, one in of]


def ranked(answer: Mapping[str, Any]) -> list[Ranked]:
    return [(hit["_score"], unpacked(hit["_index"], hit["fields"][FIELD][0])) for hit in answer["hits"]["hits"]]


def document(hit: Mapping[str, Any]) -> ServiceDocument:
    return ServiceDocument.from_json(hit["_source"]["stored"])


def facets(answer: Mapping[str, Any]) -> tuple[Facet, ...]:
    """Counts, most first, in the order of fields asked for."""
    found = answer["aggregations"]
    return tuple(
        Facet(
            name,
            tuple(
                sorted(
                    ((one["key"], one["doc_count"]) for one in found[name]["buckets"]),
                    key=lambda count: (-count[1], count[0]),
                )
            ),
        )
        for name in coarse.ALL_FACETS
        if name in found
    )
