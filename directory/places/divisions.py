"""Health boards and police divisions as areas served: each is resolved to the councils it holds."""

from functools import cache

from directory.places import areas
from directory.places.reading import fold

HEALTH_BOARD, POLICE_DIVISION = "health_board", "police_division"
KINDS = (HEALTH_BOARD, POLICE_DIVISION)


def councils(division: str) -> tuple[str, ...]:
    """GSS codes of "health_board:Lothian" or "police_division:Fife", sorted. Raises KeyError for an unknown one."""
    kind, _, name = division.partition(":")
    if kind == HEALTH_BOARD:
        return tuple(area.gss for area in areas.health_board_councils(name))
    if kind == POLICE_DIVISION:
        return _police()[fold(name)]
    raise KeyError(division)


def in_words(division: str) -> str:
    """ "NHS Lothian", "the police division Fife"."""
    kind, _, name = division.partition(":")
    return f"NHS {areas.health_board(name).name}" if kind == HEALTH_BOARD else f"the police division {name}"


@cache
def _police() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for area in areas.councils():
        key = fold(area.police_division)
        found[key] = (*found.get(key, ()), area.gss)
    return found
