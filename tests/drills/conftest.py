"""Records of both databases, and a mail server on loopback beside the test."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal

from directory import settings
from directory.settings import Settings
from tests.contract.conftest import chosen as on_each_database
from tests.contract.conftest import record
from tests.directory.mail_server import Box, mail_server
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


@dataclass(frozen=True, slots=True)
class Post:
    """A mail server that runs: what it took, and its port."""

    box: Box
    port: int


@pytest.fixture
def post() -> Iterator[Post]:
    box = Box()
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(mail_server(box)) as port:
        yield Post(box, port)
