"""The editors' pages in a browser: axe, narrow screens, large targets, the keyboard, and all of it with scripts off."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from directory import vocabulary
from directory.matching import gaps
from directory.runtime import Runtime
from tests.builders import a_record
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served

pytestmark = pytest.mark.browser

TERM = "/staff/vocabulary/need/counselling"
SENTENCE = "14 year old battered in Leith, lives in Fife, she is fair scunnered"


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("desk"))
    desk = Desk(replace(installation, database=record))
    desk.add("fair wabbit", note="Heard in Fife")
    gone = desk.add("sair made")
    vocabulary.withdraw(record, gone, desk.ids["editor"], desk.now)
    gaps.add(record, Counter({("S12000047", "need/counselling", "2026-W47"): 12, ("", "harm/hate", "2026-W47"): 2}))
    yield desk
    record.close()


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


def previewed(phrase: str, sample: str = SENTENCE, press: str = "") -> Visit:
    def visit(page: Page, address: str) -> None:
        page.goto(address + TERM)
        page.fill("#phrase", phrase)
        page.fill("#sample", sample)
        page.get_by_role("button", name="See what it would change").click()
        page.wait_for_load_state()
        if press:
            page.get_by_role("button", name=press).click()
            page.wait_for_load_state()

    return visit


STATES = {
    "tree": at("/staff/vocabulary"),
    "term": at(TERM),
    "term with no phrases": at("/staff/vocabulary/family/counselling"),
    "error": previewed("school"),
    "preview": previewed("fair scunnered"),
    "preview with warnings": previewed("interpreter at the bus stop", "interpreter at the bus stop in Fife"),
    "not confirmed": previewed("panel", "panel on Monday", press="Add this phrase"),
    "nothing to compare": previewed("fair scunnered", "something else"),
    "changes": at("/staff/vocabulary/changes"),
    "gaps": at("/staff/gaps"),
    "no gaps": at("/staff/gaps?council=S12000020"),
    "gaps error": at("/staff/gaps?weeks=5"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "tree"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        assert small(page, "button, input:not([type=checkbox], [type=hidden]), summary, .ways a") == []


def test_a_phrase_is_added_and_withdrawn_with_scripts_off(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk, java_script_enabled=False) as page:
        previewed("fair puggled", "she is fair puggled, lives in Fife")(page, address)
        assert "Not saved yet" in page.inner_text("main")
        assert "NEW" in page.inner_text("section[aria-labelledby=then]").upper()
        page.get_by_role("button", name="Add this phrase").click()
        assert page.url == address + TERM + "?done=added"
        page.get_by_role("button", name="Withdraw “fair puggled”").click()
        assert page.url == address + TERM + "?done=withdrawn"
        page.get_by_role("button", name="Bring back “fair puggled”").click()
        assert page.url == address + TERM + "?done=restored"


def test_by_keyboard_alone_nothing_typed_is_lost_and_nothing_is_in_the_address(
    browser: Browser, address: str, desk: Desk
) -> None:
    with signed_in(browser, address, desk) as page:
        page.goto(address + TERM)
        page.focus("#phrase")
        page.keyboard.type("school")
        page.keyboard.press("Tab")
        page.keyboard.type("kept off school, canaryword")
        page.keyboard.press("Tab")
        page.keyboard.type("why not")
        page.keyboard.press("Enter")
        page.wait_for_selector(".govuk-error-summary")
        assert page.evaluate("document.activeElement.classList.contains('govuk-error-summary')")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "phrase"
        assert page.input_value("#phrase") == "school"
        assert page.input_value("#sample") == "kept off school, canaryword"
        assert page.input_value("#note") == "why not"
        assert "canaryword" not in page.url
