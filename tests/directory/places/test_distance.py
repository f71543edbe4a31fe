"""Distances: the fast one ranks as the exact one does, and people read miles."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.places.distance import distance_m, haversine_m, in_words
from directory.values import Point

LEITH, METHIL = Point(55.9713, -3.1723), Point(56.1854, -3.0216)
POINTS = st.builds(Point, st.floats(54.6, 60.9), st.floats(-8.7, -0.7))


def test_leith_to_methil_is_about_26_km() -> None:
    assert distance_m(LEITH, METHIL) == pytest.approx(25_600, abs=300)


@settings(deadline=None)
@given(POINTS, POINTS)
def test_the_fast_distance_is_near_the_exact_one(a: Point, b: Point) -> None:
    assert haversine_m(a, b) == pytest.approx(distance_m(a, b), rel=0.006, abs=1)
    assert haversine_m(a, b) == haversine_m(b, a)


@settings(deadline=None)
@given(POINTS)
def test_no_distance_to_oneself(a: Point) -> None:
    assert haversine_m(a, a) == 0


@pytest.mark.parametrize(
    ("metres", "words"),
    [
        pytest.param(0, "less than a mile (under 100 m)", id="here"),
        pytest.param(820, "less than a mile (about 800 m)", id="a walk"),
        pytest.param(1_650, "about 1 mile (2 km)", id="one mile"),
        pytest.param(3_200, "about 2 miles (3 km)", id="two miles"),
        pytest.param(160_934, "about 100 miles (161 km)", id="far"),
    ],
)
def test_distances_in_words(metres: float, words: str) -> None:
    assert in_words(metres) == words


@pytest.mark.parametrize("metres", [-1.0, float("nan"), float("inf")])
def test_no_such_distance(metres: float) -> None:
    with pytest.raises(ValueError, match="metres"):
        in_words(metres)
