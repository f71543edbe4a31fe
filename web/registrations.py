"""The staff's pages of what partners registered: the queue, one registration with its checks, and what two decide."""

from collections.abc import Callable, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import BadInput, WaymarkError
from directory.partners import publishing, queue, verifying
from directory.partners.oscr import Register
from directory.partners.registrations import APPROVED, REFUSED, SUBMITTED
from directory.partners.verifying import FAILED, PASSED, Look
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, new_key
from web import registration_view
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError, read_form, runtime_of
from web.loop_forms import ask_of, done, field_errors, local, loop_of, path_id, texts

LIST = "/staff/registrations"
DONE = {
    "checked": "It is written down.",
    "first": "Your agreement is kept. Somebody else must agree as well.",
    "published": "Two of you have agreed. It is in the directory, and everybody finds it within seconds.",
    "returned": "It is sent back. They read what you wrote.",
    "refused": "It is refused. They read why.",
}
STATES = {
    SUBMITTED: ("Waits for us", "warn"),
    "returned": ("Sent back", "quiet"),
    APPROVED: ("Agreed", "good"),
    REFUSED: ("Refused", "late"),
}
RESULTS = {"yes": PASSED, "no": FAILED}
Do = Callable[[Loop, Ask, str, Mapping[str, str], Register | None], Answer]
CHECKS: Mapping[str, Do] = {
    "check": lambda loop, ask, own, form, _: verifying.note(
        loop, ask, own, form.get("kind", ""), form.get(form.get("kind", ""), ""), RESULTS.get(form.get("right", ""), "")
    ),
    "call": lambda loop, ask, own, form, _: verifying.called_back(
        loop, ask, own, form.get("number", ""), form.get("found_at", ""), RESULTS.get(form.get("result", ""), "")
    ),
}
DECISIONS: Mapping[str, Do] = {
    "approve": lambda loop, ask, own, form, register: publishing.approve(loop, ask, own, register),
    "send_back": lambda loop, ask, own, form, _: publishing.send_back(loop, ask, own, form.get("said", "")),
    "refuse": lambda loop, ask, own, form, _: publishing.refuse(loop, ask, own, form.get("said", "")),
}
"""The button's name → what it does."""


@staff("registrations.view")
async def listed(request: Request) -> Response:
    """GET /staff/registrations: what waits, what was sent back, and what was decided last."""
    return await _list(request, {}, [])


@staff("registrations.view")
async def find(request: Request) -> Response:
    """POST …/find: by the reference that somebody reads out on the phone; it stands in no address."""
    form = texts(await read_form(request))

    def look() -> str:
        with loop_of(request).database.reading() as session:
            return queue.by_reference(session, form.get("reference", "")[:40])

    own = await run_in_threadpool(look)
    if own:
        return RedirectResponse(f"{LIST}/{own}", status_code=303)
    error = FieldError("reference", "No registration that was sent in has this reference. Ask for it once more.")
    return await _list(request, form, [error], 422)


@staff("registrations.view")
async def registration(request: Request) -> Response:
    """GET /staff/registrations/{id}: all that was written, what was checked, and who has agreed."""
    return await _page(request, {}, None)


@staff("registrations.check")
async def check(request: Request) -> Response:
    """POST …/check: a call, or another check, is written down."""
    return await _written(request, CHECKS)


@staff("registrations.approve")
async def decide(request: Request) -> Response:
    """POST …/decide: agree to just what was seen, send it back, or refuse it."""
    return await _written(request, DECISIONS)


async def _written(request: Request, possible: Mapping[str, Do]) -> Response:
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "registration_id")
    asked, act, register = ask_of(request, form), form.get("act", ""), registration_view.register(request)

    def do() -> Answer:
        if act not in possible:
            raise BadInput("There is no such button.", "Open the page again.")
        return possible[act](loop, asked, own, form, register)

    answer, error = await done(do)
    if error is not None:
        return await _page(request, form, error)
    said = {"approve": "published" if answer and answer.get("published") else "first"}.get(act, _said(act))
    return RedirectResponse(LIST if act == "send_back" else f"{LIST}/{own}?done={said}", status_code=303)


def _said(act: str) -> str:
    return {"send_back": "returned", "refuse": "refused"}.get(act, "checked")


async def _list(request: Request, values: Mapping[str, str], errors: list[FieldError], status: int = 200) -> Response:
    parts = await run_in_threadpool(queue.listed, loop_of(request), ask_of(request, {}))
    context = {
        "parts": parts,
        "states": STATES,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "local": local,
    }
    return staff_page(request, "staff_registrations.html", context, status)


async def _page(request: Request, values: Mapping[str, str], error: WaymarkError | None) -> Response:
    own, user, loop = path_id(request, "registration_id"), request.state.user, loop_of(request)
    found = await run_in_threadpool(
        registration_view.read, loop, ask_of(request, {}), own, registration_view.register(request)
    )
    errors = field_errors(error, "decide")
    look: Look | None = found["look"]
    agreed = {each.by for each in look.agreed} if look else set()
    context: dict[str, Any] = {
        **found,
        "href": f"{LIST}/{own}",
        "states": STATES,
        "waits": found["kept"].state == SUBMITTED,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
        "people": await run_in_threadpool(names, runtime_of(request)),
        "may_check": policy.may(user, "registrations.check") and not found["is_own"],
        "may_decide": policy.may(user, "registrations.approve") and not found["is_own"],
        "has_agreed": user.id in agreed,
        "charity": registration_view.charity(request, found["kept"].answers.organization.charity_number),
        "may_mailbox": policy.may(user, "mailboxes.propose"),
        "new_hours": loop.policy.number("sending", "new_mailbox_hours"),
        "key": new_key(),
        "local": local,
    }
    return staff_page(request, "staff_registration.html", context, error.status if error else 200)


ROUTES = (
    Route("/staff/registrations", listed, methods=["GET"]),
    Route("/staff/registrations/find", find, methods=["POST"]),
    Route("/staff/registrations/{registration_id}", registration, methods=["GET"]),
    Route("/staff/registrations/{registration_id}/check", check, methods=["POST"]),
    Route("/staff/registrations/{registration_id}/decide", decide, methods=["POST"]),
)
