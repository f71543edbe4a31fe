"""The staff's page of one run: its report, and for a run that waits what it would change, to accept or to reject."""

from typing import Any

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import listing, requests, runs, sources
from directory.feeds.requests import ON_A_RUN, Action
from directory.feeds.tables import IngestRun
from web import run_words
from web.auth import staff, staff_page
from web.editor_lists import names
from web.field_words import field_words
from web.forms import FieldError, read_form, runtime_of

DONE = {"asked": "It is decided: the next worker does it."}
VERBS = {Action.ACCEPT: "accepted", Action.REJECT: "rejected"}


@staff("sources.view")
async def run_page(request: Request) -> Response:
    """GET /staff/sources/{source}/runs/{run}: what a run did, or would do."""
    return await _page(request, [])


@staff("sources.edit")
async def decide(request: Request) -> Response:
    """POST …/decide: accepts or rejects a run that waits. Of two people the second is told of the first."""
    action = str((await read_form(request)).get("action", ""))
    try:
        if action not in ON_A_RUN:
            raise BadInput("Choose one of the buttons.", "Nothing was decided.")
        await run_in_threadpool(_decided, request, Action(action))
    except (BadInput, Conflict) as error:
        return await _page(request, [FieldError("decide", str(error))], error.status)
    return RedirectResponse(f"{request.url.path.removesuffix('/decide')}?done=asked", status_code=303)


def _decided(request: Request, action: Action) -> None:
    runtime, (source_id, run_id) = runtime_of(request), _asked(request)
    people = names(runtime)
    with runtime.database.session() as session:
        session.scalar(select(IngestRun.id).where(IngestRun.id == run_id).with_for_update())  # one decides at a time
        for each in requests.waiting(session):
            if each.run_id == run_id and (each.action, each.made_by) != (action, request.state.user.id):
                who = people.get(each.made_by, "Somebody")
                said = f"{who} has {VERBS[each.action]} this run already."
                raise Conflict(said, "The next worker does that; nothing of yours was saved.")
        requests.ask(session, source_id, action, request.state.user.id, runtime.clock(), run_id=run_id)


async def _page(request: Request, errors: list[FieldError], status: int = 200) -> Response:
    runtime = runtime_of(request)
    found = await run_in_threadpool(_read, request)
    context = {
        **found,
        "href": f"/staff/sources/{found['source'].id}",
        "people": await run_in_threadpool(names, runtime),
        "may_edit": policy.may(request.state.user, "sources.edit"),
        "state_words": run_words.STATES,
        "request_words": run_words.REQUESTS,
        "figures": run_words.FIGURES,
        "by": run_words.by,
        "took": run_words.took,
        "field": field_words,
        "errors": errors,
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_source_run.html", context, status)


def _read(request: Request) -> dict[str, Any]:
    source_id, run_id = _asked(request)
    with runtime_of(request).database.reading() as session:
        source = sources.get(session, source_id)
        run = runs.get(session, run_id)
        if run.source_id != source_id:
            raise NotFound(f"There is no run {run_id} of this source.", "Its page lists its runs.")
        asked = [each for each in requests.recent(session, source_id, 50) if each.run_id == run_id]
        return {
            "source": source,
            "run": run,
            "waiting": [each for each in asked if each.done_at is None],
            "answered": [each for each in asked if each.done_at is not None],
            "unlisted": listing.unlisted_by(session, run_id),
        }


def _asked(request: Request) -> tuple[str, int]:
    """The source and the run of the address. Raises NotFound."""
    source_id, number = request.path_params["source"], request.path_params["run"]
    if not sources.ID.fullmatch(source_id) or not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound("There is no such run.", "The page of a source lists its runs.")
    return source_id, int(number)


RUN = "/staff/sources/{source}/runs/{run}"
ROUTES = (
    Route(RUN, run_page, methods=["GET"]),
    Route(f"{RUN}/decide", decide, methods=["POST"]),
)
