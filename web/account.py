"""One's own account: where one is signed in, the password, the second factor, and keys that do things by themselves."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import actions, own_account, policy, second_factors, sessions
from directory.accounts.policy import User
from directory.errors import BadInput, TooManyTries
from directory.referrals import audit
from directory.referrals.asking import Who
from directory.runtime import Runtime
from web.auth import STAFF_HEADERS, session_token, staff, staff_page
from web.forms import FieldError
from web.loop_forms import who
from web.qr import picture
from web.sign_in import browser_of, hashed_apart, mistakes, said_in, with_session

Answer = TypeVar("Answer")

PAGE, SET_UP = "/staff/account", "/staff/account/second-factor"
DONE = {
    "password": "Your password is changed. You are signed out everywhere else.",
    "removed": "Your second factor is removed. You are signed out everywhere else.",
    "sessions": "Signed out there.",
    "keys": "Kept.",
}
"""What a page says after a change, by `?done=`."""


@staff("account.own")
async def account(request: Request) -> Response:
    """GET /staff/account."""
    return await _page(request, [], 200)


async def _page(request: Request, errors: list[FieldError], status: int) -> Response:
    runtime: Runtime = request.app.state.runtime
    user: User = request.state.user
    own = await run_in_threadpool(own_account.standing, runtime.database, user.id, runtime.clock())
    context = {
        "own": own, "here": request.state.session.handle,
        "required": runtime.door.required or policy.needs_factor(user.roles),
        "of_partner": policy.PARTNER in user.roles,
        "roles": [role.label for code, role in policy.roles().items() if code in user.roles],
        "done": DONE.get(request.query_params.get("done", ""), ""), **mistakes(errors),
    }  # fmt: skip
    return staff_page(request, "staff_account.html", context, status=status)


@staff("account.own")
async def password(request: Request) -> Response:
    """POST /staff/account/password: another password, for who types the one they have."""
    said, runtime = await said_in(request), request.app.state.runtime
    current, new = said.get("current", ""), said.get("new", "")
    errors = [] if current else [FieldError("current", "Write the password you have now.")]
    errors += [] if new else [FieldError("new", "Write a new password.")]
    if errors:
        return await _page(request, errors, 422)
    browser, user = browser_of(request), request.state.user
    came = (runtime.database, user.id, browser.old_token or "", current, new, browser.address, runtime.clock())
    token, errors, status = await _tried(partial(own_account.change_password, *came), "current")
    if token is None:
        return await _page(request, errors, status)
    await _noted_own(request, "own_password")
    return _changed(request, token, "password")


@staff("account.own")
async def begin(request: Request) -> Response:
    """POST /staff/account/second-factor: a new secret to set up, for who types their password, and a code of the second
    factor that they have."""
    said, runtime = await said_in(request), request.app.state.runtime
    typed, browser = said.get("password", ""), browser_of(request)
    if not typed:
        return await _page(request, [FieldError("password", "Write your password.")], 422)
    came = (runtime.door, request.state.user.id, typed, said.get("code", ""), browser.address, runtime.clock())
    _, errors, status = await _tried(partial(own_account.begin_second_factor, *came), "password")
    if errors:
        return await _page(request, errors, status)
    return RedirectResponse(SET_UP, status_code=303, headers=STAFF_HEADERS)


@staff("account.own")
async def set_up_page(request: Request) -> Response:
    """GET /staff/account/second-factor: its picture and key; back to the account when none is being set up."""
    return await _set_up_page(request, [], 200)


async def _set_up_page(request: Request, errors: list[FieldError], status: int) -> Response:
    runtime: Runtime = request.app.state.runtime
    user: User = request.state.user

    def found() -> tuple[str, str]:
        own = own_account.standing(runtime.database, user.id, runtime.clock())
        return second_factors.new_secret(runtime.database, runtime.keys, user.id), own.email

    secret, email = await run_in_threadpool(found)
    if not secret:
        return RedirectResponse(PAGE, status_code=303, headers=STAFF_HEADERS)
    context = {"picture": picture(second_factors.address(secret, email)), "secret": secret, **mistakes(errors)}
    return staff_page(request, "staff_second_factor.html", context, status=status)


@staff("account.own")
async def confirm(request: Request) -> Response:
    """POST /staff/account/second-factor/code: in force, with recovery codes shown this once; or the page again."""
    said, runtime = await said_in(request), request.app.state.runtime
    token, typed, address = session_token(request) or "", said.get("password", ""), browser_of(request).address
    if not typed:
        return await _set_up_page(request, [FieldError("password", "Write your password.")], 422)
    came = (runtime.door, request.state.user.id, token, typed, said.get("code", ""), address, runtime.clock())
    made, errors, status = await _tried(partial(own_account.confirm_second_factor, *came), "code")
    if made is None:
        return await _set_up_page(request, errors, status)
    await _noted_own(request, "own_factor")
    fresh, codes = made
    response = staff_page(request, "recovery_codes.html", {"codes": codes, "onward": PAGE})
    return with_session(request, response, fresh)


@staff("account.own")
async def remove(request: Request) -> Response:
    """POST /staff/account/second-factor/remove: for who types a code of it, where nobody need have one."""
    said, runtime = await said_in(request), request.app.state.runtime
    token = session_token(request) or ""
    came = (runtime.door, request.state.user.id, token, said.get("code", ""), runtime.clock())
    fresh, errors, status = await _tried(partial(own_account.remove_second_factor, *came), "code")
    if fresh is None:
        return await _page(request, errors, status)
    await _noted_own(request, "own_factor_gone")
    return _changed(request, fresh, "removed")


@staff("account.own")
async def end_sessions(request: Request) -> Response:
    """POST /staff/account/sessions: signs out one other session (`handle`), or all others (`others`)."""
    said, runtime = await said_in(request), request.app.state.runtime
    user, here = request.state.user, request.state.session.handle
    chosen = {said.get("handle", "")}
    if said.get("others"):
        chosen = {each.handle for each in sessions.listed(runtime.database, user.id, runtime.clock())}
    await run_in_threadpool(sessions.revoke, runtime.database, user.id, chosen - {here})
    return RedirectResponse(f"{PAGE}?done=sessions", status_code=303, headers=STAFF_HEADERS)


@staff("account.own")
async def keys(request: Request) -> Response:
    """POST /staff/account/keys: whether single letters do things on staff pages (`single_keys`: yes or no)."""
    said, runtime = await said_in(request), request.app.state.runtime
    wanted = said.get("single_keys") == "yes"
    await run_in_threadpool(actions.set_single_keys, runtime.database, request.state.user.id, wanted)
    return RedirectResponse(f"{PAGE}?done=keys", status_code=303, headers=STAFF_HEADERS)


async def _tried(do: Callable[[], Answer], otherwise: str) -> tuple[Answer | None, list[FieldError], int]:
    """What came of it, or the mistakes to show again and their status."""
    try:
        return await hashed_apart(do), [], 200
    except BadInput as error:
        return None, [FieldError(error.field or otherwise, str(error))], error.status
    except TooManyTries as error:
        return None, [FieldError(otherwise, str(error))], error.status


async def noted(request: Request, reader: Who, account_id: str, what: str) -> None:
    """Writes down that somebody changed how they prove who they are: `what` in a word, never the thing itself."""
    runtime: Runtime = request.app.state.runtime

    def note() -> None:
        with runtime.database.session() as session:
            audit.note(session, reader, runtime.clock(), "change", "account", account_id, purpose=what)

    await run_in_threadpool(note)


async def _noted_own(request: Request, what: str) -> None:
    await noted(request, who(request), request.state.user.id, what)


def _changed(request: Request, token: str, done: str) -> Response:
    response = RedirectResponse(f"{PAGE}?done={done}", status_code=303, headers=STAFF_HEADERS)
    return with_session(request, response, token)


ROUTES = (
    Route(PAGE, account, methods=["GET"]),
    Route(f"{PAGE}/password", password, methods=["POST"]),
    Route(SET_UP, set_up_page, methods=["GET"]),
    Route(SET_UP, begin, methods=["POST"]),
    Route(f"{SET_UP}/code", confirm, methods=["POST"]),
    Route(f"{SET_UP}/remove", remove, methods=["POST"]),
    Route(f"{PAGE}/sessions", end_sessions, methods=["POST"]),
    Route(f"{PAGE}/keys", keys, methods=["POST"]),
)
