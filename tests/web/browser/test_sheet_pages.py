"""Where a referral is checked and a person is told of services, in a real browser: axe, narrow, dark, on paper."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.referrals import safe_contacts
from directory.referrals.asking import Ask, Who
from directory.referrals.lifecycle import Actor
from directory.referrals.safe_contacts import Wish
from directory.runtime import Runtime
from tests.directory.referrals import builders
from tests.web.browser.looking import LOOKS, faults, focused, looked_at, signed_in, small
from tests.web.casework import Worker, a_workplace
from tests.web.desk import served

pytestmark = pytest.mark.browser
TARGETS = (
    "button:not(.govuk-js-exit-this-page-button), input:not([type=hidden], [type=checkbox], [type=radio]), "
    "select, textarea, summary, label.tick"
)
STATES = ("check", "sheet", "easy sheet", "message")


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("sheets")) as made:
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


@pytest.fixture(scope="module")
def places(worker: Worker) -> dict[str, str]:
    loop = worker.desk.running.loop
    case_id = worker.open_case(who_must_not_know="their brother " * 4)
    need_id = builders.a_need(loop, case_id, "housing")
    own = builders.a_referral(loop, case_id=case_id, need_id=need_id, notes_sealed=None)
    href = f"/staff/cases/{case_id}"
    for number, each in enumerate((builders.SERVICE, builders.records.service_id("facts", "f902"))):
        worker.post(f"{href}/shortlist", need_id=need_id, service_id=each, key=f"k-{number}")
    me = Who(Actor.WORKER, worker.desk.ids["worker"])
    wish = Wish("email", "skye@person.example", who_must_not_know="their brother")
    safe_contacts.set_(loop, Ask(me, loop.clock()), case_id, wish)
    path = f"/staff/referrals/{own}"
    return {
        "draft": path,
        "check": f"{path}/check",
        "sheet": f"{href}/sheet?need={need_id}",
        "easy sheet": f"{href}/sheet/easy?need={need_id}",
        "message": f"{href}/message",
        "case": href,
    }


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "check"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, worker: Worker, places: dict[str, str], state: str, look: str
) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS[look]) as page:
        page.goto(address + places[state])
        assert faults(page) == []
        if look == "320 px":
            assert small(page, TARGETS) == []


@pytest.mark.parametrize("form", ["sheet", "easy sheet"])
def test_on_paper_nothing_but_the_sheet_stands(
    browser: Browser, address: str, worker: Worker, places: dict[str, str], form: str
) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["dark"]) as page:
        page.goto(address + places[form])
        page.emulate_media(media="print", color_scheme="light")
        assert page.inner_text("body").strip() == page.inner_text(".sheet").strip()
        assert "Ann Worker" not in page.inner_text("body")


def test_by_the_keyboard_from_a_draft_to_sent(
    browser: Browser, address: str, worker: Worker, places: dict[str, str]
) -> None:
    """Scripts off; two presses when everything is known, and two to take it back."""
    look = {**LOOKS["desktop"], "java_script_enabled": False}
    with signed_in(browser, address, worker.desk, "worker", **look) as page:
        page.goto(address + places["draft"])
        pressed(page, "Enter")
        pressed(page, "Enter")
        expect(page.locator("#sent")).to_contain_text("Sent: reference")
        pressed(page, "Tab", "Enter")
        expect(page.locator("main")).to_contain_text("It is being written")


def pressed(page: Page, *keys: str) -> None:
    """The last key leads to another page."""
    focused(page)
    for key in keys[:-1]:
        page.keyboard.press(key)
    with page.expect_navigation():
        page.keyboard.press(keys[-1])
