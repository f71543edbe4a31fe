"""Pages of somebody who has proved a mailbox: what is theirs here, what a registration still needs, and its sending."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, NotFound, WaymarkError
from directory.partners import claims, invitations, members, referral_mailbox, registrations
from directory.partners.completeness import Lack
from directory.partners.doors import Inside
from directory.partners.registrations import Kept
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, new_key
from web import partner_tasks
from web.forms import read_form
from web.loop_forms import done, field_errors, loop_of, texts
from web.partner_door import ask_of, is_id, partner, partner_page
from web.partner_likeness import alike
from web.partner_tasks import DONE, STATES

Form = Mapping[str, str]
SURE = "sure"
CHECK = "partner_check.html"


def withdraw(loop: Loop, ask: Ask, inside: Inside, own_id: str, form: Form) -> Answer:
    if form.get(SURE) != "yes":
        raise BadInput("Nothing was withdrawn.", "Tick the box first if you are sure.", SURE)
    return registrations.withdraw(loop, ask, inside, own_id)


DO: Mapping[str, Callable[[Loop, Ask, Inside, str, Form], Answer]] = {
    "submit": lambda loop, ask, inside, own_id, _: registrations.submit(loop, ask, inside, own_id),
    "take_back": lambda loop, ask, inside, own_id, _: registrations.take_back(loop, ask, inside, own_id),
    "withdraw": withdraw,
}


@partner
async def mine(request: Request) -> Response:
    """GET /partners/mine: own registrations, own services, and a new registration."""
    loop, inside, claim = loop_of(request), request.state.inside, request.query_params.get("claim", "")

    def read() -> dict[str, Any]:
        with loop.database.reading() as session:
            return {
                "registrations": registrations.own(session, loop, inside),
                "services": members.services_of(session, inside),
                "edits": members.EDITS,
                "invitations": invitations.waiting(session, loop, inside),
                "claim": claims.claimable(session, claim if is_id(claim) else ""),
            }

    shared = {"states": STATES, "key": new_key(), "done": DONE.get(request.query_params.get("done", ""), "")}
    return partner_page(request, "partner_mine.html", {**shared, **await run_in_threadpool(read)})


@partner
async def begin(request: Request) -> Response:
    """POST /partners/registrations: a new registration; `claim`: of a service here that they say is theirs."""
    form, loop, inside = texts(await read_form(request)), loop_of(request), request.state.inside
    ask = ask_of(request, form)

    def do() -> Answer:
        claimed = form.get("claim", "")
        if claimed:
            with loop.database.reading() as session:
                found = claims.claimable(session, claimed if is_id(claimed) else "")
            if found is None:
                raise NotFound("There is no such service here.", "Register it as a new one.")
            claimed = found.id
        return registrations.begin(loop, ask, inside, claimed)

    answer = await run_in_threadpool(do)
    return RedirectResponse(f"/partners/registrations/{answer['id']}", status_code=303)


@partner
async def registration_page(request: Request) -> Response:
    """GET /partners/registrations/{registration_id}: the list of what is to do, or how it stands."""
    return await _page(request, "partner_registration.html")


@partner
async def check_page(request: Request) -> Response:
    """GET …/check: everything once more, each with the way to change it; then the one button that sends it."""
    return await _page(request, CHECK)


@partner
async def act(request: Request) -> Response:
    """POST …/do/{action}: sent in, taken back, withdrawn."""
    form, loop, own = texts(await read_form(request)), loop_of(request), own_id(request)
    action, inside = request.path_params["action"], request.state.inside
    if action not in DO:
        raise NotFound("That cannot be done here.", "Look at your own list.")
    ask = ask_of(request, form)
    _, error = await done(lambda: DO[action](loop, ask, inside, own, form))
    if error is not None:
        return await _page(request, CHECK if action == "submit" else "partner_registration.html", error)
    path = "/partners/mine" if action == "withdraw" else f"/partners/registrations/{own}"
    return RedirectResponse(f"{path}?done={action}", status_code=303)


async def _page(request: Request, template: str, error: WaymarkError | None = None) -> Response:
    kept, lacks = await run_in_threadpool(opened, request)
    second_waits = await run_in_threadpool(is_second_waiting, request)
    may_look = template == CHECK and kept.state in registrations.OPEN
    likely = [(service, await alike(request, kept, service.own)) for service in kept.answers.services if may_look]
    errors = field_errors(error, "main-content")
    context = {
        "kept": kept,
        "href": f"/partners/registrations/{kept.id}",
        "lacks": partner_tasks.linked(kept, lacks),
        "rows": partner_tasks.rows(kept, lacks),
        "services": partner_tasks.services(kept),
        "likely": {service.own: found for service, found in likely if found},
        "state": STATES[kept.state],
        "is_open": kept.state in registrations.OPEN,
        "second_waits": second_waits,
        "key": new_key(),
        "done": "" if errors else DONE.get(request.query_params.get("done", ""), ""),
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "most": loop_of(request).policy.number("partners", "most_services"),
        "days": loop_of(request).policy.number("partners", "draft_days"),
    }
    return partner_page(request, template, context, error.status if error else 200)


def opened(request: Request) -> tuple[Kept, tuple[Lack, ...]]:
    """The registration of this address, and what it lacks. Raises NotFound, for another's too."""
    loop, inside, own = loop_of(request), request.state.inside, own_id(request)
    with loop.database.reading() as session:
        kept = registrations.found(session, loop, inside, own)
        return kept, registrations.lacks(session, loop, inside, own)


def is_second_waiting(request: Request) -> bool:
    """Whether its second mailbox is written and not proved. Raises NotFound."""
    loop, inside, own = loop_of(request), request.state.inside, own_id(request)
    with loop.database.reading() as session:
        return referral_mailbox.second_waits(session, loop, inside, own)


def own_id(request: Request) -> str:
    """The id of the address. Raises NotFound for what is none."""
    own: str = request.path_params["registration_id"]
    if not is_id(own):
        raise NotFound(*registrations.GONE)
    return own


ROUTES = (
    Route("/partners/mine", mine, methods=["GET"]),
    Route("/partners/registrations", begin, methods=["POST"]),
    Route("/partners/registrations/{registration_id}", registration_page, methods=["GET"]),
    Route("/partners/registrations/{registration_id}/check", check_page, methods=["GET"]),
    Route("/partners/registrations/{registration_id}/do/{action}", act, methods=["POST"]),
)
