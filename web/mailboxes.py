"""The staff's page of a service's referral mailbox: proposed, proved by a call and two people, replaced, removed."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.accounts.tables import utc
from directory.errors import BadInput, NotFound, WaymarkError
from directory.referrals import audit, mailboxes
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop, new_key
from directory.referrals.tables import Mailbox
from directory.tables import Organization, Service
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import read_form
from web.loop_forms import ask_of, day, done, field_errors, local, loop_of, path_id, texts, who

DONE = {
    "propose": "It is kept as a proposal. Nothing goes there before it is proved.",
    "called": "The call is kept.",
    "first": "Your approval is kept. Somebody else must approve it as well.",
    "verified": "The address is proved. Referrals go there once it may be used.",
    "remove": "It is out of use. Nothing more goes there.",
    "prove": "They are asked by mail whether it is still right.",
    "confirm": "It is kept that the address is still theirs.",
}
Do = Callable[[Loop, Ask, str, Mapping[str, str]], Answer]
PROPOSERS: Mapping[str, Do] = {
    "propose": lambda loop, ask, service, form: mailboxes.propose(
        loop, ask, service, form.get("email", ""), form.get("second", ""),
        day(form.get("terms", ""), "terms", needed=False),
    ),
    "called": lambda loop, ask, service, form: mailboxes.called_back(
        loop, ask, form.get("mailbox", ""), form.get("number_found_at", "")
    ),
    "prove": lambda loop, ask, service, form: mailboxes.prove(loop, ask, form.get("mailbox", "")),
    "confirm": lambda loop, ask, service, form: mailboxes.confirmed_by_phone(loop, ask, form.get("mailbox", "")),
}  # fmt: skip
APPROVERS: Mapping[str, Do] = {
    "approve": lambda loop, ask, service, form: mailboxes.approve(loop, ask, form.get("mailbox", "")),
    "remove": lambda loop, ask, service, form: mailboxes.remove(loop, ask, form.get("mailbox", "")),
}


@staff("mailboxes.propose")
async def mailbox_page(request: Request) -> Response:
    """GET /staff/services/{id}/mailbox: where referrals to it go, and what waits to be proved."""
    return await _page(request, {}, None)


@staff("mailboxes.propose")
async def write(request: Request) -> Response:
    """POST …/mailbox: propose an address, note the call, ask whether it is still right."""
    return await _written(request, PROPOSERS)


@staff("mailboxes.approve")
async def decide(request: Request) -> Response:
    """POST …/mailbox/decide: approve an address, or take one out of use."""
    return await _written(request, APPROVERS)


async def _written(request: Request, possible: Mapping[str, Do]) -> Response:
    form, loop, service = texts(await read_form(request)), loop_of(request), path_id(request, "service_id")
    asked, act = ask_of(request, form), form.get("act", "")

    def do() -> Answer:
        if act not in possible:
            raise BadInput("There is no such button.", "Open the page again.")
        return possible[act](loop, asked, service, form)

    answer, error = await done(do)
    if error is not None:
        return await _page(request, form, error)
    said = ("verified" if answer and answer["verified"] else "first") if act == "approve" else act
    return RedirectResponse(f"/staff/services/{service}/mailbox?done={said}", status_code=303)


async def _page(request: Request, values: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop, service_id = loop_of(request), path_id(request, "service_id")
    found = await run_in_threadpool(_read, loop, ask_of(request, {}), service_id)
    errors = field_errors(error, "mailbox")
    context = {
        **found,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
        "people": await run_in_threadpool(names, request.app.state.runtime),
        "me": who(request).id,
        "may_approve": policy.may(request.state.user, "mailboxes.approve"),
        "href": f"/staff/services/{service_id}/mailbox",
        "key": new_key(),
        "local": local,
        "stale_days": loop.policy.number("sending", "mailbox_days"),
        "new_hours": loop.policy.number("sending", "new_mailbox_hours"),
    }
    return staff_page(request, "staff_mailbox.html", context, error.status if error else 200)


def _read(loop: Loop, ask: Ask, service_id: str) -> dict[str, Any]:
    with loop.database.session() as session:
        service = session.get(Service, service_id)
        if service is None:
            raise NotFound("There is no such service in the record.", "Look it up by its name.")
        used, waits = mailboxes.current(session, service_id), mailboxes.proposed(session, service_id)
        for row in filter(None, (used, waits)):
            audit.note(session, ask.who, ask.at, "view", "mailbox", row.id, fields=("address",))
        return {
            "service": service.name,
            "organization": session.get_one(Organization, service.organization_id).name,
            "used": _shown(session, loop, used, ask),
            "waits": _shown(session, loop, waits, ask),
        }


def _shown(session: Session, loop: Loop, row: Mailbox | None, ask: Ask) -> dict[str, Any] | None:
    if row is None:
        return None
    second = mailboxes.address(loop, row, to_second=True) if row.second_sealed else ""
    return {
        "row": row,
        "address": mailboxes.address(loop, row),
        "second": second,
        "usable": row.usable_from is not None and utc(row.usable_from) <= ask.at,
        "usable_from": utc(row.usable_from) if row.usable_from else None,
        "stale": row.verified_at is not None and mailboxes.is_stale(loop, row, ask.at),
    }


ROUTES = (
    Route("/staff/services/{service_id}/mailbox", mailbox_page, methods=["GET"]),
    Route("/staff/services/{service_id}/mailbox", write, methods=["POST"]),
    Route("/staff/services/{service_id}/mailbox/decide", decide, methods=["POST"]),
)
