"""Signing in where one's organisation does: away to its page, and back; local sign-in stands beside it all the time."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import sessions, signing_in, steps
from directory.accounts.signing_in import LockedSince
from directory.accounts.steps import Kind, Step
from directory.database import Database
from directory.errors import NotFound, WaymarkError
from directory.runtime import Runtime
from web.auth import STAFF_HEADERS, session_token
from web.forms import FieldError
from web.onward import local_path
from web.sign_in import browser_of, entered, form_again, step_token, with_step

START, DONE = "/sign-in/organisation", "/sign-in/organisation/done"


async def away(request: Request) -> Response:
    """GET /sign-in/organisation: to the organisation's own page. A link: a form may not lead to another host here.

    Whose session is locked, or who was refused for that (`anew`), is asked there who they are.
    """
    runtime: Runtime = request.app.state.runtime
    organization = runtime.organization
    if organization is None:
        raise NotFound("Nobody signs in by an organisation here.", "Use your e-mail address and password.")
    onward = local_path(request.query_params.get("next", ""))

    def begun() -> tuple[str, bool]:
        open_one = sessions.seen(runtime.database, session_token(request), runtime.clock())
        with runtime.database.session() as session:
            token = steps.start(session, Kind.ORGANIZATION, None, onward, runtime.clock())
        return token, open_one is not None and open_one.locked

    try:
        token, is_locked = await run_in_threadpool(begun)
        address = await organization.address(token, anew=is_locked or "anew" in request.query_params)
    except WaymarkError as error:
        return form_again(request, "", onward, [FieldError("email", str(error))], error.status)
    return with_step(request, RedirectResponse(address, status_code=303, headers=STAFF_HEADERS), token)


async def back(request: Request) -> Response:
    """GET /sign-in/organisation/done: a session, or the next step; or the sign-in page with the reason."""
    runtime: Runtime = request.app.state.runtime
    organization, token, now = runtime.organization, step_token(request), runtime.clock()
    if organization is None:
        raise NotFound("Nobody signs in by an organisation here.", "Use your e-mail address and password.")
    onward = ""
    try:
        step = await run_in_threadpool(_taken, runtime, token)
        onward = step.onward
        identity = await organization.identity(token or "", dict(request.query_params))
        browser = browser_of(request, onward)
        entrance = await run_in_threadpool(signing_in.by_organization, runtime.door, identity, browser, now)
    except WaymarkError as error:
        anew = isinstance(error, LockedSince)
        return form_again(request, "", onward, [FieldError("email", str(error))], error.status, anew=anew)
    return entered(request, entrance)


def _taken(runtime: Runtime, token: str | None) -> Step:
    database: Database = runtime.database
    with database.session() as session:
        return steps.take(session, token, Kind.ORGANIZATION, runtime.clock())


ROUTES = (
    Route(START, away, methods=["GET"]),
    Route(DONE, back, methods=["GET"]),
)
