"""What partners changed at once, for staff to look at in part, and mailboxes that they proposed, still to be proved."""

import re
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, WaymarkError
from directory.partners import edits
from directory.referrals.loop import Answer, new_key
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, field_errors, loop_of, texts

PAGE = "/staff/registrations/samples"
NUMBER = re.compile(r"[1-9][0-9]{0,8}")
RESULTS = {edits.FINE: ("Fine", "good"), edits.WRONG: ("Wrong", "late")}


@staff("services.approve")
async def listed(request: Request) -> Response:
    """GET /staff/registrations/samples."""
    return await _page(request, None)


@staff("services.approve")
async def looked_at(request: Request) -> Response:
    """POST /staff/registrations/samples: `sample` is fine, or wrong and to be put right on the service's page."""
    form, loop = texts(await read_form(request)), loop_of(request)
    ask, own = ask_of(request, form), form.get("sample", "")

    def do() -> Answer:
        if not NUMBER.fullmatch(own):
            raise BadInput("That form cannot be used.", "Open the page again.")
        return edits.looked_at(loop, ask, int(own), form.get("result", ""))

    _, error = await done(do)
    return await _page(request, error) if error else RedirectResponse(f"{PAGE}?done=1", status_code=303)


async def _page(request: Request, error: WaymarkError | None) -> Response:
    runtime = runtime_of(request)

    def read() -> dict[str, Any]:
        with runtime.database.reading() as session:
            return {"samples": edits.samples(session), "mailboxes": edits.proposed_mailboxes(session)}

    errors = field_errors(error, "samples")
    context = {
        **await run_in_threadpool(read),
        "people": await run_in_threadpool(names, runtime),
        "results": RESULTS,
        "href": PAGE,
        "key": new_key,
        "errors": errors,
        "done": "It is kept." if request.query_params.get("done") and not errors else "",
    }
    return staff_page(request, "staff_edit_samples.html", context, error.status if error else 200)


ROUTES = (
    Route(PAGE, listed, methods=["GET"]),
    Route(PAGE, looked_at, methods=["POST"]),
)
