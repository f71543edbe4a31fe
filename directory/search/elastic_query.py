"""Our clauses as Elasticsearch's requests: pure functions from frozen values to plain dicts, tested by equality."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from directory.search import clauses, coarse
from directory.search.clauses import Between, Clause, Clauses, Either, Every, Term, Without, Word
from directory.search.elastic_packing import FIELD
from directory.search.query import Circle, ServiceQuery

Json = dict[str, Any]

AGES = "fit"
"""The `integer_range` that stands for the two numbers of `indexed.NUMBER_FIELDS`."""
POINT = "point"
FACET_BUCKETS = 10_000
"""More than any facet has."""
PLACES = 10_000
"""Services that `from` and `size` may reach (index.max_result_window); beyond it a page is found by `search_after`."""
STABLE: list[Any] = [{"_score": "desc"}, {"key": "asc"}]
"""Ties end in the id's number, so that two copies of an index, and two engines, give one order."""


def candidates(query: ServiceQuery, words: Sequence[str], limit: int, facets: bool) -> Json:
    """The best `limit` by coarse score, as numbers; with counts of families and delivery when asked."""
    wanted = coarse.ranked(query, clauses.filters(query), words)
    body = _numbers(scored(wanted, query.near), limit)
    if facets:
        body["aggs"] = counts(coarse.MATCH_FACETS)
    return body


def further(wanted: Clauses, near: Circle | None, limit: int) -> Json:
    """Candidates of scarce families, or for all of Scotland: see `reserved.Reserve`."""
    return {**_numbers(scored(wanted, near), limit), "track_total_hits": False}


def page(query: ServiceQuery, words: Sequence[str], after: Sequence[Any] | None = None) -> Json:
    """One page with its counts and whole documents. `after`: the sort values that end the page before."""
    wanted = coarse.with_words(query, clauses.filters(query), words)
    body: Json = {
        "size": query.page_size,
        "_source": True,
        "track_total_hits": True,
        "aggs": counts(coarse.ALL_FACETS),
        **ordered(query, wanted, words),
    }
    if after:
        body["search_after"] = list(after)
    else:
        body["from"] = (query.page - 1) * query.page_size
    return body


def steps(query: ServiceQuery, words: Sequence[str], skipped: int, after: Sequence[Any] | None) -> Json:
    """The next `skipped` services in a page's order, of which only the last one's sort values are wanted."""
    body = {**page(query, words), "size": skipped, "_source": False, "track_total_hits": False}
    del body["from"], body["aggs"]
    return {**body, "search_after": list(after)} if after else body


def ordered(query: ServiceQuery, wanted: Clauses, words: Sequence[str]) -> Json:
    """The query and the sort of a page; every order ends in the name and the id."""
    if query.sort == "distance" and query.near:
        nearest = {"_geo_distance": {POINT: _point(query.near), "order": "asc", "unit": "m", "distance_type": "arc"}}
        return {"query": passing(wanted, query.near), "sort": [nearest, {"key": "asc"}]}
    if coarse.is_by_name(query):
        return {"query": passing(wanted, query.near), "sort": [{"order": "asc"}]}
    best = scored(coarse.page_scores(query, wanted, words), query.near)
    return {
        "query": _nearer_first(best, query.near) if query.near else best,
        "sort": [{"_score": "desc"}, {"order": "asc"}],
    }


def _nearer_first(query: Json, circle: Circle) -> Json:
    """Nearness added to the score: `clauses.NEAR_SCORE` at the centre, half of it at NEAR_HALF of the radius."""
    decay = {"origin": _point(circle), "scale": f"{circle.radius_m * clauses.NEAR_HALF}m", "decay": 0.5}
    nearness = {"exp": {POINT: decay}, "weight": clauses.NEAR_SCORE}
    return {"function_score": {"query": query, "functions": [nearness], "boost_mode": "sum", "score_mode": "sum"}}


def named(clause: Clause, limit: int) -> Json:
    """Whole documents that pass one clause, in order of name."""
    return {
        "query": passing(Clauses(must=(clause,))),
        "size": limit,
        "_source": True,
        "sort": [{"order": "asc"}],
        "track_total_hits": False,
    }


def beginning(before: Sequence[str], last: str, limit: int) -> Json:
    """Whole documents with a word in the name that begins so, and all the words before it; in order of name."""
    prefix = {"prefix": {"name_words": {"value": last}}}
    whole = [clause(Term("name_words", (word,))) for word in before]
    return {
        "query": {"bool": {"filter": [prefix, *whole]}},
        "size": limit,
        "_source": True,
        "sort": [{"order": "asc"}],
        "track_total_hits": False,
    }


def all_fingerprints(after: Sequence[Any] | None) -> Json:
    """The next services of all, by id, with what their documents are compared by."""
    return {
        "size": PLACES,
        "sort": [{"key": "asc"}, {"id": "asc"}],
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["id", "fingerprint"],
        "track_total_hits": False,
        **({"search_after": list(after)} if after else {}),
    }


def word_counts(words: Iterable[str]) -> Json:
    """For `_termvectors`: in how many services each word stands, in each field that is read for relevance."""
    text = " ".join(words)
    return {
        "doc": {field: text for field, _ in clauses.WORD_SCORES},
        "term_statistics": True,
        "field_statistics": True,
        "positions": False,
        "offsets": False,
    }


def counts(fields: Iterable[str]) -> Json:
    """A count of each value of each field, over all that pass."""
    return {name: {"terms": {"field": name, "size": FACET_BUCKETS}} for name in fields}


def scored(wanted: Clauses, near: Circle | None = None) -> Json:
    """Filters without score, and beside them what scores: as the embedded engine adds them up."""
    words = [word(one) for one in wanted.words]
    should: list[Json] = [] if wanted.words_required else words
    should = should + [_fixed(one, score) for one, score in wanted.scored]
    if wanted.best_of:
        should.append({"dis_max": {"queries": [_fixed(one, score) for one, score in wanted.best_of]}})
    found = _bool(replace(wanted, words_required=False), near)
    if wanted.words_required:
        found["must"] = [_any(words)]
    if should:
        if not found["filter"]:
            found["filter"] = [{"match_all": {}}]  # with nothing that must be, one of what should be would have to
        found |= {"should": should, "minimum_should_match": 0}
    return {"bool": found}


def passing(wanted: Clauses, near: Circle | None = None) -> Json:
    """All that pass the filters, unscored."""
    found = _bool(wanted, near)
    if wanted.words_required:
        found["filter"].append(_any([word(one) for one in wanted.words]))
    return {"bool": found}


def clause(one: Clause) -> Json:
    """One clause as a query."""
    match one:
        case Term(field, values):
            return _term(field, values)
        case Between("fit_min", None, high) | Between("fit_max", high, None):
            # Two halves of one question, whether two ranges meet: fit_min ≤ oldest, fit_max ≥ youngest.
            end = "lte" if one.field == "fit_min" else "gte"
            return {"range": {AGES: {end: high, "relation": "intersects"}}}
        case Between(field, low, high):
            ends = {name: end for name, end in (("gte", low), ("lte", high)) if end is not None}
            return {"range": {field: ends}}
        case Every(parts):
            return {"bool": {"filter": [clause(part) for part in parts]}}
        case Either(parts):
            return _any([clause(part) for part in parts])
        case Without(kept, others):
            return {"bool": {"filter": [clause(kept)], "must_not": [clause(other) for other in others]}}


def word(one: Word) -> Json:
    """A word scored by BM25 times its weight."""
    return {"term": {one.field: {"value": one.token, "boost": one.weight}}}


def _numbers(query: Json, limit: int) -> Json:
    return {
        "query": query,
        "size": limit,
        "sort": STABLE,
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": [FIELD],
        "track_total_hits": True,
    }


def _bool(wanted: Clauses, near: Circle | None) -> Json:
    found: Json = {"filter": [clause(one) for one in wanted.must]}
    if near:
        found["filter"].append({"geo_distance": {"distance": f"{near.radius_m}m", POINT: _point(near)}})
    if wanted.must_not:
        found["must_not"] = [clause(one) for one in wanted.must_not]
    return found


def _fixed(one: Clause, score: float) -> Json:
    return {"constant_score": {"filter": clause(one), "boost": score}}


def _term(field: str, values: Sequence[str | int]) -> Json:
    known = clauses.askable(values)
    return {"term": {field: known[0]}} if len(known) == 1 else {"terms": {field: known}}


def _any(queries: Sequence[Mapping[str, Any]]) -> Json:
    if not queries:
        return {"match_none": {}}
    if len(queries) == 1:
        return dict(queries[0])
    return {"bool": {"should": list(queries), "minimum_should_match": 1}}


def _point(near: Circle) -> Json:
    return {"lat": near.centre.lat, "lon": near.centre.lon}
