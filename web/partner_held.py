"""What somebody sent when their time was over: it goes along, hidden in the forms that let them in again."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData

MOST_FIELDS = 400
PAGE_BYTES = 6_000_000
"""Of one page of a registration: a description of five million signs comes back whole, with what is wrong with it."""
MOST_CHARACTERS = 80_000
"""Of what is carried on: each may take three bytes in the next form, of which `guards.FORM_BYTES` are read."""
OURS = ("key", "version")
LONG = 20
"""Characters of a field that somebody would not like to write again."""
_PATH = re.compile(r"/partners(?:/[A-Za-z0-9_-]{1,60}){1,8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Held:
    """A form that was sent to `path`: its fields in their order, a box ticked several times so many times."""

    path: str
    fields: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        """As a hidden field carries it."""
        return json.dumps([self.path, *self.fields])

    @property
    def is_too_large(self) -> bool:
        """Whether the next form cannot carry it."""
        return len(self.text) > MOST_CHARACTERS

    @property
    def long(self) -> tuple[tuple[str, str], ...]:
        """What is shown to be copied of one that is too large: each long field's name in words, and its text."""
        typed = [(name.replace("_", " "), text) for name, text in self.fields if name not in OURS]
        return tuple((name, text) for name, text in typed if len(text) > LONG)


def of_post(path: str, form: FormData) -> Held:
    """What was just sent to one of our pages."""
    return Held(path, tuple((name, value) for name, value in form.multi_items() if isinstance(value, str)))


def of_form(form: Mapping[str, str]) -> Held | None:
    """What the field "held" carries; None when there is nothing, or nothing of ours."""
    text = form.get("held", "")
    if not text or len(text) > MOST_CHARACTERS:
        return None
    try:
        path, *fields = json.loads(text)
        found = Held(str(path), tuple((str(name), str(value)) for name, value in fields))
    except (ValueError, TypeError, RecursionError):
        return None
    return found if _PATH.fullmatch(found.path) else None
