"""A provider's answer with no account: the neutral page of a link, the code, the referral, and each answer by one POST.

Until the code every link has the same pages, byte for byte, known or not: forms name no address of their own, and
nothing is set or written by looking. Source: security.md, section 2.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, Conflict, Forbidden, NotFound, NotSignedIn, TooManyTries, WaymarkError
from directory.referrals import door_views, doors, link_sessions, provider_actions
from directory.referrals.asking import Ask
from directory.referrals.door_views import View
from directory.referrals.loop import Loop, new_key
from web import answer_cookies, answer_forms, answer_replies
from web.answer_words import FIELDS, STANDING
from web.even_time import evenly
from web.forms import FieldError, read_form
from web.render import page

Endpoint = Callable[[Request], Awaitable[Response]]
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
CLEAR = '"cache", "storage"'
TYPED_LIMIT = 300


def door(endpoint: Endpoint) -> Endpoint:
    """Wraps every page of a link: never kept, never indexed; errors say whom to ring, and nothing of the link."""

    @wraps(endpoint)
    async def guarded(request: Request) -> Response:
        await run_in_threadpool(request.app.state.runtime.follow)
        try:
            response = await endpoint(request)
        except NotSignedIn as error:
            if request.method == "POST":
                return _onward(request, "/referral")
            response = _page(request, "answer_out.html", {"error": error}, error.status)
        except (TooManyTries, BadInput, NotFound, Forbidden) as error:
            response = _page(request, "answer_error.html", {"error": error}, error.status)
        response.headers.update(HEADERS)
        return response

    return guarded


@door
async def neutral(request: Request) -> Response:
    """GET /r/{token}: that there is a message, and how to open it; the same for every link there could be."""
    return _page(request, "answer_link.html")


@evenly
@door
async def send_code(request: Request) -> Response:
    """POST /r/{token} and /r/{token}/code: a code to the mailbox that we hold, if the link is in use."""
    name, cookie = answer_cookies.name_and_value(request)
    token = request.path_params["token"]
    if await run_in_threadpool(_is_inside, request, cookie):
        return _onward(request, "/referral")
    fresh = await run_in_threadpool(doors.ask_for_code, _loop(request), token, cookie, _address(request))
    return answer_cookies.give(_onward(request, "/code"), name, fresh)


@door
async def code_page(request: Request) -> Response:
    """GET /r/{token}/code: where the code is written."""
    return _page(request, "answer_code.html", {"errors": [], "error_by_field": {}, "name": "", "code": ""})


@evenly
@door
async def enter(request: Request) -> Response:
    """POST /r/{token}/enter: on to the referral in a new session, or the page again with what is wrong."""
    (cookie_name, cookie), typed = answer_cookies.name_and_value(request), await _typed(request)
    token, loop = request.path_params["token"], _loop(request)
    try:
        fresh, own = await run_in_threadpool(
            doors.enter, loop, token, cookie, typed.get("code", ""), typed.get("name", ""), _address(request)
        )
    except BadInput as error:
        context = {
            "errors": [FieldError(error.field, str(error))],
            "error_by_field": {error.field: str(error)},
            "name": typed.get("name", ""),
            "code": typed.get("code", ""),
        }
        return _page(request, "answer_code.html", context, error.status)
    await run_in_threadpool(provider_actions.open_, loop, Ask(own.who, loop.clock(), new_key()), own.referral_id)
    return answer_cookies.give(_onward(request, "/referral"), cookie_name, fresh)


@door
async def referral(request: Request) -> Response:
    """GET /r/{token}/referral: what may be seen, and what can be answered now."""
    view = await run_in_threadpool(_view, request)
    said = request.query_params.get("said", "")
    reply = answer_replies.REPLIES.get(said)
    return _referral_page(request, view, told=answer_replies.LATE if said == "late" else reply.said if reply else "")


@door
async def reply(request: Request) -> Response:
    """POST /r/{token}/referral/{reply}: one answer, once; then the page as it stands."""
    view, typed = await run_in_threadpool(_view, request), await _typed(request)
    first, more = answer_replies.offered(view)
    chosen = next((each for each in (*first, *more) if each.name == request.path_params["reply"]), None)
    if chosen is None:
        raised = Conflict("That cannot be answered now.", "Look at how it stands; then choose.")
        return _referral_page(request, view, error=raised)
    values, errors = answer_forms.read(chosen, typed)
    if errors:
        return _referral_page(request, view, chosen=chosen, typed=typed, errors=errors)
    try:
        answer = await run_in_threadpool(carry_out, _loop(request), view, chosen, typed, values)
    except BadInput as error:
        known = error.field if error.field in values else ""
        return _referral_page(request, view, chosen=chosen, typed=typed, errors=[FieldError(known, str(error))])
    except (Conflict, Forbidden) as error:
        now = await run_in_threadpool(_view, request)
        return _referral_page(request, now, chosen=chosen, typed=typed, error=error)
    late = answer_forms.came_late(chosen, answer)
    return _onward(request, f"/referral?said={'late' if late else chosen.name}")


@door
async def done(request: Request) -> Response:
    """POST /r/{token}/done: ends the session, here and in the browser."""
    name, cookie = answer_cookies.name_and_value(request)
    with suppress(NotSignedIn):  # it was over already: they see the same
        await run_in_threadpool(doors.leave, _loop(request), request.path_params["token"], cookie, _address(request))
    response = _page(request, "answer_done.html")
    response.headers["Clear-Site-Data"] = CLEAR
    return answer_cookies.take_back(response, name)


def carry_out(
    loop: Loop, view: View, chosen: answer_replies.Reply, typed: Mapping[str, str], values: Mapping[str, Any]
) -> dict[str, Any]:
    """One answer of whoever is inside. Raises whatever the action does, and BadInput for a form that is not ours."""
    key, version = typed.get("key", ""), typed.get("version", "")
    if not key or not (version.isascii() and version.isdigit() and len(version) < 10):
        raise BadInput("That form cannot be used.", "Open the page again.")
    ask = Ask(view.inside.who, loop.clock(), key, int(version))
    answer = answer_forms.done(loop, ask, view, chosen.name, values)
    with loop.database.session() as session:
        link_sessions.touch(session, view.inside.who.id, ask.at)
    return answer


def _referral_page(
    request: Request,
    view: View,
    *,
    told: str = "",
    chosen: answer_replies.Reply | None = None,
    typed: Mapping[str, str] | None = None,
    errors: list[FieldError] | None = None,
    error: WaymarkError | None = None,
) -> Response:
    """The page as it stands. A mistake opens its form again, with everything that was typed in it."""
    href = _path(request)
    shown = context_of(_loop(request), view, told, chosen, typed, errors, error)
    status = error.status if error else 422 if errors else 200
    return _page(request, "answer_referral.html", {**shown, "href": href, "answers": f"{href}/referral"}, status)


def context_of(
    loop: Loop,
    view: View,
    told: str,
    chosen: answer_replies.Reply | None,
    typed: Mapping[str, str] | None,
    errors: list[FieldError] | None,
    error: WaymarkError | None,
) -> dict[str, Any]:
    """What the page of a referral shows, by whichever way somebody came in."""
    first, more = answer_replies.offered(view)
    name = chosen.name if chosen else ""
    at_fields = [FieldError(f"{name}-{each.field}" if each.field else "answers", each.message) for each in errors or ()]
    again = bool(errors) and typed is not None and bool(typed.get("key"))
    return {
        "view": view,
        "fields": view.shown.fields,
        "words": FIELDS,
        "standing": STANDING[view.state],
        "first": first,
        "more": more,
        "days": door_views.first_days(loop, loop.clock()),
        "told": told,
        "chosen": name,
        "typed": typed or {},
        "errors": at_fields,
        "error_by_field": {each.field: each.message for each in at_fields},
        "error": error,
        "key": (typed or {}).get("key", "")[:80] if again else new_key(),
        "minutes": loop.policy.number("link", "idle_minutes"),
    }


def _view(request: Request) -> View:
    _, cookie = answer_cookies.name_and_value(request)
    return door_views.view(_loop(request), request.path_params["token"], cookie, _address(request))


def _is_inside(request: Request, cookie: str | None) -> bool:
    if cookie is None:
        return False
    loop = _loop(request)
    try:
        with loop.database.reading() as session:
            doors.inside(session, loop, request.path_params["token"], cookie, _address(request))
    except NotSignedIn:
        return False
    return True


def _page(request: Request, template: str, context: Mapping[str, Any] | None = None, status: int = 200) -> Response:
    loop = _loop(request)
    shared = {
        "live": request.app.state.runtime.settings.live,
        "phone": loop.policy.text("adopter", "phone"),
    }
    return page(template, {**shared, **(context or {})}, status=status, headers=HEADERS)


def _onward(request: Request, rest: str) -> Response:
    return RedirectResponse(_path(request) + rest, status_code=303, headers=HEADERS)


def _path(request: Request) -> str:
    return f"/r/{quote(request.path_params['token'], safe='')}"


async def _typed(request: Request) -> dict[str, str]:
    form = await read_form(request)
    return {name: value[:TYPED_LIMIT] for name, value in form.items() if isinstance(value, str)}


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _loop(request: Request) -> Loop:
    loop: Loop = request.app.state.runtime.loop
    return loop


ROUTES = (
    Route("/r/{token}", neutral, methods=["GET"]),
    Route("/r/{token}", send_code, methods=["POST"]),
    Route("/r/{token}/code", code_page, methods=["GET"]),
    Route("/r/{token}/code", send_code, methods=["POST"]),
    Route("/r/{token}/enter", enter, methods=["POST"]),
    Route("/r/{token}/referral", referral, methods=["GET"]),
    Route("/r/{token}/referral/{reply}", reply, methods=["POST"]),
    Route("/r/{token}/done", done, methods=["POST"]),
)
