"""Who is asking: the session's cookie, and the one wrapper that every page under /staff goes through."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from directory.accounts import policy, sessions
from directory.accounts.policy import User
from directory.errors import NotReady, WaymarkError
from directory.runtime import Runtime
from web import staff_nav
from web.onward import onward_from
from web.render import page

Endpoint = Callable[[Request], Awaitable[Response]]

PARTNER_HOME = "/partners/work"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
STAFF_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class StaffLink:
    """A page that the staff home offers to those who may."""

    permission: str
    href: str
    label: str
    about: str


LINKS = (
    StaffLink(
        "cases.work",
        "/staff/call",
        "Call",
        "Type what you hear: the pathway and the services stand beside it as you type.",
    ),
    StaffLink(
        "cases.work",
        "/staff/work",
        "My work",
        "Answers that came, silence, and days on which you said you would ask.",
    ),
    StaffLink(
        "cases.supervise",
        "/staff/team",
        "The team",
        "How much waits for whom, who is away, and cases given to a colleague.",
    ),
    StaffLink("cases.work", "/staff/cases", "Cases", "The people who want help that goes on."),
    StaffLink(
        "cases.work",
        "/staff/hand-ins",
        "Handed in",
        "People whom an agency, a school or they themselves brought to us.",
    ),
    StaffLink(
        "agency.work",
        "/staff/agencies",
        "Agencies",
        "What was asked of an agency and when next contact is due: codes only.",
    ),
    StaffLink(
        "lookups.view",
        "/staff/look-ups",
        "Looks at others’ cases",
        "Who opened a case that they do not work on, and the reason they gave.",
    ),
    StaffLink(
        "mail.view",
        "/staff/mail",
        "Mail",
        "What waits to leave, what did not arrive, and the switch that stops all of it.",
    ),
    StaffLink(
        "taxonomy.view",
        "/staff/vocabulary",
        "Vocabulary editor",
        "The words people use, and what we take them to mean.",
    ),
    StaffLink(
        "taxonomy.view",
        "/staff/pathways",
        "Pathways",
        "What helps, in what order, for a kind of harm.",
    ),
    StaffLink("services.edit", "/staff/services/new", "Add a service", "One that no list of ours has."),
    StaffLink(
        "services.view", "/staff/proposals", "Changes that wait", "What a second person must agree before it is public."
    ),
    StaffLink(
        "services.approve",
        "/staff/registrations/samples",
        "What partners changed",
        "Some of what was public at once, and mailboxes that wait to be proved.",
    ),
    StaffLink("services.assure", "/staff/stale", "Records to look at", "Never or long not confirmed, or told wrong."),
    StaffLink(
        "registrations.view",
        "/staff/registrations",
        "Partners who registered",
        "What organisations wrote of themselves: nobody finds it before two of you agree.",
    ),
    StaffLink(
        "sources.view", "/staff/duplicates", "Services that may be the same", "Two lists that tell of one service."
    ),
    StaffLink("sources.edit", "/staff/sources/spreadsheets", "Spreadsheets", "Lists that are handed in as tables."),
    StaffLink(
        "gaps.view",
        "/staff/gaps",
        "Where help is missing",
        "What could not be found, counted by council area and week.",
    ),
    StaffLink(
        "sources.view",
        "/staff/sources",
        "Sources",
        "Where services come from, what each reading did, and what waits for a person.",
    ),
    StaffLink(
        "settings.view",
        "/staff/admin",
        "Administration",
        "How everything stands, settings, days off, wording, retention, keys and people.",
    ),
)


class SessionLocked(WaymarkError):
    """Somebody is signed in, and has locked their session."""

    status = 401

    def __init__(self, user: User) -> None:
        super().__init__("This session is locked.", "Unlock it with your password.")
        self.user = user


def staff(permission: str, while_locked: bool = False) -> Callable[[Endpoint], Endpoint]:
    """Wraps a page so that only people with this permission reach it; the page finds them in `request.state.user`.

    A locked session reaches none but those `while_locked`. Every route under /staff must be wrapped; a test reads the
    route table.
    """
    policy.may(None, permission)  # a misspelt permission is found when the module is loaded, not by a reader

    def wrap(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            found = await _seen(request)
            if found is not None and found.locked and not while_locked:
                raise SessionLocked(found.user)
            request.state.user = policy.check(found.user if found else None, permission)
            request.state.session = found
            response = await endpoint(request)
            for name, value in STAFF_HEADERS.items():
                response.headers[name] = value
            return response

        guarded.staff_permission = permission  # type: ignore[attr-defined]  # a test reads the route table
        return guarded

    return wrap


async def signed_in(request: Request) -> User | None:
    """Who sent this request; None when nobody is signed in, or the session is locked."""
    found = await _seen(request)
    return found.user if found is not None and not found.locked else None


async def _seen(request: Request) -> sessions.Seen | None:
    runtime: Runtime = request.app.state.runtime
    token = session_token(request)

    def look() -> sessions.Seen | None:
        runtime.follow()
        return sessions.seen(runtime.database, token, runtime.clock())

    return await run_in_threadpool(look) if token else None


def session_token(request: Request) -> str | None:
    """The value of the session's cookie."""
    runtime: Runtime = request.app.state.runtime
    return request.cookies.get(cookie_name(runtime.settings.public_url))


def staff_page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """A page of the staff workspace, for a template that extends staff_base.html."""
    user: User | None = getattr(request.state, "user", None)
    shared = {
        "user": user,
        "nav": staff_nav.bar(user, request.url.path),
        "beside": staff_nav.beside(user, request.url.path),
        "live": request.app.state.runtime.settings.live,
    }
    return page(template, {**shared, **context}, status=status, headers=STAFF_HEADERS)


@staff("account.own")
async def home(request: Request) -> Response:
    """GET /staff: what the person signed in may do; on to their own pages for who is of a partner."""
    user: User = request.state.user
    if not policy.may(user, "staff.home"):
        return RedirectResponse(PARTNER_HOME, status_code=303, headers=STAFF_HEADERS)
    roles = [role.label for code, role in policy.roles().items() if code in user.roles]
    links = [link for link in LINKS if policy.may(user, link.permission)]
    context = {"first": staff_nav.first(user), "groups": staff_nav.grouped(links), "roles": roles}
    return staff_page(request, "staff.html", context)


async def to_sign_in(request: Request, error: Exception) -> Response:
    """Where somebody is led who must sign in first: the form, and then on; 401 where data was asked for."""
    assert isinstance(error, WaymarkError)
    if wants_data(request):
        return JSONResponse({"error": error.message, "advice": error.advice}, error.status, headers=STAFF_HEADERS)
    return RedirectResponse(
        f"/sign-in?next={quote(onward_from(request), safe='/')}", status_code=303, headers=STAFF_HEADERS
    )


def wants_data(request: Request) -> bool:
    """Whether this asks for JSON rather than a page."""
    accept = request.headers.get("accept", "")
    return request.url.path.endswith(".json") or ("application/json" in accept and "text/html" not in accept)


def cookie_name(public_url: str) -> str:
    """What the session's cookie is called: `__Host-` binds it to https and to this host (RFC 6265bis, 4.1.3.2).

    Raises NotReady when pages are reached over plain http from other machines, where sessions can be overheard.
    """
    parts = urlsplit(public_url)
    if parts.scheme == "https":
        return "__Host-waymark"
    if parts.hostname in LOOPBACK:
        return "waymark"
    raise NotReady(
        "Nobody can sign in: these pages are reached without encryption.", "Set WAYMARK_PUBLIC_URL to https."
    )
