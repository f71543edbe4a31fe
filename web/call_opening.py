"""From a call to its case: facts, corrections and short list come along, and the call's draft ends with its opening."""

from collections.abc import Mapping

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from directory.errors import NotFound, WaymarkError
from directory.matching.enquiry import Enquiry
from directory.referrals import call_drafts
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer
from directory.referrals.tables import Idempotency
from directory.runtime import Runtime
from web import call, call_case, call_form
from web.call_case import CallCase
from web.call_form import CallForm
from web.forms import MATCH_FIELDS, MatchForm
from web.loop_forms import loop_of, who

OPENING = "case.open"


async def begun(request: Request, form: Mapping[str, str]) -> CallForm | None:
    """The call that a form of its page sends, kept first; None for another page's form. Raises NotFound, Conflict."""
    if not form.get("call"):
        return None
    return (await call.pressed(request, {**form, "do": "", "find": ""})).form


async def going(request: Request, form: Mapping[str, str]) -> CallForm | None:
    """The call that a case is being opened from, as it was kept; None when there is none, or it has gone since."""
    if not form.get("call"):
        return None
    try:
        kept = await run_in_threadpool(call_drafts.read, loop_of(request), who(request), form["call"])
    except NotFound:
        return None
    return call_form.from_json(kept.body)


def before(request: Request, form: Mapping[str, str]) -> str:
    """The address of the case that this very form opened already, ending its call; "" when it has not."""
    if not form.get("call") or not form.get("key"):
        return ""
    own = (Idempotency.key == form["key"], Idempotency.actor_id == who(request).id, Idempotency.action == OPENING)
    with loop_of(request).database.reading() as session:
        answer = session.scalar(select(Idempotency.answer).where(*own))
    return f"/staff/cases/{answer['id']}?done=opened" if answer else ""


def enquiry(runtime: Runtime, kept: CallForm | None, typed: MatchForm) -> Enquiry:
    """What is asked for: the fields typed on the opening page before those of the call. Raises BadInput."""
    if kept is None:
        return runtime.enquiry(typed["text"], typed.given())[0]
    given = {**kept.given(), **typed.given()}
    return runtime.enquiry(typed["text"], given, corrections=kept.corrections)[0]


def values(kept: CallForm, form: Mapping[str, str]) -> dict[str, str]:
    """The fields of the opening page that the call fills, and what it carries on."""
    said = {name: text for name, text in kept.said.items() if name in MATCH_FIELDS}
    return {"text": kept.text, **said, "call": form["call"], "service_id": form.get("service_id", "")}


async def names(request: Request, kept: CallForm | None, service_id: str) -> tuple[list[str], str]:
    """The names on the call's short list, and that of the service to refer to."""
    ids = (*(kept.listed if kept else ()), *([service_id] if service_id else ()))
    found = await run_in_threadpool(call.names, request.app.state.runtime, ids)
    return [found[each] for each in (kept.listed if kept else ()) if each in found], found.get(service_id, "")


async def opened(request: Request, ask: Ask, kept: CallForm | None, form: Mapping[str, str], answer: Answer) -> str:
    """After a case was opened: its short list made, the call ended, the referral begun. The address to go on to.

    What cannot be put on the list or referred to any more is left out: the case is open, and nothing is lost by that.
    """
    loop, needs = loop_of(request), tuple((own, code) for code, own in answer["needs"].items())
    case = CallCase(answer["id"], answer["reference"], "", needs, frozenset())
    for service_id in kept.listed if kept else ():
        try:
            need_id = call_case.need_for(needs, "", await call.meets(request, service_id))
            await run_in_threadpool(call_case.put_on_list, loop, ask, case, need_id, service_id)
        except WaymarkError:
            continue
    if kept is not None:
        await run_in_threadpool(call_drafts.discard, loop, ask.who, form["call"])
    service_id = form.get("service_id", "")
    if not service_id:
        return f"/staff/cases/{case.id}?done=opened"
    try:
        need_id = call_case.need_for(needs, "", await call.meets(request, service_id))
        own = await run_in_threadpool(call_case.refer, loop, ask, need_id, service_id, form.get("urgency", ""))
    except WaymarkError:
        return f"/staff/cases/{case.id}?done=opened"
    return f"/staff/referrals/{own}?done=written"
