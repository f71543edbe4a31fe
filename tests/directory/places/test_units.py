"""Files of unit postcodes: good rows come through with today's codes, a bad file is refused whole."""

import gzip
from collections import Counter
from pathlib import Path

import pytest

from directory.errors import UnusableFile
from directory.places.gazetteer import Gazetteer, UnitPostcode
from directory.places.units import read_units
from directory.values import Issue, PlaceKind, Point

HEADER = "postcode,lat,lon,council_gss,health_board_gss,positional_quality\n"
LEITH_ROW = "EH6 5QG,55.97000,-3.17000,S12000036,S08000024,10\n"


def csv_file(folder: Path, text: str) -> Path:
    path = folder / "units.csv"
    path.write_text(text, encoding="utf-8")
    return path


def gzip_file(folder: Path, content: bytes) -> Path:
    path = folder / "units.csv.gz"
    path.write_bytes(content)
    return path


def one(folder: Path, row: str) -> tuple[list[UnitPostcode], list[Issue]]:
    issues: list[Issue] = []
    return list(read_units(csv_file(folder, HEADER + row), issues)), issues


def test_a_row_becomes_a_unit_postcode(tmp_path: Path) -> None:
    units, issues = one(tmp_path, LEITH_ROW)
    assert units == [UnitPostcode("EH6 5QG", Point(55.97, -3.17), "S12000036", "S08000024")]
    assert not issues


def test_gzip_and_plain_say_the_same(tmp_path: Path) -> None:
    packed = gzip_file(tmp_path, gzip.compress((HEADER + LEITH_ROW).encode()))
    assert list(read_units(packed)) == one(tmp_path, LEITH_ROW)[0]


@pytest.mark.parametrize(
    ("row", "council", "board"),
    [
        pytest.param("KY8 3AA,56.2,-3.0,S12000015,S08000018,10\n", "S12000047", "S08000029", id="Fife before 2018"),
        pytest.param("G34 9AA,55.87,-4.1,S12000046,S08000021,10\n", "S12000049", "S08000031", id="Glasgow before 2019"),
    ],
)
def test_superseded_codes_are_moved_to_todays(tmp_path: Path, row: str, council: str, board: str) -> None:
    (unit,), _ = one(tmp_path, row)
    assert (unit.council_gss, unit.health_board_gss) == (council, board)


def test_a_postcode_without_a_grid_reference_is_kept(tmp_path: Path) -> None:
    (unit,), issues = one(tmp_path, "EH6 5QG,,,S12000036,S08000024,90\n")
    assert unit.point is None
    assert not issues


@pytest.mark.parametrize(
    ("row", "field"),
    [
        pytest.param("EH6 5QG,55.9,-3.1,,S08000024,10\n", "council_gss", id="no council"),
        pytest.param("EH6 5QG,55.9,-3.1,E06000057,,10\n", "council_gss", id="an English council"),
        pytest.param("EH6,55.9,-3.1,S12000036,S08000024,10\n", "postcode", id="an outcode"),
        pytest.param(",55.9,-3.1,S12000036,S08000024,10\n", "postcode", id="no postcode"),
        pytest.param("EH6 5QG,0,0,S12000036,S08000024,10\n", "lat", id="nought, nought"),
        pytest.param("EH6 5QG,-3.1,55.9,S12000036,S08000024,10\n", "lat", id="lat and lon swapped"),
        pytest.param("EH6 5QG,nan,-3.1,S12000036,S08000024,10\n", "lat", id="not a number"),
        pytest.param("EH6 5QG,north,-3.1,S12000036,S08000024,10\n", "lat", id="a word"),
        pytest.param("EH6 5QG,55.9,,S12000036,S08000024,10\n", "lat", id="half a point"),
        pytest.param("EH6 5QG,55.9\n", "council_gss", id="row cut short"),
    ],
)
def test_a_row_that_cannot_be_used_is_told(tmp_path: Path, row: str, field: str) -> None:
    units, issues = one(tmp_path, "KY8 3AA,56.2,-3.0,S12000047,S08000029,10\n" + row)
    assert [unit.postcode for unit in units] == ["KY8 3AA"]
    assert [(issue.row, issue.field) for issue in issues] == [(2, field)]


def test_a_repeat_is_told(tmp_path: Path) -> None:
    units, issues = one(tmp_path, LEITH_ROW + LEITH_ROW.lower())
    assert len(units) == 1
    assert [issue.row for issue in issues] == [2]


WHOLE = gzip.compress((HEADER + LEITH_ROW * 50).encode())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(gzip.compress(b""), "empty", id="gzip of nothing"),
        pytest.param(WHOLE[:-20], "cut short", id="truncated gzip"),
        pytest.param(WHOLE[:40] + b"\0\0\0\0" + WHOLE[44:], "damaged|cut short|UTF-8", id="damaged gzip"),
        pytest.param((HEADER + LEITH_ROW).encode(), "it is not", id="not gzip"),
        pytest.param(gzip.compress(HEADER.encode()), "no postcodes", id="header only"),
        pytest.param(gzip.compress(b"pcd,x,y\nEH6 5QG,1,2\n"), "no column postcode", id="wrong columns"),
        pytest.param(gzip.compress(HEADER.encode("utf-16")), "UTF-8", id="not UTF-8"),
        pytest.param(gzip.compress(b"<!doctype html><p>Not found"), "no column", id="a page, not a table"),
    ],
)
def test_a_file_that_is_not_what_it_claims_is_refused_before_the_first_row(
    tmp_path: Path, content: bytes, message: str
) -> None:
    with pytest.raises(UnusableFile, match=message) as caught:
        read_units(gzip_file(tmp_path, content))
    assert caught.value.advice


def test_a_missing_file_is_an_unusable_file(tmp_path: Path) -> None:
    with pytest.raises(UnusableFile, match="cannot be read"):
        read_units(tmp_path / "none.csv.gz")


@pytest.mark.shared_data
def test_the_real_file_gives_every_postcode_with_a_council(shared_data: Path) -> None:
    issues: list[Issue] = []
    units = {unit.postcode: unit for unit in read_units(shared_data / "geography/scotland_postcodes.csv.gz", issues)}
    assert len(units) == 158_287
    assert Counter(issue.field for issue in issues) == {"council_gss": 25}
    gazetteer = Gazetteer(units.get)
    for unit in list(units.values())[::997]:
        place = gazetteer.locate(unit.postcode)
        assert (place.kind, place.council_codes, place.outcodes) == (
            PlaceKind.POSTCODE,
            (unit.council_gss,),
            (unit.postcode.split()[0],),
        )
