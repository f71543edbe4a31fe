"""A one-service charity registers on a small phone without scripts, from the first page to “sent”; no page is too wide.

The time is modelled, not measured: 2.5 characters a second on a phone's keyboard, 2 s for each tap (a field, a box, a
button), 3 s to read a page before the first tap on it. What a browser fills in by itself is not counted.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from directory.partners import registrations
from directory.partners.tables import Registration
from directory.referrals.loop import Loop
from directory.runtime import Runtime
from directory.search import indexing
from directory.search.embedded import EmbeddedIndex
from tests.builders import NOON, a_record
from tests.directory.partners.partner_builders import codes_to
from tests.directory.partners.verifying_builders import agreed, checked
from tests.directory.referrals.access_builders import staff
from tests.web.browser.looking import LOOKS, faults, small
from tests.web.casework import apart
from tests.web.desk import served
from tests.web.visiting import Door, a_door

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True}
CHARACTERS_A_SECOND, TAP_S, PAGE_S = 2.5, 2.0, 3.0
MOST_MINUTES = 8
MAILBOX, FOR_REFERRALS = "office@harbour.example", "referrals@harbour.example"
TARGETS = "main button, main summary, main input:not([type=hidden], [type=checkbox], [type=radio]), main select"
DESCRIPTION = (
    "One-to-one talks with a trained counsellor, for young people who were hurt by others. "
    "You can come for as long as you need, at our house or online. A parent or friend may come along."
)
WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")


@pytest.fixture(scope="module")
def door(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("partner-pages")
    record, index = a_record(home), EmbeddedIndex(home / "index")
    apart(anyio.run, indexing.rebuild, record, index, lambda: NOON)
    yield a_door(replace(installation, index=index), record, home)
    record.close()


@pytest.fixture(scope="module")
def address(base: str, door: Door) -> Iterator[str]:
    with served(door.running) as address:
        yield address


@dataclass(slots=True)
class Thumb:
    """Somebody at a phone: what they type, tap and read is counted."""

    page: Page
    characters: int = 0
    taps: int = 0
    pages: int = 0
    wide: list[str] = field(default_factory=list)
    """Pages that scroll sideways."""

    def open(self, url: str) -> None:
        self.page.goto(url)
        self._read()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)
        self.characters += len(text)
        self.taps += 1

    def tick(self, label: str) -> None:
        self.page.get_by_label(label, exact=True).first.check()
        self.taps += 1

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        self.page.wait_for_load_state()
        self.taps += 1
        self._read()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()
        self.page.wait_for_load_state()
        self.taps += 1
        self._read()

    def _read(self) -> None:
        self.pages += 1
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.wide.append(self.page.url)
        kept_picture(self.page, f"{self.pages:02}")

    def __str__(self) -> str:
        said = f"{self.characters} characters, {self.taps} taps, {self.pages} pages"
        return f"Registering a charity with one service: {said}: {self.minutes:.1f} minutes, as modelled."

    @property
    def minutes(self) -> float:
        return (self.characters / CHARACTERS_A_SECOND + self.taps * TAP_S + self.pages * PAGE_S) / 60


def kept_picture(page: Page, name: str) -> None:
    """A picture of the page where somebody has asked for pictures (WAYMARK_PICTURES, a folder)."""
    folder = os.environ.get("WAYMARK_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def come_in(thumb: Thumb, address: str, door: Door) -> None:
    thumb.open(f"{address}/partners")
    thumb.write("Your e-mail address at work", MAILBOX)
    thumb.press("Send me a code")
    thumb.write("Code", codes_to(door.loop, MAILBOX)[-1])
    thumb.press("Go on")


def about_them(thumb: Thumb, door: Door) -> None:
    thumb.press("Begin")
    thumb.follow("Your organisation")
    thumb.write("Name of your organisation", "Harbour Trust")
    thumb.write("Scottish charity number", "SC012345")
    thumb.write("Website, if you have one", "harbour.example")
    thumb.write("Phone number that everybody may have", "01632 960001")
    thumb.press("Save and go on")
    thumb.write("Name", "Morag Reid")
    thumb.press("Save and go on")
    thumb.write("Mailbox", FOR_REFERRALS)
    thumb.press("Save and go on")
    thumb.write("Code", codes_to(door.loop, FOR_REFERRALS)[-1])
    thumb.press("Go on")
    expect(thumb.page.get_by_role("heading", level=1)).to_have_text("Harbour Trust")


def about_the_service(thumb: Thumb) -> None:
    thumb.press("Add a service")
    thumb.write("Name of the service", "Harbour Counselling")
    thumb.tick("Counselling")
    thumb.write("What does it do?", DESCRIPTION)
    thumb.press("Save and go on")
    thumb.tick("Counselling or therapy")
    thumb.tick("Emotional support")
    thumb.tick("Any harm")
    thumb.tick("Those that I tick here")
    thumb.tick("Person harmed")
    thumb.press("Save and go on")
    thumb.tick("Yes, as written below")
    thumb.write("Youngest", "12")
    thumb.write("Oldest", "18")
    thumb.tick("Anybody, of any gender")
    thumb.press("Save and go on")
    thumb.tick("The council areas that I tick below")
    thumb.tick("Fife")
    thumb.press("Save and go on")
    thumb.tick("In person")
    thumb.tick("Online")
    thumb.tick("Yes: its address, below, may be shown to everybody")
    thumb.write("Street and number", "12 Harbour Row")
    thumb.write("Town", "Leith")
    thumb.write("Postcode", "EH6 5QG")
    thumb.press("Save and go on")
    thumb.tick("Self")
    thumb.tick("Professional")
    thumb.press("Save and go on")
    thumb.tick("At the hours below")
    for day in WEEK:
        thumb.write(day, "09:00 to 17:00")
    thumb.press("Save and go on")
    thumb.tick("Yes, with a waiting list")
    thumb.write("Shortest wait, in weeks", "2")
    thumb.write("Longest wait, in weeks", "6")
    thumb.press("Save and go on")
    thumb.tick("English")
    thumb.tick("Yes")
    thumb.press("Save and go on")


@pytest.fixture(scope="module")
def journey(browser: Browser, address: str, door: Door) -> Iterator[Thumb]:
    """Somebody who has written everything, and looks it through."""
    with browser.new_context(java_script_enabled=False, **PHONE) as context:
        context.set_default_timeout(60_000)
        thumb = Thumb(context.new_page())
        come_in(thumb, address, door)
        about_them(thumb, door)
        about_the_service(thumb)
        thumb.follow("Back to your registration")
        thumb.follow("Look it through and send it")
        yield thumb


def test_no_page_that_they_own_has_faults(browser: Browser, journey: Thumb, address: str) -> None:
    """Pages of a service have a test of their own; here is the way in, and a registration's own pages."""
    registration = journey.page.url.removesuffix("/check")
    pages = [f"{registration}{each}" for each in ("", "/organization", "/contact", "/referrals", "/mailbox", "/check")]
    with browser.new_context(**LOOKS["320 px"]) as context:
        page = context.new_page()
        for url in (f"{address}/partners", f"{address}/partners/enter"):
            page.goto(url)
            assert (url, faults(page), small(page, TARGETS)) == (url, [], [])
        context.add_cookies(journey.page.context.cookies())  # type: ignore[arg-type]  # as they were given
        for url in (*pages, f"{address}/partners/mine"):
            page.goto(url)
            assert page.url == url
            assert (url, faults(page), small(page, TARGETS)) == (url, [], [])
        page.goto(f"{registration}/organization")
        page.get_by_label("Scottish charity number", exact=True).fill("1234567")
        page.get_by_role("button", name="Save and go on").click()
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        kept_picture(page, "mistake")
        assert faults(page) == []


def two_agree(loop: Loop) -> None:
    """Staff check the one registration that was sent in, and two of them agree."""
    ann, bea = staff(loop, "editor"), staff(loop, "supervisor")
    with loop.database.reading() as session:
        sent = registrations.read(loop, session.scalars(select(Registration)).one())
    checked(loop, sent, ann, "areas", "duplicates")
    agreed(loop, sent, ann, bea)


def test_a_charity_registers_on_a_phone_without_scripts_in_eight_minutes_of_typing_and_is_found_once_two_agree(
    journey: Thumb, door: Door, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    journey.press("Send it")
    expect(journey.page.get_by_role("status")).to_have_text("It is sent. Thank you.")
    with capsys.disabled():
        sys.stdout.write(f"\n{journey}\n")
    assert journey.minutes <= MOST_MINUTES
    apart(two_agree, door.loop)
    apart(anyio.run, indexing.drain, door.running.database, door.running.index, door.clock)
    journey.open(f"{address}/partners/mine")
    journey.page.get_by_role("link", name="See its page").click()
    expect(journey.page.get_by_role("heading", level=1)).to_have_text("Harbour Counselling")
    expect(journey.page.get_by_text("01632 960001").first).to_be_visible()
    assert journey.wide == []
