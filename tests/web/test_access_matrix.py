"""Every route, for everybody, about every kind of case: what may be seen is derived, and nothing else is (security.md,
rows 7, 8, 20, 21, 22). A new route is in here by itself; what its path parameters mean stands in `access_world`."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
import pytest
from sqlalchemy import text
from starlette.routing import Route

from directory import runtime
from directory.accounts import actions, policy, signing_in
from tests.web.access_world import (
    CASE_BOUND,
    FIXED,
    NOBODY,
    OURS,
    RANDOM,
    World,
    a_world,
    about_a_case,
    allowed,
    hide,
    label,
    method_of,
    path,
    permission,
    plain,
    routes,
)
from tests.web.conftest import PUBLIC_URL
from tests.web.desk import ROLES
from web import case_actions, referral_actions
from web.guards import SAFE_METHODS

KINDS = ("own", "other", "closed", "restricted", "blocked")
STAFF = [route for route in routes() if permission(route)]
CASES = [route for route in STAFF if about_a_case(route)]
LISTS = [route for route in STAFF if method_of(route) == "GET" and not about_a_case(route)]
UNSAFE = [route for route in routes() if method_of(route) not in SAFE_METHODS]
UNASKED = frozenset({"/staff/cases/{case_id}/why", "/staff/work/{task}/done"})
"""Routes that read nothing of a case, so that nobody must say why first: the answer itself, and a line ticked off."""
READERS = ("worker", "supervisor", "auditor", "liaison", "admin")
"""Roles whose lists could tell of a case; others are asked where none of these may."""
TOTALS = frozenset({"GET /staff/admin", "GET /staff/admin/keys", "GET /staff/admin/people"})
"""Pages that count keys, messages, sessions and lines of the audit of all, and tell of no case."""
KNOWN_OF_RESTRICTED = frozenset({"GET /staff/mail", "GET /staff/agencies"})
"""Lists that tell of no case: who looks after mail, or asks agencies, sees a message or a reference of ours more."""
BAD_ORIGINS = (
    pytest.param({"Sec-Fetch-Site": "cross-site", "Origin": PUBLIC_URL}, id="another site"),
    pytest.param({"Sec-Fetch-Site": "same-site", "Origin": PUBLIC_URL}, id="another host of this site"),
    pytest.param({"Origin": "null"}, id="no origin told"),
    pytest.param({"Origin": "http://localhost:8001"}, id="another port"),
    pytest.param({"Origin": PUBLIC_URL.replace("http:", "https:")}, id="another scheme"),
    pytest.param({"Origin": f"{PUBLIC_URL}.evil.example"}, id="another host that begins like ours"),
    pytest.param({}, id="neither header"),
)


@dataclass(slots=True)
class Seen:
    """All answers, by route, role and kind; and the lists before and after cases were hidden from their readers."""

    world: World
    answers: dict[tuple[str, str, str], httpx.Response] = field(default_factory=dict)
    before: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)
    after: dict[tuple[str, str], httpx.Response] = field(default_factory=dict)

    def of(self, route: Route, role: str, kind: str) -> httpx.Response:
        return self.answers[label(route), role, kind]


@pytest.fixture(scope="module")
def seen(installation: runtime.Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """Asked once for all tests: lists first, as looking at a case changes some of them."""
    with a_world(installation, tmp_path_factory.mktemp("access")) as world:
        found = Seen(world)
        anyio.run(_look, found)
        yield found


async def _look(found: Seen) -> None:
    world = found.world
    with world.browser() as browser:
        lists = [(route, role) for route in LISTS for role in _readers(route)]
        for route, role in lists:
            found.before[label(route), role] = await world.ask(browser, route, role, "missing")
        hide(world, "restricted")
        for route, role in lists:
            if knows_of_restricted(route, role):
                found.before[label(route), role] = await world.ask(browser, route, role, "missing")
        hide(world, "blocked")
        for route, role in lists:
            found.after[label(route), role] = await world.ask(browser, route, role, "missing")
        for route in STAFF:
            kinds = (*KINDS, "missing") if about_a_case(route) else ("missing",)
            for role in (*ROLES, NOBODY):
                listed = found.after.get((label(route), role))
                for kind in kinds if allowed(route, role) else kinds[:1]:
                    answer = listed or await world.ask(browser, route, role, kind)
                    found.answers[label(route), role, kind] = answer
        await browser.aclose()


def knows_of_restricted(route: Route, role: str) -> bool:
    """A supervisor does; and some lists tell of messages and references of ours, not of cases."""
    return role == "supervisor" or label(route) in KNOWN_OF_RESTRICTED


def _readers(route: Route) -> list[str]:
    may = [role for role in ROLES if allowed(route, role)]
    return [role for role in may if role in READERS] or may[:1]


def expected(route: Route, role: str, kind: str) -> str:
    """ "in", "sign in", "forbidden", "why?" or "missing"."""
    if role == NOBODY:
        return "sign in"
    if not allowed(route, role):
        return "forbidden"
    if kind == "blocked":
        return "missing"
    worker = not policy.may(policy.User("", "", frozenset({role})), "cases.supervise")
    if permission(route) != "cases.work" or not worker:
        return "in"
    if kind == "restricted":
        return "missing"
    return "why?" if kind == "other" and route.path not in UNASKED else "in"


def test_every_path_parameter_is_known() -> None:
    known = {*CASE_BOUND, *FIXED, *RANDOM}
    strange = [f"{label(route)}: {{{name}}}" for route in STAFF for name in route.param_convertors if name not in known]
    assert strange == [], (
        "in tests/web/access_world.py add it to CASE_BOUND and `_things` when it leads to a case, to FIXED with a "
        "value that its page can read, or to RANDOM"
    )


@pytest.mark.parametrize("route", STAFF, ids=label)
def test_nobody_reaches_what_they_may_not(seen: Seen, route: Route) -> None:
    for role in (*ROLES, NOBODY):
        for kind in KINDS if about_a_case(route) else ("missing",):
            if (label(route), role, kind) not in seen.answers:
                assert not allowed(route, role)
                continue
            answer, what = seen.of(route, role, kind), expected(route, role, kind)
            told = f"{role}, {kind}: {answer.status_code}"
            if what == "sign in":
                assert (answer.status_code, answer.headers["location"][:8]) == (303, "/sign-in"), told
            elif what == "forbidden":
                assert answer.status_code == 403, told
            elif what == "why?":
                assert (answer.status_code, "Why do you open it?" in answer.text) == (403, True), told
                assert not _told(seen, answer, kind, but=0), told
            elif what == "missing" and about_a_case(route):
                missing = seen.of(route, role, "missing")
                assert (answer.status_code, missing.status_code) == (404, 404), told
                assert (answer.content, _headers(answer)) == (missing.content, _headers(missing)), told
            elif about_a_case(route):
                assert answer.status_code not in (401, 403, 404, 500), told
            else:
                assert answer.status_code < 500, told


def test_the_matrix_is_not_empty_of_pages_that_open(seen: Seen) -> None:
    """Or else it would prove nothing: each page of a case, or of a draft on one, opens for who works on it."""
    opened = [route for route in CASES if method_of(route) == "GET" and permission(route) == "cases.work"]
    assert len(opened) >= 4
    shut = [
        label(route)
        for route in opened
        if 200 not in (seen.of(route, "worker", kind).status_code for kind in ("own", "closed"))
    ]
    assert shut == []
    assert set(ROLES) == set(policy.roles())


def test_a_hidden_case_changes_no_list_and_no_count(seen: Seen) -> None:
    changed = [
        key for key, answer in seen.after.items() if key[0] not in TOTALS and plain(answer) != plain(seen.before[key])
    ]
    named = [
        (label(route), role, kind)
        for route in LISTS
        for role in _readers(route)
        for kind in ("restricted", "blocked")
        if _told(seen, seen.after[label(route), role], kind)
        and not (kind == "restricted" and knows_of_restricted(route, role))
    ]
    assert (changed, named) == ([], [])


def test_no_button_tells_a_hidden_case_from_none(seen: Seen) -> None:
    buttons = [
        *(("/staff/cases/{case_id}/do/{action}", {"action": name}) for name in case_actions.DO),
        *(("/staff/referrals/{referral_id}/do/{event}", {"event": str(name)}) for name in referral_actions.DO),
    ]

    async def press() -> list[str]:
        told, world = [], seen.world
        with world.browser() as browser:
            for where, more in buttons:
                (route,) = (each for each in CASES if each.path == where)
                hidden, none = [
                    await world.ask(browser, route, "worker", each, **more) for each in ("blocked", "missing")
                ]
                if (hidden.status_code, hidden.content) != (404, none.content):
                    told.append(f"{where} {more}: {hidden.status_code}, {none.status_code}")
            await browser.aclose()
        return told

    assert anyio.run(press) == []


def test_an_id_in_a_form_tells_a_hidden_case_from_none_nowhere(seen: Seen) -> None:
    """At the address of the worker's own case, with ids of a hidden one in the form."""

    async def send() -> list[str]:
        told, world = [], seen.world
        with world.browser() as browser:
            for route in (each for each in CASES if method_of(each) not in SAFE_METHODS):
                for action in case_actions.DO if "action" in route.param_convertors else ("",):
                    more = {"action": action} if action else {}
                    hidden, none = [
                        await world.ask(browser, route, "worker", kind, within="own", **more)
                        for kind in ("restricted", "missing")
                    ]
                    if (hidden.status_code, plain(hidden)) != (none.status_code, plain(none)):
                        told.append(f"{label(route)} {more}: {hidden.status_code}, {none.status_code}")
            await browser.aclose()
        return told

    assert anyio.run(send) == []


@pytest.mark.parametrize("headers", BAD_ORIGINS)
def test_no_form_from_elsewhere_does_anything(seen: Seen, headers: dict[str, str]) -> None:
    """Signed in as somebody who may, at every address that takes a form."""

    async def post() -> list[str]:
        passed, world = [], seen.world
        with world.browser() as browser:
            for route in UNSAFE:
                role = next(each for each in ROLES if allowed(route, each))
                address = path(route, world.things["own"].params)
                answer = await browser.request(
                    method_of(route), address, headers={**headers, **world.cookie(role)}, data={"purpose": "call"}
                )
                if answer.status_code != 403:
                    passed.append(f"{label(route)}: {answer.status_code}")
            await browser.aclose()
        return passed

    for role in ROLES:
        seen.world.cookie(role)
    before = _fingerprint(seen.world)
    assert anyio.run(post) == []
    assert _fingerprint(seen.world) == before


def _signed_out(world: World, role: str, token: str) -> None:
    signing_in.sign_out(world.desk.running.database, token)


def _disabled(world: World, role: str, token: str) -> None:
    with world.desk.running.database.session() as session:
        account = actions.by_email(session, f"{role}@example.org")
        assert account
        actions.shut(session, account, world.desk.now)  # `disable` keeps the last administrator
    actions.enable(world.desk.running.database, f"{role}@example.org")


def _roles_changed(world: World, role: str, token: str) -> None:
    actions.set_roles(world.desk.running.database, f"{role}@example.org", [role])


@pytest.mark.parametrize("end", [_signed_out, _disabled, _roles_changed], ids=["signed out", "disabled", "other roles"])
def test_an_old_cookie_opens_nothing(seen: Seen, end: Callable[[World, str, str], None]) -> None:
    """Not even when the account is in use again, with the same roles."""

    async def look() -> list[str]:
        opened, world = [], seen.world
        cookies: dict[str, dict[str, str]] = {}
        for role in ROLES:
            cookies[role] = world.cookie(role, fresh=True)
            end(world, role, cookies[role]["Cookie"].partition("=")[2])
        world.tokens.clear()
        with world.browser() as browser:
            for route in STAFF:
                role = next(each for each in ROLES if allowed(route, each))
                address = path(route, world.things["own"].params)
                answer = await browser.request(method_of(route), address, headers={**cookies[role], **OURS})
                if answer.status_code != 303 or not answer.headers["location"].startswith("/sign-in"):
                    opened.append(f"{label(route)}: {answer.status_code}")
            await browser.aclose()
        return opened

    assert anyio.run(look) == []


def _told(seen: Seen, answer: httpx.Response, kind: str, but: int | None = None) -> list[str]:
    """Words of a case that stand in an answer (`but`: the place of one that may)."""
    words = [each for place, each in enumerate(seen.world.things[kind].words[:2]) if place != but]
    return [word for word in words if word in answer.text]


def _headers(answer: httpx.Response) -> dict[str, str]:
    return dict(answer.headers)


def _fingerprint(world: World) -> str:
    """Of all that the record holds, but when sessions were last seen."""
    found: Any = hashlib.sha256()
    with world.desk.running.database.reading() as session:
        names = session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")).all()
        for name in names:
            if name not in ("account_session", "sqlite_sequence"):
                for row in session.execute(text(f'SELECT * FROM "{name}"')):
                    found.update(repr(tuple(row)).encode())
    return str(found.hexdigest())
