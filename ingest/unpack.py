"""Unpacks a feed's .gz or .zip file into parts, and refuses whatever is made to fill our memory or leave its folder.

The limits are security.md's (row 25). What an archive says of its own sizes is never believed: bytes are counted.
"""

import gzip
import re
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO

from directory.errors import UnusableFile
from directory.feeds.raw import Kept, RawStore
from ingest.answers import GZIP, ZIP
from ingest.material import Part

MOST_BYTES = 100_000_000
"""Of all files of an archive together, unpacked."""
MOST_RATIO, FREE_BYTES = 100, 1_000_000
"""How often larger than packed; a small file may be as well packed as it likes."""
MOST_ENTRIES = 10_000
TABLES = frozenset({".csv", ".tsv", ".json", ".xlsx"})
"""The files that are read; a licence or a picture beside them is left where it is."""
OFFICE = frozenset({"[Content_Types].xml", "mimetype"})
"""A ZIP file that holds one of these is a spreadsheet, to be read as it is."""
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
ENTRY = b"PK\x01\x02"
PIECE = 1 << 16
ADVICE = "Ask the source for a plain CSV file."


def unpacked(part: Part, raw: RawStore) -> tuple[Part, ...]:
    """The tables within a packed part, each kept as a part of its own; a part that is not packed as it is.

    Raises UnusableFile for a bomb, an archive within an archive, a name that leads out of its folder, a link, a locked
    or damaged archive, and one without a table.
    """
    with part.open() as opened:
        head = opened.read(4)
    if head.startswith(GZIP):
        return (_gunzipped(part, raw),)
    if head.startswith(ZIP):
        return _unzipped(part, raw)
    return (part,)


def _gunzipped(part: Part, raw: RawStore) -> Part:
    try:
        with part.open() as packed, gzip.GzipFile(fileobj=packed, mode="rb") as opened:
            kept = _kept(raw, _pieces(opened), packed_size=_size(part))
    except (EOFError, OSError, zlib.error) as error:
        raise _damaged() from error
    return Part(re.sub(r"\.(gz|gzip)$", "", part.name, flags=re.I), raw.path(kept.digest), part.url)


def _pieces(opened: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while piece := opened.read(PIECE):
        yield piece


def _unzipped(part: Part, raw: RawStore) -> tuple[Part, ...]:
    with tempfile.TemporaryFile(dir=raw.root) as file:
        _copied(part, file)
        try:
            with zipfile.ZipFile(file) as archive:
                if OFFICE.intersection(archive.namelist()):
                    return (part,)
                entries = [entry for entry in archive.infolist() if not entry.is_dir()]
                for entry in archive.infolist():
                    _check(entry)
                return _parts(part, raw, archive, entries)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
            raise _damaged() from error


def _parts(part: Part, raw: RawStore, archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> tuple[Part, ...]:
    if len({entry.filename for entry in entries}) < len(entries):
        raise UnusableFile("The archive holds two files of the same name.", ADVICE)
    found: list[Part] = []
    size = 0
    for entry in entries:
        name = PurePosixPath(entry.filename)
        if name.suffix.lower() not in TABLES or name.name.startswith(".") or "__MACOSX" in name.parts:
            continue
        with archive.open(entry) as opened:
            kept = _kept(raw, _pieces(opened), entry.compress_size, size, may_be_zip=name.suffix.lower() == ".xlsx")
        size += kept.size
        found.append(Part(entry.filename, raw.path(kept.digest), part.url))
    if not found:
        raise UnusableFile("The archive holds no table (.csv, .json, .xlsx).", "Check the source's address.")
    return tuple(found)


def _kept(raw: RawStore, pieces: Iterator[bytes], packed_size: int, already: int = 0, may_be_zip: bool = False) -> Kept:
    """The unpacked bytes in the raw store, counted as they come."""
    with raw.writing(MOST_BYTES - already) as new:
        for piece in pieces:
            new.write(piece)
            if new.size > max(FREE_BYTES, MOST_RATIO * packed_size):
                said = f"The file is packed more than {MOST_RATIO} times smaller than it is: it may be a bomb."
                raise UnusableFile(said, ADVICE)
            if new.head.startswith(GZIP) or (new.head.startswith(ZIP) and not may_be_zip):
                raise UnusableFile("The archive holds another archive.", ADVICE)
    return new.kept


def _check(entry: zipfile.ZipInfo) -> None:
    """Raises UnusableFile for an entry that no honest archive of tables has."""
    name, mode = entry.filename, entry.external_attr >> 16
    if ".." in name.split("/") or name.startswith("/") or re.search(r"[\\:\x00-\x1f]", name) or len(name) > 500:
        raise UnusableFile("The archive holds a file whose name leads out of its folder.", ADVICE)
    if mode and stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise UnusableFile("The archive holds a link instead of a file.", ADVICE)
    if entry.flag_bits & 1:
        raise UnusableFile("The archive is locked with a password.", ADVICE)
    if entry.compress_type not in METHODS:
        raise UnusableFile("The archive is packed in a way that we do not open.", ADVICE)


def _copied(part: Part, to: IO[bytes]) -> None:
    """Its bytes in a file that can be read from the end, as ZIP wants; its entries are counted before they are read."""
    entries, tail = 0, b""
    with part.open() as opened:
        for piece in _pieces(opened):
            to.write(piece)
            joined = tail + piece
            entries += joined.count(ENTRY)
            tail = joined[-(len(ENTRY) - 1) :]
            if entries > MOST_ENTRIES:
                raise UnusableFile(f"The archive holds more than {MOST_ENTRIES:,} files.", ADVICE)


def _size(part: Part) -> int:
    with part.open() as opened:
        return sum(map(len, _pieces(opened)))


def _damaged() -> UnusableFile:
    return UnusableFile("The archive is cut short or damaged.", "Fetch it again.")
