"""Who says what of a service, field by field: whose word is shown, since when, and what the others say.

Read on demand from the rows that tell of it; the index holds nothing of this.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from directory.feeds import standing
from directory.search.field_words import FIELDS, OF_A_PLACE, Field
from directory.search.telling import Telling

STANDS: Mapping[str, str] = {
    standing.PROVIDER: "the provider itself",
    standing.SPOC: "confirmed by staff",
    standing.PAGE: "read on its own page",
    standing.REGISTER: "a public register",
    standing.FEED: "somebody else’s list",
}
"""How a source stands, in words for people."""
JOINED = frozenset({"families", "coverage"})
"""Fields for which all that is said counts together."""
NARROWER = frozenset({"age"})
"""Fields of which the narrowest statement counts, whoever makes it: the safe one."""


@dataclass(frozen=True, slots=True)
class Said:
    """One row's word on a field. `stands`: how its source stands, in words; `as_of` "" when it has no date."""

    service_id: str
    source: str
    source_name: str
    stands: str
    as_of: str
    words: str


@dataclass(frozen=True, slots=True)
class FieldWord:
    """A field that some row states. `rule` says how its word came about, where it is not simply the first's."""

    name: str
    label: str
    shown: Said
    others: tuple[Said, ...]
    chosen: bool
    """A person who merged rows chose whose word is kept."""
    rule: str = ""

    @property
    def is_disputed(self) -> bool:
        return any(each.words.casefold() != self.shown.words.casefold() for each in self.others)


def provenance(rows: Sequence[Telling]) -> tuple[FieldWord, ...]:
    """Every field that any of the rows of one service states; nothing of a place when one row withholds it."""
    hidden = any(row.is_withheld for row in rows)
    found = (_field(field, rows) for field in FIELDS if not (hidden and field.name in OF_A_PLACE))
    return tuple(each for each in found if each is not None)


def _field(field: Field, rows: Sequence[Telling]) -> FieldWord | None:
    stated = [row for row in rows if field.words(row)]
    if not stated:
        return None
    ordered = sorted(stated, key=lambda row: row.counts(field.name), reverse=True)
    chosen = field.name in ordered[0].kept
    first, *others = (_said(field, row) for row in ordered)
    return FieldWord(field.name, field.label, first, tuple(others), chosen, "" if chosen else _rule(field, stated))


def _rule(field: Field, stated: Sequence[Telling]) -> str:
    if len(stated) < 2:
        return ""
    if field.name in JOINED:
        return "All that is said counts together."
    return "The narrowest statement counts, because it is the safe one." if field.name in NARROWER else ""


def _said(field: Field, row: Telling) -> Said:
    stands = STANDS[standing.of(row.standing, row.confidence.value)]
    return Said(row.id, row.source, row.source_name, stands, row.as_of, field.words(row))
