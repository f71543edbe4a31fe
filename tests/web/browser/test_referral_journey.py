"""The whole loop in a real browser: one worker, two services on a phone, and a person who comes back."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from directory.records import service_id
from directory.referrals.tables import Need, Referral
from directory.runtime import Runtime
from tests.directory.referrals import builders
from tests.web.browser.looking import LOOKS, signed_in
from tests.web.casework import Worker, a_workplace
from tests.web.desk import served

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "java_script_enabled": False}


@pytest.fixture
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("journey")) as made:
        loop = made.desk.running.loop
        builders.a_mailbox(loop)
        builders.a_mailbox(loop, service_id("facts", "f902"), "referrals@second.example")
        yield made


@pytest.fixture
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


def press(page: Page, name: str, within: str = "main") -> None:
    page.locator(within).get_by_role("button", name=name).first.click()
    page.wait_for_load_state()


def unfold(page: Page, title: str) -> None:
    page.locator("summary", has_text=title).first.click()


def test_from_a_call_to_a_door_that_opens_again(browser: Browser, address: str, worker: Worker) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["desktop"]) as page:
        case = open_case_from_a_match(page, address)
        first = refer(page, worker, "Harbour Counselling")
        answers(browser, address, worker, "Harbour Trust", "No", "Say no", reason="D1")
        signs_in_again(page, worker)
        page.goto(address + first)
        expect(page.locator("main")).to_contain_text("the service said no")
        press(page, "Write to Second Door instead")
        second = page.url.removeprefix(address).split("?")[0]
        agree_and_send(page, worker)
        answers(browser, address, worker, "Second Door Trust", "Yes, we take them", "Accept")
        late = {"engagement": "E6", "service": "S7", "need_result": "N6"}
        answers(browser, address, worker, "Harbour Trust", "Put right what came of it", "Tell us", **late)
        signs_in_again(page, worker)
        page.goto(address + first)
        expect(page.locator("main")).to_contain_text("The person chose other help")
        page.goto(address + second)
        expect(page.locator("main")).to_contain_text("It is accepted")
        write_outcome(page)
        page.goto(case)
        press(page, "They say it is met")
        expect(page.get_by_role("status")).to_contain_text("The need is met")
        worker.desk.now += timedelta(days=14)
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["desktop"]) as page:
        page.goto(case)
        press(page, "They are back: open it again")
        expect(page.get_by_role("status")).to_contain_text("The need is open again")
        page.goto(address + second)
        unfold(page, "Try this service again")
        page.locator("#reopen-reason").select_option("person_returned")
        press(page, "Open it again")
        expect(page.locator("main")).to_contain_text("It is being written")
        expect(page.locator("main")).to_contain_text("Episode 2")
    with worker.desk.running.database.reading() as session:
        assert sorted(session.scalars(select(Referral.state))) == ["closed", "draft"]
        wanted = select(Need.state).where(Need.need == "counselling")
        assert session.scalars(wanted).one() in ("open", "in_hand")


def open_case_from_a_match(page: Page, address: str) -> str:
    page.goto(f"{address}/match")
    page.locator("#text").fill("14 year old from Methil, hit by boys at school, wants somebody to talk to")
    press(page, "Find services")
    press(page, "Open a case from this")
    page.get_by_label("Name to use").fill("Skye Example")
    page.get_by_label("Number or address").fill("01632 960200")
    page.locator("input[name=needs][value=counselling]").check()
    press(page, "Open the case")
    expect(page.get_by_role("heading", level=1)).to_have_text("Skye Example")
    case = page.url.split("?")[0]
    page.locator("section.panel", has_text="Counselling").get_by_role("link", name="Find services").first.click()
    return case


def refer(page: Page, worker: Worker, service: str) -> str:
    press(page, f"Write a referral to {service}")
    path = "/staff/referrals/" + page.url.split("?")[0].rpartition("/")[2]
    agree_and_send(page, worker)
    return path


def signs_in_again(page: Page, worker: Worker) -> None:
    """Time has passed: the old session is over."""
    home = page.url.partition("/staff")[0]
    page.context.add_cookies([{"name": "waymark", "value": worker.desk.token("worker"), "url": home}])


def agree_and_send(page: Page, worker: Worker) -> None:
    page.get_by_role("link", name="Ask, and write down the agreement").first.click()
    page.get_by_label("I read this to them, and they said yes").check()
    press(page, "They agree: keep it")
    expect(page.locator("main")).to_contain_text("Ready to send")
    page.get_by_role("link", name="Check answers and send").click()
    press(page, "Send it")
    expect(page.locator("#sent")).to_contain_text("Sent: reference")
    expect(page.locator("main")).to_contain_text("sent, not opened yet")
    worker.desk.now += timedelta(days=1)
    worker.go_round()
    signs_in_again(page, worker)


def answers(
    browser: Browser, address: str, worker: Worker, organization: str, title: str, button: str, **said: str
) -> None:
    """A service answers on a small phone without scripts, by the link and the code in its letters."""
    worker.desk.now += timedelta(minutes=16)
    with browser.new_context(**PHONE) as context:  # type: ignore[arg-type]  # fields by name
        phone = context.new_page()
        phone.goto(address + worker.link(organization))
        press(phone, "Send me a code", "body")
        worker.go_round()
        phone.get_by_label("Code").fill(worker.code())
        phone.get_by_label("Your own name").fill("Mo Reid")
        press(phone, "Open the message", "body")
        phone.locator("summary").get_by_text(title, exact=True).click()
        for name, code in said.items():
            choice = phone.locator(f"details[open] select[name={name}]")
            if choice.count():
                choice.select_option(code)
            else:
                phone.locator(f"details[open] input[name={name}][value={code}]").check()
        if "reason" in said:
            phone.locator("details.answer--decline").get_by_label("Yes").check()
        press(phone, button, "details[open]")
        expect(phone.get_by_role("status")).to_contain_text("Thank you")


def write_outcome(page: Page) -> None:
    """The service rings: all of the help was given."""
    unfold(page, "Write down what came of it")
    page.get_by_label("Who says it").select_option("provider")
    page.get_by_label("Did they take part?").select_option("E1")
    page.get_by_label("What help was given?").select_option("S1")
    page.get_by_label("And the need?").select_option("N1")
    press(page, "Keep the outcome")
    expect(page.locator("main")).to_contain_text("closed with an outcome")
