"""The main job by the page: words in by POST, reasons out, mistakes at their fields, nothing lost or leaked."""

import json
import re
from html import unescape

import pytest

from tests.web.conftest import SECRETS, Web

LEITH = "14 year old battered in Leith, lives in Fife, not sleeping"
TOO_LONG = "a" * 10_001


def form_values(html: str) -> dict[str, str]:
    """What the fields of the page's form hold."""
    found = {"text": unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)[1])}  # type: ignore[index]
    for tag in re.findall(r'<input class="govuk-input[^>]*>', html):
        name, value = re.search(r' name="(\w+)"', tag), re.search(r' value="([^"]*)"', tag)
        found[name[1]] = unescape(value[1]) if value else ""  # type: ignore[index]  # found, or the test fails
    for name, options in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'value="(\w*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def test_the_leith_sentence_gives_a_plan_and_a_list_with_reasons(web: Web) -> None:
    answer = web.post("/match", {"text": LEITH})
    assert answer.status_code == 200
    page = answer.text
    assert "What we understood" in page
    assert "battered" in page
    assert re.search(r"<dt>Age</dt><dd>14", page)
    assert re.search(r"<dt>Harmed in</dt><dd>Leith \(City of Edinburgh\)", page)
    assert re.search(r"<dt>Lives in</dt><dd>Fife", page)
    assert "Kingdom Counselling" in page
    assert "Covers Fife." in page
    assert "All reasons" in page


def test_the_form_below_is_filled_with_what_was_read(web: Web) -> None:
    values = form_values(web.post("/match", {"text": LEITH}).text)
    assert values["text"] == LEITH
    assert (values["age"], values["residence"]) == ("14", "Fife")
    assert values["harm_place"].startswith("Leith")


def test_changed_words_are_read_anew_though_the_fields_still_show_the_old_reading(web: Web) -> None:
    again = {"text": "9 year old battered, lives in Fife", "age": "14", "read_age": "14", "residence": "Fife"}
    assert form_values(web.post("/match", again).text)["age"] == "9"


def test_a_field_corrected_by_hand_wins_over_the_words(web: Web) -> None:
    corrected = {"text": LEITH, "age": "16", "read_age": "14"}
    assert form_values(web.post("/match", corrected).text)["age"] == "16"


BAD = [
    pytest.param({"text": "battered", "age": "-3"}, "age", "-3", id="age -3"),
    pytest.param({"text": "battered", "age": "300"}, "age", "300", id="age 300"),
    pytest.param({"text": "battered", "age": "abc"}, "age", "not a number", id="age abc"),
    pytest.param({"text": "battered", "age": "15 to 12"}, "age", "cannot be right", id="ages the wrong way round"),
    pytest.param({"text": TOO_LONG}, "text", "10,001 characters", id="10,001 characters"),
    pytest.param(
        {"text": "battered", "residence": "Nowhereville"}, "residence", "no place of that name", id="unknown home"
    ),
    pytest.param({"text": "battered", "harm_place": "EH99 9ZZ"}, "harm_place", "EH99", id="no such postcode"),
    pytest.param({"text": "battered", "residence": "x" * 300}, "residence", "too long", id="place too long"),
    pytest.param({"text": "battered", "urgency": "yesterday"}, "urgency", "", id="unknown urgency"),
]


@pytest.mark.parametrize(("sent", "field", "says"), BAD)
def test_bad_input_is_said_at_its_field_and_nothing_typed_is_lost(
    web: Web, sent: dict[str, str], field: str, says: str
) -> None:
    answer = web.post("/match", sent)
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert "<title>Error: " in page
    assert f'<a href="#{field}">' in page
    message = re.search(rf'id="{field}-error"[^>]*>(.*?)</p>', page, re.DOTALL)
    assert message
    assert says in message[1]
    values = form_values(answer.text)
    for name, typed in sent.items():
        if name != "urgency":
            assert values[name] == typed


def test_all_mistakes_are_said_at_once(web: Web) -> None:
    page = web.post("/match", {"text": "", "age": "abc", "residence": "Nowhereville"}).text
    assert "Nothing has been said yet" not in page
    assert all(f'href="#{field}"' in page for field in ("age", "residence"))


def test_words_without_a_place_are_answered_with_a_question(web: Web) -> None:
    answer = web.post("/match", {"text": "14 year old battered"})
    assert answer.status_code == 200
    assert "Where do they live?" in answer.text
    assert "Saltire Victim Line" in answer.text


def test_markup_in_the_words_stays_words(web: Web) -> None:
    page = web.post("/match", {"text": "<script>alert(1)</script> battered in Leith", "avoid": '"><img src=x>'}).text
    assert "<script>alert" not in page
    assert "<img" not in page


def test_a_persons_details_never_stand_in_an_address(web: Web) -> None:
    answer = web.post("/match", {"text": LEITH, "residence": "KY1 1XX", "age": "14"})
    for address in re.findall(r'(?:href|action|src)="([^"]*)"', answer.text):
        assert "KY1" not in address
        assert "Leith" not in address
        assert "14" not in address.partition("?v=")[0] or address.startswith(("/services/", "tel:"))
    assert 'method="get"' not in answer.text


def test_asking_for_a_match_by_address_leads_to_the_form_without_it(web: Web) -> None:
    answer = web.get("/match?text=secret")
    assert (answer.status_code, answer.headers["location"]) == (303, "/match")


@pytest.mark.parametrize("sent", [{}, {"text": "  \n "}, {"relation": "witness", "gender": "female"}], ids=str)
def test_an_empty_case_gives_the_short_form_and_no_error(web: Web, sent: dict[str, str]) -> None:
    answer = web.post("/match", sent)
    assert answer.status_code == 200
    assert "<title>Find help after harm" in answer.text
    assert "Nothing has been said yet" in answer.text
    assert "govuk-error-summary" not in answer.text
    assert form_values(answer.text)["relation"] == sent.get("relation", "")
    assert web.get("/match").text.count("Nothing has been said yet") == 1


def test_the_page_says_why_the_first_is_first_and_what_was_left_out(web: Web) -> None:
    page = unescape(web.post("/match", {"text": LEITH}).text)
    assert re.search(r"Why the first is first\.</strong> It (?:comes before|and) “[^”]+”", page)
    assert "What was left out, and why" in page
    assert 'formaction="/match/why"' in page


def test_facts_that_contradict_each_other_are_shown_as_understood_and_can_be_changed(web: Web) -> None:
    page = unescape(web.post("/match", {"text": "aged 8, my husband hit me, lives in Fife"}).text)
    assert re.search(r'<p class="notice">[^<]*8 years old[^<]*husband', page)
    assert re.search(r"<dt>Age</dt><dd>8", page)
    assert form_values(page)["age"] == "8"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/match.json", {}, id="by address"),
        pytest.param("/match", {"Accept": "application/json"}, id="by Accept"),
    ],
)
def test_the_same_answer_as_data(web: Web, path: str, headers: dict[str, str]) -> None:
    answer = web.post(path, {"text": LEITH}, **headers)
    assert answer.status_code == 200
    body = answer.json()
    assert body["results"][0]["reasons"]
    assert body["understood"]["age"]["value"] == 14
    assert {"plan", "left_out", "facets", "safety", "notices"} <= set(body)


def test_an_enquiry_may_be_sent_as_json(web: Web) -> None:
    body = {"text": LEITH, "age": 14, "gender": None, "unknown": {"x": 1}, "harm": "Leith"}
    answer = web.send("POST", "/match.json", json=body, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(b"{", 422, id="cut short"),
        pytest.param(b"[]", 422, id="a list"),
        pytest.param(b'{"text": {"a": 1}}', 422, id="text is an object"),
        pytest.param(b'{"age": NaN, "text": "battered"}', 422, id="not a number"),
        pytest.param(b"[" * 100_000, 422, id="too deep"),
        pytest.param(b"\xff\xfe", 422, id="not UTF-8"),
        pytest.param(json.dumps({"text": ""}).encode(), 422, id="no text"),
        pytest.param(b'{"text": "' + b"a" * 300_000 + b'"}', 413, id="too large"),
    ],
)
def test_bad_json_is_refused_as_data(web: Web, content: bytes, status: int) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/json"}
    answer = web.send("POST", "/match.json", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"


def test_a_withheld_place_is_in_no_answer(web: Web) -> None:
    enquiry = {"text": "woman abused by her partner, lives in Fife, needs a refuge", "gender": "female", "age": "30"}
    page, data = web.post("/match", enquiry), web.post("/match.json", enquiry)
    assert "Planted Women" in unescape(page.text)
    assert "Planted Women" in data.text
    for secret in SECRETS:
        assert secret not in page.text
        assert secret not in data.text


def test_the_page_is_light(web: Web) -> None:
    assert len(web.post("/match", {"text": LEITH}).content) <= 60_000
