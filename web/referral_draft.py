"""The pages on which a referral is written: each saves and returns to the list; nothing leaves before the last."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import capacity
from directory.accounts.tables import utc
from directory.errors import Conflict, WaymarkError
from directory.referrals import actions, case_rows, cases, codes, safe_contacts
from directory.referrals.asking import Who
from directory.referrals.drafts import DraftSaid
from directory.referrals.lifecycle import State
from directory.referrals.loop import Answer, Loop, new_key
from directory.referrals.tables import Need, Referral
from directory.referrals.working_time import LOCAL
from directory.runtime import Runtime
from directory.search.document import ServiceDocument
from web import public, referral_tasks, referral_view, wording
from web.auth import staff, staff_page
from web.forms import read_form
from web.loop_forms import ask_of, done, field_errors, items, loop_of, moment, path_id, texts, who
from web.referral_view import ReferralView
from web.referrals import DISCLOSED

Form = Mapping[str, str]
AT = "%Y-%m-%dT%H:%M"
DAY_S = 24 * 60 * 60
DETAIL_LISTS = ("urgency", "override")


@staff("cases.work")
async def write(request: Request) -> Response:
    """POST /staff/cases/{case_id}/referrals: a draft for a need, to a service; nothing leaves.

    One that is being written already is gone on with.
    """
    form, loop = texts(await read_form(request)), loop_of(request)
    ask = ask_of(request, {**form, "version": ""})
    need_id, service_id = form.get("need_id", ""), form.get("service_id", "")
    begun, urgency = await run_in_threadpool(_begun, loop, ask.who, need_id, service_id)
    if not begun:
        said = DraftSaid(need_id, service_id, form.get("urgency") or urgency)
        answer, error = await done(lambda: actions.draft(loop, ask, said))
        if answer is None:
            assert error is not None
            raise error
        begun = answer["id"]
    return to_list(begun, "written")


@staff("cases.work")
async def details_page(request: Request) -> Response:
    """GET …/details: how soon, notes, the call beside it, and why it may fit."""
    return await _details(request, {}, None)


@staff("cases.work")
async def save(request: Request) -> Response:
    """POST …/save: keeps those and returns to the list; `use`: first shows another referral's notes in the field."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "referral_id")
    if form.get("use"):
        return await _details(request, form, None)
    ask = ask_of(request, form)

    def do() -> Answer:
        with loop.database.reading() as session:
            kept = session.get(Referral, own)
            ids = (kept.need_id, kept.service_id) if kept else ("", "")
        said = DraftSaid(
            *ids,
            urgency=form.get("urgency", ""),
            notes=form.get("notes", ""),
            override_reason=form.get("override_reason", ""),
            phone_hand_over_at=moment(form.get("phone_hand_over_at", ""), "phone_hand_over_at"),
        )
        return actions.redraft(loop, ask, own, said)

    _, error = await done(do)
    return await _details(request, form, error) if error else to_list(own, "written")


@staff("cases.work")
async def told_page(request: Request) -> Response:
    """GET …/told: exactly the fields that the service will be told, and when."""
    view = await the_draft(request)
    return draft_page(request, "staff_referral_told.html", view, {"disclosed": DISCLOSED})


@staff("cases.work")
async def check_page(request: Request) -> Response:
    """GET …/check: everything said once more, each with the way to change it; then the one button that sends."""
    view = await the_draft(request, with_fit=True)
    runtime: Runtime = request.app.state.runtime
    doc = await runtime.index.get(view.referral.service_id)
    need = wording.term("need", view.need.need)
    today = int(runtime.clock().timestamp() // DAY_S)
    context = {
        "writing": referral_tasks.writing(view, need),
        "service": public.shown(doc) if doc else None,
        "room": capacity.in_words(doc.capacity, today) if doc else "",
        "category": _category(doc),
        "area": wording.serves(doc) if doc else "",
        "disclosed": DISCLOSED,
        "contact_words": safe_contacts.words(view.draft.contact if view.draft else None),
        "hold": loop_of(request).policy.number("sending", "hold_minutes"),
    }
    return draft_page(request, "staff_referral_check.html", view, context)


async def _details(request: Request, form: Form, error: WaymarkError | None) -> Response:
    view = await the_draft(request)
    own = view.referral
    noted = own.phone_hand_over_at
    kept = {
        "urgency": own.urgency,
        "notes": view.notes,
        "override_reason": own.override_reason,
        "phone_hand_over_at": utc(noted).astimezone(LOCAL).strftime(AT) if noted else "",
    }
    assert view.draft is not None  # `the_draft` has seen to it
    used = [{"notes": notes} for each, _, notes in view.draft.earlier if each == form.get("use")]
    context = {
        "values": kept | dict(form) | (used[0] if used else {}),
        "lists": {name: items(name) for name in DETAIL_LISTS},
    }
    return draft_page(request, "staff_referral_details.html", view, context, error, "urgency")


async def the_draft(request: Request, with_fit: bool = False, drafts_only: bool = True) -> ReferralView:
    """The draft. Raises NotFound, and Conflict for a referral that is none any more (unless any will do)."""
    loop, own, asking = loop_of(request), path_id(request, "referral_id"), who(request)

    def read() -> ReferralView:
        return referral_view.read(loop, asking, own, referral_view.fit_of(loop, asking, own) if with_fit else None)

    view = await run_in_threadpool(read)
    if view.draft is None and drafts_only:
        raise Conflict(f"This referral is no draft any more: it is {view.words}.", "Look at how it stands now.")
    return view


def draft_page(
    request: Request,
    template: str,
    view: ReferralView,
    context: Mapping[str, Any],
    error: WaymarkError | None = None,
    otherwise: str = "",
) -> Response:
    errors = field_errors(error, otherwise)
    shared = {
        "view": view,
        "own": view.referral,
        "need": wording.term("need", view.need.need),
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "key": new_key(),
        "codes_label": codes.label,
    }
    return staff_page(request, template, {**shared, **context}, error.status if error else 200)


def _begun(loop: Loop, asking: Who, need_id: str, service_id: str) -> tuple[str, str]:
    """The id of a draft of the same need to the same service ("": none), and how soon the case says help is needed."""
    with loop.database.reading() as session:
        need = session.get(Need, need_id)
        case = case_rows.found(session, asking, need.case_id if need else "")
        if case.erased_at is not None:
            return "", "weeks"
        same = (Referral.need_id == need_id, Referral.service_id == service_id, Referral.state == State.DRAFT.value)
        begun = session.scalar(select(Referral.id).where(*same).order_by(Referral.made_at.desc()).limit(1))
        return begun or "", cases.given(session, loop, case).get("urgency") or "weeks"


def _category(doc: ServiceDocument | None) -> str:
    if doc is None:
        return ""
    return doc.kind or (wording.term("family", doc.families[0]) if doc.families else "")


def to_list(own: str, told: str) -> Response:
    return RedirectResponse(f"/staff/referrals/{own}?done={told}", status_code=303)


ROUTES = (
    Route("/staff/cases/{case_id}/referrals", write, methods=["POST"]),
    Route("/staff/referrals/{referral_id}/details", details_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/save", save, methods=["POST"]),
    Route("/staff/referrals/{referral_id}/told", told_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/check", check_page, methods=["GET"]),
)
