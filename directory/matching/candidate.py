"""One candidate as the ranking sees it: its columns, and how its area meets the person's places."""

from collections.abc import Iterable, Iterator
from enum import Enum
from typing import NamedTuple

from directory.matching.situation import Situation
from directory.search.columns import SCOTLAND_BIT, Flag
from directory.search.index import COLUMNS, Candidates

NATION = 1 << SCOTLAND_BIT
REGION_FROM = 8
"""A service of this many councils or more covers a region rather than a locality."""


class Row(NamedTuple):
    """The numbers of one service, in the order of `search.index.COLUMNS`, and its coarse score."""

    families: int
    needs: int
    harms: int
    relations: int
    delivery: int
    routes: int
    councils: int
    languages: int
    groups: int
    main_family: int
    age_min: int
    age_max: int
    flags: int
    lat: int
    lon: int
    as_of_day: int
    name_key: int
    conditions: int
    hours: int
    text: float


def rows(candidates: Candidates, positions: Iterable[int] | None = None) -> Iterator[tuple[int, Row]]:
    """The candidates at these positions, or all of them, each with its position."""
    columns = [candidates.columns[name] for name in COLUMNS]
    values = list(zip(*columns, candidates.scores, strict=True))
    for position in range(len(values)) if positions is None else positions:
        yield position, Row._make(values[position])


class Reach(Enum):
    """How a service's area meets the person."""

    PART = "part"
    """It serves the very part of the council they live in."""
    LOCAL = "local"
    REGION = "region"
    NATION = "nation"
    HARM_PLACE = "harm_place"
    """It covers the place of harm, and its rule lets that count, but not the home."""
    PART_UNSURE = "part_unsure"
    """It serves part of their council, and nobody said which part they live in."""
    SCHOOL_UNSURE = "school_unsure"
    """It takes pupils of some schools of their council, and nobody said which school they go to."""
    ONE_OF_BOTH = "one_of_both"
    """Home and place of harm must both lie in its area: one does, the other was not said."""
    UNKNOWN = "unknown"
    """Its area is not stated."""
    NONE = "none"


NATION_REACH, HARM_PLACE_REACH, UNKNOWN_REACH, NO_REACH = (
    Reach.NATION, Reach.HARM_PLACE, Reach.UNKNOWN, Reach.NONE,
)  # fmt: skip
"""Looked up once, as all names of an Enum are here that each candidate is asked for: it takes 0.2 µs on Python 3.11."""


class Cover(NamedTuple):
    """How a service covers the person, the share (0 to 1) of their place that it covers, and what that is worth.

    A plain tuple, like `Row`: three hundred are made for every enquiry.
    """

    reach: Reach
    share: float
    value: float
    """0 to 1: a local specialist before a national one (grading.md, "National and local")."""
    is_local: bool


NATION_COVER = Cover(Reach.NATION, 1.0, 0.55, False)
UNKNOWN_COVER = Cover(Reach.UNKNOWN, 1.0, 0.0, False)
HARM_PLACE_COVER = Cover(Reach.HARM_PLACE, 1.0, 0.4, False)
NO_COVER = Cover(Reach.NONE, 1.0, 0.0, False)
PART = Cover(Reach.PART, 1.0, 1.0, True)
LOCAL = Cover(Reach.LOCAL, 1.0, 1.0, True)
REGION = Cover(Reach.REGION, 1.0, 0.9, True)
PART_UNSURE = Cover(Reach.PART_UNSURE, 1.0, 0.5, False)
SCHOOL_UNSURE = Cover(Reach.SCHOOL_UNSURE, 1.0, 0.5, False)
ONE_OF_BOTH = Cover(Reach.ONE_OF_BOTH, 1.0, 0.5, False)
OVER_WIDE_COVER = Cover(Reach.NATION, 1.0, 0.3, False)
"""A small place that claims the nation: below all that surely cover them, above one whose area nobody knows."""
RARE = Flag.BOTH_DECIDE | Flag.BY_SCHOOL | Flag.OVER_WIDE


def cover(row: Row, situation: Situation) -> Cover:
    """How this service's area meets the residence and the place of harm, by its own boundary rule."""
    flags = row.flags
    if flags & RARE:
        return _rare(row, situation)
    if row.councils & NATION:
        visits = not flags & (Flag.EITHER_DECIDES | Flag.HARM_PLACE_DECIDES)
        return NO_COVER if visits and situation.outside_scotland else NATION_COVER
    by_harm_place = flags & Flag.HARM_PLACE_DECIDES
    mask = situation.residence_mask
    if by_harm_place and situation.harm_place_mask:
        mask = situation.harm_place_mask
    shared = row.councils & mask
    if shared:
        return _local(row, situation, shared, {} if by_harm_place else situation.residence_shares)
    if row.councils & situation.harm_place_mask and not by_harm_place:
        return NO_COVER if situation.outside_scotland and not flags & Flag.EITHER_DECIDES else HARM_PLACE_COVER
    return UNKNOWN_COVER if flags & Flag.COVERAGE_UNKNOWN else NO_COVER


def _rare(row: Row, situation: Situation) -> Cover:
    """Boundaries that few services have."""
    plain = row._replace(flags=row.flags & ~RARE)
    if row.flags & Flag.BOTH_DECIDE:
        return _both(plain, situation)
    found = cover(plain, situation)
    if row.flags & Flag.OVER_WIDE and found.reach in (Reach.NATION, Reach.REGION):
        return OVER_WIDE_COVER
    if row.flags & Flag.BY_SCHOOL and found.reach in (Reach.LOCAL, Reach.REGION, Reach.PART, Reach.PART_UNSURE):
        # The engine lets a service for some schools pass only for the school that is known (`clauses`).
        return PART if situation.enquiry.schools else SCHOOL_UNSURE
    return found


def _both(row: Row, situation: Situation) -> Cover:
    masks = (situation.residence_mask, situation.harm_place_mask)
    if situation.outside_scotland or any(mask and not row.councils & (mask | NATION) for mask in masks):
        return NO_COVER
    if not all(masks):
        return ONE_OF_BOTH if any(masks) else NO_COVER
    return cover(row, situation)


def _local(row: Row, situation: Situation, shared: int, shares: dict[int, float]) -> Cover:
    if row.flags & Flag.PART_OF_COUNCIL:
        whole = PART if situation.residence_outcodes else PART_UNSURE
    else:
        wide = row.flags & Flag.BY_DIVISION or row.councils.bit_count() >= REGION_FROM
        whole = REGION if wide else LOCAL
    if len(shares) < 2:
        return whole
    share = sum(part for bit, part in shares.items() if shared >> bit & 1)
    return whole._replace(share=share, value=whole.value * (0.5 + 0.5 * share))
