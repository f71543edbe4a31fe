"""Every engine behind the `SearchIndex` seam and every database behind the record, each in a place of its own: the same
tests run on all of them."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from uuid import NAMESPACE_URL, uuid4, uuid5

import pytest
from sqlalchemy import create_engine, make_url, text

from directory import database, settings
from directory.database import Database
from directory.search.document import ServiceDocument
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection
from directory.search.embedded import EmbeddedIndex
from directory.search.index import SearchIndex
from directory.settings import Settings
from tests.builders import a_document, set_up

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
    """Settings of a record that is not there yet."""
    home = {"WAYMARK_HOME": str(tmp_path / "home")}
    if request.param == "sqlite":
        yield settings.read(home)
        return
    given = os.environ.get("WAYMARK_TEST_DATABASE_URL")
    if not given:
        pytest.skip("needs WAYMARK_TEST_DATABASE_URL (a PostgreSQL database for tests)")
    url = make_url(given).set(drivername="postgresql+psycopg")
    schema = f"waymark_{uuid4().hex[:12]}"
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA {schema}"))
        own = url.update_query_dict({"options": f"-csearch_path={schema}"})
        yield settings.read({**home, "WAYMARK_DATABASE_URL": own.render_as_string(hide_password=False)})
        with engine.begin() as connection:
            connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    finally:
        engine.dispose()


@pytest.fixture
def record(chosen: Settings) -> Iterator[Database]:
    set_up(chosen)
    opened = database.open_database(chosen)
    yield opened
    opened.close()
