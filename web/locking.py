"""Locking a session when one leaves the desk, and unlocking it: every staff page waits behind the lock meanwhile."""

from functools import partial
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import own_account, sessions
from directory.errors import BadInput, TooManyTries
from directory.runtime import Runtime
from web.auth import STAFF_HEADERS, SessionLocked, session_token, staff, staff_page, wants_data
from web.forms import FieldError
from web.guards import SAFE_METHODS
from web.onward import HOME, local_path, onward_from, readable
from web.sign_in import browser_of, hashed_apart, mistakes, said_in, with_session


@staff("account.own", while_locked=True)
async def lock(request: Request) -> Response:
    """POST /staff/lock: locks this session; the page one was on then asks for the password. `next`: that page's path,
    otherwise the one the browser says it comes from."""
    runtime: Runtime = request.app.state.runtime
    said = await said_in(request)
    await run_in_threadpool(sessions.lock, runtime.database, session_token(request) or "", runtime.clock())
    onward = local_path(said.get("next") or _came_from(request))
    return RedirectResponse(readable(request, onward), status_code=303, headers=STAFF_HEADERS)


@staff("account.own", while_locked=True)
async def unlock_page(request: Request) -> Response:
    """GET /staff/unlock: the lock page; away from it when the session is not locked."""
    if not request.state.session.locked:
        return RedirectResponse(HOME, status_code=303, headers=STAFF_HEADERS)
    return await _lock_page(request, HOME, [], 401)


@staff("account.own", while_locked=True)
async def unlock(request: Request) -> Response:
    """POST /staff/unlock: back to where one was, with another session id; or the lock page again."""
    runtime: Runtime = request.app.state.runtime
    said = await said_in(request)
    onward, password, code = local_path(said.get("next", "")), said.get("password", ""), said.get("code", "")
    if not request.state.session.locked:
        return RedirectResponse(onward, status_code=303, headers=STAFF_HEADERS)
    if not password and not code.strip():
        return await _lock_page(request, onward, [FieldError("password", "Write your password.")], 422)
    browser, user = browser_of(request), request.state.user
    proof = (browser.old_token or "", user.id, password, code, browser.address, runtime.clock())
    try:
        token = await hashed_apart(partial(own_account.unlock, runtime.door, *proof))
    except BadInput as error:
        return await _lock_page(request, onward, [FieldError(error.field or "password", str(error))], error.status)
    except TooManyTries as error:
        return await _lock_page(request, onward, [FieldError("password", str(error))], error.status)
    return with_session(request, RedirectResponse(onward, status_code=303, headers=STAFF_HEADERS), token)


async def locked(request: Request, error: Exception) -> Response:
    """What every other staff page answers while the session is locked: the lock page; 401 where data was asked for."""
    assert isinstance(error, SessionLocked)
    if wants_data(request):
        return JSONResponse({"error": error.message, "advice": error.advice}, error.status, headers=STAFF_HEADERS)
    request.state.user = error.user
    return await _lock_page(request, onward_from(request), [], error.status)


async def _lock_page(request: Request, onward: str, errors: list[FieldError], status: int) -> Response:
    runtime: Runtime = request.app.state.runtime
    user = request.state.user
    own = await run_in_threadpool(own_account.standing, runtime.database, user.id, runtime.clock())
    oidc = runtime.settings.oidc
    unsent = request.method not in SAFE_METHODS and request.url.path not in ("/staff/unlock", "/staff/lock")
    context = {
        "user": None, "full_name": user.full_name, "next": local_path(onward), "unsent": unsent,
        "email": own.email, "has_factor": own.factor_since is not None,
        "organization": oidc.label if oidc and own.has_organization else "", **mistakes(errors),
    }  # fmt: skip
    return staff_page(request, "locked.html", context, status=status)


def _came_from(request: Request) -> str:
    """The path of the page that sent this: one of ours, for no other site's form gets as far as this."""
    try:
        parts = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return HOME
    return parts.path + (f"?{parts.query}" if parts.query else "")


ROUTES = (
    Route("/staff/lock", lock, methods=["POST"]),
    Route("/staff/unlock", unlock_page, methods=["GET"]),
    Route("/staff/unlock", unlock, methods=["POST"]),
)
