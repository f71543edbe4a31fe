"""What every page of the loop shares: who asks, on what they had seen, under which key, and how a form comes back."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request

from directory.accounts import policy
from directory.errors import BadInput, NotFound, WaymarkError
from directory.referrals import case_rows, codes, locators
from directory.referrals.asking import Ask, Who
from directory.referrals.case_rows import PurposeNeeded
from directory.referrals.lifecycle import Actor
from directory.referrals.loop import Loop
from directory.referrals.working_time import LOCAL
from directory.runtime import Runtime
from web.auth import cookie_name
from web.forms import FieldError, written_day
from web.render import local as local

Answer = TypeVar("Answer")
ID_LENGTH = 36


def loop_of(request: Request) -> Loop:
    """The loop of this installation. Raises NotReady without its key file."""
    runtime: Runtime = request.app.state.runtime
    return runtime.loop


def who(request: Request) -> Who:
    """Who is signed in, as the loop knows them: a member of staff, or somebody of a partner."""
    user = request.state.user
    kind = Actor.SUPERVISOR if policy.may(user, "cases.supervise") else Actor.WORKER
    if policy.may(user, "partner.work"):
        kind = Actor.PARTNER
    runtime: Runtime = request.app.state.runtime
    token = request.cookies.get(cookie_name(runtime.settings.public_url), "")
    address = request.client.host if request.client else ""
    return Who(kind, user.id, user.roles, locators.token_hash(token), address)


def ask_of(request: Request, form: Mapping[str, str]) -> Ask:
    """One attempt at a write: its key and the version seen come from the form."""
    version = form.get("version", "")
    seen = int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None
    return Ask(who(request), loop_of(request).clock(), form.get("key", ""), seen)


def texts(form: FormData) -> dict[str, str]:
    """The text fields of a form; boxes ticked several times are joined by "|"."""
    found: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            said = value.replace("\0", "")  # which PostgreSQL keeps in no text
            found[name] = f"{found[name]}|{said}" if name in found else said
    return found


async def done(do: Callable[[], Answer]) -> tuple[Answer | None, WaymarkError | None]:
    """What came of an action, or the error that a page shows again: all but what is not there or not allowed here."""
    try:
        return await run_in_threadpool(do), None
    except (NotFound, PurposeNeeded):
        raise
    except WaymarkError as error:
        return None, error


def field_errors(error: WaymarkError | None, otherwise: str) -> list[FieldError]:
    """The error at its field, or at `otherwise`."""
    if error is None:
        return []
    named = error.field if isinstance(error, BadInput) and error.field else otherwise
    return [FieldError(named, str(error))]


def path_id(request: Request, name: str) -> str:
    """An id of the address. Raises NotFound for what is none."""
    own: str = request.path_params[name]
    if len(own) != ID_LENGTH or not own.isascii() or not own.replace("-", "").isalnum():
        raise NotFound(*case_rows.NO_CASE)
    return own


def day(text: str, field: str, needed: bool = True) -> date | None:
    """A day ("2026-11-22" of a date field, or "22/11/2026" as people write it). Raises BadInput."""
    if not text.strip() and not needed:
        return None
    try:
        return written_day(text)
    except ValueError:
        raise BadInput("That is not a day.", "Write it like 2026-11-30, or choose it.", field) from None


def whole_day(text: str, field: str) -> date:
    """A day that must be given. Raises BadInput."""
    found = day(text, field)
    assert found is not None
    return found


def moment(text: str, field: str) -> datetime | None:
    """A local moment of a date-and-time field, in UTC; None for nothing. Raises BadInput."""
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=LOCAL)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput("That is not a moment.", "Write it like 2026-11-30T14:30.", field) from None


def hour(text: str, field: str) -> int:
    """An hour of the day, 0 to 24. Raises BadInput."""
    if text.isascii() and text.isdigit() and len(text) <= 2 and int(text) <= 24:
        return int(text)
    raise BadInput("That is not an hour.", "Write a whole number from 0 to 24.", field)


def yes_no(text: str) -> bool | None:
    """What a yes-or-no choice says; None: not said."""
    return {"yes": True, "no": False}.get(text)


def items(name: str, first: str = "Choose") -> list[dict[str, str]]:
    """A closed list as the options of a select; `first` stands for nothing chosen ("" leaves it out)."""
    chosen = [{"value": code.code, "text": code.label} for code in codes.codes(name).values()]
    return [{"value": "", "text": first}, *chosen] if first else chosen
