"""The pages of live settings: what each is, may be and does, and another value tried out before it counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import NotFound, WaymarkError
from directory.referrals import live_settings, live_versions, working_time
from directory.referrals.live_settings import Setting
from directory.referrals.live_versions import Version
from directory.referrals.policy import NEEDED, Policy
from directory.runtime import Runtime
from web.admin_parts import HOME, admin_page
from web.auth import staff
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, texts

GROUPS: Mapping[str, str] = {
    "silence": "When a provider says nothing",
    "contact": "After a service has accepted",
    "worker": "What workers do in time",
    "sending": "How messages leave",
    "reviews": "Rhythms of looking again",
    "lists": "Sizes of lists",
    "evidence": "Track records",
    "drafts": "Drafts",
}
HOURS = "hours"
LISTED = f"{HOME}/settings"
STEPS = ("acknowledge", "decide", "lapse_warning", "lapse")
TOLD = {
    "acknowledge": "First reminder",
    "decide": "Second reminder, and a worker rings",
    "lapse_warning": "Warning with the next best doors",
    "lapse": "Marked as not answered",
}
DONE = {
    "changed": "The settings are changed. Every part of Waymark follows within seconds.",
    "restored": "The earlier settings are in use again, as a new version.",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One setting on a page: what it is now, what the files say, and the version that changed it last."""

    setting: Setting
    now: str
    default: str
    changed: Version | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What would happen to a referral sent now, under the rules that stand and under those tried."""

    what: str
    urgency: str
    now: datetime
    then: datetime


@staff("settings.view")
async def listed(request: Request) -> Response:
    """GET /staff/admin/settings: every live setting by group, and those that files say, to read."""
    runtime = runtime_of(request)
    rows, version = await run_in_threadpool(_rows, runtime)
    found = {code: [row for row in rows if row.setting.group == code] for code in GROUPS}
    context = {
        "groups": [(code, title, found[code]) for code, title in GROUPS.items()],
        "version": version,
        "pairs": {
            row.setting.key.replace(".routine", ".urgent"): row for row in rows if row.setting.urgency == "routine"
        },
        "fixed": _fixed(runtime),
        "done": DONE.get(request.query_params.get("done", ""), ""),
    }
    return await admin_page(request, "staff_admin_settings.html", context)


@staff("settings.view")
async def group(request: Request) -> Response:
    """GET /staff/admin/settings/{group}: a form of a few settings that go together."""
    return await form_page(request, _asked(request), {}, None)


@staff("settings.change")
async def change(request: Request) -> Response:
    """POST /staff/admin/settings/{group}: try the values out (act "try"), or put them in use."""
    return await taken(request, _asked(request), f"{LISTED}?done=changed")


@staff("settings.view")
async def versions(request: Request) -> Response:
    """GET /staff/admin/settings/versions: who changed what, from what to what, the newest first."""
    return await _versions_page(request, None)


@staff("settings.change")
async def restore(request: Request) -> Response:
    """POST /staff/admin/settings/versions: an earlier version is in use again."""
    runtime, form = runtime_of(request), texts(await read_form(request))
    number = form.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise NotFound("There is no such version.", "Look at the list of versions again.")
    ask = ask_of(request, form)
    _, error = await done(lambda: live_versions.restore(runtime.loop, runtime.file_rules, ask, int(number)))
    if error:
        return await _versions_page(request, error)
    runtime.living.forget()
    return RedirectResponse(f"{LISTED}?done=restored", status_code=303)


async def taken(request: Request, code: str, onward: str) -> Response:
    """The form of a group sent: tried out, kept, or shown again with every mistake."""
    runtime, form = runtime_of(request), texts(await read_form(request))
    ask = ask_of(request, form)
    own = {setting.field for setting in _settings(code)}
    typed = {name: value.replace("\r\n", "\n") for name, value in form.items() if name in own}

    def do() -> None:
        wanted = live_settings.read(typed)
        if form.get("act") != "try":
            live_versions.change(runtime.loop, runtime.file_rules, ask, wanted)
        else:
            _tried(runtime, wanted)

    _, error = await done(do)
    if error or form.get("act") == "try":
        return await form_page(request, code, typed, error)
    runtime.living.forget()
    return RedirectResponse(onward, status_code=303)


async def form_page(request: Request, code: str, typed: Mapping[str, str], error: WaymarkError | None) -> Response:
    """The form of a group, with what was typed, what it would do, or what is wrong with it."""
    runtime = runtime_of(request)
    rows, version = await run_in_threadpool(_rows, runtime)
    rows = [row for row in rows if row.setting.group == code]
    effects = [] if error else await run_in_threadpool(_effects, runtime, typed)
    context: dict[str, Any] = {
        "group": code,
        "title": GROUPS.get(code, "Days and hours"),
        "rows": rows,
        "values": {row.setting.field: typed.get(row.setting.field, row.now) for row in rows},
        "version": version.number,
        "effects": effects,
        "tried": bool(typed) and error is None,
        "done": DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    if code == HOURS:
        today = working_time.today(runtime.clock())
        context["bank_holidays"] = live_settings.bank_holidays(runtime.loop.policy, today)
    template = "staff_admin_hours.html" if code == HOURS else "staff_admin_group.html"
    fields = {row.setting.field for row in rows}
    return await admin_page(request, template, context, error, otherwise="settings", fields=fields)


async def _versions_page(request: Request, error: WaymarkError | None) -> Response:
    runtime = runtime_of(request)
    found = await run_in_threadpool(live_versions.history, runtime.loop, runtime.file_rules)
    return await admin_page(request, "staff_admin_versions.html", {"versions": found}, error, otherwise="versions")


def _rows(runtime: Runtime) -> tuple[list[Row], Version]:
    files, rules = runtime.file_rules, runtime.loop.policy
    history = live_versions.history(runtime.loop, files)
    last = live_versions.changed_last(history)
    rows = [
        Row(own, own.said(own.of(rules)), own.said(own.of(files)), last.get(key))
        for key, own in live_settings.catalogue().items()
    ]
    return rows, history[0]


def _settings(code: str) -> list[Setting]:
    return [own for own in live_settings.catalogue().values() if own.group == code]


def _tried(runtime: Runtime, wanted: Mapping[str, Any]) -> Policy:
    """The rules as they would be. Raises NotSafe."""
    with runtime.database.reading() as session:
        now = live_versions.newest(session)
    files = runtime.file_rules
    return live_settings.over(files, live_settings.differing(files, {**now.values, **wanted}))


def _effects(runtime: Runtime, typed: Mapping[str, str]) -> list[Effect]:
    """When a referral that left now, and that nobody answered, would be chased."""
    rules, at = runtime.loop.policy, runtime.clock()
    then = _tried(runtime, live_settings.read(typed)) if typed else rules
    return [
        Effect(TOLD[step], urgency, *(working_time.after(each, at, each.span(step, urgent)) for each in (rules, then)))
        for urgency, urgent in (("routine", False), ("urgent", True))
        for step in STEPS
    ]


def _fixed(runtime: Runtime) -> list[tuple[str, str, str]]:
    """What is not safe to change live: its name, how it stands (no secret), and where it is set."""
    chosen, rules = runtime.settings, runtime.file_rules
    here = "the environment, before a start"
    file = "referrals.toml, before a start"
    engine = "Elasticsearch" if chosen.elasticsearch_url else "embedded"
    mail = "set" if chosen.mail_url or chosen.notify_key else "not set"
    environ = [
        ("Record", runtime.database.engine.dialect.name, f"WAYMARK_DATABASE_URL, {here}"),
        ("Search engine", engine, f"WAYMARK_ELASTICSEARCH_URL, {here}"),
        ("Address of these pages", chosen.public_url, f"WAYMARK_PUBLIC_URL, {here}"),
        ("Mail server or Notify", mail, f"WAYMARK_MAIL_URL or WAYMARK_NOTIFY_KEY, {here}"),
        ("Mail may leave", _yes(chosen.mail_live), f"WAYMARK_MAIL_LIVE, {here}"),
        ("Key file", str(chosen.key_file), f"WAYMARK_KEY_FILE, {here}"),
        ("Directory is checked and live", _yes(chosen.live), f"WAYMARK_LIVE, {here}"),
    ]
    adopter = [
        (name.replace("_", " ").capitalize(), _filled(rules.sections["adopter"][name]), f"[adopter] {name}, {file}")
        for name in NEEDED
    ]
    law = [
        (name.replace("_", " ").capitalize(), _filled(value), f"[law] {name}, {file}")
        for name, value in rules.sections["law"].items()
    ]
    return [*environ, *adopter, *law]


def _filled(value: object) -> str:
    return _yes(value) if isinstance(value, bool) else str(value) or "not filled in"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _asked(request: Request) -> str:
    code: str = request.path_params["group"]
    if code not in GROUPS:
        raise NotFound("There are no such settings.", "Look at the list of settings.")
    return code


@staff("settings.view")
async def hours(request: Request) -> Response:
    """GET /staff/admin/hours: bank holidays, local days off, working hours, and what they do."""
    return await form_page(request, HOURS, {}, None)


@staff("settings.change")
async def change_hours(request: Request) -> Response:
    """POST /staff/admin/hours: as for every group."""
    return await taken(request, HOURS, f"{HOME}/hours?done=changed")


ROUTES = (
    Route(LISTED, listed, methods=["GET"]),
    Route(f"{LISTED}/versions", versions, methods=["GET"]),
    Route(f"{LISTED}/versions", restore, methods=["POST"]),
    Route(f"{LISTED}/{{group}}", group, methods=["GET"]),
    Route(f"{LISTED}/{{group}}", change, methods=["POST"]),
    Route(f"{HOME}/hours", hours, methods=["GET"]),
    Route(f"{HOME}/hours", change_hours, methods=["POST"]),
)
