"""Reads XLSX and ODS workbooks by calamine, in a process of its own with little memory and time.

A workbook of a few kilobytes can ask its reader for gigabytes: one cell at the far corner of a sheet, one long text
that a million cells share. What is inside is looked at first; what gets past that ends the small process and not ours.
"""

import json
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from directory.errors import UnusableFile
from directory.feeds.received import PIECE_BYTES, Received

ZIP, OLD = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
"""How workbooks begin: a ZIP of XML; the older kind, which is also what a password makes of the newer."""
MOST_ENTRIES = 2_000
MOST_RATIO = 100
"""How many times larger a part may be than it lies in the file; a sheet of one repeated row is some 30 times."""
MOST_UNPACKED = 250_000_000
"""Bytes of all parts; 100,000 rows of thirty columns are some 130 MB of XML."""
RATIO_FROM = 1_000_000
"""Bytes from which a part's ratio counts."""
WORKBOOKS = ("xl/workbook.xml", "content.xml")
"""The part that makes a ZIP an XLSX, or an ODS."""
MEMORY_BYTES, SECONDS = 480_000_000, 120
"""What the small process may take."""
READER = Path(__file__).with_name("workbook_reader.py")
AGAIN = "Open it, save it as XLSX again, and try that."


@dataclass(frozen=True, slots=True)
class Book:
    """One sheet of a workbook as lines of text cells, and the names of all its sheets."""

    name: str
    sheets: tuple[str, ...]
    rows: Iterator[list[str]]


def read(received: Received, sheet: str = "") -> Book:
    """A sheet's rows, blank ones too; without a name the first sheet that is shown and has anything in it.

    Raises UnusableFile: no workbook, cut short, too large inside, no such sheet; and while it is read.
    """
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the rows are read
    try:
        for piece in received.pieces():
            unpacked.write(piece)
        unpacked.seek(0)
        _check(unpacked, received.name)
        unpacked.seek(0)
        lines = _lines(unpacked, received.name, sheet)
        about = next(lines)
    except BaseException:
        unpacked.close()
        raise
    assert isinstance(about, dict)
    return Book(about["name"], tuple(about["sheets"]), (line for line in lines if isinstance(line, list)))


def _check(unpacked: IO[bytes], name: str) -> None:
    """Raises UnusableFile for a ZIP that is no workbook or that unpacks to more than it should."""
    try:
        with zipfile.ZipFile(unpacked) as book:
            _check_parts(book, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise UnusableFile(f"{name} is not a whole workbook.", AGAIN) from error


def _check_parts(book: zipfile.ZipFile, name: str) -> None:
    parts = book.infolist()
    if len(parts) > MOST_ENTRIES:
        raise UnusableFile(f"{name} has {len(parts):,} parts inside.", "A list of services has some twenty.")
    if not any(part.filename in WORKBOOKS for part in parts):
        raise UnusableFile(f"{name} is a ZIP file and no workbook.", "Unpack it and send the table inside.")
    if len({part.filename for part in parts}) < len(parts) or any(part.flag_bits & 1 for part in parts):
        raise UnusableFile(f"{name} has parts that are locked or come twice.", AGAIN)
    size = sum(part.file_size for part in parts)
    bomb = any(part.file_size > max(RATIO_FROM, MOST_RATIO * part.compress_size) for part in parts)
    if size > MOST_UNPACKED or bomb:
        raise UnusableFile(
            f"{name} unpacks to far more than it seems ({size / 1e6:,.0f} MB).", "Save the table as CSV UTF-8."
        )
    for part in parts:
        with book.open(part) as opened:  # reading to the end checks its size and its sum
            before = b""
            while piece := opened.read(PIECE_BYTES):
                if part.filename.endswith((".xml", ".rels")) and b"<!ENTITY" in before + piece:
                    raise UnusableFile(f"{name} has definitions inside that no list of services needs.", AGAIN)
                before = piece[-8:]


def _lines(unpacked: IO[bytes], name: str, sheet: str) -> Iterator[object]:
    """What the small process says, a line each: first a dict about the workbook, then lists of cells."""
    command = [sys.executable, "-I", str(READER), str(MEMORY_BYTES), str(SECONDS), sheet]
    with (
        unpacked,
        subprocess.Popen(command, stdin=unpacked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
    ):
        assert process.stdout is not None
        try:
            for line in process.stdout:
                said = json.loads(line)
                if isinstance(said, dict) and "wrong" in said:
                    raise _refused(name, said)
                yield said
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise UnusableFile(f"{name} asks for more memory or time than a table needs.", "Save the table as CSV UTF-8.")


def _refused(name: str, said: dict[str, object]) -> UnusableFile:
    """The error for what the small process could not do."""
    match said["wrong"]:
        case "no such sheet":
            return UnusableFile(f"{name} has no sheet of that name.", f"Its sheets are: {said['sheets']}.")
        case "nothing":
            return UnusableFile(f"{name} is empty: no sheet has a cell in it.", "Get the file again.")
        case "cell":
            return UnusableFile(f"{name} has a cell of over {said['most']:,} characters.", "Shorten it.")
        case _:
            return UnusableFile(f"{name} is not a whole workbook.", AGAIN)
