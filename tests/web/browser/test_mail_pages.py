"""The pages of mailboxes and mail in a real browser: axe, narrow and dark, big enough to press, and scripts off."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import anyio
import pytest
from playwright.sync_api import Browser, Page, expect

from directory import outgoing
from directory.referrals import failures, mailboxes, sending, switches
from directory.referrals.loop import Loop
from directory.runtime import Runtime
from tests.builders import a_draft, write
from tests.directory.referrals.builders import SERVICE, a_mailbox, ask
from tests.directory.referrals.mail_builders import a_sent, queued
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, small
from tests.web.desk import Desk, served
from tests.web.mail_desk import a_mail_desk

pytestmark = pytest.mark.browser

EMPTY = "f950"


@pytest.fixture(scope="module")
def made(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Loop]]:
    from directory import records

    with a_mail_desk(installation, tmp_path_factory.mktemp("mail")) as (desk, loop, time):
        write(desk.running.database, a_draft(source_id=EMPTY, name="Rowan Project", organization="Rowan"))
        queued(loop, a_sent(loop, mailbox_id=a_mailbox(loop)))
        carrier = outgoing.carrier(desk.running.settings)
        with ThreadPoolExecutor(1) as elsewhere:  # Playwright has this thread's event loop
            elsewhere.submit(anyio.run, sending.drain, loop, carrier).result()
        failed = queued(loop, a_sent(loop))
        failures.rejected(loop, [failed], True, loop.clock())
        queued(loop, a_sent(loop))
        waits = mailboxes.propose(loop, ask(loop), SERVICE, "intake@harbour.example", "second@harbour.example")
        mailboxes.called_back(loop, ask(loop), waits["id"], "The charity register")
        time.pass_(minutes=20)
        assert records.service_id("facts", EMPTY)
        yield desk, loop


@pytest.fixture(scope="module")
def address(base: str, made: tuple[Desk, Loop]) -> Iterator[str]:
    with served(made[0].running) as address:
        yield address


@contextmanager
def supervisor(browser: Browser, address: str, desk: Desk, **look: Any) -> Iterator[Page]:
    with browser.new_context(**look) as context:
        context.add_cookies([{"name": "waymark", "value": desk.token("supervisor"), "url": address}])
        yield context.new_page()


def the_file(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/mail")
    page.get_by_role("link", name="A message for Harbour Trust").first.click()


def a_mistake(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/services/{SERVICE}/mailbox")
    page.get_by_label("E-mail address of their team").fill("nobody@nowhere")
    page.get_by_role("button", name="Keep the proposal").click()


STATES: dict[str, Visit] = {
    "mail": at("/staff/mail"),
    "a file": the_file,
    "mailbox": at(f"/staff/services/{SERVICE}/mailbox"),
    "mistake": a_mistake,
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "mail"))
def test_pages_have_no_faults_however_they_are_looked_at(
    browser: Browser, address: str, made: tuple[Desk, Loop], state: str, look: str
) -> None:
    with supervisor(browser, address, made[0], **LOOKS[look]) as page:
        STATES[state](page, address)
        assert faults(page) == []
        assert small(page, "button, .govuk-input") == []


def test_an_address_is_proved_with_scripts_off(browser: Browser, address: str, made: tuple[Desk, Loop]) -> None:
    from directory import records

    own = records.service_id("facts", EMPTY)
    with supervisor(browser, address, made[0], java_script_enabled=False) as page:
        page.goto(f"{address}/staff/services/{own}/mailbox")
        expect(page.get_by_text("No address is proved")).to_be_visible()
        page.get_by_label("E-mail address of their team").fill("team@rowan.example")
        page.get_by_role("button", name="Keep the proposal").click()
        expect(page.get_by_role("status")).to_contain_text("kept as a proposal")
        page.get_by_label("Where you found the number you rang").fill("Their own website")
        page.get_by_role("button", name="I rang them").click()
        page.get_by_role("button", name="Approve this address").click()
        expect(page.get_by_role("status")).to_contain_text("Somebody else must approve it as well")


def test_all_mail_is_stopped_and_started_with_scripts_off(
    browser: Browser, address: str, made: tuple[Desk, Loop]
) -> None:
    desk, loop = made
    with supervisor(browser, address, desk, java_script_enabled=False) as page:
        page.goto(f"{address}/staff")
        page.get_by_role("link", name="Mail", exact=True).click()
        page.get_by_role("button", name="Stop all mail now").click()
        expect(page.get_by_text("All mail is stopped since")).to_be_visible()
        with loop.database.reading() as session:
            assert switches.is_on(session, switches.MAIL_STOPPED)
        page.get_by_role("button", name="Let mail leave again").click()
        expect(page.get_by_role("button", name="Stop all mail now")).to_be_visible()
