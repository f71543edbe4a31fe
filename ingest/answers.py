"""Refuses an answer that is not the sort of data its source should give, before anything is made of it.

The bytes count for more than what the server calls them: many name JSON plain text, and many an error page a success.
"""

import re
from collections.abc import Mapping

from directory.errors import SourceUnavailable

HTML = re.compile(rb"<(!doctype html|html|head|body|script)", re.I)
MARK = b"\xef\xbb\xbf"
"""Byte order mark of UTF-8."""
NOT_DATA = re.compile(r"(image|audio|video|font)/|application/(pdf|javascript|vnd\.ms-powerpoint)")
LOOSE = frozenset(
    {"", "application/octet-stream", "binary/octet-stream", "application/x-download", "text/plain", "text/html"}
)
"""What servers say of anything; a page that is really HTML is known by its bytes."""
PACKED = frozenset(
    {"application/gzip", "application/x-gzip", "application/zip", "application/x-zip-compressed", "application/x-zip"}
)
EXCEL = frozenset({"application/vnd.ms-excel", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
TYPES: Mapping[str, frozenset[str]] = {
    "json": LOOSE | {"application/json", "text/json", "application/ld+json"},
    "csv": LOOSE | PACKED | {"text/csv", "application/csv", "text/tab-separated-values", "application/vnd.ms-excel"},
    "xlsx": LOOSE | EXCEL | {"application/zip"},
    "zip": LOOSE | PACKED,
}
"""What each sort may be called; "" in `Kind.expects` takes all but what is no data."""
ZIP, GZIP, PDF = b"PK\x03\x04", b"\x1f\x8b", b"%PDF"
NAMES = {"json": "JSON", "csv": "a table", "xlsx": "an Excel file", "zip": "a ZIP file", "": "a table"}


def check(expects: str, content_type: str, head: bytes) -> None:
    """Raises SourceUnavailable unless this can be the beginning of what is expected; `head`: 1 kB, or all there is."""
    begin = _after_prologue(head)
    if not head.removeprefix(MARK).strip():
        raise SourceUnavailable("The source's answer is empty.", "Try again later; else ask the source.")
    if HTML.match(begin):
        said = "The source answered with a web page instead of data: perhaps an error, or a page to sign in."
        raise SourceUnavailable(said, "Open the address in a browser to see it, and give the address of the data.")
    called = content_type.partition(";")[0].strip().lower()
    if not _may_be_called(expects, called) or not _may_begin(expects, head):
        said = f"The source answered with something else than {NAMES[expects]}"
        said += f": it calls it {called[:60]}." if re.fullmatch(r"[\w.+-]+/[\w.+-]+", called) else "."
        raise SourceUnavailable(said, "Check the address and the kind of the source.")


def _after_prologue(head: bytes) -> bytes:
    """What follows blanks, comments and an XML declaration."""
    rest = head.removeprefix(MARK).lstrip()
    for begin, end in ((b"<?xml", b"?>"), *[(b"<!--", b"-->")] * 10):
        if rest.startswith(begin):
            rest = rest.partition(end)[2].lstrip()
    return rest


def _may_be_called(expects: str, called: str) -> bool:
    if NOT_DATA.match(called):
        return False
    return not expects or called in TYPES[expects] or (expects == "json" and called.endswith("+json"))


def _may_begin(expects: str, head: bytes) -> bool:
    begin = head.removeprefix(MARK).lstrip()
    if expects == "json":
        return begin.startswith((b"{", b"["))
    if expects == "zip":
        return head.startswith((ZIP, GZIP))
    if expects == "xlsx":
        return head.startswith(ZIP)
    return not begin.startswith((PDF, b"<")) and not (expects == "csv" and begin.startswith((b"{", b"[")))
