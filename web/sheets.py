"""Sheets for the person to take away: how to reach the services they were told of, and nothing that tells of them.

No name, no reference, no harm, need or kind of help stands on one. What nobody has checked is marked; a withheld place
says nothing of where it is. The easy-read sheet has an address and a print of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import segno
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory import opening
from directory.errors import BadInput
from directory.referrals import audit, case_rows, shortlists
from directory.referrals.asking import Who
from directory.referrals.loop import Loop
from directory.runtime import Runtime
from directory.search.columns import as_of_day
from directory.search.document import ServiceDocument
from directory.values import Visibility
from web import case_matches, public, wording
from web.auth import staff, staff_page
from web.forms import read_form
from web.loop_forms import loop_of, path_id, texts, who

FROM_PLAN = 5
"""Services of a plan on one sheet: more are no help to somebody in distress."""
MOST = 10
UNSURE = "Not confirmed"
"""How the note beside a number begins that was only read on a page (`search.assured`)."""
SPOKEN = {"en", "bsl", "interpreter", "many"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One service on a sheet, for whoever finds the sheet as well."""

    name: str
    organization: str
    phone: str
    phone_note: str
    """Why there is none, or that it has still to be checked; "" for a number that somebody has checked."""
    text_or_chat: str
    hours: tuple[str, ...]
    """A line a span; empty: not known for today."""
    place: str
    """Address, one line; "" where none is published or it is withheld."""
    by_self: bool
    """False: it takes people through a worker only."""
    signs: bool
    interprets: bool
    languages: tuple[str, ...]
    """Beside English."""
    url: str
    """Its public page here."""
    qr: Markup


@staff("cases.work")
async def sheet(request: Request) -> Response:
    """GET /staff/cases/{case_id}/sheet?need=ID: the short list (of=plan: the first services that the matcher ranks)."""
    return await _of_case(request, "staff_sheet.html")


@staff("cases.work")
async def easy(request: Request) -> Response:
    """GET …/sheet/easy: the same in easy read."""
    return await _of_case(request, "staff_sheet_easy.html")


@staff("cases.work")
async def of_call(request: Request) -> Response:
    """POST /staff/sheet: of services chosen on a call, while nobody has a case: `service_id` for each."""
    return await _of_services(request, "staff_sheet.html")


@staff("cases.work")
async def easy_of_call(request: Request) -> Response:
    """POST /staff/sheet/easy: the same in easy read."""
    return await _of_services(request, "staff_sheet_easy.html")


async def _of_case(request: Request, template: str) -> Response:
    loop, own, asking = loop_of(request), path_id(request, "case_id"), who(request)
    need_id, of = request.query_params.get("need", ""), request.query_params.get("of", "")
    ids, left_out = await run_in_threadpool(_chosen, loop, asking, own, need_id, of)
    query = f"?need={need_id}&of={of}" if of == "plan" else f"?need={need_id}" if need_id else ""
    home = f"/staff/cases/{own}"
    return await _page(request, template, ids, left_out, home, (f"{home}/sheet{query}", f"{home}/sheet/easy{query}"))


async def _of_services(request: Request, template: str) -> Response:
    form = texts(await read_form(request))
    ids = [each for each in dict.fromkeys(form.get("service_id", "").split("|")) if each]
    if len(ids) > MOST:
        raise BadInput(f"A sheet holds at most {MOST} services.", "Choose fewer.", "service_id")
    return await _page(request, template, ids, (), "/staff", ())


def _chosen(loop: Loop, asking: Who, case_id: str, need_id: str, of: str) -> tuple[list[str], tuple[str, ...]]:
    """Ids of the services to print, and the names of those on the short list that must not be; written down."""
    if of == "plan":
        doors = case_matches.read(loop, asking, case_id, need_id).doors
        ids, left_out = [each.service_id for each in doors[:FROM_PLAN]], tuple[str, ...]()
    else:
        with loop.database.reading() as session:
            case_rows.found(session, asking, case_id)
            listed = shortlists.listed(session, case_id, need_id)
        ids = list(dict.fromkeys(each.service_id for each in listed if each.is_open and not each.excluded))
        left_out = tuple(each.name or "a service" for each in listed if not each.is_open or each.excluded)
    with loop.database.session() as session:
        case = case_rows.found(session, asking, case_id)
        audit.note(
            session, asking, loop.clock(), "print", "case", case.id,
            subject_id=case.subject_id, fields=("sheet",), purpose=case_rows.why(session, asking, case),
        )  # fmt: skip
    return ids, left_out


async def _page(
    request: Request, template: str, ids: Sequence[str], left_out: Sequence[str], back: str, forms: tuple[str, ...]
) -> Response:
    """`forms`: the addresses of the plain and the easy-read sheet, where they have one."""
    runtime: Runtime = request.app.state.runtime
    found = [doc for doc in [await runtime.index.get(each) for each in ids] if doc is not None]
    now, url = runtime.clock(), runtime.settings.public_url
    context = {
        "entries": [entry(doc, url, now) for doc in found],
        "left_out": left_out,
        "missing": len(ids) - len(found),
        "back": back,
        "forms": forms,
        "our_phone": loop_of(request).policy.text("adopter", "phone"),
        "ids": ids,
    }
    return staff_page(request, template, context)


def entry(doc: ServiceDocument, public_url: str, now: datetime) -> Entry:
    """What a sheet says of a service. `public_url`: how people reach our pages."""
    shown, url = public.shown(doc), f"{public_url}/services/{doc.id}"
    is_checked = shown.phone and UNSURE not in shown.phone_note
    return Entry(
        shown.name,
        shown.organization if shown.organization != shown.name else "",
        shown.phone,
        "" if is_checked else shown.phone_note,
        shown.text_or_chat,
        _hours(shown, now),
        wording.place(shown) if shown.visibility is Visibility.EXACT and shown.address else "",
        not shown.referral_routes or "self" in shown.referral_routes,
        "bsl" in shown.languages,
        bool({"interpreter", "many"} & set(shown.languages)),
        tuple(wording.LANGUAGES.get(code, code) for code in shown.languages if code not in SPOKEN),
        url,
        qr(url),
    )


def _hours(doc: ServiceDocument, now: datetime) -> tuple[str, ...]:
    """Hours that may be taken for today's, a line a span."""
    if not opening.counts(doc.hours, as_of_day(doc.hours_as_of), opening.day_of(now)):
        return ()
    return tuple(each.strip() for each in opening.in_words(doc.hours).split(";") if each.strip())


def qr(url: str) -> Markup:
    """A QR code as inline SVG, black on white whatever the page's colours."""
    made = segno.make(url, error="m", micro=False)
    return Markup(made.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None, dark="#000", light="#fff"))


ROUTES = (
    Route("/staff/cases/{case_id}/sheet", sheet, methods=["GET"]),
    Route("/staff/cases/{case_id}/sheet/easy", easy, methods=["GET"]),
    Route("/staff/sheet", of_call, methods=["POST"]),
    Route("/staff/sheet/easy", easy_of_call, methods=["POST"]),
)
