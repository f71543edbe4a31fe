"""Which services come first before the exact ranking, and in what order a page shows them.

All rules of it are here, over a few plain questions to one opened state of an index (`Engine`).
"""

from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from typing import Any, Protocol

from directory.places.distance import haversine_m
from directory.search import analysis, clauses, indexed
from directory.search.clauses import Clauses, Term
from directory.search.document import ServiceDocument
from directory.search.query import Circle, Facet, ServiceQuery
from directory.values import Point
from taxonomy import terms

WORDS_READ = 16
"""Words of a text that are looked up, rarest first: a caller's story has many that tell nothing apart."""
COMMON_SERVICES, COMMON_SHARE = 1_000, 0.1
"""A word in more services than both is left out of the coarse score: each costs 0.2 ms at 100,000 services."""
TIES_READ = 1_000
"""Services of one score that are put in order of name; more are left in the engine's order."""
MASKED = {"family": "families", "delivery": "delivery"}
"""Facets counted by mask, with their column; the others by term."""
ALL_FACETS = (*MASKED, *indexed.COUNTED_FIELDS)
MATCH_FACETS = tuple(MASKED)
"""What is counted beside a match: kinds of help, and how they are given."""

Found = list[tuple[float, Any]]
"""Scores and the engine's own addresses, best first."""


class Engine(Protocol):
    """One opened state of an index."""

    def size(self) -> int: ...

    def best(self, wanted: Clauses, limit: int, keep: bool = False) -> tuple[Found, int]:
        """By score, and how many pass in all; `keep`: it will be asked again, and holds nothing of one person alone."""
        ...

    def by_name(self, wanted: Clauses, limit: int) -> tuple[Found, int]:
        """By folded name, then id; scores are 0."""
        ...

    def numbers(self, found: Found, *fields: str) -> list[Sequence[int]]:
        """Of each field, a value per service found."""
        ...

    def counts(self, wanted: Clauses, field_of: Mapping[str, str]) -> Mapping[str, Iterable[tuple[str | int, int]]]:
        """For each name, the values of its field and how many of those that pass hold them."""
        ...

    def services_with(self, field: str, word: str) -> int: ...

    def read(self, found: Found) -> list[ServiceDocument]: ...


def filtered(query: ServiceQuery, engine: Engine) -> tuple[Clauses, dict[int, float]]:
    """The filters, a circle among them, and for every service in the circle its distance in metres, by key."""
    wanted = clauses.filters(query)
    if query.near is None:
        return wanted, {}
    circle = query.near
    found, _ = engine.best(replace(wanted, must=(*wanted.must, clauses.box(circle))), engine.size())
    lat, lon, keys = engine.numbers(found, indexed.column("lat"), indexed.column("lon"), "key")
    distances = {
        key: haversine_m(circle.centre, Point(y / 1_000_000, x / 1_000_000))
        for y, x, key in zip(lat, lon, keys, strict=True)
    }
    inside = {key: metres for key, metres in distances.items() if metres <= circle.radius_m}
    return replace(wanted, must=(*wanted.must, Term("key", tuple(inside)))), inside


def ranked(query: ServiceQuery, wanted: Clauses, words: Sequence[str]) -> Clauses:
    """The filters, and what scores candidates."""
    coarse = clauses.scores(query, words)
    return replace(wanted, scored=coarse.scored, best_of=coarse.best_of, words=coarse.words)


def with_words(query: ServiceQuery, wanted: Clauses, words: Sequence[str]) -> Clauses:
    """The filters, and one of the words at least, when there are words."""
    if not analysis.tokens(query.text):
        return wanted
    return replace(wanted, words=clauses.by_words(words), words_required=True)


def ordered(
    query: ServiceQuery,
    wanted: Clauses,
    words: Sequence[str],
    engine: Engine,
    limit: int,
    distances: Mapping[int, float],
) -> tuple[Found, int]:
    """The first `limit` in the order asked, and how many there are in all; ties end in name and id."""
    if query.sort == "distance":
        found, total = engine.best(wanted, len(distances))
        (keys,) = engine.numbers(found, "key")
        ranks = sorted(range(len(found)), key=lambda at: (distances[keys[at]], keys[at]))
        return [found[at] for at in ranks[:limit]], total
    if is_by_name(query):
        return engine.by_name(wanted, limit)
    scored = page_scores(query, wanted, words)
    if query.near:
        found, total = engine.best(scored, len(distances))
        return _ties_by_name(engine, _with_nearness(query.near, engine, found, distances), limit), total
    found, total = engine.best(scored, limit + 1)
    if len(found) > limit and found[limit][0] == found[limit - 1][0]:
        found, total = engine.best(scored, limit + TIES_READ)
    return _ties_by_name(engine, found, limit), total


def _with_nearness(circle: Circle, engine: Engine, found: Found, distances: Mapping[int, float]) -> Found:
    """Scores with nearness added, best first; in single precision, as the other engine adds them."""
    (keys,) = engine.numbers(found, "key")
    half = circle.radius_m * clauses.NEAR_HALF
    added = [
        (_single(score + clauses.NEAR_SCORE * 0.5 ** (distances[key] / half)), key, address)
        for (score, address), key in zip(found, keys, strict=True)
    ]
    added.sort(key=lambda hit: (-hit[0], hit[1]))
    return [(score, address) for score, _, address in added]


def _single(number: float) -> float:
    return array("f", [number])[0]


def is_by_name(query: ServiceQuery) -> bool:
    """Whether the page is in order of name: asked for, or because nothing tells one service from another."""
    told = analysis.tokens(query.text) or query.boost_families or query.boost_harms
    return query.sort == "name" or not told


def page_scores(query: ServiceQuery, wanted: Clauses, words: Sequence[str]) -> Clauses:
    """The filters and words of a page, and what scores it beside the words."""
    coarse = clauses.scores(query, ())
    everything = ((clauses.all_words(words), clauses.ALL_WORDS_SCORE),) if words else ()
    return replace(wanted, scored=coarse.scored + everything, best_of=coarse.best_of)


def facets(wanted: Clauses, engine: Engine, fields: Iterable[str] = ALL_FACETS) -> tuple[Facet, ...]:
    """Counts over all that pass.

    At 100,000 services 1.1 ms for all four, of which the filters 0.7: families and delivery are counted by their masks
    and taken apart here. As lists of terms the four take 1.7 ms.
    """
    field_of = {name: indexed.column(MASKED[name]) if name in MASKED else name for name in fields}
    found = []
    for name, values in engine.counts(wanted, field_of).items():
        counts: Counter[str] = Counter()
        for value, services in values:
            for code in _codes(name, value):
                counts[code] += services
        found.append(Facet(name, tuple(sorted(counts.items(), key=lambda count: (-count[1], count[0])))))
    return tuple(found)


def telling(text: str, engine: Engine, common: bool = True) -> list[str]:
    """The words of a text that the index knows, rarest first, at most WORDS_READ; `common` ones too, or not."""
    services = {
        word: max(engine.services_with(field, word) for field, _ in clauses.WORD_SCORES)
        for word in dict.fromkeys(analysis.tokens(text))
    }
    return rarest(services, engine.size(), common)


def rarest(services: Mapping[str, int], size: int, common: bool = True) -> list[str]:
    """Of words, and how many of `size` services have each, those that `telling` gives."""
    most = max(COMMON_SERVICES, int(COMMON_SHARE * size))
    found = [(count, word) for word, count in services.items() if count and (common or count <= most)]
    return [word for _, word in sorted(found)[:WORDS_READ]]


def _ties_by_name(engine: Engine, found: Found, limit: int) -> Found:
    """The first `limit`, services of one score in order of name, then id. Only groups of several are read."""
    result: Found = []
    for _, group in groupby(found, key=lambda hit: hit[0]):
        tied = list(group)
        if len(tied) > 1:
            names = [(analysis.fold(doc.name), doc.id) for doc in engine.read(tied)]
            tied = [tied[at] for at in sorted(range(len(tied)), key=names.__getitem__)]
        result += tied
        if len(result) >= limit:
            break
    return result[:limit]


@lru_cache(maxsize=10_000)
def _codes(facet: str, value: str | int) -> tuple[str, ...]:
    """The codes of one counted value: those of a mask, or the term itself."""
    return terms.load()[facet].codes(value) if isinstance(value, int) else (value,)
