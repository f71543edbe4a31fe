"""A provider answers on a phone: all of it with scripts off at 320 px, axe, large targets, and nothing left over."""

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from directory.referrals.lifecycle import State
from directory.runtime import Runtime
from tests.builders import a_record
from tests.directory.referrals.builders import referral
from tests.directory.referrals.door_builders import Link, a_link, codes_of
from tests.web.browser.looking import LOOKS, faults, looked_at, small
from tests.web.desk import served
from tests.web.visiting import Door, a_door

pytestmark = pytest.mark.browser

TARGETS = (
    "button, summary, input:not([type=radio], [type=hidden]), select, .govuk-radios__item, .answer-facts a, .ring a"
)
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True}


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("answers")
    record = a_record(home)
    yield a_door(installation, record, home)
    record.close()


@pytest.fixture(scope="module")
def address(base: str, door: Door) -> Iterator[str]:
    with served(door.running) as address:
        yield address


@pytest.fixture(autouse=True)
def a_while_later(door: Door) -> None:
    door.clock.pass_(minutes=16)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
    page.wait_for_load_state()


def come_in(page: Page, address: str, door: Door, link: Link) -> None:
    page.goto(f"{address}/r/{link.token}")
    press(page, "Send me a code")
    page.get_by_label("Code").fill(codes_of(door.loop, link)[-1])
    page.get_by_label("Your own name").fill("Mo Reid")
    press(page, "Open the message")


def visit(page: Page, address: str, door: Door, state: str) -> None:
    """Brings a page into one of `STATES`."""
    link = a_link(door.loop, State(state) if state in set(State) else State.RECEIVED)
    if state == "link":
        page.goto(f"{address}/r/{link.token}")
        return
    if state == "out":
        page.goto(f"{address}/r/{link.token}/referral")
        return
    if state in ("code", "wrong code"):
        page.goto(f"{address}/r/{link.token}")
        press(page, "Send me a code")
        if state == "wrong code":
            page.get_by_label("Code").fill("ABCD-1234")
            page.get_by_label("Your own name").fill("Mo Reid")
            press(page, "Open the message")
        return
    come_in(page, address, door, link)
    if state == "mistake":
        page.locator("summary", has_text="No").first.click()
        press(page, "Say no")
    if state == "left":
        press(page, "I have finished")


STATES = (
    "link", "code", "wrong code", "out", "received", "mistake", "accepted", "waitlisted", "scheduled", "in_service",
    "paused", "declined", "closed", "left",
)  # fmt: skip


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "accepted"))
def test_axe_finds_nothing_nothing_scrolls_sideways_and_targets_are_large(
    browser: Browser, address: str, door: Door, state: str, look: str
) -> None:
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        visit(page, address, door, state)
        assert faults(page) == []
        assert small(page, TARGETS) == []


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A small phone, its browser without scripts."""
    with browser.new_context(java_script_enabled=False, **PHONE) as context:
        yield context


@pytest.mark.parametrize(
    ("title", "button", "then"),
    [
        pytest.param("Yes, we take them", "Accept", State.ACCEPTED, id="accept"),
        pytest.param("Yes, but with a wait", "Put on the waiting list", State.WAITLISTED, id="waitlist"),
        pytest.param("No", "Say no", State.DECLINED, id="decline"),
    ],
)
def test_a_whole_reply_on_a_phone_without_scripts(
    phone: BrowserContext, address: str, door: Door, title: str, button: str, then: State
) -> None:
    link, page, began = a_link(door.loop), phone.new_page(), time.monotonic()
    come_in(page, address, door, link)
    page.locator("summary").get_by_text(title, exact=True).click()
    if then is State.WAITLISTED:
        page.get_by_label("5 to 12 weeks").check()
    if then is State.DECLINED:
        page.get_by_label("What is the reason?").select_option("D1")
        page.locator("details.answer--decline").get_by_label("Yes").check()
    press(page, button)
    expect(page.get_by_role("status")).to_contain_text("Thank you")
    assert referral(door.loop, link.referral_id).state == then.value
    print(f"{title}: {time.monotonic() - began:.1f} s")  # noqa: T201  # a figure for the report, shown with -s


def test_the_keyboard_alone_is_enough(browser: Browser, address: str, door: Door) -> None:
    link = a_link(door.loop)
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        come_in(page, address, door, link)
        for wanted in ("Yes, we take them", "Accept"):
            for _ in range(40):
                page.keyboard.press("Tab")
                if page.evaluate("document.activeElement.textContent.trim()") == wanted:
                    break
            page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.get_by_role("status")).to_contain_text("Thank you for saying yes")


def test_after_leaving_back_shows_nothing_of_the_person(browser: Browser, address: str, door: Door) -> None:
    link = a_link(door.loop, State.ACCEPTED)
    with browser.new_context(**PHONE) as context:
        page = context.new_page()
        come_in(page, address, door, link)
        assert "Skye Example" in page.content()
        press(page, "I have finished")
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0
        for _ in range(3):
            page.go_back()
            assert "Skye" not in page.content()
            assert "01632 960200" not in page.content()


def test_hiding_the_page_replaces_it(browser: Browser, address: str, door: Door) -> None:
    with browser.new_context(viewport={"width": 1280, "height": 800}) as context:
        page = context.new_page()
        come_in(page, address, door, a_link(door.loop, State.ACCEPTED))
        context.route("https://**", lambda route: route.fulfill(body="weather"))
        page.locator(".govuk-js-exit-this-page-button").first.click()
        page.wait_for_function("!document.body.textContent.includes('Skye')")
