"""Signing in through the pages: the cookie, its end, where people are led, and who reaches which staff page."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from directory import runtime
from directory.accounts import actions, limits, policy, sessions, signing_in
from directory.accounts.actions import NewAccount
from directory.database import Database
from directory.errors import BadInput, NotReady
from tests.builders import NOON, a_record
from tests.web.conftest import PUBLIC_URL, Web
from web import app, auth
from web.onward import local_path

PASSWORD = "four wise owls sing"
ANN = "ann@example.org"
WRONG = signing_in.SignInRefused().message
HTTPS = "https://waymark.example"
STAFF_ROUTES = [route for route in app.ROUTES if isinstance(route, Route) and route.path.startswith("/staff")]
ROLES = tuple(policy.roles())


@dataclass(slots=True)
class Office:
    """An installation with an account for every role, and a clock that can be moved."""

    running: runtime.Runtime
    now: datetime = NOON
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def record(self) -> Database:
        return self.running.database

    def web(self, public_url: str = PUBLIC_URL) -> Web:
        chosen = replace(self.running.settings, public_url=public_url)
        return Web(app.create_app(replace(self.running, settings=chosen)))

    def cookie(self, role: str = "editor") -> dict[str, str]:
        """The header of somebody signed in, without the price of a password."""
        with self.record.session() as session:
            return {"Cookie": f"waymark={sessions.start(session, self.ids[role], self.now)}"}


@pytest.fixture(scope="module")
def office_record(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, dict[str, str]]]:
    record = a_record(tmp_path_factory.mktemp("office"))
    made = {}
    for role in ROLES:
        email = ANN if role == "editor" else f"{role}@example.org"
        made[role] = actions.add(record, NewAccount.checked(email, "Ann Example", [role]), PASSWORD, NOON)
    yield record, made
    record.close()


@pytest.fixture
def office(installation: runtime.Runtime, office_record: tuple[Database, dict[str, str]]) -> Office:
    """The accounts are shared by the module; each test has its own day, so that no limit reaches into the next."""
    record, made = office_record
    first = NOON + timedelta(days=next(_DAYS))
    office = Office(installation, first, made)
    office.running = replace(installation, database=record, clock=lambda: office.now)
    return office


_DAYS = iter(range(1, 10_000))


def sign_in(web: Web, email: str = ANN, password: str = PASSWORD, **more: Any) -> httpx.Response:
    onward = {"next": more.pop("next")} if "next" in more else {}
    return web.post("/sign-in", {"email": email, "password": password, **onward}, **more)


def token_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition("=")[2].partition(";")[0]


def test_signing_in_leads_to_the_staff_home_and_out_again(office: Office) -> None:
    web = office.web()
    page = web.get("/sign-in")
    assert (page.status_code, '<form action="/sign-in" method="post"' in page.text) == (200, True)
    answer = sign_in(web)
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    cookie = {"Cookie": f"waymark={token_of(answer)}"}
    home = web.get("/staff", **cookie)
    assert home.status_code == 200
    assert "Ann Example</a>" in home.text
    assert 'href="/staff/vocabulary"' in home.text
    assert web.get("/sign-in", **cookie).headers["location"] == "/staff"
    out = web.post("/sign-out", **cookie)
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert "cookies" in out.headers["clear-site-data"]
    assert "waymark=" in out.headers["set-cookie"]
    assert web.get("/staff", **cookie).headers["location"] == "/sign-in?next=/staff"


@pytest.mark.parametrize(
    ("public_url", "expected"),
    [
        pytest.param(HTTPS, {"path=/", "httponly", "samesite=lax", "secure"}, id="https"),
        pytest.param(PUBLIC_URL, {"path=/", "httponly", "samesite=lax"}, id="http on loopback"),
    ],
)
def test_the_cookie_is_bound_as_tightly_as_the_address_allows(
    office: Office, public_url: str, expected: set[str]
) -> None:
    answer = sign_in(office.web(public_url))
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-waymark=" if public_url == HTTPS else "waymark=")
    assert {attribute.casefold() for attribute in attributes} == expected


@pytest.mark.parametrize(
    ("public_url", "name"),
    [
        pytest.param("https://waymark.example", "__Host-waymark", id="https"),
        pytest.param("https://localhost", "__Host-waymark", id="https on loopback"),
        pytest.param("http://localhost:8000", "waymark", id="localhost"),
        pytest.param("http://127.0.0.1:8000", "waymark", id="IPv4 loopback"),
        pytest.param("http://[::1]:8000", "waymark", id="IPv6 loopback"),
    ],
)
def test_the_cookies_name(public_url: str, name: str) -> None:
    assert auth.cookie_name(public_url) == name


@pytest.mark.parametrize("public_url", ["http://waymark.example", "http://localhost.evil.example", "ftp://localhost.x"])
def test_without_encryption_nobody_signs_in(office: Office, public_url: str) -> None:
    with pytest.raises(NotReady, match="WAYMARK_PUBLIC_URL"):
        auth.cookie_name(public_url)
    web = office.web(public_url)
    assert sign_in(web).status_code == 503
    assert web.get("/staff", **office.cookie()).status_code == 503
    assert web.get("/about-data").status_code == 200


def test_a_cookie_of_the_plain_name_is_nothing_over_https(office: Office) -> None:
    web, cookie = office.web(HTTPS), office.cookie()
    assert web.get("/staff", **cookie).status_code == 303
    assert web.get("/staff", Cookie=cookie["Cookie"].replace("waymark=", "__Host-waymark=")).status_code == 200


def test_a_planted_session_is_not_taken_up(office: Office) -> None:
    web, planted = office.web(), "P" * 43
    answer = sign_in(web, Cookie=f"waymark={planted}")
    assert token_of(answer) != planted
    assert web.get("/staff", Cookie=f"waymark={planted}").status_code == 303


def test_signing_in_again_ends_the_session_before(office: Office) -> None:
    web = office.web()
    first = token_of(sign_in(web))
    second = token_of(sign_in(web, Cookie=f"waymark={first}"))
    assert first != second
    assert web.get("/staff", Cookie=f"waymark={first}").status_code == 303
    assert web.get("/staff", Cookie=f"waymark={second}").status_code == 200


@pytest.mark.parametrize(
    ("form", "said"),
    [
        pytest.param({}, "Write your e-mail address.", id="nothing"),
        pytest.param({"email": ANN}, "Write your password.", id="no password"),
        pytest.param({"email": " ", "password": PASSWORD}, "Write your e-mail address.", id="blank address"),
        pytest.param({"email": ANN, "password": "wrong"}, WRONG, id="wrong password"),
        pytest.param({"email": "x@example.org", "password": PASSWORD}, WRONG, id="unknown"),
        pytest.param({"email": "\0", "password": "\0"}, WRONG, id="NUL"),
        pytest.param({"email": "ann", "password": "x" * 100_000}, WRONG, id="long"),
        pytest.param({"email": [ANN, ANN], "password": ["a", "b"]}, WRONG, id="twice"),
    ],
)
def test_what_cannot_be_signed_in_with_is_said_at_its_field(office: Office, form: dict[str, Any], said: str) -> None:
    answer = office.web().post("/sign-in", form)
    assert answer.status_code == 422
    assert said in answer.text
    assert '<div class="govuk-error-summary"' in answer.text
    assert "set-cookie" not in answer.headers
    assert "x" * 100 not in answer.text


def test_unknown_wrong_and_disabled_get_the_very_same_page(office: Office) -> None:
    web = office.web()
    actions.disable(office.record, "analyst@example.org", office.now)
    try:
        pages = {
            sign_in(web, email, password).text.replace(email, "EMAIL")
            for email, password in [
                (ANN, "wrong password here"),
                ("nobody@example.org", PASSWORD),
                ("analyst@example.org", PASSWORD),
            ]
        }
    finally:
        actions.enable(office.record, "analyst@example.org")
    assert len(pages) == 1


def test_what_was_typed_is_shown_as_text_and_the_password_never(office: Office) -> None:
    answer = sign_in(office.web(), '"><script>alert(1)</script>', "wrong password here", next='/staff"><b>')
    assert "<script>alert" not in answer.text
    assert '"><b>' not in answer.text
    assert "wrong password here" not in answer.text


@pytest.mark.parametrize("email", [ANN, "nobody@example.org"], ids=["known", "unknown"])
def test_after_ten_failures_nobody_gets_in_for_five_minutes(
    office: Office, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MOST", 2)  # two, as each costs a hash; the ten are tested beside the limits
    web = office.web()
    for _ in range(2):
        assert sign_in(web, email, "wrong password here").status_code == 422
    answer = sign_in(web, email)
    assert answer.status_code == 429
    assert "Wait 5 minutes" in answer.text
    office.now += timedelta(minutes=5)
    assert sign_in(web, email).status_code == (303 if email == ANN else 422)


NEXT_BAD = [
    "", "staff", "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
    "http:/evil.example", "javascript:alert(1)", "data:text/html,x", "/\t/evil.example", "/\n/evil.example", " /staff",
    "/staff\r\nSet-Cookie: a=b", "\0/staff", "/\u2028/evil.example", "/stäff", "/sign-in", "/sign-in?next=/sign-in",
    "/sign-out", "/leave", "/" + "a" * 500, "?next=//evil.example", "#//evil.example", "@evil.example",
]  # fmt: skip
NEXT_GOOD = ["/staff", "/staff/vocabulary?q=panel&page=2", "/", "/staff/%2F%2Fevil.example", "/staff#top", "/services"]


@pytest.mark.parametrize("address", NEXT_BAD)
def test_nobody_is_led_away_from_this_site(address: str) -> None:
    assert local_path(address) == "/staff"


@pytest.mark.parametrize("address", NEXT_GOOD)
def test_people_are_led_to_where_they_were_going(address: str) -> None:
    assert local_path(address) == address


@given(st.text() | st.text(alphabet="/\\.:@?#%aevil\t\n ", max_size=12))
def test_any_address_leads_to_this_host(address: str) -> None:
    led = httpx.URL(PUBLIC_URL).join(local_path(address))
    assert (led.scheme, led.host, led.port) == ("http", "localhost", 8000)


@pytest.mark.parametrize("address", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_the_form_leads_nowhere_else_either(office: Office, address: str) -> None:
    web = office.web()
    assert "evil" not in web.get(f"/sign-in?next={address}").text
    assert sign_in(web, next=address).headers["location"] == "/staff"


def test_the_way_goes_on_after_signing_in(office: Office) -> None:
    web = office.web()
    led = web.get("/staff?a=1&b=two words")
    assert led.headers["location"] == "/sign-in?next=/staff%3Fa%3D1%26b%3Dtwo%2520words"
    page = web.get(led.headers["location"])
    assert 'name="next" value="/staff?a=1&amp;b=two%20words"' in page.text
    assert sign_in(web, next="/staff?a=1&b=two%20words").headers["location"] == "/staff?a=1&b=two%20words"


def ended(office: Office, change: str) -> None:
    """Something that ends the session of the worker."""
    email = "worker@example.org"
    match change:
        case "disabled":
            actions.disable(office.record, email, office.now)
            actions.enable(office.record, email)
        case "other roles":
            actions.set_roles(office.record, email, ["worker"])
        case "other password":
            actions.set_password(office.record, email, PASSWORD, office.now)
        case "idle":
            office.now += sessions.IDLE_LIMIT


@pytest.mark.parametrize("change", ["disabled", "other roles", "other password", "idle"])
def test_an_old_cookie_is_refused(office: Office, change: str) -> None:
    web, cookie = office.web(), office.cookie("worker")
    assert web.get("/staff", **cookie).status_code == 200
    ended(office, change)
    assert web.get("/staff", **cookie).status_code == 303
    assert web.get("/staff", Accept="application/json", **cookie).status_code == 401


def test_a_session_in_use_is_over_after_twelve_hours(office: Office) -> None:
    web, cookie = office.web(), office.cookie()
    for _ in range(28):
        office.now += timedelta(minutes=25)
        assert web.get("/staff", **cookie).status_code == 200
    office.now += timedelta(minutes=20)
    assert web.get("/staff", **cookie).status_code == 303


def test_every_staff_route_is_wrapped() -> None:
    assert STAFF_ROUTES
    assert [route.path for route in STAFF_ROUTES if not hasattr(route.endpoint, "staff_permission")] == []
    others = [route for route in app.ROUTES if route not in STAFF_ROUTES]
    assert all(isinstance(route, Route) for route in others), "a mount could hide staff routes from this test"


def asked(web: Web, route: Route, method: str, **headers: str) -> httpx.Response:
    path = re.sub(r"\{[^}]*\}", "x", re.sub(r"\{[^}]*:int\}", "1", route.path))
    return web.send(method, path, headers={"Sec-Fetch-Site": "same-origin", **headers})


@pytest.mark.parametrize(
    ("route", "method"),
    [
        pytest.param(route, method, id=f"{method} {route.path}")
        for route in STAFF_ROUTES
        for method in sorted(route.methods or ())
    ],
)
def test_every_staff_route_by_every_role(office: Office, route: Route, method: str) -> None:
    web = office.web()
    out = asked(web, route, method)
    assert (out.status_code, out.headers["location"].startswith("/sign-in?next=/staff")) == (303, True)
    assert asked(web, route, method, Accept="application/json").status_code == 401
    permission = route.endpoint.staff_permission
    for role in ROLES:
        status = asked(web, route, method, **office.cookie(role)).status_code
        assert (status == 403) is (permission not in policy.roles()[role].permissions), role


@auth.staff("taxonomy.edit")
async def for_editors(request: Request) -> Response:
    """A page of the tests' own, as another module would write one."""
    if "broken" in request.query_params:
        raise BadInput("That will not do.")
    return PlainTextResponse(request.state.user.full_name, headers={"Cache-Control": "public"})


@pytest.fixture
def desk(office: Office, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The pages with one more: for editors."""
    more = Route("/staff/desk", for_editors, methods=["GET", "POST"])
    monkeypatch.setattr(app, "ROUTES", (*app.ROUTES, more))
    return office.web()


@pytest.mark.parametrize(
    ("role", "status"),
    [pytest.param(role, 200 if role == "editor" else 403, id=role) for role in ROLES]
    + [pytest.param("", 303, id="out")],
)
def test_only_the_right_role_reaches_a_page(office: Office, desk: Web, role: str, status: int) -> None:
    answer = desk.get("/staff/desk", **(office.cookie(role) if role else {}))
    assert answer.status_code == status
    assert (answer.text == "Ann Example") is (status == 200)


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/desk", "/staff/desk?broken=1", "/sign-in", "/sign-in?next=//evil.example"]
)
@pytest.mark.parametrize("role", ["", "editor", "analyst"])
def test_nothing_of_the_staff_is_kept_or_indexed(office: Office, desk: Web, path: str, role: str) -> None:
    headers = desk.get(path, **(office.cookie(role) if role else {})).headers
    assert headers["cache-control"] == "no-store"
    assert "noindex" in headers["x-robots-tag"]
    assert headers["referrer-policy"] in {"same-origin", "no-referrer"}


@pytest.mark.parametrize("path", ["/staff", "/staff/desk"])
def test_staff_pages_name_themselves_to_this_site_only(office: Office, desk: Web, path: str) -> None:
    assert desk.get(path, **office.cookie()).headers["referrer-policy"] == "same-origin"


def test_a_form_of_somebody_signed_out_leads_to_the_home_after(desk: Web) -> None:
    assert desk.post("/staff/desk").headers["location"] == "/sign-in?next=/staff"


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="neither header"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, id="cross-site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, id="same-site"),
        pytest.param({"Origin": "https://evil.example"}, id="another origin"),
        pytest.param({"Origin": "null"}, id="null"),
        pytest.param({"Referer": PUBLIC_URL + "/staff"}, id="referer only"),
    ],
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/staff/desk"])
def test_no_form_from_elsewhere_signs_in_out_or_does_anything(
    office: Office, desk: Web, path: str, headers: dict[str, str]
) -> None:
    cookie = office.cookie()
    form = {"email": ANN, "password": PASSWORD}
    answer = desk.send("POST", path, data=form, headers={**headers, **cookie})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert desk.get("/staff", **cookie).status_code == 200


def test_a_misspelt_permission_stops_the_program_from_starting() -> None:
    with pytest.raises(ValueError, match=r"taxonomy\.edti"):
        auth.staff("taxonomy.edti")


def test_the_home_offers_only_what_somebody_may_do(office: Office) -> None:
    web = office.web()
    for role, shown in policy.roles().items():
        if "staff.home" not in shown.permissions:
            continue
        page = web.get("/staff", **office.cookie(role)).text
        for link in auth.LINKS:
            assert (f'href="{link.href}"' in page) is (link.permission in shown.permissions)
        assert shown.label in page
        assert page.count("<h1") == 1


def test_no_log_holds_a_password_an_address_or_a_session(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    web = office.web()
    with caplog.at_level(logging.DEBUG):
        token = token_of(sign_in(web))
        sign_in(web, "canary@example.org", "canary password")
        web.get("/staff?canary=1", Cookie=f"waymark={token}")
        web.post("/sign-out", Cookie=f"waymark={token}")
    log = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("waymark"))
    assert "POST /sign-in 303" in log
    for secret in (PASSWORD, "canary", token, "example.org", "Ann"):
        assert secret not in log
