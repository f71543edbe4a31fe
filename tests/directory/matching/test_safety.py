"""Lines for danger come when urgency or words call for them, and a council's own number only where it is known."""

from typing import Any

import pytest

from directory.matching import safety
from directory.matching.enquiry import Enquiry
from directory.values import CouncilShare, Place, PlaceKind
from tests.directory.matching.builders import IN_FIFE

IN_ORKNEY = Place("Orkney", PlaceKind.COUNCIL, councils=(CouncilShare("S12000023", "Orkney Islands", 1.0),))


def numbers(**facts: Any) -> list[str]:
    return [line.number for line in safety.lines(Enquiry(**facts))]


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"urgency": "weeks"}, [], id="no danger said"),
        pytest.param({"urgency": "now"}, ["999", "101", "111"], id="now"),
        pytest.param({"needs": ("suicidal",)}, ["111", "116 123"], id="thoughts of suicide"),
        pytest.param({"needs": ("reporting",)}, ["101"], id="wants to report it"),
        pytest.param({"needs": ("child_protection",), "residence": IN_FIFE}, ["101"], id="number not known: 101"),
        pytest.param(
            {"needs": ("child_protection",), "residence": IN_ORKNEY}, ["01856 873535", "01856 888000"], id="known"
        ),
    ],
)
def test_which_lines(facts: dict[str, Any], expected: list[str]) -> None:
    assert numbers(**facts) == expected


def test_every_line_has_a_source() -> None:
    assert all(line.source for line in safety.all_lines())
