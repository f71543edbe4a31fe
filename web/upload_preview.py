"""Shows how an upload would be read, as far as its mapping tells that before ingest has read it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from directory.feeds import fields, mapping
from directory.feeds.fields import BY_NAME, FAMILY, NAME, PLACE_HIDDEN, Shape
from directory.feeds.mapping import ColumnMapping, Said
from taxonomy import terms
from web.spreadsheet_form import LONGEST_SAMPLE, shortened

SHOWN_ROWS = 10
PLACE = frozenset(
    {"address_1", "city", "postal_code", "point", "latitude", "longitude", "phone", "text_or_chat", "url"}
)
"""What is kept out of the directory of a row whose place is confidential."""


@dataclass(frozen=True, slots=True)
class ShownRow:
    """One row as it would be read: labels with values, and what becomes of it when it does not go in as it is."""

    number: int
    name: str
    values: tuple[tuple[str, str], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows, and how many there are of which kind."""

    first: tuple[ShownRow, ...]
    rows: int
    counts: Mapping[str, int]
    """Of the notes of rows that do not go in as they are."""


def preview(chosen: ColumnMapping, table: Iterable[tuple[int, bool, Mapping[str, str]]]) -> Preview:
    """How a table would be read, by rows: number, whether it is whole, cells by column. Raises what `table` does."""
    first: list[ShownRow] = []
    counts: dict[str, int] = {}
    rows = 0
    for rows, whole, cells in table:
        said = mapping.said(chosen, cells)
        note = _note(said, whole)
        if note:
            counts[note] = counts.get(note, 0) + 1
        if rows <= SHOWN_ROWS:
            first.append(ShownRow(rows, said.first(NAME), tuple(_shown(said)), note))
    return Preview(tuple(first), rows, counts)


def _note(said: Said, whole: bool) -> str:
    if not whole:
        return "Refused, it has more or fewer cells than the header"
    if not said.first(NAME):
        return "Refused, it has no name"
    if said.outside:
        return "Left out, as you said"
    if not said.values.get(FAMILY):
        return "Put aside, no family is known for it"
    return "The place stays confidential" if mapping.is_hidden(said) else ""


def _shown(said: Said) -> Iterator[tuple[str, str]]:
    """Labels and values of a row, but for its name and for what a confidential place must not tell."""
    hidden = mapping.is_hidden(said)
    for name, found in said.values.items():
        if name in {NAME, PLACE_HIDDEN} or (hidden and name in PLACE):
            continue
        kind = BY_NAME[name]
        labels = (_label(kind.taxonomy, each) for each in found) if kind.shape is Shape.CODES else found
        yield kind.label, shortened("; ".join(labels), 3 * LONGEST_SAMPLE)


def _label(taxonomy: str, code: str) -> str:
    return dict(fields.choices(taxonomy)).get(code) or terms.load()[taxonomy].label(code)
