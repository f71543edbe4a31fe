"""A record of its own for each test, and one that holds all real sources, read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from directory import database, settings
from directory.database import Database
from ingest import pipeline
from ingest.report import RunReport
from tests.builders import set_up
from tests.conftest import SHARED_DATA, TODAY


@dataclass(frozen=True, slots=True)
class Loaded:
    """A record, and the reports of the runs that filled it."""

    record: Database
    reports: list[RunReport]


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    """An empty record, migrated."""
    opened = _made(tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """All real sources in one record. Tests must not change it."""
    if not SHARED_DATA.is_dir():
        pytest.skip("needs ../shared/data (real source files, kept outside the project)")
    opened = _made(tmp_path_factory.mktemp("loaded"))
    yield Loaded(opened, pipeline.run_folder(opened, SHARED_DATA, lambda: TODAY))
    opened.close()


def _made(home: Path) -> Database:
    chosen = settings.read({"WAYMARK_HOME": str(home)})
    set_up(chosen)
    return database.open_database(chosen)
