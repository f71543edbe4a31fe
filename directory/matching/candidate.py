"""One candidate as the ranking sees it: its columns, and how its area meets the person's places."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from directory.matching.situation import Situation
from directory.search.columns import SCOTLAND_BIT, Flag

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
    text: float


class Reach(StrEnum):
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
    UNKNOWN = "unknown"
    """Its area is not stated."""
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Cover:
    """How a service covers the person, and the share (0 to 1) of their place that it covers."""

    reach: Reach
    share: float = 1.0


_NATION = Cover(Reach.NATION)
_UNKNOWN = Cover(Reach.UNKNOWN)
_HARM_PLACE = Cover(Reach.HARM_PLACE)
_NONE = Cover(Reach.NONE)


def cover(row: Row, situation: Situation) -> Cover:
    """How this service's area meets the residence and the place of harm, by its own boundary rule."""
    flags = row.flags
    if row.councils & NATION:
        return _NATION
    if flags & Flag.HARM_PLACE_DECIDES:
        mask, shares = situation.harm_place_mask or situation.residence_mask, {}
    else:
        mask, shares = situation.residence_mask, situation.residence_shares
    shared = row.councils & mask
    if shared & ~NATION:
        return _local(row, situation, shared, shares)
    if row.councils & situation.harm_place_mask and not flags & Flag.HARM_PLACE_DECIDES:
        return _HARM_PLACE
    return _UNKNOWN if flags & Flag.COVERAGE_UNKNOWN else _NONE


def _local(row: Row, situation: Situation, shared: int, shares: dict[int, float]) -> Cover:
    share = sum(part for bit, part in shares.items() if shared >> bit & 1) if shares else 1.0
    if row.flags & Flag.PART_OF_COUNCIL:
        return Cover(Reach.PART if situation.residence_outcodes else Reach.PART_UNSURE, share)
    reach = Reach.REGION if row.councils.bit_count() >= REGION_FROM else Reach.LOCAL
    return Cover(reach, share)
