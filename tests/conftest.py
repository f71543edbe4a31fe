"""What every test may ask for: the shared data when it is there, and a fixed day."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from directory import database
from tests.installation import Installation

settings.register_profile("waymark", deadline=None)
settings.load_profile("waymark")  # a busy machine fails no test

prepare_sqlite = database._prepare_sqlite
"""As the product opens a file; in the tests' own processes it is opened as below."""


def _unsynced(connection: Any, record: Any) -> None:
    """Nobody cuts the power of a test: what it commits need not be on the disk before it goes on."""
    prepare_sqlite(connection, record)
    connection.execute("PRAGMA synchronous = OFF")


database._prepare_sqlite = _unsynced

pytest_plugins = ("tests.elasticsearch.fixtures", "tests.postgresql", "tests.scheduling")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TODAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def shared_data() -> Path:
    """The folder of real source files that stays outside the project; its tests are skipped without it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data (real source files, kept outside the project)")
    return SHARED_DATA


@pytest.fixture
def clock() -> Callable[[], datetime]:
    """Always the same moment: noon on 22 November 2026."""
    return lambda: TODAY


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays till the end: the garbage collector need not walk ten thousand tests again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In continuous integration a skip is a failure, but for absent shared data."""
    if report.skipped and os.environ.get("WAYMARK_TEST_SKIP_FAILS") and "../shared/data" not in str(report.longrepr):
        report.outcome = "failed"


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation on the starter directory alone, as on a fresh clone. Tests must not change its record."""
    installation = Installation(tmp_path_factory.mktemp("home"))
    answer = installation("setup")
    assert answer.code == 0, answer
    return installation
