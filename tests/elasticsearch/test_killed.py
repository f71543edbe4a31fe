"""A search server killed in the middle of a rebuild: readers have the old index or the record, and nothing is lost."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from directory.bench_services import services
from directory.errors import NotReady
from directory.search.document import ServiceDocument
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection, Server
from directory.search.query import ServiceQuery
from tests.elasticsearch import node
from tests.elasticsearch.fixtures import PATIENCE
from tests.elasticsearch.node import Node

pytestmark = [pytest.mark.anyio, pytest.mark.elasticsearch]
BEFORE, AFTER, KILLED_AT = 300, 20_000, 8_000


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def own_node(tmp_path: Path) -> Iterator[Node]:
    """A node that this test may kill; never the one that WAYMARK_TEST_ELASTICSEARCH_URL names."""
    started = Node(tmp_path / "data")
    try:
        started.start()
        yield started
    except node.NoServer as error:
        pytest.skip(str(error))
    finally:
        started.kill()


@pytest.fixture
async def index(own_node: Node) -> AsyncIterator[ElasticIndex]:
    opened = ElasticIndex(Connection(Server(own_node.url, "waymark-test-killed", seconds=PATIENCE)))
    yield opened
    await opened.close()


async def test_kill_9_in_the_middle_of_a_rebuild(own_node: Node, index: ElasticIndex) -> None:
    docs = list(services(AFTER))

    def killing() -> Iterator[ServiceDocument]:
        for number, doc in enumerate(docs):
            if number == KILLED_AT:
                own_node.kill()
            yield doc

    await index.rebuild(docs[:BEFORE], position=1)
    before = await index.fingerprints()
    with pytest.raises(NotReady):
        await index.rebuild(killing(), position=2)
    with pytest.raises(NotReady):
        await index.search(ServiceQuery())
    own_node.start()
    again = ElasticIndex(Connection(Server(own_node.url, "waymark-test-killed", seconds=PATIENCE)))
    try:
        assert await again.fingerprints() == before
        assert (await again.search(ServiceQuery(text="counselling"))).total > 0
        assert await again.rebuild(docs, position=3) == AFTER
        assert await again.fingerprints() == {doc.id: doc.fingerprint for doc in docs}
    finally:
        await again.close()
