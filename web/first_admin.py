"""The page that makes the first administrator, with the code that the terminal shows; gone once there is an account."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.accounts import first_admin, signing_in
from directory.errors import BadInput, TooManyTries
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.runtime import Runtime
from web.account import noted
from web.auth import staff_page
from web.forms import FieldError
from web.sign_in import browser_of, entered, hashed_apart, mistakes, said_in

FIELDS = {"code": "Write the set-up code.", "name": "Write your full name.", "email": "Write your e-mail address.",
          "password": "Write a password."}  # fmt: skip


async def first_admin_page(request: Request) -> Response:
    """GET /first-admin: the form. Raises Gone once there is an account."""
    runtime: Runtime = request.app.state.runtime
    if not await run_in_threadpool(first_admin.is_open, runtime.database):
        raise first_admin.Gone
    return _form(request, {}, [], 200)


async def make(request: Request) -> Response:
    """POST /first-admin: the account, and straight on to signing in with it."""
    runtime: Runtime = request.app.state.runtime
    said = await said_in(request)
    errors = [FieldError(name, missing) for name, missing in FIELDS.items() if not said.get(name, "").strip()]
    is_open: bool = await run_in_threadpool(first_admin.is_open, runtime.database)
    if errors and is_open:
        return _form(request, said, errors, 422)
    return await _made(request, said)


async def _made(request: Request, said: dict[str, str]) -> Response:
    runtime: Runtime = request.app.state.runtime
    browser, now = browser_of(request), runtime.clock()
    who, password = (said.get("email", ""), said.get("name", "")), said.get("password", "")
    came = (runtime.database, runtime.keys, said.get("code", ""), who, password, browser.address, now)
    try:
        own = await hashed_apart(partial(first_admin.make, *came))
        await noted(request, Who(Actor.WORKER, own, address=browser.address), own, "first_admin")
        entrance = await hashed_apart(partial(signing_in.by_password, runtime.door, who[0], password, browser, now))
    except BadInput as error:
        return _form(request, said, [FieldError(error.field or "code", str(error))], error.status)
    except TooManyTries as error:
        return _form(request, said, [FieldError("code", str(error))], error.status)
    return entered(request, entrance)


def _form(request: Request, said: dict[str, str], errors: list[FieldError], status: int) -> Response:
    shown = {name: said.get(name, "") for name in ("code", "name", "email")}
    return staff_page(request, "first_admin.html", {"said": shown, **mistakes(errors)}, status=status)


ROUTES = (
    Route(first_admin.PATH, first_admin_page, methods=["GET"]),
    Route(first_admin.PATH, make, methods=["POST"]),
)
