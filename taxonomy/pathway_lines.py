"""Where in a TOML text a thing stands, so that whoever edits one is told the line; `tomllib` keeps no lines."""

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

_HEADER = re.compile(r"\s*\[\[\s*([\w-]+)\s*\]\]")
_KEY = re.compile(r"\s*([\w-]+)\s*=")
_AT = re.compile(r"\(at line (\d+), column (\d+)\)")
_AT_END = re.compile(r"\(at end of document\)")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a text: its line, counted from 1, and what is wrong and what to do."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class FileError(ValueError):
    """A text that cannot be used: every mistake in it, in the order of its lines."""

    def __init__(self, name: str, problems: Iterable[Problem]) -> None:
        self.name = name
        self.problems = tuple(sorted(problems, key=lambda problem: problem.line))
        super().__init__(f"{name}: " + " ".join(map(str, self.problems)))


@dataclass(frozen=True, slots=True)
class Part:
    """One table of the text: its values, and where its lines begin and end. The top of the text is a part too."""

    values: dict[str, Any]
    lines: tuple[str, ...]
    first: int
    """Line number of its header, or 1."""

    def line(self, key: str = "", value: object = None) -> int:
        """The line of a key, or of a value in its list; the part's own first line when it has no such key."""
        at = next((number for number, line in enumerate(self.lines) if _is_key(line, key)), None)
        if at is None:
            return self.first
        if isinstance(value, str):
            said = (f'"{value}"', f"'{value}'")
            for number, line in enumerate(self.lines[at:], at):
                if any(quoted in line for quoted in said):
                    return self.first + number
        return self.first + at


def _is_key(line: str, key: str) -> bool:
    found = _KEY.match(line)
    return bool(key and found and found[1] == key)


def read(name: str, text: str, tables: tuple[str, ...]) -> tuple[Part, dict[str, list[Part]]]:
    """The top of a TOML text and its arrays of tables, each with its lines. Raises FileError."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise FileError(name, [_syntax(text, str(error))]) from None
    starts = _starts(text)
    lines = text.split("\n")
    ends = [start for _, start in starts[1:]] + [len(lines)]
    parts: dict[str, list[Part]] = {table: [] for table in tables}
    top = Part({key: value for key, value in raw.items() if key not in tables}, tuple(lines[: ends[0]]), 1)
    for (table, start), end in zip(starts[1:], ends[1:], strict=True):
        values = raw.get(table)
        number = len(parts.setdefault(table, []))
        if isinstance(values, list) and number < len(values) and isinstance(values[number], dict):
            parts[table].append(Part(values[number], tuple(lines[start:end]), start + 1))
    problems = [
        Problem(_line_of(text, table), f"“{table}” must be written as [[{table}]] tables.")
        for table in tables
        if table in raw and len(parts[table]) != _count(raw[table])
    ]
    problems += [
        Problem(parts[table][0].first, f"There is no part [[{table}]]{closest(table, tables)}.")
        for table in parts
        if table not in tables
    ]
    if problems:
        raise FileError(name, problems)
    return top, parts


def _count(value: object) -> int:
    return len(value) if isinstance(value, list) else -1


def _line_of(text: str, word: str) -> int:
    return next((number for number, line in enumerate(text.split("\n"), 1) if word in line), 1)


def _syntax(text: str, said: str) -> Problem:
    """The reader's own words for what is not TOML, with the line it gives."""
    at = _AT.search(said)
    line = int(at[1]) if at else max(1, len(text.split("\n")))
    plain = _AT_END.sub("", _AT.sub("", said)).strip()
    return Problem(line, f"This is not TOML: {plain[:1].lower()}{plain[1:]}. Look at the quotes, commas and brackets.")


def _starts(text: str) -> list[tuple[str, int]]:
    """The top, then each [[table]] header with its line counted from 0; text between three quotes is passed over."""
    found, quote = [("", 0)], ""
    for number, line in enumerate(text.split("\n")):
        header = None if quote else _HEADER.match(line)
        if header:
            found.append((header[1], number))
        for mark in ('"""', "'''"):
            if quote in ("", mark) and line.count(mark) % 2:
                quote = "" if quote else mark
    return found


def closest(said: str, known: Iterable[str]) -> str:
    """ "; did you mean “counselling”?" when something known is close to what was said; empty when nothing is."""
    folded = {name.casefold(): name for name in known}
    near = get_close_matches(said.casefold(), list(folded), n=1, cutoff=0.6)
    return f"; did you mean “{folded[near[0]]}”?" if near else ""
