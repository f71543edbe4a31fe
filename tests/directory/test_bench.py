"""Made-up services are the same for the same seed, and the bench measures what it says; no test looks at a time."""

import json
from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from directory import bench
from directory.bench_datasette import Datasette, asked, write
from directory.bench_services import services
from directory.errors import WaymarkError
from directory.search.columns import pack
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.search.query import CANDIDATES, CoverageFilter, ServiceQuery
from directory.values import Known, Visibility
from tests.builders import FIFE


def test_the_same_seed_makes_the_same_services() -> None:
    assert list(services(40, seed=7)) == list(services(40, seed=7))
    assert list(services(40, seed=7)) != list(services(40, seed=8))


def test_a_longer_run_begins_with_the_shorter() -> None:
    assert list(islice(services(90), 30)) == list(services(30))


def test_made_up_services_are_like_real_ones() -> None:
    made = list(services(3_000))
    assert len({doc.id for doc in made}) == len({doc.source_id for doc in made}) == 3_000
    councils = Counter(area for doc in made for area in doc.coverage.areas)
    assert len(councils) == 33  # all councils, and Scotland
    assert councils["S12000049"] > 3 * councils["S12000020"]  # Glasgow has more than Moray
    assert {doc.coverage.known for doc in made} == {Known.STATED, Known.UNKNOWN}
    assert len({code for doc in made for code in doc.families}) > 15
    for doc in made:
        assert ServiceDocument.from_json(doc.to_json()) == doc
        assert pack(doc)["families"]


def test_no_made_up_refuge_has_a_place() -> None:
    for doc in services(3_000):
        if "domestic_abuse" in doc.families:
            assert (doc.visibility, doc.point, doc.city, doc.address) == (Visibility.UNDISCLOSED, None, "", "")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def match_over(index: SearchIndex) -> bench.Ask:
    async def match(text: str, given: Mapping[str, object]) -> object:
        return await index.candidates(ServiceQuery(text=text, coverage=CoverageFilter(residence=(FIFE,))), CANDIDATES)

    return match


def test_a_result_for_each_size() -> None:
    ticks: list[None] = []
    results = list(bench.run([30, 60], match_over, rounds=1, tick=lambda: ticks.append(None)))
    assert [result.services for result in results] == [30, 60]
    assert len(ticks) == 90
    for result in results:
        assert result.page_ms_p50 is None
        assert 0 < result.bare_ms_p50 <= result.bare_ms_p95
        assert 0 < result.match_ms_p50 <= result.match_ms_p95
        assert result.index_mb > 0
    timed = [f"{what}_ms_p{percentile}" for what in ("bare", "match", "page") for percentile in (50, 95)]
    assert list(results[0].as_json()) == ["services", "index_seconds", "index_mb", *timed]
    assert len(bench.table(results).splitlines()) == 3


def test_pages_are_timed_when_given() -> None:
    (result,) = bench.run([30], match_over, page_over=match_over, rounds=1)
    assert result.page_ms_p50 is not None


def test_a_match_that_asks_nothing_is_an_error() -> None:
    def idle(index: SearchIndex) -> bench.Ask:
        async def match(text: str, given: Mapping[str, object]) -> object:
            return None

        return match

    with pytest.raises(WaymarkError, match="no candidates"):
        list(bench.run([10], idle, rounds=1))


def test_the_enquiries_are_many_and_different() -> None:
    texts = [text for text, _ in bench.ENQUIRIES]
    assert len(texts) == len(set(texts)) >= 40
    assert {key for _, given in bench.ENQUIRIES for key in given} == {"residence", "harm_place"}


@pytest.mark.anyio
async def test_datasette_is_asked_the_same(tmp_path: Path) -> None:
    made = list(services(300))
    assert list(write(made, tmp_path / "bench.db")) == made
    served = Datasette(tmp_path / "bench.db")
    young = ServiceQuery(text="school", coverage=CoverageFilter(residence=(FIFE,)), age=(7, 7))
    found = {row["id"] for row in json.loads(await served.json(young))}
    passing = {doc.id for doc in made if {FIFE, "SCOTLAND"} & set(doc.coverage.areas) and _takes(doc, 7)}
    assert found
    assert found <= passing
    page = await served.page(young)
    assert "facet_results" in page or "facet" in page
    assert any(service_id in page for service_id in found)


def _takes(doc: ServiceDocument, age: int) -> bool:
    return (doc.age.minimum or 0) <= age <= (200 if doc.age.maximum is None else doc.age.maximum)


def test_a_words_quotes_cannot_break_the_question() -> None:
    assert asked(ServiceQuery(text='a "b" OR --c')) == [
        ("_search", '"a" OR "b" OR "or" OR "c"'),
        ("_searchmode", "raw"),
    ]
