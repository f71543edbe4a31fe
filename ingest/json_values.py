"""Takes values out of other people's JSON objects: what is of another type than it should be is left out and said."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ingest import html_words, people
from ingest.cells import Notes

LONGEST = 20_000
"""Characters of one text that are read."""
MOST_ENTRIES = 200
"""Entries of one list that are read."""
NO_VALUE = frozenset({"", "null", "none", "n/a", "na", "nil", "unknown", "tbc", "-", "undefined"})
TRUE, FALSE = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0", ""})
OLDEST_YEAR = 1990


@dataclass(frozen=True, slots=True)
class Fields:
    """One JSON object, and where it stands in its row ("organization"); its notes go to the row's."""

    values: Mapping[str, Any]
    notes: Notes
    path: str = ""
    _texts: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What `text` has read: cleaning HTML costs more than all else."""

    def where(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def text(self, *names: str) -> str:
        """The first of these fields that holds words, HTML taken off, on one line; "" when none does."""
        for name in names:
            if self.values.get(name) in (None, ""):
                continue
            if name not in self._texts:
                self._texts[name] = self._text(name)
            if said := self._texts[name]:
                return said
        return ""

    def _text(self, name: str) -> str:
        value = self.values[name]
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.notes.leave_out(self.where(name), "not a text")
            return ""
        said = str(value)[:LONGEST]
        if not (said.isascii() and said.isprintable()) or "<" in said or "&" in said:
            said = html_words.plain(said)
        said = " ".join(said.split())
        return "" if said == name or said.casefold() in NO_VALUE else said

    def words(self, *names: str) -> str:
        """As `text`, without persons and mailboxes, which are counted."""
        said = self.text(*names)
        if not said:
            return ""
        cleaned = people.taken_out(said)
        if cleaned.persons:
            self.notes.leave_out(self.where(names[0]), "a person's name was taken out")
        if cleaned.emails:
            self.notes.leave_out(self.where(names[0]), "an e-mail address was taken out")
        return cleaned.text

    def number(self, *names: str) -> float | None:
        """The first of these fields that holds a number, or a text that is one."""
        for name in names:
            value = self.values.get(name)
            if value is None or value == "":
                continue
            try:
                if not isinstance(value, bool) and isinstance(value, str | int | float):
                    return float(value)
            except (ValueError, OverflowError):
                pass
            self.notes.leave_out(self.where(name), "not a number")
        return None

    def flag(self, *names: str) -> bool:
        """Whether any of these fields says yes; a word that is neither yes nor no counts as yes."""
        for name in names:
            value = self.values.get(name)
            if value is None or value is False or str(value).strip().casefold() in FALSE:
                continue
            return True
        return False

    def day(self, latest: str, *names: str) -> str:
        """The first of these fields that holds a date from OLDEST_YEAR to `latest` ("2026-11-22"), as "2025-03-15"."""
        for name in names:
            said = self.text(name)
            if not said:
                continue
            found = iso_day(said)
            if found and f"{OLDEST_YEAR}" <= found and (not latest or found <= latest):
                return found
            self.notes.leave_out(self.where(name), "not a date, or one that cannot be")
        return ""

    def object(self, *names: str) -> "Fields":
        """The first of these fields that holds an object; an empty one when none does."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, dict):
                return Fields(value, self.notes, self.where(name))
            if value not in (None, "", []):
                self.notes.leave_out(self.where(name), "not an object")
        return Fields({}, self.notes, self.where(names[0]))

    def objects(self, *names: str) -> Iterator["Fields"]:
        """The objects in the lists of all these fields; one object alone counts as a list of it."""
        for name in names:
            value = self.values.get(name)
            if isinstance(value, dict):
                yield Fields(value, self.notes, self.where(name))
            elif isinstance(value, list):
                if len(value) > MOST_ENTRIES:
                    self.notes.leave_out(self.where(name), f"more than {MOST_ENTRIES} entries: the rest was not read")
                for each in value[:MOST_ENTRIES]:
                    if isinstance(each, dict):
                        yield Fields(each, self.notes, self.where(name))
                    elif each is not None:
                        self.notes.leave_out(self.where(name), "an entry that is no object")
            elif value not in (None, ""):
                self.notes.leave_out(self.where(name), "not a list")

    def __bool__(self) -> bool:
        return bool(self.values)


def iso_day(said: str) -> str:
    """ "2025-03-15" of "2025-03-15T10:30:45Z" or "15/03/2025 00:00:00"; "" for what is no date."""
    day = said[:10]
    if day[2:3] == day[5:6] == "/":
        day = f"{day[6:]}-{day[3:5]}-{day[:2]}"
    try:
        return date.fromisoformat(day).isoformat()
    except ValueError:
        return ""
