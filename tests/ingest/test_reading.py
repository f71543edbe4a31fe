"""A file that is not what it claims is refused whole, with what to do."""

import gzip
from pathlib import Path

import pytest

from directory.errors import UnusableFile
from ingest import sources
from ingest.reading import table
from tests.ingest.tables import a_centre, a_fact, a_registration, a_school, csv_text, file_of

COLUMNS = ("id", "name")
GOOD = b"id,name\n1,One\n2,Two\n"

BAD_FILES = [
    pytest.param("a.csv", b"", "is empty", id="empty"),
    pytest.param("a.csv", b"\n\n  \n", "is empty", id="blank lines only"),
    pytest.param("a.csv", b"id,name\n", "a header and no rows", id="header only"),
    pytest.param("a.csv", b"id,title\n1,One\n", "has no column name", id="wrong columns"),
    pytest.param("a.csv", b"id,name,name\n1,One,One\n", "two columns of the same name", id="column twice"),
    pytest.param("a.csv", b"id,name\n1,O\0ne\n", "NUL", id="NUL bytes"),
    pytest.param("a.csv", b'id,name\n1,"One\n2,Two\n', "not a whole CSV", id="cut short inside quotes"),
    pytest.param("a.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "NUL bytes", id="a picture"),
    pytest.param("a.csv.gz", gzip.compress(GOOD)[:-12], "not a whole gzip", id="gzip cut short"),
    pytest.param("a.csv.gz", GOOD, "not a whole gzip", id="no gzip at all"),
    pytest.param("a.csv.gz", gzip.compress(b""), "is empty", id="gzip of nothing"),
]


@pytest.mark.parametrize(("name", "content", "said"), BAD_FILES)
def test_a_bad_file_is_refused(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnusableFile, match=said) as refused:
        table(path, COLUMNS)
    assert refused.value.advice
    assert name in refused.value.message


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="is a folder"):
        table(tmp_path, COLUMNS)


def test_an_absent_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="There is no file"):
        table(tmp_path / "nothing.csv", COLUMNS)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.csv", b"\xef\xbb\xbf" + GOOD, id="byte order mark"),
        pytest.param("a.csv", GOOD.replace(b"\n", b"\r\n"), id="Windows lines"),
        pytest.param("a.csv.gz", gzip.compress(GOOD), id="gzip"),
        pytest.param("a.csv", GOOD.decode().encode("utf-16"), id="utf-16"),
        pytest.param("a.csv", b"id,name,more\n1, One ,x\n\n2,Two,y\n", id="blanks, a blank line, a further column"),
    ],
)
def test_a_good_file_is_read(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert [(row.number, row["id"], row["name"]) for row in table(path, COLUMNS)] == [(1, "1", "One"), (2, "2", "Two")]


def test_a_ragged_row_is_marked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1\n2,Two,3\n4,Four\n", encoding="utf-8")
    assert [row.whole for row in table(path, COLUMNS)] == [False, False, True]


ROWS = {
    "facts": a_fact,
    "care-inspectorate": a_registration,
    "schools": a_school,
    "edinburgh-community-centres": a_centre,
}


@pytest.mark.parametrize("source_id", ROWS)
def test_every_source_refuses_a_table_of_other_columns(tmp_path: Path, source_id: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,name\n1,One\n", encoding="utf-8")
    with pytest.raises(UnusableFile, match="has no column"):
        list(sources.source(source_id).read(path))


@pytest.mark.parametrize("source_id", ROWS)
def test_every_source_refuses_a_ragged_row_and_reads_on(tmp_path: Path, source_id: str) -> None:
    row = ROWS[source_id]()
    path = tmp_path / "a.csv"
    text = csv_text([row], list(row))
    path.write_text(text.replace("\n", "\nshort,row\n", 1), encoding="utf-8")
    first, second = sources.source(source_id).read(path)
    assert first.refused
    assert second.draft


@pytest.mark.parametrize("source_id", ROWS)
def test_every_source_holds_an_id_that_comes_twice(tmp_path: Path, source_id: str) -> None:
    row = ROWS[source_id]()
    first, second = sources.source(source_id).read(file_of(tmp_path, row, row))
    assert first.draft
    assert second.held
