"""Packed feed files give their tables; what would fill the memory or leave the folder is refused."""

import gzip
import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory.errors import UnusableFile
from directory.feeds.raw import RawStore
from ingest import unpack
from ingest.material import Part

TABLE = b"id,name\n1,Harbour\n"


@pytest.fixture
def raw(tmp_path: Path) -> RawStore:
    return RawStore(tmp_path / "raw")


def unpacked(raw: RawStore, data: bytes, name: str = "feed") -> tuple[Part, ...]:
    """The parts of a file that was received."""
    return unpack.unpacked(Part(name, raw.path(raw.put(data).digest), "https://feeds.example/feed"), raw)


def zipped(*members: tuple[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return packed.getvalue()


def test_a_plain_file_is_left_as_it_is(raw: RawStore) -> None:
    (part,) = unpacked(raw, TABLE)
    assert (part.name, part.data()) == ("feed", TABLE)


@pytest.mark.parametrize("name", ["services.csv.gz", "services.csv.GZ", "services.csv.gzip", "services.csv"])
def test_a_gzip_file_gives_its_table(raw: RawStore, name: str) -> None:
    (part,) = unpacked(raw, gzip.compress(TABLE), name)
    assert (part.name, part.data(), part.url) == ("services.csv", TABLE, "https://feeds.example/feed")


def test_gzip_files_one_after_the_other_are_one(raw: RawStore) -> None:
    (part,) = unpacked(raw, gzip.compress(TABLE) + gzip.compress(b"2,Mill\n"))
    assert part.data() == TABLE + b"2,Mill\n"


def test_a_zip_file_gives_its_tables_in_order(raw: RawStore) -> None:
    data = zipped(
        ("pack/service.csv", TABLE),
        ("pack/datapackage.json", b"{}"),
        ("pack/licence.txt", b"OGL"),
        ("__MACOSX/pack/service.csv", b"?"),
        ("pack/.hidden.csv", b"?"),
    )
    found = [(part.name, part.data()) for part in unpacked(raw, data)]
    assert found == [("pack/service.csv", TABLE), ("pack/datapackage.json", b"{}")]


def test_folders_are_no_files(raw: RawStore) -> None:
    assert len(unpacked(raw, zipped(("pack/", b""), ("pack/a.csv", TABLE)))) == 1


@pytest.mark.parametrize("member", ["[Content_Types].xml", "mimetype"])
def test_a_spreadsheet_is_no_archive_of_tables(raw: RawStore, member: str) -> None:
    data = zipped((member, b"..."), ("xl/data.csv", TABLE))
    (part,) = unpacked(raw, data, "list.xlsx")
    assert (part.name, part.data()) == ("list.xlsx", data)


def test_a_spreadsheet_in_an_archive_is_a_part(raw: RawStore) -> None:
    sheet = zipped(("[Content_Types].xml", b"..."))
    assert [part.data() for part in unpacked(raw, zipped(("list.xlsx", sheet)))] == [sheet]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1, max_size=2000).filter(lambda data: not data.startswith((b"\x1f\x8b", b"PK\x03\x04"))))
def test_any_table_comes_out_as_it_went_in(raw: RawStore, data: bytes) -> None:
    for packed in (gzip.compress(data), zipped(("a.csv", data)), zipped(("a.csv", data), method=zipfile.ZIP_STORED)):
        assert [part.data() for part in unpacked(raw, packed)] == [data]


def link() -> bytes:
    info = zipfile.ZipInfo("services.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return zipped((info, b"/etc/passwd"))


def locked() -> bytes:
    data = bytearray(zipped(("services.csv", TABLE)))
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + flags] |= 1
    return bytes(data)


def understated() -> bytes:
    """Says that its table of 2 MB has ten bytes."""
    data = bytearray(zipped(("services.csv", b"x" * 2_000_000)))
    for mark, size in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(mark) + size
        data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def damaged() -> bytes:
    data = bytearray(zipped(("services.csv", TABLE), method=zipfile.ZIP_STORED))
    data[data.index(b"Harbour")] ^= 1
    return bytes(data)


def many() -> bytes:
    return zipped(*((f"{number}.csv", b"") for number in range(10_001)))


BOMB = b"0" * 30_000_000


@pytest.mark.parametrize(
    ("made", "said"),
    [
        pytest.param(lambda: gzip.compress(BOMB), "100 times", id="gzip bomb"),
        pytest.param(lambda: zipped(("a.csv", BOMB)), "100 times", id="zip bomb"),
        pytest.param(lambda: zipped(*((f"{n}.csv", BOMB) for n in range(3))), "100 times", id="zip bomb in pieces"),
        pytest.param(many, "more than 10,000 files", id="too many files"),
        pytest.param(lambda: gzip.compress(gzip.compress(TABLE)), "another archive", id="gzip in gzip"),
        pytest.param(lambda: gzip.compress(zipped(("a.csv", TABLE))), "another archive", id="zip in gzip"),
        pytest.param(lambda: zipped(("a.csv", zipped(("a.csv", TABLE)))), "another archive", id="zip in zip"),
        pytest.param(lambda: zipped(("a.csv", gzip.compress(TABLE))), "another archive", id="gzip in zip"),
        pytest.param(lambda: zipped(("../a.csv", TABLE)), "out of its folder", id="up"),
        pytest.param(lambda: zipped(("a/../../b.csv", TABLE)), "out of its folder", id="up from below"),
        pytest.param(lambda: zipped(("/etc/a.csv", TABLE)), "out of its folder", id="from the root"),
        pytest.param(lambda: zipped(("..\\a.csv", TABLE)), "out of its folder", id="up in Windows"),
        pytest.param(lambda: zipped(("C:a.csv", TABLE)), "out of its folder", id="a drive"),
        pytest.param(lambda: zipped(("a\n.csv", TABLE)), "out of its folder", id="a line feed"),
        pytest.param(lambda: zipped(("../a.txt", b""), ("a.csv", TABLE)), "out of its folder", id="beside a table"),
        pytest.param(link, "link", id="a link"),
        pytest.param(locked, "password", id="locked"),
        pytest.param(understated, "damaged|100 times", id="a size that lies"),
        pytest.param(damaged, "damaged", id="a bit"),
        pytest.param(lambda: zipped(("a.csv", TABLE))[:-30], "damaged", id="cut zip"),
        pytest.param(lambda: gzip.compress(TABLE)[:-9], "damaged", id="cut gzip"),
        pytest.param(lambda: gzip.compress(TABLE) + b"more", "damaged", id="something behind gzip"),
        pytest.param(lambda: zipped(("a.csv", TABLE), method=zipfile.ZIP_LZMA), "packed in a way", id="lzma"),
        pytest.param(lambda: zipped(("a.csv", TABLE), method=zipfile.ZIP_BZIP2), "packed in a way", id="bzip2"),
        pytest.param(lambda: zipped(("readme.txt", b"none")), "no table", id="no table"),
        pytest.param(lambda: b"PK\x03\x04", "damaged", id="only the beginning"),
    ],
)
def test_what_no_honest_archive_holds_is_refused_whole(raw: RawStore, made: Callable[[], bytes], said: str) -> None:
    data = made()
    with pytest.raises(UnusableFile, match=said) as refused:
        unpacked(raw, data)
    assert refused.value.advice


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_files_of_one_name_are_refused(raw: RawStore) -> None:
    with pytest.raises(UnusableFile, match="same name"):
        unpacked(raw, zipped(("a.csv", TABLE), ("a.csv", b"id\n")))


def test_all_tables_together_have_a_limit(raw: RawStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MOST_BYTES", 2 * len(TABLE) + 1)
    assert len(unpacked(raw, zipped(("a.csv", TABLE), ("b.csv", TABLE)))) == 2
    with pytest.raises(UnusableFile, match="larger"):
        unpacked(raw, zipped(("a.csv", TABLE), ("b.csv", TABLE), ("c.csv", TABLE)))


def test_what_packs_well_and_is_small_is_no_bomb(raw: RawStore) -> None:
    assert len(unpacked(raw, gzip.compress(b"0" * 999_999))[0].data()) == 999_999
