"""One question to one opened state of an index: the same steps whatever holds the services."""

from collections.abc import Callable, Mapping, Sequence

from directory.places.distance import distance_m
from directory.search import coarse, indexed, reserved
from directory.search.clauses import Clauses
from directory.search.coarse import Engine, Found
from directory.search.document import ServiceDocument
from directory.search.index import COLUMNS, Hit, SearchPage
from directory.search.query import Facet, ServiceQuery

Counted = Callable[[], tuple[Facet, ...]]


class EngineCandidates:
    """Candidates of one query. They keep their own state of the index open."""

    def __init__(self, engine: Engine, found: Found, total: int, counted: Counted) -> None:
        self.scores: Sequence[float] = [score for score, _ in found]
        columns = engine.numbers(found, *map(indexed.column, COLUMNS))
        self.columns: Mapping[str, Sequence[int]] = dict(zip(COLUMNS, columns, strict=True))
        self.total = total
        self.notice = ""
        self._engine = engine
        self._found = found
        self._counted = counted

    @property
    def facets(self) -> tuple[Facet, ...]:
        """Waits where they are still being counted. Raises NotReady when that failed."""
        return self._counted()

    async def load(self, positions: Sequence[int]) -> list[ServiceDocument]:
        """The documents at these positions, in the order asked."""
        return self._engine.read([self._found[position] for position in positions])


def candidates(query: ServiceQuery, wanted: Clauses, limit: int, engine: Engine, counted: Counted) -> EngineCandidates:
    """Up to `limit` services that pass the filters, best coarse score first. Words and boosts filter nothing."""
    words = coarse.telling(query.text, engine, common=False)
    found, total = engine.best(coarse.ranked(query, wanted, words), reserved.looked_at(query, limit))
    if total > limit:
        found = reserved.with_reserved(query, engine, found, limit)
    return EngineCandidates(engine, found, total, counted)


def page(query: ServiceQuery, engine: Engine) -> SearchPage:
    """One page. With words, at least one must match, and services that hold all of them come first."""
    wanted, distances = coarse.filtered(query, engine)
    words = coarse.telling(query.text, engine)
    wanted = coarse.with_words(query, wanted, words)
    start = (query.page - 1) * query.page_size
    found, total = coarse.ordered(query, wanted, words, engine, start + query.page_size, distances)
    hits = tuple(
        Hit(service, score, distance_m(query.near.centre, service.point) if query.near and service.point else None)
        for service, (score, _) in zip(engine.read(found[start:]), found[start:], strict=True)
    )
    return SearchPage(hits, total, coarse.facets(wanted, engine), query.page, query.page_size)
