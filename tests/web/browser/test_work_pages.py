"""My work and the team in a real browser: axe, narrow and dark, empty, full and with a press that failed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from directory.referrals.lifecycle import State
from directory.runtime import Runtime
from tests.directory.referrals import builders
from tests.directory.referrals.work_builders import a_hand_in, a_reply, a_task
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.casework import Worker, a_workplace
from tests.web.desk import served

pytestmark = pytest.mark.browser
TARGETS = "button:not(.govuk-js-exit-this-page-button), input:not([type=hidden], [type=checkbox]), select, summary"


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("work")) as made:
        loop, own = made.desk.running.loop, made.desk.ids["supervisor"]
        name = "Skye " + "Long-Example " * 5
        for state in (State.DECLINED, State.ACCEPTED, State.DRAFT, State.SENT):
            case_id = builders.a_case(loop, name, lead_worker=own)
            referral = builders.a_referral(loop, state, case_id=case_id, worker=own, urgency="days")
        a_reply(loop, referral)
        a_hand_in(loop)
        for _ in range(60):
            a_task(loop, "complaint", timedelta(days=-4), assigned_to=own)
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


def failed(page: Page, address: str) -> None:
    """Pressed with nothing ticked."""
    page.goto(f"{address}/staff/work?list=dispose")
    page.get_by_role("button", name="Give", exact=True).click()
    page.wait_for_load_state()


STATES: dict[str, Visit] = {
    "the day": at("/staff/work"),
    "full": at("/staff/work?list=overdue&whose=all&urgent="),
    "empty": at("/staff/work?list=failed&need=counselling&urgent=yes"),
    "failed": failed,
    "team": at("/staff/team"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "full"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, worker: Worker, state: str, look: str
) -> None:
    with signed_in(browser, address, worker.desk, "supervisor", **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        if look == "320 px":
            assert small(page, TARGETS) == []


def test_a_day_without_a_mouse_or_scripts(browser: Browser, address: str, worker: Worker) -> None:
    """From the day to a list, a line ticked and looked at, by keys alone."""
    with signed_in(browser, address, worker.desk, "supervisor", java_script_enabled=False) as page:
        page.goto(f"{address}/staff/work")
        page.get_by_role("link", name="Replies in").focus()
        page.keyboard.press("Enter")
        box = page.get_by_role("checkbox", name="A service has answered").first
        box.focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Looked at").focus()
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        assert page.get_by_role("status").inner_text() == "1 line is looked at."
