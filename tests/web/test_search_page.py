"""The bookmarkable search: pages of ten, counts, filters that come off, a way out of nothing, JSON and CSV."""

import csv
import io
import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import COUNSELLORS, SECRETS, Web
from web.public import safe_cell
from web.search_form import SearchForm

WORDS = "/services?q=kingdom"


def names(html: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<h3 class="card__name"><a [^>]*>([^<]*)</a>', html)]


def test_pages_of_ten_say_where_they_are(web: Web) -> None:
    first, last = web.get(WORDS).text, web.get(WORDS + "&page=3").text
    assert f"Showing 1 to 10 of {COUNSELLORS} services for kingdom" in first
    assert f"Showing 21 to {COUNSELLORS} of {COUNSELLORS} services for kingdom" in last
    assert f"<title>{COUNSELLORS} services for kingdom (page 3 of 3) – Waymark</title>" in last
    assert len(names(first)) == 10


def test_the_pages_hold_everything_once(web: Web) -> None:
    found = [name for page in (1, 2, 3) for name in names(web.get(f"{WORDS}&page={page}").text)]
    assert len(found) == len(set(found)) == COUNSELLORS


def test_a_page_beyond_the_last_leads_to_the_last(web: Web) -> None:
    answer = web.get(WORDS + "&page=9")
    assert (answer.status_code, answer.headers["location"]) == (303, WORDS + "&page=3")


@pytest.mark.parametrize(
    ("path", "leads_to"),
    [
        pytest.param("/services?near=EH6+5QG", "/services?near=EH6+5", id="full postcode"),
        pytest.param("/services?near=eh65qg&q=help", "/services?q=help&near=EH6+5", id="written close, small letters"),
        pytest.param("/services?q=counselling+EH6+5QG", "/services?q=counselling&near=EH6+5", id="among the words"),
        pytest.param("/services?near=at+EH6+5QG+please", "/services?near=EH6+5", id="inside a sentence"),
        pytest.param("/services.json?near=EH6+5QG", "/services.json?near=EH6+5", id="as JSON"),
        pytest.param("/services.csv?near=EH6+5QG", "/services.csv?near=EH6+5", id="as CSV"),
        pytest.param(
            "/services?near=Leith&sort=distance", "/services?near=Leith&radius=25&sort=distance", id="nearest"
        ),
    ],
)
def test_an_address_is_put_right_and_never_keeps_a_full_postcode(web: Web, path: str, leads_to: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, leads_to)


def test_the_form_posts_so_that_a_postcode_never_gets_into_an_address(web: Web) -> None:
    answer = web.post("/services", {"q": "help", "near": "EH6 5QG", "family": ["counselling"], "radius": "5"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/services?q=help&near=EH6+5&radius=5&family=counselling"
    assert 'action="/services" method="post"' in web.get("/services").text


@pytest.mark.parametrize(
    ("query", "field", "says"),
    [
        pytest.param("age=abc", "age", "not a number", id="age"),
        pytest.param("age=300", "age", "cannot be right", id="age 300"),
        pytest.param("near=Nowhereville", "near", "no place of that name", id="unknown place"),
        pytest.param("radius=5", "near", "Say near which", id="radius without place"),
        pytest.param("near=Leith&radius=7", "radius", "Choose a distance", id="no such radius"),
        pytest.param("near=Scotland&radius=5", "near", "too wide", id="nation with radius"),
        pytest.param("sort=best", "sort", "Choose an order", id="no such order"),
    ],
)
def test_a_search_that_cannot_be_read_says_so_at_its_field(web: Web, query: str, field: str, says: str) -> None:
    answer = web.get("/services?" + query)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert says in unescape(answer.text)


@pytest.mark.parametrize("query", ["page=0", "page=x", "family=nosuch", "delivery=nosuch", "q=" + "a" * 300])
def test_nonsense_in_an_address_is_422_as_page_and_as_data(web: Web, query: str) -> None:
    assert web.get("/services?" + query).status_code == 422
    data = web.get("/services.json?" + query)
    assert data.status_code == 422
    assert data.json()["error"]


def test_facets_carry_counts_and_ticked_ones_come_off_by_a_chip(web: Web) -> None:
    page = web.get("/services?near=Fife&family=counselling").text
    assert re.search(r'value="counselling" checked>.*?<span class="count">\d+</span>', page)
    assert '<a class="filter" href="/services?near=Fife"><span class="sr">Remove </span>Counselling' in page
    # ticks of one group are "or": the others keep the count they would add
    assert re.search(r'value="domestic_abuse"><label[^>]*>Domestic abuse <span class="count">[1-9]', page)
    # what would find nothing is greyed, not hidden
    assert re.search(r'value="online_harm" disabled>', page)


def test_nothing_found_is_never_a_dead_end(web: Web) -> None:
    page = unescape(web.get("/services?q=kingdom&near=Leith&age=90").text)
    assert "No services for kingdom" in page
    ways = dict(re.findall(r'<li><a href="(/services[^"]*)">[^<]*</a> <span class="count">([\d,]+)</span>', page))
    assert ways["/services?family=safety"] == "1"
    assert ways["/services?near=Leith&age=90"] == "2"
    for href, count in ways.items():
        assert web.get(href.replace(".json", "")).status_code == 200
        assert int(count) > 0


def test_alternates_are_told_and_work(web: Web) -> None:
    answer = web.get(WORDS + "&page=2")
    assert '</services.json?q=kingdom&page=2>; rel="alternate"; type="application/json"' in answer.headers["link"]
    assert '</services.csv?q=kingdom&page=2>; rel="alternate"; type="text/csv"' in answer.headers["link"]
    body = web.get("/services.json?q=kingdom&page=2").json()
    assert (body["total"], body["page"], body["pages"], len(body["services"])) == (COUNSELLORS, 2, 3, 10)
    assert body["next"] == "/services.json?q=kingdom&page=3"
    assert web.get("/services.json?q=kingdom&page=3").json()["next"] is None


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_csv_holds_all_that_was_found(web: Web) -> None:
    answer = web.get("/services.csv?q=kingdom")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(rows(answer.text)) == COUNSELLORS


def test_no_cell_runs_as_a_formula(web: Web) -> None:
    (row,) = [row for row in rows(web.get("/services.csv").text) if row["source_id"] == "x1"]
    assert row["name"] == '\'=HYPERLINK("http://evil.example","click")'
    assert row["organization"] == "'@SUM(1)"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "|", "\0=", " =", "\0"])
def test_what_a_spreadsheet_may_run_is_put_behind_an_apostrophe(start: str) -> None:
    cell = safe_cell(f"{start}1+1")
    assert cell.startswith("'") or cell == "1+1"
    assert "\0" not in cell


@given(st.text())
def test_a_cell_never_begins_a_formula_and_keeps_its_words(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.lstrip(" ").startswith(tuple("=+-@|\t\r\n\0"))
    assert cell.removeprefix("'") in {text.replace("\0", ""), text.replace("\0", "").removeprefix("'")}


@pytest.mark.parametrize("path", ["/services", "/services.json", "/services.csv"])
@pytest.mark.parametrize(
    "query", ["?q=planted", "?near=Fife&family=domestic_abuse", "?q=Hidlem", "?near=KY1&sort=name"]
)
def test_a_withheld_place_is_on_no_list(web: Web, path: str, query: str) -> None:
    answer = web.get(path + query)
    text = answer.text.replace("q=Hidlem", "").replace('value="Hidlem"', "").replace("Words: Hidlem", "")
    text = re.sub(r"(?:for |words “)Hidlem", "", text)
    assert answer.status_code == 200
    assert not [secret for secret in SECRETS if secret in text]


def test_a_withheld_place_is_never_within_a_distance(web: Web) -> None:
    body = web.get("/services.json?near=Glenrothes&radius=25").json()
    assert "p1" not in {service["source_id"] for service in body["services"]}


@given(
    st.builds(
        SearchForm, q=st.text(max_size=20), near=st.text(max_size=20), age=st.sampled_from(["", "14"]),
        family=st.lists(st.sampled_from(["counselling", "youth"]), unique=True).map(tuple),
        page=st.sampled_from(["1", "2"]),
    )
)  # fmt: skip
def test_an_address_gives_back_the_search_it_was_made_of(form: SearchForm) -> None:
    from starlette.datastructures import QueryParams

    read = SearchForm.read(QueryParams(form.url().partition("?")[2]))
    assert SearchForm.read(QueryParams(read.url().partition("?")[2])) == read
    assert read.family == form.family
