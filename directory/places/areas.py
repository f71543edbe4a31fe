"""Scotland's 32 council areas and 14 health boards: today's codes, the codes they had before, their other names.

Codes are GSS (`S12…`, `S08…`). Sources and licences: `data/SOURCES.md`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from directory.places.reading import fold, parts, rows
from directory.values import Point


@dataclass(frozen=True, slots=True)
class CouncilArea:
    """One council area. `point` is a postcode sector's, on land and inside, near the middle of where people live."""

    gss: str
    name: str
    other_names: tuple[str, ...]
    former_gss: tuple[str, ...]
    health_board_gss: str
    health_board: str
    police_division: str
    sheriffdom: str
    scra_locality: str
    point: Point


@dataclass(frozen=True, slots=True)
class HealthBoard:
    """One territorial health board; `name` without "NHS" ("Lothian")."""

    gss: str
    name: str
    other_names: tuple[str, ...]
    former_gss: tuple[str, ...]


@cache
def councils() -> tuple[CouncilArea, ...]:
    """All 32, in order of code."""
    found = (
        CouncilArea(
            gss=row["gss"],
            name=row["name"],
            other_names=parts(row["other_names"]),
            former_gss=parts(row["former_gss"]),
            health_board_gss=row["health_board_gss"],
            health_board=row["health_board"],
            police_division=row["police_division"],
            sheriffdom=row["sheriffdom"],
            scra_locality=row["scra_locality"],
            point=Point(float(row["lat"]), float(row["lon"])),
        )
        for row in rows("councils.csv")
    )
    return tuple(sorted(found, key=lambda area: area.gss))


@cache
def health_boards() -> tuple[HealthBoard, ...]:
    """All 14, in order of code."""
    found = (
        HealthBoard(row["gss"], row["name"], parts(row["other_names"]), parts(row["former_gss"]))
        for row in rows("health_boards.csv")
    )
    return tuple(sorted(found, key=lambda board: board.gss))


def council(code_or_name: str) -> CouncilArea:
    """The council area of a code (today's or a former one) or any of its names. Raises KeyError."""
    return _councils_by_key()[fold(code_or_name)]


def council_name(gss: str) -> str:
    """The name of a council area; what was given if it is the code of none."""
    try:
        return council(gss).name
    except KeyError:
        return gss


def health_board(code_or_name: str) -> HealthBoard:
    """The health board of a code (today's or a former one) or a name, "NHS" before it or not. Raises KeyError."""
    return _boards_by_key()[fold(code_or_name)]


def neighbours(gss: str) -> tuple[str, ...]:
    """Codes of the councils that touch this one, or are joined to it by a bridge or a ferry; sorted.

    Takes former codes and names too. Raises KeyError.
    """
    return _neighbours()[council(gss).gss]


def health_board_councils(code_or_name: str) -> tuple[CouncilArea, ...]:
    """The council areas a health board serves, in order of code. Raises KeyError."""
    code = health_board(code_or_name).gss
    return tuple(area for area in councils() if area.health_board_gss == code)


def names(area: CouncilArea | HealthBoard) -> Iterable[str]:
    """A council's or board's name and all its others."""
    return (area.name, *area.other_names)


@cache
def _councils_by_key() -> Mapping[str, CouncilArea]:
    return {fold(key): area for area in councils() for key in (area.gss, *area.former_gss, *names(area))}


@cache
def _boards_by_key() -> Mapping[str, HealthBoard]:
    found: dict[str, HealthBoard] = {}
    for board in health_boards():
        keys = [board.gss, *board.former_gss]
        for name in names(board):
            keys += [name, f"NHS {name}", f"{name} health board", f"{name} NHS"]
        found.update((fold(key), board) for key in keys)
    return found


@cache
def _neighbours() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {area.gss: set() for area in councils()}
    for row in rows("neighbours.csv"):
        found[row["gss"]].add(row["neighbour_gss"])
        found[row["neighbour_gss"]].add(row["gss"])
    return {code: tuple(sorted(codes)) for code, codes in found.items()}
