"""The spreadsheet by which a partner changes many services at once: its columns, a cell read, and the file to fill in.

A cell says what a person would type into the page of that field, so that both are read by the same rules
(`service_reading`). An empty cell says nothing: the field stays as it is.
"""

import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from directory.editing import checking, fields
from directory.errors import BadInput
from directory.feeds import fields as words
from directory.feeds.mapping import listed
from directory.opening import DAYS, NAMES
from directory.places import areas
from directory.places.reading import fold
from directory.values import Visibility
from taxonomy import terms
from web import service_form
from web.service_form import ANY, NONE, SCOTLAND, SOME, STATED, Typed

Names = dict[str, tuple[str, ...]]
"""What a form would hold, by the name of its field."""
NUMBER, NAME, NOTHING = "Our number", "Name of the service", "none"
EVERYWHERE = "Scotland"
PLACES = {
    "yes": Visibility.EXACT.value,
    "no": Visibility.AREA_ONLY.value,
    "confidential": Visibility.UNDISCLOSED.value,
}
"""What the column about its place may say; the third keeps every address of that row out of the record."""
FULL_ROWS = 200
"""Rows of the sheet whose cells are kept as text, so that no figure loses its first 0."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: which field of a service it is of, how its cell shows the record, and what a cell says."""

    label: str
    field: str
    about: str
    shown: Callable[[Mapping[str, Any], Typed], str]
    said: Callable[[str], Names]


def _plain(label: str, name: str, about: str = "") -> Column:
    return Column(
        label, name, about, lambda values, _: str(values[name]), lambda cell: {name: ("" if _empty(cell) else cell,)}
    )


def _coded(label: str, name: str, taxonomy: str, about: str, known: str = "") -> Column:
    def shown(values: Mapping[str, Any], _: Typed) -> str:
        return "; ".join(terms.load()[taxonomy].label(code) for code in values[name])

    def said(cell: str) -> Names:
        found = () if _empty(cell) else tuple(_codes(taxonomy, cell, label))
        return {name: found} | ({known: (SOME if found else service_form.UNKNOWN,)} if known else {})

    return Column(label, name, about, shown, said)


def _codes(taxonomy: str, cell: str, label: str) -> Iterable[str]:
    for piece in listed(cell):
        code = words.code(taxonomy, piece)
        if not code:
            raise BadInput(f"{label}: a word is none of ours.", "Copy it from the sheet “Words we know”.", label)
        yield code


def _harms_shown(values: Mapping[str, Any], _: Typed) -> str:
    named = "; ".join(terms.load()["harm"].label(code) for code in values["harms"])
    return "any harm" if values["any_harm"] else named


def _harms(cell: str) -> Names:
    if fold(cell) in {"any", "any harm"}:
        return {"harm_known": (ANY,), "harms": ()}
    found = () if _empty(cell) else tuple(_codes("harm", cell, "Harms"))
    return {"harms": found, "harm_known": (SOME if found else service_form.UNKNOWN,)}


def _age(label: str, name: str) -> Column:
    def said(cell: str) -> Names:
        if fold(cell) in {"any", "any age"}:
            return {"age_known": (NONE,), "minimum": ("",), "maximum": ("",)}
        return {"age_known": (STATED,), name: ("" if _empty(cell) else cell,)}

    return Column(label, "age", "In years, or any", lambda _, form: form[name] or _any(form), said)


def _any(form: Typed) -> str:
    return "any" if form["age_known"] == NONE else ""


def _gender(cell: str) -> Names:
    code = words.code("gender", cell)
    if not code:
        raise BadInput("Gender: this cannot be read.", "Write anybody, women and girls, or men and boys.", "Gender")
    return {"gender_known": (NONE if code == "any" else code,)}


def _gender_shown(_: Mapping[str, Any], form: Typed) -> str:
    return {"female": "women and girls", "male": "men and boys", NONE: "anybody"}.get(form["gender_known"], "")


def _areas(cell: str) -> Names:
    if fold(cell) in {"scotland", "all of scotland"}:
        return {"coverage_known": (SCOTLAND,), "areas": ()}
    try:
        found = tuple(areas.council(piece).gss for piece in listed(cell))
    except KeyError:
        advice = f"Copy the names from “Words we know”, or write {EVERYWHERE}."
        raise BadInput("Areas: one of these is no council area of Scotland.", advice, "Areas") from None
    return {"coverage_known": (STATED,), "areas": found}


def _areas_shown(values: Mapping[str, Any], _: Typed) -> str:
    return "; ".join(
        EVERYWHERE if code == fields.NATION else areas.council_name(code) for code in values["coverage"]["areas"]
    )


def _place(cell: str) -> Names:
    chosen = PLACES.get(fold(cell), "")
    if not chosen:
        raise BadInput("Whether its place is public: this cannot be read.", f"Write {', '.join(PLACES)}.", "premises")
    return {"visibility": (chosen,)}


def _place_shown(_: Mapping[str, Any], form: Typed) -> str:
    return next((word for word, code in PLACES.items() if code == form["visibility"]), "")


def _line(label: str, name: str, about: str = "") -> Column:
    return Column(
        label, "premises", about, lambda _, form: form[name], lambda cell: {name: ("" if _empty(cell) else cell,)}
    )


def _day(label: str, day: str) -> Column:
    def said(cell: str) -> Names:
        closed = fold(cell) in {"closed", NOTHING}
        return {"hours_known": (STATED,), f"hours_{day}": ("" if closed else cell,)}

    return Column(label, "hours", "09:00 to 17:00, or closed", lambda _, form: form[f"hours_{day}"], said)


def _languages(cell: str) -> Names:
    by_name = {fold(label): code for code, label in fields.LANGUAGES.items()}
    found = [by_name.get(fold(piece), "") for piece in listed(cell)]
    if not all(found):
        raise BadInput("Languages: one is not on our list.", "Copy it from “Words we know”.", "Languages")
    return {"languages": tuple(found)}


def _empty(cell: str) -> bool:
    return fold(cell) == NOTHING


COLUMNS: tuple[Column, ...] = (
    _plain(NAME, "name", "Needed for a new one"),
    _plain("What it calls itself", "kind", "In plain words"),
    _plain("Description", "description", "What it does, in a sentence or two"),
    _coded("Families of services", "families", "family", "The main one first", ""),
    _coded("Helps with", "needs", "need", "From “Words we know”"),
    Column("Harms", "harms", "From “Words we know”, or any harm", _harms_shown, _harms),
    _coded("Who it is for", "relations", "relation", "From “Words we know”", "relations_known"),
    _age("Youngest age", "minimum"),
    _age("Oldest age", "maximum"),
    Column("Gender", "gender", "anybody, women and girls, or men and boys", _gender_shown, _gender),
    Column("Areas", "coverage", "Council areas people may come from, or Scotland", _areas_shown, _areas),
    _coded("How it works", "delivery", "delivery", "From “Words we know”"),
    Column(
        "Is its place public?", "premises", "yes, no (no address is published), or confidential (we keep no address)",
        _place_shown, _place,
    ),
    _line("Street and number", "address_1", "Leave it empty where the place is confidential"),
    _line("More of the address", "address_2"),
    _line("Town", "city"),
    _line("Postcode", "postal_code"),
    _plain("Phone", "phone", "One number, like 01632 960001"),
    _plain("Note beside the number", "phone_note"),
    _plain("Text or chat", "text_or_chat"),
    _plain("Website", "url", "https://example.org"),
    _coded("Who can refer", "referral_routes", "route", "From “Words we know”"),
    *(_day(name, day) for day, name in zip(DAYS, NAMES, strict=True)),
    Column(
        "Languages", "languages", "From “Words we know”",
        lambda values, _: "; ".join(fields.LANGUAGES.get(code, code) for code in values["languages"]), _languages,
    ),
)  # fmt: skip
BY_LABEL: Mapping[str, Column] = {fold(each.label): each for each in COLUMNS}
ALSO: Mapping[str, tuple[str, ...]] = {"harms": ("any_harm",)}
"""Fields that a column of another one says too."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """What one row says, as a form would hold it. `names`: the fields it speaks of."""

    form: Names
    names: tuple[str, ...]
    wrong: tuple[str, ...]


def header(columns: Sequence[str]) -> dict[str, Column]:
    """Our columns among those of a file, by the file's own names. Raises BadInput when it is no table of ours."""
    found = {each: BY_LABEL[fold(each)] for each in columns if fold(each) in BY_LABEL}
    if fold(NUMBER) not in map(fold, columns) or fold(NAME) not in map(fold, columns):
        raise BadInput(
            "This table has not the columns that we read.", "Fill in the file that you can download here.", "file"
        )
    return found


def overlay(cells: Mapping[str, str], columns: Mapping[str, Column]) -> Overlay:
    """A row's cells as a form; empty ones say nothing. Of a row whose place is confidential no address is taken."""
    form: Names = {}
    names: dict[str, None] = {}
    wrong: list[str] = []
    for label, column in columns.items():
        cell = cells.get(label, "").replace("\0", "").strip()
        if not cell:
            continue
        try:
            said = column.said(cell)
        except BadInput as error:
            wrong.append(str(error))
            continue
        if form.get("age_known") == (NONE,):
            said = {name: value for name, value in said.items() if name not in {"age_known", "minimum", "maximum"}}
        form |= said
        names |= dict.fromkeys((column.field, *ALSO.get(column.field, ())))
    if form.get("visibility") == (Visibility.UNDISCLOSED.value,):
        form = {name: value for name, value in form.items() if name not in checking.ADDRESS}
    return Overlay(form, tuple(names), tuple(wrong))


def workbook(services: Iterable[tuple[str, Mapping[str, Any]]]) -> bytes:
    """The file to fill in: a row for each service (its id and values), a sheet that explains, one of our words."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Services"
    _row(sheet, [NUMBER, *(each.label for each in COLUMNS)])
    for own, values in services:
        form = service_form.of_values(values)
        _row(sheet, [own, *(each.shown(values, form) for each in COLUMNS)])
    _finish(sheet)
    for number in range(1, len(COLUMNS) + 2):
        for line in range(2, FULL_ROWS):
            sheet.cell(line, number).number_format = "@"
    about = book.create_sheet("How to fill it in")
    _row(about, ["Column", "What goes into it"])
    _row(about, [NUMBER, "Leave it as it is. Leave it empty for a new service."])
    _row(about, ["Every column", f"An empty cell changes nothing. Write {NOTHING} to take out what we show."])
    for each in COLUMNS:
        _row(about, [each.label, each.about])
    _finish(about)
    known = book.create_sheet("Words we know")
    _row(known, ["Column", "Words; a cell may have several, parted by semicolons"])
    for label, word in _words():
        _row(known, [label, word])
    _finish(known)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _words() -> Iterable[tuple[str, str]]:
    coded = (
        ("Families of services", "family"), ("Helps with", "need"), ("Harms", "harm"), ("Who it is for", "relation"),
        ("How it works", "delivery"), ("Who can refer", "route"),
    )  # fmt: skip
    for label, taxonomy in coded:
        yield from ((label, term.label) for term in terms.load()[taxonomy].current())
    yield "Areas", EVERYWHERE
    yield from (("Areas", area.name) for area in sorted(areas.councils(), key=lambda area: area.name))
    yield from (("Languages", label) for label in fields.LANGUAGES.values())


def _row(sheet: Worksheet, cells: Sequence[str]) -> None:
    """A line of text: what begins like a formula stays the words it is."""
    sheet.append([ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in cells])
    for cell in sheet[sheet.max_row]:
        if cell.value is not None:
            cell.data_type = "s"


def _finish(sheet: Worksheet) -> None:
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[get_column_letter(cell.column)].width = 28
    sheet.freeze_panes = "B2"
