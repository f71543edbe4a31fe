"""What people send us, read once: the fields of /match and of /services, and every mistake in them by its field."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request

from directory.errors import BadInput, WaymarkError
from directory.matching.enquiry import AGE_LIMIT, TEXT_LIMIT, AgeRange
from directory.runtime import Runtime
from web.guards import FORM_BYTES

MATCH_FIELDS = (
    "text", "residence", "harm_place", "age", "relation", "gender", "language", "urgency", "avoid", "school_stage",
    "registered", "access",
)  # fmt: skip
FIELD_LIMIT = 200
"""Characters of any field but the text."""
PART_BYTES = 1024 * 1024
"""Of one field of a body that does not tell its length."""
_DAY = re.compile(r"(\d{1,2})[/. -](\d{1,2})[/. -](\d{4})", re.ASCII)
_AGES = re.compile(r"(-?\d{1,9})(?:\s*(?:-|–|to)\s*(\d{1,9}))?")


class TooLarge(WaymarkError):
    """A body that no form of ours can send."""

    status = 413

    def __init__(self) -> None:
        super().__init__(
            "That is more than we can read, so nothing was saved.",
            "Go back in your browser, which may still hold what you wrote. Shorten the longest text and send it again.",
        )


def runtime_of(request: Request) -> Runtime:
    """What answers this request: everything built once for the process."""
    runtime: Runtime = request.app.state.runtime
    return runtime


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake: the field's name, and what is wrong and what to do."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class MatchForm:
    """What was typed, exactly, so that nothing is lost when it has to be shown again.

    `read` is what the last answer had read out of the words and put into the fields: a field that still says the same
    is no fact of its own, so that changed words are read anew.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    read: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    """Id of the service that is asked about, where one is."""

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    def stated(self, name: str) -> str:
        """What a person put into a field themselves."""
        text = self[name].strip()
        return "" if text == self.read.get(name) else text

    def given(self) -> dict[str, object]:
        """The facts beside the text, as `Runtime.match` takes them. Raises BadInput for an age."""
        said: dict[str, object] = {name: self.stated(name) for name in MATCH_FIELDS[1:] if self.stated(name)}
        limits = parse_age(self.stated("age"))
        if limits is not None:
            exact = limits.minimum == limits.maximum
            said["age"] = limits.minimum if exact else {"min": limits.minimum, "max": limits.maximum}
        return said

    def errors(self) -> list[FieldError]:
        """Everything that can be seen to be wrong without looking anything up."""
        found = [checked(lambda: _check_text(self["text"]), "text")]
        found.append(checked(lambda: parse_age(self["age"]), "age"))
        for name in MATCH_FIELDS[1:]:
            if len(self[name]) > FIELD_LIMIT:
                found.append(FieldError(name, f"This is too long. Shorten it to {FIELD_LIMIT} characters."))
        return [error for error in found if error]

    @property
    def is_empty(self) -> bool:
        """Nothing to go on: no words, no place, no age."""
        return not any(self[name].strip() for name in ("text", "residence", "harm_place", "age"))


def checked(check: Callable[[], object], field_name: str) -> FieldError | None:
    """The mistake a check raises, if it does, laid at its field."""
    try:
        check()
    except BadInput as error:
        return FieldError(error.field or field_name, str(error))
    return None


def _check_text(text: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise BadInput(
            f"This has {len(text):,} characters.",
            f"Shorten it to {TEXT_LIMIT:,}: what happened, how old, where, what is needed.",
        )


def parse_age(text: str) -> AgeRange | None:
    """ "14" or "13 to 15" as a range; None when nothing was said. Raises BadInput."""
    if not text.strip():
        return None
    found = _AGES.fullmatch(text.strip())
    if not found:
        raise BadInput("The age is not a number.", f"Write whole years from 0 to {AGE_LIMIT}, like 14.", field="age")
    low = int(found[1])
    return AgeRange(low, int(found[2]) if found[2] else low)


async def read_match_form(request: Request) -> MatchForm:
    """The fields of a form or of a JSON object; unknown ones are ignored. Raises BadInput, TooLarge."""
    raw = await _read_json(request) if _is_json(request) else await _read_form(request)
    if "harm" in raw and not raw.get("harm_place"):
        raw["harm_place"] = raw["harm"]
    return MatchForm(
        {name: _text(raw.get(name), name) for name in MATCH_FIELDS},
        {name: _text(raw.get(f"read_{name}"), name) for name in MATCH_FIELDS[1:] if raw.get(f"read_{name}")},
        _text(raw.get("service"), "service").strip()[:FIELD_LIMIT],
    )


def written_day(text: str) -> date:
    """A day as a date field sends it ("2026-12-04") or as people here write it ("4/12/2026"). Raises ValueError."""
    said = text.strip()
    found = _DAY.fullmatch(said)
    written = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}" if found else said
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", written, re.ASCII):
        raise ValueError("no day")
    return date.fromisoformat(written)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().casefold() == "application/json"


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadInput(f"{name} is not words or a whole number.", "Send it as text.", field=name)
    return _whole(str(value).replace("\r\n", "\n").replace("\0", ""))


async def _read_json(request: Request) -> dict[str, Any]:
    refuse_large(request)
    try:
        raw = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise BadInput("The body is not JSON.", 'Send an object such as {"text": "…"}.') from None
    if not isinstance(raw, dict):
        raise BadInput("The body is not a JSON object.", 'Send an object such as {"text": "…"}.')
    return raw


async def _read_form(request: Request) -> dict[str, Any]:
    form = await read_form(request)
    return {name: value for name, value in form.items() if isinstance(value, str)}


async def read_form(request: Request, most_fields: int = 100, most_bytes: int = FORM_BYTES) -> FormData:
    """The form of a request. Raises TooLarge, and BadInput for one that cannot be read."""
    refuse_large(request, most_bytes)
    try:
        form = await request.form(max_files=0, max_fields=most_fields, max_part_size=max(most_bytes, PART_BYTES))
    except HTTPException as error:
        if error.status_code == 413:
            raise
        raise BadInput("The form could not be read.", "Go back and send it again.") from None
    pairs = form.multi_items()
    return FormData([(_whole(name), _whole(each) if isinstance(each, str) else each) for name, each in pairs])


def _whole(text: str) -> str:
    """Half a sign (a lone surrogate, of an odd charset or of JSON) as "?": no page and no record can hold it."""
    return text.encode("utf-8", "replace").decode()


def refuse_large(request: Request, most_bytes: int = FORM_BYTES) -> None:
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most_bytes:
        raise TooLarge
