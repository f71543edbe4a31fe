"""No engine: readers are answered from the record and told so, writers are not, and recovery is noticed."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory.database import Database
from directory.draft import Coverage, ServiceDraft
from directory.errors import BadInput, NotReady
from directory.search import fold, from_record
from directory.search.embedded import EmbeddedIndex
from directory.search.fallback import NOTICE, WithFallback
from directory.search.from_record import FromRecord
from directory.search.query import Circle, CoverageFilter, ServiceQuery
from directory.values import Known
from tests.builders import EDINBURGH, FIFE, LEITH, a_draft, a_record, a_withheld_draft, write

pytestmark = pytest.mark.anyio
IN_FIFE = CoverageFilter(residence=(FIFE,))
NOWHERE_YET = Path("/nonexistent/waymark/index")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def service(source_id: str, **changes: object) -> ServiceDraft:
    return a_draft(**({"source_id": source_id, "name": source_id.replace("-", " ")} | changes))


SERVICES = (
    service("leith-counselling"),
    service("fife-counselling", coverage=Coverage(Known.STATED, (FIFE,)), description="For Fife alone."),
    service("national-line", families=("victim_support",), coverage=Coverage(Known.STATED, ("SCOTLAND",))),
    service("somewhere", families=("youth",), coverage=Coverage()),
    service("closed", status="defunct"),
    a_withheld_draft(),
)


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = a_record(tmp_path_factory.mktemp("record"))
    write(opened, *SERVICES)
    yield opened
    opened.close()


@pytest.fixture
def index(record: Database) -> WithFallback:
    return WithFallback(EmbeddedIndex(NOWHERE_YET), FromRecord(record))


async def found(index: WithFallback, query: ServiceQuery) -> list[str]:
    page = await index.search(query)
    assert page.notice == NOTICE
    return [hit.service.source_id for hit in page.hits]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param(
            ServiceQuery(),
            ["fife-counselling", "leith-counselling", "f901", "national-line", "somewhere"],
            id="browsing is by name, and shows nothing closed",
        ),
        pytest.param(
            ServiceQuery(coverage=IN_FIFE), ["fife-counselling", "national-line", "somewhere"], id="by coverage"
        ),
        pytest.param(ServiceQuery(families=("youth",)), ["somewhere"], id="by family"),
        pytest.param(ServiceQuery(text="the national lines"), ["national-line"], id="by words"),
        pytest.param(ServiceQuery(text="zebra"), [], id="words that no service has"),
        pytest.param(
            ServiceQuery(near=Circle(LEITH, 2_000), sort="distance", families=("youth",)),
            ["somewhere"],
            id="by distance",
        ),
        pytest.param(ServiceQuery(page=3, page_size=2), ["somewhere"], id="a later page"),
        pytest.param(ServiceQuery(age=(30, 30)), ["f901"], id="by age: not stated rules nobody out"),
    ],
)
async def test_a_search_without_an_engine(index: WithFallback, query: ServiceQuery, expected: list[str]) -> None:
    assert await found(index, query) == expected


async def test_candidates_without_an_engine(index: WithFallback) -> None:
    query = ServiceQuery(coverage=IN_FIFE, boost_families=(("counselling", 6.0), ("victim_support", 3.0)))
    candidates = await index.candidates(query, 10)
    docs = await candidates.load(range(len(candidates.scores)))
    assert [doc.source_id for doc in docs] == ["fife-counselling", "national-line"]
    assert (candidates.total, candidates.notice) == (2, NOTICE)
    assert {facet.field for facet in candidates.facets} == {"family", "delivery"}
    assert list(candidates.scores) == sorted(candidates.scores, reverse=True)


async def test_a_service_named_is_found_whatever_its_family(index: WithFallback) -> None:
    query = ServiceQuery(boost_families=(("counselling", 6.0),), names=("Somewhere",))
    docs = await (await index.candidates(query, 10)).load([0])
    assert docs[0].source_id == "somewhere"


async def test_one_service_and_names_without_an_engine(index: WithFallback) -> None:
    service = await index.get("national-line")
    assert service is not None
    assert await index.get(service.id) == service
    assert await index.get("closed") is None
    assert await index.get("unheard-of") is None
    assert await index.suggest("couns") == ["fife counselling", "leith counselling"]
    assert await index.suggest("") == []


async def test_a_withheld_place_stays_withheld(index: WithFallback, record: Database) -> None:
    refuge = await index.get("f901")
    assert refuge is not None
    assert (refuge.address, refuge.point, refuge.phone) == ("", None, "")
    with record.reading() as session:
        assert refuge in set(fold.documents(session))


async def test_what_changes_in_the_record_is_seen_at_once(index: WithFallback, record: Database) -> None:
    for name in ("Renamed", "somewhere"):
        assert "somewhere" in await found(index, ServiceQuery())
        write(record, *(replace(one, name=name) if one.source_id == "somewhere" else one for one in SERVICES))
        page = await index.search(ServiceQuery(families=("youth",)))
        assert [hit.service.name for hit in page.hits] == [name]


async def test_a_service_is_folded_once(index: WithFallback, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await found(index, ServiceQuery())
    monkeypatch.setattr(from_record.fold, "documents", lambda session, ids: iter(()) if not ids else 1 / 0)
    assert await found(index, ServiceQuery()) == before


async def test_no_more_services_are_looked_at_than_a_reader_waits_for(
    index: WithFallback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(from_record, "MOST", 2)
    assert await found(index, ServiceQuery(coverage=IN_FIFE)) == ["fife-counselling", "national-line"]


async def test_mistakes_stay_mistakes(index: WithFallback) -> None:
    with pytest.raises(BadInput):
        await index.search(ServiceQuery(page=0))


async def test_writers_and_operators_are_told_the_truth(index: WithFallback) -> None:
    assert not (await index.health()).ready
    asked: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: index.put([]),
        lambda: index.remove(["a"]),
        index.fingerprints,
        index.roll_back,
    )
    for ask in asked:
        with pytest.raises(NotReady):
            await ask()


async def test_the_engine_is_asked_again_and_answers(
    record: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = EmbeddedIndex(tmp_path / "index")
    index = WithFallback(engine, FromRecord(record))
    for _ in range(3):
        assert (await index.search(ServiceQuery())).notice == NOTICE
    with record.reading() as session:
        await engine.rebuild(fold.documents(session))
    page = await index.search(ServiceQuery())
    assert (page.notice, page.total) == ("", 5)
    assert len(caplog.records) == 2, "once when it stops, once when it answers again"
    assert EDINBURGH not in caplog.text
