"""Rebuilding beside the live index on a real server: what readers see, what is kept, what a failure leaves behind."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from elastic_transport import AsyncTransport

from directory.errors import NotReady
from directory.search import elastic_mapping, elastic_query, elastic_rebuild
from directory.search.document import ServiceDocument
from directory.search.elastic import ElasticIndex
from directory.search.elastic_client import Connection, Server
from directory.search.query import ServiceQuery
from directory.values import Visibility
from tests.builders import NOON
from tests.contract.conftest import service
from tests.elasticsearch.cleaning import clean

pytestmark = [pytest.mark.anyio, pytest.mark.elasticsearch]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Clock:
    """A second later each time it is looked at."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


@pytest.fixture
async def index(own_server: Server) -> AsyncIterator[ElasticIndex]:
    clean(own_server)
    opened = ElasticIndex(Connection(own_server), Clock())
    yield opened
    await opened.close()


@pytest.fixture
def raw(own_server: Server) -> Iterator[httpx.Client]:
    """The server asked directly: what an operator would see."""
    with httpx.Client(base_url=own_server.address, timeout=60) as client:
        yield client


def aliases(raw: httpx.Client, server: Server) -> dict[str, list[str]]:
    """Our indices, with their aliases."""
    found: dict[str, Any] = raw.get(f"/{server.index}-v*/_alias").json()
    return {name: sorted(held["aliases"]) for name, held in found.items()}


async def names(index: ElasticIndex) -> list[str]:
    page = await index.search(ServiceQuery(page_size=50))
    return [hit.service.source_id for hit in page.hits]


async def test_one_index_is_kept_as_the_way_back(index: ElasticIndex, own_server: Server, raw: httpx.Client) -> None:
    for number in range(3):
        await index.rebuild([service(f"s{number}")])
    held = sorted(aliases(raw, own_server).items())
    assert [found for _, found in held] == [[f"{own_server.index}-previous"], [own_server.index]]
    assert await names(index) == ["s2"]


async def test_the_way_back_and_forth(index: ElasticIndex) -> None:
    await index.rebuild([service("old")])
    await index.rebuild([service("new")])
    await index.roll_back()
    assert await names(index) == ["old"]
    await index.roll_back()
    assert await names(index) == ["new"]


async def test_without_an_index_from_before_there_is_no_way_back(index: ElasticIndex) -> None:
    await index.rebuild([service("only")])
    with pytest.raises(NotReady, match="No index from before"):
        await index.roll_back()


async def test_a_failure_drops_the_half_made_index_and_keeps_the_live_one(
    index: ElasticIndex, own_server: Server, raw: httpx.Client
) -> None:
    def failing() -> Iterator[ServiceDocument]:
        for number in range(1_200):
            yield service(f"s{number}")
        raise OSError("the record went away")

    await index.rebuild([service("live")])
    with pytest.raises(OSError, match="went away"):
        await index.rebuild(failing())
    assert await names(index) == ["live"]
    assert len(aliases(raw, own_server)) == 1


async def test_another_process_sees_the_swap(index: ElasticIndex, own_server: Server) -> None:
    other = ElasticIndex(Connection(own_server), Clock())
    await index.rebuild([service("before")])
    assert await names(other) == ["before"]
    await index.rebuild([service("after")])
    assert await names(other) == ["after"]
    await other.close()


async def test_readers_read_on_while_the_index_is_swapped(index: ElasticIndex) -> None:
    await index.rebuild([service("a"), service("b")])
    candidates = await index.candidates(ServiceQuery(), 10)
    await index.rebuild([service("c")])
    assert {doc.source_id for doc in await candidates.load([0, 1])} == {"a", "b"}


async def test_the_swap_is_one_request(index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two there would be a moment with no index, or with both."""
    asked: list[str] = []
    send = AsyncTransport.perform_request

    async def sending(transport: AsyncTransport, method: str, target: str, **options: Any) -> Any:
        asked.append(f"{method} {target}")
        return await send(transport, method, target, **options)

    await index.rebuild([service("before")])
    monkeypatch.setattr(AsyncTransport, "perform_request", sending)
    await index.rebuild([service("after")])
    await index.roll_back()
    assert asked.count("POST /_aliases") == 2


async def test_half_made_indices_of_long_ago_are_swept(
    index: ElasticIndex, own_server: Server, raw: httpx.Client
) -> None:
    for hours in (7, 1):
        raw.put(f"/{elastic_mapping.index_name(own_server.index, NOON - timedelta(hours=hours))}")
    await index.rebuild([service("a")])
    left = [name for name, held in aliases(raw, own_server).items() if not held]
    assert left == [elastic_mapping.index_name(own_server.index, NOON - timedelta(hours=1))]


async def test_a_late_write_changes_nothing(index: ElasticIndex) -> None:
    await index.rebuild([service("a")], position=10)
    await index.put([service("a", name="as of line 12")], position=12)
    await index.put([service("a", name="as of line 11")], position=11)
    changed = await index.get("a")
    assert changed is not None
    assert changed.name == "as of line 12"
    assert await index.remove([service("a").id], position=11) == 0
    assert await index.remove([service("a").id], position=13) == 1
    await index.put([service("a", name="as of line 12")], position=12)
    assert await index.get("a") is None


async def test_the_same_position_may_be_written_again(index: ElasticIndex) -> None:
    await index.rebuild([service("a")], position=10)
    await index.put([service("a", name="again")], position=10)
    assert await names(index) == ["a"]
    assert (await index.search(ServiceQuery(text="again"))).total == 1


async def test_nothing_is_written_where_there_is_no_index(
    index: ElasticIndex, own_server: Server, raw: httpx.Client
) -> None:
    for asked in (index.put([service("a")]), index.remove(["a"]), index.search(ServiceQuery()), index.get("a")):
        with pytest.raises(NotReady, match="waymark index rebuild"):
            await asked
    assert aliases(raw, own_server) == {}
    assert raw.head(f"/{own_server.index}").status_code == 404


@pytest.mark.parametrize(
    ("version", "words"),
    [
        pytest.param("99.1.1.1-0123456789abcdef", "newer Waymark", id="newer"),
        pytest.param("0.1.1.1-0123456789abcdef", "waymark index rebuild", id="older"),
    ],
)
async def test_an_index_of_another_version(
    index: ElasticIndex, own_server: Server, raw: httpx.Client, version: str, words: str
) -> None:
    name = f"{own_server.index}-v{version}-20261122t120000-000000"
    raw.put(f"/{name}", json={"aliases": {own_server.index: {}}})
    health = await index.health()
    assert not health.ready
    assert words in health.message
    for asked in (index.search(ServiceQuery()), index.put([service("a")])):
        with pytest.raises(NotReady, match=words):
            await asked
    assert raw.get(f"/{name}/_count").json()["count"] == 0


async def test_an_open_index_that_becomes_one_of_another_version_gives_no_empty_answer(
    index: ElasticIndex, own_server: Server, raw: httpx.Client
) -> None:
    await index.rebuild([service("a")])
    assert await names(index) == ["a"]
    newer = f"{own_server.index}-v99.1.1.1-0123456789abcdef-20261122t120000-000000"
    raw.put(f"/{newer}")
    (old,) = (name for name, held in aliases(raw, own_server).items() if held)
    swap = [{"remove": {"index": old, "alias": own_server.index}}, {"add": {"index": newer, "alias": own_server.index}}]
    raw.post("/_aliases", json={"actions": swap})
    with pytest.raises(NotReady, match="newer Waymark"):
        await index.search(ServiceQuery())


async def test_a_full_disk(index: ElasticIndex, own_server: Server, raw: httpx.Client) -> None:
    await index.rebuild([service("a")])
    raw.put(f"/{own_server.index}/_settings", json={"index.blocks.read_only_allow_delete": True})
    with pytest.raises(NotReady, match="disk is full") as caught:
        await index.put([service("a", name="changed"), service("b")])
    assert "Nothing is lost" in str(caught.value)
    assert await names(index) == ["a"]
    raw.put(f"/{own_server.index}/_settings", json={"index.blocks.read_only_allow_delete": None})
    assert await index.put([service("b")]) == 1


async def test_a_place_withheld_from_now_on_leaves_every_index(
    index: ElasticIndex, own_server: Server, raw: httpx.Client
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    hasty = ElasticIndex(Connection(own_server), Clock(), pause)
    await index.rebuild([service("refuge", address="9 Hidden Wynd", city="Crail")])
    await index.rebuild([service("refuge", address="9 Hidden Wynd", city="Crail"), service("b")])
    await hasty.put([service("refuge", visibility=Visibility.UNDISCLOSED)])
    await hasty.close()
    assert list(aliases(raw, own_server).values()) == [[own_server.index]]
    # The server lets go of what was replaced after half a minute: until then it is asked again and again.
    held = raw.get(f"/{own_server.index}/_stats/docs").json()["_all"]["total"]["docs"]["deleted"]
    assert held == 0 or len(pauses) == elastic_rebuild.EXPUNGE_TRIES - 1
    with pytest.raises(NotReady):
        await index.roll_back()


async def test_the_server_refuses_what_is_not_in_the_mapping(
    index: ElasticIndex, own_server: Server, raw: httpx.Client
) -> None:
    await index.rebuild([service("a")])
    answer = raw.post(f"/{own_server.index}/_doc", json={"note": "about a person"})
    assert answer.json()["error"]["type"] == "strict_dynamic_mapping_exception"


@pytest.mark.parametrize("text", ["", "harbour"], ids=["by name", "by words"])
async def test_pages_beyond_the_engine_s_own_paging(
    index: ElasticIndex, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(elastic_query, "PLACES", 20)
    await index.rebuild([service(f"s{number:02}", name=f"Harbour {number:02}") for number in range(57)])
    seen: list[str] = []
    for number in range(1, 7):
        page = await index.search(ServiceQuery(text=text, page=number))
        seen += [hit.service.name for hit in page.hits]
    assert seen == [f"Harbour {number:02}" for number in range(57)]
    alone = await ElasticIndex(index._connection).search(ServiceQuery(text=text, page=5))
    assert [hit.service.name for hit in alone.hits] == seen[40:50]
    assert (await index.search(ServiceQuery(text=text, page=9))).hits == ()


async def test_fingerprints_of_all(index: ElasticIndex, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_query, "PLACES", 10)
    docs = [service(f"s{number}") for number in range(25)]
    await index.rebuild(docs)
    assert await index.fingerprints() == {doc.id: doc.fingerprint for doc in docs}
