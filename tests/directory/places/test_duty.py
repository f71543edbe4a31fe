"""Children's social-work duty lines: known ones with their source, 101 for all others, none made up."""

import csv
from pathlib import Path

import phonenumbers
import pytest

from directory.errors import PlaceNotFound
from directory.places import areas, duty
from directory.places.duty import DutyNumber
from directory.places.reading import rows
from directory.values import Confidence

ORKNEY, EAST_DUNBARTONSHIRE, FIFE = "S12000023", "S12000045", "S12000047"


def a_row(**changes: str) -> dict[str, str]:
    """A made-up line of Fife; the number is from the range Ofcom keeps for drama."""
    row = {"gss": FIFE, "council": "Fife", "daytime": "01632 960001", "out_of_hours": "", "confidence": "page_read"}
    return {**row, "source": "a page", "as_of": "2024", **changes}


def test_every_council_has_one_line() -> None:
    assert [line.gss for line in duty.lines()] == [area.gss for area in areas.councils()]
    assert len(rows("duty_lines.csv")) == 32
    assert all(row["council"] == areas.council(row["gss"]).name for row in rows("duty_lines.csv"))


def test_what_is_known() -> None:
    known = {line.gss: (line.daytime.number, line.out_of_hours.number) for line in duty.lines() if line.source}
    assert known == {ORKNEY: ("01856 873535", "01856 888000"), EAST_DUNBARTONSHIRE: ("101", "0800 811 505")}


@pytest.mark.parametrize("line", duty.lines(), ids=lambda line: line.council)
def test_no_number_without_a_source(line: duty.DutyLine) -> None:
    for number in (line.daytime, line.out_of_hours):
        if number.known:
            assert line.source
            assert line.confidence not in (None, Confidence.GENERAL_KNOWLEDGE)
            assert phonenumbers.is_valid_number(phonenumbers.parse(number.number, "GB"))
            assert number.wording == f"{number.number} (read on a page, not confirmed)"
        else:
            assert number == DutyNumber("101")
            assert number.wording == "not known: ask 101"


@pytest.mark.parametrize("said", ["S12000023", "Orkney", "orkney islands"])
def test_a_council_is_found_by_code_or_name(said: str) -> None:
    assert duty.line(said).gss == ORKNEY


def test_a_former_code_finds_todays_council() -> None:
    assert duty.line("S12000015").council == "Fife"


@pytest.mark.parametrize("said", ["", "S12999999", "Atlantis"])
def test_no_such_council(said: str) -> None:
    with pytest.raises(PlaceNotFound, match="no such council"):
        duty.line(said)


@pytest.mark.parametrize("missing", ["source", "confidence"])
def test_a_number_without_a_source_stops_the_reading(missing: str) -> None:
    with pytest.raises(ValueError, match="without a source"):
        duty.read([a_row(**{missing: ""})])


def test_a_confidence_that_does_not_exist_stops_the_reading() -> None:
    with pytest.raises(ValueError, match="certain"):
        duty.read([a_row(confidence="certain")])


def test_hearsay_is_not_shown() -> None:
    told = duty.read([a_row(confidence="general_knowledge")])[FIFE]
    assert (told.daytime, told.out_of_hours, told.source) == (DutyNumber(), DutyNumber(), "")


def test_a_number_known_by_day_only_leaves_101_by_night() -> None:
    told = duty.read([a_row()])[FIFE]
    assert (told.daytime.number, told.out_of_hours.number, told.as_of) == ("01632 960001", "101", "2024")


@pytest.mark.shared_data
def test_the_numbers_are_those_of_the_shared_facts(shared_data: Path) -> None:
    with shared_data.joinpath("services", "scotland_service_facts_more.csv").open(encoding="utf-8", newline="") as file:
        fact = next(row for row in csv.DictReader(file) if row["id"] == "f393")
    assert fact["confidence"] == "page_read"
    for line in duty.lines():
        for number in (line.daytime, line.out_of_hours):
            assert not number.known or number.number in fact["note"]
