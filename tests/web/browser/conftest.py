"""A real browser against a real server on this machine; skipped, and named, without Debian's Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from directory.runtime import Runtime
from tests.web.browser.looking import LOOKS
from tests.web.desk import served

CHROMIUM = Path("/usr/bin/chromium")
expect.set_options(timeout=60_000)  # milliseconds: a machine that does something else for a while is no fault of ours


@pytest.fixture(scope="package")
def base(installation: Runtime) -> Iterator[str]:
    """Address of the pages, served by uvicorn in a thread on a free port."""
    with served(installation) as address:
        yield address


@pytest.fixture(scope="package")
def browser(base: str) -> Iterator[Browser]:
    """Chromium, for this package only: while Playwright runs, no other event loop can in this thread (and `base` comes
    first, for it needs one)."""
    if not CHROMIUM.exists():
        pytest.skip(f"needs Debian's Chromium at {CHROMIUM} (apt-get install chromium)")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport={"width": 1280, "height": 800})
    yield made
    made.close()


@pytest.fixture(params=list(LOOKS))
def looking(request: pytest.FixtureRequest, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(**LOOKS[request.param])
    yield context.new_page()
    context.close()


@pytest.fixture
def page(context: BrowserContext, base: str) -> Page:
    """An empty page, about to visit."""
    return context.new_page()
