"""How every page is looked at in a browser, and what must hold however it is looked at."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.web.desk import Desk

LOOKS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "320 px": {"viewport": {"width": 320, "height": 640}},
    "dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}


def looked_at(states: Iterable[str], chosen: str) -> list[tuple[str, str]]:
    """Each state narrow, where most goes wrong; one of them wide and dark as well: both belong to the style sheet."""
    return [*((state, "320 px") for state in states), (chosen, "desktop"), (chosen, "dark")]


VIOLATIONS = """async () => (await axe.run({ resultTypes: ["violations"] })).violations
    .map(rule => [rule.id, rule.nodes.map(node => node.html)])"""
"""Every rule of axe is asked; what it says of all that is right stays in the browser: fetching it took long."""
Visit = Callable[[Page, str], None]
"""Brings a page into a state; from the page, and the address of the pages."""


def at(path: str) -> Visit:
    def visit(page: Page, address: str) -> None:
        page.goto(address + path)

    return visit


@contextmanager
def signed_in(browser: Browser, address: str, desk: Desk, role: str = "editor", **look: Any) -> Iterator[Page]:
    """An empty page of somebody of this role who has signed in."""
    with browser.new_context(**look) as context:
        context.add_cookies([{"name": "waymark", "value": desk.token(role), "url": address}])
        yield context.new_page()


def focused(page: Page) -> None:
    """Waits for `autofocus`: a browser gives it some time after the page has loaded, and a key before that is lost."""
    expect(page.locator("main :focus")).to_be_visible()


def faults(page: Page) -> list[tuple[str, object]]:
    """With everything opened: what axe finds, and by how many pixels the page scrolls sideways."""
    for details in page.query_selector_all("details"):
        details.evaluate("each => { each.open = true }")
    page.evaluate(Axe().axe_script)
    found = page.evaluate(VIOLATIONS)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    sideways = [("scrolls sideways", wide)] if wide > 0 else []
    return [(rule, nodes) for rule, nodes in found] + sideways


def small(page: Page, targets: str) -> list[str]:
    """Those of the targets shown that are less than 44 CSS pixels high."""
    found: list[str] = page.evaluate(
        """targets => [...document.querySelectorAll(targets)]
            .filter(each => each.checkVisibility() && each.getBoundingClientRect().height < 43.5)
            .map(each => each.outerHTML.slice(0, 120))""",
        targets,
    )
    return found
