"""Pages for lists from spreadsheets in a real browser: axe, narrow and dark, large targets, and with scripts off."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Page

from directory.feeds import requests
from directory.runtime import Runtime
from tests.builders import a_record
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served
from tests.web.test_spreadsheets import ABOUT, BASE, TABLE

pytestmark = pytest.mark.browser

WIDE = f"{TABLE.splitlines()[0]},{'averylongcolumnnamewithoutanyblanks' * 3}\n" + TABLE.split("\n", 1)[1]


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    home = tmp_path_factory.mktemp("spreadsheets")
    record = a_record(home)
    yield Desk(replace(installation, database=record, settings=replace(installation.settings, home=home)))
    record.close()


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


def a_file(table: str = TABLE, name: str = "Youth services 2026.csv") -> FilePayload:
    return {"name": name, "mimeType": "text/csv", "buffer": table.encode()}


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()


def uploaded(page: Page, address: str, table: str = TABLE) -> None:
    page.goto(address + BASE)
    page.set_input_files("#file", a_file(table))
    press(page, "Upload and look at its columns")


def broken(page: Page, address: str) -> None:
    uploaded(page, address, "Name,Tel\n")


def asked(page: Page, address: str) -> None:
    uploaded(page, address, WIDE)
    page.select_option("#column_1", "name")
    page.select_option("#column_3", "")
    press(page, "See how it would be read")


def shown(page: Page, address: str) -> None:
    uploaded(page, address)
    press(page, "See how it would be read")
    page.select_option("#means_0", "counselling")
    press(page, "See how it would be read")


def unnamed(page: Page, address: str) -> None:
    shown(page, address)
    page.fill("#name", ABOUT["name"])
    press(page, "Save and read it in")


STATES: dict[str, Visit] = {
    "start": at(BASE),
    "no table": broken,
    "columns": uploaded,
    "columns with mistakes": asked,
    "rows": shown,
    "rows with mistakes": unnamed,
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "start"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        assert small(page, "button, input:not([type=hidden]), select, .data-links a") == []


def test_a_list_is_brought_in_with_scripts_off(browser: Browser, address: str, desk: Desk, tmp_path: Path) -> None:
    with signed_in(browser, address, desk, java_script_enabled=False) as page:
        shown(page, address)
        for name, value in ABOUT.items():
            page.fill(f"#{name}", value)
        press(page, "Change the columns")
        page.select_option("#column_1", "")
        press(page, "See how it would be read")
        assert page.input_value("#name") == ABOUT["name"]
        press(page, "Save and read it in")
        assert "The list is saved" in page.inner_text("main")
    with desk.running.database.reading() as session:
        (request,) = requests.waiting(session)
    assert request.upload_name == "Youth services 2026.csv"
