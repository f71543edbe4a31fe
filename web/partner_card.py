"""What partners get for keeping a record true: a card to print, a widget for their own site, and how to put it there.

Both say what the public page of the service says and no more: a number that nobody has checked is on neither, nor is
anything of a confidential place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import opening
from directory.feeds.assurance import CONFIRMED, State
from directory.matching import explain
from directory.partners import members
from directory.partners.members import Membership
from directory.runtime import Runtime
from directory.search.document import ServiceDocument
from directory.values import Known, Visibility
from web import public, sheets, wording
from web.loop_forms import loop_of, path_id
from web.partner_door import partner, partner_page
from web.render import page
from web.sheets import Entry
from web.wording import Fact

SIZES = ("a6", "a4")
HEIGHT = 640
"""Pixels of the frame that we propose: what a usual service needs in a column 300 wide."""
FACTS = (
    "Ages", "Gender", "Area it serves", "How it works", "Who can refer", "Languages", "Place", "Waiting list",
)  # fmt: skip
"""Lines of the public page that the widget has too, where they say something."""
BY = {
    State.PROVIDER_CONFIRMED: "Confirmed by the service",
    State.SPOC_CONFIRMED: "Confirmed by the single point of contact",
}
FRAMED = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors *",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
"""Of the one page that others may show inside theirs: it runs nothing, sends nothing, and asks no other host. Nobody
keeps a copy: a place that is made confidential is gone from it at once."""


@dataclass(frozen=True, slots=True)
class Card:
    """A service in few words for paper or a small frame."""

    entry: Entry
    phone: str
    """Only a number that somebody has checked."""
    text_or_chat: str
    """Only while the record is confirmed: nobody checks it by itself."""
    site: str
    ask: str
    """How to reach a service that gives no number and no site; "" when it gives one."""
    ages: str
    area: str
    confirmed: str
    runs: bool
    hidden: bool
    """Its place is confidential: how to reach it stands in `ask`."""
    facts: Sequence[Fact] = ()


def card(doc: ServiceDocument, runtime: Runtime) -> Card:
    """What a card says of a service, as the public page has it today."""
    now, shown = runtime.clock(), public.shown(doc)
    today = opening.day_of(now)
    entry = sheets.entry(doc, runtime.settings.public_url, now)
    phone = "" if entry.phone_note else entry.phone
    is_confirmed = shown.assurance.at(now.date()).state in CONFIRMED
    hidden = shown.visibility is Visibility.UNDISCLOSED
    return Card(
        entry=entry,
        phone=phone,
        text_or_chat=shown.text_or_chat if is_confirmed else "",
        site=shown.url,
        ask=shown.phone_note if hidden else "",
        ages=wording.ages(shown) if shown.age.known is not Known.UNKNOWN else "",
        area=wording.serves(shown) if shown.coverage.known is not Known.UNKNOWN else "",
        confirmed=confirmed(shown, now.date()),
        runs=shown.status == "active",
        hidden=hidden,
        facts=[each for each in wording.facts(shown, today) if each.label in FACTS and not each.ask],
    )


def confirmed(doc: ServiceDocument, today: date) -> str:
    """Who confirmed it and on which day; else how it is known, as the public page says it."""
    now = doc.assurance.at(today)
    if now.state in BY and len(now.since) == len("2026-11-22"):
        day = date.fromisoformat(now.since)
        return f"{BY[now.state]} on {day.day} {day:%B %Y}."
    return explain.freshness(doc, (today - date(1970, 1, 1)).days)


async def widget(request: Request) -> Response:
    """GET /partners/widget/{service_id}: one service for other sites to frame; one that is not public is not there."""
    runtime: Runtime = request.app.state.runtime
    doc = await runtime.index.get(request.path_params["service_id"])
    if doc is None:
        context = {"card": None, "live": runtime.settings.live}
        return page("partner_widget.html", context, status=404, headers=FRAMED)
    if doc.id != request.path_params["service_id"]:
        return RedirectResponse(f"/partners/widget/{doc.id}", status_code=303, headers=FRAMED)
    shown = {"card": card(doc, runtime), "live": runtime.settings.live}
    return page("partner_widget.html", shown, headers=FRAMED)


@partner
async def card_page(request: Request) -> Response:
    """GET /partners/services/{service_id}/card?size=a4: the card on the screen as it will be on paper."""
    runtime: Runtime = request.app.state.runtime
    own = await run_in_threadpool(_member, request)
    size = request.query_params.get("size", "")
    context = {
        "href": _href(request),
        "partner": own.partner,
        "card": await _card(request, runtime),
        "size": size if size in SIZES else SIZES[0],
        "sizes": SIZES,
    }
    return partner_page(request, "partner_card.html", context)


@partner
async def widget_page(request: Request) -> Response:
    """GET /partners/services/{service_id}/widget: the lines to copy into their own site."""
    runtime: Runtime = request.app.state.runtime
    own = await run_in_threadpool(_member, request)
    found, base = await _card(request, runtime), runtime.settings.public_url
    service_id = path_id(request, "service_id")
    context = {
        "href": _href(request),
        "partner": own.partner,
        "card": found,
        "address": f"/partners/widget/{service_id}",
        "snippet": snippet(base, service_id) if found else "",
        "link": f'<a href="{base}/services/{service_id}">How to reach us</a>' if found else "",
    }
    return partner_page(request, "partner_widget_page.html", context)


def snippet(public_url: str, service_id: str) -> str:
    """What a partner pastes into a page of theirs; nothing of the service stands in it, so nothing can go stale."""
    return (
        f'<iframe src="{public_url}/partners/widget/{service_id}" title="How to reach us" width="100%" '
        f'height="{HEIGHT}" style="border: 0; max-width: 30rem" loading="lazy" referrerpolicy="no-referrer"></iframe>'
    )


async def _card(request: Request, runtime: Runtime) -> Card | None:
    """None: it is not in the directory at present, so there is nothing to print."""
    doc = await runtime.index.get(path_id(request, "service_id"))
    return card(doc, runtime) if doc else None


def _member(request: Request) -> Membership:
    loop = loop_of(request)
    with loop.database.reading() as session:
        return members.member(session, request.state.inside, path_id(request, "service_id"))


def _href(request: Request) -> str:
    return f"/partners/services/{path_id(request, 'service_id')}"


ROUTES = (
    Route("/partners/widget/{service_id}", widget, methods=["GET"]),
    Route("/partners/services/{service_id}/card", card_page, methods=["GET"]),
    Route("/partners/services/{service_id}/widget", widget_page, methods=["GET"]),
)
