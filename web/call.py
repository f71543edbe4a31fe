"""The page that staff live in while on the phone: one box of words, what was understood, and the pathway beside it.

The live answer and the whole page are made of the same parts, and both keep the call as it stands before they answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, Conflict, NotFound, WaymarkError
from directory.referrals import call_drafts, case_lists, case_rows
from directory.referrals.asking import Ask, Who
from directory.referrals.call_drafts import Draft, Open
from directory.referrals.case_lists import CaseLine
from directory.referrals.case_rows import PurposeNeeded
from directory.referrals.loop import Loop, new_key
from directory.referrals.working_time import LOCAL
from directory.runtime import Runtime
from directory.tables import Service
from web import call_case, call_form, call_page, guards
from web.auth import staff, staff_page
from web.call_case import CallCase
from web.call_form import CallForm
from web.forms import FieldError, read_form
from web.loop_forms import ID_LENGTH, ask_of, loop_of, path_id, texts, who
from web.render import PERSON_PAGE, page

PAGE, PARTS = "staff_call.html", "staff_call_parts.html"


@dataclass(slots=True)
class Call:
    """A call under way, and what its last press brought: cases found, one that asks why it is opened, mistakes."""

    id: str
    turn: int = 0
    form: CallForm = field(default_factory=CallForm)
    case: CallCase | None = None
    find: str = ""
    lines: list[CaseLine] | None = None
    ask_why: str = ""
    errors: list[FieldError] = field(default_factory=list)
    is_stale: bool = False
    """Another window kept something newer."""


@staff("cases.work")
async def blank(request: Request) -> Response:
    """GET /staff/call: a new call, and the ones that were left open."""
    loop, asking = loop_of(request), who(request)
    left = await run_in_threadpool(call_drafts.offered, loop, asking)
    return await _page(request, Call(call_drafts.new_id()), left)


@staff("cases.work")
async def go_on(request: Request) -> Response:
    """GET /staff/call/{call_id}: a call that was left open, as it was."""
    loop, asking, own = loop_of(request), who(request), path_id(request, "call_id")
    kept = await run_in_threadpool(call_drafts.resume, loop, asking, own)
    call = Call(own, kept.turn, call_form.from_json(kept.body))
    await run_in_threadpool(_with_case, loop, asking, call)
    return await _page(request, call)


@staff("cases.work")
async def act(request: Request) -> Response:
    """POST /staff/call: one press, kept, and the page anew; what may stand in no address is shown at once."""
    form = texts(await read_form(request))
    call = await pressed(request, form)
    wrong = call.errors or await call_page.mistakes(request.app.state.runtime, call.form)
    if call.lines is not None or wrong or call.ask_why or not call.turn:
        return await _page(request, call, asked=True)
    return RedirectResponse(f"/staff/call/{call.id}", status_code=303)


@staff("cases.work")
async def live(request: Request) -> Response:
    """POST /staff/call/answer: the same press, answered by the parts of the page alone."""
    form = texts(await read_form(request))
    call = await pressed(request, form, _number(form.get("turn", "")))
    context, status = await _context(request, call, asked=form.get("asked") == "yes")
    return page(PARTS, context, status, PERSON_PAGE)


@staff("cases.work")
async def refer(request: Request) -> Response:
    """POST /staff/call/refer: begins a referral for the case the call is about, and goes on to it."""
    form, loop = texts(await read_form(request)), loop_of(request)
    call = await pressed(request, {**form, "do": "", "find": ""})
    ask = _ask(request, form, call)
    service_id, urgency = form.get("service_id", ""), form.get("urgency", "")  # as the page shows it
    try:
        if call.case is None:
            raise BadInput("Whose case is this?", "Find their case, or open one from this call.", "find")
        need_id = call_case.need_for(call.case.needs, call.form.need_id, await meets(request, service_id))
        own = await run_in_threadpool(call_case.refer, loop, ask, need_id, service_id, urgency)
    except WaymarkError as error:
        call.errors.append(_field_error(error))
        return await _page(request, call)
    return RedirectResponse(f"/staff/referrals/{own}?done=written", status_code=303)


@staff("cases.work")
async def discard(request: Request) -> Response:
    """POST /staff/call/{call_id}/discard: ends a call; what was kept of it is destroyed."""
    own = path_id(request, "call_id")
    await run_in_threadpool(call_drafts.discard, loop_of(request), who(request), own)
    return RedirectResponse("/staff/call", status_code=303)


async def pressed(request: Request, form: Mapping[str, str], turn: int | None = None) -> Call:
    """What a press makes of a call, kept; nothing, when another window kept something newer.

    Raises NotFound for a call of somebody else, Conflict for one that ended.
    """
    loop, asking = loop_of(request), who(request)
    own = _call_id(form.get("call", ""))
    before = await run_in_threadpool(_kept, request, own)
    was = call_form.from_json(before.body) if before else CallForm()
    call = Call(own, before.turn if before else 0, call_form.sent(form, was))
    await run_in_threadpool(_with_case, loop, asking, call)
    if turn is not None and before is not None and turn <= before.turn:
        call.is_stale = True
        return call
    do, _, what = form.get("do", "").partition(":")
    if not do and form.get("find", "").strip():
        do = "find"
    if do:
        error = await _did(request, call, _ask(request, form, call), do, what or form.get("find", ""))
        call.errors += [_field_error(error)] if error else []
    if before or not call.form.is_blank:
        body, subject = call.form.as_json(), call.case.subject_id if call.case else "" if do == "nocase" else None
        kept = await run_in_threadpool(call_drafts.save, loop, asking, own, body, turn, subject)
        call.is_stale, call.turn = turn is not None and kept > turn, kept
    return call


async def _did(request: Request, call: Call, ask: Ask, do: str, what: str) -> WaymarkError | None:
    """Does what was pressed. What went wrong is returned: the words are kept all the same."""
    loop = loop_of(request)
    try:
        if do == "not" and call_form.is_mark(what):
            call.form = call.form.without(what)
        elif do == "list":
            if call.case is not None:
                case, met = call.case, await meets(request, what)
                need_id = call_case.need_for(case.needs, call.form.need_id, met)
                await run_in_threadpool(call_case.put_on_list, loop, ask, case, need_id, what)
            call.form = call.form.with_listed(what[:ID_LENGTH])
        elif do == "unlist":
            if call.case is not None:
                await run_in_threadpool(call_case.take_off_list, loop, ask, call.case, what)
            call.form = call.form.with_unlisted(what)
        elif do == "find":
            call.find = what
            call.lines = await run_in_threadpool(case_lists.search, loop, ask.who, what)
        elif do in ("case", "why"):
            await _use(request, call, ask, what, do == "why")
        elif do == "nocase":
            call.form, call.case = await run_in_threadpool(call_case.leave, loop, call.form), None
    except PurposeNeeded:
        call.ask_why = what
    except WaymarkError as error:
        return error
    return None


async def _use(request: Request, call: Call, ask: Ask, case_id: str, on_the_phone: bool) -> None:
    """The case found becomes the call's; what was on the call's short list goes onto its own."""
    loop = loop_of(request)
    used = await run_in_threadpool(call_case.use, loop, ask, call.form, case_id, on_the_phone)
    case = await run_in_threadpool(call_case.of, loop, ask.who, case_id)
    assert case is not None
    call.form, call.case = used, case
    for service_id in used.listed if case.needs else ():
        try:
            need_id = call_case.need_for(case.needs, "", await meets(request, service_id))
            await run_in_threadpool(call_case.put_on_list, loop, ask, case, need_id, service_id)
        except (NotFound, Conflict, BadInput) as error:
            call.errors.append(_field_error(error))
            call.form = call.form.with_unlisted(service_id)


def _with_case(loop: Loop, asking: Who, call: Call) -> None:
    """The case the call is about; one that may not be read (any more) is left, with what it brought."""
    case_id = call.form.case_id
    try:
        call.case = call_case.of(loop, asking, case_id)
    except (NotFound, PurposeNeeded) as error:
        call.form = call_case.leave(loop, call.form)
        call.ask_why = case_id if isinstance(error, PurposeNeeded) else ""
        call.errors.append(_field_error(error))


async def _page(request: Request, call: Call, left: Iterable[Open] = (), asked: bool = False) -> Response:
    context, status = await _context(request, call, asked)
    response = staff_page(request, PAGE, {**context, "left": tuple(left)}, status)
    response.headers["Content-Security-Policy"] = guards.LIVE_POLICY
    return response


async def _context(request: Request, call: Call, asked: bool) -> tuple[dict[str, Any], int]:
    """What the parts show, and the answer's status. `asked`: the worker pressed for it, so that a gap counts."""
    runtime: Runtime = request.app.state.runtime
    found = await call_page.answered(runtime, call.form, call.case)
    if found.result is not None and asked:
        runtime.gaps.note(found.result, runtime.database, runtime.clock())
    errors = (*call.errors, *found.errors)
    known = await run_in_threadpool(names, runtime, call.form.listed)
    parts = {
        **call_page.context(call.form, found, call.case, known),
        "call": call,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in reversed(errors)},
    }
    today = runtime.clock().astimezone(LOCAL).date()
    shared = {"c": parts, "call": call, "key": new_key(), "when": lambda moment: _when(moment, today)}
    return shared, 422 if errors else 200


def _when(moment: datetime, today: date) -> str:
    """ "14:05", with its day when that is not today."""
    own = moment.astimezone(LOCAL)
    return f"{own:%H:%M}" if own.date() == today else f"{own:%H:%M} on {own.day} {own:%B}"


def _kept(request: Request, call_id: str) -> Draft | None:
    try:
        return call_drafts.read(loop_of(request), who(request), call_id)
    except NotFound:  # not begun; `save` refuses what is somebody else's or has ended
        return None


async def meets(request: Request, service_id: str) -> tuple[str, ...]:
    """The needs a service is for. Raises BadInput."""
    runtime: Runtime = request.app.state.runtime
    found = await runtime.index.get(service_id) if len(service_id) == ID_LENGTH else None
    if found is None:
        raise BadInput("The directory does not have this service as open.", "Choose another one.", "list")
    return tuple(found.needs)


def names(runtime: Runtime, ids: tuple[str, ...]) -> dict[str, str]:
    """Names of services by id, of those the record has."""
    if not ids:
        return {}
    with runtime.database.reading() as session:
        found = session.execute(select(Service.id, Service.name).where(Service.id.in_(ids)))
        return {row.id: row.name for row in found}


def _ask(request: Request, form: Mapping[str, str], call: Call) -> Ask:
    """One attempt at a write: a page that is not left sends many under one key, each at its own turn."""
    key = form.get("key", "")[:24]
    return ask_of(request, {"key": f"{key}.{form.get('turn', '')[:9] or call.turn}" if key else new_key()})


def _field_error(error: WaymarkError) -> FieldError:
    return FieldError(error.field if isinstance(error, BadInput) and error.field else "list", str(error))


def _call_id(text: str) -> str:
    if len(text) != ID_LENGTH or not text.isascii() or not text.replace("-", "").isalnum():
        raise NotFound(*case_rows.NO_CASE)
    return text


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


ROUTES = (
    Route("/staff/call", blank, methods=["GET"]),
    Route("/staff/call", act, methods=["POST"]),
    Route("/staff/call/answer", live, methods=["POST"]),
    Route("/staff/call/refer", refer, methods=["POST"]),
    Route("/staff/call/{call_id}", go_on, methods=["GET"]),
    Route("/staff/call/{call_id}/discard", discard, methods=["POST"]),
)
