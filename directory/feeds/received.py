"""A file as it was handed over, packed by us or not: opened a piece at a time, never past its limit."""

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from directory.errors import UnusableFile

LIMIT_BYTES = 100_000_000
"""The largest file we unpack (security.md row 25): 100 MB, some fifty times the biggest register we know."""
START_BYTES = 64 * 1024
PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Received:
    """One file on disk. Its path ends in .gz when the bytes are packed; `name` is what people know it by."""

    path: Path
    name: str

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked. Raises UnusableFile, also for what goes wrong while it is read."""
        if self.path.is_dir():
            raise UnusableFile(f"{self.name} is a folder.", "Name one file with --from.")
        packed = self.path.suffix == ".gz"
        try:
            with cast("IO[bytes]", gzip.open(self.path)) if packed else self.path.open("rb") as opened:
                yield opened
        except FileNotFoundError as error:
            raise UnusableFile(f"There is no file {self.path}.", "Check the path given with --from.") from error
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise UnusableFile(f"{self.name} is not a whole gzip file.", "Fetch it again.") from error
        except OSError as error:
            raise UnusableFile(f"{self.name} cannot be read: {error.strerror}.", "Check its permissions.") from error

    def start(self) -> bytes:
        """Its first 64 KB."""
        with self.opened() as opened:
            return opened.read(START_BYTES)

    def pieces(self) -> Iterator[bytes]:
        """All its bytes, in pieces of up to 1 MB. Raises UnusableFile once there are too many."""
        size = 0
        with self.opened() as opened:
            while piece := opened.read(PIECE_BYTES):
                size += len(piece)
                if size > LIMIT_BYTES:
                    raise UnusableFile(f"{self.name} is over {LIMIT_BYTES // 1_000_000} MB unpacked.", "Split it.")
                yield piece
