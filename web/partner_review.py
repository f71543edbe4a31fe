"""Is this still right? One page a service, answered by its partner in a minute; and the list of those that wait."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.editing import hand
from directory.errors import BadInput, Conflict
from directory.feeds import assurance_words
from directory.feeds.assurance import State
from directory.partners import members, record_said, review_due, review_facts, review_rounds, reviews
from directory.partners.members import OwnService
from directory.partners.record_said import RecordSaid
from directory.partners.review_facts import Asked
from directory.partners.reviews import LONGEST
from directory.partners.said_wrong import Told
from directory.referrals.loop import Answer, new_key
from directory.search import record_view
from web.forms import FieldError, read_form
from web.loop_forms import loop_of, path_id, texts
from web.partner_door import ask_of, partner, partner_page

MARK_LENGTH = 16
WHO = {
    "staff": "Staff of the single point of contact told us",
    "referral": "Your own people told us, answering a referral",
    "self": "You told us",
    "check": "Our own check of your link found",
}


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page reads in one look. `stands`: how the record stands, in a sentence; `late`: not confirmed.
    `colleagues`: what others of theirs said is not right, with the day; `shared`: nothing here counts by itself."""

    asked: Asked
    said: RecordSaid
    stands: str
    late: bool
    colleagues: tuple[Told, ...]
    shared: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """One of somebody's services; `waits`: its answer is due."""

    own: OwnService
    stands: str
    waits: bool


@partner
async def review(request: Request) -> Response:
    """GET /partners/services/{id}/review: every fact as it counts now, and the button for all of it."""
    return await _page(request)


@partner
async def answer(request: Request) -> Response:
    """POST …/review: all of it is right, or which facts are not; then where they go on."""
    form, loop, own = texts(await read_form(request)), loop_of(request), path_id(request, "service_id")
    wrong, inside, seen = _wrong(form), request.state.inside, form.get("seen", "")[:MARK_LENGTH]
    try:
        ask = ask_of(request, {**form, "version": ""})
        all_right = _all_right(form, wrong)

        def do() -> Answer:
            if all_right:
                return reviews.confirm(loop, ask, inside, own, seen)
            return reviews.tell(loop, ask, inside, own, seen, wrong)

        how = (await run_in_threadpool(do))["how"]
    except (BadInput, Conflict) as error:
        at = error.field if isinstance(error, BadInput) and error.field else "facts"
        return await _page(request, form, FieldError(at, str(error)), error.status)
    return RedirectResponse(f"{review_rounds.path_of(own)}/done?{urlencode({'how': how})}", status_code=303)


@partner
async def answered(request: Request) -> Response:
    """GET …/review/done: what follows from the answer, and which service waits next."""
    own = path_id(request, "service_id")
    found = await run_in_threadpool(_waiting, request)
    mine = next((each for each in found if each.own.service_id == own), None)
    if mine is None:
        return RedirectResponse("/partners/mine", status_code=303)
    context = {
        "own": mine,
        "how": request.query_params.get("how", ""),
        "next": next((each.own for each in found if each.waits and each.own.service_id != own), None),
    }
    return partner_page(request, "partner_review_done.html", context)


@partner
async def several(request: Request) -> Response:
    """GET /partners/reviews: own services, those first that wait for an answer."""
    found = await run_in_threadpool(_waiting, request)
    return partner_page(request, "partner_reviews.html", {"services": sorted(found, key=lambda each: not each.waits)})


async def _page(
    request: Request, typed: Mapping[str, str] | None = None, error: FieldError | None = None, status: int = 200
) -> Response:
    """The page, and after a mistake the page again with all that was ticked and typed."""
    own = path_id(request, "service_id")
    found = await run_in_threadpool(_read, request, own)
    again = typed or {}
    errors = (
        [FieldError(f"said_{error.field}" if error.field in review_facts.BY_CODE else "facts", error.message)]
        if error
        else []
    )
    context: dict[str, Any] = {
        "page": found,
        "asked": found.asked,
        "labels": {code: fact.label for code, fact in review_facts.BY_CODE.items()},
        "ticked": set(again.get("wrong", "").split("|")) - {""},
        "typed": again,
        "who": WHO,
        "longest": LONGEST,
        "href": review_rounds.path_of(own),
        "room": f"/partners/services/{own}/room",
        "key": new_key(),
        "errors": errors,
        "error_by_field": {each.field: each.message for each in errors},
    }
    return partner_page(request, "partner_review.html", context, status)


def _read(request: Request, own: str) -> Page:
    loop = loop_of(request)
    with loop.database.reading() as session:
        member = members.member(session, request.state.inside, own).check(members.EDITS)
        stands, late = _stands(request, record_view.view(session, own))
        asked, said = review_facts.asked(session, loop, own), record_said.of_service(session, loop, own)
        shared = reviews.is_shared(session, member, hand.rows_of(session, own))
        return Page(asked, said, stands, late, reviews.still_wrong(session, loop, member, own), shared)


def _waiting(request: Request) -> list[Waiting]:
    loop = loop_of(request)
    today = loop.clock().date()
    with loop.database.reading() as session:
        mine = [each for each in members.services_of(session, request.state.inside) if each.role in members.EDITS]
        dues = review_due.of_services(session, [each.service_id for each in mine], loop.policy)
        found = []
        for each in mine:
            due = dues.get(each.service_id)
            waits = due is not None and due.first <= today
            stands, _ = _stands(request, record_view.view(session, each.service_id))
            found.append(Waiting(each, stands, waits or review_rounds.open_round(session, each.service_id) is not None))
        return found


def _stands(request: Request, found: record_view.RecordView) -> tuple[str, bool]:
    """How the record stands today, in the words of the directory itself, and whether it is not confirmed."""
    today = loop_of(request).clock().date()
    state = found.assured.at(today).state
    words = assurance_words.said(found.assured, today)
    return words or "Nobody has confirmed this yet.", state not in (State.PROVIDER_CONFIRMED, State.SPOC_CONFIRMED)


def _wrong(form: Mapping[str, str]) -> dict[str, str]:
    """The facts ticked, and those beside which something is written."""
    ticked = set(form.get("wrong", "").split("|")) - {""}
    words = {code: form.get(f"said_{code}", "").strip() for code in review_facts.BY_CODE}
    strange = {code: "" for code in ticked if code not in review_facts.BY_CODE}
    return {code: said for code, said in words.items() if said or code in ticked} | strange


def _all_right(form: Mapping[str, str], wrong: Mapping[str, str]) -> bool:
    """Raises BadInput when both were said at once."""
    if form.get("answer") != "right":
        return False
    if wrong:
        names = ", ".join(review_facts.BY_CODE[code].label for code in wrong if code in review_facts.BY_CODE)
        advice = "Press “Send what is not right”, or take the ticks and words away."
        raise BadInput(f"You said that something is not right: {names}.", advice, "facts")
    return True


ROUTES = (
    Route("/partners/reviews", several, methods=["GET"]),
    Route("/partners/services/{service_id}/review", review, methods=["GET"]),
    Route("/partners/services/{service_id}/review", answer, methods=["POST"]),
    Route("/partners/services/{service_id}/review/done", answered, methods=["GET"]),
)
