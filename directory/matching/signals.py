"""The signals of the ranking: each a pure function of one candidate, with its weight and where the number comes from.

A score is the weighted mean of the signals that apply; the sentences that explain it are in `explain`.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from directory.matching import eligibility
from directory.matching.candidate import NATION_COVER, Cover, Row
from directory.matching.fit import Fit
from directory.matching.situation import Situation
from directory.search.columns import LANGUAGES, NO_POINT, Flag
from directory.values import Point
from taxonomy import terms

MADE_FOR_GROUP = 0.15
LEAST_FOR_GROUP = 0.85
"""A service for the person's own group that fits at all is nearly ideal (grading.md: "the group's own body 3")."""
STALE_DAYS = 365
NEAR_M = 8_000.0
"""Distance at which being near is worth half: about half an hour by bus."""


class Judged(NamedTuple):
    """One candidate that is not ruled out, with what was worked out about it so far."""

    row: Row
    fit: Fit
    cover: Cover
    need: float
    """Need fit, raised for a service made for the person's own group, under its ceiling: 0 to 1."""
    distance_m: float | None


def judged(row: Row, fit: Fit, cover: Cover, ceiling: float, distance_m: float | None) -> Judged:
    """A candidate with its need fit under its ceiling."""
    value = max(fit.value + MADE_FOR_GROUP, LEAST_FOR_GROUP) if row.groups else fit.value
    return Judged(row, fit, cover, min(value, ceiling), distance_m)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the signals know beside the candidate itself."""

    situation: Situation
    today: int
    """Days since 1970."""
    local_families: int
    """Families with a local service that really helps: there a national line is second, elsewhere it is first."""
    top_text: float
    bits: eligibility.Masks


def need_fit(judged: Judged, around: Surroundings) -> float:
    return judged.need


def beside_specialists(judged: Judged, bits: eligibility.Masks, specialists: int) -> Judged:
    """The general victim line is ideal alone, good beside a local specialist, a fallback beside two (grading.md)."""
    is_general = judged.row.main_family & bits.general_help and judged.row.flags & Flag.ANY_HARM
    if not is_general or not specialists:
        return judged
    return judged._replace(need=min(judged.need, eligibility.GOOD if specialists == 1 else BESIDE_TWO))


BESIDE_TWO = 0.5
"""Between good and fallback: of two specialists one may have no number, or a waiting list."""


def coverage(judged: Judged, around: Surroundings) -> float:
    if judged.cover is NATION_COVER and not judged.row.main_family & (around.local_families | around.bits.safety):
        return 1.0  # no local service really helps; lines for danger are national by their nature
    return judged.cover.value


def eligible(judged: Judged, around: Surroundings) -> float:
    return eligibility.value(judged.row, around.situation, around.bits)


def communication(judged: Judged, around: Surroundings) -> float:
    language = around.situation.enquiry.language or "bsl"
    spoken = judged.row.languages
    if language in LANGUAGES and spoken >> LANGUAGES.index(language) & 1:
        return 1.0
    helped = 1 << LANGUAGES.index("interpreter") | 1 << LANGUAGES.index("many")
    if language != "bsl" and spoken & helped:
        return 0.8
    return 0.3


def availability(judged: Judged, around: Surroundings) -> float:
    flags = judged.row.flags
    value = 0.4 if flags & Flag.STATUS_UNKNOWN else 0.7
    if flags & Flag.WAITING_LIST_CLOSED:
        value = 0.1
    if around.situation.enquiry.urgency == "now":
        value += 0.15 * bool(flags & Flag.HAS_PHONE) + 0.15 * bool(flags & Flag.CRISIS)
    return value


def assurance(judged: Judged, around: Surroundings) -> float:
    flags = judged.row.flags
    if flags & Flag.CONFIRMED:
        value = 1.0
    elif flags & Flag.HEARSAY:
        value = 0.3
    else:
        value = 0.6
    stale = judged.row.as_of_day and around.today - judged.row.as_of_day > STALE_DAYS
    return value * (0.85 if stale else 1.0)


def text(judged: Judged, around: Surroundings) -> float:
    return judged.row.text / around.top_text if around.top_text else 0.0


def distance(judged: Judged, around: Surroundings) -> float:
    if judged.distance_m is None:
        return 0.5
    return 1 / (1 + judged.distance_m / NEAR_M)


class Signal(NamedTuple):
    """A name, a weight, the function, and whether it applies to this enquiry at all."""

    name: str
    weight: float
    value: Callable[[Judged, Surroundings], float]
    applies: Callable[[Situation], bool] = lambda situation: True


SIGNALS = (
    Signal("need_fit", 0.60, need_fit),  # one grade of the guide (1/3) outweighs being local (0.45 × 0.14)
    Signal("coverage", 0.14, coverage),
    Signal("eligibility", 0.10, eligible),
    Signal("communication", 0.10, communication, lambda s: _speaks_otherwise(s)),
    Signal("availability", 0.05, availability),
    Signal("assurance", 0.04, assurance),
    Signal("text", 0.04, text),
    Signal("distance", 0.03, distance),
)
"""Weights by hand from the grading guide, 2026-11; to be tuned on the judged enquiries' tuned half only."""


def _speaks_otherwise(situation: Situation) -> bool:
    language = situation.enquiry.language
    return bool(language and language != "en")


def score(judged: Judged, around: Surroundings, signals: tuple[Signal, ...]) -> float:
    """The weighted mean of the signals, 0 to 1."""
    total = weights = 0.0
    for _, weight, value, _ in signals:
        total += weight * value(judged, around)
        weights += weight
    return total / weights


def applying(situation: Situation) -> tuple[Signal, ...]:
    """The signals that say something about this enquiry."""
    return tuple(signal for signal in SIGNALS if signal.applies(situation))


_RADIANS_PER_MICRODEGREE = math.pi / 180 / 1_000_000
EARTH_DIAMETER_M = 2 * 6_371_008.8


def distance_from(centre: Point | None, row: Row) -> float | None:
    """Metres from the person to a service people visit; None without a point, or where nearness means nothing."""
    if centre is None or row.lat == NO_POINT or not row.families & _visited():
        return None
    lat1, lat2 = math.radians(centre.lat), row.lat * _RADIANS_PER_MICRODEGREE
    half_lat = (lat2 - lat1) / 2
    half_lon = (row.lon * _RADIANS_PER_MICRODEGREE - math.radians(centre.lon)) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin(half_lon) ** 2
    return EARTH_DIAMETER_M * math.asin(math.sqrt(chord))


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
