"""The templates as a whole: what no page may say, carry or weigh."""

import re
from importlib.resources import files

import pytest

from tests.web.conftest import Web
from web import pages, render
from web.pages import ATTRIBUTION

OURS = sorted(name for name in render.environment().list_templates() if not name.startswith("govuk_frontend_jinja/"))
PATHS = ["/", "/services", "/services?q=kingdom", "/services?q=zzz", "/about-data", "/accessibility", "/nothing"]
NEVER = re.compile(r"offender|perpetrator|criminal|\boffence|\bcrime|tracks|organization(?!\b[^<]*%})", re.IGNORECASE)


def visible(template: str) -> str:
    """The words of a template that a reader may see."""
    source = files("web").joinpath("templates", template).read_text("utf-8")
    return re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", source, flags=re.DOTALL)


@pytest.mark.parametrize("template", OURS)
def test_no_template_says_what_may_not_be_said(template: str) -> None:
    source = files("web").joinpath("templates", template).read_text("utf-8")
    assert not re.search("offender|perpetrator", source, re.IGNORECASE)
    assert not NEVER.search(visible(template))


@pytest.mark.parametrize(
    "name", ["wording.py", "chips.py", "match.py", "search.py", "facets.py", "forms.py", "pages.py"]
)
def test_no_wording_of_ours_says_it_either(name: str) -> None:
    source = files("web").joinpath(name).read_text("utf-8")
    assert not re.search("offender|perpetrator", source, re.IGNORECASE)


@pytest.mark.parametrize("template", OURS)
def test_no_template_carries_a_style_or_a_script_of_its_own(template: str) -> None:
    source = files("web").joinpath("templates", template).read_text("utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)|\|\s*safe", source)


@pytest.mark.parametrize("path", PATHS)
def test_every_page_has_the_furniture(web: Web, path: str) -> None:
    page = web.get(path).text
    assert page.startswith("<!DOCTYPE html>") or page.lstrip().startswith("<!DOCTYPE html>")
    assert '<html lang="en-GB"' in page
    assert '<nav class="skip-links" aria-label="Skip links">' in page
    assert "Hide this page" in page
    assert "does not remove it" in page
    assert page.count("<h1") == 1
    assert len(page.encode()) <= 60_000
    assert not re.search(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="https?:', page)


@pytest.mark.parametrize("path", PATHS)
def test_until_live_every_page_says_that_the_data_is_not_checked(web: Web, live_web: Web, path: str) -> None:
    assert "Example data, not checked.</strong> Do not rely on it." in web.get(path).text
    assert "Example data" not in live_web.get(path).text


def test_the_licences_are_printed_word_for_word(web: Web) -> None:
    page = web.get("/about-data").text
    for line in ATTRIBUTION:
        assert line in page


@pytest.mark.shared_data
def test_the_attribution_is_the_one_the_data_asks_for(shared_data: object) -> None:
    asked = " ".join(shared_data.joinpath("README.md").read_text("utf-8").split("## Attribution to print")[1].split())  # type: ignore[attr-defined]
    assert asked == " ".join(pages.ATTRIBUTION)


@pytest.mark.parametrize(
    ("name", "most"),
    [
        ("theme.css", 4_000), ("waymark.css", 20_000), ("staff.css", 14_000), ("answers.css", 4_000),
        ("waymark.js", 6_000), ("staff.js", 14_000), ("mark.svg", 1_000),
    ],
)  # fmt: skip
def test_static_files_are_small_and_ask_nobody_else(name: str, most: int) -> None:
    content = render.STATIC.joinpath(name).read_bytes()
    assert len(content) <= most
    assert not re.search(rb"url\(|@import|@font-face|https?://(?!www\.w3\.org/2000/svg)", content)


@pytest.mark.parametrize("name", ["waymark.css", "staff.css", "answers.css"])
def test_every_colour_is_the_themes(name: str) -> None:
    rules = re.sub(r"[^{}]*\{", "{", render.STATIC.joinpath(name).read_text(encoding="utf-8"))
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(|:\s*(?:white|black|red|grey)\b", rules) == []


def test_static_files_are_kept_for_good_by_the_mark_of_their_content(web: Web) -> None:
    assert "immutable" in web.get(render.asset("waymark.css")).headers["cache-control"]
    assert web.get("/static/waymark.css").headers["cache-control"] == "no-cache"
    assert web.get("/static/waymark.js").headers["content-type"].startswith("text/javascript")


def test_robots_stay_off_what_a_person_said(web: Web) -> None:
    assert "Disallow: /match" in web.get("/robots.txt").text
