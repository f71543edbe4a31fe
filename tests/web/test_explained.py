"""The two questions behind an answer by the page: what was left out, and why one service stands where it does."""

import re
from html import unescape

import pytest

from tests.web.conftest import PLANTED_ID, SECRETS, Web
from tests.web.test_match_page import LEITH

ABUSE = {"text": "woman abused by her partner, lives in Glasgow, needs counselling", "gender": "female", "age": "30"}
KINGDOM = r'name="service" value="([^"]+)"'


def test_what_was_left_out_is_one_press_away_with_reasons_and_names(web: Web) -> None:
    page = unescape(web.post("/match/left-out", {"text": "14 year old battered, lives in Glasgow"}).text)
    assert re.search(r"23 services not shown: for people living in Fife", page)
    assert "Kingdom Counselling" in page
    assert re.search(r"not shown: for people living in City of Edinburgh", page)
    assert "serves Fife; ages 12 to 18" in page
    assert "And 15 more." in page


def test_an_age_that_rules_out_is_said_though_the_engine_drops_it(web: Web) -> None:
    page = unescape(web.post("/match/left-out", {"text": "battered, lives in Fife", "age": "40"}).text)
    assert "23 services not shown: for people of 12 to 18" in page


def test_what_was_to_be_avoided_is_named_as_such(web: Web) -> None:
    asked = {"text": LEITH, "avoid": "Kingdom Counselling 07"}
    page = unescape(web.post("/match/left-out", asked).text)
    assert re.search(r"1 service not shown: you asked to keep away from.*Kingdom Counselling 07", page, re.DOTALL)


def test_a_withheld_service_is_left_out_by_name_alone(web: Web) -> None:
    page, data = web.post("/match/left-out", ABUSE), web.post("/match/left-out.json", ABUSE)
    (planted,) = [
        one for group in data.json()["groups"] for one in group["services"] if one["name"].startswith("Planted")
    ]
    assert set(planted) == {"id", "name"}
    assert "Planted Women" in unescape(page.text)
    for secret in SECRETS:
        assert secret not in page.text + data.text


def test_the_buttons_of_a_page_lead_on_and_back_with_nothing_lost(web: Web) -> None:
    first = web.post("/match", {"text": LEITH, "gender": "female"}).text
    form = re.search(r'<form id="ask".*?</form>', first, re.DOTALL)
    assert form
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form[0]))
    assert hidden["text"] == LEITH
    service = re.search(KINGDOM, first)
    assert service
    sent = {name: unescape(value) for name, value in hidden.items()} | {"service": service[1]}
    why = web.post("/match/why", sent).text
    assert "is number 1</h1>" in why
    back = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', why))
    again = web.post("/match", {name: unescape(value) for name, value in back.items()}).text
    assert re.findall(KINGDOM, again) == re.findall(KINGDOM, first)


def test_why_shows_signals_with_their_stories_facts_neighbours_and_changes(web: Web) -> None:
    listed = web.post("/match.json", {"text": "battered, lives in Fife"}).json()["results"]
    last = listed[-1]["id"]
    page = unescape(web.post("/match/why", {"text": "battered, lives in Fife", "service": last}).text)
    assert "How the score is made" in page
    assert "Need fit" in page
    assert "Below “" in page
    data = web.post("/match/why.json", {"text": "battered, lives in Fife", "service": last}).json()
    assert data["place"] == len(listed)
    assert {fact["verdict"] for fact in data["facts"]} <= {"fits", "not_stated", "does_not_fit"}
    assert data["changes"]
    for change in data["changes"]:
        assert change["sentence"] in page


def test_why_a_service_of_another_area_is_not_shown_and_what_would_show_it(web: Web) -> None:
    asked = {"text": "counselling after an assault, 14, lives in Glasgow", "service": "c01"}
    data = web.post("/match/why.json", asked).json()
    assert data["place"] is None
    assert data["left_out"] == "It is left out: for people who live somewhere else."
    assert any(change["sentence"].startswith("If they lived in Fife: it would be shown") for change in data["changes"])


def test_why_of_a_withheld_service_tells_nothing_of_its_place(web: Web) -> None:
    asked = {"text": "woman abused by her partner, lives in Fife", "gender": "female", "service": PLANTED_ID}
    for path in ("/match/why", "/match/why.json"):
        answer = web.post(path, asked)
        assert answer.status_code == 200
        for secret in SECRETS:
            assert secret not in answer.text


BAD = [
    pytest.param("/match/why", {"text": LEITH}, 422, "No service was named", id="no service"),
    pytest.param("/match/why", {"text": LEITH, "service": "none"}, 404, "no such service", id="unknown service"),
    pytest.param("/match/why", {"text": LEITH, "service": "x" * 500}, 404, "no such service", id="long service"),
    pytest.param("/match/why", {"service": "c01"}, 200, "Nothing has been said yet", id="empty case"),
    pytest.param("/match/left-out", {}, 200, "Nothing has been said yet", id="nothing"),
    pytest.param("/match/left-out", {"text": "x", "age": "abc"}, 422, "not a number", id="wrong age"),
    pytest.param("/match/left-out", {"text": "x", "residence": "Nowhereville"}, 422, "no place", id="no place"),
    pytest.param("/match/left-out.json", {"text": "x", "age": "abc"}, 422, "not a number", id="wrong age as data"),
    pytest.param("/match/left-out.json", {}, 422, "nothing to match", id="nothing as data"),
    pytest.param("/match/why.json", {"text": LEITH, "service": "none"}, 404, "no such service", id="unknown as data"),
]


@pytest.mark.parametrize(("path", "sent", "status", "says"), BAD)
def test_bad_input_is_refused_in_words(web: Web, path: str, sent: dict[str, str], status: int, says: str) -> None:
    answer = web.post(path, sent)
    assert answer.status_code == status
    assert says in unescape(answer.text)


@pytest.mark.parametrize("path", ["/match/left-out", "/match/why"])
def test_by_address_there_is_only_the_form(web: Web, path: str) -> None:
    answer = web.get(f"{path}?text=secret")
    assert (answer.status_code, answer.headers["location"]) == (303, "/match")


@pytest.mark.parametrize("path", ["/match/left-out", "/match/why"])
def test_the_pages_are_kept_by_nobody(web: Web, path: str) -> None:
    answer = web.post(path, {"text": LEITH, "service": "c01"})
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', answer.text):
        assert "Leith" not in address
