"""Asks a worker who is not on a case why they open it, and shows a second person who looked at others' cases."""

from datetime import date, timedelta

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from directory.errors import WaymarkError
from directory.referrals import case_access, codes, look_ups, working_time
from directory.referrals.case_rows import PurposeNeeded
from directory.referrals.loop import new_key
from web.auth import STAFF_HEADERS, staff, staff_page
from web.editor_lists import names
from web.forms import read_form
from web.guards import SAFE_METHODS
from web.loop_forms import ask_of, done, field_errors, loop_of, path_id, texts, who
from web.onward import local_path

WEEKS_BACK = 53


async def ask_why(request: Request, error: Exception) -> Response:
    """403 where a case is opened by a worker who is not on it: its reference, and the question. Nothing was done."""
    assert isinstance(error, PurposeNeeded)
    accept = request.headers.get("accept", "")
    if "application/json" in accept and "text/html" not in accept:
        return JSONResponse({"error": error.message, "advice": error.advice}, error.status, headers=STAFF_HEADERS)
    read = request.method in SAFE_METHODS
    onward = request.url.path if read else f"/staff/cases/{error.case_id}"
    return _question(request, error, {"next": onward}, None, lost=not read)


@staff("cases.work")
async def say_why(request: Request) -> Response:
    """POST /staff/cases/{case_id}/why: keeps the reason and goes on to what was asked for."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "case_id")
    ask = ask_of(request, form)
    _, error = await done(lambda: case_access.say_why(loop, ask, own, form.get("purpose", ""), form.get("line", "")))
    if error is None:
        onward = local_path(form.get("next", ""))
        return RedirectResponse(onward if onward.startswith("/staff/") else f"/staff/cases/{own}", status_code=303)
    asked = await run_in_threadpool(case_access.asked_about, loop, ask.who, own)
    return _question(request, asked, form, error)


@staff("lookups.view")
async def looked(request: Request) -> Response:
    """GET /staff/look-ups?week=2026-11-16: who looked at cases that are not theirs in that week, and why."""
    loop, asking = loop_of(request), who(request)
    today = working_time.today(loop.clock())
    day = _day(request.query_params.get("week", ""), today)
    week = await run_in_threadpool(look_ups.read, loop, asking, day)
    monday = today - timedelta(days=today.weekday())
    context = {
        "week": week,
        "until": week.monday + timedelta(days=6),
        "before": week.monday - timedelta(days=7) if monday - week.monday < timedelta(weeks=WEEKS_BACK) else None,
        "after": week.monday + timedelta(days=7) if week.monday < monday else None,
        "people": await run_in_threadpool(names, request.app.state.runtime),
        "label": codes.label,
    }
    return staff_page(request, "staff_look_ups.html", context)


def _question(
    request: Request, asked: PurposeNeeded, values: dict[str, str], error: WaymarkError | None, lost: bool = False
) -> Response:
    errors = field_errors(error, "purpose")
    context = {
        "asked": asked,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "purposes": [{"value": "", "text": "Choose"}]
        + [{"value": code, "text": label} for code, label in case_access.purposes().items()],
        "becauses": [{"value": each.code, "text": each.label} for each in codes.codes("blocked_because").values()],
        "lost": lost,
        "key": new_key(),
    }
    return staff_page(request, "staff_purpose.html", context, error.status if error else asked.status)


def _day(text: str, today: date) -> date:
    """The day asked for; last week's for nothing, and for what is no day or none of the last year."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = today
    return day if timedelta() <= today - day <= timedelta(weeks=WEEKS_BACK + 1) else today


ROUTES = (
    Route("/staff/cases/{case_id}/why", say_why, methods=["POST"]),
    Route("/staff/look-ups", looked, methods=["GET"]),
)
