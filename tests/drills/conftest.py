"""Records of both databases, and a mail server on loopback beside the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory import settings
from directory.settings import Settings
from tests.contract.conftest import chosen as on_each_database
from tests.contract.conftest import record
from tests.drills.posting import Post, a_post
from tests.drills.scale import FULL

__all__ = ["record"]
collect_ignore = [] if FULL else ["test_races.py"]
"""The contract tests race once already."""


if FULL:
    chosen = on_each_database
else:

    @pytest.fixture
    def chosen(tmp_path: Path) -> Settings:
        """Small drills run on SQLite; the contract tests run on both databases."""
        return settings.read({"WAYMARK_HOME": str(tmp_path / "home")})


@pytest.fixture
def post() -> Iterator[Post]:
    with a_post() as made:
        yield made


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each drill took, and how much it did, when all of it is done."""
    for report in terminalreporter.getreports("passed") if FULL else ():
        if report.when == "call":
            did = ", ".join(f"{value} {name}" for name, value in report.user_properties)
            terminalreporter.write_line(f"{report.duration:7.1f} s  {report.nodeid.partition('::')[2]}  {did}")
