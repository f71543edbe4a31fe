"""A table to fill in for those who have no list yet: empty columns that are mapped by their names alone, and in the
workbook a sheet of explanations and one of the words we know."""

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from directory.feeds import fields
from directory.feeds.fields import FIELDS, PLACE_HIDDEN, Shape
from directory.places import areas

LEFT_OUT = frozenset({"point", "latitude", "longitude", "minimum_age", "maximum_age"})
"""Fields that a template asks for in another way, or that the postcode tells."""
ROWS = 1_000
"""How far down the choices of a cell reach."""
WIDE, NARROW = 44, 20


def columns() -> tuple[str, ...]:
    """The header of the template."""
    return tuple(each.label for each in FIELDS if each.name not in LEFT_OUT)


def csv_text() -> str:
    """The header as CSV, with the mark by which Excel knows UTF-8."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow(columns())
    return f"\ufeff{out.getvalue()}"


def xlsx() -> bytes:
    """The template as a workbook of three sheets."""
    book = Workbook()
    services = book.active
    services.title = "Services"
    _fill(services, [columns()], WIDE // 2)
    _choices(services)
    _fill(
        book.create_sheet("How to fill it in"),
        [("Column", "What goes into it", "For example"), *((f.label, f.about, f.example) for f in _asked())],
        WIDE,
    )
    _fill(book.create_sheet("Words we know"), list(_words()), WIDE)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _asked() -> Iterable[fields.Field]:
    return (each for each in FIELDS if each.name not in LEFT_OUT)


def _words() -> Iterable[tuple[str, str]]:
    """Every word of the coded columns, and the council areas."""
    yield "Column", "Words we know, of which a cell may have several parted by semicolons"
    for each in _asked():
        if each.shape is Shape.CODES:
            yield from ((each.label, label) for _, label in fields.choices(each.taxonomy))
    yield from ((fields.BY_NAME[fields.AREA].label, area.name) for area in areas.councils())
    yield fields.BY_NAME[fields.AREA].label, "Scotland"


def _fill(sheet: Worksheet, lines: Sequence[Sequence[str]], width: int) -> None:
    for line in lines:
        sheet.append(list(line))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(cell.column)].width = width
    sheet.freeze_panes = "A2"


def _choices(sheet: Worksheet) -> None:
    """Cells of yes and no offer them; a cell of several words cannot."""
    for number, each in enumerate(_asked(), start=1):
        if each.name == PLACE_HIDDEN:
            letter = get_column_letter(number)
            offered = DataValidation(type="list", formula1='"yes,no"', allow_blank=True)
            offered.add(f"{letter}2:{letter}{ROWS}")
            sheet.add_data_validation(offered)
