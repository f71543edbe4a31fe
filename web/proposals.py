"""What waits for a second person: the lists, each proposal field by field, and the buttons that decide."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.editing import proposal_views, proposals
from directory.editing.proposal_views import Line, ProposalView
from directory.editing.proposals import STAFF, Proposer
from directory.errors import BadInput, Conflict, NotFound
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError, read_form, runtime_of

NUMBER = re.compile(r"[1-9][0-9]{0,8}")
DONE = {
    "sent": "It waits for a second person now.",
    "approved": "It is approved, and everybody sees it within seconds.",
    "rejected": "It is turned down. Who proposed it reads why.",
    "withdrawn": "You took it back.",
}
STATES = {
    "waiting": ("Waits for a second person", "warn"),
    "approved": ("Approved", "good"),
    "rejected": ("Turned down", "late"),
    "withdrawn": ("Taken back", "quiet"),
    "outdated": ("Outdated", "quiet"),
}


@staff("services.view")
async def listed(request: Request) -> Response:
    """GET /staff/proposals: what waits, what one proposed oneself, and what was decided."""
    runtime, who = runtime_of(request), _who(request)

    def read() -> tuple[tuple[Line, ...], tuple[Line, ...], tuple[Line, ...]]:
        with runtime.database.reading() as session:
            waiting, mine = proposal_views.waiting(session), proposal_views.mine(session, who)
            return waiting, mine, proposal_views.decided(session)

    waiting, mine, decided = await run_in_threadpool(read)
    parts = {"waiting": waiting, "mine": mine, "decided": decided}
    shown = request.query_params.get("show", "waiting")
    context = {
        "parts": parts,
        "shown": shown if shown in parts else "waiting",
        "states": STATES,
        "me": request.state.user.id,
        "may_approve": policy.may(request.state.user, "services.approve"),
        "people": await run_in_threadpool(names, runtime),
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return staff_page(request, "staff_proposals.html", context)


@staff("services.view")
async def proposal(request: Request) -> Response:
    """GET /staff/proposals/{number}: old, new and, when the record has moved, what it says by now."""
    return await _page(request, [])


@staff("services.approve")
async def approve(request: Request) -> Response:
    """POST …/approve: by another person than who proposed it, of just what they saw."""
    seen = str((await read_form(request)).get("seen", ""))
    return await _decided(request, "approved", partial(proposals.approve, seen=seen))


@staff("services.approve")
async def reject(request: Request) -> Response:
    """POST …/reject: with a reason."""
    reason = str((await read_form(request)).get("reason", ""))
    return await _decided(request, "rejected", partial(proposals.reject, reason=reason))


@staff("services.edit")
async def withdraw(request: Request) -> Response:
    """POST …/withdraw: one's own."""
    await read_form(request)
    return await _decided(request, "withdrawn", proposals.withdraw)


async def _decided(request: Request, done: str, decide: Callable[..., None]) -> Response:
    runtime, number = runtime_of(request), _number(request)

    def do() -> None:
        with runtime.database.session() as session:
            decide(session, number, who=_who(request), at=runtime.clock())

    try:
        await run_in_threadpool(do)
    except (BadInput, Conflict) as error:
        field = error.field if isinstance(error, BadInput) and error.field == "reason" else "decide"
        return await _page(request, [FieldError(field, str(error))], error.status)
    return RedirectResponse(f"/staff/proposals/{number}?done={done}", status_code=303)


async def _page(request: Request, errors: list[FieldError], status: int = 200) -> Response:
    runtime, number = runtime_of(request), _number(request)

    def read() -> ProposalView:
        with runtime.database.reading() as session:
            return proposal_views.view(session, number)

    found = await run_in_threadpool(read)
    user = request.state.user
    context: dict[str, Any] = {
        "found": found,
        "line": found.line,
        "href": f"/staff/proposals/{number}",
        "states": STATES,
        "own": found.line.by == user.id,
        "may_approve": policy.may(user, "services.approve"),
        "people": await run_in_threadpool(names, runtime),
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_proposal.html", context, status)


def _who(request: Request) -> Proposer:
    return Proposer(request.state.user.id, STAFF)


def _number(request: Request) -> int:
    asked: str = request.path_params["number"]
    if not NUMBER.fullmatch(asked):
        raise NotFound("There is no such proposal.", "Look at the list of what waits.")
    return int(asked)


ROUTES = (
    Route("/staff/proposals", listed, methods=["GET"]),
    Route("/staff/proposals/{number}", proposal, methods=["GET"]),
    Route("/staff/proposals/{number}/approve", approve, methods=["POST"]),
    Route("/staff/proposals/{number}/reject", reject, methods=["POST"]),
    Route("/staff/proposals/{number}/withdraw", withdraw, methods=["POST"]),
)
