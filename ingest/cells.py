"""Reads one cell of a row into a value of ours; what cannot be used is said in words that never repeat the cell."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from directory.places import areas, postcode
from directory.values import Issue, Point
from ingest import contacts
from ingest.reading import Reading, Row

IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,59}")
OLDEST = 120
SOUTH, NORTH, WEST, EAST = 54.5, 61.0, -9.0, -0.5
"""Degrees: mainland and islands of Scotland with a little sea."""


class Unusable(Exception):
    """This row cannot be used: which field, and why. `held`: a person should look at it."""

    def __init__(self, column: str, reason: str, held: bool = True) -> None:
        super().__init__(reason)
        self.column, self.reason, self.held = column, reason, held


@dataclass(slots=True)
class Notes:
    """Fields of one row that were left out, with why."""

    source: str
    row: int
    issues: list[Issue] = field(default_factory=list)
    source_id: str = ""
    """What the source calls the row, once it is known."""

    def leave_out(self, column: str, reason: str) -> None:
        self.issues.append(Issue(self.source, self.row, column, reason))

    def unusable(self, problem: Unusable) -> Reading:
        """The reading of a row that gave no draft."""
        last = Issue(self.source, self.row, problem.column, problem.reason, problem.held)
        return Reading(self.row, None, (*self.issues, last), source_id=self.source_id)


def identity(row: Row, column: str, seen: dict[str, int], name_column: str) -> str:
    """The row's own id, new in this file. Raises Unusable: no id, no name, a repeated id, or cells missing."""
    if not row.whole:
        raise Unusable("", "it has more or fewer cells than the header", held=False)
    if not IDENTIFIER.fullmatch(row[column]):
        raise Unusable(column, "no id, or one with signs that no id has", held=False)
    first = seen.setdefault(row[column], row.number)
    if first != row.number:
        raise Unusable(column, "the id of an earlier row")
    if not row[name_column]:
        raise Unusable(name_column, "no name", held=False)
    return row[column]


def no_person(row: Row, *columns: str) -> None:
    """Raises Unusable when a service or its provider is called after a person (a sole trader)."""
    for column in columns:
        if contacts.names_a_person(row[column]):
            raise Unusable(column, "it names a person: services only")


def one_of(row: Row, column: str, allowed: Collection[str]) -> str:
    """The cell, when it is one of these words. Raises Unusable."""
    if row[column] not in allowed:
        raise Unusable(column, "a word that is not in the source's vocabulary")
    return row[column]


def codes(row: Row, column: str, notes: Notes, crosswalk: Mapping[str, str]) -> tuple[str, ...]:
    """A list parted by upright strokes in our terms; words of no term are left out; "" in the crosswalk is no term."""
    found = [word.strip() for word in row.get(column).split("|") if word.strip()]
    if any(word not in crosswalk for word in found):
        notes.leave_out(column, "a word that is not in the source's vocabulary")
    return unique(*(crosswalk.get(word, "") for word in found))


def years(row: Row, column: str) -> int | None:
    """An age in whole years; None when blank. Raises Unusable."""
    cell = row[column]
    if not cell:
        return None
    if not (cell.isascii() and cell.isdigit() and int(cell) <= OLDEST):
        raise Unusable(column, f"an age must be a whole number from 0 to {OLDEST}")
    return int(cell)


def council(row: Row, column: str) -> str:
    """GSS code of the cell's council area, by any of its names or codes. Raises Unusable."""
    try:
        return areas.council(row[column]).gss
    except KeyError:
        raise Unusable(column, "not a Scottish council area") from None


def phone(row: Row, column: str, notes: Notes) -> str:
    """A number in national form, "" when there is none that can be rung."""
    found = contacts.phone(row[column])
    if found is None:
        notes.leave_out(column, "not a number that can be rung in the UK")
    return found or ""


def postal_code(row: Row, column: str, notes: Notes) -> str:
    """A full postcode with one blank, also from amid other words; "" when there is none."""
    parsed = postcode.parse(row[column])
    if parsed and parsed.kind is postcode.PostcodeKind.POSTCODE:
        return parsed.value
    found, _ = contacts.postcode_in(row[column])
    if row[column] and not found:
        notes.leave_out(column, "not a full postcode")
    return found


def point(row: Row, lat: str, lon: str, notes: Notes) -> Point | None:
    """A point in or near Scotland from two columns of degrees; None when there is none."""
    return point_of(row[lat], row[lon], lat, notes)


def point_of(lat: str, lon: str, column: str, notes: Notes) -> Point | None:
    """A point in or near Scotland from two texts in degrees; None, with a note, for anything else."""
    if not lat and not lon:
        return None
    try:
        found = Point(float(lat), float(lon))
    except ValueError:
        notes.leave_out(column, "not a point in degrees")
        return None
    if not (SOUTH < found.lat < NORTH and WEST < found.lon < EAST):
        notes.leave_out(column, "a point outside Scotland")
        return None
    return found


def url(row: Row, column: str, notes: Notes) -> str:
    """A web address, "" when there is none."""
    found = contacts.url(row[column])
    if found is None:
        notes.leave_out(column, "not a web address")
    return found or ""


def unique(*words: str) -> tuple[str, ...]:
    """Each word once, in order, blanks left out."""
    return tuple(word for word in dict.fromkeys(words) if word)
