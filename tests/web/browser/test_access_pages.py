"""Who sees a case, in a real browser: the question why, the part of the case that says who, and the weekly report."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from directory.runtime import Runtime
from tests.web.browser.looking import LOOKS, faults, looked_at, signed_in, small
from tests.web.casework import Worker, a_workplace
from tests.web.desk import served

pytestmark = pytest.mark.browser
TARGETS = "main button, main input:not([type=hidden], [type=checkbox]), main select, main summary"


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_workplace(installation, tmp_path_factory.mktemp("access")) as made:
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


@pytest.fixture(scope="module")
def case_path(worker: Worker) -> str:
    """A case that the supervisor looked at and then took from the worker; it is kept from the liaison."""
    own = f"/staff/cases/{worker.open_case(key='k-access')}"
    kept = {"account_id": worker.desk.ids["liaison"], "because": "neighbour", "key": "k-kept"}
    worker.post(f"{own}/do/block", **kept)
    boss = Worker(worker.desk, "supervisor")
    boss.get(own)
    boss.post(f"{own}/do/take", key="k-take")
    boss.post(f"{own}/do/unassign", account_id=worker.desk.ids["worker"], key="k-off")
    return own


def why(page: Page, address: str, case_path: str) -> None:
    page.goto(address + case_path)


def why_mistaken(page: Page, address: str, case_path: str) -> None:
    why(page, address, case_path)
    page.get_by_role("button", name="Open the case").click()
    page.wait_for_load_state()


def people(page: Page, address: str, case_path: str) -> None:
    page.goto(f"{address}{case_path}?part=people")


def report(page: Page, address: str, case_path: str) -> None:
    page.goto(f"{address}/staff/look-ups")


STATES = {
    "why": ("worker", why),
    "why, mistaken": ("worker", why_mistaken),
    "people": ("supervisor", people),
    "report": ("auditor", report),
}


@pytest.mark.parametrize(("state", "look"), looked_at(STATES, "people"))
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, address: str, worker: Worker, case_path: str, state: str, look: str
) -> None:
    role, visit = STATES[state]
    with signed_in(browser, address, worker.desk, role, **LOOKS[look]) as page:
        visit(page, address, case_path)
        assert faults(page) == []
        if look == "320 px":
            assert small(page, TARGETS) == []


def test_the_question_is_answered_without_scripts(
    browser: Browser, address: str, worker: Worker, case_path: str
) -> None:
    with signed_in(browser, address, worker.desk, "worker", java_script_enabled=False) as page:
        page.goto(f"{address}{case_path}?part=people")
        assert "Skye" not in page.content()
        page.get_by_label("Why you open it").select_option("cover")
        page.get_by_role("button", name="Open the case").click()
        assert page.get_by_role("heading", name="Skye Example").count() == 1
