"""Every engine behind the `SearchIndex` seam, each in a place of its own: the same tests run on all of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import pytest

from directory.search.document import ServiceDocument
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection
from directory.search.embedded import EmbeddedIndex
from directory.search.index import SearchIndex
from tests.builders import a_document

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
