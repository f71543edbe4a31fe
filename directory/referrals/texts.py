"""The words in use: of every message, and of what is read out before somebody agrees; the shipped ones are files.

Messages: data/notices.toml, tier 0 and not a word more. Agreements: data/wording.toml. What two people have approved
here lies over them (`wording_versions`).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

REFER = "refer"
PLAIN, EASY_READ = "plain", "easy_read"
EMAIL, TEXT = "email", "text"


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of message; `subject` and `body` hold fields in braces. data/notices.toml says what each means."""

    name: str
    to: str
    subject: str
    body: str
    timer: str
    at_once: bool = False
    ends: bool = False
    by: str = EMAIL
    """email | text: how it goes to a person."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One text. `text` holds {service}, {organization}, {categories}, {feedback} and {review_by}."""

    id: str
    version: int
    text: str

    @property
    def mark(self) -> str:
        """ "refer 1 4f2a…": id, version, and the first 16 figures of the text's SHA-256."""
        return f"{self.id} {self.version} {sha256(self.text.encode()).hexdigest()[:16]}"


@dataclass(frozen=True, slots=True)
class Texts:
    """Every message by its name; every wording by its id and then by form ("plain", "easy_read")."""

    messages: Mapping[str, Template]
    wordings: Mapping[str, Mapping[str, Wording]]

    def wording(self, form: str, own: str = REFER) -> Wording:
        """The text for a form of list wording_format: signing and interpreting start from the plain one."""
        return self.wordings[own][EASY_READ if form == EASY_READ else PLAIN]

    def with_message(self, name: str, subject: str, body: str) -> "Texts":
        """With other words for one message."""
        return replace(self, messages={**self.messages, name: replace(self.messages[name], subject=subject, body=body)})

    def with_wording(self, own: str, version: int, texts: Mapping[str, str]) -> "Texts":
        """With another version of what is read out; `texts` by form."""
        forms = {form: Wording(own, version, text) for form, text in texts.items()}
        return replace(self, wordings={**self.wordings, own: forms})


@cache
def shipped() -> Texts:
    """The words that came with this Waymark."""
    messages = {
        name: Template(name, **{**facts, "body": facts["body"].lstrip()})
        for name, facts in _file("notices.toml").items()
    }
    wordings = {
        own: {form: Wording(own, said["version"], said[form].strip()) for form in (PLAIN, EASY_READ)}
        for own, said in _file("wording.toml").items()
    }
    return Texts(messages, wordings)


def _file(name: str) -> dict[str, dict[str, Any]]:
    text = files("directory.referrals").joinpath("data", name).read_text(encoding="utf-8")
    return tomllib.loads(text)
