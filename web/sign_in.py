"""The sign-in pages: password, then the code of a second factor, or its setting up; and the way out."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any, TypeVar

import anyio
from anyio.lowlevel import RunVar
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import second_factors, signing_in, steps
from directory.accounts.signing_in import Browser, Entrance
from directory.accounts.steps import Kind, StepOver
from directory.errors import BadInput, TooManyTries
from directory.runtime import Runtime
from web.auth import STAFF_HEADERS, cookie_name, session_token, signed_in, staff_page
from web.device_words import device
from web.forms import FieldError, read_form
from web.onward import HOME, local_path
from web.qr import picture

Answer = TypeVar("Answer")

HASHING_AT_ONCE = 2
"""Passwords looked at at the same time: each takes 64 MiB and a processor."""
PAGES: Mapping[Kind | None, str] = {Kind.CODE: "/sign-in/code", Kind.SET_UP: "/sign-in/set-up"}
_hashing: RunVar[anyio.CapacityLimiter] = RunVar("waymark.hashing")


async def sign_in_page(request: Request) -> Response:
    """GET /sign-in: the form; on to where they were going for somebody who is signed in already."""
    onward = local_path(request.query_params.get("next", ""))
    if await signed_in(request) is not None:
        return RedirectResponse(onward, status_code=303, headers=STAFF_HEADERS)
    return form_again(request, "", onward, [], 200)


async def sign_in(request: Request) -> Response:
    """POST /sign-in: a session, or the next step; or the form again with one and the same reason for every refusal."""
    runtime: Runtime = request.app.state.runtime
    said = await said_in(request)
    email, password, onward = said.get("email", ""), said.get("password", ""), local_path(said.get("next", ""))
    errors = [] if email.strip() else [FieldError("email", "Write your e-mail address.")]
    errors += [] if password else [FieldError("password", "Write your password.")]
    if errors:
        return form_again(request, email, onward, errors, 422)
    browser = browser_of(request, onward)
    try:
        entrance = await hashed_apart(
            partial(signing_in.by_password, runtime.door, email, password, browser, runtime.clock())
        )
    except (BadInput, TooManyTries) as error:
        return form_again(request, email, onward, [FieldError("email", str(error))], error.status)
    return entered(request, entrance)


def form_again(
    request: Request, email: str, onward: str, errors: list[FieldError], status: int, anew: bool = False
) -> Response:
    """The sign-in page, with what was typed but the password. `anew`: their organisation is to ask who they are."""
    runtime: Runtime = request.app.state.runtime
    oidc = runtime.settings.oidc
    context = {"next": onward, "email": email, "organization": oidc.label if oidc else "", "anew": anew}
    return staff_page(request, "sign_in.html", {**context, **mistakes(errors)}, status=status)


async def code_page(request: Request) -> Response:
    """GET /sign-in/code: asks for the code of the second factor."""
    await _step(request, Kind.CODE)
    return staff_page(request, "sign_in_code.html", mistakes([]))


async def code(request: Request) -> Response:
    """POST /sign-in/code: a session, or the page again."""
    runtime: Runtime = request.app.state.runtime
    typed = (await said_in(request)).get("code", "")
    came = (runtime.door, step_token(request), typed, browser_of(request), runtime.clock())
    try:
        return entered(request, await run_in_threadpool(signing_in.by_code, *came))
    except (BadInput, TooManyTries) as error:
        return staff_page(request, "sign_in_code.html", mistakes([FieldError("code", str(error))]), status=error.status)


async def set_up_page(request: Request) -> Response:
    """GET /sign-in/set-up: the picture and key of a second factor that must be set up before anything else."""
    return await _set_up_page(request, [], 200)


async def set_up(request: Request) -> Response:
    """POST /sign-in/set-up: a session and the recovery codes, or the page again."""
    runtime: Runtime = request.app.state.runtime
    typed = (await said_in(request)).get("code", "")
    came = (runtime.door, step_token(request), typed, browser_of(request), runtime.clock())
    try:
        entrance, codes = await run_in_threadpool(signing_in.by_set_up, *came)
    except (BadInput, TooManyTries) as error:
        return await _set_up_page(request, [FieldError("code", str(error))], error.status)
    response = staff_page(request, "recovery_codes.html", {"codes": codes, "onward": entrance.onward})
    return with_session(request, response, entrance.token)


async def _set_up_page(request: Request, errors: list[FieldError], status: int) -> Response:
    runtime: Runtime = request.app.state.runtime
    step = await _step(request, Kind.SET_UP)
    secret = await run_in_threadpool(lambda: second_factors.new_secret(runtime.database, runtime.keys, step.account_id))
    if not secret:
        raise StepOver
    context = {"picture": picture(second_factors.address(secret, step.email)), "secret": secret}
    return staff_page(request, "sign_in_set_up.html", {**context, **mistakes(errors)}, status=status)


async def sign_out(request: Request) -> Response:
    """POST /sign-out: ends the session here and on the server, and clears what the browser kept of this site."""
    runtime: Runtime = request.app.state.runtime
    name = cookie_name(runtime.settings.public_url)
    await run_in_threadpool(signing_in.sign_out, runtime.database, session_token(request))
    headers = {**STAFF_HEADERS, "Clear-Site-Data": '"cache", "cookies", "storage"'}
    response = RedirectResponse("/sign-in", status_code=303, headers=headers)
    response.delete_cookie(name, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")
    return response


async def step_over(request: Request, error: Exception) -> Response:
    """A sign-in that took too long: the form, with the reason."""
    assert isinstance(error, StepOver)
    return form_again(request, "", HOME, [FieldError("email", str(error))], error.status)


def entered(request: Request, entrance: Entrance) -> Response:
    """On to where they were going with the session's cookie, or to the next step with that step's."""
    if entrance.kind is None:
        onward = local_path(entrance.onward)
        return with_session(request, RedirectResponse(onward, status_code=303, headers=STAFF_HEADERS), entrance.token)
    response = RedirectResponse(PAGES[entrance.kind], status_code=303, headers=STAFF_HEADERS)
    return with_step(request, response, entrance.token)


def with_session(request: Request, response: Response, token: str) -> Response:
    """Sets the session's cookie: no domain and no age, for this host alone until the browser closes."""
    _set(request, response, "", token)
    if step_token(request) is not None:
        step = _step_cookie(request)
        response.delete_cookie(step, path="/", secure=step.startswith("__Host-"), httponly=True, samesite="lax")
    return response


def with_step(request: Request, response: Response, token: str) -> Response:
    """Sets the cookie of a sign-in on its way."""
    _set(request, response, "-step", token)
    return response


def _set(request: Request, response: Response, ending: str, token: str) -> None:
    runtime: Runtime = request.app.state.runtime
    name = cookie_name(runtime.settings.public_url) + ending
    response.set_cookie(name, token, path="/", secure=name.startswith("__Host-"), httponly=True, samesite="lax")


def _step_cookie(request: Request) -> str:
    runtime: Runtime = request.app.state.runtime
    return f"{cookie_name(runtime.settings.public_url)}-step"


def step_token(request: Request) -> str | None:
    """The value of the cookie of a sign-in on its way."""
    return request.cookies.get(_step_cookie(request))


async def _step(request: Request, kind: Kind) -> steps.Step:
    runtime: Runtime = request.app.state.runtime
    return await run_in_threadpool(steps.held, runtime.database, step_token(request), kind, runtime.clock())


def browser_of(request: Request, onward: str = "") -> Browser:
    """Where a request comes from."""
    address = request.client.host if request.client else ""
    return Browser(address, session_token(request), device(request.headers.get("user-agent", "")), onward)


async def said_in(request: Request) -> dict[str, str]:
    """The text fields of a form."""
    return {name: value for name, value in (await read_form(request)).items() if isinstance(value, str)}


def mistakes(errors: list[FieldError]) -> dict[str, Any]:
    """What a template shows of mistakes: the summary's, and each at its field."""
    return {"errors": errors, "error_by_field": {error.field: error.message for error in errors}}


def hashed_apart(do: Callable[[], Answer]) -> Awaitable[Answer]:
    """Does what hashes a password in a thread, no more than a few at the same time in each event loop."""
    try:
        limiter = _hashing.get()
    except LookupError:
        limiter = anyio.CapacityLimiter(HASHING_AT_ONCE)
        _hashing.set(limiter)
    return anyio.to_thread.run_sync(do, limiter=limiter)


ROUTES = (
    Route("/sign-in", sign_in_page, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-in/code", code_page, methods=["GET"]),
    Route("/sign-in/code", code, methods=["POST"]),
    Route("/sign-in/set-up", set_up_page, methods=["GET"]),
    Route("/sign-in/set-up", set_up, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
)
