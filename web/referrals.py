"""The staff's page of a referral: the list of what to do while it is written, then all that follows."""

from collections.abc import Mapping
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import WaymarkError
from directory.referrals import codes, lifecycle, timeline
from directory.referrals.loop import new_key
from directory.runtime import Runtime
from web import public, referral_actions, referral_tasks, referral_view, wording
from web.auth import staff, staff_page
from web.case_parts import ACTORS, Typed
from web.editor_lists import names
from web.forms import FieldError, read_form
from web.loop_forms import ask_of, done, field_errors, items, local, loop_of, path_id, texts, who
from web.referral_tasks import TASK_OF
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
async def referral_page(request: Request) -> Response:
    """GET /staff/referrals/{referral_id}: how it stands, what can be done, what was done."""
    return await _page(request, {}, None)


@staff("cases.work")
async def act(request: Request) -> Response:
    """POST …/do/{event}: one button pressed."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "referral_id")
    event, ask = request.path_params["event"], ask_of(request, form)
    answer, error = await done(lambda: referral_actions.act(loop, ask, own, event, form))
    if answer is None:
        return await _page(request, {**form, "event": event}, error)
    return _to(answer.get("draft") or own, event)


async def _page(request: Request, form: Mapping[str, str], error: WaymarkError | None) -> Response:
    loop, own, asking = loop_of(request), path_id(request, "referral_id"), who(request)

    def read() -> ReferralView:
        return referral_view.read(loop, asking, own, referral_view.fit_of(loop, asking, own))

    view = await run_in_threadpool(read)
    event = form.get("event", "")
    is_sending = view.draft is not None and event == lifecycle.Event.SEND
    runtime: Runtime = request.app.state.runtime
    doc = await runtime.index.get(view.referral.service_id)
    errors = field_errors(error, "writing" if is_sending else f"do-{event}")
    if view.draft is not None:  # a rule that is broken stands in the list of what to put right
        errors = [FieldError("writing", each.message) if each.field in TASK_OF else each for each in errors]
    asked = request.query_params.get("done", "")
    need = wording.term("need", view.need.need)
    writing = referral_tasks.writing(view, need)
    people = await run_in_threadpool(names, request.app.state.runtime)
    context = {
        "view": view,
        "own": view.referral,
        "service": public.shown(doc) if doc else None,
        "errors": errors,
        "typed": Typed(event, form, {each.field: each.message for each in errors}),
        "event": event,
        "moves": [each for each in lifecycle.moves(view.state, asking.kind) if each in referral_actions.DO],
        "to_dispose": referral_view.needs_next_step(view),
        "key": new_key(),
        "people": people,
        "history": _history(view, people),
        "disclosed": DISCLOSED,
        "lists": _lists(),
        "local": local,
        "codes_label": codes.label,
        "now": loop.clock(),
        "need": need,
        "writing": writing,
        "rows": [each.row() for each in writing.tasks] if writing else [],
        "just_sent": asked == lifecycle.Event.SEND and view.state is lifecycle.State.SENT and not errors,
        "minutes_left": _minutes(view, loop.clock()),
        "done": referral_actions.DONE.get(asked, "") if not errors else "",
        "may_see_mail": policy.may(request.state.user, "mail.view"),
    }
    return staff_page(request, "staff_referral.html", context, error.status if error else 200)


def _history(view: ReferralView, people: Mapping[str, str]) -> list[dict[str, object]]:
    """Entries of the macro `timeline`, newest first."""
    return [
        {
            "title": timeline.words("referral", line.event),
            "when": line.at,
            "by": people.get(line.actor_id or "") or ACTORS[line.actor_kind],
            "body": said,
        }
        for line, said in reversed(view.lines)
    ]


def _minutes(view: ReferralView, now: datetime) -> int:
    """Whole minutes in which it can still be taken back, at least one while it can."""
    return max(1, round((view.held_until - now).total_seconds() / 60)) if view.held_until else 0


def _lists() -> dict[str, list[dict[str, str]]]:
    names_ = (
        "withdraw", "next_step", "reopen", "void", "engagement", "service", "need_result", "person_view", "says",
        "reply", "decline", "info_how",
    )  # fmt: skip
    return {name: items(name) for name in names_}


def _to(own: str, event: str) -> Response:
    return RedirectResponse(f"/staff/referrals/{own}?done={event}", status_code=303)


ROUTES = (
    Route("/staff/referrals/{referral_id}", referral_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/do/{event}", act, methods=["POST"]),
)
