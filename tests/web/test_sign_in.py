"""Signing in in full through the pages: second factor, organisation, lock, own account, the first administrator."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import argon2
import httpx
import pyotp
import pytest
import respx

from directory import runtime
from directory.accounts import actions, first_admin, passwords
from directory.accounts.actions import NewAccount
from directory.referrals.tables import AuditEvent
from tests.builders import NOON, a_record
from tests.directory.accounts.issuer import HOST, ISSUER, Issuer
from tests.web.conftest import PUBLIC_URL, Web
from web.app import create_app
from web.device_words import device

PASSWORD, ANN = "four wise owls sing", "ann@example.org"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:149.0) Gecko/20100101 Firefox/149.0"
KEY = re.compile(r'set-up__key">([A-Z2-7 ]+)<')
RECOVERY = re.compile(r"<li>([0-9A-Z]{5}-[0-9A-Z]{5})</li>")


@dataclass(slots=True)
class Browser:
    """One browser: it keeps cookies, and follows nothing by itself."""

    running: runtime.Runtime
    now: datetime = NOON
    cookies: dict[str, str] = field(default_factory=dict)
    _made: tuple[runtime.Runtime, Web] | None = field(default=None, init=False, repr=False)

    def get(self, path: str, **headers: str) -> httpx.Response:
        return self._kept(self._web().get(path, **self._cookie(), **headers))

    def post(self, path: str, headers: dict[str, str] | None = None, **form: str) -> httpx.Response:
        return self._kept(self._web().post(path, form, **self._cookie(), **(headers or {})))

    def sign_in(self, email: str = ANN, password: str = PASSWORD, onward: str = "/staff") -> httpx.Response:
        return self.post("/sign-in", {"User-Agent": FIREFOX}, email=email, password=password, next=onward)

    def another(self) -> "Browser":
        return Browser(self.running, self.now)

    def code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(self.now)

    def set_up(self) -> str:
        """Sets up a second factor on one's account; its secret, half a minute later."""
        assert self.post("/staff/account/second-factor", password=PASSWORD).status_code == 303
        secret = key_on(self.get("/staff/account/second-factor"))
        assert RECOVERY.search(
            self.post("/staff/account/second-factor/code", code=self.code(secret), password=PASSWORD).text
        )
        self.now += timedelta(seconds=30)
        return secret

    def _web(self) -> Web:
        if self._made is None or self._made[0] is not self.running:
            self._made = self.running, Web(create_app(replace(self.running, clock=lambda: self.now)))
        return self._made[1]

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def _kept(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer


def key_on(page: httpx.Response) -> str:
    found = KEY.search(page.text)
    assert found, page.text
    return found[1].replace(" ", "")


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def nobody(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Browser]:
    """A browser at an installation without accounts."""
    record = a_record(tmp_path)
    yield Browser(replace(installation, database=record))
    record.close()


@pytest.fixture
def ann(nobody: Browser) -> Browser:
    """A browser at an installation where Ann works."""
    new = NewAccount.checked(ANN, "Ann Example", ["worker", "editor"])
    actions.add(nobody.running.database, new, PASSWORD, NOON)
    return nobody


def required(browser: Browser) -> Browser:
    chosen = replace(browser.running.settings, second_factor=True)
    return replace(browser, running=replace(browser.running, settings=chosen))


def test_a_second_factor_is_set_up_and_asked_for_from_then_on(ann: Browser) -> None:
    ann.sign_in()
    secret = ann.set_up()
    assert "recovery codes are left" in ann.get("/staff/account").text
    other = ann.another()
    first = other.sign_in(onward="/staff/account")
    assert first.headers["location"] == "/sign-in/code"
    assert set(other.cookies) == {"waymark-step"}
    assert other.get("/staff").headers["location"].startswith("/sign-in")
    page = other.get("/sign-in/code").text
    assert 'autocomplete="one-time-code"' in page
    wrong = other.post("/sign-in/code", code="000000")
    assert (wrong.status_code, "wrong, or was used" in wrong.text) == (422, True)
    right = other.post("/sign-in/code", code=other.code(secret))
    assert right.headers["location"] == "/staff/account"
    assert set(other.cookies) == {"waymark"}
    assert other.get("/staff").status_code == 200


def test_the_cookie_of_a_step_opens_no_page(ann: Browser) -> None:
    ann.sign_in()
    ann.set_up()
    other = ann.another()
    other.sign_in()
    step = other.cookies["waymark-step"]
    planted = replace(other, cookies={"waymark": step})
    assert planted.get("/staff").status_code == 303


def test_where_all_must_have_one_it_is_set_up_before_anything_else(ann: Browser) -> None:
    ann = required(ann)
    assert ann.sign_in(onward="/staff/account").headers["location"] == "/sign-in/set-up"
    assert ann.get("/staff").status_code == 303
    page = ann.get("/sign-in/set-up")
    assert "<svg" in page.text
    again = ann.post("/sign-in/set-up", code="12")
    assert (again.status_code, key_on(again)) == (422, key_on(page))
    done = ann.post("/sign-in/set-up", code=ann.code(key_on(page)))
    assert len(RECOVERY.findall(done.text)) == 10
    assert 'href="/staff/account"' in done.text
    own = ann.get("/staff/account")
    assert own.status_code == 200
    assert "Remove it" not in own.text


@pytest.mark.parametrize("path", ["/sign-in/code", "/sign-in/set-up"])
def test_a_step_that_is_over_leads_to_the_start_and_says_so(ann: Browser, path: str) -> None:
    for answer in (ann.get(path), ann.post(path, code="123456")):
        assert answer.status_code == 401
        assert "This sign-in is over." in answer.text
        assert 'action="/sign-in"' in answer.text


def test_a_locked_session_shows_nothing_until_it_is_unlocked(ann: Browser) -> None:
    ann.sign_in()
    before = ann.cookies["waymark"]
    assert ann.post("/staff/lock", next="/staff/account?done=keys").headers["location"] == "/staff/account?done=keys"
    page = ann.get("/staff/account?done=keys")
    assert page.status_code == 401
    assert 'name="next" value="/staff/account?done=keys"' in page.text
    assert "Where you are signed in" not in page.text
    assert ann.get("/staff", Accept="application/json").json()["error"] == "This session is locked."
    sent = ann.post("/staff/account/keys", single_keys="no")
    assert (sent.status_code, "go back in your browser" in sent.text) == (401, True)
    for form in ({}, {"password": "wrong password here"}):
        answer = ann.post("/staff/unlock", **form)
        assert (answer.status_code, "govuk-error-summary" in answer.text) == (422, True)
    assert ann.post("/staff/unlock", password=PASSWORD, next="/staff/account").headers["location"] == "/staff/account"
    assert ann.cookies["waymark"] != before
    assert "They are on." in ann.get("/staff/account").text
    assert replace(ann, cookies={"waymark": before}).get("/staff").status_code == 303


def test_the_lock_goes_back_to_the_page_it_was_pressed_on(ann: Browser) -> None:
    ann.sign_in()
    for came, onward in (
        (f"{PUBLIC_URL}/staff/account?done=keys", "/staff/account?done=keys"),
        (f"{PUBLIC_URL}//evil.example", "/staff"),
        ("http://[", "/staff"),
        (f"{PUBLIC_URL}/staff/account/password", "/staff"),  # it only takes a form
        ("", "/staff"),
    ):
        assert ann.post("/staff/lock", {"Referer": came}).headers["location"] == onward


def test_a_code_unlocks_too(ann: Browser) -> None:
    ann.sign_in()
    secret = ann.set_up()
    ann.post("/staff/lock")
    assert 'name="code"' in ann.get("/staff").text
    assert ann.post("/staff/unlock", code=ann.code(secret)).status_code == 303
    assert ann.get("/staff").status_code == 200


def test_sessions_are_shown_with_their_devices_and_signed_out(ann: Browser) -> None:
    ann.sign_in()
    elsewhere = ann.another()
    elsewhere.sign_in()
    page = ann.get("/staff/account").text
    assert page.count("Firefox on Windows") >= 2
    handles = re.findall(r'name="handle" value="([0-9a-f]{16})"', page)
    assert len(handles) == 1
    ann.post("/staff/account/sessions", handle=handles[0])
    assert elsewhere.get("/staff").status_code == 303
    elsewhere.sign_in()
    ann.post("/staff/account/sessions", others="yes")
    assert elsewhere.get("/staff").status_code == 303
    assert ann.get("/staff").status_code == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({}, "Write the password you have now.", id="nothing"),
        pytest.param({"current": "owls", "new": "five owls are better"}, "not your password", id="wrong"),
        pytest.param({"current": PASSWORD, "new": "passwordpassword"}, "easy to guess", id="easy"),
    ],
)
def test_a_password_that_will_not_do_is_said_at_its_field(ann: Browser, form: dict[str, str], said: str) -> None:
    ann.sign_in()
    answer = ann.post("/staff/account/password", **form)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "five owls" not in answer.text


def test_a_changed_password_signs_out_everywhere_else(ann: Browser) -> None:
    ann.sign_in()
    elsewhere = ann.another()
    elsewhere.sign_in()
    answer = ann.post("/staff/account/password", current=PASSWORD, new="five owls are better")
    assert "Your password is changed" in ann.get(answer.headers["location"]).text
    assert elsewhere.get("/staff").status_code == 303
    assert elsewhere.sign_in().status_code == 422
    assert elsewhere.sign_in(password="five owls are better").status_code == 303
    with ann.running.database.reading() as session:
        assert [line.purpose for line in session.query(AuditEvent).filter_by(object_type="account")] == ["own_password"]


def test_single_keys_are_switched_off_and_on(ann: Browser) -> None:
    ann.sign_in()
    assert 'data-keys="on"' in ann.get("/staff").text
    ann.post("/staff/account/keys", single_keys="no")
    assert 'data-keys="off"' in ann.get("/staff").text
    ann.post("/staff/account/keys", single_keys="yes")
    assert 'data-keys="on"' in ann.get("/staff").text


@pytest.fixture
def council(ann: Browser, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Browser, Issuer]]:
    """Ann's browser, where people may sign in at Fife Council."""
    with respx.mock(assert_all_called=False, assert_all_mocked=True) as router:
        router.route(host="localhost").pass_through()
        issuer = Issuer(router)
        known = issuer.organization()
        ann.running = replace(ann.running, settings=replace(ann.running.settings, oidc=known.settings))
        monkeypatch.setattr(runtime.Runtime, "organization", known)
        yield ann, issuer


def test_somebody_signs_in_at_their_organisation(council: tuple[Browser, Issuer]) -> None:
    browser, issuer = council
    assert "Sign in with Fife Council" in browser.get("/sign-in?next=/staff/account").text
    away = browser.get("/sign-in/organisation?next=/staff/account")
    assert away.headers["location"].startswith(f"{HOST}/oauth2/v2.0/authorize?")
    back = "&".join(f"{name}={value}" for name, value in issuer.sent(away.headers["location"]).items())
    done = browser.get(f"/sign-in/organisation/done?{back}")
    assert done.headers["location"] == "/staff/account"
    assert browser.get("/staff/account").status_code == 200
    again = browser.get(f"/sign-in/organisation/done?{back}")
    assert (again.status_code, "This sign-in is over." in again.text) == (401, True)


def comes_back(browser: Browser, issuer: Issuer, away: httpx.Response) -> httpx.Response:
    """Somebody follows the way there and back."""
    back = issuer.sent(away.headers["location"])
    return browser.get(f"/sign-in/organisation/done?code={back['code']}&state={back['state']}")


def test_who_has_locked_their_session_is_asked_anew_by_their_organisation(council: tuple[Browser, Issuer]) -> None:
    browser, issuer = council
    comes_back(browser, issuer, browser.get("/sign-in/organisation"))
    assert "prompt" not in issuer.asked
    browser.post("/staff/lock")
    assert "Sign in with Fife Council again" in browser.get("/staff").text
    away, since = browser.get("/sign-in/organisation"), int(issuer.now.timestamp())
    issuer.claims = {"auth_time": since - 60}
    refused = comes_back(browser, issuer, away)
    assert (issuer.asked["prompt"], issuer.asked["max_age"]) == ("login", "0")
    assert (refused.status_code, "must ask you anew" in refused.text) == (422, True)
    assert browser.get("/staff").status_code == 401
    issuer.claims = {"auth_time": since}
    assert comes_back(browser, issuer, browser.get("/sign-in/organisation")).status_code == 303
    assert browser.get("/staff").status_code == 200


@pytest.mark.parametrize("claims", [{}, {"auth_time": 0}, {"auth_time": 1e300}], ids=["none", "long ago", "no moment"])
def test_a_lock_holds_in_a_browser_that_has_forgotten_it(
    council: tuple[Browser, Issuer], claims: dict[str, float]
) -> None:
    browser, issuer = council
    comes_back(browser, issuer, browser.get("/sign-in/organisation"))
    browser.post("/staff/lock")
    elsewhere, issuer.claims = browser.another(), dict(claims)
    refused = comes_back(elsewhere, issuer, elsewhere.get("/sign-in/organisation"))
    assert (refused.status_code, "&amp;anew=yes" in refused.text) == (422, True)
    issuer.claims = {"auth_time": int(issuer.now.timestamp())}
    assert comes_back(elsewhere, issuer, elsewhere.get("/sign-in/organisation?anew=yes")).status_code == 303


def test_an_answer_brought_to_another_browser_signs_nobody_in(council: tuple[Browser, Issuer]) -> None:
    browser, issuer = council
    back = issuer.sent(browser.get("/sign-in/organisation").headers["location"])
    victim = browser.another()
    victim.get("/sign-in/organisation")
    answer = victim.get(f"/sign-in/organisation/done?code={back['code']}&state={back['state']}")
    assert (answer.status_code, "did not work" in answer.text) == (422, True)
    assert "waymark" not in victim.cookies


@pytest.mark.parametrize(
    ("change", "status", "said"),
    [
        pytest.param({"nonce": "another"}, 422, "did not work", id="wrong nonce"),
        pytest.param({"email": "nobody@example.org"}, 422, "no account here for you", id="no account"),
    ],
)
def test_a_refusal_leaves_the_local_way_open(
    council: tuple[Browser, Issuer], change: dict[str, str], status: int, said: str
) -> None:
    browser, issuer = council
    issuer.claims = dict(change)
    back = issuer.sent(browser.get("/sign-in/organisation").headers["location"])
    answer = browser.get(f"/sign-in/organisation/done?code={back['code']}&state={back['state']}")
    assert (answer.status_code, said in answer.text) == (status, True)
    assert 'action="/sign-in"' in answer.text
    assert browser.sign_in().status_code == 303


def test_an_organisation_that_is_down_leaves_the_local_way_open(council: tuple[Browser, Issuer]) -> None:
    browser, issuer = council
    issuer.router.get(f"{ISSUER}/.well-known/openid-configuration").mock(side_effect=httpx.ConnectError("no"))
    answer = browser.get("/sign-in/organisation")
    assert (answer.status_code, "it cannot be reached" in answer.text) == (503, True)
    assert 'action="/sign-in"' in answer.text


def test_without_one_there_is_no_way_to_it(ann: Browser) -> None:
    assert "organisation" not in ann.get("/sign-in").text
    assert ann.get("/sign-in/organisation").status_code == 404
    assert ann.get("/sign-in/organisation/done?code=a&state=b").status_code == 404


FIRST = {"name": "Ann Example", "email": ANN, "password": PASSWORD}


def test_the_first_administrator_is_made_once(nobody: Browser) -> None:
    running = nobody.running
    said = first_admin.words(running.database, running.keys, PUBLIC_URL)
    code = first_admin.code(running.keys)
    assert code in said
    assert f"{PUBLIC_URL}/first-admin" in said
    wrong = nobody.post("/first-admin", **FIRST, code="0000-0000-0000-0000")
    assert (wrong.status_code, "set-up code is wrong" in wrong.text) == (422, True)
    assert PASSWORD not in wrong.text
    assert nobody.post("/first-admin", **FIRST, code=code.lower()).headers["location"] == "/staff"
    assert "Administrator" in nobody.get("/staff").text
    for answer in (nobody.get("/first-admin"), nobody.post("/first-admin", **FIRST, code=code)):
        assert answer.status_code == 410
    assert first_admin.words(running.database, running.keys, PUBLIC_URL) == ""
    actions.add(running.database, NewAccount.checked("bea@example.org", "Bea Second", ["admin"]), PASSWORD, NOON)
    actions.disable(running.database, ANN, NOON)
    assert nobody.get("/first-admin").status_code == 410


def test_an_account_made_by_command_ends_that_page_too(ann: Browser) -> None:
    code = first_admin.code(ann.running.keys)
    assert ann.post("/first-admin", **{**FIRST, "email": "bea@example.org"}, code=code).status_code == 410
    assert len(actions.everyone(ann.running.database)) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"code": ""}, "Write the set-up code.", id="no code"),
        pytest.param({"email": "ann"}, "not an e-mail address", id="no address"),
        pytest.param({"password": "passwordpassword"}, "easy to guess", id="easy password"),
        pytest.param({"name": "\u202e"}, "name cannot be used", id="a name that cannot be shown"),
    ],
)
def test_what_is_wrong_with_the_first_account_is_said(nobody: Browser, change: dict[str, str], said: str) -> None:
    code = first_admin.code(nobody.running.keys)
    answer = nobody.post("/first-admin", **{**FIRST, "code": code, **change})
    assert (answer.status_code, said in answer.text) == (422, True)
    assert first_admin.is_open(nobody.running.database)


def test_the_set_up_code_cannot_be_guessed_through_the_page(nobody: Browser) -> None:
    statuses = [nobody.post("/first-admin", **FIRST, code=f"{number:016}").status_code for number in range(12)]
    assert statuses == [422] * 10 + [429] * 2


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        pytest.param(FIREFOX, "Firefox on Windows", id="Firefox"),
        pytest.param("Mozilla/5.0 (X11; Linux x86_64) Chrome/149.0 Safari/537.36", "Chrome on Linux", id="Chrome"),
        pytest.param("Mozilla/5.0 (Windows NT 10.0) Chrome/149 Safari/537 Edg/149", "Edge on Windows", id="Edge"),
        pytest.param("Mozilla/5.0 (Macintosh; Intel Mac OS X) Safari/605", "Safari on a Mac", id="Safari"),
        pytest.param("", "Another browser", id="nothing"),
        pytest.param("<script>" * 1000, "Another browser", id="rubbish"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str, words: str) -> None:
    assert device(agent) == words
