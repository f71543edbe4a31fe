"""A partner's inbox of referrals: the page of the link, with the same answers and no more, for an account of theirs."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, Conflict, Forbidden, NotFound, WaymarkError
from directory.partners import inbox
from directory.partners.inbox import Letter, Line
from directory.partners.members import GONE
from directory.referrals.asking import Ask
from directory.referrals.loop import new_key
from web import answer_forms, answer_replies, answers
from web.answer_words import STANDING
from web.auth import staff_page
from web.forms import FieldError, read_form
from web.loop_forms import ask_of, loop_of, path_id, texts, who
from web.partner_work import HOME, work

LISTED = f"{HOME}/referrals"
TYPED_LIMIT = answers.TYPED_LIMIT


@work
async def listed(request: Request) -> Response:
    """GET /partners/work/referrals: reference, service, how it stands, and by when an answer is asked for."""
    lines = await run_in_threadpool(inbox.listed, loop_of(request), who(request))
    return staff_page(request, "partner_referrals.html", {"lines": lines, "standing": STANDING, "href": LISTED})


@work
async def letter_page(request: Request) -> Response:
    """GET /partners/work/referrals/{referral}: a button that opens it, or what may be seen and answered."""
    found = await _letter(request)
    said = request.query_params.get("said", "")
    chosen = answer_replies.REPLIES.get(said)
    told = answer_replies.LATE if said == "late" else chosen.said if chosen else ""
    return _page(request, found, told=told)


@work
async def open_(request: Request) -> Response:
    """POST …/open: for a short time, written down with who did."""
    form, own = texts(await read_form(request)), path_id(request, "referral")
    await _opened(request, ask_of(request, form), own)
    return RedirectResponse(f"{LISTED}/{own}", status_code=303)


@work
async def reply(request: Request) -> Response:
    """POST …/answers/{reply}: one answer, once; then the page as it stands. Opens it again when its time was over."""
    typed = {name: text[:TYPED_LIMIT] for name, text in texts(await read_form(request)).items()}
    own, found = path_id(request, "referral"), await _letter(request)
    if found.view is None:
        await _opened(request, ask_of(request, {"key": new_key()}), own)
        found = await _letter(request)
    view = found.view
    if view is None:
        raise NotFound(*GONE)
    first, more = answer_replies.offered(view)
    chosen = next((each for each in (*first, *more) if each.name == request.path_params["reply"]), None)
    if chosen is None:
        raised = Conflict("That cannot be answered now.", "Look at how it stands; then choose.")
        return _page(request, found, error=raised)
    values, errors = answer_forms.read(chosen, typed)
    if errors:
        return _page(request, found, chosen=chosen, typed=typed, errors=errors)
    try:
        answer = await run_in_threadpool(answers.carry_out, loop_of(request), view, chosen, typed, values)
    except BadInput as error:
        known = error.field if error.field in values else ""
        return _page(request, found, chosen=chosen, typed=typed, errors=[FieldError(known, str(error))])
    except (Conflict, Forbidden) as error:
        return _page(request, await _letter(request), chosen=chosen, typed=typed, error=error)
    late = answer_forms.came_late(chosen, answer)
    return RedirectResponse(f"{LISTED}/{own}?said={'late' if late else chosen.name}", status_code=303)


async def _letter(request: Request) -> Letter:
    own = path_id(request, "referral")
    return await run_in_threadpool(inbox.letter, loop_of(request), who(request), own)


async def _opened(request: Request, ask: Ask, own: str) -> None:
    await run_in_threadpool(inbox.open_, loop_of(request), ask, own, request.state.user.full_name)


def _page(
    request: Request,
    found: Letter,
    *,
    told: str = "",
    chosen: answer_replies.Reply | None = None,
    typed: Mapping[str, str] | None = None,
    errors: list[FieldError] | None = None,
    error: WaymarkError | None = None,
) -> Response:
    line, view = found.line, found.view
    if view is None:
        return staff_page(request, "partner_referral.html", _shut(line))
    shown = answers.context_of(loop_of(request), view, told, chosen, typed, errors, error)
    here = {"layout": "partner_work_base.html", "href": LISTED, "answers": f"{LISTED}/{line.id}/answers"}
    status = error.status if error else 422 if errors else 200
    return staff_page(request, "answer_referral.html", {**shown, **here}, status)


def _shut(line: Line) -> dict[str, Any]:
    return {"line": line, "standing": STANDING[line.state], "key": new_key(), "href": LISTED}


ROUTES = (
    Route(LISTED, listed, methods=["GET"]),
    Route(f"{LISTED}/{{referral}}", letter_page, methods=["GET"]),
    Route(f"{LISTED}/{{referral}}/open", open_, methods=["POST"]),
    Route(f"{LISTED}/{{referral}}/answers/{{reply}}", reply, methods=["POST"]),
)
