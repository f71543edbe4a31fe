"""Our own small tables beside the facts: what only a note says, which needs a service meets, and our wording of it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from ingest.reading import own_table

WORDING_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Needs:
    """Needs a service meets, in place of its family's; families it belongs to besides the one its table gives."""

    needs: tuple[str, ...]
    families: tuple[str, ...]


@cache
def overrides() -> Mapping[str, Mapping[str, str]]:
    """Facts that only a note or a description states: source id → our field → value. Each row says why."""
    found: dict[str, dict[str, str]] = {}
    for row in own_table("fact_overrides.csv"):
        for source_id in ids(row["source_id"]):
            found.setdefault(source_id, {})[row["field"]] = row["value"]
    return found


@cache
def needs() -> Mapping[str, Needs]:
    """Needs and further families by source id."""
    return {
        source_id: Needs(_parts(row["needs"]), _parts(row["families"]))
        for row in own_table("fact_needs.csv")
        for source_id in ids(row["source_id"])
    }


def wording(original: str) -> str:
    """Our wording of a description; the description itself when it is not one we have restated."""
    return _wordings().get(digest(original), original)


def own_wording(original: str) -> str:
    """Our wording of a description, "" when we have none: for rows whose own words may not be used."""
    return _wordings().get(digest(original), "")


def digest(text: str) -> str:
    """Short SHA-256 of a description: a newer description of a row is not hidden by our wording of the older."""
    return hashlib.sha256(text.strip().encode()).hexdigest()[:WORDING_DIGITS]


def ids(cell: str) -> Iterator[str]:
    """The source ids of a cell: "f12", "f199-f230", or several of these parted by blanks."""
    for part in cell.split():
        first, _, last = part.partition("-")
        if last:
            yield from (f"f{number:02d}" for number in range(int(first[1:]), int(last[1:]) + 1))
        else:
            yield first


@cache
def _wordings() -> Mapping[str, str]:
    return {row["digest"]: row["description"] for row in own_table("fact_wording.csv")}


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)
