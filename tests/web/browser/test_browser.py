"""What only a browser can prove: axe, narrow screens, keyboard, scripts off, hiding, and that nobody else is asked."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, small
from tests.web.conftest import PLANTED_ID
from web import pages

pytestmark = pytest.mark.browser

LEITH = "14 year old battered in Leith, lives in Fife, not sleeping"


def asked(text: str) -> Visit:
    def visit(page: Page, base: str) -> None:
        page.goto(base)
        page.fill("#text", text)
        page.click("main form button")
        page.wait_for_load_state()

    return visit


def pressed(name: str, text: str = LEITH) -> Visit:
    """A question behind the answer: the first button so named."""

    def visit(page: Page, base: str) -> None:
        asked(text)(page, base)
        for details in page.query_selector_all(".card details"):
            details.evaluate("each => { each.open = true }")
        page.get_by_role("button", name=name).first.click()
        page.wait_for_load_state()

    return visit


TOO_LONG = "a" * 10_001

STATES = {
    "home": at("/"),
    "results": asked(LEITH),
    "results widened": asked("14 year old girl battered, lives in Shetland, wants counselling, aged 8, my husband"),
    "left out": pressed("What was left out"),
    "why": pressed("What would change this"),
    "empty case": asked(""),
    "error": asked(TOO_LONG),
    "services": at("/services?q=kingdom"),
    "filtered": at("/services?near=Fife&family=counselling&age=14&radius=25"),
    "no results": at("/services?q=zzzz&near=Fife&age=90"),
    "search error": at("/services?age=abc&near=Nowhereville"),
    "service": at("/services/f900"),
    "withheld": at(f"/services/{PLANTED_ID}"),
    "not found": at("/nothing"),
    "about": at("/about-data"),
    "accessibility": at("/accessibility"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "results"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(browser: Browser, base: str, state: str, look: str) -> None:
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        STATES[state](page, base)
        assert faults(page) == []


def test_the_statement_names_the_axe_that_was_used(page: Page, base: str) -> None:
    page.goto(base)
    assert Axe().run(page).response["testEngine"]["version"] == pages.TESTED["axe_version"]


@pytest.mark.parametrize("state", list(STATES))
def test_targets_are_big_enough_for_a_thumb(browser: Browser, base: str, state: str) -> None:
    """44 CSS pixels high, but for links inside a sentence (WCAG 2.5.8 leaves those out) and hidden ones."""
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    STATES[state](page, base)
    found = small(
        page,
        "button, select, input:not([type=checkbox]):not([type=hidden]), summary, .govuk-button, .site-nav a, .brand, "
        ".filter, .govuk-pagination__link",
    )
    context.close()
    assert found == []


@pytest.mark.parametrize("state", list(STATES))
def test_nobody_else_is_asked_and_nothing_is_blocked(page: Page, base: str, state: str) -> None:
    asked_for: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked_for.append(request.url))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security" in message.text else None)
    STATES[state](page, base)
    assert asked_for
    assert [url for url in asked_for if not url.startswith(base + "/")] == []
    assert complaints == []


def test_enter_in_a_field_asks_for_the_match_and_the_way_back_loses_nothing(page: Page, base: str) -> None:
    """The buttons of the cards belong to a form of their own: none of them answers to Enter."""
    pressed("What was left out")(page, base)
    assert page.url == base + "/match/left-out"
    page.get_by_role("button", name="Back to the answer").click()
    assert page.url == base + "/match"
    assert page.input_value("#text") == LEITH
    page.fill("#age", "16")
    page.press("#age", "Enter")
    page.wait_for_load_state()
    assert page.url == base + "/match"
    assert page.input_value("#age") == "16"


def test_a_search_by_keyboard_alone(page: Page, base: str) -> None:
    page.goto(base)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "text"
    page.keyboard.type("battered in Leith, 14/15 years old, lives in Fife")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#services")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.card__name a')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/*")
    assert page.locator("h1").count() == 1


def test_focus_is_always_seen(page: Page, base: str) -> None:
    """Everything that Tab reaches has an outline or a shadow of its own."""
    page.goto(base + "/services?near=Fife")
    for _ in range(40):
        page.keyboard.press("Tab")
        style = page.evaluate(
            "() => (({outlineStyle, outlineWidth, boxShadow}) => [outlineStyle, outlineWidth, boxShadow])"
            "(getComputedStyle(document.activeElement))"
        )
        assert style[0] == "solid"
        assert style[1] == "3px"
        assert style[2] != "none"


def test_the_error_summary_takes_focus_and_leads_to_the_field(page: Page, base: str) -> None:
    asked(TOO_LONG)(page, base)
    assert page.evaluate("document.activeElement.classList.contains('govuk-error-summary')")
    page.click(".govuk-error-summary a")
    assert page.evaluate("document.activeElement.id") == "text"


def test_everything_works_with_scripts_off(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    asked(LEITH)(page, base)
    assert page.locator(".card").count() > 3
    page.fill("#age", "16")
    page.locator("#change button").click()
    assert page.input_value("#age") == "16"
    assert page.url == base + "/match"
    page.goto(base + "/services")
    page.fill("#near", "KY1 1XX")
    page.check("#family-counselling")
    page.locator("text=Apply filters").click()
    assert page.url == base + "/services?near=KY1+1&family=counselling"
    page.locator(".filter", has_text="Near").click()
    assert page.url == base + "/services?family=counselling"
    page.locator(".govuk-pagination__next a").click()
    assert page.url.endswith("page=2")
    context.close()


@pytest.fixture
def neutral(monkeypatch: pytest.MonkeyPatch, base: str) -> str:
    """A neutral page of our own, so that no test asks a stranger's site."""
    address = base + "/robots.txt"
    monkeypatch.setattr(pages, "NEUTRAL_SITE", address)
    return address


def by_click(page: Page) -> None:
    page.locator(".govuk-exit-this-page .govuk-button").click()


def by_keys(page: Page) -> None:
    for _ in range(3):
        page.keyboard.press("Shift")


def by_skip_link(page: Page) -> None:
    page.locator(".js-hide-page").focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("way", [by_click, by_keys, by_skip_link])
def test_hiding_leaves_at_once_and_back_does_not_return(
    page: Page, base: str, neutral: str, way: Callable[[Page], None]
) -> None:
    page.goto(base + "/about-data")
    asked(LEITH)(page, base)
    way(page)
    page.wait_for_url(neutral)
    page.go_back()
    assert not page.url.endswith("/match")
    assert "What we understood" not in page.content()
    assert page.input_value("#text") == ""


def test_hiding_works_with_scripts_off(browser: Browser, base: str, neutral: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(base)
    by_click(page)
    page.wait_for_url(neutral)
    context.close()


def test_capitals_slashes_and_escape_while_typing_do_not_leave(page: Page, base: str, neutral: str) -> None:
    page.goto(base)
    page.focus("#text")
    page.keyboard.type("LEITH / FIFE, HE")
    by_keys(page)
    page.keyboard.press("Escape")
    assert page.input_value("#text") == "LEITH / FIFE, HE"
    assert page.url == base + "/"


def test_leaving_clears_what_the_browser_kept(page: Page, base: str, neutral: str) -> None:
    page.goto(base)
    page.evaluate("localStorage.setItem('kept', 'yes'); document.cookie = 'kept=yes'")
    by_click(page)
    page.wait_for_url(neutral)
    page.goto(base)
    assert page.evaluate("localStorage.getItem('kept')") is None
    assert page.context.cookies() == []


def test_markup_typed_or_fed_never_runs(page: Page, base: str) -> None:
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    asked("<img src=x onerror=alert(1)> <script>alert(2)</script> battered in Fife \"'><svg onload=alert(3)>")(
        page, base
    )
    page.goto(base + "/services/x1")
    page.goto(base + "/services?q=%3Csvg+onload%3Dalert(4)%3E")
    assert ran == []


def test_forced_colours_keep_buttons_and_focus_visible(browser: Browser, base: str) -> None:
    context = browser.new_context(forced_colors="active")
    page = context.new_page()
    page.goto(base)
    border = page.evaluate("getComputedStyle(document.querySelector('main .govuk-button')).borderTopStyle")
    assert border == "solid"
    context.close()


def test_text_at_twice_its_size_does_not_scroll_sideways(browser: Browser, base: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 1024})
    page = context.new_page()
    page.goto(base + "/services?near=Fife")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    context.close()
