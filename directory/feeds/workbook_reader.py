"""The small process of `workbook`: a workbook on its standard input, lines of JSON on its standard output.

It limits itself before it looks at anything, and may die of that.
"""

import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

LONGEST_CELL = 131_072
"""Characters, as for CSV; a spreadsheet itself keeps 32,767."""

Cell = int | float | str | bool | date | datetime | time | timedelta


def main(memory: int, seconds: int, wanted: str) -> None:
    """Says what the workbook is, then its rows; or, in one line, what is wrong with it."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for said in _said(wanted):
            sys.stdout.write(json.dumps(said) + "\n")
    except CalamineError:
        sys.stdout.write(json.dumps({"wrong": "workbook"}) + "\n")
    sys.stdout.flush()


def _said(wanted: str) -> Iterator[object]:
    received = open(0, "rb")  # noqa: SIM115 - it ends with the process
    received.seek(0)  # whoever opened it may have read in it
    with CalamineWorkbook.from_filelike(received) as book:
        names = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
        if wanted and wanted not in names:
            yield {"wrong": "no such sheet", "sheets": ", ".join(names)[:500]}
            return
        for name in [wanted] if wanted else names:
            sheet = book.get_sheet_by_name(name)
            if sheet.end is not None:
                break
        else:
            yield {"wrong": "nothing"}
            return
        yield {"name": name, "sheets": names}
        for row in sheet.iter_rows():
            cells = [text(cell) for cell in row]
            if any(len(cell) > LONGEST_CELL for cell in cells):
                yield {"wrong": "cell", "most": LONGEST_CELL}
                return
            yield cells


def text(cell: Cell) -> str:
    """A cell as a person would have typed it: whole numbers without ".0", days as "2026-11-22", times as "09:00"."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, time):
        return cell.isoformat("minutes")
    if isinstance(cell, timedelta):
        minutes = int(cell.total_seconds()) // 60
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    return str(cell)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
