"""Files of values one after the other (msgpack), so that a source of 100,000 rows never lies in memory as a whole."""

import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Generic, TypeVar

import msgspec

Value = TypeVar("Value")
LENGTH = struct.Struct(">I")


class Spool(Generic[Value]):
    """Values of one type, written once to a new file only we may read, then read as often as wanted."""

    def __init__(self, path: Path, kind: type[Value]) -> None:
        self.path = path
        self.count = 0
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._file = None if path.exists() else path.open("xb", buffering=1 << 20)

    def __enter__(self) -> "Spool[Value]":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def write(self, value: Value) -> None:
        """Adds one value."""
        assert self._file is not None
        data = self._encoder.encode(value)
        self._file.write(LENGTH.pack(len(data)))
        self._file.write(data)
        self.count += 1

    def flush(self) -> None:
        """What was added can be read from now on, also by another process that does not ask for more."""
        assert self._file is not None
        self._file.flush()

    def close(self) -> None:
        """Nothing can be added from now on."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __iter__(self) -> Iterator[Value]:
        """Every value, in order, after `close` or `flush`. Raises msgspec.DecodeError for a file that is not ours."""
        with self.path.open("rb", buffering=1 << 20) as file:
            while head := file.read(LENGTH.size):
                yield self._decoder.decode(file.read(LENGTH.unpack(head)[0]))
