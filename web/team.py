"""The team's page for supervisors: how much waits for whom, who is away and who covers, cases given to a colleague."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import NotFound, WaymarkError
from directory.referrals import cover, team, work_done
from directory.referrals.loop import new_key
from directory.referrals.team import Member
from directory.referrals.work_done import Item
from web import work_page, worklist
from web.auth import staff, staff_page
from web.facets import pages_of
from web.forms import FieldError, read_form
from web.loop_forms import ask_of, day, done, field_errors, loop_of, path_id, texts, who
from web.work_lists import NOBODY, PAGE, over_words

DONE = {"away": "It is kept: what waits for them stands in their colleague’s list too.", "back": "They are back."}


@staff("cases.supervise")
async def listed(request: Request) -> Response:
    """GET /staff/team: each worker's share, as figures."""
    return await _page(request)


@staff("cases.supervise")
async def away(request: Request) -> Response:
    """POST /staff/team/{account_id}/away: until which day, and who covers."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "account_id")
    ask = ask_of(request, form)

    def do() -> None:
        cover.away(loop, ask, own, day(form.get("until", ""), "until"), form.get("by", ""))

    _, error = await done(do)
    return await _page(request, own, form, error) if error else _to("/staff/team", "away")


@staff("cases.supervise")
async def back(request: Request) -> Response:
    """POST /staff/team/{account_id}/back: the cover ends."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "account_id")
    ask = ask_of(request, form)
    _, error = await done(lambda: cover.back(loop, ask, own))
    return await _page(request, own, form, error) if error else _to("/staff/team", "back")


@staff("cases.supervise")
async def member(request: Request) -> Response:
    """GET /staff/team/{account_id}: the open cases that somebody leads; "nobody" for those that nobody does."""
    return await _member(request)


@staff("cases.supervise")
async def give(request: Request) -> Response:
    """POST /staff/team/{account_id}/give: the cases ticked go to a colleague, each a write of its own."""
    answer = await worklist.read_several(request, work_done.ASSIGN)
    if answer.failed or answer.wrong:
        return await _member(request, answer)
    return _to(f"/staff/team/{request.path_params['account_id']}", work_done.ASSIGN, len(answer.items))


async def _page(
    request: Request, own: str = "", form: dict[str, str] | None = None, error: WaymarkError | None = None
) -> Response:
    loop, asking = loop_of(request), who(request)
    now = loop.clock()

    def read() -> tuple[Member, ...]:
        with loop.database.reading() as session:
            return team.members(session, loop.policy, now, asking)

    found = await run_in_threadpool(read)
    errors = [FieldError(f"{each.field}-{own}", each.message) for each in field_errors(error, "until")]
    context = {
        "members": found,
        "oldest": {each.account_id: over_words(loop.policy, each.oldest, now) for each in found if each.oldest},
        "nobody": NOBODY,
        "names": {each.account_id: each.name for each in found},
        "today": now.date(),
        "values": {f"{name}-{own}": value for name, value in (form or {}).items()},
        "key": new_key(),
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_team.html", context, error.status if error else 200)


async def _member(request: Request, again: worklist.Several | None = None) -> Response:
    loop, asking, asked = loop_of(request), who(request), request.path_params["account_id"]
    own = "" if asked == NOBODY else path_id(request, "account_id")
    typed = request.query_params.get("page", "1")
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1

    def read() -> tuple[dict[str, str], Sequence[tuple[str, str, date, int]]]:
        with loop.database.reading() as session:
            return cover.workers(session), team.open_cases(session, asking, own)

    names, cases = await run_in_threadpool(read)
    if own not in ("", *names):
        raise NotFound("There is no such worker.", "Look at the team again.")
    last = max(1, -(-len(cases) // PAGE))
    page = max(1, min(wanted, last))
    rows = [
        (number, Item(0, version, case_id), case_id, reference, opened_at)
        for number, (case_id, reference, opened_at, version) in enumerate(cases[(page - 1) * PAGE : page * PAGE], 1)
    ]
    still = {item.about: (number, reference) for number, item, _, reference, _ in rows}
    errors = list(again.wrong) if again else []
    for item, why in again.failed if again else ():
        number, reference = still.get(item.about, (0, ""))
        errors.append(FieldError(f"tick-{number}" if number else "team", f"{reference or 'A case'}: {why}"))
    context: dict[str, Any] = {
        "account_id": asked,
        "name": names.get(own, ""),
        "rows": rows,
        "total": len(cases),
        "pagination": pages_of(page, last, lambda number: f"/staff/team/{asked}?page={number}", "Pages of cases"),
        "colleagues": [
            {"value": "", "text": "Choose"},
            *({"value": o, "text": n} for o, n in names.items() if o != own),
        ],
        "ticked": again.ticked if again else frozenset(),
        "to": again.to if again else "",
        "key": new_key(),
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "done": again.told if again else work_page.said(request),
    }
    return staff_page(request, "staff_team_member.html", context, again.status if again else 200)


def _to(address: str, what: str, count: int = 1) -> Response:
    return RedirectResponse(f"{address}?done={what}&n={count}", status_code=303)


ROUTES = (
    Route("/staff/team", listed, methods=["GET"]),
    Route("/staff/team/{account_id}", member, methods=["GET"]),
    Route("/staff/team/{account_id}/away", away, methods=["POST"]),
    Route("/staff/team/{account_id}/back", back, methods=["POST"]),
    Route("/staff/team/{account_id}/give", give, methods=["POST"]),
)
