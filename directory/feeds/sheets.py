"""Reads a table that a person or a publisher made: CSV in any of its dialects, XLSX or ODS, a row at a time.

A file is looked at as a whole before its first row is given: size, encoding, what a workbook holds. What is then found
to be broken further down is told when the reading gets there.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from directory.errors import UnusableFile
from directory.feeds import delimited, workbook
from directory.feeds.received import Received

MOST_ROWS = 200_000
MOST_COLUMNS = 500
FROM_PUBLISHER = "Get the file again from its publisher."
HEADER_WITHIN = 20
"""Filled rows among which the header is: lists begin with a title, a date or a note."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row below the header, blank rows not counted: `number` is 1 for the first. Cells are stripped, as many as
    there are columns; `whole` is False when the file has more or fewer."""

    number: int
    cells: tuple[str, ...]
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table. `rows` can be gone through once; what is broken further down raises UnusableFile there."""

    columns: tuple[str, ...]
    rows: Iterator[SheetRow]
    name: str = ""
    """Of the sheet that was read; "" for a CSV."""
    sheets: tuple[str, ...] = ()
    """Names of all sheets of the workbook."""


def read(path: Path, name: str = "", sheet: str = "") -> Sheet:
    """The table in a file, unpacked if its path ends in .gz. `name` is what people know the file by; `sheet` chooses
    one of a workbook, the first with anything in it when it is empty.

    Raises UnusableFile: absent, a folder, empty, too large, of no known kind, or cut short.
    """
    received = Received(path, name or path.name)
    start = received.start()
    if not start.strip():
        raise UnusableFile(f"{received.name} is empty.", FROM_PUBLISHER)
    if start.startswith(workbook.ZIP):
        book = workbook.read(received, sheet)
        return _sheet(received, book.rows, book.name, book.sheets)
    if start.startswith(workbook.OLD):
        raise UnusableFile(
            f"{received.name} is an old Excel file, or one with a password.", "Save it as XLSX without a password."
        )
    return _sheet(received, delimited.rows(received))


def _sheet(received: Received, lines: Iterable[Sequence[str]], name: str = "", names: tuple[str, ...] = ()) -> Sheet:
    filled = (line for line in (_stripped(line) for line in lines) if any(line))
    first = list(islice(filled, HEADER_WITHIN))
    if not first:
        what = f"The sheet “{name}” of {received.name}" if name else received.name
        raise UnusableFile(f"{what} is empty.", FROM_PUBLISHER)
    at = _header_at(first)
    header = first[at]
    while header and not header[-1] and not any(len(line) >= len(header) and line[-1] for line in first[at + 1 :]):
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise UnusableFile(
            f"{received.name} has {len(header):,} columns; {MOST_COLUMNS} is the most.", "Leave out those not needed."
        )
    below = chain(first[at + 1 :], filled)
    opening = next(below, None)
    if opening is None:
        raise UnusableFile(f"{received.name} has a header and no rows.", FROM_PUBLISHER)
    return Sheet(tuple(_named(header)), _rows(received, len(header), chain([opening], below)), name, names)


def _rows(received: Received, width: int, lines: Iterable[list[str]]) -> Iterator[SheetRow]:
    for number, line in enumerate(lines, start=1):
        if number > MOST_ROWS:
            raise UnusableFile(f"{received.name} has over {MOST_ROWS:,} rows.", "Split it into several files.")
        whole = len(line) == width or (len(line) > width and not any(line[width:]))
        yield SheetRow(number, tuple(line[:width]) + ("",) * (width - len(line)), whole)


def _stripped(line: Sequence[str]) -> list[str]:
    return [cell.replace("\r\n", "\n").replace("\r", "\n").strip() for cell in line]


def _header_at(first: Sequence[list[str]]) -> int:
    """The first row that is at least half as full as the fullest: titles and notes fill a cell or two."""
    full = [sum(map(bool, line)) for line in first]
    return next(at for at, count in enumerate(full) if 2 * count >= max(full))


def _named(header: Sequence[str]) -> Iterator[str]:
    """Column names on one line each, none blank and none twice."""
    seen: Counter[str] = Counter()
    taken = {" ".join(cell.split()) for cell in header}
    for number, cell in enumerate(header, start=1):
        name = " ".join(cell.split()) or f"Column {number}"
        seen[name] += 1
        again = seen[name]
        while again > 1 and f"{name} ({again})" in taken:
            again += 1
        yield f"{name} ({again})" if again > 1 else name
