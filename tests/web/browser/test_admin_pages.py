"""The administration's pages in a real browser: axe, narrow and dark, big enough to press, and scripts off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.runtime import Runtime
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served
from tests.web.mail_desk import a_mail_desk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    with a_mail_desk(installation, tmp_path_factory.mktemp("admin")) as (desk, _, _):
        yield desk


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


def a_mistake(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/admin/settings/silence")
    page.locator("#timers-lapse-routine").fill("soon")
    page.get_by_role("button", name="Put it in use").click()


STATES: dict[str, Visit] = {
    "settings": at("/staff/admin/settings"),
    "mistake": a_mistake,
    "wording": at("/staff/admin/wording/referral"),
    "people": at("/staff/admin/people"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "mistake"))
def test_pages_have_no_faults_however_they_are_looked_at(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, "admin", **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        assert small(page, "main button, main .govuk-input, main select") == []


def test_a_day_off_is_tried_out_and_put_in_use_with_scripts_off(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk, "admin", java_script_enabled=False) as page:
        page.goto(f"{address}/staff/admin/hours")
        page.get_by_label("Local days off").fill("2026-11-25")
        page.get_by_role("button", name="See what it would do").click()
        expect(page.get_by_role("status")).to_contain_text("not in use yet")
        expect(page.get_by_role("cell", name="27 November 2026 11:00").first).to_be_visible()
        page.get_by_role("button", name="Put it in use").click()
        expect(page.get_by_role("status")).to_contain_text("The settings are changed")
