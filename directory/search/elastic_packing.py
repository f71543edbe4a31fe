"""All numbers of a service in one doc value: the server reads and sends one of those twice as fast as twenty."""

import base64
import struct
from collections.abc import Mapping
from typing import NamedTuple

from directory.search import indexed
from directory.search.index import COLUMNS

FIELD = "packed"
_NUMBERS = struct.Struct(f"<{1 + len(COLUMNS)}q")


class Packed(NamedTuple):
    """One candidate: where it lies, its number, and its columns in the order of `index.COLUMNS`."""

    held_in: str
    id: str
    key: int
    columns: tuple[int, ...]


def packed(fields: Mapping[str, object]) -> str:
    """Key, columns and id of one document (`indexed.indexed`) as base64. Raises struct.error for what is no long."""
    numbers = _NUMBERS.pack(fields["key"], *(fields[indexed.column(name)] for name in COLUMNS))
    return base64.b64encode(numbers + str(fields["id"]).encode()).decode()


def unpacked(index: str, text: str) -> Packed:
    """What `packed` gave."""
    data = base64.b64decode(text)
    key, *columns = _NUMBERS.unpack_from(data)
    return Packed(index, data[_NUMBERS.size :].decode(), key, tuple(columns))
