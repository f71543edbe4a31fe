"""One service: facts that are not stated are said to be so, sources are named, and a withheld place stays withheld."""

import re
from html import unescape

import pytest

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.values import Known, Visibility
from tests.builders import a_document
from tests.web.conftest import PLANTED_ID, SECRETS, Web
from web import wording
from web.public import shown
from web.render import linked_numbers, telephone_href, web_href


def the_page(web: Web, source_id: str) -> str:
    answer = web.get(web.get(f"/services/{source_id}").headers["location"])
    assert answer.status_code == 200
    return unescape(answer.text)


def fact(page: str, label: str) -> str:
    found = re.search(rf"__key\">{label}</dt><dd [^>]*>([^<]*)</dd>", page)
    assert found, label
    return found[1]


def test_a_sources_own_id_leads_to_the_lasting_address(web: Web) -> None:
    answer = web.get("/services/f900")
    assert answer.status_code == 303
    assert re.fullmatch(r"/services/[0-9a-f-]{36}", answer.headers["location"])
    assert web.get("/services/f900.json").headers["location"].endswith(".json")


def test_facts_are_in_words(web: Web) -> None:
    page = the_page(web, "f900")
    assert fact(page, "Ages") == "12 to 18"
    assert fact(page, "Gender") == "Any gender"
    assert fact(page, "Area it serves") == "City of Edinburgh."
    assert fact(page, "Place") == "12 Harbour Row, Leith, EH6 5QG"
    assert 'href="tel:01632960001"' in page
    assert 'href="geo:55.97550,-3.16650"' in page
    assert "contactSCOTLAND-BSL" in page
    assert "OGL v3" in page
    assert "read on a page of 2024" in page.lower()


@pytest.mark.parametrize("label", ["Ages", "Gender", "Area it serves", "Languages", "Who can refer", "Helps with"])
def test_what_is_not_stated_is_said_and_to_be_asked(web: Web, label: str) -> None:
    assert fact(the_page(web, "v1"), label) == "Not stated. Ask first."


@pytest.mark.parametrize(
    ("limit", "says"),
    [
        pytest.param(AgeLimit(), "Not stated. Ask first.", id="unknown"),
        pytest.param(AgeLimit(Known.NONE), "Any age", id="stated as none"),
        pytest.param(AgeLimit(Known.STATED, 12, 18), "12 to 18", id="span"),
        pytest.param(AgeLimit(Known.STATED, 16, None), "16 and over", id="open above"),
        pytest.param(AgeLimit(Known.STATED, None, 17), "Up to 17", id="open below"),
        pytest.param(
            AgeLimit(Known.STATED, 12, 17, "child_who_harmed"), "12 to 17 (the age of the child who harmed)", id="about"
        ),
    ],
)
def test_ages_have_three_values(limit: AgeLimit, says: str) -> None:
    assert wording.ages(a_document(age=limit)) == says


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        pytest.param(GenderRule(), "Not stated. Ask first.", id="unknown"),
        pytest.param(GenderRule(Known.NONE), "Any gender", id="none"),
        pytest.param(GenderRule(Known.STATED, "female"), "Women and girls", id="stated"),
    ],
)
def test_gender_has_three_values(rule: GenderRule, says: str) -> None:
    assert wording.gender(a_document(gender=rule)) == says


@pytest.mark.parametrize(
    ("cover", "says"),
    [
        pytest.param(Coverage(), "Not stated. Ask first.", id="unknown"),
        pytest.param(Coverage(Known.STATED, ("SCOTLAND",)), "All of Scotland.", id="nation"),
        pytest.param(
            Coverage(Known.STATED, ("S12000036",), ("EH6", "EH7")), "City of Edinburgh, only EH6 and EH7.", id="part"
        ),
    ],
)
def test_area_has_three_values(cover: Coverage, says: str) -> None:
    assert wording.coverage(a_document(coverage=cover)) == says


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_a_withheld_service_shows_its_way_in_and_nothing_of_its_place(web: Web, suffix: str) -> None:
    answer = web.get(f"/services/{PLANTED_ID}{suffix}")
    assert answer.status_code == 200
    assert not [secret for secret in SECRETS if secret in answer.text]
    assert "geo:" not in answer.text
    if not suffix:
        assert "Place withheld for safety" in answer.text
        assert "Ask the helpline." in answer.text


@pytest.mark.parametrize("visibility", [Visibility.UNDISCLOSED, Visibility.AREA_ONLY])
def test_only_an_exact_place_has_a_point_or_an_address(visibility: Visibility) -> None:
    doc = shown(a_document(visibility=visibility))
    assert (doc.point, doc.address, doc.city, doc.postal_code) == (None, "", "", "")


def test_a_source_cannot_plant_a_script(web: Web) -> None:
    answer = web.get(web.get("/services/x1").headers["location"])
    assert "<script>alert" not in answer.text
    assert "javascript:" not in answer.text


@pytest.mark.parametrize(
    ("number", "href"),
    [
        pytest.param("0131 496 0000", "tel:01314960000", id="plain"),
        pytest.param("(0131) 496-0000", "tel:01314960000", id="marks"),
        pytest.param("+44 131 496 0000", "tel:+441314960000", id="international"),
        pytest.param("101", "tel:101", id="short"),
        pytest.param("0131 496 0000 or 0001", "", id="two in one"),
        pytest.param("ask at school", "", id="words"),
    ],
)
def test_only_a_number_is_made_a_telephone_link(number: str, href: str) -> None:
    assert telephone_href(number) == href


def test_numbers_in_words_become_links_and_markup_stays_words() -> None:
    linked = str(linked_numbers("<b>Ring</b> the helpline, 0800 027 1234. Read in 2024."))
    assert linked == '&lt;b&gt;Ring&lt;/b&gt; the helpline, <a href="tel:08000271234">0800 027 1234</a>. Read in 2024.'


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("javascript:alert(1)", id="script"),
        pytest.param("data:text/html,x", id="data"),
        pytest.param("ftp://a.example", id="ftp"),
        pytest.param("//a.example", id="no scheme"),
        pytest.param("https://u@a.example", id="user"),
        pytest.param("http://[", id="broken"),
        pytest.param("", id="empty"),
    ],
)
def test_other_addresses_are_no_links(address: str) -> None:
    assert web_href(address) == ""
