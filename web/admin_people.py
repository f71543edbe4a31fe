"""The pages of accounts: who may sign in and do what; a new one, other roles, a lost telephone, somebody who leaves."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy, set_up_codes
from directory.errors import BadInput, Conflict, NotFound, WaymarkError
from directory.referrals import case_access, leaving, managing
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop
from directory.referrals.managing import Listed
from directory.runtime import Runtime
from web.admin_parts import HOME, admin_page
from web.auth import staff
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, path_id, texts
from web.sign_in import hashed_apart

LISTED = f"{HOME}/people"
PERSON_FIELDS = ("role", "sure", "hand_over_to")
DO: Mapping[str, Callable[[Loop, Ask, str], Answer]] = {
    "disable": managing.disable,
    "enable": managing.enable,
    "factor": managing.reset_factor,
    "sessions": managing.end_sessions,
    "code": managing.new_code,
}
DONE = {
    "roles": "The roles are changed. They are signed out everywhere.",
    "disable": "The account is shut, and signed out everywhere.",
    "enable": "The account may sign in again.",
    "factor": "The second factor is gone. They set up another when they sign in next.",
    "sessions": "They are signed out everywhere.",
    "leave": "The account is shut. What they worked on has changed hands.",
}


@staff("accounts.manage")
async def listed(request: Request) -> Response:
    """GET /staff/admin/people: every account, and what each role may do."""
    return await _list_page(request, {}, None)


@staff("accounts.manage")
async def add(request: Request) -> Response:
    """POST /staff/admin/people: an account, whose set-up code is shown this once."""
    runtime, form = runtime_of(request), texts(await read_form(request))
    ask = ask_of(request, form)
    roles = [role for role in form.get("roles", "").split("|") if role]
    try:
        made = await hashed_apart(
            lambda: managing.add(runtime.loop, ask, form.get("email", ""), form.get("name", ""), roles)
        )
    except WaymarkError as error:
        return await _list_page(request, form, error)
    return await _code_page(request, made)


@staff("accounts.manage")
async def person_page(request: Request) -> Response:
    """GET /staff/admin/people/{account_id}: one account."""
    return await _person_page(request, path_id(request, "account_id"), None)


@staff("accounts.manage")
async def change_roles(request: Request) -> Response:
    """POST /staff/admin/people/{account_id}/roles: other roles in place of those it has."""
    runtime, form, own = runtime_of(request), texts(await read_form(request)), path_id(request, "account_id")
    ask = ask_of(request, form)
    roles = [role for role in form.get("role", "").split("|") if role]
    _, error = await done(lambda: managing.change_roles(runtime.loop, ask, own, roles))
    return await _person_page(request, own, error) if error else _to(own, "roles")


@staff("accounts.manage")
async def act(request: Request) -> Response:
    """POST /staff/admin/people/{account_id}/{act}: disable, enable, factor, sessions, code."""
    runtime, form, own = runtime_of(request), texts(await read_form(request)), path_id(request, "account_id")
    ask, what = ask_of(request, form), request.path_params["act"]
    if what not in DO:
        raise NotFound("There is no such thing to do.", "Look at the list of people.")
    try:
        made = await hashed_apart(lambda: DO[what](runtime.loop, ask, own))
    except NotFound:
        raise
    except WaymarkError as error:
        return await _person_page(request, own, error)
    return await _code_page(request, made) if what == "code" else _to(own, what)


@staff("accounts.manage")
async def leave(request: Request) -> Response:
    """POST /staff/admin/people/{account_id}/leave: shuts the account and gives its cases and tasks to a colleague."""
    runtime, form, own = runtime_of(request), texts(await read_form(request)), path_id(request, "account_id")
    ask = ask_of(request, form)

    def do() -> None:
        managing.check_other(ask, own)
        if form.get("sure") != "yes":
            raise BadInput("Nothing was changed: say first that they leave.", "Tick the box.", "sure")
        if form.get("hand_over_to") == "choose":
            raise BadInput("Say who takes what they work on.", "Choose a colleague, or nobody yet.", "hand_over_to")
        leaving.leave(runtime.loop, ask, own, form.get("hand_over_to", ""))

    _, error = await done(do)
    return await _person_page(request, own, error, form) if error else _to(own, "leave")


async def _list_page(request: Request, form: Mapping[str, str], error: WaymarkError | None) -> Response:
    runtime = runtime_of(request)
    context = {
        "people": await run_in_threadpool(managing.listed, runtime.loop, runtime.clock()),
        "roles": policy.roles(),
        "may": [
            (role.label, [policy.said(each) for each in sorted(role.permissions)]) for role in policy.roles().values()
        ],
        "values": form,
        "chosen": form.get("roles", "").split("|"),
    }
    fields = ("email", "name")  # a role that is wrong is told at the boxes
    return await admin_page(request, "staff_admin_people.html", context, error, otherwise="roles", fields=fields)


async def _person_page(
    request: Request, own: str, error: WaymarkError | None, form: Mapping[str, str] | None = None
) -> Response:
    runtime = runtime_of(request)
    context = {
        "colleagues": await run_in_threadpool(_colleagues, runtime, own),
        "values": form or {},
        "person": await _person(request, own),
        "roles": policy.roles(),
        "is_own": own == request.state.user.id,
        "done": DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    return await admin_page(request, "staff_admin_person.html", context, error, otherwise="role", fields=PERSON_FIELDS)


async def _code_page(request: Request, made: Answer) -> Response:
    """The set-up code, shown once: no address leads to it, and the form sent again shows none that came since."""
    runtime, own = runtime_of(request), str(made["id"])
    try:
        code = await run_in_threadpool(managing.code_of, runtime.loop, own, str(made.get("at", "")))
    except Conflict as error:
        return await _person_page(request, own, error)
    context = {
        "person": await _person(request, own),
        "code": code,
        "address": f"{runtime.settings.public_url}{set_up_codes.PATH}",
        "days": set_up_codes.DAYS,
    }
    return await admin_page(request, "staff_admin_code.html", context)


async def _person(request: Request, own: str) -> Listed:
    runtime = runtime_of(request)
    people = await run_in_threadpool(managing.listed, runtime.loop, runtime.clock())
    found = next((each for each in people if each.id == own), None)
    if found is None:
        raise NotFound("There is no such account.", "Look at the list of people.")
    return found


def _colleagues(runtime: Runtime, own: str) -> list[dict[str, str]]:
    """Who may take somebody's cases, as the options of a select."""
    with runtime.database.reading() as session:
        holders = case_access.holders(session, case_access.WORK)
    found = [each for each in managing.listed(runtime.loop, runtime.clock()) if each.id in holders and each.id != own]
    options = [{"value": each.id, "text": each.full_name} for each in found]
    nobody = {"value": "", "text": "Nobody yet: a supervisor gives them out"}
    return [{"value": "choose", "text": "Choose"}, *options, nobody]


def _to(own: str, told: str) -> Response:
    return RedirectResponse(f"{LISTED}/{own}?done={told}", status_code=303)


ROUTES = (
    Route(LISTED, listed, methods=["GET"]),
    Route(LISTED, add, methods=["POST"]),
    Route(f"{LISTED}/{{account_id}}", person_page, methods=["GET"]),
    Route(f"{LISTED}/{{account_id}}/roles", change_roles, methods=["POST"]),
    Route(f"{LISTED}/{{account_id}}/leave", leave, methods=["POST"]),
    Route(f"{LISTED}/{{account_id}}/{{act}}", act, methods=["POST"]),
)
