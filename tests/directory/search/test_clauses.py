"""Queries as plain clauses: pure values, compared by equality."""

import math

from hypothesis import given
from hypothesis import strategies as st

from directory.places.distance import haversine_m
from directory.search.clauses import (
    Between,
    Clauses,
    Either,
    Every,
    Term,
    Without,
    Word,
    avoided,
    box,
    covering,
    filters,
    scores,
)  # fmt: skip
from directory.search.indexed import column
from directory.search.query import Circle, CoverageFilter, ServiceQuery
from directory.values import Point
from tests.builders import EDINBURGH, FIFE

NOT_FOR_HARMED = Term("flag", ("not_for_harmed",))


def test_browsing_filters_only_what_is_not_for_the_person_harmed() -> None:
    assert filters(ServiceQuery()) == Clauses(must_not=(NOT_FOR_HARMED,))
    assert filters(ServiceQuery(for_person_harmed=False)) == Clauses()


def test_home_and_place_of_harm() -> None:
    where = CoverageFilter(residence=(FIFE,), harm_place=(EDINBURGH,), harm_outcodes=("EH6",))
    terms = (f"r:{FIFE}", f"rp:{FIFE}", f"h:{EDINBURGH}", f"hp:{EDINBURGH}", f"rs:{FIFE}", "SCOTLAND", "unknown")
    with_outcode = tuple(f"ho:{EDINBURGH}/EH6" if term == f"hp:{EDINBURGH}" else term for term in terms)
    assert filters(ServiceQuery(coverage=where)).must == (Term("cover", with_outcode),)


def test_ages_codes_and_ids() -> None:
    query = ServiceQuery(age=(12, 15), families=("youth",), exclude=("f1",))
    assert filters(query) == Clauses(
        must=(Between("fit_min", high=15), Between("fit_max", low=12), Term("family", ("youth",))),
        must_not=(Term("ids", ("f1",)), NOT_FOR_HARMED),
    )


def test_kinds_narrow_the_families_by_the_words_of_needs() -> None:
    kinds = ((("legal_rights",), ("legal_advice", "compensation")), (("youth", "housing"), ()))
    query = ServiceQuery(families=("legal_rights", "youth", "housing"), kinds=kinds, for_person_harmed=False)
    advice = Every((Term("body", ("legal",)), Term("body", ("advic",))))
    of_law = Every((Term("family", ("legal_rights",)), Either((advice, Every((Term("body", ("compens",)),))))))
    assert filters(query) == Clauses(must=(Either((of_law, Term("family", ("youth", "housing")))),))


def test_schools_are_out_but_for_the_one_named() -> None:
    query = ServiceQuery(exclude_schools=True, names=("Leith Academy",), for_person_harmed=False)
    named = Every((Term("name", ("leith",)), Term("name", ("academi",))))
    assert filters(query).must_not == (Without(Term("flag", ("school",)), (named,)),)


def test_a_place_to_avoid() -> None:
    called = Every((Either((Term("name", ("leith",)), Term("organization", ("leith",)))),))
    assert avoided("Leith") == (called, Every((Term("place", ("leith",)),)))
    assert avoided("?") == ()


def test_scores_filter_nothing() -> None:
    query = ServiceQuery(boost_families=(("youth", 3.0), ("housing", 0.0)), boost_harms=("hate",))
    coarse = scores(query, ["club"])
    assert (coarse.must, coarse.must_not, coarse.words_required) == ((), (), False)
    assert coarse.best_of == ((Term("family", ("youth",)), 3.0),)
    assert coarse.words == (Word("name", "club", 0.3), Word("organization", "club", 0.2), Word("body", "club", 0.1))


points = st.builds(Point, st.floats(49, 61), st.floats(-9, 2))


@given(points, st.floats(1, 200_000), st.floats(0, 2 * math.pi), st.floats(0, 0.999))
def test_a_box_holds_its_circle(centre: Point, radius: float, bearing: float, share: float) -> None:
    reach = math.degrees(radius * share / 6_371_008.8)
    lat = centre.lat + reach * math.cos(bearing)
    point = Point(lat, centre.lon + reach * math.sin(bearing) / math.cos(math.radians(lat)))
    if haversine_m(centre, point) > radius:
        return
    for clause, degrees in zip(box(Circle(centre, radius)).clauses, (point.lat, point.lon), strict=True):
        assert isinstance(clause, Between)
        assert clause.field in {column("lat"), column("lon")}
        assert clause.low is not None
        assert clause.high is not None
        assert clause.low <= round(degrees * 1_000_000) <= clause.high


def test_a_school_that_is_known_decides_for_services_of_some_schools() -> None:
    unknown, known = (CoverageFilter(residence=(FIFE,), schools=schools) for schools in ((), ("5530234",)))
    assert f"rs:{FIFE}" in covering(unknown)
    assert f"rs:{FIFE}" not in covering(known)
    assert "s:5530234" in covering(known)
