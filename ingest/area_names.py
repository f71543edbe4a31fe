"""Every name that a text about the area served may use, folded, and the councils or outcodes each stands for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from directory.places import areas, codes, divisions, names, spots
from directory.places.reading import fold, parts
from directory.values import PlaceKind
from ingest.reading import own_table

SURE, BOARD, WIDE, OUTCODE, TOWN, PART = 1.0, 0.95, 0.8, 0.9, 0.7, 0.4
"""How sure a reading is: a council's own name or code, a health board, a board's or region's name used loosely, an
outcode, a town, an unnamed part of a council. Judgements, not measurements (2026-11-22)."""


class Kind(StrEnum):
    NATION = "nation"
    COUNCIL = "council"
    """One council area, whole."""
    WIDE = "wide"
    """Several councils, whole."""
    PLACE = "place"
    """Part of one or more councils, told by its outcodes."""
    PART = "part"
    """Part of a council, but nobody says which outcodes."""
    ELSEWHERE = "elsewhere"
    """Outside Scotland."""


@dataclass(frozen=True, slots=True)
class Named:
    """What one name stands for. `councils`: the main one first."""

    kind: Kind
    sure: float
    councils: tuple[str, ...] = ()
    outcodes: tuple[str, ...] = ()
    division: str = ""


def named(key: str, default: str, alone: bool = False) -> Named | None:
    """What a folded phrase stands for, None when it is no area. `default`: the council that "city wide" is of.

    `alone`: nothing else is said, so that a town called like an ordinary word is meant ("Paisley").
    """
    if row := _phrases().get(key):
        return _said(row, default)
    return _known().get(key) or _outcode(key) or _town(key, default, alone)


@cache
def most_words() -> int:
    """Words of the longest name."""
    keys = (*_phrases(), *_known(), *names.all_towns(), *names.aliases())
    return max(key.count(" ") + 1 for key in keys)


def _said(row: Mapping[str, str], default: str) -> Named | None:
    sure, kind = float(row["confidence"]), row["kind"]
    if kind in {"default", "default_part"}:
        of = Kind.COUNCIL if kind == "default" else Kind.PART
        return Named(of, sure, (default,)) if default else None
    councils = parts(row["value"])
    if kind == "councils":
        return Named(Kind.COUNCIL if len(councils) == 1 else Kind.WIDE, sure, councils)
    return Named(Kind(kind), sure, councils)


@cache
def _phrases() -> Mapping[str, Mapping[str, str]]:
    return {row["said"]: row for row in own_table("area_words.csv")}


@cache
def _known() -> Mapping[str, Named]:
    """Councils before boards before regions: "Fife" and "Highland" are councils."""
    found: dict[str, Named] = {}
    for key, what in (*_councils(), *_boards(), *_regions(), *_elsewhere()):
        found.setdefault(fold(key), what)
    return found


def _councils() -> Iterator[tuple[str, Named]]:
    for area in areas.councils():
        for key in (area.gss, *area.former_gss, *areas.names(area)):
            yield key, Named(Kind.COUNCIL, SURE, (area.gss,))


def _boards() -> Iterator[tuple[str, Named]]:
    for board in areas.health_boards():
        division = f"{divisions.HEALTH_BOARD}:{board.name}"
        councils = divisions.councils(division)
        kind = Kind.COUNCIL if len(councils) == 1 else Kind.WIDE
        for name in (board.gss, *board.former_gss, *areas.names(board)):
            for key in (f"NHS {name}", f"{name} NHS", f"{name} health board"):
                yield key, Named(kind, BOARD, councils, division=division)
            if name[0] == "S" and name[1:].isdigit():
                yield name, Named(kind, SURE, councils, division=division)
            yield name, Named(kind, WIDE, councils)


def _regions() -> Iterator[tuple[str, Named]]:
    for key, region in names.regions().items():
        councils = tuple(gss for gss, _ in region.shares)
        if region.outcodes:
            yield key, Named(Kind.PLACE, WIDE, councils, region.outcodes)
        elif len(councils) == 1:
            yield key, Named(Kind.PART, TOWN, councils)
        else:
            yield key, Named(Kind.WIDE, WIDE, councils)


def _elsewhere() -> Iterator[tuple[str, Named]]:
    for key, place in names.outside().items():
        if place.plain:
            yield key, Named(Kind.ELSEWHERE, 0.0)


def _outcode(key: str) -> Named | None:
    area = codes.outcodes().get(key.upper())
    if area is None:
        return None
    councils = tuple(gss for gss, _ in sorted(area.shares, key=lambda share: -share[1]))
    return Named(Kind.PLACE, OUTCODE, councils, (area.code,))


def _town(key: str, default: str, alone: bool) -> Named | None:
    """A town or neighbourhood; of namesakes the one in the default council, else none."""
    if alias := names.aliases().get(key):
        key = fold(alias)
    here = [town for town in names.all_towns().get(key, ()) if town.gss == default]
    if len(here) == 1 and (alone or key not in names.common_words()):
        town = here[0]
        return Named(Kind.PLACE, TOWN, (town.gss,), town.outcodes) if town.outcodes else _part_of(town.gss)
    if (key in names.common_words() and not alone) or key not in names.towns():
        return None
    place = spots.named(key)
    if place is None or place.choices or place.kind is not PlaceKind.TOWN:
        return Named(Kind.ELSEWHERE, 0.0) if place and place.kind is PlaceKind.OUTSIDE_SCOTLAND else None
    if not place.outcodes:
        return _part_of(place.council_codes[0])
    sure = TOWN if len(place.councils) == 1 else TOWN - 0.2
    return Named(Kind.PLACE, sure, place.council_codes, place.outcodes)


def _part_of(gss: str) -> Named:
    return Named(Kind.PART, PART, (gss,))
