"""One candidate under one enquiry: left out by a rule, not made for what was said, or how well it fits."""

import math
from functools import cache
from typing import NamedTuple

from directory.matching import eligibility
from directory.matching.candidate import Cover, Row, cover
from directory.matching.fit import Fit, FitTable
from directory.matching.situation import Situation
from directory.search.columns import AREA_BITS, AREA_SHIFT, NO_POINT, Flag
from directory.values import Point
from taxonomy import terms

LEAST_NEED = 0.2
"""Below this a service has nothing to offer here and is not shown."""
HELPS_GROUP_FROM = 0.66
LEAST_FOR_GROUP = 0.9
"""A service for the person's own group that helps is nearly ideal (grading.md: "the group's own body 3")."""
WALK_M = 2_500.0
"""How far a child walks to a centre that anybody may drop into; further ones are a fallback."""


class Judged(NamedTuple):
    """One candidate that is not ruled out, with what was worked out about it so far."""

    row: Row
    fit: Fit
    cover: Cover
    need: float
    """Need fit, raised for a service made for the person's own group, under its ceiling: 0 to 1."""
    distance_m: float | None


def judge(row: Row, situation: Situation, fits: FitTable) -> Judged | eligibility.Out | None:
    """A candidate judged; the rule that leaves it out; None when it is not made for what was said."""
    fit = fits.of(row)
    if fit.value < LEAST_NEED:
        return None
    reach = cover(row, situation)
    out = eligibility.ruled_out(row, reach, situation)
    if out is not None:
        return out
    home = situation.enquiry.residence
    metres = distance_from(home.point if home else None, row, situation.over_water)
    return under(eligibility.ceiling(row, reach, situation), row, fit, reach, metres)


def under(ceiling: float, row: Row, fit: Fit, cover: Cover, distance_m: float | None) -> Judged:
    """A candidate with its need fit under its ceiling."""
    value = fit.value
    if row.groups and value >= HELPS_GROUP_FROM:
        value = max(value, LEAST_FOR_GROUP)
    if distance_m is not None and distance_m > WALK_M and row.main_family & _drop_in():
        ceiling = min(ceiling, eligibility.FALLBACK)
    return Judged(row, fit, cover, min(value, ceiling), distance_m)


_RADIANS_PER_MICRODEGREE = math.pi / 180 / 1_000_000
EARTH_DIAMETER_M = 2 * 6_371_008.8


def distance_from(centre: Point | None, row: Row, over_water: frozenset[int] = frozenset()) -> float | None:
    """Metres from the person to a service people visit; None without a point, or where nearness means nothing.

    That is: phone and online lines, places to stay, withheld places, and what lies over the water from the home
    (`over_water`, areas of `places.crossings`).
    """
    if centre is None or row.lat == NO_POINT or not row.families & _visited() or row.flags & Flag.WITHHELD:
        return None
    if over_water and is_over_water(row, over_water):
        return None
    in_person, residential = _ways()
    if row.delivery & residential or (row.delivery and not row.delivery & in_person):
        return None
    lat1, lat2 = math.radians(centre.lat), row.lat * _RADIANS_PER_MICRODEGREE
    half_lat = (lat2 - lat1) / 2
    half_lon = (row.lon * _RADIANS_PER_MICRODEGREE - math.radians(centre.lon)) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return EARTH_DIAMETER_M * math.asin(math.sqrt(chord))


def is_over_water(row: Row, over_water: frozenset[int]) -> bool:
    """Whether the service's place lies over the water from the home."""
    return row.conditions >> AREA_SHIFT & AREA_BITS in over_water


@cache
def _ways() -> tuple[int, int]:
    delivery = terms.load()["delivery"]
    return delivery.mask(["in_person"]), delivery.mask(["residential"])


@cache
def _drop_in() -> int:
    return terms.load()["family"].mask(["community_hub"])


@cache
def _visited() -> int:
    return terms.load()["family"].mask(VISITED)


VISITED = (
    "youth",
    "counselling",
    "community_hub",
    "education",
    "victim_support",
    "rape_crisis",
    "early_years",
)
"""Families people go to; phone and online lines have no distance, and refuges are never nearest first."""
