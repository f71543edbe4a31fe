"""The editors' pages for words: who reaches them, what they show, save and refuse, and that a preview saves nothing."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import pytest

from directory import runtime, vocabulary
from directory.database import Database
from directory.search.embedded import EmbeddedIndex
from taxonomy.terms import load
from tests.builders import a_record
from tests.web.conftest import PUBLIC_URL
from tests.web.desk import Desk
from web import editor

TREE, CHANGES = "/staff/vocabulary", "/staff/vocabulary/changes"
TERM = "/staff/vocabulary/need/counselling"
PHRASE, SENTENCE = "fair scunnered", "14 year old battered in Fife, she is fair scunnered, lives in Fife"
FORM = {"phrase": PHRASE, "sample": SENTENCE, "note": "Heard in Fife"}
ACTS = [f"{TERM}/{act}" for act in ("preview", "add", "withdraw", "restore")]


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    yield Desk(replace(installation, database=record))
    record.close()


def post(desk: Desk, path: str, form: dict[str, str] | None = None, role: str = "editor") -> httpx.Response:
    return desk.web.post(path, FORM if form is None else form, **desk.cookie(role))


def get(desk: Desk, path: str, role: str = "editor") -> httpx.Response:
    return desk.web.get(path, **desk.cookie(role))


def matched(desk: Desk, text: str = SENTENCE) -> str:
    return unescape(desk.web.post("/match", {"text": text}).text)


def saved(record: Database) -> tuple[int, int]:
    return vocabulary.version(record), len(vocabulary.active(record))


@pytest.mark.parametrize("path", [TREE, CHANGES, TERM])
@pytest.mark.parametrize(
    ("role", "status"),
    [
        pytest.param("editor", 200, id="an editor"),
        pytest.param("worker", 200, id="a worker reads"),
        pytest.param("analyst", 403, id="an analyst does not"),
        pytest.param(None, 303, id="signed out"),
    ],
)
def test_who_sees_the_pages(desk: Desk, path: str, role: str | None, status: int) -> None:
    answer = desk.web.get(path, **(desk.cookie(role) if role else {}))
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    if status == 303:
        assert answer.headers["location"] == f"/sign-in?next={path}"


@pytest.mark.parametrize("path", ACTS)
@pytest.mark.parametrize(("role", "status"), [("worker", 403), ("analyst", 403), (None, 303)])
def test_only_editors_change_anything(desk: Desk, path: str, role: str | None, status: int) -> None:
    own = desk.add("sair made")
    form = {**FORM, "synonym": own}
    answer = desk.web.post(path, form, **(desk.cookie(role) if role else {}))
    assert answer.status_code == status
    assert saved(desk.running.database) == (1, 1)


@pytest.mark.parametrize("path", ACTS)
@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="neither header"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="same-site"),
        pytest.param({"Origin": "https://evil.example"}, id="another origin"),
        pytest.param({"Origin": "null"}, id="null"),
    ],
)
def test_no_form_from_elsewhere_does_anything(desk: Desk, path: str, headers: dict[str, str]) -> None:
    own = desk.add("sair made")
    sent = {**headers, **desk.cookie()}
    assert desk.web.send("POST", path, data={**FORM, "synonym": own}, headers=sent).status_code == 403
    assert saved(desk.running.database) == (1, 1)


def test_a_worker_is_offered_no_form(desk: Desk) -> None:
    desk.add("sair made")
    assert f'action="{TERM}/preview"' in get(desk, TERM).text
    page = get(desk, TERM, "worker").text
    assert "sair made" in page
    assert f'action="{TERM}' not in page


def test_every_term_in_use_is_reached_from_the_tree(desk: Desk) -> None:
    page = get(desk, TREE).text
    linked = set(re.findall(r'href="/staff/vocabulary/([a-z_]+/[a-z0-9_]+)"', page))
    assert linked == {term.id for taxonomy in load().values() for term in taxonomy.current()}


@pytest.mark.parametrize("term", [f"{t.name}/{c}" for t in load().values() for c in list(t.terms)[:2]])
def test_a_terms_page_for_every_list(desk: Desk, term: str) -> None:
    answer = get(desk, f"/staff/vocabulary/{term}")
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1


@pytest.mark.parametrize("path", ["/staff/vocabulary/need/nothing", "/staff/vocabulary/x/y"])
def test_no_such_term(desk: Desk, path: str) -> None:
    assert get(desk, path).status_code == 404
    for act in ("preview", "add", "withdraw", "restore"):
        assert post(desk, f"{path}/{act}").status_code == 404


def test_a_preview_shows_both_readings_and_saves_nothing(desk: Desk) -> None:
    before = matched(desk)
    page = unescape(post(desk, f"{TERM}/preview").text)
    now, then = page.split('aria-labelledby="now"')[1].split('aria-labelledby="then"')
    assert "Counselling or therapy" not in now
    assert "Counselling or therapy" in then
    assert "“fair scunnered”" in then
    assert "Not used: “fair scunnered”" in now
    assert now.count('href="/services/') == then.count('href="/services/') == editor.rewording.SERVICES
    assert saved(desk.running.database) == (0, 0)
    assert matched(desk) == before
    assert 'name="sample" value="14 year old battered in Fife, she is fair' in page


@pytest.mark.parametrize(
    "term", ["harm/threats", "relation/witness", "urgency/days", "group/disabled", "harmed_by/stranger"]
)
def test_a_preview_shows_the_new_fact_for_every_list_that_is_read(desk: Desk, term: str) -> None:
    taxonomy, _, code = term.partition("/")
    form = {"phrase": PHRASE, "sample": f"hit by {PHRASE} lives in Fife"}
    page = unescape(post(desk, f"/staff/vocabulary/{term}/preview", form).text)
    now, then = page.split('aria-labelledby="now"')[1].split('aria-labelledby="then"')
    assert load()[taxonomy].label(code) not in now
    assert load()[taxonomy].label(code) in then


def test_a_preview_without_an_index_still_shows_what_is_understood(desk: Desk, tmp_path: Path) -> None:
    desk.running = replace(desk.running, index=EmbeddedIndex(tmp_path / "no-index"))
    page = post(desk, f"{TERM}/preview")
    assert page.status_code == 200
    assert "There is no index to ask yet" in page.text
    assert "Counselling or therapy" in page.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({"sample": ""}, "“fair scunnered” would mean", id="the phrase alone when there is no sentence"),
        pytest.param({"sample": "nothing of it"}, "The phrase is not in this sentence", id="not in the sentence"),
        pytest.param(
            {"phrase": "counselling zqvax", "sample": "counselling zqvax"}, "it changes nothing", id="known in part"
        ),
        pytest.param({"phrase": "panel", "sample": "panel"}, "They would then mean both", id="warning"),
    ],
)
def test_a_preview_says_what_to_make_of_it(desk: Desk, form: dict[str, str], said: str) -> None:
    answer = post(desk, f"{TERM}/preview", {**FORM, **form})
    assert answer.status_code == 200
    assert said in unescape(answer.text)


def test_an_added_phrase_is_understood_at_once_with_no_re_index(desk: Desk) -> None:
    assert "Not used: “fair scunnered”" in matched(desk)
    answer = post(desk, f"{TERM}/add")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{TERM}?done=added")
    page = matched(desk)
    assert "Not used: “fair scunnered”" not in page
    assert "Counselling or therapy" in page
    term = get(desk, f"{TERM}?done=added").text
    assert "The phrase is added." in term
    assert PHRASE in term
    assert "Heard in Fife" in term


def test_a_phrase_is_withdrawn_and_brought_back(desk: Desk) -> None:
    own = desk.add(PHRASE)
    gone = post(desk, f"{TERM}/withdraw", {"synonym": own})
    assert gone.headers["location"] == f"{TERM}?done=withdrawn"
    assert "Not used: “fair scunnered”" in matched(desk)
    assert post(desk, f"{TERM}/withdraw", {"synonym": own}).headers["location"] == f"{TERM}?done=nothing"
    back = post(desk, f"{TERM}/restore", {"synonym": own})
    assert back.headers["location"] == f"{TERM}?done=restored"
    assert "Not used: “fair scunnered”" not in matched(desk)


@pytest.mark.parametrize("act", ["withdraw", "restore"])
def test_a_phrase_changes_only_from_its_own_term(desk: Desk, act: str) -> None:
    own = desk.add("sair made", "need/housing")
    assert post(desk, f"{TERM}/{act}", {"synonym": own}).status_code == 404
    assert post(desk, f"{TERM}/{act}", {}).status_code == 404
    assert saved(desk.running.database) == (1, 1)


@pytest.mark.parametrize("act", ["preview", "add"])
@pytest.mark.parametrize(
    ("form", "field", "said"),
    [
        pytest.param({"phrase": ""}, "phrase", "Write a word or phrase", id="nothing"),
        pytest.param({"phrase": "school"}, "phrase", "only an everyday word", id="everyday"),
        pytest.param({"phrase": "young offender"}, "phrase", "the child who harmed", id="word for a child"),
        pytest.param({"phrase": '"><script>alert(1)</script>'}, "phrase", "plain words", id="markup"),
        pytest.param({"note": "ring 01632 960001"}, "note", "long number", id="number in the note"),
        pytest.param({"sample": "a" * 1001}, "sample", "Shorten it to 1,000", id="long sentence"),
    ],
)
def test_a_mistake_is_said_at_its_field_and_nothing_typed_is_lost(
    desk: Desk, act: str, form: dict[str, str], field: str, said: str
) -> None:
    typed = {**FORM, **form}
    answer = post(desk, f"{TERM}/{act}", typed)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert '<div class="govuk-error-summary"' in page
    assert f'href="#{field}"' in page
    assert f'id="{field}-error"' in page
    assert said in page
    assert all(value in page for value in typed.values())
    assert "<script>alert" not in answer.text
    assert saved(desk.running.database) == (0, 0)


def test_a_phrase_with_warnings_needs_the_box_ticked(desk: Desk) -> None:
    form = {**FORM, "phrase": "panel"}
    answer = post(desk, f"{TERM}/add", form)
    assert answer.status_code == 422
    assert 'href="#confirmed"' in answer.text
    assert 'name="note" value="Heard in Fife"' in answer.text
    assert saved(desk.running.database) == (0, 0)
    assert post(desk, f"{TERM}/add", {**form, "confirmed": "yes"}).status_code == 303
    assert saved(desk.running.database) == (1, 1)


def test_adding_twice_adds_once(desk: Desk) -> None:
    assert post(desk, f"{TERM}/add").status_code == 303
    again = post(desk, f"{TERM}/add")
    assert (again.status_code, "has this meaning already" in again.text) == (422, True)
    assert saved(desk.running.database) == (1, 1)


def test_the_history_names_who_did_what_and_when(desk: Desk) -> None:
    assert "Nothing has been changed yet" in get(desk, CHANGES).text
    own = desk.add(PHRASE, note="Heard in Fife")
    post(desk, f"{TERM}/withdraw", {"synonym": own})
    page = " ".join(unescape(re.sub(r"<[^>]+>", "", get(desk, CHANGES, "worker").text)).split())
    withdrew = page.index("Ann Editor withdrew “fair scunnered” as Counselling or therapy")
    added = page.index("Ann Editor added “fair scunnered” as Counselling or therapy")
    assert withdrew < added
    assert "22 November 2026, 12:00 · Before: in use. After: withdrawn. Note: Heard in Fife" in page
    assert "Before: not there. After: in use." in page


def test_the_sentence_tried_is_nowhere_afterwards(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    form = {**FORM, "sample": "fair scunnered canaryword in Fife"}
    with caplog.at_level(logging.DEBUG):
        post(desk, f"{TERM}/preview", form)
        answer = post(desk, f"{TERM}/add", form)
    assert "canaryword" not in answer.headers["location"]
    assert all("canaryword" not in record.getMessage() for record in caplog.records)
    kept = Path(str(desk.running.database.engine.url.database)).parent
    for file in kept.rglob("*"):
        assert not file.is_file() or b"canaryword" not in file.read_bytes()
    for path in (TERM, CHANGES, TREE):
        assert "canaryword" not in get(desk, path).text


def test_these_pages_may_be_sent_back_to_by_their_own_forms(desk: Desk) -> None:
    assert get(desk, TERM).headers["referrer-policy"] == "same-origin"
    assert desk.running.settings.public_url == PUBLIC_URL
