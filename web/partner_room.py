"""Is there room? One tap from a phone: taking referrals, a waiting list with its band, or full until a day."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts.sessions import new_token
from directory.capacity import FULL, LASTS_DAYS
from directory.errors import BadInput, Conflict
from directory.partners import doors, members, room
from directory.partners.members import OwnService
from directory.partners.room import FULL_WEEKS, Said
from directory.referrals import codes
from directory.referrals.loop import Loop, new_key
from web import partner_cookies
from web.forms import FieldError, read_form, written_day
from web.loop_forms import loop_of, path_id, texts
from web.partner_door import ask_of, partner, partner_or_phone, partner_page

LIST = "/partners/room"
DONE = {
    "said": "Thank you. Whoever looks for help sees it within seconds.",
    "waits": "Thank you. Another entry counts in yours, so one of us looks at it first. Nothing has changed yet.",
    "phone": "From now on this phone says it with one tap. Keep this page among your bookmarks.",
    "out": "No phone can say it any more without a code.",
}


@partner_or_phone
async def listed(request: Request) -> Response:
    """GET /partners/room: own services and what each says of room now; of one service its page at once."""
    found = await run_in_threadpool(_mine, request)
    if len(found) == 1:
        return RedirectResponse(_href(found[0][0].service_id), status_code=303)
    return partner_page(request, "partner_rooms.html", {"services": found, "href": _href})


@partner_or_phone
async def page(request: Request) -> Response:
    """GET /partners/services/{id}/room: what counts now, and a button for each answer."""
    return await _page(request)


@partner_or_phone
async def say(request: Request) -> Response:
    """POST …/room: one tap."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "service_id")
    try:
        ask, inside = ask_of(request, {**form, "version": ""}), request.state.inside
        state, band, until = _answer(form, ask.at.date())
        said = await run_in_threadpool(room.say, loop, ask, inside, own, state, band, until)
    except (BadInput, Conflict) as error:
        at = error.field if isinstance(error, BadInput) and error.field == "until" else "room"
        return await _page(request, form, [FieldError(at, str(error))], error.status)
    return RedirectResponse(f"{_href(own)}?done={'waits' if said['waits'] else 'said'}", status_code=303)


@partner
async def use_phone(request: Request) -> Response:
    """POST …/room/phone: this browser needs no code for it from now on."""
    form, loop, own, token = (
        texts(await read_form(request)),
        loop_of(request),
        path_id(request, "service_id"),
        new_token(),
    )
    await run_in_threadpool(_check_own, loop, request, own)
    ask = ask_of(request, {**form, "version": ""})
    response = RedirectResponse(f"{_href(own)}?done=phone", status_code=303)
    if await run_in_threadpool(room.let_phone_in, loop, ask, request.state.inside, token):
        days = loop.policy.number("partners", "phone_days")
        partner_cookies.give(response, request, token, doors.PHONE, days)
    return response


@partner
async def shut_out(request: Request) -> Response:
    """POST …/room/forget: a phone was lost, so that none of them may say anything."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "service_id")
    await run_in_threadpool(_check_own, loop, request, own)
    ask = ask_of(request, {**form, "version": ""})
    await run_in_threadpool(room.shut_phones_out, loop, ask, request.state.inside)
    response = RedirectResponse(f"{_href(own)}?done=out", status_code=303)
    return partner_cookies.take_back(response, request, doors.PHONE)


@partner_or_phone
async def forget(request: Request) -> Response:
    """POST /partners/room/leave: this phone alone is forgotten."""
    cookie = partner_cookies.value(request, doors.PHONE)
    await run_in_threadpool(doors.leave, loop_of(request), cookie)
    return partner_cookies.take_back(RedirectResponse("/partners", status_code=303), request, doors.PHONE)


async def _page(
    request: Request, typed: Mapping[str, str] | None = None, errors: list[FieldError] | None = None, status: int = 200
) -> Response:
    own, loop, inside = path_id(request, "service_id"), loop_of(request), request.state.inside
    today = loop.clock().date()
    name, now, phones = await run_in_threadpool(_read, loop, request, own)
    found = errors or []
    context: dict[str, Any] = {
        "name": name,
        "now": now,
        "href": _href(own),
        "bands": [(code.code, code.label) for code in codes.codes("wait_band").values()],
        "weeks": [(each, today + timedelta(weeks=each)) for each in FULL_WEEKS],
        "until": (typed or {}).get("until", ""),
        "last": today + timedelta(days=LASTS_DAYS),
        "phones": phones,
        "by_phone": inside.kind == doors.PHONE,
        "days": loop.policy.number("partners", "phone_days"),
        "review": f"/partners/services/{own}/review",
        "key": new_key(),
        "done": DONE.get(request.query_params.get("done", ""), "") if not found else "",
        "errors": found,
        "error_by_field": {each.field: each.message for each in found},
    }
    return partner_page(request, "partner_room.html", context, status)


def _read(loop: Loop, request: Request, own: str) -> tuple[str, Said, int]:
    inside = request.state.inside
    with loop.database.reading() as session:
        members.member(session, inside, own)
        name = next(each.name for each in members.services_of(session, inside) if each.service_id == own)
        now = loop.clock()
        return name, room.now(session, own, now.date()), room.phones(session, loop, inside, now)


def _mine(request: Request) -> list[tuple[OwnService, Said]]:
    loop = loop_of(request)
    with loop.database.reading() as session:
        found = members.services_of(session, request.state.inside)
        return [(each, room.now(session, each.service_id, loop.clock().date())) for each in found]


def _check_own(loop: Loop, request: Request, own: str) -> None:
    """Raises NotFound for another's service."""
    with loop.database.reading() as session:
        members.member(session, request.state.inside, own)


def _answer(form: Mapping[str, str], today: date) -> tuple[str, str, date | None]:
    """State, band and last day of the button that was pressed: "open", "waiting_list:w12", "full:8", "full:day"."""
    state, _, how = form.get("room", "").partition(":")
    if state != FULL:
        return state, how, None
    if how.isascii() and how.isdigit() and int(how[:3]) in FULL_WEEKS:
        return state, "", today + timedelta(weeks=int(how[:3]))
    try:
        return state, "", written_day(form.get("until", ""))
    except ValueError:
        raise BadInput("That is not a day.", "Write it like 2027-01-31.", "until") from None


def _href(own: str) -> str:
    return f"/partners/services/{own}/room"


ROUTES = (
    Route(LIST, listed, methods=["GET"]),
    Route(f"{LIST}/leave", forget, methods=["POST"]),
    Route("/partners/services/{service_id}/room", page, methods=["GET"]),
    Route("/partners/services/{service_id}/room", say, methods=["POST"]),
    Route("/partners/services/{service_id}/room/phone", use_phone, methods=["POST"]),
    Route("/partners/services/{service_id}/room/forget", shut_out, methods=["POST"]),
)
