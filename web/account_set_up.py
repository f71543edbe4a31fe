"""The page on which somebody new, or who has lost their password, chooses one with the code an administrator gave."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import set_up_codes
from directory.errors import BadInput, TooManyTries
from directory.referrals.asking import Who
from directory.referrals.lifecycle import Actor
from directory.runtime import Runtime
from web.account import noted
from web.auth import STAFF_HEADERS, staff_page
from web.forms import FieldError
from web.sign_in import hashed_apart, mistakes, said_in

FIELDS = {"email": "Write your e-mail address.", "code": "Write the code.", "password": "Choose a password."}


async def page(request: Request) -> Response:
    """GET /sign-in/first-time."""
    return _page(request, {}, [], 200)


async def choose(request: Request) -> Response:
    """POST /sign-in/first-time: on to the sign-in, or the page again with what is wrong."""
    runtime: Runtime = request.app.state.runtime
    said = await said_in(request)
    errors = [FieldError(name, words) for name, words in FIELDS.items() if not said.get(name, "").strip()]
    if not errors and said.get("again") != said["password"]:
        errors = [FieldError("again", "The two are not the same. Type the password again.")]
    if errors:
        return _page(request, said, errors, 422)
    address = request.client.host if request.client else ""
    typed = (said["email"], said["code"])
    loop = runtime.loop
    try:
        own = await hashed_apart(
            lambda: set_up_codes.use(runtime.database, loop.keys, typed, said["password"], address, runtime.clock())
        )
    except BadInput as error:
        return _page(request, said, [FieldError(error.field or "code", str(error))], error.status)
    except TooManyTries as error:
        return _page(request, said, [FieldError("code", str(error))], error.status)
    await noted(request, Who(Actor.WORKER, own, address=address), own, "set_up")
    return RedirectResponse("/sign-in", status_code=303, headers=STAFF_HEADERS)


def _page(request: Request, said: Mapping[str, str], errors: list[FieldError], status: int) -> Response:
    """With what was typed but the password."""
    values = {name: said.get(name, "") for name in ("email", "code")}
    return staff_page(request, "account_set_up.html", {"values": values, **mistakes(errors)}, status=status)


ROUTES = (
    Route(set_up_codes.PATH, page, methods=["GET"]),
    Route(set_up_codes.PATH, choose, methods=["POST"]),
)
