"""The directory editor in a real browser: axe, narrow and dark, scripts off, and a change agreed by two people."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.records import service_id
from directory.runtime import Runtime
from tests.builders import a_draft, a_record, write
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served

pytestmark = pytest.mark.browser

OWN = service_id("facts", "f900")
EDIT = f"/staff/services/{OWN}/edit"


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("directory_editor"))
    write(record, a_draft(as_of="2020"))
    yield Desk(replace(installation, database=record))
    record.close()


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


def change_ages(page: Page, address: str, youngest: str, oldest: str) -> None:
    page.goto(f"{address}{EDIT}/who")
    page.get_by_label("Youngest").fill(youngest)
    page.get_by_label("Oldest").fill(oldest)
    page.get_by_role("button", name="Save").click()
    page.wait_for_load_state()


def wrong(page: Page, address: str) -> None:
    change_ages(page, address, "18", "12")


STATES: dict[str, Visit] = {"new": at("/staff/services/new"), "wrong": wrong, "stale": at("/staff/stale")}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "wrong"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        if look == "320 px":
            assert small(page, ".tick, .govuk-button, .govuk-input") == []


def test_a_change_is_agreed_by_two_people_with_scripts_off(browser: Browser, address: str, desk: Desk) -> None:
    off = {**LOOKS["320 px"], "java_script_enabled": False}
    with signed_in(browser, address, desk, **off) as page:
        change_ages(page, address, "10", "20")
        expect(page.get_by_role("status")).to_contain_text("It waits for a second person.")
    with signed_in(browser, address, desk, "supervisor", **off) as page:
        page.goto(f"{address}/staff/proposals")
        page.get_by_role("link", name="Harbour Counselling").click()
        expect(page.get_by_role("table")).to_contain_text("12 to 18")
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("status")).to_contain_text("It is approved")
    with signed_in(browser, address, desk) as page:
        page.goto(f"{address}/staff/services/{OWN}/history")
        expect(page.locator("article").first).to_contain_text("agreed by Ann Supervisor")
        assert faults(page) == []
