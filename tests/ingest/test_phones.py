"""Every number of a cell, and what each is for. Numbers are those that Ofcom keeps for drama, or public short ones."""

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import phones
from ingest.phones import PhoneNumber, numbers

ONE, OTHER = "01632 960123", "01632 960456"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("01632 960 123", [ONE], id="grouped"),
        pytest.param("0163 2960 123", [ONE], id="grouped wrong"),
        pytest.param("(01632) 960123", [ONE], id="brackets"),
        pytest.param("01632-960-123", [ONE], id="dashes"),
        pytest.param("01632.960.123", [ONE], id="stops"),
        pytest.param("+44 1632 960123", [ONE], id="international"),
        pytest.param("+44 (0)1632 960123", [ONE], id="international with the nought"),
        pytest.param("00441632960123", [ONE], id="international, dialled"),
        pytest.param("44 1632 960123", [ONE], id="international without the sign"),
        pytest.param("1632960123", [ONE], id="the spreadsheet dropped the nought"),
        pytest.param("Tel01632960123", [ONE], id="a word stuck to it"),
        pytest.param("01632 960123?", [ONE], id="a doubt behind it"),
        pytest.param("01632 960123 / 07700 900123", [ONE, "07700 900123"], id="two, a stroke between"),
        pytest.param("01632 960123 01632 960456", [ONE, OTHER], id="two, nothing between"),
        pytest.param("01632 960123\n01632 960456", [ONE, OTHER], id="two lines"),
        pytest.param("01632 960123 or 960456", [ONE, OTHER], id="area code left out"),
        pytest.param("01632 960123/4", [ONE], id="the last digit of another is not a number"),
        pytest.param("01632 960123, 01632 960123", [ONE], id="said twice"),
        pytest.param("116123", ["116 123"], id="short"),
        pytest.param("0800 1111", ["0800 1111"], id="Childline"),
        pytest.param("999/101", ["999", "101"], id="two short ones"),
        pytest.param("Police: 999 or 101", ["999", "101"], id="short amid words"),
        pytest.param("NHS 24 on 111", ["111"], id="NHS 24"),
        pytest.param("101 High Street", [], id="a house number"),
        pytest.param("Open 24 hours, 999 visitors", [], id="a count"),
        pytest.param("080 1 1 1 1", [], id="digits that make none"),
        pytest.param("1 1 1", [], id="digits apart"),
        pytest.param("Updated 02-08-2019 123 times", [], id="a date that could be London's"),
        pytest.param("+33 1 42 68 53 00", [], id="abroad"),
        pytest.param("01/02/2019", [], id="a date"),
        pytest.param("2019-01-02 01632 960123", [ONE], id="a date before it"),
        pytest.param("55.937607,-3.202816", [], id="a point"),
        pytest.param("SC012345", [], id="a charity number"),
        pytest.param("CS2003000150", [], id="a registration"),
        pytest.param("see website", [], id="words"),
    ],
)
def test_numbers(cell: str, found: list[str]) -> None:
    assert [each.number for each in numbers(cell)] == found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        pytest.param("Text: 80801", PhoneNumber("80801", "text"), id="a code for texts"),
        pytest.param("text SHOUT to 85258", PhoneNumber("85258", "text", note="SHOUT"), id="the word to send"),
        pytest.param("text 116000", PhoneNumber("116 000", "text"), id="a short number by text"),
        pytest.param("07700 900123 (text only)", PhoneNumber("07700 900123", "text"), id="text only"),
        pytest.param("Call or text 07700 900123", PhoneNumber("07700 900123"), id="both: it can be rung"),
        pytest.param("WhatsApp 07700 900123", PhoneNumber("07700 900123", "text", note="whatsapp"), id="WhatsApp"),
        pytest.param("Minicom 01632 960999", PhoneNumber("01632 960999", "textphone"), id="textphone"),
        pytest.param("18001 01632 960123", PhoneNumber("18001 01632 960123", "relay"), id="Relay UK"),
        pytest.param("01632 960123 ext 6058", PhoneNumber(ONE, extension="6058"), id="extension"),
        pytest.param("01632960123x45", PhoneNumber(ONE, extension="45"), id="extension, stuck"),
        pytest.param("01632960123 (Internal: 6782000)", PhoneNumber(ONE, extension="6782000"), id="internal"),
        pytest.param("Out of hours: 01632 960123", PhoneNumber(ONE, note="out of hours"), id="out of hours"),
    ],
)
def test_what_a_number_is_for(cell: str, found: PhoneNumber) -> None:
    assert numbers(cell) == (found,)


def test_a_fax_is_no_number_to_ring() -> None:
    assert numbers("Fax: 01632 960456 Tel: 01632 960123") == (PhoneNumber(ONE),)


def test_a_number_for_texts_is_not_rung() -> None:
    assert phones.first_voice("Text: 80801, Tel: 01632 960123") == ONE


@given(st.text(alphabet="0123456789+()-/ x.tel", max_size=60))
def test_nothing_is_invented(cell: str) -> None:
    """The digits of a number stand in the cell in that order; only the nought of the trunk may be ours."""
    digits = re.sub(r"\D", "", cell)
    for each in numbers(cell):
        rest = iter(digits)
        said = re.sub(r"\D", "", each.number)
        assert all(digit in rest for digit in (said[1:] if said.startswith("0") else said))


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    assert all(each.number and each.kind for each in numbers(text))


@pytest.mark.shared_data
@pytest.mark.parametrize(
    ("file", "column", "least"),
    [
        ("raw_feeds/edinburgh_community_centres.csv", "Telephone", 1.0),
        ("raw_feeds/edinburgh_outdoor_education.csv", "Telephone", 1.0),
        ("raw_feeds/edinburgh_housing_support.csv", "Telephone", 1.0),
        ("care_inspectorate_services_2026-05-31.csv", "Service_Phone_Number", 0.995),
        ("scottish_schools_2023.csv", "Phone", 0.997),
    ],
)
def test_share_of_real_cells_with_a_number(shared_data: Path, file: str, column: str, least: float) -> None:
    with (shared_data / "services" / file).open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        said = [row[column] for row in csv.DictReader(lines) if (row[column] or "").strip()]
    assert sum(bool(phones.first_voice(cell)) for cell in said) >= least * len(said)
