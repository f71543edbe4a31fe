"""What is sent to Elasticsearch, by equality: no server is asked."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search import clauses, elastic_query
from directory.search.clauses import Between, Clause, Clauses, Either, Every, Term, Without, Word
from directory.search.query import Circle, CoverageFilter, ServiceQuery
from directory.values import Point
from tests.builders import FIFE, LEITH

ANYBODY = ServiceQuery(for_person_harmed=False)
ALL = {"match_all": {}}


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        pytest.param(Term("family", ("youth",)), {"term": {"family": "youth"}}, id="one value"),
        pytest.param(Term("cover", ("a", "b")), {"terms": {"cover": ["a", "b"]}}, id="several values"),
        pytest.param(Term("ids", ("\ud800",)), {"terms": {"ids": []}}, id="half a surrogate pair is in no document"),
        pytest.param(Term("key", (7,)), {"term": {"key": 7}}, id="a number"),
        pytest.param(
            Between("fit_min", high=14), {"range": {"fit": {"lte": 14, "relation": "intersects"}}}, id="not too young"
        ),
        pytest.param(
            Between("fit_max", low=12), {"range": {"fit": {"gte": 12, "relation": "intersects"}}}, id="not too old"
        ),
        pytest.param(Between("column_lat", 1, 2), {"range": {"column_lat": {"gte": 1, "lte": 2}}}, id="between"),
        pytest.param(Between("column_lat", None, 2), {"range": {"column_lat": {"lte": 2}}}, id="open below"),
        pytest.param(
            Every((Term("name", ("a",)), Term("name", ("b",)))),
            {"bool": {"filter": [{"term": {"name": "a"}}, {"term": {"name": "b"}}]}},
            id="every",
        ),
        pytest.param(
            Either((Term("name", ("a",)), Term("organization", ("a",)))),
            {
                "bool": {
                    "should": [{"term": {"name": "a"}}, {"term": {"organization": "a"}}],
                    "minimum_should_match": 1,
                }
            },
            id="either",
        ),
        pytest.param(Either(()), {"match_none": {}}, id="either of nothing"),
        pytest.param(
            Without(Term("flag", ("school",)), (Term("name", ("leith",)),)),
            {"bool": {"filter": [{"term": {"flag": "school"}}], "must_not": [{"term": {"name": "leith"}}]}},
            id="without",
        ),
    ],
)
def test_a_clause(clause: Clause, expected: dict[str, Any]) -> None:
    assert elastic_query.clause(clause) == expected


def test_filters_score_nothing_and_boosts_add_up() -> None:
    wanted = Clauses(
        must=(Term("cover", ("SCOTLAND",)),),
        must_not=(Term("flag", ("school",)),),
        scored=((Term("harm", ("hate",)), 2.0),),
        best_of=((Term("family", ("youth",)), 6.0), (Term("family", ("housing",)), 3.0)),
        words=(Word("name", "leith", 0.3),),
    )
    assert elastic_query.scored(wanted) == {
        "bool": {
            "filter": [{"term": {"cover": "SCOTLAND"}}],
            "must_not": [{"term": {"flag": "school"}}],
            "should": [
                {"term": {"name": {"value": "leith", "boost": 0.3}}},
                {"constant_score": {"filter": {"term": {"harm": "hate"}}, "boost": 2.0}},
                {
                    "dis_max": {
                        "queries": [
                            {"constant_score": {"filter": {"term": {"family": "youth"}}, "boost": 6.0}},
                            {"constant_score": {"filter": {"term": {"family": "housing"}}, "boost": 3.0}},
                        ]
                    }
                },
            ],
            "minimum_should_match": 0,
        }
    }


def test_words_that_must_be_there_are_asked_once() -> None:
    word = {"term": {"name": {"value": "leith", "boost": 0.3}}}
    wanted = Clauses(words=(Word("name", "leith", 0.3),), words_required=True)
    assert elastic_query.scored(wanted) == {"bool": {"filter": [], "must": [word]}}
    assert elastic_query.passing(wanted) == {"bool": {"filter": [word]}}


def test_what_only_should_be_filters_nothing() -> None:
    asked = elastic_query.scored(Clauses(scored=((Term("harm", ("hate",)), 2.0),)))
    assert asked["bool"]["filter"] == [ALL]
    assert asked["bool"]["minimum_should_match"] == 0


def test_a_circle_is_a_distance_in_metres() -> None:
    asked = elastic_query.passing(Clauses(), Circle(LEITH, 5_000))
    here = {"lat": LEITH.lat, "lon": LEITH.lon}
    assert asked == {"bool": {"filter": [{"geo_distance": {"distance": "5000m", "point": here}}]}}


def test_candidates_are_numbers_only() -> None:
    body = elastic_query.candidates(ANYBODY, [], 300, facets=False)
    assert {name: value for name, value in body.items() if name != "query"} == {
        "size": 300,
        "sort": [{"_score": "desc"}, {"key": "asc"}],
        "_source": False,
        "stored_fields": "_none_",
        "docvalue_fields": ["packed"],
        "track_total_hits": True,
    }


def test_facets_are_counted_by_term() -> None:
    body = elastic_query.candidates(ANYBODY, [], 10, facets=True)
    assert body["aggs"] == {
        name: {"terms": {"field": name, "size": elastic_query.FACET_BUCKETS}} for name in ("family", "delivery")
    }
    assert set(elastic_query.page(ANYBODY, [])["aggs"]) == {"family", "delivery", "language", "source"}


@pytest.mark.parametrize(
    ("query", "sort"),
    [
        pytest.param(ANYBODY, [{"order": "asc"}], id="browsing is by name"),
        pytest.param(ServiceQuery(text="leith", sort="name"), [{"order": "asc"}], id="by name"),
        pytest.param(ServiceQuery(text="leith"), [{"_score": "desc"}, {"order": "asc"}], id="by words"),
        pytest.param(
            ServiceQuery(near=Circle(LEITH, 5_000), sort="distance"),
            [
                {
                    "_geo_distance": {
                        "point": {"lat": LEITH.lat, "lon": LEITH.lon},
                        "order": "asc",
                        "unit": "m",
                        "distance_type": "arc",
                    }
                },
                {"key": "asc"},
            ],
            id="by distance",
        ),
    ],
)
def test_the_order_of_a_page(query: ServiceQuery, sort: list[Any]) -> None:
    assert elastic_query.page(query, ["leith"])["sort"] == sort


@pytest.mark.parametrize(
    ("page", "after", "expected"),
    [
        pytest.param(1, None, {"from": 0}, id="first"),
        pytest.param(4, None, {"from": 30}, id="later"),
        pytest.param(2_000, ["zebra"], {"search_after": ["zebra"]}, id="beyond what can be counted to"),
    ],
)
def test_where_a_page_begins(page: int, after: list[str] | None, expected: dict[str, Any]) -> None:
    body = elastic_query.page(ServiceQuery(page=page), [], after)
    assert {name: body[name] for name in ("from", "search_after") if name in body} == expected


def test_steps_to_a_far_page_read_nothing() -> None:
    body = elastic_query.steps(ServiceQuery(page=2_000), [], 10_000, ["m"])
    assert (body["size"], body["_source"], body["search_after"]) == (10_000, False, ["m"])
    assert not {"from", "aggs"} & set(body)


def test_where_a_word_stands_is_asked_of_the_fields_that_are_read_for_relevance() -> None:
    assert elastic_query.word_counts(["leith", "counsel"]) == {
        "doc": dict.fromkeys((field for field, _ in clauses.WORD_SCORES), "leith counsel"),
        "term_statistics": True,
        "field_statistics": True,
        "positions": False,
        "offsets": False,
    }


points = st.builds(Point, st.floats(54, 61), st.floats(-8, 0))
queries = st.builds(
    ServiceQuery,
    text=st.text(max_size=20),
    coverage=st.just(CoverageFilter(residence=(FIFE,))) | st.just(CoverageFilter(anywhere=True)),
    age=st.none() | st.tuples(st.integers(0, 120), st.integers(0, 120)),
    near=st.none() | st.builds(Circle, points, st.floats(1, 100_000)),
    names=st.lists(st.text(max_size=8), max_size=2).map(tuple),
    avoid=st.lists(st.text(max_size=8), max_size=2).map(tuple),
    exclude_schools=st.booleans(),
)


@given(query=queries)
def test_a_query_is_the_same_each_time_and_holds_no_empty_bool(query: ServiceQuery) -> None:
    first = elastic_query.candidates(query, ["a"], 10, True)
    assert first == elastic_query.candidates(query, ["a"], 10, True)

    def look(at: Any) -> None:
        if isinstance(at, dict):
            if "should" in at and not at.get("filter") and not at.get("must"):
                assert at["minimum_should_match"] == 1
            for part in at.values():
                look(part)
        elif isinstance(at, list):
            for part in at:
                look(part)

    look(first)


def test_nearness_is_added_to_the_score_of_a_page() -> None:
    query = ServiceQuery(text="youth club", near=Circle(Point(55.97, -3.17), 8_000))
    found = elastic_query.page(query, ["youth", "club"])["query"]["function_score"]
    decay = {"origin": {"lat": 55.97, "lon": -3.17}, "scale": "2000.0m", "decay": 0.5}
    assert found["functions"] == [{"exp": {"point": decay}, "weight": 1.0}]
    assert (found["boost_mode"], found["score_mode"]) == ("sum", "sum")
    assert "function_score" not in elastic_query.page(replace(query, near=None), ["youth", "club"])["query"]
