"""What a source handed over, as received: the bytes lie on disk, so that no feed has to fit into memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, cast

from directory.errors import UnusableFile
from ingest.reading import LIMIT_BYTES, Reading


@dataclass(frozen=True, slots=True)
class Part:
    """One file, or one page of a paged feed. `path` ends in .gz when the bytes on disk are packed by us or the source.

    `name` is what people know it by ("services.csv", "page 3"); the path of a kept part says nothing.
    """

    name: str
    path: Path
    url: str = ""
    content_type: str = ""

    def open(self) -> IO[bytes]:
        """Its bytes, unpacked, to be read a piece at a time; the caller closes it. Raises UnusableFile."""
        try:
            return cast("IO[bytes]", gzip.open(self.path)) if self.path.suffix == ".gz" else self.path.open("rb")
        except OSError as error:
            raise UnusableFile(f"{self.name} cannot be read: {error.strerror}.", "Fetch it again.") from error

    def data(self, most_bytes: int = LIMIT_BYTES) -> bytes:
        """All its bytes, unpacked. Raises UnusableFile when there are more, or when it is cut short."""
        try:
            with self.open() as opened:
                found = opened.read(most_bytes + 1)
        except (EOFError, OSError, zlib.error) as error:
            raise UnusableFile(f"{self.name} is cut short.", "Fetch it again.") from error
        if len(found) > most_bytes:
            raise UnusableFile(f"{self.name} is over {most_bytes / 1e6:g} MB unpacked.", "Split it.")
        return found


Material = tuple[Part, ...]
"""Parts in the order in which they were received."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What an adapter must know of the source it reads. `as_of` is the day of the material: "2026-11-22"."""

    id: str
    url: str = ""
    as_of: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    """As in `tables.Source.options`: a column mapping, the council that "city wide" means."""


Read = Callable[[Feed, Material], Iterator[Reading]]
"""An adapter: one reading for each row of the source; raises UnusableFile for material that is not what it claims."""


def by_path(read: Callable[[Path], Iterator[Reading]]) -> Read:
    """An adapter of one table, which needs to know nothing but its file, as one of material."""

    def each(_feed: Feed, material: Material) -> Iterator[Reading]:
        for part in material:
            yield from read(part.path)

    return each
