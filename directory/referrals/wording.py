"""What is read out before somebody agrees (data/wording.toml), and the mark by which it is found again."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.resources import files

from directory.referrals import codes

REFER = "refer"
EASY_READ = "easy_read"


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


@cache
def wordings() -> Mapping[str, Mapping[str, Wording]]:
    """Every text, by id and then by form ("plain", "easy_read")."""
    text = files("directory.referrals").joinpath("data", "wording.toml").read_text(encoding="utf-8")
    return {
        own: {form: Wording(own, said["version"], said[form].strip()) for form in ("plain", EASY_READ)}
        for own, said in tomllib.loads(text).items()
    }


def wording(form: str, own: str = REFER) -> Wording:
    """The text for a form of list wording_format: signing and interpreting start from the plain one."""
    return wordings()[own][EASY_READ if form == EASY_READ else "plain"]


def spoken(
    form: str, *, service: str, organization: str, categories: str, feedback: str, review_by: date, own: str = REFER
) -> str:
    """The text as it is read out for this service; `categories` are codes joined by "|"."""
    shared = [codes.label("category", code).lower() for code in categories.split("|") if code]
    return wording(form, own).text.format(
        service=service,
        organization=organization,
        categories="; ".join(shared),
        feedback=codes.label("feedback", feedback).lower(),
        review_by=f"{review_by.day} {review_by:%B %Y}",
    )
