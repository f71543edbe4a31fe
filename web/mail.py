"""The staff's page of mail: whether and how it leaves, what waits, what failed, and one button that stops all of it."""

import re
from email import message_from_bytes
from email import policy as email_policy
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory import outgoing
from directory.accounts import policy
from directory.errors import NotFound, WaymarkError
from directory.referrals import mail_view, switches
from directory.referrals.loop import new_key
from web.auth import staff, staff_page
from web.editor_lists import names
from web.forms import read_form, runtime_of
from web.loop_forms import ask_of, done, field_errors, local, loop_of, texts, who

FILE = re.compile(r"\d{8}T\d{6}-[0-9a-f]{32}\.eml")
FILES_SHOWN = 50
DONE = {
    "stop": "All mail is stopped. What waits goes on waiting.",
    "start": "Mail may leave again.",
    "again": "It is tried again.",
}
WHY = {
    "refused": "the mail server would not take it",
    "failed": "tried again and again, and never taken",
    "bounced": "it came back",
    "unverified": "the address is not proved",
    "replaced": "the address was replaced",
    "no_link": "its link no longer works",
    "no_texts": "text messages are not set up here",
    "unreadable": "the address cannot be read: is the key file the right one?",
}


@staff("mail.view")
async def mail_page(request: Request) -> Response:
    """GET /staff/mail: how mail stands."""
    return await _page(request, None)


@staff("mail.stop")
async def turn(request: Request) -> Response:
    """POST /staff/mail: stop all mail, or start it."""
    form, loop = texts(await read_form(request)), loop_of(request)
    ask, act = ask_of(request, form), form.get("act", "")
    if act not in ("stop", "start"):
        return RedirectResponse("/staff/mail", status_code=303)
    _, error = await done(lambda: switches.turn(loop, ask, switches.MAIL_STOPPED, act == "stop"))
    return await _page(request, error) if error else RedirectResponse(f"/staff/mail?done={act}", status_code=303)


@staff("mail.stop")
async def again(request: Request) -> Response:
    """POST /staff/mail/{notice}/again: one that failed is tried once more."""
    form, loop = texts(await read_form(request)), loop_of(request)
    ask, own = ask_of(request, form), request.path_params["notice"]
    _, error = await done(lambda: mail_view.again(loop, ask, own))
    return await _page(request, error) if error else RedirectResponse("/staff/mail?done=again", status_code=303)


@staff("mail.view")
async def file_page(request: Request) -> Response:
    """GET /staff/mail/files/{name}: a message that was written to a file because mail is not live."""
    folder, name = outgoing.folder(runtime_of(request).settings), request.path_params["name"]
    found = await run_in_threadpool(_read_file, folder, name)
    return staff_page(request, "staff_mail_file.html", found)


async def _page(request: Request, error: WaymarkError | None) -> Response:
    runtime, loop = runtime_of(request), loop_of(request)
    carrier = outgoing.postman(runtime.settings)
    context: dict[str, Any] = {
        "mail": await run_in_threadpool(mail_view.view, loop, runtime.clock(), who(request)),
        "how": outgoing.words(runtime.settings),
        "leaves": carrier.leaves,
        "files": [] if carrier.leaves else await run_in_threadpool(_files, outgoing.folder(runtime.settings)),
        "people": await run_in_threadpool(names, runtime),
        "may_stop": policy.may(request.state.user, "mail.stop"),
        "why": WHY,
        "key": new_key(),
        "local": local,
        "errors": field_errors(error, "mail"),
        "done": DONE.get(request.query_params.get("done", ""), "") if error is None else "",
    }
    return staff_page(request, "staff_mail.html", context, error.status if error else 200)


def _files(folder: Path) -> list[dict[str, str]]:
    """The newest files, with what stands on the outside of each."""
    found = sorted((file.name for file in folder.glob("*.eml") if FILE.fullmatch(file.name)), reverse=True)
    return [_read_file(folder, name) for name in found[:FILES_SHOWN]]


def _read_file(folder: Path, name: str) -> dict[str, str]:
    """Raises NotFound, also for a name that is none of ours."""
    try:
        content = (folder / name).read_bytes() if FILE.fullmatch(name) else None
    except OSError:
        content = None
    if content is None:
        raise NotFound("There is no such message here.", "Look at the list.")
    letter = message_from_bytes(content, policy=email_policy.default)
    body = letter.get_body()
    text = body.get_content() if body is not None else ""
    return {"name": name, "at": str(letter["Date"]), "subject": str(letter["Subject"]), "text": text}


ROUTES = (
    Route("/staff/mail", mail_page, methods=["GET"]),
    Route("/staff/mail", turn, methods=["POST"]),
    Route("/staff/mail/files/{name}", file_page, methods=["GET"]),
    Route("/staff/mail/{notice:int}/again", again, methods=["POST"]),
)
