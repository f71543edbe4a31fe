"""Signing in in a real browser at 320 px: a second factor set up and asked for, the lock, one's account; axe too."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import argon2
import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from directory.accounts import actions, passwords
from directory.accounts.actions import NewAccount
from directory.clock import now
from directory.runtime import Runtime
from tests.builders import a_record
from tests.web.browser.looking import LOOKS, faults, small
from tests.web.desk import served

pytestmark = pytest.mark.browser

PASSWORD, ANN = "four wise owls sing", "ann@example.org"


@pytest.fixture
def address(base: str, installation: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Pages where everybody must have a second factor, and Ann has none yet."""
    monkeypatch.setattr(passwords, "_HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    record = a_record(tmp_path)
    actions.add(record, NewAccount.checked(ANN, "Ann Example", ["worker"]), PASSWORD, now())
    chosen = replace(installation.settings, second_factor=True)
    with served(replace(installation, database=record, settings=chosen, clock=now)) as address:
        yield address
    record.close()


def looked_over(page: Page) -> None:
    assert faults(page) == []
    assert small(page, "main .govuk-button, main input:not([type=hidden])") == []


def test_a_second_factor_from_the_first_sign_in_to_the_lock(browser: Browser, address: str) -> None:
    with browser.new_context(**LOOKS["320 px"], java_script_enabled=True) as context:
        page = context.new_page()
        page.goto(f"{address}/staff/account")
        page.get_by_label("E-mail address").fill(ANN)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Set up a second factor")
        looked_over(page)
        totp = pyotp.TOTP(page.locator(".set-up__key").inner_text().replace(" ", ""))
        page.get_by_label("Code").fill("12")
        page.keyboard.press("Enter")
        expect(page.locator(".govuk-error-summary")).to_be_visible()
        page.get_by_label("Code").fill(totp.now())
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        looked_over(page)
        recovery = page.locator(".set-up__codes li").first.inner_text()
        page.get_by_role("link", name="Continue").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        looked_over(page)
        page.get_by_role("button", name="Lock").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Locked")
        looked_over(page)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your account")
        page.get_by_role("button", name="Sign out", exact=True).press("Enter")
        page.get_by_label("E-mail address").fill(ANN)
        page.get_by_label("Password").fill(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Your code")
        looked_over(page)
        page.get_by_label("Code").fill(recovery)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Staff home")
