"""Pages for services that may be the same in a real browser: axe, narrow and dark, keyboard, and scripts off."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.feeds import duplicates, joining
from directory.feeds.duplicates import Finding, Verdict
from directory.records import service_id
from directory.runtime import Runtime
from tests.builders import EXACT_PREMISES, NOON, a_draft, a_record, a_withheld_draft, write
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served

pytestmark = pytest.mark.browser

NAMES = ("f900", "f902", "f901", "f903", "f904")
ONE, OTHER, HIDDEN, THIRD, FOURTH = (service_id("facts", name) for name in NAMES)
LIST = "/staff/duplicates"
PAGE = f"{LIST}/{ONE}/{OTHER}"
EVIDENCE = [
    {"sign": "name_same", "for": True, "said": "The names are the same, but for kinds of service."},
    {"sign": "phone_other", "for": False, "said": "The phone numbers differ."},
]


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("duplicates"))
    elsewhere = replace(EXACT_PREMISES, address_1="9 Pier Street", postal_code="EH6 6AB")
    write(
        record,
        a_draft(),
        a_draft(source_id="f902", name="Harbour Counsel", phone="01632 960999", premises=elsewhere, as_of="2021"),
        a_withheld_draft(),
        a_draft(source_id="f903", name="Rowan Youth Project", organization="Rowan"),
        a_draft(source_id="f904", name="Rowan Young People’s Project", organization="Rowan"),
    )
    with record.session() as session:
        for pair, score in (((ONE, OTHER), 0.7), ((ONE, HIDDEN), 0.3), ((THIRD, FOURTH), 0.5)):
            found = Finding(duplicates.pair_of(*pair), Verdict.MAYBE, score, EVIDENCE)
            duplicates.note(session, [found], NOON)
    running = Desk(replace(installation, database=record))
    with record.session() as session:
        how = duplicates.standing(session, THIRD, FOURTH)
        assert how is not None
        duplicates.decide(session, THIRD, FOURTH, "same", running.ids["editor"], NOON, how.last.id)
        joining.settle(session, (THIRD, FOURTH), NOON)
    yield running
    record.close()


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


STATES: dict[str, Visit] = {
    "list": at(LIST),
    "pair": at(PAGE),
    "withheld": at(f"{LIST}/{ONE}/{HIDDEN}"),
    "decided": at(f"{LIST}/{THIRD}/{FOURTH}"),
    "who says what": at(f"/staff/services/{THIRD}"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "pair"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []


def test_targets_are_large_enough_at_320_px(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk, **LOOKS["320 px"]) as page:
        page.goto(address + PAGE)
        assert small(page, "button, .keep") == []


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()
    page.wait_for_load_state()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_pair_is_merged_and_the_merge_taken_back(browser: Browser, address: str, desk: Desk, scripts: bool) -> None:
    with signed_in(browser, address, desk, java_script_enabled=scripts) as page:
        page.goto(address + PAGE)
        page.get_by_label("Keep this as the phone number").nth(1).check()
        press(page, "Merge: one service")
        expect(page.get_by_role("status")).to_have_text("They are one service now.")
        page.goto(address + PAGE)
        press(page, "Undo the decision")
        expect(page.get_by_role("status")).to_have_text("The decision is taken back.")


def test_a_decision_can_be_made_with_the_keyboard_alone(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk) as page:
        page.goto(f"{address}{LIST}/{ONE}/{HIDDEN}")
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.includes('Keep apart')"):
                break
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.get_by_role("status")).to_have_text("They are kept apart.")
