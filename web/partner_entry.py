"""A partner's way in: an e-mail address, a code that goes there, then their own pages; and the way out.

Whatever is typed has the same pages, in the same time: nothing tells whether a mailbox is known here.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.accounts.sessions import new_token
from directory.errors import BadInput, TooManyTries, WaymarkError
from directory.partners import doors
from web import partner_cookies, partner_door, partner_held
from web.even_time import evenly
from web.forms import read_form
from web.loop_forms import loop_of, texts
from web.partner_door import MINE, anybody, onward, partner_page, rules, start_page, to

CLEAR = '"cache", "storage"'
CODE_LIMIT = 100


@anybody
async def start(request: Request) -> Response:
    """GET /partners: what registering is, and the field for an e-mail address. `next` and `claim` are kept."""
    wanted = onward(request.query_params.get("next", ""), request.query_params.get("claim", ""))
    if await run_in_threadpool(partner_door.is_inside, request):
        return to(wanted or MINE)
    return start_page(request, {"next": wanted})


@evenly
@anybody
async def send_code(request: Request) -> Response:
    """POST /partners/code: a code to the mailbox that was typed, whichever it is."""
    form = texts(await read_form(request))
    wanted, held, token = onward(form.get("next", "")), partner_held.of_form(form), new_token()
    typed = form.get("email", "")
    kept = {"next": wanted, "email": typed, "held": held}
    if not partner_door.is_open(request):
        return start_page(request, kept, status=503)
    try:
        email = await run_in_threadpool(doors.ask, loop_of(request), typed, token, partner_door.address(request))
    except (BadInput, TooManyTries) as error:
        return start_page(request, kept, error)
    if held is None:
        answer = to("/partners/enter" + (f"?{urlencode({'next': wanted})}" if wanted else ""))
    else:  # what was typed travels with the form, and stands in no address
        answer = _code_page(request, {**kept, "email": email})
    return partner_cookies.give(answer, request, token)


@anybody
async def code_page(request: Request) -> Response:
    """GET /partners/enter: where the code is written."""
    wanted = onward(request.query_params.get("next", ""))
    if await run_in_threadpool(partner_door.is_inside, request):
        return to(wanted or MINE)
    return _code_page(request, {"next": wanted, "email": await run_in_threadpool(_waiting, request)})


@evenly
@anybody
async def enter(request: Request) -> Response:
    """POST /partners/enter: on to their pages in a new session, or the page again with what is wrong."""
    form = texts(await read_form(request))
    wanted, held, fresh = onward(form.get("next", "")), partner_held.of_form(form), new_token()
    cookie, code = partner_cookies.value(request), form.get("code", "")[:CODE_LIMIT]
    try:
        await run_in_threadpool(doors.enter, loop_of(request), cookie, code, fresh, partner_door.address(request))
    except (BadInput, TooManyTries) as error:
        email = await run_in_threadpool(_waiting, request)
        return _code_page(request, {"next": wanted, "email": email, "code": code, "held": held}, error)
    answer = to(wanted or MINE) if held is None else partner_page(request, "partner_again.html", {"held": held})
    return partner_cookies.give(answer, request, fresh)


@anybody
async def leave(request: Request) -> Response:
    """POST /partners/leave: ends the session, here and in the browser."""
    await run_in_threadpool(doors.leave, loop_of(request), partner_cookies.value(request))
    response = partner_page(request, "partner_left.html", {})
    response.headers["Clear-Site-Data"] = CLEAR
    return partner_cookies.take_back(response, request)


def _code_page(request: Request, context: Mapping[str, Any], error: WaymarkError | None = None) -> Response:
    minutes = rules(request).number("link", "code_minutes")
    shared = {"next": "", "email": "", "code": "", "held": None, "minutes": minutes}
    return partner_door.page_with(request, "partner_enter.html", {**shared, **context}, error, "code")


def _waiting(request: Request) -> str:
    loop = loop_of(request)
    with loop.database.reading() as session:
        return doors.waiting(session, loop, partner_cookies.value(request))


ROUTES = (
    Route("/partners", start, methods=["GET"]),
    Route("/partners/code", send_code, methods=["POST"]),
    Route("/partners/enter", code_page, methods=["GET"]),
    Route("/partners/enter", enter, methods=["POST"]),
    Route("/partners/leave", leave, methods=["POST"]),
)
