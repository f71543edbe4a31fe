"""A partner's people, for its owners: who belongs to it, who is asked to, other roles, and somebody who leaves."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, Conflict, Forbidden, NotFound, WaymarkError
from directory.partners import invitations, members, team
from directory.partners.members import GONE, OWNER, ROLES, Membership
from directory.partners.team import Person
from directory.referrals.loop import Answer, new_key
from web.forms import FieldError, read_form
from web.loop_forms import ask_of, done, loop_of, path_id, texts
from web.partner_work import HOME, mistaken_page, work, work_page

TEAM = f"{HOME}/team"
DONE = {
    "invited": "A letter is on its way to them. They set up their own account with it.",
    "role": "It is changed. They are signed out everywhere.",
    "leave": "They have no way in any more.",
}


@work
async def own_team(request: Request) -> Response:
    """GET /partners/work/team: on to the people of one's partner; a choice for owners of several."""
    loop = loop_of(request)

    def read() -> list[Membership]:
        with loop.database.reading() as session:
            return [each for each in members.partners_of(session, request.state.user.id) if each.role == OWNER]

    owned = await run_in_threadpool(read)
    if not owned:
        raise Forbidden("Your part here does not allow this.", "Ask an owner of your organisation.")
    if len(owned) == 1:
        return RedirectResponse(f"{TEAM}/{owned[0].partner_id}", status_code=303)
    return work_page(request, "partner_teams.html", {"owned": owned, "href": TEAM})


@work
async def team_page(request: Request) -> Response:
    """GET /partners/work/team/{partner_id}: its people and invitations."""
    return await _page(request, path_id(request, "partner_id"), {}, None)


@work
async def invite(request: Request) -> Response:
    """POST /partners/work/team/{partner_id}: asks somebody to join."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "partner_id")
    ask = ask_of(request, form)
    _, error = await done(lambda: invitations.invite(loop, ask, own, form.get("email", ""), form.get("role", "")))
    return await _page(request, own, form, error) if error else _to(own, "invited")


@work
async def act(request: Request) -> Response:
    """POST /partners/work/team/{partner_id}/people/{member_id}/{act}: `role`, or `leave`."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "partner_id")
    ask, member_id, what = ask_of(request, form), path_id(request, "member_id"), request.path_params["act"]

    def do() -> Answer:
        if what == "role":
            return team.change_role(loop, ask, member_id, form.get("role", ""))
        if form.get("sure") != "yes":
            raise BadInput("Nothing was changed: say first that they leave.", "Tick the box.", "sure")
        return team.leave(loop, ask, member_id)

    if what not in ("role", "leave"):
        raise NotFound(*GONE)
    _, error = await done(do)
    if error is not None:
        return await _page(request, own, {**form, "member": member_id, "act": what}, error)
    return _to(own, what)


async def _page(request: Request, own: str, form: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop, user = loop_of(request), request.state.user
    if isinstance(error, Forbidden):
        raise error

    def read() -> tuple[Membership, list[Person]]:
        with loop.database.reading() as session:
            return members.of_partner(session, user.id, own), team.listed(session, loop, user.id, own)

    membership, people = await run_in_threadpool(read)
    context = {
        "partner": membership,
        "people": people,
        "roles": ROLES,
        "values": form if error is not None else {},
        "key": new_key(),
        "href": f"{TEAM}/{own}",
        "done": DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    member_id, what = form.get("member", ""), form.get("act", "")
    if member_id and error is not None:  # beside the person it is about
        said = "sure" if what == "leave" and not isinstance(error, Conflict) else "role"
        at = [FieldError(f"{said}-{member_id}", str(error))]
        return mistaken_page(request, "partner_team.html", context, at, error.status)
    return work_page(request, "partner_team.html", context, error, otherwise="email")


def _to(own: str, told: str) -> Response:
    return RedirectResponse(f"{TEAM}/{own}?done={told}", status_code=303)


ROUTES = (
    Route(TEAM, own_team, methods=["GET"]),
    Route(f"{TEAM}/{{partner_id}}", team_page, methods=["GET"]),
    Route(f"{TEAM}/{{partner_id}}", invite, methods=["POST"]),
    Route(f"{TEAM}/{{partner_id}}/people/{{member_id}}/{{act}}", act, methods=["POST"]),
)
