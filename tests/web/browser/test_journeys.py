"""A day of each role in a real browser: the worker's by keys alone and counted; nothing asks any other host."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect
from sqlalchemy import select

from directory.draft import Coverage
from directory.records import service_id
from directory.referrals import case_access, lifecycle, shortlists
from directory.referrals.tables import AuditEvent, Referral
from directory.runtime import Runtime
from directory.search import indexing
from directory.values import Known
from tests.builders import FIFE, NOON, a_draft, write
from tests.directory.referrals import builders
from tests.web.browser.looking import LOOKS, focused, signed_in
from tests.web.browser.test_referral_journey import answers
from tests.web.casework import Worker, a_workplace, apart
from tests.web.desk import served

pytestmark = pytest.mark.browser
MOST_PRESSES = 25
"""From a known caller to three services on a short list and one referral sent, besides text (issue 9)."""
NARROW_AND_PLAIN = {"viewport": {"width": 320, "height": 640}, "java_script_enabled": False}
HERE = "127.0.0.1"
HARBOUR = service_id("facts", "f900")


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("journeys")) as made:
        running = made.desk.running
        fife = Coverage(Known.STATED, (FIFE,))
        write(running.database, a_draft(source_id="f903", name="Third Door", organization="Third Trust", coverage=fife))
        apart(anyio.run, indexing.rebuild, running.database, running.index, lambda: NOON)
        builders.a_mailbox(running.loop)
        builders.a_mailbox(running.loop, service_id("facts", "f902"), "referrals@second.example")
        builders.a_mailbox(running.loop, service_id("facts", "f903"), "referrals@third.example")
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


@contextmanager
def at_work(browser: Browser, address: str, worker: Worker, role: str, **look: Any) -> Iterator[Page]:
    """A page of somebody signed in, which can reach this machine and no other, and must not try."""
    elsewhere: list[str] = []

    def only_here(route: Route, request: Request) -> None:
        if urlsplit(request.url).hostname == HERE:
            route.continue_()
        else:
            elsewhere.append(urlsplit(request.url).hostname or "")
            route.abort()

    with signed_in(browser, address, worker.desk, role, **(look or LOOKS["desktop"])) as page:
        page.context.route(re.compile(".*"), only_here)
        yield page
    assert elsewhere == []


@dataclass(slots=True)
class Keyboard:
    """All there is to reach a page with. `presses`: keys besides text."""

    page: Page
    presses: int = 0

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.presses += 1

    def write(self, text: str) -> None:
        self.page.keyboard.type(text)

    def go_to(self, name: str, most: int = 80) -> None:
        """Tab by Tab to the control of this name."""
        for _ in range(most):
            self.press("Tab")
            said = self.page.evaluate("document.activeElement.innerText || document.activeElement.name || ''")
            if name in said:
                return
        raise AssertionError(f"no Tab leads to {name!r}")


def press(page: Page, name: str, within: str = "main") -> None:
    page.locator(within).get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def said(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def test_a_worker_from_a_known_callers_words_to_a_reply_by_keys_alone(
    browser: Browser, address: str, worker: Worker
) -> None:
    case_id = worker.open_case(name="Skye Example", age="14", key="k-known")
    with at_work(browser, address, worker, "worker") as page:
        keys = Keyboard(page)
        page.goto(f"{address}/staff/call")
        focused(page)
        keys.press("Escape")
        keys.write("Skye")
        keys.press("Enter")
        expect(page.get_by_role("button", name="Use this case")).to_be_focused()
        keys.press("Enter")
        count, cards = page.locator("#call-list .count"), page.locator("[data-service]")
        for number in (1, 2, 3):
            expect(cards.nth(number - 1)).to_be_focused()
            keys.press("s")
            expect(count).to_have_text(f"{number} of 10")
            if number < 3:
                keys.press("j")
        keys.press("r")
        page.wait_for_url("**/staff/referrals/*")
        focused(page)
        keys.press("Enter")
        page.wait_for_url("**/agreement")
        focused(page)
        keys.press("Space", "Enter")
        page.wait_for_url(re.compile(r"/staff/referrals/[0-9a-f-]{36}(\?|$)"))
        focused(page)
        keys.press("Enter")
        page.wait_for_url("**/check")
        focused(page)
        keys.press("Enter")
        said(page, "sent, not opened yet")
        assert keys.presses <= MOST_PRESSES, keys.presses
        with worker.desk.running.database.reading() as session:
            sent = session.scalars(select(Referral).where(Referral.case_id == case_id)).one()
            assert sent.state == lifecycle.State.SENT
            assert len(shortlists.listed(session, case_id)) == 3
            organization = sent.organization

    worker.desk.now += timedelta(days=1)
    worker.go_round()
    answers(browser, address, worker, organization, "No", "Say no", reason="D1")
    with at_work(browser, address, worker, "worker") as page:
        keys = Keyboard(page)
        page.goto(f"{address}/staff")
        keys.go_to("My work")
        keys.press("Enter")
        page.wait_for_url("**/staff/work")
        keys.go_to("Declined or silent")
        keys.press("Enter")
        page.wait_for_url("**list=dispose*")
        keys.go_to(organization if organization in page.inner_text("main") else "said no")
        keys.press("Enter")
        page.wait_for_url("**/staff/referrals/*")
        said(page, "the service said no")
        keys.go_to("instead")
        keys.press("Enter")
        said(page, "It is being written")


def test_a_worker_with_scripts_off_on_a_narrow_screen(browser: Browser, address: str, worker: Worker) -> None:
    with at_work(browser, address, worker, "worker", **NARROW_AND_PLAIN) as page:
        page.goto(f"{address}/staff")
        page.get_by_role("link", name="Take a call").click()
        page.locator("#text").fill("14 year old from Methil, hit by boys at school, wants somebody to talk to")
        press(page, "Find services")
        said(page, "best first")
        press(page, "Shortlist")
        expect(page.locator("#call-list .count")).to_have_text("1 of 10")
        press(page, "Open a case from this")
        page.get_by_label("Name to use").fill("Isla Example")
        page.get_by_label("Number or address").fill("01632 960201")
        page.locator("input[name=needs][value=counselling]").check()
        press(page, "Open the case")
        expect(page.get_by_role("heading", level=1)).to_have_text("Isla Example")
        said(page, "Harbour Counselling")
        page.get_by_role("navigation", name="Parts of this case").get_by_role("link", name="Timeline").click()
        said(page, "Case opened")


def test_a_supervisor_sees_the_team_assigns_and_approves(browser: Browser, address: str, worker: Worker) -> None:
    case_id = worker.open_case(name="Rowan Example", restricted="yes", key="k-team")
    proposed = worker.post(
        f"/staff/services/{HARBOUR}/mailbox", act="propose", email="new@harbour.example", key="k-box"
    )
    assert proposed.status_code == 303
    with at_work(browser, address, worker, "supervisor") as page:
        page.goto(f"{address}/staff")
        page.get_by_role("link", name="See the team’s work").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The team")
        said(page, "Ann Worker")
        page.goto(f"{address}/staff/cases/{case_id}?part=people")
        page.locator("summary", has_text="Give it to a colleague").click()
        page.get_by_label("Colleague").select_option(label="Ann Supervisor")
        press(page, "Give it to them")
        with worker.desk.running.database.reading() as session:
            assert case_access.assigned(session, case_id, worker.desk.ids["supervisor"])
        page.goto(f"{address}/staff/services/{HARBOUR}/mailbox")
        said(page, "new@harbour.example")


def test_an_editor_proposes_and_another_person_approves(browser: Browser, address: str, worker: Worker) -> None:
    own = service_id("facts", "f902")
    with at_work(browser, address, worker, "editor") as page:
        page.goto(f"{address}/staff/services/{own}/edit/who")
        page.get_by_label("Oldest").or_(
            page.locator("[name=age_most], [name=maximum_age], [name=age_high]")
        ).first.fill("17")
        page.locator("main form .govuk-button").first.click()
        page.wait_for_load_state()
        page.goto(f"{address}/staff/proposals?show=mine")
        said(page, "Second Door")
        page.get_by_role("link", name="Second Door").first.click()
        said(page, "you cannot approve it")
        where = page.url
    with at_work(browser, address, worker, "supervisor") as page:
        page.goto(where)
        press(page, "Approve")
        said(page, "Approved")


def test_an_administrator_adds_a_person_and_changes_a_setting(browser: Browser, address: str, worker: Worker) -> None:
    with at_work(browser, address, worker, "admin") as page:
        page.goto(f"{address}/staff/admin/people")
        page.get_by_label("E-mail address").fill("nell@spoc.example")
        page.get_by_label("Full name").fill("Nell New")
        page.locator("input[name=roles][value=worker]").check()
        press(page, "Make the account")
        expect(page.locator("main code").first).to_be_visible()
        page.goto(f"{address}/staff/admin/settings")
        page.locator("main a.govuk-button", has_text="Change").first.click()
        field = page.locator("main form input.govuk-input").first
        name, before = field.get_attribute("id"), field.input_value()
        field.fill(re.sub(r"\d+", lambda found: str(int(found[0]) + 1), before, count=1))
        press(page, "Put it in use")
        page.goto(f"{address}/staff/admin/settings/versions")
        said(page, "Ann Admin")
        assert name


def test_an_analyst_reads_the_gaps_and_takes_the_table(browser: Browser, address: str, worker: Worker) -> None:
    with at_work(browser, address, worker, "analyst") as page:
        page.goto(f"{address}/staff")
        page.get_by_role("link", name="See where help is missing").click()
        page.get_by_label("Council area").select_option(label="Fife")
        press(page, "Show")
        assert "council=" in page.url
        assert page.goto(f"{address}/staff/cases").status == 403  # type: ignore[union-attr]  # it answers


def test_an_auditor_reads_and_changes_nothing(browser: Browser, address: str, worker: Worker) -> None:
    case_id = worker.open_case(name="Ash Example", key="k-look")
    with at_work(browser, address, worker, "auditor") as page:
        for path in ("/staff/look-ups", "/staff/mail", "/staff/admin/settings", "/staff/sources"):
            page.goto(address + path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            presses = page.locator("main form[method=post] button").all_inner_texts()
            assert presses == [], (path, presses)
        assert page.goto(f"{address}/staff/cases/{case_id}").status == 403  # type: ignore[union-attr]  # it answers
    with worker.desk.running.database.reading() as session:
        looked = select(AuditEvent.action).where(AuditEvent.actor_id == worker.desk.ids["auditor"])
        assert set(session.scalars(looked)) <= {"view", "list", "search"}
