"""When a run waits for a person: shares of security.md, with a floor for small sources."""

from typing import Any

import pytest

from ingest import guards
from ingest.guards import Figures


def figures(**changes: Any) -> Figures:
    """A source of a hundred services, read again without any change."""
    usual = {"drafts": 100, "services": 100, "listed": 100, "missing": 0, "told_again": 100, "contacts": 0}
    return Figures(**{**usual, "whole": True, "first": False, **changes})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({}, "", id="nothing changed"),
        pytest.param({"missing": 20}, "", id="a fifth is missing"),
        pytest.param({"missing": 21}, "no longer lists 21 of its 100 services", id="more than a fifth"),
        pytest.param({"contacts": 5}, "", id="a twentieth has other numbers"),
        pytest.param({"contacts": 6}, "changes the contact data of 6 of 100", id="more than a twentieth"),
        pytest.param({"missing": 30, "contacts": 9, "first": True}, "", id="the first run"),
        pytest.param({"listed": 10, "missing": 4}, "", id="four of ten are few"),
        pytest.param({"listed": 10, "missing": 5}, "5 of its 10", id="five of ten are not"),
        pytest.param({"listed": 3, "missing": 3, "drafts": 2}, "3 of its 3", id="all of a small source"),
        pytest.param({"listed": 1, "missing": 1, "told_again": 1, "contacts": 1}, "", id="a source of one service"),
        pytest.param({"drafts": 0, "missing": 1, "services": 1}, "no service that can be used", id="empty"),
        pytest.param({"drafts": 0, "services": 4, "first": True}, "it had 4", id="empty at the first run"),
        pytest.param({"drafts": 0, "services": 0}, "", id="empty, and always was"),
        pytest.param({"drafts": 0, "whole": False}, "", id="a file of several"),
    ],
)
def test_why_a_run_waits(changes: dict[str, Any], said: str) -> None:
    why = guards.why_held(figures(**changes))
    assert said in why
    assert bool(why) == bool(said)
