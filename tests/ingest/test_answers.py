"""What kind of answer a source may give: the bytes count for more than what the server calls them."""

import pytest

from directory.errors import SourceUnavailable
from ingest import answers

JSON, TABLE, XLSX = b'{"content": []}', b"id,name\n1,Harbour\n", b"PK\x03\x04\x14\x00"
PACKED = b"\x1f\x8b\x08"


@pytest.mark.parametrize(
    ("expects", "content_type", "head"),
    [
        pytest.param("json", "application/json", JSON, id="JSON"),
        pytest.param("json", "application/json; charset=utf-8", b"[]", id="with its charset"),
        pytest.param("json", "application/problem+json", JSON, id="a sort of JSON"),
        pytest.param("json", "text/html; charset=UTF-8", JSON, id="JSON that a framework calls HTML"),
        pytest.param("json", "", b"\xef\xbb\xbf\r\n {}", id="after a mark and blanks"),
        pytest.param("csv", "text/csv", TABLE, id="a table"),
        pytest.param("csv", "application/vnd.ms-excel", TABLE, id="a table as Windows calls it"),
        pytest.param("csv", "text/plain", b"name\n<b>Harbour</b>", id="HTML in a cell"),
        pytest.param("csv", "application/zip", XLSX, id="a packed table"),
        pytest.param("csv", "application/gzip", PACKED, id="a gzipped table"),
        pytest.param("xlsx", "application/octet-stream", XLSX, id="Excel"),
        pytest.param("zip", "application/zip", XLSX, id="a package"),
        pytest.param("", "application/json", JSON, id="anything: JSON"),
        pytest.param("", "", TABLE, id="anything: a table"),
    ],
)
def test_taken(expects: str, content_type: str, head: bytes) -> None:
    answers.check(expects, content_type, head)


@pytest.mark.parametrize(
    ("expects", "content_type", "head", "said"),
    [
        pytest.param("csv", "text/csv", b"<!DOCTYPE HTML>\n<html>", "web page", id="HTML that says it is a table"),
        pytest.param("", "", b"\xef\xbb\xbf \n<html lang='en'>", "web page", id="HTML after a mark"),
        pytest.param("", "", b"<!-- served by 3 --><HTML>", "web page", id="HTML after a comment"),
        pytest.param("", "", b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC>', "web page", id="XHTML"),
        pytest.param("", "", b"<script>location='/login'</script>", "web page", id="a script"),
        pytest.param("", "image/png", b"\x89PNG", "else than a table", id="a picture"),
        pytest.param("", "application/octet-stream", b"%PDF-1.7", "else than a table", id="PDF"),
        pytest.param("", "", b"<services/>", "else than a table", id="XML"),
        pytest.param("csv", "text/csv", JSON, "else than a table", id="JSON instead of a table"),
        pytest.param("csv", "application/json", TABLE, "calls it application/json", id="a table that says it is JSON"),
        pytest.param("xlsx", "application/octet-stream", TABLE, "else than an Excel file", id="no Excel"),
        pytest.param("zip", "application/zip", TABLE, "else than a ZIP file", id="a table instead of a package"),
        pytest.param("json", "application/json", b"null", "else than JSON", id="nothing in JSON"),
        pytest.param("csv", "text/csv", b"", "empty", id="empty"),
        pytest.param("csv", "text/csv", b"\xef\xbb\xbf", "empty", id="only a mark"),
    ],
)
def test_refused(expects: str, content_type: str, head: bytes, said: str) -> None:
    with pytest.raises(SourceUnavailable, match=said) as refused:
        answers.check(expects, content_type, head)
    assert refused.value.advice


@pytest.mark.parametrize("head", [b"<!--" * 250, b"<?xml" * 200, b" " * 1023 + b"<", b"<!-- -->" * 128])
def test_a_head_made_to_be_slow_is_not(head: bytes) -> None:
    """Ends at all: the pattern reads each byte a few times, not a few thousand."""
    with pytest.raises(SourceUnavailable):
        answers.check("json", "", head)
