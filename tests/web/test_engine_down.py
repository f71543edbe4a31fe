"""The search server is down: every page still answers, with services and a notice, and the truth for operators."""

from dataclasses import replace

import anyio
import pytest

from directory import runtime
from directory.runtime import Runtime
from directory.search.fallback import NOTICE, WithFallback
from directory.search.from_record import FromRecord
from tests.elasticsearch.node import free_port
from tests.web.conftest import Web
from web.app import create_app

FIRST_WORDS = NOTICE.split(".")[0]


@pytest.fixture(scope="module")
def stopped(installation: Runtime) -> Runtime:
    """The installation with a search server that nobody answers for."""
    settings = replace(installation.settings, elasticsearch_url=f"http://127.0.0.1:{free_port()}")
    index = WithFallback(runtime.engine(settings), FromRecord(installation.database))
    return replace(installation, settings=settings, index=index)


@pytest.fixture(scope="module")
def web(stopped: Runtime) -> Web:
    return Web(create_app(stopped))


@pytest.mark.parametrize(
    ("path", "words"),
    [
        pytest.param("/services", "Kingdom Counselling 01", id="browsing"),
        pytest.param("/services?q=victim", "Saltire Victim Line", id="by words"),
        pytest.param("/services?near=Fife&family=counselling&page=2", "Kingdom Counselling 15", id="by place and kind"),
        pytest.param("/services?near=Leith&radius=5&sort=distance", "Harbour Counselling", id="near"),
    ],
)
def test_a_search_page(web: Web, path: str, words: str) -> None:
    page = web.get(path)
    assert page.status_code == 200
    assert words in page.text
    assert FIRST_WORDS in page.text


def test_a_match(web: Web) -> None:
    told = {"text": "14 year old assaulted, needs counselling", "residence": "Fife"}
    page = web.post("/match", told)
    assert page.status_code == 200
    assert "Kingdom Counselling" in page.text
    assert FIRST_WORDS in page.text
    answer = web.post("/match.json", told).json()
    assert NOTICE in answer["notices"]
    assert answer["results"]


def test_data_and_one_service(web: Web) -> None:
    answer = web.get("/services.json?q=victim").json()
    assert NOTICE in answer["notices"]
    (service,) = (one for one in answer["services"] if one["name"] == "Saltire Victim Line")
    assert web.get(f"/services/{service['id']}").status_code == 200
    assert web.get("/services.csv").status_code == 200
    assert web.get("/services/unheard-of").status_code == 404


def test_operators_are_told(web: Web, stopped: Runtime) -> None:
    assert web.get("/healthz").status_code == 200
    assert web.get("/readyz").status_code == 503
    health = anyio.run(stopped.index.health)
    assert (health.ready, "127.0.0.1" in health.message) == (False, True)
