"""docs/referrals.md shows the machine as it is."""

from pathlib import Path

import pytest

from directory.referrals import diagram
from directory.referrals.lifecycle import Event, State
from directory.referrals.sending_guards import RULES

PAGE = Path(__file__).parents[3] / "docs" / "referrals.md"


def test_the_page_is_current() -> None:
    """When it is not: `python tools/draw_referrals.py`."""
    text = PAGE.read_text(encoding="utf-8")
    assert diagram.put_into(text) == text


def test_every_state_and_event_is_drawn() -> None:
    drawn = diagram.drawn()
    assert all(f"| `{state}` |" in drawn for state in State)
    assert all(f"| {event.replace('_', ' ')} |" in drawn for event in Event)
    assert all(state in diagram.mermaid() for state in State)


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="marks"):
        diagram.put_into("# Referrals")


def test_every_rule_of_sending_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert not [rule for rule in RULES if f"`{rule}`" not in text]
