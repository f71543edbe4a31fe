"""A minute a year and one tap for room: on a small phone without scripts, measured in taps, characters and pages."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.feeds.assurance import State
from directory.partners import room
from directory.referrals.tables import Task
from directory.runtime import Runtime
from directory.search import record_view
from tests.builders import a_record
from tests.directory.partners.partner_builders import codes_to
from tests.directory.partners.review_builders import keeps
from tests.directory.referrals.builders import SERVICE
from tests.web.browser.looking import LOOKS, faults, looked_at, small
from tests.web.desk import served
from tests.web.visiting import Door, a_door

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "java_script_enabled": False}
MORAG = "morag.reid@harbourtrust.example"
REVIEW, ROOM = f"/partners/services/{SERVICE}/review", f"/partners/services/{SERVICE}/room"
TARGETS = "main button, main summary, main input[type=date], main textarea, main .tick, main .data-links a"
CHARACTERS_A_SECOND, TAP_S, PAGE_S, MAIL_S = 2.5, 2, 3, 10


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("rhythm")
    record = a_record(home)
    made = a_door(installation, record, home)
    keeps(made.loop, MORAG)
    yield made
    record.close()


@pytest.fixture(scope="module")
def address(base: str, door: Door) -> Iterator[str]:
    with served(door.running) as address:
        yield address


@pytest.fixture(autouse=True)
def a_while_later(door: Door) -> None:
    door.clock.pass_(minutes=16)


@dataclass(slots=True)
class Hands:
    """Somebody on a phone: all that they do is counted. A field that they type in is tapped first."""

    page: Page
    taps: int = 0
    characters: int = 0
    pages: int = 0
    mails: int = 0

    def open(self, address: str) -> None:
        """A link in a letter, or a bookmark."""
        self.taps, self.pages = self.taps + 1, self.pages + 1
        self.page.goto(address)

    def tap(self, name: str) -> None:
        self.taps, self.pages = self.taps + 1, self.pages + 1
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()

    def type(self, label: str, words: str) -> None:
        self.taps, self.characters = self.taps + 1, self.characters + len(words)
        self.page.get_by_label(label, exact=True).fill(words)

    def fetch_code(self, door: Door) -> str:
        self.mails += 1
        return codes_to(door.loop, MORAG)[-1].replace("-", "")

    @property
    def seconds(self) -> float:
        typing = self.characters / CHARACTERS_A_SECOND
        return typing + self.taps * TAP_S + self.pages * PAGE_S + self.mails * MAIL_S


def come_in(hands: Hands, door: Door, address: str) -> None:
    hands.open(address)
    hands.type("Your e-mail address at work", MORAG)
    hands.tap("Send me a code")
    hands.type("Code", hands.fetch_code(door))
    hands.tap("Go on")


@pytest.fixture
def hands(browser: Browser) -> Iterator[Hands]:
    with browser.new_context(**PHONE) as context:  # type: ignore[arg-type]
        yield Hands(context.new_page())


def test_the_yearly_confirmation_takes_a_minute(hands: Hands, address: str, door: Door) -> None:
    """From the link in the letter: the address, the code, and one press."""
    come_in(hands, door, address + REVIEW)
    hands.tap("All of this is still right")
    expect(hands.page.get_by_role("status")).to_contain_text("Checked by the service")
    with door.loop.database.reading() as session:
        assert record_view.view(session, SERVICE).assured.state is State.PROVIDER_CONFIRMED
    print(f"yearly confirmation: {hands.seconds:.0f} s ({hands})")  # noqa: T201  # a figure for the report, with -s
    assert hands.seconds <= 60


def test_room_is_one_tap_from_a_phone_that_was_let_in(hands: Hands, address: str, door: Door) -> None:
    come_in(hands, door, address + ROOM)
    hands.tap("Use this phone")
    door.clock.pass_(days=60)
    hands.page.context.clear_cookies(name="waymark-partner")
    bookmark = Hands(hands.page)
    bookmark.open(address + ROOM)
    bookmark.tap("5 to 12 weeks")
    expect(hands.page.get_by_role("status")).to_contain_text("Thank you")
    with door.loop.database.reading() as session:
        assert room.now(session, SERVICE, door.clock().date()).band == "w12"
    print(f"room: {bookmark.seconds:.0f} s ({bookmark})")  # noqa: T201  # a figure for the report, with -s
    assert bookmark.seconds <= 10
    assert bookmark.taps == 2  # the bookmark, and the button


def test_what_is_not_right_reaches_staff_and_nothing_typed_is_lost(hands: Hands, address: str, door: Door) -> None:
    page = hands.page
    come_in(hands, door, address + REVIEW)
    page.locator("summary", has_text="Not right: Ages").click()
    page.get_by_label("What is right? Ages").fill("From 10 since <May>")
    hands.tap("All of this is still right")
    expect(page.locator(".govuk-error-summary")).to_contain_text("You said that something is not right: Ages.")
    hands.tap("Send what is not right")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Ages holds < or >.")
    assert page.get_by_label("What is right? Ages").input_value() == "From 10 since <May>"
    page.get_by_label("What is right? Ages").fill("From 10 since May")
    hands.tap("Send what is not right")
    expect(page.get_by_role("status")).to_contain_text("We have what you wrote")
    with door.loop.database.reading() as session:
        assert record_view.view(session, SERVICE).assured.fields == ("age",)
        assert session.query(Task).filter(Task.kind == "check_entry", Task.done_at.is_(None)).count() == 1


def visit(page: Page, address: str, door: Door, state: str) -> None:
    path = {"room": ROOM, "day": ROOM, "reviews": "/partners/reviews"}.get(state, REVIEW)
    come_in(Hands(page), door, address + path)
    if state == "mistake":
        page.locator("summary", has_text="Not right: Opening hours").click()
        page.get_by_label("What is right? Opening hours").fill("<b>")
        Hands(page).tap("Send what is not right")
    if state == "day":
        page.locator("summary", has_text="Full until another day").click()
        Hands(page).tap("Full until this day")


STATES = ("mistake", "reviews", "day")


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "review"))
def test_axe_finds_nothing_nothing_scrolls_sideways_and_targets_are_large(
    browser: Browser, address: str, door: Door, state: str, look: str
) -> None:
    with browser.new_context(**LOOKS[look]) as context:
        page = context.new_page()
        visit(page, address, door, state)
        assert faults(page) == []
        assert small(page, TARGETS) == []


def test_the_keyboard_alone_is_enough(browser: Browser, address: str, door: Door) -> None:
    with browser.new_context(**LOOKS["desktop"]) as context:
        page = context.new_page()
        come_in(Hands(page), door, address + ROOM)
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == "We take referrals":
                break
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.get_by_role("status")).to_contain_text("Thank you")
        with door.loop.database.reading() as session:
            assert room.now(session, SERVICE, door.clock().date()).state == "open"
