"""The staff's pages of sources: where services come from, what each run did, what waits for a person, and settings."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import BadInput, Conflict, NotFound
from directory.feeds import listing, quality, requests, runs, sources
from directory.feeds.quality import SourceQuality
from directory.feeds.requests import Action
from directory.feeds.runs import Run
from directory.feeds.sources import STANDINGS, SourceSettings
from directory.places import areas
from directory.search import sight
from web import run_words, source_form, sparkline
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import FieldError, read_form, runtime_of
from web.source_form import SourceForm

HISTORY = 20
UNLISTED_SHOWN = 100
DONE = {
    "added": "The source is added.",
    "saved": "The settings are kept.",
    "asked": "It is asked for: the next worker does it.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One source in the table: its settings, its last runs (latest first) and what waits."""

    settings: SourceSettings
    runs: tuple[Run, ...]
    bars: tuple[sparkline.Bar, ...]
    quality: SourceQuality | None
    waits: int

    @property
    def last(self) -> Run | None:
        return self.runs[0] if self.runs else None


@staff("sources.view")
async def listed(request: Request) -> Response:
    """GET /staff/sources: every source, what its last runs did, and what waits for somebody."""
    runtime = runtime_of(request)
    lines = await run_in_threadpool(_lines, request)
    context = {
        **_shared(request),
        "lines": lines,
        "held": [line for line in lines if any(run.state is runs.State.HELD for run in line.runs)],
        "now": runtime.clock(),
    }
    return staff_page(request, "staff_sources.html", context)


@staff("sources.edit")
async def add_page(request: Request) -> Response:
    """GET /staff/sources/add: the form for a source with an address."""
    return _add_page(request, SourceForm({"standing": "feed", "every_hours": "168"}), [])


@staff("sources.edit")
async def add(request: Request) -> Response:
    """POST /staff/sources/add: keeps the source; the next worker reads it."""
    form = source_form.read(await read_form(request))
    try:
        new = await run_in_threadpool(_added, request, form)
    except (BadInput, Conflict) as error:
        return _add_page(request, form, [_at_field(error, "id")], error.status)
    return _done(new.id, "added")


@staff("sources.view")
async def source_page(request: Request) -> Response:
    """GET /staff/sources/{source}: its settings, its runs, and the services it no longer lists."""
    return await _source_page(request, None, [])


@staff("sources.edit")
async def amend(request: Request) -> Response:
    """POST …/settings: keeps the settings, unless somebody else changed them meanwhile."""
    form = source_form.read(await read_form(request))
    try:
        await run_in_threadpool(_amended, request, form)
    except (BadInput, Conflict) as error:
        return await _source_page(request, form, [_at_field(error, "settings")], error.status)
    return _done(_asked(request), "saved")


@staff("sources.edit")
async def run_now(request: Request) -> Response:
    """POST …/run: asks the next worker to fetch it, or only to say what that would change."""
    action = str((await read_form(request)).get("action", ""))
    try:
        if action not in (Action.RUN, Action.DRY_RUN):
            raise BadInput("Choose one of the buttons.", "Nothing was asked for.", "run")
        await run_in_threadpool(_ask, request, action)
    except BadInput as error:
        return await _source_page(request, None, [FieldError("run", str(error))], error.status)
    return _done(_asked(request), "asked")


def _lines(request: Request) -> list[Line]:
    runtime = runtime_of(request)
    means = {each.source: each for each in _qualities(request)}
    with runtime.database.reading() as session:
        waiting = requests.waiting(session)
        found = []
        for settings in sources.load(session):
            history = runs.history(session, settings.id, sparkline.SHOWN)
            waits = sum(each.source_id == settings.id for each in waiting)
            found.append(Line(settings, history, sparkline.bars(history), means.get(settings.id), waits))
        return found


def _qualities(request: Request) -> tuple[SourceQuality, ...]:
    """Every source's quality; worked out anew once the record has changed, for it reads all services (a second)."""
    runtime, kept = runtime_of(request), request.app.state
    with runtime.database.reading() as session:
        key = (runtime.clock().date(), sight.position(session))
        if getattr(kept, "qualities", (None, ()))[0] != key:
            kept.qualities = (key, quality.of_sources(session, runtime.clock()))
    found: tuple[SourceQuality, ...] = kept.qualities[1]
    return found


def _added(request: Request, form: SourceForm) -> SourceSettings:
    runtime = runtime_of(request)
    with runtime.database.session() as session:
        return sources.add(session, source_form.added(form), request.state.user.id, runtime.clock())


def _amended(request: Request, form: SourceForm) -> None:
    runtime = runtime_of(request)
    with runtime.database.session() as session:
        kept = sources.get(session, _asked(request))
        if form.seen != source_form.mark(kept):
            raise Conflict("Somebody else changed this source meanwhile.", "Look at what it says now; then save again.")
        new = source_form.amended(form, kept)
        sources.amend(session, new, request.state.user.id, runtime.clock(), was=kept)
        said = "It is switched on." if new.active else "It was looked at, and not switched on."
        requests.settle(session, kept.id, said, runtime.clock())


def _ask(request: Request, action: str) -> None:
    runtime = runtime_of(request)
    with runtime.database.session() as session:
        requests.ask(session, _asked(request), action, request.state.user.id, runtime.clock())
        if action == Action.RUN:
            requests.settle(session, _asked(request), "It is being read.", runtime.clock())


def _add_page(request: Request, form: SourceForm, errors: list[FieldError], status: int = 200) -> Response:
    context = {**_shared(request), **_form(form, errors), "kinds": _items(source_form.KINDS, "Choose")}
    return staff_page(request, "staff_source_add.html", context, status)


async def _source_page(
    request: Request, form: SourceForm | None, errors: list[FieldError], status: int = 200
) -> Response:
    runtime = runtime_of(request)
    means = {each.source: each for each in await run_in_threadpool(_qualities, request)}
    found = await run_in_threadpool(_read, request)
    settings: SourceSettings = found["source"]
    typed = form or source_form.of_settings(settings)
    if status == 409:  # what is kept now stands beside what was typed
        typed = SourceForm(typed.values, typed.active, source_form.mark(settings))
    context = {
        **_shared(request),
        **_form(typed, errors),
        **found,
        "href": f"/staff/sources/{settings.id}",
        "conflict": status == 409,
        "quality": means.get(settings.id),
        "people": await run_in_threadpool(names, runtime),
        "now": runtime.clock(),
        "done": DONE.get(request.query_params.get("done", ""), "") if not errors else "",
    }
    return staff_page(request, "staff_source.html", context, status)


def _read(request: Request) -> dict[str, Any]:
    with runtime_of(request).database.reading() as session:
        return read_source(session, _asked(request))


def read_source(session: Session, source_id: str) -> dict[str, Any]:
    """What the page of a source tells. Raises NotFound."""
    settings = sources.get(session, source_id)
    history = runs.history(session, source_id, HISTORY)
    gone = listing.unlisted(session, source_id)
    return {
        "source": settings,
        "history": history,
        "bars": sparkline.bars(history),
        "waiting": [each for each in requests.recent(session, source_id) if each.done_at is None],
        "answered": [each for each in requests.recent(session, source_id, 5) if each.done_at is not None],
        "unlisted": gone[:UNLISTED_SHOWN],
        "unlisted_count": len(gone),
    }


def _form(form: SourceForm, errors: list[FieldError]) -> dict[str, Any]:
    councils = {area.gss: area.name for area in sorted(areas.councils(), key=lambda area: area.name)}
    rhythms = dict(source_form.RHYTHMS)
    if form["every_hours"] not in rhythms:
        rhythms[form["every_hours"]] = f"Every {form['every_hours']} hours"
    return {
        "values": form.values,
        "active": form.active,
        "seen": form.seen,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "councils": _items(councils, "None: leave such words unread"),
        "standings": _items(STANDINGS),
        "rhythms": _items(rhythms),
    }


def _items(choices: Any, none: str = "") -> list[dict[str, str]]:
    empty = [{"value": "", "text": none}] if none else []
    return [*empty, *({"value": value, "text": text} for value, text in choices.items())]


def _shared(request: Request) -> dict[str, Any]:
    return {
        "may_edit": policy.may(request.state.user, "sources.edit"),
        "state_words": run_words.STATES,
        "by": run_words.by,
        "took": run_words.took,
        "request_words": run_words.REQUESTS,
        "every": run_words.every,
    }


def _at_field(error: BadInput | Conflict, otherwise: str) -> FieldError:
    return FieldError((error.field if isinstance(error, BadInput) else "") or otherwise, str(error))


def _done(source_id: str, done: str) -> Response:
    return RedirectResponse(f"/staff/sources/{source_id}?done={done}", status_code=303)


def _asked(request: Request) -> str:
    asked: str = request.path_params["source"]
    if not sources.ID.fullmatch(asked):
        raise NotFound("There is no such source.", "They are listed at /staff/sources.")
    return asked


SOURCE = "/staff/sources/{source}"
ROUTES = (
    Route("/staff/sources", listed, methods=["GET"]),
    Route("/staff/sources/add", add_page, methods=["GET"]),
    Route("/staff/sources/add", add, methods=["POST"]),
    Route(SOURCE, source_page, methods=["GET"]),
    Route(f"{SOURCE}/settings", amend, methods=["POST"]),
    Route(f"{SOURCE}/run", run_now, methods=["POST"]),
)
