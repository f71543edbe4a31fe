"""The pages of a partner's people with an account and its second factor: their services, and what waits."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.editing.proposal_views import Line
from directory.errors import WaymarkError
from directory.partners import edits, members
from directory.partners.members import ANSWERS, EDITS, OWNER, ROLES, Membership, OwnService
from web.auth import PARTNER_HOME, staff, staff_page
from web.forms import FieldError
from web.loop_forms import field_errors, loop_of

HOME = PARTNER_HOME
work = staff("partner.work")
"""Wraps every page under /partners/work; whose partner it is, and in which role, each asks anew (`members`)."""
STATES = {
    "waiting": ("Waits for us", "warn"),
    "approved": ("Agreed", "good"),
    "rejected": ("Not agreed", "late"),
    "withdrawn": ("Taken back", "quiet"),
    "outdated": ("Outdated", "quiet"),
}
DONE = {"withdrawn": "You took it back.", "joined": "Welcome. These are your pages."}


@work
async def home(request: Request) -> Response:
    """GET /partners/work: one's own services, what one may do with each, and what came of one's changes."""
    loop, own = loop_of(request), request.state.user.id

    def read() -> tuple[list[Membership], list[OwnService], tuple[Line, ...]]:
        with loop.database.reading() as session:
            belongs = members.partners_of(session, own)
            return belongs, members.services_of(session, own), edits.own_proposals(session, own)

    belongs, services, mine = await run_in_threadpool(read)
    context = {
        "belongs": belongs,
        "services": services,
        "mine": mine,
        "states": STATES,
        "roles": ROLES,
        "edits": EDITS,
        "answers": ANSWERS,
        "owner": OWNER,
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return staff_page(request, "partner_work.html", context)


def work_page(
    request: Request, template: str, context: Mapping[str, Any], error: WaymarkError | None = None, otherwise: str = ""
) -> Response:
    """A page for a template that extends partner_work_base.html; an error stands at its field, or at `otherwise`."""
    return mistaken_page(request, template, context, field_errors(error, otherwise), error.status if error else 200)


def mistaken_page(
    request: Request, template: str, context: Mapping[str, Any], errors: list[FieldError], status: int
) -> Response:
    """The same, with mistakes that are laid at their fields already."""
    shown = {"errors": errors, "error_by_field": {each.field: each.message for each in errors}}
    return staff_page(request, template, {**context, **shown}, status)


ROUTES = (Route(HOME, home, methods=["GET"]),)
