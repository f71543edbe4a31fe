"""The staff's pages of hand-ins: news of a person from an agency, a school or themselves, taken up into a case."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, WaymarkError
from directory.referrals import case_lists, hand_ins
from directory.referrals.hand_ins import News
from directory.referrals.loop import Answer, new_key
from directory.referrals.tables import HandIn
from web.auth import staff, staff_page
from web.forms import read_form
from web.loop_forms import ask_of, done, field_errors, items, local, loop_of, moment, path_id, texts, who

DONE = {"kept": "It is kept. The agency is told this reference and no other: ", "returned": "It is returned."}


@staff("cases.work")
async def listed(request: Request) -> Response:
    """GET /staff/hand-ins: what nobody has taken up yet, and the form for a new one."""
    return await _page(request, {}, None)


@staff("cases.work")
async def receive(request: Request) -> Response:
    """POST /staff/hand-ins: keeps one."""
    form, loop = texts(await read_form(request)), loop_of(request)
    ask = ask_of(request, form)

    def do() -> Answer:
        news = News(
            form.get("agency", ""), form.get("how", ""), form.get("summary", ""), form.get("agency_reference", ""),
            moment(form.get("received_at", ""), "received_at"),
        )  # fmt: skip
        return hand_ins.receive(loop, ask, news)

    answer, error = await done(do)
    if answer is None:
        return await _page(request, form, error)
    return RedirectResponse(f"/staff/hand-ins/{answer['id']}", status_code=303)


@staff("cases.work")
async def hand_in(request: Request) -> Response:
    """GET /staff/hand-ins/{hand_in_id}: one in clear; the look is written down."""
    return await _one(request, {}, None)


@staff("cases.work")
async def take(request: Request) -> Response:
    """POST …/take: opens a case from it, or puts it to the case whose reference is given."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "hand_in_id")
    ask, asking = ask_of(request, form), who(request)

    def do() -> str:
        found = case_lists.search(loop, asking, form.get("reference", ""))
        if len(found) != 1:
            raise BadInput("No case has this reference.", "Check it, or open a case.", "reference")
        hand_ins.take_to(loop, ask, own, found[0].id)
        return found[0].id

    case_id, error = await done(do)
    return await _one(request, form, error) if error else RedirectResponse(f"/staff/cases/{case_id}", status_code=303)


@staff("cases.work")
async def give_back(request: Request) -> Response:
    """POST …/return: returned to who handed it in."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "hand_in_id")
    ask = ask_of(request, form)
    _, error = await done(lambda: hand_ins.give_back(loop, ask, own, form.get("because", "")))
    return await _one(request, form, error) if error else RedirectResponse("/staff/hand-ins?done=returned", 303)


async def _page(request: Request, values: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop = loop_of(request)

    def read() -> list[HandIn]:
        with loop.database.reading() as session:
            return hand_ins.waiting(session)

    errors = field_errors(error, "summary")
    context = {
        "waiting": await run_in_threadpool(read),
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "agencies": items("agency"),
        "hows": items("hand_in_how"),
        "agency": {item["value"]: item["text"] for item in items("agency")},
        "key": new_key(),
        "done": DONE.get(request.query_params.get("done", ""), ""),
        "local": local,
    }
    return staff_page(request, "staff_hand_ins.html", context, error.status if error else 200)


async def _one(request: Request, values: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop, own, asking = loop_of(request), path_id(request, "hand_in_id"), who(request)
    found = await run_in_threadpool(hand_ins.read, loop, asking, own)
    errors = field_errors(error, "reference")
    context = {
        "found": found,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "agency": {item["value"]: item["text"] for item in items("agency")},
        "becauses": items("hand_in_returned"),
        "key": new_key(),
        "local": local,
    }
    return staff_page(request, "staff_hand_in.html", context, error.status if error else 200)


ROUTES = (
    Route("/staff/hand-ins", listed, methods=["GET"]),
    Route("/staff/hand-ins", receive, methods=["POST"]),
    Route("/staff/hand-ins/{hand_in_id}", hand_in, methods=["GET"]),
    Route("/staff/hand-ins/{hand_in_id}/take", take, methods=["POST"]),
    Route("/staff/hand-ins/{hand_in_id}/return", give_back, methods=["POST"]),
)
