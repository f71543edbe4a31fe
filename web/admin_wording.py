"""The pages of words: what messages and agreements say, other words proposed, and a second person's yes or no."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.accounts import policy
from directory.errors import WaymarkError
from directory.referrals import texts as words_in_use
from directory.referrals import tier_check, wording_versions
from directory.referrals.texts import EASY_READ, PLAIN
from directory.referrals.wording_versions import AGREEMENT, NotTier0, Version
from web import wording
from web.admin_parts import HOME, admin_page
from web.auth import staff
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, path_id, texts

LISTED = f"{HOME}/wording"
LABELS = {"subject": "Subject", "body": "Words", PLAIN: "Plain words", EASY_READ: "Easy read"}
HINTS = {"subject": "One line.", "body": "", PLAIN: "It is read out as it stands.", EASY_READ: "One thought a line."}
TITLES = {
    "referral": "A referral waits",
    "link_again": "A new link to a referral",
    "chaser_1": "First reminder",
    "chaser_2": "Second reminder",
    "question_answered": "A provider's question was answered",
    "digest": "The daily message",
    "code": "One-time code",
    "stop": "Please stop",
    "void": "Sent in error",
    "mailbox_changed": "The mailbox was changed",
    "mailbox_prove": "Is the mailbox right?",
    "person_check_in": "To a person: as we agreed",
    "signpost_question": "To a person: how they got on",
    "person_links": "To a person: what they asked us to write down",
    "text_ring_us": "Text to a person: ring us",
    "text_links": "Text to a person: what they asked for",
    "check_your_entry": "Please look at your entry",
    f"{AGREEMENT}refer": "Read out before somebody agrees to be referred",
}
DONE = {
    "proposed": "Your words are kept as a proposal. They are in use once somebody else has approved them.",
    "approved": "The words are in use. Every part of Waymark follows within seconds.",
    "dropped": "The proposal is dropped. What was in use stays in use.",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """A message as it would leave, and whether it is the same whatever happened: a mark for each of five harms."""

    subject: str
    body: str
    marks: tuple[tuple[str, str], ...]

    @property
    def is_same(self) -> bool:
        return len({mark for _, mark in self.marks}) == 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page of one text shows."""

    now: Version
    proposed: Version | None
    history: list[Version]


@staff("settings.view")
async def listed(request: Request) -> Response:
    """GET /staff/admin/wording: every text, which version of it is in use, and what waits for a second person."""
    runtime = runtime_of(request)

    def read() -> tuple[list[Version], list[Version]]:
        with runtime.database.reading() as session:
            found = [wording_versions.current(session, name) for name in wording_versions.names()]
            return found, wording_versions.waiting(session)

    found, waiting = await run_in_threadpool(read)
    context = {"rows": found, "waiting": waiting, "title_of": title, "is_agreement": is_agreement}
    return await admin_page(request, "staff_admin_wordings.html", context)


@staff("settings.view")
async def text_page(request: Request) -> Response:
    """GET /staff/admin/wording/{name}: one text, what it looks like, and every version of it."""
    return await _page(request, _asked(request), None, None)


@staff("settings.change")
async def propose(request: Request) -> Response:
    """POST /staff/admin/wording/{name}: look at other words (act "look"), or propose them."""
    runtime, form, name = runtime_of(request), texts(await read_form(request)), _asked(request)
    fields = await run_in_threadpool(wording_versions.of_file, name)
    typed = {field: form.get(field, "").replace("\r\n", "\n") for field in fields.texts}
    ask = ask_of(request, form)

    def do() -> None:
        if form.get("act") != "look":
            wording_versions.propose(runtime.loop, ask, name, typed)
        elif found := wording_versions.problems(name, typed):
            raise NotTier0(found)

    _, error = await done(do)
    if error or form.get("act") == "look":
        return await _page(request, name, typed, error)
    return RedirectResponse(f"{LISTED}/{name}?done=proposed", status_code=303)


@staff("wording.approve")
async def settle(request: Request) -> Response:
    """POST /staff/admin/wording/{name}/{proposal}: a second person approves a proposal, or somebody drops it."""
    runtime, form, name = runtime_of(request), texts(await read_form(request)), _asked(request)
    ask, own = ask_of(request, form), path_id(request, "proposal")
    does = wording_versions.drop if form.get("act") == "drop" else wording_versions.approve
    _, error = await done(lambda: does(runtime.loop, ask, own))
    if error:
        return await _page(request, name, None, error)
    runtime.living.forget()
    told = "dropped" if form.get("act") == "drop" else "approved"
    return RedirectResponse(f"{LISTED}/{name}?done={told}", status_code=303)


async def _page(request: Request, name: str, typed: Mapping[str, str] | None, error: WaymarkError | None) -> Response:
    runtime = runtime_of(request)

    def read() -> Seen:
        with runtime.database.reading() as session:
            return _seen(session, name)

    seen = await run_in_threadpool(read)
    shown = typed if typed is not None else seen.now.texts
    context = {
        "name": name,
        "title": title(name),
        "seen": seen,
        "values": shown,
        "fields": [(field, LABELS[field], HINTS[field]) for field in seen.now.texts],
        "placeholders": _placeholders(name),
        "preview": None if error else preview(name, shown),
        "proposed_preview": preview(name, seen.proposed.texts) if seen.proposed else None,
        "looked": typed is not None and error is None,
        "may_approve": policy.may(request.state.user, "wording.approve"),
        "labels": LABELS,
        "is_agreement": is_agreement(name),
        "user_id": request.state.user.id,
        "done": DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    return await admin_page(request, "staff_admin_wording.html", context, error, otherwise="wording")


def _seen(session: Session, name: str) -> Seen:
    proposed = wording_versions.proposed(session, name)
    return Seen(wording_versions.current(session, name), proposed, wording_versions.history(session, name))


def preview(name: str, fields: Mapping[str, str]) -> Preview | None:
    """None for what is read out: its page has the words themselves."""
    if is_agreement(name):
        return None
    to = words_in_use.shipped().messages[name].to
    found = tier_check.previews(to, fields["subject"], fields["body"])
    marks = tuple((wording.term("harm", harm), sha256(made).hexdigest()[:12]) for harm, made in found.items())
    subject, body = fields["subject"].format(**tier_check.SAMPLE), fields["body"].format(**tier_check.SAMPLE)
    return Preview(subject, body, marks)


def title(name: str) -> str:
    return TITLES.get(name, name.replace("_", " ").capitalize())


def is_agreement(name: str) -> bool:
    return name.startswith(AGREEMENT)


def _placeholders(name: str) -> list[str]:
    if is_agreement(name):
        return sorted(tier_check.SAID_OUT)
    return sorted(tier_check.allowed(words_in_use.shipped().messages[name]))


def _asked(request: Request) -> str:
    """The text of the address. Whoever looks it up raises NotFound."""
    name: str = request.path_params["name"]
    return name


ROUTES = (
    Route(LISTED, listed, methods=["GET"]),
    Route(f"{LISTED}/{{name}}", text_page, methods=["GET"]),
    Route(f"{LISTED}/{{name}}", propose, methods=["POST"]),
    Route(f"{LISTED}/{{name}}/{{proposal}}", settle, methods=["POST"]),
)
