"""Who is asking: the sign-in pages, the cookie, and the one wrapper that every page under /staff goes through."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote, urlsplit

import anyio
from anyio.lowlevel import RunVar
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from directory.accounts import actions, policy, sessions
from directory.accounts.policy import User
from directory.errors import BadInput, NotReady, TooManyTries, WaymarkError
from directory.runtime import Runtime
from web.forms import FieldError, read_form
from web.guards import SAFE_METHODS
from web.render import page

Endpoint = Callable[[Request], Awaitable[Response]]

HOME = "/staff"
NEXT_LIMIT = 500
"""Characters of an address to go on to."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
HASHING_AT_ONCE = 2
"""Passwords looked at at the same time: each takes 64 MiB and a processor."""
STAFF_HEADERS = {
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "same-origin",
}
_hashing: RunVar[anyio.CapacityLimiter] = RunVar("waymark.hashing")


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
        "/staff/tasks",
        "What waits",
        "Answers that came, silence, and days on which you said you would ask.",
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
)


def staff(permission: str) -> Callable[[Endpoint], Endpoint]:
    """Wraps a page so that only people with this permission reach it; the page finds them in `request.state.user`.

    Every route under /staff must be wrapped; a test reads the route table.
    """
    policy.may(None, permission)  # a misspelt permission is found when the module is loaded, not by a reader

    def wrap(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            request.state.user = policy.check(await signed_in(request), permission)
            response = await endpoint(request)
            for name, value in STAFF_HEADERS.items():
                response.headers[name] = value
            return response

        guarded.staff_permission = permission  # type: ignore[attr-defined]
        return guarded

    return wrap


async def signed_in(request: Request) -> User | None:
    """Who sent this request; None when nobody is signed in."""
    runtime: Runtime = request.app.state.runtime
    token = request.cookies.get(cookie_name(runtime.settings.public_url))
    if token is None:
        return None
    return await run_in_threadpool(sessions.user, runtime.database, token, runtime.clock())


def staff_page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """A page of the staff workspace, for a template that extends staff_base.html."""
    shared = {"user": getattr(request.state, "user", None), "live": request.app.state.runtime.settings.live}
    return page(template, {**shared, **context}, status=status, headers=STAFF_HEADERS)


@staff("staff.home")
async def home(request: Request) -> Response:
    """GET /staff: what the person signed in may do."""
    user: User = request.state.user
    roles = [role.label for code, role in policy.roles().items() if code in user.roles]
    links = [link for link in LINKS if policy.may(user, link.permission)]
    return staff_page(request, "staff.html", {"links": links, "roles": roles})


async def sign_in_page(request: Request) -> Response:
    """GET /sign-in: the form; on to where they were going for somebody who is signed in already."""
    onward = local_path(request.query_params.get("next", ""))
    if await signed_in(request) is not None:
        return RedirectResponse(onward, status_code=303, headers=STAFF_HEADERS)
    return staff_page(request, "sign_in.html", {"next": onward, "email": "", "errors": [], "error_by_field": {}})


async def sign_in(request: Request) -> Response:
    """POST /sign-in: a new session and its cookie, or the form again with one and the same reason for every refusal."""
    runtime: Runtime = request.app.state.runtime
    name = cookie_name(runtime.settings.public_url)
    form = await read_form(request)
    said = {field: value for field, value in form.items() if isinstance(value, str)}
    email, password, onward = said.get("email", ""), said.get("password", ""), local_path(said.get("next", ""))
    errors = _missing(email, password)
    if errors:
        return _form_again(request, email, onward, errors, 422)
    address = request.client.host if request.client else ""
    asked = actions.SignIn(email, password, address, request.cookies.get(name))
    try:
        token = await anyio.to_thread.run_sync(
            actions.sign_in, runtime.database, asked, runtime.clock(), limiter=_limiter()
        )
    except (BadInput, TooManyTries) as error:
        return _form_again(request, email, onward, [FieldError("email", str(error))], error.status)
    response = RedirectResponse(onward, status_code=303, headers=STAFF_HEADERS)
    response.set_cookie(
        name, token, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax"
    )  # no domain and no age: this host alone, until the browser closes
    return response


def _missing(email: str, password: str) -> list[FieldError]:
    errors = [] if email.strip() else [FieldError("email", "Write your e-mail address.")]
    return errors if password else [*errors, FieldError("password", "Write your password.")]


def _form_again(request: Request, email: str, onward: str, errors: list[FieldError], status: int) -> Response:
    by_field = {error.field: error.message for error in errors}
    context = {"next": onward, "email": email, "errors": errors, "error_by_field": by_field}
    return staff_page(request, "sign_in.html", context, status=status)


async def sign_out(request: Request) -> Response:
    """POST /sign-out: ends the session here and on the server, and clears what the browser kept of this site."""
    runtime: Runtime = request.app.state.runtime
    name = cookie_name(runtime.settings.public_url)
    await run_in_threadpool(actions.sign_out, runtime.database, request.cookies.get(name))
    headers = {**STAFF_HEADERS, "Clear-Site-Data": '"cache", "cookies", "storage"'}
    response = RedirectResponse("/sign-in", status_code=303, headers=headers)
    response.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")
    return response


async def to_sign_in(request: Request, error: Exception) -> Response:
    """Where somebody is led who must sign in first: the form, and then on; 401 where data was asked for."""
    assert isinstance(error, WaymarkError)
    accept = request.headers.get("accept", "")
    if request.url.path.endswith(".json") or ("application/json" in accept and "text/html" not in accept):
        return JSONResponse({"error": error.message, "advice": error.advice}, error.status, headers=STAFF_HEADERS)
    onward = HOME
    if request.method in SAFE_METHODS:  # a form cannot be sent again by a link
        onward = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/sign-in?next={quote(onward, safe='/')}", status_code=303, headers=STAFF_HEADERS)


def local_path(address: str) -> str:
    """The address when it is a path of this site and nothing else; the staff home for every other.

    Browsers take a backslash for a slash and drop blanks and control characters, so that none of them may stand in it.
    """
    plain = address.isascii() and address.isprintable() and not set(address) & set(" \\")
    if not plain or len(address) > NEXT_LIMIT or not address.startswith("/") or address.startswith("//"):
        return HOME
    return HOME if urlsplit(address).path in {"/sign-in", "/sign-out", "/leave"} else address


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


def _limiter() -> anyio.CapacityLimiter:
    """One limit for each event loop: a limiter belongs to the loop it was made in."""
    try:
        return _hashing.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(HASHING_AT_ONCE)
        _hashing.set(limiter)
        return limiter
