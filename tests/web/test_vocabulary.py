"""The vocabulary pages: every term is reached by links alone, and says what it means and whose words lead to it."""

import re
from html import unescape

import pytest

from taxonomy import terms
from tests.web.conftest import COUNSELLORS, Web

LINK = re.compile(r'href="(/vocabulary[^"#]*)')
NEVER = re.compile(r"offender|perpetrator|\boffence", re.IGNORECASE)
CURRENT = [term.id for taxonomy in terms.load().values() for term in taxonomy.current()]


@pytest.fixture(scope="module")
def walked(web: Web) -> dict[str, str]:
    """Every page that links lead to from /vocabulary, by address."""
    pages: dict[str, str] = {}
    waiting = ["/vocabulary"]
    while waiting:
        address = waiting.pop()
        if address in pages or address.endswith(".json"):
            continue
        answer = web.get(address)
        assert answer.status_code == 200, address
        pages[address] = answer.text
        waiting += LINK.findall(answer.text)
    return pages


def test_every_term_in_use_is_reached_by_links_alone(walked: dict[str, str]) -> None:
    assert set(walked) == {"/vocabulary", *(f"/vocabulary/{term_id}" for term_id in CURRENT)}


def test_the_page_of_all_terms_is_reached_from_home(web: Web) -> None:
    assert 'href="/vocabulary"' in web.get("/").text


def test_every_term_page_says_what_the_term_means(walked: dict[str, str]) -> None:
    for term_id in CURRENT:
        term, text = terms.find(term_id), unescape(walked[f"/vocabulary/{term_id}"])
        for said in (term.label, term.plain_label, term.definition, term.scope_note, term.uri):
            assert said in text, (term_id, said)
        assert text.count("<h1") == 1


def test_no_page_calls_a_child_by_what_they_did(walked: dict[str, str]) -> None:
    assert [address for address, text in walked.items() if NEVER.search(text)] == []


def test_every_page_is_light(walked: dict[str, str]) -> None:
    assert [address for address, text in walked.items() if len(text.encode()) > 60_000] == []


def test_wider_and_narrower_lead_to_each_other(walked: dict[str, str]) -> None:
    assert 'href="/vocabulary/family/sarcs"' in walked["/vocabulary/family/rape_crisis"]
    assert 'href="/vocabulary/family/rape_crisis"' in walked["/vocabulary/family/sarcs"]


def test_a_programme_for_the_child_who_harmed_says_for_whom_it_is_not(walked: dict[str, str]) -> None:
    for code in ("intensive_family", "mst_can", "carm", "secure_care", "residential_school", "justice_accommodation"):
        assert "Not for the person harmed" in walked[f"/vocabulary/family/{code}"], code


def test_services_are_counted_and_the_link_finds_as_many(web: Web, walked: dict[str, str]) -> None:
    page = walked["/vocabulary/family/counselling"]
    count, href = re.search(r'<a href="([^"]+)">([\d,]+) services? sorted', page).groups()[::-1]  # type: ignore[union-attr]
    assert int(count) >= COUNSELLORS
    assert web.get(href.replace("/services?", "/services.json?")).json()["total"] == int(count)


def test_a_kind_that_nobody_offers_leads_to_its_family(walked: dict[str, str]) -> None:
    page = walked["/vocabulary/family/play_therapy"]
    assert "No service for a person harmed is sorted under this yet" in page
    assert 'href="/services?family=counselling"' in page


def test_other_lists_words_are_shown_with_their_licence(walked: dict[str, str]) -> None:
    page = walked["/vocabulary/family/rape_crisis"]
    assert "Gender based violence" in page
    assert "CC BY 4.0" in page


def test_a_term_as_data(web: Web) -> None:
    body = web.get("/vocabulary/family/sarcs.json").json()
    assert body["uri"] == terms.find("family/sarcs").uri
    assert body["broader"] == ["family/rape_crisis"]
    assert body["status"] == "current"
    assert body["services"] == {"count": 0, "href": "/services?family=sarcs"}
    safety = web.get("/vocabulary/need/refuge.json").json()
    assert safety["services"] is None
    assert {walk["crosswalk"] for walk in safety["sources"]} >= {"aliss-categories", "open-eligibility"}


def test_all_terms_as_data(web: Web) -> None:
    body = web.get("/vocabulary.json").json()
    assert [term["id"] for taxonomy in body["taxonomies"] for term in taxonomy["terms"]] == [
        term.id for taxonomy in terms.load().values() for term in taxonomy.terms.values()
    ]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/vocabulary/family/nothing", id="no such code"),
        pytest.param("/vocabulary/nothing/family", id="no such taxonomy"),
        pytest.param("/vocabulary/family/%3Cscript%3E", id="markup"),
    ],
)
@pytest.mark.parametrize("ending", ["", ".json"])
def test_an_unknown_term_says_where_to_look(web: Web, path: str, ending: str) -> None:
    answer = web.get(path + ending)
    assert answer.status_code == 404
    assert "/vocabulary" in answer.text
    assert "<script>" not in answer.text


def test_the_search_offers_no_kind_that_nothing_has(web: Web) -> None:
    page = web.get("/services").text
    assert 'id="family-rape_crisis"' in page
    assert 'id="family-sarcs"' not in page
