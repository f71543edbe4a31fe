"""How somebody who is asked to join a partner gets an account: their mailbox proved, a name, a password, and then the
second factor, before they see anything.
"""

from collections.abc import Mapping
from functools import partial as bound

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import signing_in
from directory.errors import NotFound, NotSignedIn, WaymarkError
from directory.partners import invitations
from directory.partners.invitations import PATH, Invitation
from directory.partners.members import GONE, ROLES
from directory.referrals.loop import new_key
from directory.runtime import Runtime
from web.forms import FieldError, read_form
from web.loop_forms import field_errors, loop_of, texts
from web.partner_door import ask_of, partner, partner_page
from web.partner_work import HOME
from web.sign_in import browser_of, entered, hashed_apart


@partner
async def page(request: Request) -> Response:
    """GET /partners/join: what one's mailbox may join, or needs an account for."""
    return await _page(request, {}, [], 200)


@partner
async def join(request: Request) -> Response:
    """POST /partners/join: on to the second factor with a new account; to the sign-in with one that is there."""
    runtime: Runtime = request.app.state.runtime
    form, loop, inside = texts(await read_form(request)), loop_of(request), request.state.inside
    name, password = form.get("name", ""), form.get("password", "")
    ask, own = ask_of(request, form), form.get("invitation", "")
    found = next((each for each in await _waiting(request) if each.id == own), None)
    if found is None:
        raise NotFound(*GONE)
    errors = _missing(form) if not found.has_account else []
    if errors:
        return await _page(request, form, errors, 422)
    try:
        joined = await hashed_apart(bound(invitations.accept, loop, ask, inside, own, name, password))
        if not joined["made"]:
            return RedirectResponse(f"/sign-in?next={HOME}", status_code=303)
        browser = browser_of(request, HOME)
        entrance = await run_in_threadpool(
            signing_in.by_invitation, runtime.door, joined["account_id"], browser, runtime.clock()
        )
    except NotSignedIn:
        return RedirectResponse(f"/sign-in?next={HOME}", status_code=303)
    except WaymarkError as error:
        return await _page(request, form, field_errors(error, "name"), error.status)
    return entered(request, entrance)


def _missing(form: Mapping[str, str]) -> list[FieldError]:
    found = [] if form.get("name", "").strip() else [FieldError("name", "Write your full name.")]
    if not form.get("password"):
        return [*found, FieldError("password", "Choose a password.")]
    if form.get("again") != form["password"]:
        found.append(FieldError("again", "The two are not the same. Type the password again."))
    return found


async def _page(request: Request, form: Mapping[str, str], errors: list[FieldError], status: int) -> Response:
    """With what was typed but the password."""
    context = {
        "invitations": await _waiting(request),
        "roles": ROLES,
        "href": PATH,
        "key": new_key(),
        "values": {name: form.get(name, "") for name in ("invitation", "name")},
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
    }
    return partner_page(request, "partner_join.html", context, status)


async def _waiting(request: Request) -> list[Invitation]:
    loop, inside = loop_of(request), request.state.inside

    def read() -> list[Invitation]:
        with loop.database.reading() as session:
            return invitations.waiting(session, loop, inside)

    return await run_in_threadpool(read)


ROUTES = (
    Route(PATH, page, methods=["GET"]),
    Route(PATH, join, methods=["POST"]),
)
