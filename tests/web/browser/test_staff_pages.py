"""Every page of the workspace that somebody of each role can reach, in a real browser: as it stands, with mistakes,
narrow, zoomed, dark, in forced colours, with wider spacing, and on paper."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from directory.runtime import Runtime
from tests.web.browser.looking import LOOKS, faults, signed_in, small
from tests.web.casework import Worker
from tests.web.desk import ROLES, served
from tests.web.workspace import a_busy_workplace, kind_of, walk

pytestmark = pytest.mark.browser
TARGETS = "button:not([hidden]), input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea, summary"
SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }"""
"""The spacing that a reader may set, and by which nothing may be lost (WCAG 1.4.12)."""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """[...document.querySelectorAll("main button, main a, main p, main dd, main h1, main h2, nav a")]
    .filter(each => each.checkVisibility() && !each.closest(".sr") && each.scrollWidth > each.clientWidth + 2
        && getComputedStyle(each).overflowX !== "visible").map(each => each.outerHTML.slice(0, 120))"""
OTHER_LOOKS: dict[str, dict[str, Any]] = {
    "dark": LOOKS["dark"],
    "forced colours": {"viewport": {"width": 1280, "height": 800}, "forced_colors": "active"},
    "more contrast": {"viewport": {"width": 1280, "height": 800}, "contrast": "more"},
    "200 % zoom": {"viewport": {"width": 640, "height": 400}},
}
CHOSEN = ("/staff", "/staff/call", "/staff/work", "/staff/cases", "case", "restricted", "draft", "declined")
"""Pages that between them use every macro of parts/staff.html: their colours belong to the style sheet."""


@pytest.fixture(scope="module")
def worker(installation: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Worker]:
    with a_busy_workplace(installation, tmp_path_factory.mktemp("staff-pages")) as (made, places):
        made.places = places
        yield made


@pytest.fixture(scope="module")
def address(base: str, worker: Worker) -> Iterator[str]:
    with served(worker.desk.running) as address:
        yield address


@pytest.fixture(scope="module")
def paths(worker: Worker) -> dict[str, list[str]]:
    """One page of each kind, under the first role that reaches it; what the builder put there always."""
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for role in ROLES:
        starts = worker.places.values() if role == "worker" else ()
        pages = walk(replace(worker, role=role), *starts, of_a_kind=1).pages
        found[role] = [
            path
            for path, page in pages.items()
            if page.status_code == 200 and (path in starts or kind_of(path) not in seen)
        ]
        seen |= {kind_of(path) for path in found[role]}
    return found


def looked_through(
    page: Page, address: str, paths: Iterable[str], see: Callable[[Page], list[object]]
) -> dict[str, object]:
    """What is wrong with each of these pages."""
    found: dict[str, object] = {}
    for path in paths:
        page.goto(address + path)
        if wrong := see(page):
            found[path] = wrong
    return found


def chosen(worker: Worker) -> list[str]:
    return [worker.places.get(path, path) for path in CHOSEN]


@pytest.mark.parametrize("role", ROLES)
def test_every_page_narrow(
    browser: Browser, address: str, worker: Worker, paths: dict[str, list[str]], role: str
) -> None:
    def see(page: Page) -> list[object]:
        return [*faults(page), *small(page, TARGETS)]

    with signed_in(browser, address, worker.desk, role, **LOOKS["320 px"]) as page:
        assert looked_through(page, address, paths[role], see) == {}


@pytest.mark.parametrize("look", OTHER_LOOKS)
def test_however_it_is_looked_at(browser: Browser, address: str, worker: Worker, look: str) -> None:
    with signed_in(browser, address, worker.desk, "worker", **OTHER_LOOKS[look]) as page:
        assert looked_through(page, address, chosen(worker), lambda page: list(faults(page))) == {}


def test_nothing_is_cut_off_by_a_readers_own_spacing_nor_on_paper(
    browser: Browser, address: str, worker: Worker
) -> None:
    def see(page: Page) -> list[object]:
        page.add_style_tag(content=SPACED)
        page.emulate_media(media="print")
        wide = page.evaluate(WIDER)
        page.emulate_media(media="screen")
        return [each for each in (wide, page.evaluate(WIDER), *page.evaluate(CUT_OFF)) if each]

    with signed_in(browser, address, worker.desk, "worker", bypass_csp=True, **LOOKS["320 px"]) as page:
        assert looked_through(page, address, chosen(worker), see) == {}


SENT_TWICE = """form => new Promise(done => {
    const button = form.querySelector("button");
    new MutationObserver(() => {
        if (!button.hasAttribute("aria-disabled")) return;
        button.click();
        const aloud = form.querySelector("[role=status]").textContent;
        done({ button: button.textContent, disabled: button.getAttribute("aria-disabled"), aloud });
    }).observe(form, { attributes: true, childList: true, subtree: true });
    button.click();
})"""
"""Presses a form's button, and again once it says that it is under way; what it says by then."""
MISTAKES = {
    "a case": ("/staff/cases/new", "Open the case"),
    "a hand-in": ("/staff/hand-ins", "Keep it"),
    "finding": ("/staff/cases", "Find"),
    "contact": ("case?part=contact", "This is safe"),
    "a concern": ("case?part=safety", "I have told them"),
    "a need": ("case", "Add it"),
}


@pytest.mark.parametrize("where", MISTAKES)
def test_with_mistakes(browser: Browser, address: str, worker: Worker, where: str) -> None:
    path, button = MISTAKES[where]
    start, _, rest = path.partition("?")
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["320 px"]) as page:
        page.goto(f"{address}{worker.places.get(start, start)}{'?' * bool(rest)}{rest}")
        own = page.locator("form", has=page.locator("button", has_text=button)).first
        own.evaluate("form => { form.noValidate = true; form.requestSubmit() }")
        page.wait_for_load_state()
        expect(page.locator(".govuk-error-summary")).to_be_focused()
        assert page.title().startswith("Error: ")
        assert faults(page) == []
        href = page.locator(".govuk-error-summary a").first.get_attribute("href")
        assert page.locator(str(href)).count() == 1, href


def test_what_is_read_and_not_seen_in_forced_colours_has_an_edge(
    browser: Browser, address: str, worker: Worker
) -> None:
    with signed_in(browser, address, worker.desk, "worker", **OTHER_LOOKS["forced colours"]) as page:
        page.goto(address + worker.places["restricted"])
        edges = page.eval_on_selector_all(
            ".badge, .identity, .panel, .govuk-button",
            "all => all.map(each => parseFloat(getComputedStyle(each).borderTopWidth))",
        )
        assert edges
        assert min(edges) >= 1
        current = page.locator(".subnav a[aria-current]").first
        assert current.evaluate("each => parseFloat(getComputedStyle(each).borderBottomWidth)") >= 3


def test_a_form_is_sent_once_and_what_takes_long_says_so(browser: Browser, address: str, worker: Worker) -> None:
    with signed_in(browser, address, worker.desk, "worker", **LOOKS["desktop"]) as page:
        page.goto(f"{address}/staff/cases")
        held: list[Route] = []
        page.route("**/staff/cases/find", lambda route: held.append(route))
        page.get_by_label("Find a case by name or reference").fill("Rowan")
        form = page.locator("form[action$=find]")
        told = form.evaluate(SENT_TWICE)
        assert told == {"button": "Working…", "disabled": "true", "aloud": "Working…"}
        held[0].continue_()
        expect(page.locator("main")).to_contain_text("Rowan")
        assert len(held) == 1
        page.go_back()
        expect(page.get_by_role("button", name="Find")).to_be_visible()
