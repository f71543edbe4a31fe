"""A partner changes what is written of its service: a page for each group of fields, and where referrals should go."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, Conflict, Forbidden, NotFound, WaymarkError
from directory.partners import edits, members, team
from directory.partners.edits import Mine
from directory.partners.members import GONE, OWNER, Membership
from directory.referrals import mailboxes
from directory.referrals.loop import Answer, new_key
from directory.values import Visibility
from web import partner_words, service_editor, service_form
from web.forms import FieldError, read_form, runtime_of
from web.loop_forms import ask_of, done, loop_of, path_id, texts
from web.partner_service_form import FIRST_FAMILIES, FIRST_NEEDS
from web.partner_work import HOME, STATES, mistaken_page, work, work_page
from web.service_form import MOST_FIELDS, Typed
from web.service_reading import Reader

DONE = {
    "live": "It is changed, and everybody sees it within seconds.",
    "waits": "We look at it first. Until we agree everybody sees what it said before.",
    "both": "Some of it is changed now; the rest waits until we have looked at it.",
    "hidden": "Its place is confidential from now on: address, number and pages are taken out of the record.",
    "hidden_waits": "Its place is confidential from now on: address, number and pages are taken out of the record. "
    "Another name, and whatever else you changed, waits until we have looked at it.",
    "same": "Nothing was different: nothing has changed.",
    "withdrawn": "You took it back.",
    "mailbox": "We have it. Nothing goes there before we have rung you, and two of us agree.",
}


@work
async def service_page(request: Request) -> Response:
    """GET /partners/work/services/{id}: what is written of it, and the pages that change it."""
    found, people = await _read(request)
    context = {
        **_beside(found, people),
        "mailbox_waits": await run_in_threadpool(_mailbox_waits, request),
        "lines_of": lambda code: partner_words.lines(
            [field.name for field in edits.fields_of(code)], found.now.values, is_whole=True
        ),
        "of_labels": partner_words.of_labels,
        "states": STATES,
        "key": new_key(),
        "may_move": found.membership.role == OWNER,
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return work_page(request, "partner_edit.html", context)


@work
async def group_page(request: Request) -> Response:
    """GET …/edit/{group}: one page of fields, as they count now."""
    return await _group(request, None, [])


@work
async def save(request: Request) -> Response:
    """POST …/edit/{group}: what could hurt waits for us, the rest is public at once."""
    group, form = _group_code(request), await read_form(request, MOST_FIELDS)
    typed, said, loop = service_form.read(form), texts(form), loop_of(request)
    found, _ = await _read(request)
    reader = _reader(request, typed, found, group)
    if reader.errors:
        return await _group(request, typed, reader.errors, 422)
    # the version travels in `seen`: a mark of what these fields said
    ask = replace(ask_of(request, said), version=None)
    own = found.now.id
    try:
        sent = await run_in_threadpool(
            edits.edit, loop, ask, own, reader.values, typed.seen, typed["note"].strip(), typed["public_name"]
        )
    except (BadInput, Conflict) as error:
        at = error.field if isinstance(error, BadInput) and error.field else "page"
        return await _group(request, typed, [FieldError(at, str(error))], error.status)
    return RedirectResponse(f"{_href(own)}?done={_done(sent)}", status_code=303)


@work
async def withdraw(request: Request) -> Response:
    """POST …/withdraw: takes one's own change back that waits."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "service_id")
    number, ask = form.get("number", ""), ask_of(request, form)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise NotFound(*GONE)
    await run_in_threadpool(edits.withdraw, loop, ask, int(number))
    return RedirectResponse(f"{_href(own)}?done=withdrawn", status_code=303)


@work
async def mailbox_page(request: Request) -> Response:
    """GET …/mailbox: where referrals to it go, as far as is told, and the form for another."""
    return await _mailbox(request, {}, None)


@work
async def propose_mailbox(request: Request) -> Response:
    """POST …/mailbox: another mailbox, which staff must prove."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "service_id")
    ask = ask_of(request, form)

    def do() -> Answer:
        return edits.propose_mailbox(loop, ask, own, form.get("email", ""), form.get("second", ""))

    _, error = await done(do)
    if error is not None:
        return await _mailbox(request, form, error)
    return RedirectResponse(f"{_href(own)}?done=mailbox", status_code=303)


async def _mailbox(request: Request, form: Mapping[str, str], error: WaymarkError | None) -> Response:
    if isinstance(error, Forbidden):
        raise error
    loop, own = loop_of(request), path_id(request, "service_id")

    def read() -> tuple[Membership, str, bool]:
        with loop.database.reading() as session:
            membership = members.member(session, request.state.user.id, own).check((OWNER,))
            used = mailboxes.current(session, own)
            domain = mailboxes.address(loop, used).rpartition("@")[2] if used is not None else ""
            return membership, domain, mailboxes.proposed(session, own) is not None

    membership, domain, waits = await run_in_threadpool(read)
    context = {
        "partner": membership,
        "domain": domain,
        "waits": waits,
        "values": form,
        "key": new_key(),
        "href": _href(own),
        "new_hours": loop.policy.number("sending", "new_mailbox_hours"),
    }
    return work_page(request, "partner_mailbox.html", context, error, otherwise="email")


async def _group(request: Request, typed: Typed | None, errors: list[FieldError], status: int = 200) -> Response:
    code, (found, people) = _group_code(request), await _read(request)
    now, own = found.now, edits.fields_of(code)
    moved = own if status == Conflict.status else ()
    context = {
        **_beside(found, people),
        **service_editor.choices(now.values),
        "first": {"families": FIRST_FAMILIES, "needs": FIRST_NEEDS},
        "group": next(group for group in edits.GROUPS if group.code == code),
        "t": typed or service_form.of_values(now.values),
        "seen": typed.seen if typed and status != Conflict.status else now.mark(field.name for field in own),
        "moved": [(field.label, field.words(now.values[field.name])) for field in moved],
        "key": new_key(),
    }
    return mistaken_page(request, "partner_edit_group.html", context, errors, status)


def _reader(request: Request, typed: Typed, found: Mine, group: str) -> Reader:
    """The page's fields that are theirs to change, read; the others are not looked at."""
    runtime, now = runtime_of(request), found.now
    hides = now.withheld or typed["visibility"] == Visibility.UNDISCLOSED
    reader = Reader(typed, now.values, runtime.gazetteer, runtime.clock().date(), hides)
    return reader.take(field.name for field in edits.fields_of(group))


def _beside(found: Mine, people: Mapping[str, str]) -> dict[str, Any]:
    return {
        "now": found.now,
        "partner": found.membership,
        "shared": found.shared,
        "href": _href(found.now.id),
        "groups": edits.GROUPS,
        "waiting": found.waiting,
        "needs_two": lambda name: edits.needs_staff(found, name),
        "people": people,
    }


async def _read(request: Request) -> tuple[Mine, Mapping[str, str]]:
    loop, user, own = loop_of(request), request.state.user, path_id(request, "service_id")

    def read() -> tuple[Mine, Mapping[str, str]]:
        with loop.database.reading() as session:
            found = edits.read(session, user.id, own)
            return found, team.names_of(session, found.membership.partner_id)

    return await run_in_threadpool(read)


def _mailbox_waits(request: Request) -> bool:
    with loop_of(request).database.reading() as session:
        return mailboxes.proposed(session, path_id(request, "service_id")) is not None


def _group_code(request: Request) -> str:
    code: str = request.path_params["group"]
    if code not in {group.code for group in edits.GROUPS}:
        raise NotFound(*GONE)
    return code


def _done(sent: Mapping[str, Any]) -> str:
    if sent["withheld"]:
        return "hidden_waits" if sent["proposal"] else "hidden"
    if sent["proposal"] and sent["live"]:
        return "both"
    return "waits" if sent["proposal"] else "live" if sent["live"] else "same"


def _href(service_id: str) -> str:
    return f"{HOME}/services/{service_id}"


ROUTES = (
    Route(f"{HOME}/services/{{service_id}}", service_page, methods=["GET"]),
    Route(f"{HOME}/services/{{service_id}}/edit/{{group}}", group_page, methods=["GET"]),
    Route(f"{HOME}/services/{{service_id}}/edit/{{group}}", save, methods=["POST"]),
    Route(f"{HOME}/services/{{service_id}}/withdraw", withdraw, methods=["POST"]),
    Route(f"{HOME}/services/{{service_id}}/mailbox", mailbox_page, methods=["GET"]),
    Route(f"{HOME}/services/{{service_id}}/mailbox", propose_mailbox, methods=["POST"]),
)
