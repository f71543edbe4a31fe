"""Every place name we know, folded: towns, villages and neighbourhoods of Scotland, regions, and names elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from directory.places import areas, codes
from directory.places.distance import haversine_m
from directory.places.reading import fold, parts, rows
from directory.values import Point

TOWN_M = 2_000.0
NEIGHBOURHOOD_M = 1_000.0
APPROXIMATE_M = 4_000.0
"""The point is the outcode's: several names share it (see the README of the shared data, places.csv)."""
FAR_M = 15_000.0
"""A point this far from its town's outcode is a namesake's (GeoNames puts Tain in Caithness too)."""
MAIN_SHARE = 0.9
"""Share of the likeliest council where a name's own point is not known: of 70 such names that schools and registered
care services have in their addresses, it was right for 63 (2026-11-23)."""


@dataclass(frozen=True, slots=True)
class Town:
    """A town, village or neighbourhood in one council area, or on the edge of several (`other_councils`)."""

    name: str
    gss: str
    point: Point
    outcodes: tuple[str, ...]
    radius_m: float
    other_councils: tuple[str, ...] = ()

    @property
    def shares(self) -> Mapping[str, float]:
        """Council code → share: all of it, or the main council first and the rest alike."""
        if not self.other_councils:
            return {self.gss: 1.0}
        rest = (1.0 - MAIN_SHARE) / len(self.other_councils)
        return {self.gss: MAIN_SHARE, **dict.fromkeys(self.other_councils, rest)}


@dataclass(frozen=True, slots=True)
class Region:
    """A name for several councils, or for part of one, that people still use: "Ayrshire", "Caithness"."""

    name: str
    shares: tuple[tuple[str, float], ...]
    outcodes: tuple[str, ...]
    """Of an island or the like; the first one's point stands for it. Empty: whole councils."""


@dataclass(frozen=True, slots=True)
class Outside:
    """A city, town or county outside Scotland. `plain`: meant even where a Scottish hamlet has the name too."""

    name: str
    nation: str
    plain: bool


@cache
def towns() -> Mapping[str, tuple[Town, ...]]:
    """Folded name → the towns meant when it is said alone: all namesakes, or the one that everybody means."""
    found = dict(all_towns())
    for key, principal in _principal_towns().items():
        found[key] = (principal,)
    return found


@cache
def all_towns() -> Mapping[str, tuple[Town, ...]]:
    """Folded name → every town of that name, one for each council area ("Dyce, Aberdeenshire")."""
    found: dict[str, list[Town]] = {}
    for row in rows("places.csv"):
        found.setdefault(fold(row["name"]), []).append(_town(row))
    for row in rows("neighbourhoods.csv"):
        found.setdefault(fold(row["name"]), []).append(_neighbourhood(row))
    return {name: tuple(named) for name, named in found.items()}


def _principal_towns() -> Mapping[str, Town]:
    """Folded name → the town plainly meant by it, wholly in its council, with the outcodes we know it to have."""
    found: dict[str, Town] = {}
    for row in rows("principal_towns.csv"):
        key = fold(row["name"])
        namesakes = all_towns()[key]
        main = (town for town in namesakes if town.gss == row["gss"])
        town = next(main, None) or next(town for town in namesakes if row["gss"] in town.other_councils)
        outcodes = parts(row["outcodes"]) or town.outcodes
        near = codes.outcodes()[outcodes[0]].point
        point = town.point if haversine_m(town.point, near) <= FAR_M else near
        radius = min(town.radius_m, APPROXIMATE_M)
        found[key] = replace(town, gss=row["gss"], other_councils=(), outcodes=outcodes, point=point, radius_m=radius)
    return found


@cache
def regions() -> Mapping[str, Region]:
    """Folded name → region; shares are weighed by postcodes."""
    found: dict[str, Region] = {}
    for row in rows("regions.csv"):
        shares = weighed(parts(row["councils"]))
        found[fold(row["name"])] = Region(row["name"], shares, parts(row["outcodes"]))
    return found


@cache
def outside() -> Mapping[str, Outside]:
    """Folded name → the place elsewhere."""
    return {fold(row["name"]): Outside(row["name"], row["nation"], row["plain"] == "1") for row in rows("outside.csv")}


@cache
def aliases() -> Mapping[str, str]:
    """Folded short name → the full name it stands for."""
    return {fold(row["alias"]): row["name"] for row in rows("aliases.csv")}


@cache
def common_words() -> frozenset[str]:
    """Folded names that are ordinary words or people's names too, and need "in" or "from" before them."""
    return frozenset(row["word"] for row in rows("common_words.csv"))


@cache
def display_names() -> Mapping[str, str]:
    """Folded name → the name as people write it, for every name that `Gazetteer.locate` knows; codes left out."""
    found = {key: place.name for key, place in outside().items()}
    found.update((key, named[0].name) for key, named in towns().items())
    found.update((key, region.name) for key, region in regions().items())
    for board in areas.health_boards():
        found.update((fold(name), name) for name in areas.names(board))
        found[fold(f"NHS {board.name}")] = f"NHS {board.name}"
    for area in areas.councils():
        found.update((fold(name), name) for name in areas.names(area))
    found.update((key, name) for key, name in aliases().items())
    found["scotland"] = "Scotland"
    return found


def weighed(gss: tuple[str, ...]) -> tuple[tuple[str, float], ...]:
    """Councils with shares by how many postcodes each has."""
    counts = codes.council_postcodes()
    total = sum(counts[code] for code in gss)
    return tuple((code, counts[code] / total) for code in gss)


def _town(row: Mapping[str, str]) -> Town:
    """A row of places.csv. One with several outcodes may be several hamlets: its radius reaches them all."""
    point = Point(float(row["lat"]), float(row["lon"]))
    outcodes = parts(row["outcodes"])
    radius = APPROXIMATE_M if row["approximate"] == "1" else TOWN_M
    if len(outcodes) > 1:
        radius = max(radius, *(round(haversine_m(point, codes.outcodes()[code].point), -2) for code in outcodes))
    return Town(row["name"], row["gss"], point, outcodes, radius, parts(row["other_councils"]))


def _neighbourhood(row: Mapping[str, str]) -> Town:
    """Its point is that of the first sector or outcode it lies in."""
    where = parts(row["codes"])
    area = codes.sectors().get(where[0]) or codes.outcodes()[where[0]]
    outcodes = tuple(dict.fromkeys(code.partition(" ")[0] for code in where))
    return Town(row["name"], row["gss"], area.point, outcodes, NEIGHBOURHOOD_M)
