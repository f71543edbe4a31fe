"""Pathway pages in a real browser, public and staff: axe, narrow screens, dark, large targets, and with scripts off."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from directory import pathway_versions
from directory.runtime import Runtime
from directory.steering import Steering
from taxonomy import pathways
from tests.builders import a_record
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served

pytestmark = pytest.mark.browser

NAME = "property_damage"
HREF = f"/staff/pathways/{NAME}"
EDITED = pathways.shipped()[NAME].replace("Take pictures, keep the bills", "Keep the bills")


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("pathways"))
    desk = Desk(replace(installation, database=record))
    desk.running = replace(desk.running, steering=Steering())
    pathway_versions.publish(
        record, "hate", f"{pathways.shipped()['hate']}\n# mended\n", "Heard", 0, desk.ids["editor"], desk.now
    )
    yield desk
    record.close()


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


def written(text: str, press: str = "") -> Visit:
    def visit(page: Page, address: str) -> None:
        page.goto(address + HREF)
        page.fill("#text", text)
        page.get_by_role("button", name="See what it would change").click()
        page.wait_for_load_state()
        if press:
            page.get_by_role("button", name=press).click()
            page.wait_for_load_state()

    return visit


def overtaken(page: Page, address: str) -> None:
    """Another version was published while this one was written."""
    page.goto(address + "/staff/pathways/hate")
    page.fill("#text", page.input_value("#text") + "# mine\n")
    page.evaluate("document.querySelector('[name=expected]').value = '0'")
    page.get_by_role("button", name="See what it would change").click()
    page.wait_for_load_state()
    page.get_by_role("button", name="Publish this version").click()
    page.wait_for_load_state()


STATES = {
    "all": at("/pathways"),
    "one": at("/pathways/sexual_harm_child"),
    "with restorative justice": at("/pathways/restorative_justice"),
    "staff list": at("/staff/pathways"),
    "edit": at(HREF),
    "mistakes": written(EDITED.replace('need = "counselling"', 'need = "counceling"').replace('"later"', '"soon"')),
    "preview": written(EDITED),
    "overtaken": overtaken,
    "versions": at("/staff/pathways/hate/versions"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "all"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        assert small(page, "button, input:not([type=hidden]), summary, .ways a") == []


def test_a_pathway_is_published_and_brought_back_with_scripts_off(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk, java_script_enabled=False) as page:
        written(EDITED, press="Publish this version")(page, address)
        assert page.url == f"{address}{HREF}?done=published"
        assert "Keep the bills" in page.input_value("#text")
        page.get_by_role("link", name="All versions").click()
        page.get_by_role("button", name="Bring back version 0").click()
        assert page.url == f"{address}{HREF}?done=restored"
        assert page.input_value("#text") == pathways.shipped()[NAME]
