"""Which column of somebody's table goes into which field of ours: made once by a person, on a page or in a file.

It takes rows apart into words by field and no further: what a phone number or an area is, ingest reads.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from directory.errors import UnusableFile
from directory.feeds import fields
from directory.feeds.fields import AREA, BY_NAME, FAMILY, NAME, PLACE_HIDDEN, Field, Shape
from directory.places import areas
from directory.places.reading import fold

OUTSIDE = "outside"
"""Instead of a code: a row with these words is outside the families that this directory holds."""
NOT_KNOWN = "not known"
"""Instead of an area: the list does not say whom it serves. It is then asked, never taken for everywhere."""
NO_WORDS = frozenset({"", "no", "n", "false", "0", "none", "not confidential"})
LIST_SIGNS = re.compile(r"\s*[;|\n]\s*")


@dataclass(frozen=True, slots=True)
class Rule:
    """How one field is filled."""

    columns: tuple[str, ...] = ()
    constant: str = ""
    """Said of every row whose cells are blank: words, or codes parted by semicolons."""
    words: tuple[tuple[str, str], ...] = ()
    """Words → codes (or OUTSIDE, or "" for none). The first whose words stand in the cell counts; "" is any cell."""
    parted: bool = False
    """Whether a cell is a list, parted by semicolons, strokes or lines, whose every value must be such words whole."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """The rules by field, and the header they were made for."""

    rules: Mapping[str, Rule] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sheet: str = ""
    """Of a workbook; "" is the first that has anything in it."""
    council: str = ""
    """GSS code of the council area that "city wide" and "north" are parts of."""
    register: bool = False
    """Whether it is a public body's own list: its facts then count as a register's."""

    def used(self) -> frozenset[str]:
        """The columns that go anywhere."""
        return frozenset(name for rule in self.rules.values() for name in rule.columns)


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says, by field. `unread` are words of coded fields that are no term of ours."""

    values: Mapping[str, tuple[str, ...]]
    unread: Mapping[str, tuple[str, ...]]
    outside: str = ""
    """The words that leave the row out of this directory; "" for a row that is in."""

    def first(self, name: str) -> str:
        """The field's only value, "" when it has none."""
        return next(iter(self.values.get(name, ())), "")


@dataclass(frozen=True, slots=True)
class Problem:
    """What keeps a mapping from being used, at its field."""

    field: str
    message: str


def said(mapping: ColumnMapping, cells: Mapping[str, str]) -> Said:
    """A row's words by field, blank fields left out; `cells` by column."""
    values: dict[str, tuple[str, ...]] = {}
    unread: dict[str, tuple[str, ...]] = {}
    outside = ""
    for name, rule in mapping.rules.items():
        kind = BY_NAME[name]
        text = kind.joined.join(cells[column] for column in rule.columns if cells.get(column)) or rule.constant
        if kind.shape is not Shape.CODES:
            values[name] = (text,) if text else ()
            continue
        found, unread[name] = _codes(kind, rule, text)
        if name == FAMILY and set(found) == {OUTSIDE} and not unread[name]:
            outside = text
        values[name] = tuple(dict.fromkeys(code for code in found if code != OUTSIDE))
    return Said(
        {name: found for name, found in values.items() if found},
        {name: words for name, words in unread.items() if words},
        outside,
    )


def is_hidden(said: Said) -> bool:
    """Whether the row keeps its place confidential: a word that is not plainly no counts as yes."""
    return fold(said.first(PLACE_HIDDEN)) not in NO_WORDS


def _codes(kind: Field, rule: Rule, text: str) -> tuple[list[str], tuple[str, ...]]:
    """The codes in a cell, and the words of it that are no term of ours."""
    if not rule.words or (rule.constant and text == rule.constant):
        return _terms(kind.taxonomy, text)
    found: list[str] = []
    unread: list[str] = []
    for piece in listed(text) if rule.parted else [text]:
        hit = _meant(rule, fold(piece))
        codes, odd = _terms(kind.taxonomy, piece) if hit is None else (listed(hit), ())
        found += codes
        unread += odd
    return found, tuple(unread)


def _meant(rule: Rule, said: str) -> str | None:
    """What the rule says that folded words mean; None when it says nothing of them."""
    if rule.parted:
        return next((code for words, code in rule.words if fold(words) == said), None)
    return next((code for words, code in rule.words if not words or f" {fold(words)} " in f" {said} "), None)


def _terms(taxonomy: str, text: str) -> tuple[list[str], tuple[str, ...]]:
    """Codes by the labels of our own vocabulary, some of which have commas in them."""
    found: list[str] = []
    unread: list[str] = []
    for piece in listed(text):
        for part in (piece,) if fields.code(taxonomy, piece) else re.split(r"\s*,\s*", piece):
            if code := fields.code(taxonomy, part):
                found.append(code)
            elif part:
                unread.append(part)
    return found, tuple(unread)


def listed(text: str) -> list[str]:
    """The values of a cell that holds several."""
    return [piece for piece in LIST_SIGNS.split(text.strip()) if piece]


def check(mapping: ColumnMapping, columns: Collection[str]) -> list[Problem]:
    """Everything that keeps the mapping from being used on a table with these columns."""
    found = [Problem(NAME, "Choose the column that holds the name of the service.")] if _empty(mapping, NAME) else []
    if _empty(mapping, FAMILY):
        found.append(Problem(FAMILY, "Choose a family for the whole list, or the column that tells it for each row."))
    if _empty(mapping, AREA):
        said = "Say which area the list serves, choose the column that tells it, or say that it is not known."
        found.append(Problem(AREA, said))
    for name, rule in mapping.rules.items():
        if name not in BY_NAME:
            found.append(Problem(name, f"There is no field {name!r}."))
            continue
        gone = [column for column in rule.columns if column not in columns]
        if gone:
            found.append(Problem(name, f"The table has no column “{'”, “'.join(gone)}”."))
        found += _wrong_codes(name, rule)
    if mapping.council and not _is_council(mapping.council):
        found.append(Problem("council", "Choose a council area of Scotland."))
    return found


def _empty(mapping: ColumnMapping, name: str) -> bool:
    rule = mapping.rules.get(name)
    return rule is None or not (rule.columns or rule.constant)


def _wrong_codes(name: str, rule: Rule) -> Iterable[Problem]:
    kind = BY_NAME[name]
    if kind.shape is not Shape.CODES:
        return
    codes = [*listed(rule.constant), *(code for _, said in rule.words for code in listed(said))]
    for code in codes:
        if not fields.code(kind.taxonomy, code) and not (name == FAMILY and code == OUTSIDE):
            yield Problem(name, f"“{code}” is no word of our vocabulary.")


def _is_council(said: str) -> bool:
    try:
        areas.council(said)
    except KeyError:
        return False
    return True


def to_json(mapping: ColumnMapping) -> dict[str, Any]:
    """The mapping as `Source.options["mapping"]` keeps it."""
    plain: dict[str, Any] = msgspec.to_builtins(mapping)
    return plain


def from_json(plain: object) -> ColumnMapping:
    """The mapping again. Raises UnusableFile for anything else."""
    try:
        return msgspec.convert(plain, ColumnMapping)
    except msgspec.ValidationError as error:
        raise UnusableFile("The column mapping of this source cannot be read.", "Map its columns anew.") from error
