"""What the person says of a referral that is being written: whether they agree, and how they are reached safely."""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory.errors import WaymarkError
from directory.referrals import agreements, audit, case_rows, safe_contacts
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.referrals.safe_contacts import DAYS, SEALED
from directory.referrals.tables import Referral
from web import agreement_form, case_actions
from web.auth import staff
from web.forms import read_form
from web.loop_forms import ask_of, done, items, loop_of, path_id, texts, who
from web.referral_draft import draft_page, the_draft, to_list
from web.referral_view import ReferralView

Form = Mapping[str, str]
CONTACT_LISTS = ("contact_channel", "voicemail")


@staff("cases.work")
async def contact_page(request: Request) -> Response:
    """GET …/contact: how the person is reached; shown when it is known, asked when it is not."""
    return await _contact(request, {}, None)


@staff("cases.work")
async def contact(request: Request) -> Response:
    """POST …/contact: how they are reached from now on, for the whole case."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "referral_id")
    ask = ask_of(request, {**form, "version": ""})
    row = await run_in_threadpool(_row, loop, ask.who, own)
    _, error = await done(lambda: safe_contacts.set_(loop, ask, row.case_id, case_actions.wish(form)))
    return await _contact(request, form, error) if error else to_list(own, "contact")


@staff("cases.work")
async def agreement_page(request: Request) -> Response:
    """GET …/agreement: what is read out, and the form for what the person agrees to."""
    return await _agreement(request, None, None)


@staff("cases.work")
async def agree(request: Request) -> Response:
    """POST …/agreement: keeps what was agreed, or says what does not count and why; `show`: other words to read out."""
    form, loop = texts(await read_form(request)), loop_of(request)
    if form.get("show"):
        return await _agreement(request, form, None)
    ask = ask_of(request, {**form, "version": ""})
    row = await run_in_threadpool(_row, loop, ask.who, path_id(request, "referral_id"))
    said = agreement_form.said
    _, error = await done(lambda: agreements.record(loop, ask, row.case_id, said(form, row.service_id)))
    return await _agreement(request, form, error) if error else to_list(row.id, "agreed")


async def _contact(request: Request, form: Form, error: WaymarkError | None) -> Response:
    loop, view = loop_of(request), await the_draft(request)
    known = await run_in_threadpool(_known_contact, loop, who(request), view)
    context = {
        "known": known,
        "contact_words": safe_contacts.words(view.draft.contact if view.draft else None),
        "values": dict(form) or known or {"channel": "phone", "from_hour": "9", "until_hour": "17"},
        "lists": {name: items(name) for name in CONTACT_LISTS},
        "days": DAYS,
    }
    return draft_page(request, "staff_referral_contact.html", view, context, error, "channel")


async def _agreement(request: Request, form: Form | None, error: WaymarkError | None) -> Response:
    loop, view = loop_of(request), await the_draft(request, drafts_only=False)
    before = view.draft.agreed_before if view.draft else None
    values = dict(form) if form is not None else agreement_form.start(view.case, before)
    own = view.referral
    context = {
        "values": values,
        "spoken": agreement_form.spoken(loop, own.service_name, own.organization, values),
        "wording_version": loop.texts.wording(values.get("wording_format", "")).version,
        "lists": agreement_form.lists(),
        "is_usual": bool(values.get("capacity_basis")) and form is None,
    }
    return draft_page(request, "staff_agreement.html", view, context, error, "agreement")


def _known_contact(loop: Loop, asking: Who, view: ReferralView) -> dict[str, str]:
    """How they are reached as the form's fields hold it; {} when nothing is known. Opening it is written down."""
    row = view.draft.contact if view.draft else None
    if row is None:
        return {}
    with loop.database.session() as session:
        opened = safe_contacts.opened(session, loop, row)
        purpose = case_rows.why(session, asking, view.case)
        subject = view.case.subject_id
        audit.note(
            session, asking, loop.clock(), "view", "safe_contact", row.id,
            subject_id=subject, fields=SEALED, purpose=purpose,
        )  # fmt: skip
    plain = {name: str(getattr(row, name)) for name in ("channel", "from_hour", "until_hour", "days", "voicemail")}
    return plain | {name: getattr(opened, name) for name in SEALED} | {"may_text": "yes" if row.may_text else ""}


def _row(loop: Loop, asking: Who, referral_id: str) -> Referral:
    """The referral, of a case that this member of staff may see. Raises NotFound."""
    with loop.database.reading() as session:
        row = session.get(Referral, referral_id)
        case_rows.found(session, asking, row.case_id if row else "")
        assert row is not None
        return row


ROUTES = (
    Route("/staff/referrals/{referral_id}/contact", contact_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/contact", contact, methods=["POST"]),
    Route("/staff/referrals/{referral_id}/agreement", agreement_page, methods=["GET"]),
    Route("/staff/referrals/{referral_id}/agreement", agree, methods=["POST"]),
)
