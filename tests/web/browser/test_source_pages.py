"""The pages of sources and of a service's record in a browser: axe, narrow, dark, large targets, and scripts off."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page

from directory import records
from directory.feeds import assurance, runs
from directory.feeds.assurance import State
from directory.feeds.runs import Kept, Outcome
from directory.feeds.tables import LinkCheck
from directory.records import SourceInfo
from directory.runtime import Runtime
from directory.tables import Service
from tests.builders import NOON, a_draft, a_record, a_withheld_draft, write
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.desk import Desk, served
from tests.web.test_sources import DIFFERENCE

pytestmark = pytest.mark.browser

OWN, HIDDEN, GONE = (records.service_id("facts", name) for name in ("f900", "f901", "f902"))
PAGE = f"/staff/services/{OWN}"
REPORT = {
    "reasons": [{"field": "phone", "reason": "not a number that can be rung", "rows": 7},
                {"field": "", "reason": "it has no name", "rows": 1}],
    "issues": [{"row": 3, "field": "phone", "reason": "not a number that can be rung", "held": False}],
}  # fmt: skip
TARGETS = "button, input:not([type=checkbox], [type=hidden]), select, summary, .ways a"


@pytest.fixture(scope="module")
def desk(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    record = a_record(tmp_path_factory.mktemp("sources"))
    write(record, a_draft(), a_withheld_draft(), a_draft(source_id="f902", name="Vanished Helpline"))
    write(record, a_draft(phone="01632 960002", name="Harbour Talking"), at=NOON - timedelta(days=3))
    desk = Desk(replace(installation, database=record))
    with record.session() as session:
        records.ensure_source(session, SourceInfo("facts", "Facts about services", "Somebody", "OGL v3", "Facts."))
        records.ensure_source(
            session,
            SourceInfo("kingdom", "Kingdom feed", "Kingdom Council", "OGL v3", "Kingdom.", url="https://a.example/"),
        )
        for number, state in enumerate(("done", "done", "failed", "rejected", "done", "held")):
            run = runs.begin(session, "facts", "schedule", NOON - timedelta(days=9 - number))
            runs.note_material(session, run, [Kept("services.csv", "ab" * 32, "text/csv")])
            came = Outcome(made=number, changed=3 * number, unchanged=300, refused=1, seconds=75.0, report=REPORT,
                           why="It would change contact data of 7 %." if state == "held" else "",
                           difference=DIFFERENCE)  # fmt: skip
            runs.end(session, run, runs.State(state), NOON - timedelta(days=9 - number), came)
        row = session.get_one(Service, GONE)
        row.listing, row.unlisted_at = "unlisted", NOON
        assurance.say(
            session, OWN, State.CONTRADICTED, desk.ids["worker"], NOON - timedelta(days=1), reason="number_dead"
        )
        session.add(LinkCheck(service_id=OWN, url="https://harbour.example/", status=404, failures=2,
                              said="there is no such page", checked_at=NOON))  # fmt: skip
    yield desk
    record.close()


@pytest.fixture(scope="module")
def address(base: str, desk: Desk) -> Iterator[str]:
    with served(desk.running) as address:
        yield address


def pressed(path: str, button: str, typed: dict[str, str] | None = None) -> Visit:
    def visit(page: Page, address: str) -> None:
        page.goto(address + path)
        for name, value in (typed or {}).items():
            page.fill(f"#{name}", value)
        page.get_by_role("button", name=button).first.click()
        page.wait_for_load_state()

    return visit


STATES = {
    "sources": at("/staff/sources"),
    "one source": at("/staff/sources/facts"),
    "a source with an address": at("/staff/sources/kingdom"),
    "settings error": pressed("/staff/sources/kingdom", "Save the settings", {"url": "http://a.example/"}),
    "add": at("/staff/sources/add"),
    "add error": pressed("/staff/sources/add", "Add this source", {"id": "Not this"}),
    "a run that waits": at("/staff/sources/facts/runs/6"),
    "a run that was done": at("/staff/sources/facts/runs/1"),
    "links and numbers": at("/staff/sources/links"),
    "a record": at(PAGE),
    "a withheld record": at(f"/staff/services/{HIDDEN}"),
    "rhythm error": pressed(PAGE, "Keep", {"facts": "never"}),
    "about the data": at("/about-data"),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "sources"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, desk: Desk, state: str, look: str
) -> None:
    with signed_in(browser, address, desk, **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        assert small(page, TARGETS) == []


def test_a_number_is_said_to_work_again_with_scripts_off(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk, java_script_enabled=False) as page:
        page.goto(address + PAGE)
        assert "Contradicted: not shown" in page.inner_text("main")
        page.get_by_role("button", name="This number works (01632 960002)").click()
        assert page.url == address + PAGE + "?done=said"
        assert "Contradicted: not shown" not in page.inner_text("main")
        page.get_by_role("button", name="I have checked this: all still right").click()
        assert "Confirmed by the single point of contact, November 2026" in page.inner_text("main")


def test_a_source_is_added_and_run_with_scripts_off(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk, java_script_enabled=False) as page:
        page.goto(address + "/staff")
        page.get_by_role("link", name="Sources").click()
        page.get_by_role("link", name="Add a source that has an address").click()
        page.get_by_role("button", name="Add this source").click()
        assert page.title().startswith("Error: ")
        page.select_option("#kind", label="Open Referral UK 3.0 feed")
        for name, value in (("url", "https://new.example/o"), ("id", "new-feed"), ("name", "New feed"),
                            ("publisher", "New Council"), ("licence", "OGL v3"), ("attribution", "New.")):  # fmt: skip
            page.fill(f"#{name}", value)
        page.get_by_role("button", name="Add this source").click()
        assert page.url == address + "/staff/sources/new-feed?done=added"
        page.get_by_role("button", name="Fetch and read it").click()
        assert "Asked for: Fetch and read it" in page.inner_text("main")


def test_a_held_run_is_rejected_by_keyboard(browser: Browser, address: str, desk: Desk) -> None:
    with signed_in(browser, address, desk) as page:
        page.goto(address + "/staff/sources")
        page.get_by_role("link", name="Look at run 6 and decide").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/runs/6")
        page.get_by_role("button", name="Reject").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**?done=asked")
        assert "Asked for: Reject the run that waits" in page.inner_text("main")
        assert page.get_by_role("button", name="Accept").count() == 0
