"""Reads the JSON of one part an item at a time: no item of a feed, however odd, is guessed at or fills the memory.

The part is cut into items by its brackets alone; each item is then read by itself, strictly. RFC 8259 leaves open what
two fields of one name, NaN, 1e400 or half a surrogate pair mean: an item with one of them is refused with the reason.
"""

import json
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from directory.errors import UnusableFile
from ingest.material import Part

DEEPEST = 64
"""Levels of brackets in an item."""
MOST_ITEMS = 100_000
"""Items of one list: a feed with more sends pages."""
LONGEST_ITEM = 5_000_000
"""Bytes: some thousand times a full service."""
LONGEST_HEAD = 1_000_000
"""Bytes of what a page says beside its list."""
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},"]', re.DOTALL)
"""A whole text, a bracket, a comma, or the quotation mark of a text without an end."""
BRACKET = re.compile(rb'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+([\[\]{}])', re.DOTALL)
"""Everything up to the next bracket that stands in no text, and the bracket."""
MEMBER = re.compile(rb'\s*("(?:[^"\\]++|\\.)*+")\s*:\s*(\[)?', re.DOTALL)
BLANK = b" \t\r\n"
BOM = b"\xef\xbb\xbf"
OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
LISTS = ("contents", "content", "data", "results", "services")
"""What feeds call the list of a page."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a part, from 1. `value` is what it holds; None with a `problem`, in words that never repeat it."""

    number: int
    value: Any
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A part cut into items. `head` is what a page says beside its list; `paged` False: a bare list, or one object."""

    head: Mapping[str, Any]
    paged: bool
    data: bytes
    spans: Sequence[int]
    """Start and end of each item in `data`, one after the other."""

    def __len__(self) -> int:
        return len(self.spans) // 2

    def items(self) -> Iterator[Item]:
        """Each item, read when it is asked for."""
        for at in range(0, len(self.spans), 2):
            yield _item(at // 2 + 1, self.data[self.spans[at] : self.spans[at + 1]])


class _Odd(ValueError):
    """Why a piece of JSON cannot be used."""


def read(part: Part, lists: Sequence[str] = LISTS) -> Document:
    """A bare list, a page (an object whose list has one of these names) or one object, as items.

    Raises UnusableFile: not UTF-8 JSON, cut short, more than MOST_ITEMS items, or a page whose own fields are broken.
    """
    data = part.data()
    if data.startswith(OTHER_BOMS):
        raise UnusableFile(f"{part.name} is not UTF-8 text.", "Ask its publisher for JSON in UTF-8.")
    start = len(BOM) if data.startswith(BOM) else 0
    while data[start : start + 1] and data[start : start + 1] in BLANK:
        start += 1
    try:
        if data[start : start + 1] == b"[":
            return Document({}, False, data, _whole_list(data, start))
        if data[start : start + 1] == b"{":
            return _object(data, start, lists)
    except _Odd as problem:
        raise UnusableFile(f"{part.name} is not JSON that can be used: {problem}.", "Fetch it again.") from problem
    raise UnusableFile(
        f"{part.name} is {'not JSON: it holds no list and no object' if data.strip() else 'empty'}.",
        "Is it the address of the feed's data, and not of a page for people?",
    )


def _whole_list(data: bytes, start: int) -> "array[int]":
    spans, end = _cut(data, start, MOST_ITEMS)
    _nothing_after(data, end)
    return spans


def _object(data: bytes, start: int, lists: Sequence[str]) -> Document:
    """A page, when one of its fields is a list of that name; else one object, which is the only item."""
    members, end = _cut(data, start, MOST_ITEMS)
    _nothing_after(data, end)
    found: tuple[int, int] | None = None
    for at in range(0, len(members), 2):
        name = MEMBER.match(data, members[at], members[at + 1])
        if name and name[2] and json.loads(name[1]) in lists:
            if found:
                raise _Odd("it has two lists of services")
            found = (at, name.end() - 1)
    if found is None:
        _value(data[start:end])
        return Document({}, False, data, array("Q", (start, end)))
    at, opening = found
    spans, closing = _cut(data, opening, MOST_ITEMS)
    if data[closing : members[at + 1]].strip(BLANK):
        raise _Odd("something stands behind its list")
    rest = [data[members[n] : members[n + 1]] for n in range(0, len(members), 2) if n != at]
    if sum(map(len, rest)) > LONGEST_HEAD:
        raise _Odd("what it says beside its list is too long")
    return Document(_value(b"{" + b",".join(rest) + b"}"), True, data, spans)


def _nothing_after(data: bytes, end: int) -> None:
    if data[end:].strip(BLANK):
        raise _Odd("something stands behind its end")


def _cut(data: bytes, start: int, most: int) -> "tuple[array[int], int]":
    """Where each item inside the bracket at `start` begins and ends, and where the bracket's own end is."""
    spans = array("Q")
    begins = at = start + 1
    while token := TOKEN.search(data, at):
        at = token.end()
        sign = token[0][:1]
        if sign == b'"':
            if len(token[0]) == 1:
                raise _Odd("a text in it has no end")
        elif sign in b"[{":
            at = _behind(data, at)
        elif sign != b"," or len(spans) // 2 + 1 >= most:
            return _closed(data, start, spans, begins, token.start(), sign)
        else:
            spans.extend((begins, token.start()))
            begins = at
    raise _Odd("it is cut short")


def _behind(data: bytes, at: int) -> int:
    """Where the bracket that was opened before `at` has been closed."""
    depth = 1
    while depth:
        found = BRACKET.match(data, at)
        if found is None:
            raise _Odd("it is cut short")
        at = found.end()
        depth += 1 if found[1] in b"[{" else -1
    return at


def _closed(
    data: bytes, start: int, spans: "array[int]", begins: int, end: int, sign: bytes
) -> "tuple[array[int], int]":
    if sign == b",":
        raise _Odd(f"its list has more than {MOST_ITEMS:,} items")
    if data[start : start + 1] + sign not in (b"[]", b"{}"):
        raise _Odd("its brackets do not fit each other")
    if spans or data[begins:end].strip(BLANK):
        spans.extend((begins, end))
    return spans, end + 1


def _item(number: int, data: bytes) -> Item:
    try:
        if len(data) > LONGEST_ITEM:
            raise _Odd(f"it is longer than {LONGEST_ITEM // 1_000_000} MB")
        return Item(number, _value(data))
    except _Odd as problem:
        return Item(number, None, str(problem))


def _value(data: bytes) -> Any:
    """Raises _Odd, in words that do not repeat the data."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise _Odd("it is not UTF-8 text") from None
    try:
        value = json.loads(text, object_pairs_hook=_fields, parse_constant=_no_number, parse_float=_finite)
    except RecursionError:
        raise _Odd(f"it is nested deeper than {DEEPEST} levels") from None
    except _Odd:
        raise
    except ValueError as problem:
        reason = problem.msg if isinstance(problem, json.JSONDecodeError) else "a number with too many digits"
        raise _Odd(f"it is not JSON ({reason})") from None
    _check(value)
    return value


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _Odd("it has two fields of the same name")
    return found


def _no_number(word: str) -> Any:
    raise _Odd(f"it holds {word}, which is no number of JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise _Odd("a number is too large")
    return number


def _check(value: Any) -> None:
    """Raises _Odd for a value nested too deep, or a text with a sign that no text has."""
    level = [value]
    for _ in range(DEEPEST + 1):
        for text in level:
            if isinstance(text, str):
                _check_text(text)
        inner = [one for one in level if isinstance(one, dict | list)]
        if not inner:
            return
        level = [each for one in inner for each in (one if isinstance(one, list) else (*one, *one.values()))]
    raise _Odd(f"it is nested deeper than {DEEPEST} levels")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise _Odd("a text holds the sign NUL")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise _Odd("a text holds half of a pair of signs (a lone surrogate)") from None
