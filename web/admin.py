"""The administration's first page, how the installation stands at a glance, and the way to every part of it."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from directory import database, outgoing
from directory.accounts.tables import utc
from directory.errors import NotReady, WaymarkError
from directory.feeds import runs
from directory.referrals import audit, chain_state, live_versions, mail_view, switches, wording_versions
from directory.referrals.asking import Who
from directory.referrals.tables import SweepRun
from directory.runtime import Runtime
from directory.search import indexing
from web import admin_keys, admin_people, admin_retention, admin_settings, admin_wording
from web.admin_parts import HOME, admin_page
from web.auth import staff
from web.forms import runtime_of
from web.loop_forms import who
from web.render import local

GOOD, WARN, LATE = "good", "warn", "late"
ALIVE = timedelta(minutes=2)
"""A worker seals and sweeps every few seconds."""
BEHIND_S = 60.0
"""Seconds that the index may be behind the record."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing at a glance: a word for how it stands with its kind of badge, a sentence, and where to go."""

    what: str
    word: str
    kind: str
    said: str
    href: str = ""


@staff("settings.view")
async def home(request: Request) -> Response:
    """GET /staff/admin: mail, retention, index, sources, worker, audit, waiting words, versions."""
    runtime = runtime_of(request)
    lines = [await _index(runtime), *await run_in_threadpool(_lines, runtime, who(request))]
    return await admin_page(request, "staff_admin_home.html", {"lines": lines})


async def _index(runtime: Runtime) -> Line:
    try:
        health = await runtime.index.health()
    except NotReady as error:
        return Line("Search", "not ready", LATE, str(error))
    lag = await run_in_threadpool(indexing.lag, runtime.database, runtime.clock())
    behind = f"{lag.lines:,} changes wait for it." if lag.lines else "It is level with the record."
    if not health.ready:
        return Line("Search", "not ready", LATE, health.message)
    word, kind = ("behind", WARN) if lag.seconds > BEHIND_S else ("ready", GOOD)
    return Line("Search", word, kind, f"{health.services:,} services, {health.engine}. {behind}")


def _lines(runtime: Runtime, reader: Who) -> list[Line]:
    return [
        _mail(runtime, reader),
        _worker(runtime),
        _retention(runtime),
        _sources(runtime),
        _audit(runtime),
        *_words(runtime),
    ]


def _mail(runtime: Runtime, reader: Who) -> Line:
    """As /staff/mail counts it for them."""
    seen = mail_view.view(runtime.loop, runtime.clock(), reader)
    try:
        how, leaves = outgoing.words(runtime.settings), outgoing.postman(runtime.settings).leaves
    except WaymarkError as error:
        return Line("Mail", "not set up", LATE, str(error), "/staff/mail")
    if seen.stopped:
        return Line("Mail", "stopped", LATE, f"All mail is stopped since {local(seen.stopped[0])}.", "/staff/mail")
    if seen.late_since:
        return Line("Mail", "late", LATE, f"{how} {seen.due:,} messages are due and have not left.", "/staff/mail")
    if seen.missing:
        missing = ", ".join(seen.missing).replace("_", " ")
        return Line("Mail", "not yet", WARN, f"Nothing is sent yet. To be filled in: {missing}.", "/staff/mail")
    word, kind = ("on", GOOD) if leaves else ("to files", WARN)
    return Line("Mail", word, kind, f"{how} {seen.waiting:,} wait.", "/staff/mail")


def _worker(runtime: Runtime) -> Line:
    """Whether anything goes its rounds: the newest mark of any part of a round."""
    with runtime.database.reading() as session:
        marks = [utc(at) for at in session.scalars(select(SweepRun.done_at)) if at is not None]
    if not marks:
        return Line("Worker", "never ran", LATE, "Nothing has gone its rounds yet. Run `waymark work` or `serve`.")
    if runtime.clock() - max(marks) > ALIVE:
        said = f"Last at work {local(max(marks))}. Messages and timers wait: start `waymark work`."
        return Line("Worker", "silent", LATE, said)
    return Line("Worker", "at work", GOOD, "Messages, timers and seals are looked after.")


def _retention(runtime: Runtime) -> Line:
    with runtime.database.reading() as session:
        hold = switches.since(session, switches.HOLD)
    href = f"{HOME}/retention"
    if hold:
        return Line("Retention", "held", WARN, f"Nothing is erased since {local(hold[0])}.", href)
    if not runtime.loop.policy.flag("adopter", "retention_agreed"):
        return Line("Retention", "not agreed", WARN, "Nothing is erased until the schedule is agreed.", href)
    return Line("Retention", "on", GOOD, "What is due is erased once a day.", href)


def _sources(runtime: Runtime) -> Line:
    with runtime.database.reading() as session:
        held = len(runs.held(session))
    said = f"{held:,} {'reading waits' if held == 1 else 'readings wait'} for a person." if held else "None is held."
    return Line("Sources", f"{held:,} held" if held else "no trouble", WARN if held else GOOD, said, "/staff/sources")


def _audit(runtime: Runtime) -> Line:
    href = f"{HOME}/keys"
    try:
        state = chain_state.state(runtime.loop, runtime.settings.home)
    except WaymarkError as error:
        return Line("Audit", "no heads", LATE, str(error), href)
    said = f"Lines sealed: {state.sealed:,}, and {state.unsealed:,} wait."
    if state.verified_at is None:
        return Line("Audit", "not verified", WARN, f"{said} Nobody has verified the chain here yet.", href)
    if not state.was_right:
        return Line("Audit", "changed", LATE, f"{said} The chain was found changed {local(state.verified_at)}.", href)
    return Line("Audit", "verified", GOOD, f"{said} The chain was right {local(state.verified_at)}.", href)


def _words(runtime: Runtime) -> list[Line]:
    with runtime.database.reading() as session:
        waiting = len(wording_versions.waiting(session))
        number = live_versions.newest(session).number
    said = f"Waiting for a second person: {waiting:,}." if waiting else "No other words wait for a second person."
    word, kind = ("waits", WARN) if waiting else ("settled", GOOD)
    version = f"Waymark {audit.VERSION}, record {database.REVISIONS[-1]}, settings version {number}."
    return [
        Line("Wording", word, kind, said, f"{HOME}/wording"),
        Line("Versions", audit.VERSION, "", version, f"{HOME}/settings/versions"),
    ]


ROUTES = (
    Route(HOME, home, methods=["GET"]),
    *admin_settings.ROUTES,
    *admin_wording.ROUTES,
    *admin_retention.ROUTES,
    *admin_keys.ROUTES,
    *admin_people.ROUTES,
)
