"""The call's page in a real browser: keys, the live answer, a crash, a line that drops, and nobody else's host."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from directory.referrals import shortlists
from directory.referrals.tables import Case
from directory.runtime import Runtime
from tests.web.browser.looking import LOOKS, Visit, at, faults, focused, looked_at, signed_in, small
from tests.web.casework import Worker, a_workplace
from tests.web.desk import served

pytestmark = pytest.mark.browser
TEXT = "14 year old battered by boys at school, lives in Methil, wants counselling"
TARGETS = "main button, main input:not([type=hidden], [type=checkbox]), main select, main textarea, main summary"


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("call-page")) as made:
        made.open_case(name="Skye Example", age="14")
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


@pytest.fixture
def page(browser: Browser, address: str, worker: Worker) -> Iterator[Page]:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["desktop"]) as page:
        yield page


def answered(page: Page) -> None:
    expect(page.locator("#call-said")).to_contain_text("first: ")


def called(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/call")
    focused(page)
    page.keyboard.type(TEXT)
    answered(page)


def unsure(page: Page, address: str) -> None:
    """A story of more than twenty words, of which something is only perhaps meant."""
    page.goto(f"{address}/staff/call")
    focused(page)
    page.keyboard.type(
        "My son is 13. Boys from his class laugh at him on the bus in Methil, one pushed him down the stairs and his "
        "phone was smashed, he won't go in and sits in his room all day and will not speak"
    )
    expect(page.locator("#call-facts")).to_contain_text("Perhaps")


def mistaken(page: Page, address: str) -> None:
    called(page, address)
    page.locator("#d-age summary").click()
    page.get_by_label("Change: age").fill("about")
    page.get_by_label("Change: age").press("Tab")
    expect(page.locator("#age-error")).to_be_visible()


def known(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/call")
    focused(page)
    for key in ("Escape", "Skye", "Enter"):
        page.keyboard.type(key) if key == "Skye" else page.keyboard.press(key)
    expect(page.get_by_role("button", name="Use this case")).to_be_focused()


STATES: dict[str, Visit] = {
    "empty": at("/staff/call"),
    "answered": called,
    "unsure": unsure,
    "mistaken": mistaken,
    "found": known,
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "answered"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, worker: Worker, state: str, look: str
) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        if look == "320 px":
            assert small(page, TARGETS) == []


def test_the_pathway_comes_while_typing_and_focus_stays_in_the_box(page: Page, address: str) -> None:
    called(page, address)
    expect(page.locator("#text")).to_be_focused()
    assert page.locator("#text").input_value() == TEXT
    assert "/staff/call/" in page.url
    assert "Methil" not in page.url
    page.keyboard.type(", scared to go home")
    expect(page.locator("#call-facts")).to_contain_text("scared to go home")


def test_an_older_answer_never_overwrites_a_newer_one(page: Page, address: str) -> None:
    held: list[Route] = []
    page.route("**/staff/call/answer", lambda route: held.append(route) if not held else route.continue_())
    page.goto(f"{address}/staff/call")
    with page.expect_request("**/staff/call/answer"):
        page.keyboard.type("lives in Leith")
    page.locator("#text").fill("lives in Methil")
    held[0].continue_()  # the second waits for the first: one at a time
    expect(page.locator("#call-facts")).to_contain_text("Methil")
    expect(page.locator("#call-facts")).not_to_contain_text("Leith")


def test_a_press_while_an_answer_is_on_its_way_is_not_lost(page: Page, address: str) -> None:
    called(page, address)
    held: list[Route] = []
    page.route("**/staff/call/answer", lambda route: held.append(route) if not held else route.continue_())
    with page.expect_request("**/staff/call/answer"):
        page.keyboard.type(", not sleeping")
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    held[0].continue_()
    expect(page.locator("#call-list .count")).to_have_text("1 of 10")
    expect(page.locator("#call-facts")).to_contain_text("not sleeping")


def test_a_referral_waits_for_what_was_pressed_before_it_and_the_find_box_is_left_alone(
    page: Page, address: str, worker: Worker
) -> None:
    called(page, address)
    held: list[Route] = []
    page.route("**/staff/call/answer", lambda route: held.append(route) if not held else route.continue_())
    page.keyboard.press("Escape")
    with page.expect_request("**/staff/call/answer"):
        page.keyboard.press("s")
    page.keyboard.press("j")
    page.keyboard.press("s")
    page.locator("#find").fill("Sky")
    page.locator("[data-service]").nth(0).focus()
    with page.expect_request("**/staff/call/answer"):
        held[0].continue_()
    expect(page.locator("#call-list .count")).to_have_text("2 of 10")
    expect(page.locator("#find")).to_have_value("Sky")
    page.unroute("**/staff/call/answer")
    page.route("**/staff/call/answer", lambda route: held.append(route))
    page.locator("[data-service]").nth(0).focus()  # the answer has put a new list there
    with page.expect_request("**/staff/call/answer"):
        page.keyboard.press("s")
    page.keyboard.press("r")
    page.keyboard.press("r")
    assert "/staff/cases/new" not in page.url
    held[-1].continue_()
    expect(page.get_by_role("heading", name="Open a case")).to_be_visible()
    expect(page.locator("main")).to_contain_text("The short list of the call comes along")


def test_an_older_window_says_that_the_call_goes_on_elsewhere(page: Page, address: str) -> None:
    called(page, address)
    with page.context.expect_page() as opening:
        page.evaluate("open(location.href)")
    other = opening.value
    answered(other)
    for words in (" and eating", " and sleeping"):
        with other.expect_response("**/staff/call/answer"):
            other.locator("#text").press_sequentially(words)
            other.locator("#text").press("Enter")
    page.locator("#text").press("Space")
    expect(page.locator("#call-line")).to_contain_text("goes on in another window")
    page.locator("#text").press("Enter")
    expect(page.locator("#call-line")).to_contain_text("goes on in another window")


def test_keys_move_shortlist_and_help_but_never_while_typing(page: Page, address: str) -> None:
    called(page, address)
    assert page.locator("#text").input_value().endswith("counselling")  # its j, k, l, r and s were letters
    page.keyboard.press("Escape")
    cards = page.locator("[data-service]")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("s")
    expect(page.locator("#call-said")).to_have_text("Short list: 1 of 10")
    expect(cards.nth(1)).to_be_focused()
    page.keyboard.press("k")
    expect(cards.nth(0)).to_be_focused()
    page.keyboard.press("Control+s")
    expect(page.locator("#call-list .count")).to_have_text("1 of 10")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Open a case")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Then on to the referral to")


def test_keys_can_be_switched_off(page: Page, address: str) -> None:
    called(page, address)
    page.evaluate("document.body.dataset.keys = 'off'")
    page.locator("[data-service]").nth(0).focus()
    for key in ("j", "s", "?", "/", "l"):
        page.keyboard.press(key)
    expect(page.locator("[data-service]").nth(0)).to_be_focused()
    expect(page.locator("#call-list .count")).to_have_text("0 of 10")


def test_a_fact_is_taken_away_without_leaving_the_page_and_focus_goes_on(page: Page, address: str) -> None:
    called(page, address)
    page.get_by_role("button", name="Not that: Age 14").press("Enter")
    expect(page.get_by_role("button", name="Not that: Age 14")).to_have_count(0)
    assert page.evaluate("document.activeElement.className") == "chip__away"
    page.get_by_text("What they need: choose").click()
    page.locator("[id='needs/counselling']").uncheck()
    expect(page.locator("[value='not:needs/counselling']")).to_have_count(0)
    assert page.locator("#text").input_value() == TEXT


def test_a_call_outlives_the_page_and_the_server(browser: Browser, base: str, worker: Worker) -> None:
    with (
        served(worker.desk.running) as first,
        signed_in(browser, first, worker.desk, "supervisor", **LOOKS["desktop"]) as page,
    ):
        called(page, first)
        expect(page.locator("#call-kept")).to_contain_text("Kept at")
        path = urlsplit(page.url).path
    with (
        served(worker.desk.running) as second,
        signed_in(browser, second, worker.desk, "supervisor", **LOOKS["desktop"]) as page,
    ):
        page.goto(f"{second}/staff/call")
        own = page.locator(f"a[href='{path}']")
        expect(own).to_be_visible()
        own.click()
        assert page.locator("#text").input_value() == TEXT
        answered(page)
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_a_line_that_drops_is_said_and_mended(page: Page, address: str) -> None:
    called(page, address)
    page.route("**/staff/call/answer", lambda route: route.abort())
    page.keyboard.type(", not sleeping")
    line = page.locator("#call-line")
    expect(line).to_contain_text("The line to the directory dropped.")
    assert page.locator("#text").input_value().endswith("not sleeping")
    page.unroute("**/staff/call/answer")
    expect(line).to_be_hidden()
    expect(page.locator("#call-facts")).to_contain_text("not sleeping")


def test_no_other_host_is_ever_asked(page: Page, address: str) -> None:
    asked: list[str] = []

    def local_only(route: Route, request: Request) -> None:
        asked.append(urlsplit(request.url).hostname or "")
        route.continue_() if asked[-1] == "127.0.0.1" else route.abort()

    page.route(re.compile(".*"), local_only)
    called(page, address)
    page.keyboard.press("Escape")
    page.keyboard.press("s")
    expect(page.locator("#call-said")).to_have_text("Short list: 1 of 10")
    assert set(asked) == {"127.0.0.1"}


def test_a_known_caller_a_short_list_and_a_referral_begun_in_few_keys(page: Page, address: str, worker: Worker) -> None:
    """All by keys: 9 presses besides the name, out of the 25 that the whole way to a referral sent may take."""
    page.goto(f"{address}/staff/call")
    focused(page)
    pressed = 0

    def press(*keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    press("Escape")
    page.keyboard.type("Skye")
    press("Enter")
    expect(page.get_by_role("button", name="Use this case")).to_be_focused()
    press("Enter")
    cards = page.locator("[data-service]")
    expect(cards.nth(0)).to_be_focused()
    press("s")
    expect(page.locator("#call-list .count")).to_have_text("1 of 10")
    press("j", "s")
    expect(page.locator("#call-list .count")).to_have_text("2 of 10")
    press("r")
    page.wait_for_url("**/staff/referrals/*")
    assert pressed <= 9
    running = worker.desk.running
    with running.database.reading() as session:
        case = session.query(Case).order_by(Case.opened_at).first()
        assert case is not None
        assert len(shortlists.listed(session, case.id)) == 2
