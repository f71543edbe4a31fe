"""The staff's pages of a referral: writing one, checking it before it leaves, and everything that follows."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import WaymarkError
from directory.referrals import actions, agreements, case_rows, codes, lifecycle, timeline
from directory.referrals.drafts import DraftSaid
from directory.referrals.loop import new_key
from directory.referrals.tables import Need, Referral
from web import agreement_form, referral_actions, referral_view, wording
from web.auth import staff, staff_page
from web.cases import ACTORS
from web.editor_lists import names
from web.forms import read_form
from web.loop_forms import ask_of, done, field_errors, items, local, loop_of, moment, path_id, texts, who
from web.referral_view import ReferralView

DISCLOSED = {
    "organization": "Its own name", "reference": "Reference", "spoc_phone": "Our phone", "need": "Need",
    "urgency": "How soon", "age_band": "Age band", "relation": "Who", "council": "Council area",
    "languages": "Language", "access": "To use it", "contact_kind": "How to be reached", "safety_flag": "Safety flag",
    "name": "Name to use", "contact": "Safe contact", "contact_hours": "Hours", "contact_voicemail": "Voicemail",
    "notes": "Notes agreed", "worker": "Worker to call", "sent_on": "Sent", "ended_on": "Ended", "state": "State",
    "decline_reason": "Reason", "engagement": "Taking part", "service": "Help", "need_result": "Need",
}  # fmt: skip


@staff("cases.work")
async def write(request: Request) -> Response:
    """POST /staff/cases/{case_id}/referrals: a draft for a need, to a service; nothing leaves."""
    form, loop = texts(await read_form(request)), loop_of(request)
    ask = ask_of(request, {**form, "version": ""})
    said = DraftSaid(form.get("need_id", ""), form.get("service_id", ""), form.get("urgency") or "weeks")
    answer, error = await done(lambda: actions.draft(loop, ask, said))
    if answer is None:
        assert error is not None
        raise error
    return RedirectResponse(f"/staff/referrals/{answer['id']}?done=written", status_code=303)


@staff("cases.work")
async def referral_page(request: Request) -> Response:
    """GET /staff/referrals/{referral_id}: how it stands, what can be done, what was done."""
    return await _page(request, {}, None)


@staff("cases.work")
async def save(request: Request) -> Response:
    """POST …/save: keeps a draft as it is written now."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "referral_id")
    ask = ask_of(request, form)

    def do() -> Any:
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
    return await _page(request, form, error) if error else _to(own, "written")


@staff("cases.work")
async def act(request: Request) -> Response:
    """POST …/do/{event}: one button pressed."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "referral_id")
    event, ask = request.path_params["event"], ask_of(request, form)
    answer, error = await done(lambda: referral_actions.act(loop, ask, own, event, form))
    if answer is None:
        return await _page(request, {**form, "event": event}, error)
    return _to(answer.get("draft") or own, event)


@staff("cases.work")
async def agreement_page(request: Request) -> Response:
    """GET …/agreement: what is read out, and the form for what the person agrees to."""
    return await _agreement(request, dict(agreement_form.START), None)


@staff("cases.work")
async def agree(request: Request) -> Response:
    """POST …/agreement: keeps what was agreed, or says what does not count and why."""
    form, loop = texts(await read_form(request)), loop_of(request)
    ask = ask_of(request, {**form, "version": ""})
    referral = await run_in_threadpool(_row, request)
    said = agreement_form.said
    _, error = await done(lambda: agreements.record(loop, ask, referral.case_id, said(form, referral.service_id)))
    return await _agreement(request, form, error) if error else _to(referral.id, "agreed")


async def _page(request: Request, form: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop, own, asking = loop_of(request), path_id(request, "referral_id"), who(request)

    def read() -> ReferralView:
        return referral_view.read(loop, asking, own, referral_view.fit_of(loop, own))

    view = await run_in_threadpool(read)
    event = form.get("event", "")
    errors = field_errors(error, f"do-{event}" if event else "save")
    asked = request.query_params.get("done", "")
    told = "The agreement is kept." if asked == "agreed" else referral_actions.DONE.get(asked, "")
    context = {
        "view": view,
        "own": view.referral,
        "values": {**_values(view), **form},
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "event": event,
        "moves": [each for each in lifecycle.moves(view.state, asking.kind) if each in referral_actions.DO],
        "to_dispose": referral_view.needs_next_step(view),
        "key": new_key(),
        "people": await run_in_threadpool(names, request.app.state.runtime),
        "actors": ACTORS,
        "disclosed": DISCLOSED,
        "lists": _lists(),
        "local": local,
        "happened": timeline.words,
        "codes_label": codes.label,
        "now": loop.clock(),
        "need": wording.term("need", view.need.need),
        "done": told if not errors else "",
        "may_see_mail": policy.may(request.state.user, "mail.view"),
    }
    return staff_page(request, "staff_referral.html", context, error.status if error else 200)


async def _agreement(request: Request, values: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop = loop_of(request)
    referral = await run_in_threadpool(_row, request)
    errors = field_errors(error, "agreement")
    context = {
        "own": referral,
        "values": values,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "key": new_key(),
        "spoken": agreement_form.spoken(loop, referral.service_name, referral.organization, values),
        "lists": agreement_form.lists(),
        "need": await run_in_threadpool(_need, request, referral),
    }
    return staff_page(request, "staff_agreement.html", context, error.status if error else 200)


def _row(request: Request) -> Referral:
    """The referral, of a case that this member of staff may see. Raises NotFound."""
    loop, own = loop_of(request), path_id(request, "referral_id")
    with loop.database.reading() as session:
        row = session.get(Referral, own)
        case_rows.found(session, who(request), row.case_id if row else "")
        assert row is not None
        return row


def _need(request: Request, referral: Referral) -> str:
    with loop_of(request).database.reading() as session:
        return wording.term("need", session.get_one(Need, referral.need_id).need)


def _values(view: ReferralView) -> dict[str, str]:
    own = view.referral
    return {
        "urgency": own.urgency,
        "notes": view.notes,
        "override_reason": own.override_reason,
        "phone_hand_over_at": "",
    }


def _lists() -> dict[str, list[dict[str, str]]]:
    names_ = (
        "override", "withdraw", "next_step", "reopen", "void", "engagement", "service", "need_result", "person_view",
        "says", "reply", "decline", "info_how", "urgency",
    )  # fmt: skip
    return {name: items(name) for name in names_}


def _to(own: str, event: str) -> Response:
    return RedirectResponse(f"/staff/referrals/{own}?done={event}", status_code=303)


ROUTES = (
    Route("/staff/cases/{case_id}/referrals", write, methods=["POST"]),
    Route("/staff/referrals/{referral_id}", referral_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/save", save, methods=["POST"]),
    Route("/staff/referrals/{referral_id}/agreement", agreement_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/agreement", agree, methods=["POST"]),
    Route("/staff/referrals/{referral_id}/do/{event}", act, methods=["POST"]),
)
