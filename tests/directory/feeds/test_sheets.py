"""Tables as people make them: every dialect read, every broken or hostile file refused in words that say what to do."""

import csv
import datetime
import gzip
import io
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.errors import UnusableFile
from directory.feeds import sheets, workbook
from directory.feeds.sheets import Sheet, SheetRow

HEADER, ROW = ("Name", "Phone", "Area"), ("Example Project", "01632 960123", "Fife")
GOOD = "Name,Phone,Area\r\nExample Project,01632 960123,Fife\r\n"
AN_HOUR_LEFT_OUT = datetime.datetime(2026, 3, 29, 1, 30)  # noqa: DTZ001 - a spreadsheet knows no zones
MANY = "\n".join(["Name,Phone", *(f"Example {number},01632 960123" for number in range(1, 61))])


def read(tmp_path: Path, content: bytes, name: str = "list.csv", sheet: str = "") -> Sheet:
    path = tmp_path / name
    path.write_bytes(content)
    return sheets.read(path, sheet=sheet)


def cells(found: Sheet) -> list[tuple[str, ...]]:
    return [row.cells for row in found.rows]


def book(*lines: list[object], **others: list[list[object]]) -> bytes:
    made = openpyxl.Workbook()
    for line in lines:
        made.active.append(line)
    for name, more in others.items():
        sheet = made.create_sheet(name)
        for line in more:
            sheet.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def parts_of(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def changed(**parts: bytes) -> bytes:
    """A good workbook with some parts put in or replaced; "__" in a name stands for a slash."""
    kept = parts_of(book(list(HEADER), list(ROW)))
    return zipped(kept | {name.replace("__", "/"): content for name, content in parts.items()})


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD.encode(), id="UTF-8"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="UTF-8 with its mark"),
        pytest.param(GOOD.encode("utf-16"), id="UTF-16 with its mark"),
        pytest.param(GOOD.encode("utf-16-le"), id="UTF-16, little end first, without a mark"),
        pytest.param(GOOD.encode("utf-16-be"), id="UTF-16, big end first, without a mark"),
        pytest.param(GOOD.replace(",", ";").encode(), id="semicolons"),
        pytest.param(GOOD.replace(",", "\t").encode(), id="tabs"),
        pytest.param(GOOD.replace(",", "|").encode(), id="strokes"),
        pytest.param(GOOD.replace("\r\n", "\r").encode(), id="lines as old Macs end them"),
        pytest.param(GOOD.replace("\r\n", "\n\r\n\r", 1).encode(), id="mixed line ends"),
        pytest.param(b"\r\n\r\n,,\r\n" + GOOD.encode(), id="blank first rows"),
        pytest.param(b"Services in Fife 2026,,\r\n" + GOOD.encode(), id="a title over the header"),
        pytest.param(GOOD.replace("\r\n", ",,,\r\n").encode(), id="blank columns at the end"),
        pytest.param(GOOD.replace(",", " , ").encode(), id="blanks round the cells"),
        pytest.param(book(list(HEADER), list(ROW)), id="XLSX"),
        pytest.param(book(["Services in Fife"], [], list(HEADER), list(ROW)), id="XLSX with a title and a blank row"),
        pytest.param(book([], [None, *HEADER], [None, *ROW]), id="XLSX that begins further down and right"),
    ],
)
def test_one_table_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content)
    assert found.columns == HEADER
    assert list(found.rows) == [SheetRow(1, ROW)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param("Name,Town\nCafé,Nîmes\n".encode("cp1252"), ("Café", "Nîmes"), id="Windows-1252"),
        pytest.param("Name,Town\n“Quoted” – £5,€\n".encode("cp1252"), ("“Quoted” – £5", "€"), id="its own signs"),
        pytest.param("Name,Town\nCafé,Nîmes\n".encode(), ("Café", "Nîmes"), id="UTF-8"),
        pytest.param(b'Name,Town\n"One\r\ntwo","a ""b"" c"\n', ("One\ntwo", 'a "b" c'), id="lines in a cell"),
        pytest.param(
            b"Name;Town\nOne, two, three;Here, there\n", ("One, two, three", "Here, there"), id="commas within"
        ),
        pytest.param(b"Name,Town\n=1+1,@SUM(A1)\n", ("=1+1", "@SUM(A1)"), id="formulas are words"),
        pytest.param("Name,Town\n\u202eevil,a\u200bb\n".encode(), ("\u202eevil", "a\u200bb"), id="hidden signs stay"),
    ],
)
def test_cells_are_as_they_were_typed(tmp_path: Path, content: bytes, told: tuple[str, ...]) -> None:
    assert cells(read(tmp_path, content)) == [told]


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        pytest.param(12.0, "12", id="a whole number"),
        pytest.param(1632960123, "1632960123", id="a phone number that lost its nought"),
        pytest.param(55.9765, "55.9765", id="a point"),
        pytest.param(1e20, "1e+20", id="a number no one types"),
        pytest.param(True, "yes", id="true"),
        pytest.param(False, "no", id="false"),
        pytest.param(datetime.date(2024, 2, 29), "2024-02-29", id="29 February"),
        pytest.param(AN_HOUR_LEFT_OUT, "2026-03-29 01:30", id="an hour that summer time leaves out"),
        pytest.param(datetime.date(9999, 12, 31), "9999-12-31", id="the last day there is"),
        pytest.param(datetime.date(1900, 1, 1), "1900-01-01", id="the first day a spreadsheet has"),
        pytest.param(datetime.time(9, 5), "09:05", id="a time"),
        pytest.param(datetime.timedelta(hours=30), "30:00", id="a span of hours"),
        pytest.param("  blanks \n round ", "blanks \n round", id="blanks"),
        pytest.param("'quoted", "'quoted", id="an apostrophe"),
    ],
)
def test_cells_of_a_workbook_are_as_they_were_typed(tmp_path: Path, cell: object, told: str) -> None:
    assert cells(read(tmp_path, book(["Name", "Value"], ["Example", cell]), "a.xlsx")) == [("Example", told)]


def test_rows_are_numbered_without_blank_ones(tmp_path: Path) -> None:
    found = read(tmp_path, b"Name,Area\n,\nOne,Fife\n\n , \nTwo,Moray\n")
    assert [(row.number, row.cells[0]) for row in found.rows] == [(1, "One"), (2, "Two")]


def test_ragged_rows_are_marked_and_filled(tmp_path: Path) -> None:
    found = read(tmp_path, b"Name,Area,Tel\nOne,Fife\nTwo,Fife,1,2\nThree,Fife,1,,\n")
    assert list(found.rows) == [
        SheetRow(1, ("One", "Fife", ""), whole=False),
        SheetRow(2, ("Two", "Fife", "1"), whole=False),
        SheetRow(3, ("Three", "Fife", "1")),
    ]


def test_columns_without_a_name_and_with_the_same_name_get_one(tmp_path: Path) -> None:
    found = read(tmp_path, b"Name,,Phone,Phone,Phone (2)\na,b,c,d,e\n")
    assert found.columns == ("Name", "Column 2", "Phone", "Phone (3)", "Phone (2)")


def test_a_sheet_is_chosen_by_name(tmp_path: Path) -> None:
    content = book([], List=[list(HEADER), list(ROW)], More=[["A", "B"], ["c", "d"]])
    assert read(tmp_path, content, "a.xlsx").name == "List"
    other = read(tmp_path, content, "a.xlsx", sheet="More")
    assert (other.columns, other.sheets) == (("A", "B"), ("Sheet", "List", "More"))
    with pytest.raises(UnusableFile, match="has no sheet of that name"):
        read(tmp_path, content, "a.xlsx", sheet="Nothing")


def test_a_hidden_sheet_is_not_read(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    made.active.append(["Secret", "List"])
    made.active.sheet_state = "hidden"
    shown = made.create_sheet("Shown")
    shown.append(list(HEADER))
    shown.append(list(ROW))
    out = io.BytesIO()
    made.save(out)
    assert read(tmp_path, out.getvalue(), "a.xlsx").columns == HEADER


def test_an_ods_is_read(tmp_path: Path) -> None:
    found = read(tmp_path, an_ods(), "list.ods")
    assert (found.name, found.columns, cells(found)) == ("List", HEADER, [ROW])


def test_a_packed_file_is_read_by_the_name_people_know(tmp_path: Path) -> None:
    path = tmp_path / "abc.gz"
    path.write_bytes(gzip.compress(GOOD.encode()))
    assert cells(sheets.read(path, "list.csv")) == [ROW]
    path.write_bytes(gzip.compress(book(list(HEADER), list(ROW))))
    assert cells(sheets.read(path, "list.xlsx")) == [ROW]
    path.write_bytes(gzip.compress(GOOD.encode())[:-9])
    with pytest.raises(UnusableFile, match=r"list\.csv is not a whole gzip"):
        sheets.read(path, "list.csv")


XMLNS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET = b"<worksheet " + XMLNS + b"><sheetData>%s</sheetData></worksheet>"
SHARED = b"<sst " + XMLNS + b"><si><t>%s</t></si></sst>"
FROM_OUTSIDE = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
ENTITIES = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def many_long_cells() -> bytes:
    """One text of 100,000 characters that 40,000 cells share: four gigabytes when it is read out."""
    row = b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>'
    rows = b"".join(row % (number, number) for number in range(1, 40_001))
    text = bytes(65 + (number * number * 7919) % 26 for number in range(100_000))
    return changed(**{"xl__worksheets__sheet1.xml": SHEET % rows, "xl__sharedStrings.xml": SHARED % text})


def a_broken_part() -> bytes:
    content = book(list(HEADER), list(ROW))
    return content[:300] + b"\xff" * 50 + content[350:]


def large_together() -> bytes:
    return zipped({"xl/workbook.xml": b"a", **{f"p{number}": b"x" * 40_000_000 for number in range(3)}})


def far_corner() -> bytes:
    """Two cells, of which one is the last of seventeen billion."""
    made = openpyxl.Workbook()
    made.active["A1"] = made.active["XFD1048576"] = "Name"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODF = ("office", "table", "text")


def an_ods() -> bytes:
    lines = "".join(f"<table:table-row>{''.join(map(CELL.format, line))}</table:table-row>" for line in (HEADER, ROW))
    table = f'<table:table table:name="List">{lines}</table:table>'
    spaces = "".join(f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ODF)
    body = f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
    content = f"<office:document-content{spaces}>{body}</office:document-content>"
    manifest = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped({"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest})


def locked() -> bytes:
    content = bytearray(book(list(HEADER), list(ROW)))
    at = content.index(b"PK\x01\x02")
    while at != -1:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def lying_size() -> bytes:
    """A part that says it is ten bytes long and is a million."""
    content = bytearray(zipped({"xl/workbook.xml": b"x" * 1_000_000}))
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = content.index(mark) + at
        content[start : start + 4] = (10).to_bytes(4, "little")
    return bytes(content)


BAD: list[object] = [
    pytest.param(lambda: b"", "is empty", id="nothing"),
    pytest.param(lambda: b" \r\n\t\r\n", "is empty", id="blanks"),
    pytest.param(lambda: b",,,\r\n,,,\r\n", "is empty", id="blank cells"),
    pytest.param(lambda: b"Name,Area\r\n", "a header and no rows", id="a header alone"),
    pytest.param(lambda: b"Name,Area\r\nOne\0,Fife\r\n", "NUL", id="a NUL in a cell"),
    pytest.param(lambda: b"Name,Area\r\n" + b"\0" * 5000, "NUL", id="a file filled up with NULs"),
    pytest.param(lambda: "Name,Area\n\0One,Fife\n".encode("utf-16"), "NUL", id="a NUL in UTF-16"),
    pytest.param(lambda: "Name,Area\nOne,Fife\n".encode("utf-16")[:-1], "cut short|not whole", id="UTF-16 cut short"),
    pytest.param(lambda: b"\xff\xfe\x00\xd8a\x00,\x00b\x00\n\x00c\x00", "not whole UTF-16", id="half a surrogate pair"),
    pytest.param(lambda: b"\xef\xbb\xbfName,Area\n\xff\xfe,Fife\n", "not whole UTF-8", id="UTF-8 mark, other bytes"),
    pytest.param(lambda: b"Name,Area\nCaf\x81\x8d,Fife\n", "not UTF-8", id="neither UTF-8 nor Windows-1252"),
    pytest.param(lambda: b'Name,Area\n"One,Fife\nTwo,Moray\n', "never closed", id="a quotation mark never closed"),
    pytest.param(lambda: b'Name,Area\n"One" more,Fife\n', "quotation mark inside", id="words after a closed quotation"),
    pytest.param(
        lambda: b"Name,Area\n" + b"x" * 10_000_000 + b",Fife\n", "a cell of over 131,072", id="a cell of 10 MB"
    ),
    pytest.param(
        lambda: b'Name,Area\n"' + b"x\n" * 5_000_000 + b'",Fife\n', "a cell of over", id="10 MB of lines in a cell"
    ),
    pytest.param(
        lambda: b",".join(b"c%d" % n for n in range(600)) + b"\n" + b"x," * 599 + b"x\n",
        "600 columns",
        id="600 columns",
    ),
    pytest.param(
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Excel file, or one with a password", id="XLS"
    ),
    pytest.param(lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n\0\0", "NUL", id="a PDF"),
    pytest.param(lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "NUL", id="a picture"),
    pytest.param(lambda: gzip.compress(GOOD.encode()), "NUL|not UTF-8", id="a gzip file under a false name"),
    pytest.param(lambda: b"PK\x03\x04" + b"\0" * 100, "not a whole workbook", id="the start of a ZIP and no more"),
    pytest.param(lambda: book(list(HEADER), list(ROW))[:-40], "not a whole workbook", id="a workbook cut short"),
    pytest.param(a_broken_part, "not a whole workbook", id="a workbook with a broken part"),
    pytest.param(lambda: zipped({"list.csv": GOOD.encode()}), "a ZIP file and no workbook", id="a ZIP of a CSV"),
    pytest.param(
        lambda: zipped({"xl/workbook.xml": b"<workbook"}), "not a whole workbook", id="a workbook of half a tag"
    ),
    pytest.param(lambda: zipped({"xl/workbook.xml": b"x" * 60_000_000}), "unpacks to far more", id="a ZIP bomb"),
    pytest.param(
        lambda: changed(**{"xl__worksheets__sheet1.xml": SHEET % (b"<row/>" * 3_000_000)}),
        "unpacks to far more",
        id="a bomb inside a workbook",
    ),
    pytest.param(large_together, "unpacks to far more", id="many parts that are too much together"),
    pytest.param(
        lambda: zipped({"xl/workbook.xml": b"a", **{f"p{n}": b"" for n in range(2001)}}),
        "2,002 parts",
        id="thousands of parts",
    ),
    pytest.param(far_corner, "more memory or time", id="a cell at the far corner"),
    pytest.param(many_long_cells, "more memory or time", id="one long text in every cell"),
    pytest.param(
        lambda: changed(**{"xl__sharedStrings.xml": ENTITIES + SHARED % b"&b;"}),
        "definitions inside",
        id="entities that unfold",
    ),
    pytest.param(
        lambda: changed(**{"xl__workbook.xml": FROM_OUTSIDE}), "definitions inside", id="an entity from outside"
    ),
    pytest.param(locked, "locked", id="parts under a password"),
    pytest.param(lying_size, "not a whole workbook", id="a part that lies about its size"),
    pytest.param(lambda: book([], []), "no sheet has a cell", id="a workbook without a cell"),
    pytest.param(lambda: book(list(HEADER)), "a header and no rows", id="a workbook with a header alone"),
    pytest.param(
        lambda: book([f"c{n}" for n in range(501)], ["x"] * 501), "501 columns", id="a workbook of 501 columns"
    ),
]


@pytest.mark.parametrize(("made", "told"), BAD)
def test_a_bad_file_is_refused_in_words(tmp_path: Path, made: Callable[[], bytes], told: str) -> None:
    with pytest.raises(UnusableFile, match=told) as refused:
        list(read(tmp_path, made(), "their list.xlsx").rows)
    assert refused.value.advice
    assert "their list.xlsx" in refused.value.message
    assert "passwd" not in str(refused.value)


def test_too_many_rows_are_refused_where_they_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 50)
    rows = read(tmp_path, MANY.encode()).rows
    assert [next(rows).number for _ in range(50)][-1] == 50
    with pytest.raises(UnusableFile, match="over 50 rows"):
        next(rows)


def test_a_break_far_down_is_told_when_the_reading_gets_there(tmp_path: Path) -> None:
    rows = read(tmp_path, MANY.encode() + b'\n"never closed').rows
    with pytest.raises(UnusableFile, match="line 62 has a quotation mark that is never closed"):
        list(rows)


def test_a_large_file_is_refused_before_it_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("directory.feeds.received.LIMIT_BYTES", 1_000_000)
    with pytest.raises(UnusableFile, match="over 1 MB unpacked"):
        read(tmp_path, gzip.compress(b"Name,Area\n" + b"One,Fife\n" * 200_000), "bomb.csv.gz")


def test_a_long_table_is_read_with_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text(
        "Name,Area\n" + "Example Project of some length,Fife and Clackmannanshire\n" * 60_000, encoding="utf-8"
    )
    tracemalloc.start()
    count = sum(1 for _ in sheets.read(path).rows)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 60_000
    assert most < 6_000_000


READ_AND_MEASURE = """
import pathlib, resource, sys
from directory.errors import UnusableFile
from directory.feeds import sheets
try:
    list(sheets.read(pathlib.Path(sys.argv[1])).rows)
except UnusableFile:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_a_hostile_workbook_takes_no_memory_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(many_long_cells())
    # A process counts its children's memory from what it held itself when it made them: so ask one that holds little.
    asked = subprocess.run([sys.executable, "-c", READ_AND_MEASURE, path], capture_output=True, text=True, check=True)
    assert 0 < int(asked.stdout) <= 512_000  # kilobytes
    assert workbook.MEMORY_BYTES < 512_000_000


def test_the_small_process_ends_when_nobody_reads_on(tmp_path: Path) -> None:
    found = read(tmp_path, book(["Name", "Area"], *(["Example", "Fife"] for _ in range(5000))), "a.xlsx")
    next(found.rows)
    found.rows.close()  # type: ignore[attr-defined]  # a generator


CELLS = st.lists(st.text(max_size=20), min_size=3, max_size=3).filter(lambda cells: any(map(str.strip, cells)))
"""Of a line of nothing but blanks and tabs nobody can say which sign parts it."""


@given(st.lists(CELLS, min_size=1, max_size=8))
def test_whatever_is_written_as_csv_is_read_back_or_refused(lines: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([["Name", "Phone", "Area"], *lines])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(out.getvalue().encode("utf-8", "surrogatepass"))
        try:
            found = list(sheets.read(path).rows)
        except UnusableFile:
            return
    assert all(len(row.cells) == 3 for row in found)
