"""Reads a file of unit postcodes (the layout of Code-Point Open, one row each) for `waymark places import`."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from directory.errors import UnusableFile
from directory.places import areas, postcode
from directory.places.gazetteer import UnitPostcode
from directory.places.postcode import PostcodeKind
from directory.values import Issue, Point

COLUMNS = ("postcode", "lat", "lon", "council_gss", "health_board_gss")
"""Those that must be there, in any order; others are passed over."""
SOURCE = "unit-postcodes"
MOST_BYTES = 200_000_000
"""Unpacked; the whole of Scotland is under 10 MB."""
SOUTH, NORTH, WEST, EAST = 54.5, 61.0, -14.0, -0.5
"""Scotland lies inside, degrees WGS 84 (Rockall's 13.7° W and Out Stack's 60.9° N too)."""
GZIP_MAGIC = b"\x1f\x8b"


def read_units(path: Path, issues: list[Issue] | None = None) -> Iterator[UnitPostcode]:
    """The unit postcodes of a .csv or .csv.gz file, with today's council and health board codes.

    The file is checked before the first row is given: UnusableFile when it is missing, not what its name says, cut
    short, not UTF-8, empty, or has other columns. A row that cannot be used (no council, no postcode, a point outside
    Scotland, a repeat) is left out and told in `issues`, its row counted from 1 after the header.
    """
    table = csv.DictReader(io.StringIO(_text(path), newline=""), strict=True)
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise UnusableFile(
            f"The file has no column {', '.join(missing)}.", f"Its first line must name: {', '.join(COLUMNS)}."
        )
    try:
        rows = list(table)
    except csv.Error as error:
        raise UnusableFile(f"The file is not a table of comma-separated values ({error}).", _GET_AGAIN) from None
    if not rows:
        raise UnusableFile("The file has a first line and no postcodes.", _GET_AGAIN)
    return _units(rows, issues if issues is not None else [])


_GET_AGAIN = "Get the file again; nothing of it was used."


def _text(path: Path) -> str:
    """The whole file, unpacked and decoded, so that a broken end is known before a row is used."""
    try:
        with path.open("rb") as file:
            packed = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnusableFile(f"The file cannot be read ({error.strerror}).", "Check its path.") from None
    plain = _unpacked(packed) if path.suffix == ".gz" or packed.startswith(GZIP_MAGIC) else packed
    if len(plain) > MOST_BYTES:
        raise UnusableFile(
            "The file is far larger than a file of Scottish postcodes.", "Check that it is the right one."
        )
    if not plain.strip():
        raise UnusableFile("The file is empty.", _GET_AGAIN)
    try:
        return plain.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnusableFile("The file is not UTF-8 text.", "Save it as UTF-8, or get it again.") from None


def _unpacked(packed: bytes) -> bytes:
    if not packed:
        raise UnusableFile("The file is empty.", _GET_AGAIN)
    try:
        with gzip.open(io.BytesIO(packed)) as file:
            return file.read(MOST_BYTES + 1)
    except EOFError:
        raise UnusableFile("The gzip file is cut short.", _GET_AGAIN) from None
    except (gzip.BadGzipFile, zlib.error):
        raise UnusableFile("The file's name says gzip, but it is not, or it is damaged.", _GET_AGAIN) from None


def _units(rows: list[dict[str, str]], issues: list[Issue]) -> Iterator[UnitPostcode]:
    seen: set[str] = set()
    for number, row in enumerate(rows, start=1):
        unit = _unit(row)
        if isinstance(unit, UnitPostcode) and unit.postcode not in seen:
            seen.add(unit.postcode)
            yield unit
        elif isinstance(unit, UnitPostcode):
            issues.append(Issue(SOURCE, number, "postcode", "The postcode is in the file already."))
        else:
            field, reason = unit
            issues.append(Issue(SOURCE, number, field, reason))


def _unit(row: Mapping[str, str | None]) -> UnitPostcode | tuple[str, str]:
    """One row's postcode, or the field and reason why there is none."""
    parsed = postcode.parse(row["postcode"] or "")
    if parsed is None or parsed.kind is not PostcodeKind.POSTCODE:
        return "postcode", "Not a whole postcode."
    codes = _codes(row["council_gss"] or "")
    if codes is None:
        return "council_gss", "No council code that we know." if row["council_gss"] else "No council code."
    point = _point(row["lat"] or "", row["lon"] or "")
    if isinstance(point, str):
        return "lat", point
    return UnitPostcode(parsed.value, point, *codes)


@lru_cache(maxsize=256)
def _codes(council_gss: str) -> tuple[str, str] | None:
    """Today's council and health board of a council code: each council lies in one board, whatever an old row says."""
    try:
        area = areas.council(council_gss)
    except KeyError:
        return None
    return area.gss, area.health_board_gss


def _point(lat: str, lon: str) -> Point | str | None:
    """The point; None when the row has none; or what is wrong with it."""
    if not lat and not lon:
        return None
    try:
        point = Point(float(lat), float(lon))
    except ValueError:
        return "Latitude and longitude must both be numbers, or both empty."
    inside = SOUTH <= point.lat <= NORTH and WEST <= point.lon <= EAST
    return point if inside else "The point does not lie in Scotland."
