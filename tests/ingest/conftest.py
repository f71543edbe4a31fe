"""A record of its own for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from directory import database, settings
from directory.database import Database


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    """An empty record, migrated."""
    chosen = settings.read({"WAYMARK_HOME": str(tmp_path / "home")})
    database.migrate(chosen)
    opened = database.open_database(chosen)
    yield opened
    opened.close()
