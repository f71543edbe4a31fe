"""A workplace with a case of every kind, and requests to any route for anybody: `World.ask(route, "worker", "other")`.

Cases: `own` and `closed` are the worker's, `other` and `restricted` a colleague's, and `blocked` a colleague's that is
kept from everybody of `desk.ROLES`. `missing` is none at all.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import httpx
from sqlalchemy import select
from starlette.routing import Route

from directory import runtime
from directory.accounts import policy, sessions
from directory.accounts.policy import User
from directory.accounts.tables import Account, AccountRole
from directory.referrals import agencies, cases, hand_ins, needs
from directory.referrals.asking import Ask, Who
from directory.referrals.hand_ins import News
from directory.referrals.lifecycle import Actor, State
from directory.referrals.loop import Loop
from directory.referrals.tables import Mailbox, Task
from tests.directory.referrals.builders import SERVICE, a_mailbox, a_referral
from tests.directory.referrals.case_builders import an_opening
from tests.directory.referrals.mail_builders import queued
from tests.web.casework import a_workplace
from tests.web.conftest import PUBLIC_URL
from tests.web.desk import ROLES, Desk
from web import app, auth
from web.guards import SAFE_METHODS

NOBODY = "nobody"
OURS = {"Sec-Fetch-Site": "same-origin"}
RANDOM_WORDS = re.compile(r'name="key" value="[^"]*"|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}')
CASE_BOUND = ("case_id", "referral_id", "need_id", "hand_in_id", "task", "ours")
"""Names of path parameters that lead to a case."""
FIXED: Mapping[str, str] = {
    "action": "need-add", "event": "pause", "service_id": SERVICE, "taxonomy": "need", "code": "counselling",
    "pathway": "harmed", "source": "facts", "run": "1", "one": SERVICE, "other": SERVICE, "digest": "0" * 64,
    "name": "waymark.css", "notice": "1", "token": "A" * 43, "reply": "accept", "number": "1",
}  # fmt: skip
"""Path parameters that lead to no case → a value that the page can read, or at least refuse politely."""
RANDOM = frozenset(
    {"account_id", "call_id", "proposal", "group", "act", "registration_id", "referral", "partner_id", "member_id"}
)
"""Path parameters of what is not there: their pages are asked, and have nothing to show."""


@dataclass(frozen=True, slots=True)
class Things:
    """A case of one kind: the path parameters that lead to it, and words that nobody may read who must not know."""

    params: Mapping[str, str]
    words: tuple[str, ...] = ()


@dataclass(slots=True)
class World:
    """The workplace, its cases by kind, and one browser for all requests."""

    desk: Desk
    colleague: Who
    things: dict[str, Things] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def loop(self) -> Loop:
        return self.desk.running.loop

    def who(self, role: str) -> Who:
        return _who(self.desk.ids[role], role)

    def cookie(self, role: str, fresh: bool = False) -> dict[str, str]:
        """What a browser sends that somebody signed in with; `fresh`: in a session that may be ended."""
        if role == NOBODY:
            return {}
        if fresh or role not in self.tokens:
            with self.desk.running.database.session() as session:
                token = sessions.start(session, self.desk.ids[role], self.desk.now)
            if fresh:
                return {"Cookie": f"{auth.cookie_name(PUBLIC_URL)}={token}"}
            self.tokens[role] = token
        return {"Cookie": f"{auth.cookie_name(PUBLIC_URL)}={self.tokens[role]}"}

    async def ask(
        self, browser: httpx.AsyncClient, route: Route, role: str, kind: str, within: str = "", **params: str
    ) -> httpx.Response:
        """The answer of a route to somebody, about the case of a kind.

        A form is sent with ids of that kind and nothing else; `within`: at the address of another case.
        """
        method = method_of(route)
        unsafe = method not in SAFE_METHODS
        headers = {**self.cookie(role, fresh=unsafe), **(OURS if unsafe else {})}
        own = self.things[kind].params
        form = {**own, "id": own["need_id"], "service_id": SERVICE} if unsafe and about_a_case(route) else None
        address = path(route, self.things[within or kind].params | params)
        return await browser.request(method, address, headers=headers, data=form)

    @contextmanager
    def browser(self) -> Iterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(app=self.desk.web.app)
        yield httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL)


def method_of(route: Route) -> str:
    """The one method of a route besides HEAD."""
    (method,) = set(route.methods or ()) - {"HEAD"}
    return method


def routes() -> list[Route]:
    """Every route of the application; each with one method, so that a new one is asked as it is."""
    found = [route for route in app.ROUTES if isinstance(route, Route)]
    assert len(found) == len(app.ROUTES), "a mount or a socket: say in tests/web/access_world.py how it is asked"
    return found


def label(route: Route) -> str:
    return f"{method_of(route)} {route.path}"


def permission(route: Route) -> str | None:
    """What a route asks for, as its wrapper says (`web.auth.staff`); None for a public one."""
    said: str | None = getattr(route.endpoint, "staff_permission", None)
    return said


def allowed(route: Route, role: str) -> bool:
    said = permission(route)
    return said is None or (role != NOBODY and policy.may(User("", "", frozenset({role})), said))


def about_a_case(route: Route) -> bool:
    return any(name in CASE_BOUND for name in route.param_convertors)


def path(route: Route, params: Mapping[str, str]) -> str:
    """A route's address, its parameters filled from `params`, `FIXED`, or with what is not there."""
    found = route.path
    for name in route.param_convertors:
        found = re.sub(rf"{{{name}(:\w+)?}}", params.get(name) or FIXED.get(name) or str(uuid4()), found)
    return found


def plain(answer: httpx.Response) -> str:
    """A page without random keys and ids; "" for a file, which tells the time it was made."""
    return RANDOM_WORDS.sub("", answer.text) if answer.headers.get("content-type", "").startswith("text/") else ""


@contextmanager
def a_world(installation: runtime.Runtime, home: Path) -> Iterator[World]:
    """With the worker's own cases and a colleague's; `hide` adds those that are hidden from somebody."""
    with a_workplace(installation, home) as worker:
        desk = worker.desk
        colleague, _ = _account(desk, "worker"), _account(desk, "supervisor")
        world = World(desk, colleague)
        own = world.who("worker")
        a_mailbox(world.loop)
        world.things = {
            "own": _things(world, own, "Own Wombat"),
            "other": _things(world, colleague, "Other Quoll"),
            "closed": _things(world, own, "Closed Numbat", closed=True),
            "missing": Things(
                {name: str(uuid4()) for name in CASE_BOUND} | {"task": "999999", "ours": "ZZ0000ZZ"},
            ),
        }
        yield world


def hide(world: World, kind: str) -> None:
    """Adds a case that is `restricted`, or `blocked` for everybody of `desk.ROLES`."""
    if kind == "restricted":
        world.things[kind] = _things(world, world.colleague, "Hidden Bandicoot", restricted=True)
        return
    near = tuple(world.desk.ids[role] for role in ROLES)
    world.things[kind] = _things(world, world.colleague, "Blocked Potoroo", kept_from=near)


def _things(world: World, by: Who, name: str, closed: bool = False, **changes: object) -> Things:
    """A case with a need, a task, a hand-in, an agency's reference and a referral, opened by somebody."""
    loop, now = world.loop, world.desk.now
    ask = Ask(by, now)
    news = News("school", "phone", f"{name} was hit.", received_at=now)
    hand_in = hand_ins.receive(loop, ask, news)["id"]
    made = hand_ins.take(loop, ask, hand_in, an_opening(name=name, **changes))
    case_id, need_id = str(made["id"]), str(made["needs"]["counselling"])
    ours = str(agencies.add_reference(loop, ask, case_id, "police", "P/123")["ours"])
    state = State.DRAFT if closed else State.SENT
    referral = a_referral(loop, state, case_id=case_id, need_id=need_id, mailbox_id=a_mailbox_id(loop), worker=by.id)
    if not closed:
        queued(loop, referral)
    with loop.database.session() as session:
        task = Task(kind="reply", case_id=case_id, assigned_to=by.id, made_at=now, due_at=now)
        session.add(task)
        session.flush()
        number = str(task.id)
    if closed:
        needs.met(loop, ask, need_id)
        cases.close(loop, ask, case_id, "settled")
    params = {
        "case_id": case_id, "need_id": need_id, "referral_id": referral, "hand_in_id": str(hand_in), "task": number,
        "ours": ours,
    }  # fmt: skip
    return Things(params, (str(made["reference"]), name.split()[1], case_id, referral, str(hand_in), ours))


def a_mailbox_id(loop: Loop) -> str:
    with loop.database.reading() as session:
        return session.scalars(select(Mailbox.id)).first() or ""


def _account(desk: Desk, role: str) -> Who:
    own = str(uuid4())
    with desk.running.database.session() as session:
        session.add(
            Account(
                id=own, email=f"{own}@example.org", full_name=f"Second {role}", password_hash="none",
                password_set_at=desk.now, created_at=desk.now,
            )
        )  # fmt: skip
        session.flush()
        session.add(AccountRole(account_id=own, role=role))
    return _who(own, role)


def _who(account_id: str, role: str) -> Who:
    supervises = policy.may(User(account_id, "", frozenset({role})), "cases.supervise")
    return Who(Actor.SUPERVISOR if supervises else Actor.WORKER, account_id, frozenset({role}))
