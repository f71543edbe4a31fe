"""Pages of cases and referrals in a real browser: axe, narrow and dark, with mistakes, long and empty."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from directory.referrals.lifecycle import State
from directory.runtime import Runtime
from tests.directory.referrals import builders
from tests.web.browser.looking import LOOKS, Visit, at, faults, looked_at, signed_in, small
from tests.web.casework import Worker, a_workplace
from tests.web.desk import served

pytestmark = pytest.mark.browser
TARGETS = (
    "button:not(.govuk-js-exit-this-page-button), input:not([type=hidden], [type=checkbox]), select, textarea, summary"
)


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("cases")) as made:
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


@pytest.fixture(scope="module")
def places(worker: Worker) -> dict[str, str]:
    """Addresses of a case with everything on it, and of referrals in several states."""
    loop = worker.desk.running.loop
    case_id = worker.open_case(name="Skye " + "Long-Example " * 6, who_must_not_know="their brother", key="k-pages")
    mine = {"worker": worker.desk.ids["worker"]}
    need_id = builders.a_need(loop, case_id, "housing", "in_hand")
    found = {
        state: builders.a_referral(loop, State(state), case_id=case_id, need_id=need_id, **mine)
        for state in ("draft", "sent", "declined", "accepted", "closed")
    }
    worker.post(
        f"/staff/cases/{case_id}/do/concern", about="harmed", what="Afraid to go home", told="police",
        told_whom="the desk", ground="child_at_risk", key="k-concern", version="",
    )  # fmt: skip
    worker.post(f"/staff/cases/{case_id}/do/plan-ask", because="danger", key="k-plan")
    worker.post(
        "/staff/hand-ins", agency="police", how="phone", summary="A boy of 14 in Methil", agency_reference="PS-1",
        key="k-hand-in",
    )  # fmt: skip
    return {
        "case": f"/staff/cases/{case_id}",
        "need": f"/staff/cases/{case_id}/needs/{need_id}",
        "agreement": f"/staff/referrals/{found['draft']}/agreement",
        **{f"referral {state}": f"/staff/referrals/{own}" for state, own in found.items()},
    }


def mistaken(page: Page, address: str) -> None:
    page.goto(f"{address}/staff/cases/new")
    page.get_by_label("Name to use").fill("Skye Example")
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_load_state()


STATES: dict[str, Visit] = {
    "cases": at("/staff/cases?whose=all"),
    "new case": at("/staff/cases/new"),
    "new case, mistaken": mistaken,
    "hand-ins": at("/staff/hand-ins"),
}
OWN = ("case", "need", "agreement", "referral draft", "referral sent", "referral declined", "referral closed")


@pytest.mark.parametrize(("state", "look"), looked_at([*STATES, *OWN], "case"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, worker: Worker, places: dict[str, str], state: str, look: str
) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS[look]) as page:
        if state in STATES:
            STATES[state](page, address)
        else:
            page.goto(address + places[state])
        assert faults(page) == []
        if look == "320 px":
            assert small(page, TARGETS) == []


def test_the_liaisons_pages(browser: Browser, address: str, worker: Worker, places: dict[str, str]) -> None:
    case_id = places["case"].rpartition("/")[2]
    worker.post(f"/staff/cases/{case_id}/do/agency", agency="scra", theirs="R-77", key="k-agency")
    with signed_in(browser, address, worker.desk, "liaison", **LOOKS["320 px"]) as page:
        page.goto(f"{address}/staff/agencies")
        assert faults(page) == []
        page.get_by_role("row").nth(1).get_by_role("link").click()
        assert faults(page) == []
        assert "Skye" not in page.content()


def test_a_mistake_keeps_what_was_typed_and_takes_the_reader_there(
    browser: Browser, address: str, worker: Worker
) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["desktop"]) as page:
        mistaken(page, address)
        assert page.get_by_label("Name to use").input_value() == "Skye Example"
        assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
        assert page.title().startswith("Error: ")
