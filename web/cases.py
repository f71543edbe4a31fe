"""The staff's pages of cases: the list, finding one by name or reference, and the whole of one with its buttons."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts.tables import Account, AccountRole
from directory.errors import BadInput, WaymarkError
from directory.places import areas
from directory.referrals import (
    agreements,
    case_access,
    case_lists,
    case_view,
    codes,
    concerns,
    lifecycle,
    needs,
    safe_contacts,
    shortlists,
)
from directory.referrals.case_lists import CaseLine
from directory.referrals.case_view import CaseView
from directory.referrals.loop import Loop, new_key
from directory.referrals.shortlists import Listed
from directory.runtime import Runtime
from taxonomy import terms
from web import case_actions, case_parts, case_people, identity
from web import shortlists as shortlist_pages
from web.auth import staff, staff_page
from web.case_parts import Typed
from web.editor_lists import names
from web.forms import FieldError, read_form
from web.loop_forms import ask_of, done, field_errors, items, loop_of, path_id, texts, who

LEFT = "It is done. That case is not for you to see any more."
STATES = {"open": "open", "in_hand": "in hand", "met": "met", "resting": "rests", "ended": "ended"}
LISTS = (
    "contact_channel", "voicemail", "need_ended", "signpost_answer", "concern_about", "concern_told", "concern_ground",
    "disclosure_ground", "person_told", "category", "complaint_about", "safety_plan_because", "case_closed", "agency",
    "withdrawn_how", "age_band",
)  # fmt: skip


@staff("cases.work")
async def listed(request: Request) -> Response:
    """GET /staff/cases: the open cases this worker leads, or all they may see."""
    return await _list(request, None, "", None)


@staff("cases.work")
async def find(request: Request) -> Response:
    """POST /staff/cases/find: by name or reference; neither stands in an address."""
    words = texts(await read_form(request)).get("words", "")
    loop, asking = loop_of(request), who(request)
    found, error = await done(lambda: case_lists.search(loop, asking, words))
    return await _list(request, found, words, error)


async def _list(request: Request, found: list[CaseLine] | None, words: str, error: WaymarkError | None) -> Response:
    loop, asking = loop_of(request), who(request)
    everybody = request.query_params.get("whose") == "all"
    lead = "" if everybody else asking.id
    lines = found if found is not None else await run_in_threadpool(case_lists.listed, loop, asking, lead)
    errors = [FieldError("words", str(error))] if error else []
    context = {
        "lines": lines,
        "searched": found is not None,
        "words": words,
        "everybody": everybody,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "people": await run_in_threadpool(names, request.app.state.runtime),
        "bands": {code.code: code.label for code in codes.codes("age_band").values()},
        "states": STATES,
        "council": areas.council_name,
        "done": LEFT if request.query_params.get("done") == "left" else "",
    }
    return staff_page(request, "staff_cases.html", context, error.status if error else 200)


@staff("cases.work")
async def case_page(request: Request) -> Response:
    """GET /staff/cases/{case_id}: the whole case; every look is written down."""
    return await _page(request, {}, None)


@staff("cases.work")
async def act(request: Request) -> Response:
    """POST …/do/{action}: one button pressed."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "case_id")
    action, ask = request.path_params["action"], ask_of(request, form)
    form = _placed(request, form)
    _, error = await done(lambda: case_actions.act(loop, ask, own, action, form))
    if error is not None and action == "signpost" and form.get("need_id"):
        return await shortlist_pages.not_told(request, form, error)
    if error is not None:
        return await _page(request, {**form, "action": action}, error)
    if not await run_in_threadpool(case_access.may_know, loop, ask.who, own):
        return RedirectResponse("/staff/cases?done=left", status_code=303)
    return RedirectResponse(f"/staff/cases/{own}?done={action}", status_code=303)


async def _page(request: Request, form: Mapping[str, str], error: WaymarkError | None) -> Response:
    runtime: Runtime = request.app.state.runtime
    loop, own, asking = loop_of(request), path_id(request, "case_id"), who(request)
    view: CaseView = await run_in_threadpool(case_view.read, loop, asking, own)
    action = form.get("action", "")
    errors = field_errors(error, f"do-{action}")
    by_field = {each.field: each.message for each in errors}
    done_act = "" if errors else request.query_params.get("done", "")
    part = case_parts.part_of(request.query_params.get("part", ""), action or done_act)
    people = await run_in_threadpool(names, runtime)
    context: dict[str, Any] = {
        "view": view,
        "case": view.case,
        "part": part,
        "part_title": case_parts.PARTS[part][0],
        "parts": case_parts.navigation(view, part),
        "typed": Typed(action, form, by_field),
        "errors": errors,
        "error_by_field": by_field,
        "done": case_actions.DONE.get(done_act, ""),
        "key": new_key(),
        "people": people,
        "history": case_parts.history(view, people),
        "lists": {name: items(name) for name in LISTS},
        "supervisors": await run_in_threadpool(supervisors, runtime),
        "shortlists": await run_in_threadpool(_shortlists, loop, own),
        "needs": [{"value": "", "text": "Choose"}, *_need_items()],
        "yes_no": [{"value": "", "text": "Not known"}, {"value": "yes", "text": "Yes"}, {"value": "no", "text": "No"}],
        "referral_states": lifecycle.LABELS,
        "is_over": frozenset(state.value for state in lifecycle.OVER) | {"void"},
        "cautions": identity.cautions(view.contact_opened),
        "contact_words": safe_contacts.words(view.contact),
        "agreement_words": {row.id: agreements.standing(row, loop.clock()) for row in view.agreements},
        "need_words": {row.id: needs.standing(row) for row in view.needs},
        "duty": concerns.duty_line(view.case),
        "council": areas.council_name,
        "label": codes.label,
        "adrift": _adrift(view),
        "team": await run_in_threadpool(case_people.read, loop, asking, view.case, people),
    }
    return staff_page(request, "staff_case.html", context, error.status if error else 200)


def supervisors(runtime: Runtime) -> list[dict[str, str]]:
    """Who can be named as the supervisor that decided or knows: the options of a select."""
    with runtime.database.reading() as session:
        query = select(Account).join(AccountRole, AccountRole.account_id == Account.id)
        query = query.where(AccountRole.role == "supervisor", Account.disabled_at.is_(None))
        found = session.scalars(query.order_by(Account.full_name)).all()
    return [{"value": "", "text": "Choose"}, *({"value": row.id, "text": row.full_name} for row in found)]


def _shortlists(loop: Loop, case_id: str) -> dict[str, list[Listed]]:
    """The short lists of a case, by need."""
    found: dict[str, list[Listed]] = {}
    with loop.database.reading() as session:
        for each in shortlists.listed(session, case_id):
            found.setdefault(each.need_id, []).append(each)
    return found


def _adrift(view: CaseView) -> list[str]:
    """Needs that nobody looks after: shown at the top, the same day."""
    live = {row.need_id for row in view.referrals if row.state not in ("closed", "withdrawn", "void")}
    live |= {row.need_id for row in view.signposts if row.state == "given"}
    return [row.need for row in view.needs if row.state == "open" and row.id not in live and row.review_on is None]


def _need_items() -> list[dict[str, str]]:
    return [{"value": code, "text": term.label} for code, term in terms.load()["need"].terms.items()]


def _placed(request: Request, form: dict[str, str]) -> dict[str, str]:
    """A place that was typed, as the gazetteer knows it. Raises BadInput for one it does not."""
    if not form.get("residence"):
        return form
    runtime: Runtime = request.app.state.runtime
    try:
        return {**form, "residence": runtime.gazetteer.locate(form["residence"]).name}
    except BadInput:
        return form


ROUTES = (
    Route("/staff/cases", listed, methods=["GET"]),
    Route("/staff/cases/find", find, methods=["POST"]),
    Route("/staff/cases/{case_id}", case_page, methods=["GET"]),
    Route("/staff/cases/{case_id}/do/{action}", act, methods=["POST"]),
)
