"""The liaison's pages: what was asked of each agency and when next contact is due. Codes only, and no case."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import WaymarkError
from directory.referrals import agencies, codes
from directory.referrals.agencies import Update
from directory.referrals.loop import Answer, new_key
from web.auth import staff, staff_page
from web.forms import read_form
from web.loop_forms import ask_of, done, field_errors, items, loop_of, texts, who, whole_day


@staff("agency.work")
async def listed(request: Request) -> Response:
    """GET /staff/agencies: every reference of ours that an agency was given."""
    loop, asking = loop_of(request), who(request)
    lines = await run_in_threadpool(agencies.listed, loop, asking)
    return staff_page(request, "staff_agencies.html", {"lines": lines, "label": codes.label})


@staff("agency.work")
async def reference(request: Request) -> Response:
    """GET /staff/agencies/{ours}: one of them, with the agency's own reference."""
    return await _page(request, {}, None)


@staff("agency.work")
async def update(request: Request) -> Response:
    """POST …: that they were asked, have it, have answered, or when next contact is due."""
    form, loop, ours = texts(await read_form(request)), loop_of(request), request.path_params["ours"]
    ask = ask_of(request, form)

    def do() -> Answer:
        line = Update(form.get("update", ""), form.get("by_whom", ""), whole_day(form.get("on", ""), "on"))
        return agencies.update(loop, ask, ours, line)

    _, error = await done(do)
    return await _page(request, form, error) if error else RedirectResponse(request.url.path, status_code=303)


async def _page(request: Request, values: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop, asking = loop_of(request), who(request)
    line = await run_in_threadpool(agencies.read, loop, asking, request.path_params["ours"])
    errors = field_errors(error, "update")
    context = {
        "line": line,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "updates": items("agency_update"),
        "roles": items("agency_role"),
        "label": codes.label,
        "key": new_key(),
    }
    return staff_page(request, "staff_agency.html", context, error.status if error else 200)


ROUTES = (
    Route("/staff/agencies", listed, methods=["GET"]),
    Route("/staff/agencies/{ours}", reference, methods=["GET"]),
    Route("/staff/agencies/{ours}", update, methods=["POST"]),
)
