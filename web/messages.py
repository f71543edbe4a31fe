"""The page on which a worker writes to the person: what their own rule allows now, what is said, and one button."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import outgoing
from directory.errors import WaymarkError
from directory.referrals import audit, case_rows, letters, person_messages, safe_contacts, shortlists
from directory.referrals.asking import Who
from directory.referrals.loop import Loop, new_key
from directory.referrals.person_messages import MessageSaid, Way
from directory.referrals.shortlists import Listed
from directory.runtime import Runtime
from web import identity
from web.auth import staff, staff_page
from web.forms import read_form
from web.identity import Identity
from web.loop_forms import ask_of, day, done, field_errors, loop_of, path_id, texts, who

Form = Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False)
class MessageView:
    """What the page tells: the person's rule, the ways open now, and the services that may be told of."""

    identity: Identity
    who_must_not_know: str
    ways: tuple[Way, ...]
    listed: tuple[Listed, ...]


@staff("cases.work")
async def message_page(request: Request) -> Response:
    """GET /staff/cases/{case_id}/message: how they may be written to now, and what would be said."""
    return await _page(request, {}, None)


@staff("cases.work")
async def send(request: Request) -> Response:
    """POST /staff/cases/{case_id}/message: queues it, with a signpost for each service, or says why not."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "case_id")
    ask = ask_of(request, {**form, "version": ""})
    runtime: Runtime = request.app.state.runtime
    are_set_up = outgoing.texter(runtime.settings) is not None
    _, error = await done(lambda: person_messages.send(loop, ask, own, said(form), are_set_up))
    if error is not None:
        return await _page(request, form, error)
    return RedirectResponse(f"/staff/cases/{own}?done=message", status_code=303)


def said(form: Form) -> MessageSaid:
    """What the form says. Raises BadInput for a day that is none."""
    return MessageSaid(
        form.get("channel", ""),
        tuple(each for each in form.get("service_ids", "").split("|") if each),
        day(form.get("ask_on", ""), "ask_on", needed=False),
        form.get("nobody_else_reads") == "yes",
    )


async def _page(request: Request, form: Form, error: WaymarkError | None) -> Response:
    runtime: Runtime = request.app.state.runtime
    loop, own, asking = loop_of(request), path_id(request, "case_id"), who(request)
    are_set_up = outgoing.texter(runtime.settings) is not None
    view = await run_in_threadpool(_read, loop, asking, own, are_set_up)
    errors = field_errors(error, "channel")
    url = runtime.settings.public_url
    ids = [each.service_id for each in view.listed]
    channels = [each.channel for each in view.ways if not each.against]
    context = {
        "view": view,
        "values": {"channel": channels[0] if channels else "", **form},
        "channels": channels,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "key": new_key(),
        "leaves": outgoing.words(runtime.settings),
        "words": [
            (channel, kind, *letters.to_person(loop, person_messages.TEMPLATES[channel, kind], url, ids))
            for channel in channels
            for kind in ((False, True) if ids else (False,))
        ],
    }
    return staff_page(request, "staff_message.html", context, error.status if error else 200)


def _read(loop: Loop, asking: Who, case_id: str, texts_are_set_up: bool) -> MessageView:
    now = loop.clock()
    with loop.database.session() as session:
        case = case_rows.found(session, asking, case_id)
        contact = safe_contacts.current(session, case.id)
        opened = safe_contacts.opened(session, loop, contact) if contact else safe_contacts.Opened()
        audit.note(
            session, asking, now, "view", "case", case.id, subject_id=case.subject_id,
            fields=("name", "safe_contact", "shortlist"), purpose=case_rows.why(session, asking, case),
        )  # fmt: skip
        return MessageView(
            identity.read(session, loop, case),
            opened.who_must_not_know,
            person_messages.ways(contact, now, texts_are_set_up),
            tuple(each for each in shortlists.listed(session, case.id) if each.is_open and not each.excluded),
        )


ROUTES = (
    Route("/staff/cases/{case_id}/message", message_page, methods=["GET"]),
    Route("/staff/cases/{case_id}/message", send, methods=["POST"]),
)
