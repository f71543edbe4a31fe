"""Headers on every answer, the one CSRF rule, limits on bodies, and logs that hold nobody's words."""

import logging
from collections.abc import AsyncIterator
from urllib.parse import quote

import pytest

from tests.web.conftest import PUBLIC_URL, Web
from web import app, guards

WORDS = "battered in Leith canaryword"
PAGES = ["/", "/services", "/services?age=abc", "/services/f900", "/about-data", "/accessibility", "/nothing", "/leave"]


@pytest.mark.parametrize("path", [*PAGES, "/services.json", "/services.csv", "/healthz", "/static/waymark.css"])
def test_every_answer_has_the_safe_headers(web: Web, path: str) -> None:
    headers = web.get(path).headers
    assert headers["content-security-policy"] == guards.POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert "cache-control" in headers
    assert "server" not in headers


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        pytest.param("/", "same-origin", id="home has a form"),
        pytest.param("/services", "same-origin", id="search has a form"),
        pytest.param("/about-data", "no-referrer", id="no form"),
        pytest.param("/nothing", "no-referrer", id="error page"),
        pytest.param("/services.json", "no-referrer", id="data"),
        pytest.param("/leave", "no-referrer", id="the way out"),
    ],
)
def test_only_pages_with_forms_send_a_referrer_and_only_to_ourselves(web: Web, path: str, policy: str) -> None:
    assert web.get(path).headers["referrer-policy"] == policy


def test_a_persons_page_is_not_kept_and_not_indexed(web: Web) -> None:
    for answer in (web.post("/match", {"text": WORDS}), web.post("/match", {"text": ""})):
        assert answer.headers["cache-control"] == "no-store"
        assert "noindex" in answer.headers["x-robots-tag"]
        assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="same-site"),
        pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, id="cross-site with our origin"),
        pytest.param({"Sec-Fetch-Site": "nonsense", "Origin": PUBLIC_URL}, id="unknown site"),
        pytest.param({"Sec-Fetch-Site": "none"}, id="none without origin"),
        pytest.param({}, id="neither header"),
        pytest.param({"Origin": "null"}, id="null origin"),
        pytest.param({"Origin": "https://evil.example"}, id="another origin"),
        pytest.param({"Origin": PUBLIC_URL + ".evil.example"}, id="origin that begins like ours"),
        pytest.param({"Origin": "http://localhost:8001"}, id="another port"),
        pytest.param({"Referer": PUBLIC_URL + "/"}, id="referer only"),
    ],
)
@pytest.mark.parametrize("path", ["/match", "/services", "/r/x/enter", "/leave", "/"])
def test_a_form_from_elsewhere_is_refused(web: Web, path: str, headers: dict[str, str]) -> None:
    answer = web.send("POST", path, data={"text": WORDS}, headers=headers)
    assert answer.status_code == 403  # every other route that takes a form: test_access_matrix
    assert "canaryword" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, id="same-origin"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, id="same-origin with null origin"),
        pytest.param({"Origin": PUBLIC_URL}, id="our origin, older browser"),
        pytest.param({"Sec-Fetch-Site": "none", "Origin": PUBLIC_URL}, id="none with our origin"),
    ],
)
def test_our_own_form_passes(web: Web, headers: dict[str, str]) -> None:
    assert web.send("POST", "/match", data={"text": WORDS}, headers=headers).status_code == 200


@pytest.mark.parametrize("size", [guards.FORM_BYTES + 1, app.HARD_LIMIT + 1], ids=["polite", "hard"])
def test_a_body_too_large_is_refused(web: Web, size: int) -> None:
    answer = web.post("/match", {"text": "a" * size})
    assert answer.status_code == 413
    assert '<main class="govuk-main-wrapper"' in answer.text
    assert "nothing was saved" in answer.text
    assert "Shorten the longest text" in answer.text


def test_data_too_large_is_refused_as_data(web: Web) -> None:
    answer = web.post("/match.json", {"text": "a" * (app.HARD_LIMIT + 1)})
    assert answer.status_code == 413
    assert answer.json()["error"] == "That is more than we can read, so nothing was saved."


def test_a_body_too_large_is_read_to_its_end_and_no_further(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser shows an answer only to what it could send whole; but nobody may send for ever."""
    monkeypatch.setattr(guards, "MOST_DRAINED", 2 * app.HARD_LIMIT)

    def sent(pieces: int) -> tuple[int, int]:
        taken = 0

        async def body() -> AsyncIterator[bytes]:
            nonlocal taken
            for _ in range(pieces):
                taken += 1
                yield b"a" * app.HARD_LIMIT

        headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
        return web.send("POST", "/match", content=body(), headers=headers).status_code, taken

    assert sent(3) == (413, 3)
    assert sent(9) == (413, 4)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        pytest.param("GET", "/nothing", 404, id="no page"),
        pytest.param("GET", "/static/../app.py", 404, id="out of static"),
        pytest.param("GET", "/static/app.py", 404, id="not a static file"),
        pytest.param("GET", "/services/nobody", 404, id="no service"),
        pytest.param("POST", "/about-data", 405, id="wrong method"),
    ],
)
def test_errors_are_pages(web: Web, method: str, path: str, status: int) -> None:
    answer = web.send(method, path, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == status
    assert '<main class="govuk-main-wrapper"' in answer.text


def test_an_error_asked_for_as_data_is_data(web: Web) -> None:
    answer = web.get("/services/nobody.json")
    assert answer.status_code == 404
    assert answer.json()["error"] == "There is no service at this address."


def test_the_access_log_holds_no_query_and_no_typed_address(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        web.get("/services?q=canaryword&near=EH6+5QG")
        web.get("/" + quote("canaryword\r\nforged line"))
        web.get("/services/canaryword")
        web.post("/match", {"text": WORDS, "residence": "canaryword"})
        web.post("/match.json", {"text": WORDS})
    ours = [record.getMessage() for record in caplog.records if record.name == "waymark.access"]
    assert len(ours) == 5
    assert all(
        "canaryword" not in record.getMessage() for record in caplog.records if record.name.startswith("waymark")
    )
    assert all("EH6" not in line and "\n" not in line for line in ours)


def test_a_mistake_of_ours_tells_a_number_and_no_words(
    web: Web, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"broke on {WORDS}")

    monkeypatch.setattr("web.match.public.guarded", broken)
    with caplog.at_level(logging.DEBUG):
        answer = web.post("/match", {"text": WORDS})
    assert answer.status_code == 500
    assert answer.headers["content-security-policy"] == guards.POLICY
    log = "\n".join(record.getMessage() for record in caplog.records if record.name == "waymark.web")
    number = log.split()[1].rstrip(":")
    assert number in answer.text
    assert "canaryword" not in log + answer.text
    assert "Traceback" not in answer.text


def test_leaving_clears_the_browser_and_says_nothing_of_where_from(web: Web) -> None:
    answer = web.get("/leave")
    assert answer.status_code == 303
    assert answer.headers["location"] == "https://www.bbc.co.uk/weather"
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert answer.headers["referrer-policy"] == "no-referrer"
