"""The staff's page of one service: how true its record is and by whose word, and buttons to say what they found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import capacity, records
from directory.accounts import policy
from directory.errors import BadInput, Conflict, NotFound, NotReady
from directory.feeds import assurance, assurance_words, numbers, quality
from directory.feeds.assurance import Rhythm, State, Word
from directory.matching import explain
from directory.partners import review_due, review_facts, review_rounds, said_wrong
from directory.partners.said_wrong import Told
from directory.runtime import Runtime
from directory.search import pairs, provenance, record_view, telling
from directory.search.record_view import SAYABLE, RecordView, Row
from web import public
from web.auth import staff, staff_page
from web.editor_lists import names
from web.field_words import field_words
from web.forms import FieldError, read_form, runtime_of

DONE = {
    "said": "Thank you: it is kept, and shown from now on.",
    "again": "That was said already: nothing has changed.",
    "rhythm": "How often it must be checked is kept.",
}
WORDS = {
    "checked": "I have checked this: all still right",
    "service_says": "The service told me: all still right",
    "number_works": "This number works",
    "room_right": "What it says of room and waiting is still right",
    "number_dead": "This number does not work",
    "not_theirs": "This number is somebody else’s",
    "link_broken": "This link is broken",
    "closed": "It has closed",
    "moved": "It has moved",
}
"""The buttons, by what they say (`record_view.SAYABLE`)."""
WHOLE = frozenset({"checked", "service_says", "closed"})
"""Those that say how the whole record stands."""


@staff("services.view")
async def service_page(request: Request) -> Response:
    """GET /staff/services/{id}: the record as staff see it; a follower's id leads to its leader."""
    return await _page(request, [])


@staff("services.assure")
async def say(request: Request) -> Response:
    """POST …/say: one button pressed; the index and the public pages follow within seconds."""
    form = await read_form(request)
    word, seen = str(form.get("word", "")), str(form.get("seen", ""))
    try:
        kept = await run_in_threadpool(_said, runtime_of(request), _asked(request), word, seen, request.state.user.id)
    except (BadInput, Conflict) as error:
        return await _page(request, [FieldError("words", str(error))], error.status)
    return _done(request, "said" if kept else "again")


@staff("services.assure")
async def set_rhythm(request: Request) -> Response:
    """POST …/rhythm: how often this service must be asked."""
    form = await read_form(request)
    typed = {name: str(form.get(name, "")).strip() for name in ("facts", "capacity")}
    try:
        rhythm = Rhythm(_months(typed["facts"], "facts"), _months(typed["capacity"], "capacity"))
        kept = await run_in_threadpool(_set, runtime_of(request), _asked(request), rhythm, request.state.user.id)
    except BadInput as error:
        return await _page(request, [FieldError(error.field or "facts", str(error))], error.status, typed)
    return _done(request, "rhythm" if kept else "again")


async def _page(
    request: Request, errors: list[FieldError], status: int = 200, typed: Mapping[str, str] | None = None
) -> Response:
    runtime = runtime_of(request)
    found, score = await run_in_threadpool(_read, runtime, _asked(request))
    if found.id != _asked(request) and not errors:
        return RedirectResponse(_href(found.id), status_code=303)
    today = runtime.clock().date()
    now = found.assured.at(today)
    doc = public.shown(found.document) if found.document else None
    context: dict[str, Any] = {
        **await run_in_threadpool(_beside, runtime, found.id),
        "found": found,
        "service": doc,
        "href": _href(found.id),
        "state": assurance_words.SHORT[now.state],
        "now": now,
        "since": assurance_words.spoken_date(now.since),
        "freshness": explain.freshness(doc, (today - assurance_words.day_of(0)).days) if doc else "",
        "state_code": str(now.state),
        "reach": _reach(found),
        "room": _room(found, today),
        "in_doubt": _in_doubt(found),
        "told": await run_in_threadpool(_told, runtime, [row.id for row in found.rows]),
        "facts": review_facts.BY_CODE,
        "closed_itself": assurance.is_closed_by_provider(found.words),
        "overdue": bool(now.due) and now.due < today.isoformat(),
        "quality": score,
        "broken_after": quality.BROKEN_AFTER,
        "people": await run_in_threadpool(names, runtime),
        "words": WORDS,
        "said": said_words,
        "by": by_words,
        "field": field_words,
        "months": typed or {"facts": str(found.rhythm.facts), "capacity": str(found.rhythm.capacity)},
        "may_say": policy.may(request.state.user, "services.assure"),
        "may_change": policy.may(request.state.user, "services.edit"),
        "may_mailbox": policy.may(request.state.user, "mailboxes.propose"),
        "may_see_sources": policy.may(request.state.user, "sources.view"),
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_service.html", context, status)


def said_words(word: Word) -> str:
    """A word on a service as staff read it in its history."""
    if word.state == assurance.RHYTHM:
        what = "room" if "capacity" in word.fields else "facts"
        return f"To be checked every {word.reason} months ({what})"
    for code, each in SAYABLE.items():
        if (each.state, each.reason) == (word.state, word.reason) and word.fields == ((each.field,) * bool(each.field)):
            return WORDS[code]
    about = f" ({', '.join(map(field_words, word.fields))})" if word.fields else ""
    return assurance_words.SHORT[State(word.state)] + about


@dataclass(frozen=True, slots=True)
class Reach:
    """One number and website, which several rows may tell. `shown`: anybody may see the number."""

    row: Row
    doubted: bool
    shown: bool


def _reach(found: RecordView) -> list[Reach]:
    """Each number with its website once, in the order of the rows."""
    wrong = {word.service_id for word in assurance.doubted(found.words) if "phone" in word.fields}
    doubted = {numbers.digits(row.phone) for row in found.rows if row.id in wrong}
    known = {numbers.digits(row.phone) for row in found.rows if row.phone_shown}
    once: dict[tuple[str, str], Row] = {}
    for row in found.rows:
        if row.phone or row.url:
            once.setdefault((numbers.digits(row.phone), row.url), row)
    return [Reach(row, number in doubted, number in known) for (number, _), row in once.items()]


def _room(found: RecordView, today: date) -> str:
    """Whether it takes referrals, and by whose word: its own goes before its sources'."""
    if found.document is None or not found.document.capacity.state:
        return ""
    known = capacity.in_words(found.document.capacity, (today - assurance_words.day_of(0)).days)
    return f"{known} It said so itself." if found.room_by_itself else known


def _in_doubt(found: RecordView) -> list[str]:
    """What its own people, in answer to a referral or on their own page, said to be wrong; once each."""
    doubts = (word for word in assurance.doubted(found.words) if _is_own(word))
    return list(
        dict.fromkeys(
            f"{field_words(field).capitalize()}: it told us, {assurance_words.spoken_date(word.at.date().isoformat())},"
            f" that {assurance_words.DOUBTS[word.reason]}."
            for word in doubts
            for field in word.fields
        )
    )


def _is_own(word: Word) -> bool:
    return word.by == "provider" or review_due.told_by_partner(word)


def by_words(by: str, people: Mapping[str, str]) -> str:
    """Who: a member of staff by name, a source by its id."""
    if by in people:
        return people[by]
    if by == "provider":
        return "the service itself, answering a referral"
    if by.startswith(review_due.BY):
        return "the service itself, on its own page"
    if by == "partner":
        return "the service itself, as a partner"
    if by == "ingest:starter":
        return "the set-up"
    return f"source {by.removeprefix('ingest:')}" if by.startswith("ingest:") else by


def _read(runtime: Runtime, service_id: str) -> tuple[RecordView, quality.Quality]:
    with runtime.database.reading() as session:
        found = record_view.view(session, service_id)
        return found, quality.of_services(session, [found.id], runtime.clock())[found.id]


def _beside(runtime: Runtime, leader_id: str) -> dict[str, Any]:
    """Who says what of it, its other registrations, and the rows it was compared with."""
    with runtime.database.reading() as session:
        return {
            "provenance": provenance.provenance(telling.read(session, [leader_id])[leader_id]),
            "group": pairs.group_of(session, leader_id),
            "pairs": pairs.of_service(session, leader_id),
        }


def _told(runtime: Runtime, rows: list[str]) -> tuple[Told, ...]:
    """What its partner said is not right; nothing where there is no loop, for then nobody could say it."""
    try:
        loop = runtime.loop
    except NotReady:
        return ()
    with runtime.database.reading() as session:
        return said_wrong.told(session, loop, rows)


def _said(runtime: Runtime, service_id: str, word: str, seen: str, by: str) -> bool:
    """Keeps the word; one on the whole record answers the work list's question about it."""
    with runtime.database.session() as session:
        at = runtime.clock()
        kept = record_view.say(session, service_id, word, seen, by, at)
        if word in WHOLE:
            review_rounds.settle(session, record_view.members(session, service_id), by, at)
        return kept


def _set(runtime: Runtime, service_id: str, rhythm: Rhythm, by: str) -> bool:
    with runtime.database.session() as session:
        return assurance.set_rhythm(session, records.leader(session, service_id), rhythm, by, runtime.clock())


def _months(text: str, field: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 4:
        return int(text)
    raise BadInput("The months between two checks are not a whole number.", "Write one like 12.", field)


def _done(request: Request, done: str) -> Response:
    return RedirectResponse(f"{_href(_asked(request))}?done={done}", status_code=303)


def _href(service_id: str) -> str:
    return f"/staff/services/{service_id}"


def _asked(request: Request) -> str:
    asked: str = request.path_params["service_id"]
    if not asked.isascii() or not asked.isprintable():
        raise NotFound("There is no such service in the record.", "Look it up by name.")
    return asked


ROUTES = (
    Route("/staff/services/{service_id}", service_page, methods=["GET"]),
    Route("/staff/services/{service_id}/say", say, methods=["POST"]),
    Route("/staff/services/{service_id}/rhythm", set_rhythm, methods=["POST"]),
)
