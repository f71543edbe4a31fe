"""Reads lines of cells out of CSV as programs write it, in UTF-8, UTF-16 or Windows-1252.

Cells are parted by comma, semicolon, tab or stroke; which, and in which encoding, is told by looking.
"""

import csv
import io
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, IncrementalDecoder, getincrementaldecoder
from collections import Counter
from collections.abc import Generator, Iterator
from itertools import islice

from directory.errors import UnusableFile
from directory.feeds.received import Received

DELIMITERS = ",;\t|"
UNDEFINED_1252 = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
"""Bytes that mean nothing in Windows-1252: a text with one is in some other encoding."""
LOOKED_AT = 50
"""Lines by which the delimiter is told."""
MANY_NULS = 0.3
"""Share of NULs among the even or the odd bytes that only UTF-16 has."""
AGAIN = "Save it as CSV UTF-8 and try again."


def rows(received: Received) -> Iterator[list[str]]:
    """Every line's cells, blank lines too. Raises UnusableFile, for what is broken in its first lines at once."""
    encoding = _encoding(received)
    delimiter = _delimiter(received, encoding)
    return _lines(received, encoding, delimiter)


def _lines(received: Received, encoding: str, delimiter: str) -> Generator[list[str], None, None]:
    with received.opened() as opened:
        text = io.TextIOWrapper(opened, encoding, newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            yield from reader
        except csv.Error as error:
            raise UnusableFile(*_broken(received.name, error, reader.line_num)) from error


def _broken(name: str, error: csv.Error, line: int) -> tuple[str, str]:
    if "field limit" in str(error):
        most = f"{csv.field_size_limit():,} characters"
        return f"{name} is not a whole CSV table: a cell of over {most} ends at line {line:,}.", "Mend that cell."
    why = "a quotation mark that is never closed" if "end of data" in str(error) else "a quotation mark inside a cell"
    return f"{name} is not a whole CSV table: line {line:,} has {why}.", "Mend that line, or save it as XLSX."


def _encoding(received: Received) -> str:
    """How the text is written; the whole file is gone through, so that no row is used of one that turns out broken."""
    start = received.start()
    encoding = _by_mark(start)
    if encoding:
        _check_whole(received, encoding)
        return encoding
    utf8, valid, western = getincrementaldecoder("utf-8")(), True, True
    for piece in received.pieces():
        if b"\0" in piece:
            raise UnusableFile(f"{received.name} holds NUL bytes: it is not a text table.", AGAIN)
        western = western and not any(byte in piece for byte in UNDEFINED_1252)
        valid = valid and _decodes(utf8, piece)
    if valid and _decodes(utf8, b"", final=True):
        return "utf-8-sig"
    if western:
        return "cp1252"
    raise UnusableFile(f"{received.name} is not UTF-8 text.", AGAIN)


def _by_mark(start: bytes) -> str:
    """The encoding that the first bytes tell, "" when they tell none."""
    if start.startswith(BOM_UTF8):
        return "utf-8-sig"
    if start.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return "utf-16"
    for encoding, nuls, text in (("utf-16-le", start[1::2], start[::2]), ("utf-16-be", start[::2], start[1::2])):
        if len(start) > 3 and nuls.count(0) > MANY_NULS * len(nuls) and not text.count(0):
            return encoding
    return ""


def _check_whole(received: Received, encoding: str) -> None:
    decoder = getincrementaldecoder(encoding)()
    for piece in received.pieces():
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise UnusableFile(f"{received.name} is not whole {encoding.upper()} text.", AGAIN) from error
        if "\0" in text:
            raise UnusableFile(f"{received.name} holds NUL characters: it is not a text table.", AGAIN)
    if not _decodes(decoder, b"", final=True):
        raise UnusableFile(f"{received.name} is cut short.", AGAIN)


def _decodes(decoder: IncrementalDecoder, piece: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(piece, final)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(received: Received, encoding: str) -> str:
    """The sign that parts most lines into most cells, the same number each; a comma when none does."""
    return max(DELIMITERS, key=lambda sign: _parts(received, encoding, sign))


def _parts(received: Received, encoding: str, sign: str) -> tuple[int, int]:
    """Lines of the commonest width above 1, and that width."""
    lines = _lines(received, encoding, sign)
    try:
        widths = Counter(len(line) for line in islice(lines, LOOKED_AT) if any(map(str.strip, line)))
    except UnusableFile:
        return (0, 0)
    finally:
        lines.close()
    return max(((count, width) for width, count in widths.items() if width > 1), default=(0, 0))
