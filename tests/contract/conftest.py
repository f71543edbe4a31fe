"""Every engine behind the `SearchIndex` seam and every database behind the record, each in a place of its own: the same
tests run on all of them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from directory import database, settings
from directory.database import Database
from directory.search.document import ServiceDocument
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection
from directory.search.embedded import EmbeddedIndex
from directory.search.index import SearchIndex
from directory.settings import Settings
from tests.builders import a_document, set_up
from tests.postgresql import a_database

ENGINES = ("embedded", pytest.param("elasticsearch", marks=pytest.mark.elasticsearch))

Holding = Callable[..., Awaitable[SearchIndex]]
"""An index rebuilt from the documents given."""


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module", params=ENGINES)
async def empty_index(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[SearchIndex]:
    """One engine's index, shared by a module's tests; each test rebuilds it."""
    index: SearchIndex
    if request.param == "embedded":
        folder: Path = tmp_path_factory.mktemp(request.param)
        index = EmbeddedIndex(folder / "index")
    else:
        index = ElasticIndex(Connection(request.getfixturevalue("own_server")))
    yield index
    await index.close()


@pytest.fixture
def holding(empty_index: SearchIndex) -> Holding:
    async def rebuilt(*documents: ServiceDocument) -> SearchIndex:
        await empty_index.rebuild(documents)
        return empty_index

    return rebuilt


def service(source_id: str, **changes: object) -> ServiceDocument:
    """A service with an id of its own; "youth-club" is also its name unless one is given."""
    named = {"id": str(uuid5(NAMESPACE_URL, source_id)), "source_id": source_id, "name": source_id.replace("-", " ")}
    return a_document(**(named | changes))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a record that is not there yet; who asks for `record` too has it made, on PostgreSQL by a copy."""
    home = {"WAYMARK_HOME": str(tmp_path / "home")}
    if request.param == "sqlite":
        yield settings.read(home)
        return
    server = request.getfixturevalue("postgresql")
    template = request.getfixturevalue("migrated") if "record" in request.fixturenames else "template0"
    with a_database(server, template) as own:
        yield settings.read({**home, "WAYMARK_DATABASE_URL": own})


@pytest.fixture
def record(chosen: Settings) -> Iterator[Database]:
    chosen.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if chosen.database_url.startswith("sqlite"):
        set_up(chosen)
    opened = database.open_database(chosen)
    yield opened
    opened.close()
