"""Vocabulary pages in a real browser: axe, narrow screens, dark, nobody else asked, and a walk by keyboard."""

import pytest
from playwright.sync_api import Page

from tests.web.browser.looking import faults

pytestmark = pytest.mark.browser

PATHS = {
    "all terms": "/vocabulary",
    "family with kinds": "/vocabulary/family/rape_crisis",
    "kind nobody offers": "/vocabulary/family/mst_can",
    "many other lists": "/vocabulary/need/practical_help",
    "deep": "/vocabulary/communication/bsl",
    "no such term": "/vocabulary/family/nothing",
}


@pytest.mark.parametrize("path", list(PATHS.values()), ids=list(PATHS))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(looking: Page, base: str, path: str) -> None:
    looking.goto(base + path)
    assert faults(looking) == []


@pytest.mark.parametrize("path", list(PATHS.values()), ids=list(PATHS))
def test_nobody_else_is_asked_and_nothing_is_blocked(page: Page, base: str, path: str) -> None:
    asked_for: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    page.goto(base + path)
    assert asked_for
    assert [url for url in asked_for if not url.startswith(base + "/")] == []
    assert complaints == []


def test_from_home_to_a_kind_and_its_services_by_links(page: Page, base: str) -> None:
    page.goto(base)
    page.click("footer >> text=The words we use")
    page.click("main >> text=Someone to talk to >> nth=0")
    page.wait_for_url("**/vocabulary/family/counselling")
    page.click("text=A counsellor at school")
    page.wait_for_url("**/vocabulary/family/school_counselling")
    page.click("text=under “Someone to talk to”")
    page.wait_for_url("**/services?family=counselling")
    assert page.locator(".card").count() == 10
