"""Looks whether new words of a message stay at tier 0: they tell nobody what it is about (referrals.md, section 8).

Only the message's own fields may stand in it, none may be left out that it needs, and no word may tell. What is read
out before an agreement is not tier 0: of it only the fields are looked at.
"""

import re
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

from directory import mail
from directory.referrals.texts import EASY_READ, PLAIN, Template
from taxonomy import terms
from taxonomy.lexicon import phrase_rows

LIMITS = {"subject": 120, "body": 3_000, PLAIN: 3_000, EASY_READ: 3_000}
"""Characters."""
PHRASES = frozenset({"harm", "harmed_by", "need", "relation", "household", "harmer", "kin", "gender"})
LABELS = ("harm", "need", "family", "relation", "harmed_by", "group")
PLAIN_WORDS = frozenset({"withdrawn", "delete", "deleted", "help", "home", "people"})
"""Words that callers use of a harm or need and that tell nothing in a message."""
SAID_OUT = frozenset({"service", "organization", "categories", "feedback", "review_by"})
MAY_BE_LEFT_OUT = frozenset({"organization", "respond_by", "day", "minutes", "spoc"})
SAMPLE = {
    "organization": "Example Trust",
    "reference": "KX4821TP",
    "respond_by": "Friday 27 November 2026",
    "link": "https://spoc.example/r/4f2a…",
    "phone": "01632 960100",
    "spoc": "Example Single Point of Contact",
    "code": "ABCD-1234",
    "minutes": "10",
    "day": "Monday 23 November 2026",
    "links": "https://spoc.example/services/4f2a…",
    "lines": "KX4821TP: please answer by Friday 27 November 2026\nhttps://spoc.example/r/4f2a…",
}
"""Invented, in a preview."""
_AT = datetime(2026, 11, 23, 10, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a text cannot be used, and what to do, at its field."""

    field: str
    said: str


def of_message(shipped: Template, subject: str, body: str) -> list[Problem]:
    """Everything against these words for a message; `shipped` is what came with Waymark, whose fields they keep."""
    texts = {"subject": subject, "body": body} if shipped.subject else {"body": body}  # a text message has none
    found = [problem for name, text in texts.items() for problem in _shape(name, text, allowed(shipped))]
    if bool(subject.strip()) is not bool(shipped.subject):
        said = "Write a subject." if shipped.subject else "A text message has no subject. Leave this empty."
        found.append(Problem("subject", said))
    if found:
        return found
    missing = (_fields_of(shipped.subject) | _fields_of(shipped.body)) - MAY_BE_LEFT_OUT
    missing -= _fields_of(subject) | _fields_of(body)
    found = [Problem("body", f"{{{name}}} is missing. Put it where it is to stand.") for name in sorted(missing)]
    found += [problem for name, text in texts.items() for problem in _tells(name, text)]
    if not found and len(set(previews(shipped.to, subject, body).values())) > 1:
        found = [Problem("body", "The message is not the same whatever happened. Take out what differs.")]
    return found


def allowed(shipped: Template) -> frozenset[str]:
    """The fields that may stand in a message: its own, our phone, and for a provider its name and the day."""
    own = _fields_of(shipped.subject) | _fields_of(shipped.body) | {"phone"}
    return frozenset(own | {"organization", "respond_by"} if shipped.to == "provider" else own)


def of_agreement(forms: Mapping[str, str]) -> list[Problem]:
    """Everything against new words that are read out; `forms` by name ("plain", "easy_read")."""
    found = []
    for name, text in forms.items():
        found += (shape := list(_shape(name, text, SAID_OUT)))
        for missing in sorted(SAID_OUT - _fields_of(text)) if not shape else ():
            found.append(Problem(name, f"{{{missing}}} is missing. Whoever agrees must hear it."))
    return found


def previews(to: str, subject: str, body: str) -> dict[str, bytes]:
    """The whole message as it would leave, for each of five harms: with all that is known of such a case in reach, so
    that a field which told of it would show."""
    return {harm: _message(to, subject, body, harm) for harm in list(terms.load()["harm"].terms)[:5]}


def _message(to: str, subject: str, body: str, harm: str) -> bytes:
    known = {
        name: f"{name} of {harm}" for name in ("harm", "harms", "need", "service", "service_name", "urgency", "name")
    }
    fields = known | SAMPLE
    letter = mail.Letter(f"{to}@example.org", subject.format(**fields), body.format(**fields), "preview", _AT)
    return bytes(mail.message(letter, "messages@spoc.example"))


def _shape(name: str, text: str, known: frozenset[str]) -> Iterator[Problem]:
    """Length, signs, and fields written as fields are."""
    if not text.strip() and name != "subject":
        yield Problem(name, "Write what it says.")
    if len(text) > LIMITS[name]:
        yield Problem(name, f"This has {len(text):,} characters. Shorten it to {LIMITS[name]:,}.")
    lines = text.split("\n")
    if not all(line.isprintable() for line in lines) or (name == "subject" and len(lines) > 1):
        yield Problem(name, "Signs that cannot be seen, or a line break, stand in this. Type it anew.")
    if re.search(r"https?:|www\.|@|\d{5}|\d{3}[ -]\d{3}", text):
        yield Problem(name, "No address and no number may stand in this. Use {link} and {phone} where they belong.")
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        yield Problem(name, "A brace stands alone. Write a field like {phone}, and no other brace.")
        return
    for _, field, spec, conversion in parts:
        if field is not None and (field not in known or spec or conversion):
            choices = ", ".join(f"{{{each}}}" for each in sorted(known))
            yield Problem(name, f"{{{field}}} is no field of this text. Use: {choices}.")


def _tells(name: str, text: str) -> Iterator[Problem]:
    words = _folded(re.sub(r"\{\w+\}", " ", text))
    for found in sorted({match[1] for match in _telling().finditer(words)}):
        yield Problem(name, f"“{found}” tells what the message is about. Say it without.")


def _fields_of(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def _folded(text: str) -> str:
    return " " + " ".join(re.sub(r"[^\w'-]+", " ", text.casefold().replace("’", "'")).split()) + " "


@cache
def _telling() -> re.Pattern[str]:
    """One pattern of all words that tell, longest first."""
    text = files("directory.referrals").joinpath("data", "telling_words.txt").read_text(encoding="utf-8")
    listed = {line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")}
    labels = {_folded(term.label).strip() for name in LABELS for term in terms.load()[name].terms.values()}
    said = {
        _folded(each).strip()
        for row in phrase_rows()
        if row.kind in PHRASES
        for each in (row.phrase.split("|") if " " not in row.phrase else [row.phrase])
        if re.fullmatch(r"[\w' -]{3,}", each)
    }
    words = {re.escape(each) for each in (labels | said) - PLAIN_WORDS if each}
    words |= {re.escape(each).replace(r"\*", r"[\w'-]*") for each in listed}
    return re.compile(rf"(?<= )({'|'.join(sorted(words, key=len, reverse=True))})(?= )")
