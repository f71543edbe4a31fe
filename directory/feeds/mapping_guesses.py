"""Guesses a column mapping from a table's header, and carries a kept one over to a header that has changed.

A guess is only ever shown to a person, who says whether it is right.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from directory.feeds.fields import BY_NAME, FIELDS
from directory.feeds.mapping import ColumnMapping, Rule
from directory.places import postcode
from directory.places.postcode import PostcodeKind


def suggest(columns: Sequence[str], sample: Iterable[Sequence[str]] = ()) -> ColumnMapping:
    """A mapping guessed from the names of columns, and from some rows of cells where names say nothing."""
    rows = list(sample)
    found: dict[str, list[str]] = {}
    for number, column in enumerate(columns):
        cells = [row[number] for row in rows if number < len(row) and row[number]]
        name = _by_name(column, cells) or _by_cells(cells)
        if name and (BY_NAME[name].takes_several or name not in found):
            found.setdefault(name, []).append(column)
    return ColumnMapping({name: Rule(tuple(used)) for name, used in found.items()}, tuple(columns))


def _by_name(column: str, cells: Sequence[str]) -> str:
    """The field that a column's name stands for; where the name has two meanings the cells decide."""
    for each in FIELDS:
        if each.suits(column):
            if each.name == "point" and not all(map(_is_point, cells)):
                continue
            return each.name
    return ""


def _by_cells(cells: Sequence[str]) -> str:
    """The field whose cells cannot be taken for anything else."""
    if not cells:
        return ""
    if all(_is_postcode(cell) for cell in cells):
        return "postal_code"
    if all(re.fullmatch(r"(?:https?://|www\.)\S+", cell) for cell in cells):
        return "url"
    if all(re.fullmatch(r"\+?[\d ()]{10,16}", cell) for cell in cells):
        return "phone"
    return "point" if all(map(_is_point, cells)) else ""


def _is_postcode(cell: str) -> bool:
    parsed = postcode.parse(cell)
    return parsed is not None and parsed.kind is PostcodeKind.POSTCODE


def _is_point(cell: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,2}\.\d+\s*,\s*-?\d{1,2}\.\d+", cell))


def changed(mapping: ColumnMapping, columns: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Columns that were there when the mapping was made and are gone, and those that are new."""
    gone = tuple(name for name in mapping.columns if name not in columns)
    return gone, tuple(name for name in columns if name not in mapping.columns)


def carried_over(mapping: ColumnMapping, columns: Sequence[str], sample: Iterable[Sequence[str]] = ()) -> ColumnMapping:
    """A kept mapping on a new header: columns that are gone are dropped, new ones guessed for fields left without."""
    rules = {
        name: replace(rule, columns=tuple(column for column in rule.columns if column in columns))
        for name, rule in mapping.rules.items()
    }
    kept = {name: rule for name, rule in rules.items() if rule.columns or rule.constant}
    _, new = changed(mapping, columns)
    for name, rule in suggest(columns, sample).rules.items():
        found = tuple(column for column in rule.columns if column in new)
        if found and name not in kept:
            kept[name] = Rule(found)
    return replace(mapping, rules=kept, columns=tuple(columns))
