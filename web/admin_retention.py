"""The page of retention: the schedule with what is due, what was erased, holds, and a run that is counted first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.accounts.tables import utc
from directory.errors import BadInput, WaymarkError
from directory.referrals import audit, retention, switches
from directory.referrals.retention import AUDIT, NOTES, PEOPLE, Retained
from directory.referrals.tables import AuditEvent, Erasure, Subject
from directory.runtime import Runtime
from web.admin_parts import HOME, admin_page
from web.auth import staff
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, texts

PAGE = f"{HOME}/retention"
RUNS_SHOWN = 20
SCHEDULE = (
    ("idle_draft", "idle drafts", "Drafts of referrals that nobody went on with"),
    ("person_after_close", PEOPLE, "Everything personal, after the last need was met or rested"),
    ("links", "links", "Links in letters, after they ended"),
    ("links", "sessions", "Sessions of links"),
    ("codes", "codes", "One-time codes"),
    ("notices", "notices", "That a message was sent; its words are never kept"),
    ("reply_notes", NOTES, "Notes that providers wrote, after the referral ended"),
    ("idempotency", "form keys", "Marks of forms that were sent"),
    ("audit", AUDIT, "Lines of the audit, by pseudonym"),
)
DONE = {
    "on": "A hold is set: nothing at all is erased.",
    "off": "The hold is lifted: the schedule applies again.",
    "run": "What was due is erased.",
}


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased so far, as counts and kinds; nobody is named."""

    people: dict[str, int]
    runs: list[tuple[datetime, tuple[str, ...]]]
    held_people: int
    hold: tuple[datetime, str] | None


@staff("settings.view")
async def retention_page(request: Request) -> Response:
    """GET /staff/admin/retention: the schedule and a dry run of it."""
    return await _page(request, None)


@staff("retention.run")
async def run(request: Request) -> Response:
    """POST /staff/admin/retention: erase what is due; only what was counted on the page and ticked."""
    runtime, form = runtime_of(request), texts(await read_form(request))
    ask = ask_of(request, form)

    def do() -> None:
        if form.get("sure") != "yes":
            raise BadInput("Nothing was erased: this cannot be undone.", "Tick the box if you are sure.", "sure")
        retention.run(runtime.loop, runtime.settings.home)
        with runtime.database.session() as session:
            audit.note(session, ask.who, ask.at, "erase", "schedule", "", purpose="asked")

    _, error = await done(do)
    return await _page(request, error) if error else RedirectResponse(f"{PAGE}?done=run", status_code=303)


@staff("retention.run")
async def hold(request: Request) -> Response:
    """POST /staff/admin/retention/hold: nothing at all is erased, or no longer."""
    runtime, form = runtime_of(request), texts(await read_form(request))
    ask, on = ask_of(request, form), form.get("act", "")
    if on not in ("on", "off"):
        return RedirectResponse(PAGE, status_code=303)
    _, error = await done(lambda: switches.turn(runtime.loop, ask, switches.HOLD, on == "on"))
    return await _page(request, error) if error else RedirectResponse(f"{PAGE}?done={on}", status_code=303)


async def _page(request: Request, error: WaymarkError | None) -> Response:
    runtime = runtime_of(request)
    due: Retained = await run_in_threadpool(retention.run, runtime.loop, runtime.settings.home, True)
    erased = await run_in_threadpool(_erased, runtime)
    rules = runtime.loop.policy
    rows = [(what, rules.number("retention", name), due.counts.get(kind, 0)) for name, kind, what in SCHEDULE]
    context = {
        "rows": rows,
        "total": sum(due.counts.values()),
        "held": due.held,
        "erased": erased,
        "agreed": rules.flag("adopter", "retention_agreed"),
        "may_run": policy.may(request.state.user, "retention.run"),
        "done": DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    return await admin_page(request, "staff_admin_retention.html", context, error, otherwise="retention")


def _erased(runtime: Runtime) -> Erased:
    """From the ledger's rows and the audit's: why and how many, and which kinds went when."""
    with runtime.database.reading() as session:
        counted = select(Erasure.reason, func.count()).group_by(Erasure.reason)
        people = dict(session.execute(counted).all())
        own = (AuditEvent.action == "erase", AuditEvent.object_type == "schedule", AuditEvent.fields != "")
        lines = session.execute(
            select(AuditEvent.at, AuditEvent.fields).where(*own).order_by(AuditEvent.id.desc()).limit(RUNS_SHOWN)
        )
        runs = [(utc(at), tuple(fields.split("|"))) for at, fields in lines]
        held = session.scalar(select(func.count()).where(Subject.held_at.is_not(None))) or 0
        return Erased(people, runs, held, switches.since(session, switches.HOLD))


ROUTES = (
    Route(PAGE, retention_page, methods=["GET"]),
    Route(PAGE, run, methods=["POST"]),
    Route(f"{PAGE}/hold", hold, methods=["POST"]),
)
