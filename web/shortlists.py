"""The services for a need as the matcher ranks them now, and the short list that a worker makes of them."""

from collections.abc import Callable, Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import WaymarkError
from directory.referrals import shortlists
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, new_key
from web import case_actions, case_matches, wording
from web.auth import staff, staff_page
from web.forms import read_form
from web.loop_forms import ask_of, done, field_errors, loop_of, path_id, texts, who

Change = Callable[[Loop, Ask, str, str, str], Answer]
CASE = "case"


@staff("cases.work")
async def matches(request: Request) -> Response:
    """GET /staff/cases/{case_id}/needs/{need_id}: services for this need, and its short list."""
    return await _page(request, path_id(request, "need_id"), None)


@staff("cases.work")
async def add(request: Request) -> Response:
    """POST /staff/cases/{case_id}/shortlist: one service more, at the end."""
    return await _changed(request, shortlists.add, "shortlisted")


@staff("cases.work")
async def remove(request: Request) -> Response:
    """POST /staff/cases/{case_id}/shortlist/remove: one service less."""
    return await _changed(request, shortlists.remove, "taken-off")


async def _changed(request: Request, change: Change, told: str) -> Response:
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "case_id")
    ask, need_id, service_id = (
        ask_of(request, {**form, "version": ""}),
        form.get("need_id", ""),
        form.get("service_id", ""),
    )
    answer, error = await done(lambda: change(loop, ask, own, need_id, service_id))
    if answer is None:
        return await _page(request, need_id, error)
    if form.get("back") == CASE:
        return RedirectResponse(f"/staff/cases/{own}?done={told}", status_code=303)
    return RedirectResponse(f"/staff/cases/{own}/needs/{need_id}?done={told}#s-{answer['service_id']}", status_code=303)


async def not_told(request: Request, form: Mapping[str, str], error: WaymarkError) -> Response:
    """The page again, where what was typed about telling the person of a service had a mistake."""
    return await _page(request, form.get("need_id", ""), error, form)


async def _page(
    request: Request, need_id: str, error: WaymarkError | None, form: Mapping[str, str] | None = None
) -> Response:
    loop, own, asking = loop_of(request), path_id(request, "case_id"), who(request)
    found = await run_in_threadpool(case_matches.read, loop, asking, own, need_id)
    context = {
        "found": found,
        "on_list": frozenset(each.service_id for each in found.listed),
        "most": shortlists.MOST,
        "key": new_key(),
        "need": wording.term("need", found.need.need),
        "errors": field_errors(error, "services"),
        "told": form or {},
        "done": case_actions.DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    return staff_page(request, "staff_case_matches.html", context, error.status if error else 200)


ROUTES = (
    Route("/staff/cases/{case_id}/needs/{need_id}", matches, methods=["GET"]),
    Route("/staff/cases/{case_id}/shortlist", add, methods=["POST"]),
    Route("/staff/cases/{case_id}/shortlist/remove", remove, methods=["POST"]),
)
