"""The 32 council areas as tiles of one size, our own drawing: small councils stay as easy to hit as large ones."""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

from directory.places import areas
from directory.places.reading import rows

SOFT_HYPHEN = "\u00ad"


@dataclass(frozen=True, slots=True)
class Tile:
    """One council area. `row` and `column` count from 0 at the north-west; `broken` is its name with soft hyphens."""

    gss: str
    code: str
    name: str
    broken: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Drawn:
    """A tile of the drawing, in units of one tile."""

    tile: Tile
    chosen: bool


@cache
def tiles() -> tuple[Tile, ...]:
    """All 32, by name: the order of a list and of the keyboard."""
    found = (
        Tile(
            row["gss"],
            row["code"],
            areas.council(row["gss"]).name,
            row["parts"].replace("|", SOFT_HYPHEN),
            int(row["row"]),
            int(row["column"]),
        )
        for row in rows("tiles.csv")
    )
    return tuple(sorted(found, key=lambda tile: tile.name))


def drawing(chosen: Collection[str]) -> tuple[Drawn, ...]:
    """The tiles with those of these codes chosen; all of them for "SCOTLAND"."""
    whole = "SCOTLAND" in chosen
    return tuple(Drawn(tile, whole or tile.gss in chosen) for tile in tiles())
