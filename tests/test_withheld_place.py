"""The whole way: an address planted in every column of withheld rows, and a second source that knows it, reach nobody.

Files → record → index → pages, JSON, CSV and logs, with the real parts; the ingest tests look at each adapter.
"""

import logging
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from directory import database, runtime, settings
from directory.search import indexing
from directory.search.query import ServiceQuery
from ingest import pipeline
from tests.builders import NOON
from tests.ingest.tables import file_of
from tests.ingest.test_withheld import CANARIES, ROWS, crumbs, open_row_of, planted
from tests.web.conftest import PUBLIC_URL, Web
from web.app import create_app

ENQUIRIES = (
    "my ex hits me, I live in Fife and need a refuge tonight",
    "woman in Edinburgh, domestic abuse, where is Lighthouse Women's Aid",
    "domestic abuse, lives in Edinburgh, nowhere to sleep",
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[runtime.Runtime]:
    """An installation into which every planted row, and the source that knows the address, was ingested."""
    folder = tmp_path_factory.mktemp("planted")
    chosen = settings.read({"WAYMARK_HOME": str(folder / "home"), "WAYMARK_PUBLIC_URL": PUBLIC_URL})
    database.migrate(chosen)
    built = runtime.build(chosen, clock=lambda: NOON)
    for source_id, (row, id_column) in ROWS.items():
        copies = {copy[id_column]: copy for copy in planted(row, id_column)}
        pipeline.run(built.database, source_id, file_of(folder, *copies.values(), name=f"{source_id}.csv"), built.clock)
    told = open_row_of("edinburgh-community-centres", "Lighthouse Women's Aid")
    hidden = ROWS["care-inspectorate"][0] | {"CSNumber": "CS1", "Council_Area_Name": "Edinburgh"}
    pipeline.run(built.database, "care-inspectorate", file_of(folder, hidden, name="hidden.csv"), built.clock)
    pipeline.run(built.database, "edinburgh-community-centres", file_of(folder, told, name="told.csv"), built.clock)
    anyio.run(indexing.rebuild, built.database, built.index, built.clock)
    yield built
    built.close()


def ids(running: runtime.Runtime) -> list[str]:
    page = anyio.run(running.index.search, ServiceQuery(page_size=5_000, for_person_harmed=False))
    return [hit.service.id for hit in page.hits]


def test_many_rows_went_in(running: runtime.Runtime) -> None:
    assert len(ids(running)) > 100


def test_no_page_json_or_csv_tells(running: runtime.Runtime, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    web = Web(create_app(running))
    paths = [f"/services/{service_id}{suffix}" for service_id in ids(running)[::7] for suffix in ("", ".json")]
    lists = [f"/services{suffix}?q=aid&page={page}" for suffix in ("", ".json", ".csv") for page in (1, 2)]
    for path in (*paths, *lists):
        answer = web.get(path)
        assert answer.status_code == 200, path
        assert crumbs(answer.text) == [], path
    assert crumbs(caplog.text) == []


@pytest.mark.parametrize("text", ENQUIRIES)
@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_no_match_tells(running: runtime.Runtime, text: str, accept: str) -> None:
    answer = Web(create_app(running)).post("/match", {"text": text}, Accept=accept)
    assert answer.status_code == 200
    assert "domestic abuse" in answer.text.casefold()
    assert crumbs(answer.text) == []


def test_searching_for_the_planted_words_finds_nothing(running: runtime.Runtime) -> None:
    for words in CANARIES.values():
        answer = Web(create_app(running)).get(f"/services.json?q={words}")
        found = answer.json() if answer.status_code == 200 else {}
        names = [service["name"] for service in found.get("services", found.get("results", []))]
        assert crumbs(names) == []


def test_no_file_of_the_index_tells(running: runtime.Runtime) -> None:
    for file in Path(running.settings.index_dir).rglob("*"):
        if file.is_file():
            assert crumbs(file.read_bytes().decode("latin-1")) == [], file


def test_what_is_found_says_how_to_reach_it(running: runtime.Runtime) -> None:
    page = anyio.run(running.index.search, ServiceQuery(page_size=5))
    assert all("0800 027 1234" in hit.service.phone_note for hit in page.hits)
