"""Three pages of a registration: the organization, whom we ring, and where referrals go, which a code may prove."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput, TooManyTries, UnusableFile, WaymarkError
from directory.partners import about_answers, completeness, oscr, referral_mailbox, registrations
from directory.partners.about_answers import Checked
from directory.partners.answers import Answers
from directory.partners.referral_mailbox import FIRST, SECOND
from directory.referrals.loop import new_key
from web import partner_tasks
from web.forms import FieldError, read_form
from web.loop_forms import done, field_errors, loop_of, texts
from web.partner_door import ask_of, partner, partner_page
from web.partner_held import PAGE_BYTES
from web.partners import is_second_waiting, opened, own_id

Form = Mapping[str, str]
MAILBOXES: Mapping[str, str] = {completeness.MAILBOX: FIRST, "second": SECOND}
"""The last part of an address → which mailbox its code proves."""
NEW = "new_number"
"""Ticked by a charity that the loaded register does not have yet."""


@dataclass(frozen=True, slots=True)
class About:
    """One page: `read` checks what was typed, `shown` is what stands in its form at first, from answers and mailbox."""

    code: str
    read: Callable[[Form], Checked[Any]]
    shown: Callable[[Answers, str], dict[str, str]]


def _organization(answers: Answers, _: str) -> dict[str, str]:
    own = answers.organization
    typed = {"charity_number": own.charity_number, "no_number": own.no_number, "url": own.url, "phone": own.phone}
    return {"organization": own.name, **typed}


def _contact(answers: Answers, _: str) -> dict[str, str]:
    own = answers.contact
    return {"name": own.name, "role": own.role, "phone": own.phone or answers.organization.phone}


def _referrals(answers: Answers, email: str) -> dict[str, str]:
    return {"email": answers.referrals.email or email, "second": answers.referrals.second}


PAGES: Mapping[str, About] = {
    each.code: each
    for each in (
        About(completeness.ORGANIZATION, about_answers.organization, _organization),
        About(completeness.CONTACT, about_answers.contact, _contact),
        About(completeness.REFERRALS, about_answers.referrals, _referrals),
    )
}


@partner
async def about_page(request: Request) -> Response:
    """GET /partners/registrations/{registration_id}/organization, …/contact, …/referrals."""
    return await _page(request, {}, [])


@partner
async def save(request: Request) -> Response:
    """POST to the same: kept, and on to the next page, or the page again with every mistake at its field."""
    form, loop, own = texts(await read_form(request, most_bytes=PAGE_BYTES)), loop_of(request), own_id(request)
    about, ask, inside = PAGES[_code(request)], ask_of(request, form), request.state.inside
    checked = about.read(form)
    errors = [FieldError(each.field, str(each)) for each in checked.mistakes]
    if errors:
        return await _page(request, form, errors)
    if about.code == completeness.ORGANIZATION:
        unknown = await run_in_threadpool(_unknown_number, request, checked.value.charity_number, form)
        if unknown:
            return await _page(request, form, unknown, ask_new=True)

    def make(whole: Answers) -> Answers:
        now = dict.fromkeys((*whole.done, about.code))
        return msgspec.structs.replace(whole, **{about.code: checked.value}, done=tuple(now))

    said = {name: form.get(name, "") for name in about.shown(Answers(), "")}
    _, error = await done(lambda: registrations.change(loop, ask, inside, own, make, about.code, said))
    if error is not None:
        return await _page(request, form, field_errors(error, "main-content"), error.status)
    kept, lacks = await run_in_threadpool(opened, request)
    if about.code == completeness.REFERRALS:
        if any(lack.page == completeness.MAILBOX for lack in lacks):
            return await _code_sent(request, FIRST)
        if await run_in_threadpool(is_second_waiting, request):
            return await _code_sent(request, SECOND)
    return RedirectResponse(partner_tasks.next_page(kept, lacks), status_code=303)


@partner
async def mailbox_page(request: Request) -> Response:
    """GET …/mailbox, …/second: where the code is written that went to the mailbox for referrals, or the second one."""
    return await _mailbox(request, _which(request))


@partner
async def send_mailbox_code(request: Request) -> Response:
    """POST …/mailbox/code, …/second/code: another code to that mailbox."""
    return await _code_sent(request, _which(request))


@partner
async def prove_mailbox(request: Request) -> Response:
    """POST …/mailbox, …/second: on to the second one or the list, or the page again with what is wrong."""
    form, loop, own, which = texts(await read_form(request)), loop_of(request), own_id(request), _which(request)
    inside, code = request.state.inside, form.get("code", "")
    try:
        await run_in_threadpool(referral_mailbox.prove, loop, inside, own, code[:100], which)
    except (BadInput, TooManyTries) as error:
        return await _mailbox(request, which, code, error)
    if which == FIRST and await run_in_threadpool(is_second_waiting, request):
        return await _code_sent(request, SECOND)
    return RedirectResponse(f"/partners/registrations/{own}?done=saved", status_code=303)


async def _code_sent(request: Request, which: str) -> Response:
    loop, own, inside = loop_of(request), own_id(request), request.state.inside
    ask = ask_of(request, {"key": new_key()})  # asked twice, it may leave twice: codes have limits of their own
    _, error = await done(lambda: referral_mailbox.send(loop, ask, inside, own, which))
    if error is not None:
        return await _mailbox(request, which, "", error)
    page = next(code for code, each in MAILBOXES.items() if each == which)
    return RedirectResponse(f"/partners/registrations/{own}/{page}", status_code=303)


async def _mailbox(request: Request, which: str, code: str = "", error: WaymarkError | None = None) -> Response:
    kept, lacks = await run_in_threadpool(opened, request)
    to, is_second = kept.answers.referrals, which == SECOND
    if completeness.REFERRALS not in kept.answers.done or (is_second and not to.second):
        return RedirectResponse(f"/partners/registrations/{kept.id}/{completeness.REFERRALS}", status_code=303)
    second_waits = await run_in_threadpool(is_second_waiting, request)
    is_proved = not second_waits if is_second else all(lack.page != completeness.MAILBOX for lack in lacks)
    errors = field_errors(error, "code")
    context = {
        "kept": kept,
        "href": f"/partners/registrations/{kept.id}",
        "at": f"/partners/registrations/{kept.id}/{'second' if is_second else completeness.MAILBOX}",
        "mailbox": to.second if is_second else to.email,
        "is_second": is_second,
        "is_proved": is_proved,
        "code": code,
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
        "minutes": loop_of(request).policy.number("link", "code_minutes"),
    }
    return partner_page(request, "partner_about_mailbox.html", context, error.status if error else 200)


async def _page(
    request: Request, form: Form, errors: list[FieldError], status: int = 422, ask_new: bool = False
) -> Response:
    kept, _ = await run_in_threadpool(opened, request)
    code = _code(request)
    context = {
        "kept": kept,
        "href": f"/partners/registrations/{kept.id}",
        "values": {**PAGES[code].shown(kept.answers, request.state.inside.email), **form},
        "is_open": kept.state in registrations.OPEN,
        "ask_new": ask_new,
        "key": new_key(),
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
    }
    return partner_page(request, f"partner_about_{code}.html", context, status if errors else 200)


def _unknown_number(request: Request, number: str, form: Form) -> list[FieldError]:
    """A number that the loaded register does not have, or no more: they look again, or say that it is new."""
    try:
        charity, as_of = oscr.look_up(request.app.state.runtime.settings.home, number)
    except UnusableFile:  # `waymark check` tells whoever runs this; to them it is as if there were none
        return []
    if not number or as_of is None or form.get(NEW) == "yes" or (charity is not None and charity.is_active):
        return []
    seen = f"{as_of.day} {as_of:%B %Y}"
    how = "is no charity's any more" if charity else "is not there"
    said = f"{number} {how} in the Scottish Charity Register of {seen}. Look at it again, or tick that it is right."
    return [FieldError("charity_number", said)]


def _which(request: Request) -> str:
    return SECOND if "/second" in request.url.path else FIRST


def _code(request: Request) -> str:
    return request.url.path.rpartition("/")[2]


_BASE = "/partners/registrations/{registration_id}"
ROUTES = (
    *(Route(f"{_BASE}/{code}", about_page, methods=["GET"]) for code in PAGES),
    *(Route(f"{_BASE}/{code}", save, methods=["POST"], max_body_size=2 * PAGE_BYTES) for code in PAGES),
    *(Route(f"{_BASE}/{code}", mailbox_page, methods=["GET"]) for code in MAILBOXES),
    *(Route(f"{_BASE}/{code}", prove_mailbox, methods=["POST"]) for code in MAILBOXES),
    *(Route(f"{_BASE}/{code}/code", send_mailbox_code, methods=["POST"]) for code in MAILBOXES),
)
