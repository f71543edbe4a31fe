"""How the loop works here, as data: the shipped data/policy.toml under an adopter's own referrals.toml in home."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from directory.errors import NotReady, UnusableFile

FILE = "referrals.toml"
NEEDED = ("name", "phone", "article_6", "article_9", "article_10", "sharing_terms", "retention_agreed")
TO_SEND = tuple(name for name in NEEDED if name != "retention_agreed")
TO_ERASE = ("retention_agreed",)
_SPAN = re.compile(r"(\d{1,4}) (hours|days|calendar days)")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: hours and days of working time, or calendar days."""

    hours: int = 0
    days: int = 0
    calendar_days: int = 0


@dataclass(frozen=True, slots=True)
class Policy:
    """One installation's rules. Sections are plain tables; `span` and `number` read them typed."""

    sections: Mapping[str, Mapping[str, Any]]

    def number(self, section: str, name: str) -> int:
        return int(self.sections[section][name])

    def text(self, section: str, name: str) -> str:
        return str(self.sections[section][name])

    def flag(self, section: str, name: str) -> bool:
        return bool(self.sections[section][name])

    def days(self, section: str, name: str) -> frozenset[date]:
        """Dates listed, as "2026-09-21"."""
        return frozenset(date.fromisoformat(str(day)) for day in self.sections[section][name])

    def span(self, timer: str, urgent: bool) -> Span:
        """How long a timer of [timers] runs."""
        return spanned(self.sections["timers"][timer]["urgent" if urgent else "routine"])

    @property
    def missing(self) -> tuple[str, ...]:
        """What the adopter has still to fill in."""
        return tuple(name for name in NEEDED if not self.sections["adopter"][name])

    def check(self, needed: tuple[str, ...]) -> None:
        """Raises NotReady when the adopter has not decided what this needs (`TO_SEND`, `TO_ERASE`)."""
        missing = [name for name in self.missing if name in needed]
        if missing:
            raise NotReady(
                f"This directory is not set up for that: [adopter] {', '.join(missing)} is not filled in.",
                f"Whoever answers for it writes it in {FILE} in WAYMARK_HOME.",
            )


def spanned(text: str) -> Span:
    """A span as the rules write it: "4 hours", "2 days", "28 calendar days"."""
    said = _SPAN.fullmatch(text)
    assert said is not None  # checked when it was read
    return Span(**{said[2].replace(" ", "_"): int(said[1])})


@cache
def shipped() -> Policy:
    """The rules that come with Waymark; nothing is sent under them."""
    text = files("directory.referrals").joinpath("data", "policy.toml").read_text(encoding="utf-8")
    return Policy(tomllib.loads(text))


def read(home: Path) -> Policy:
    """An adopter's rules over the shipped ones. Raises UnusableFile naming what is wrong."""
    file = home / FILE
    try:
        own = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return shipped()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableFile(f"{file} cannot be read: {error}.", "Mend that line.") from error
    return _over(shipped().sections, own, str(file))


def _over(whole: Mapping[str, Mapping[str, Any]], own: Mapping[str, Any], name: str) -> Policy:
    merged = {section: dict(values) for section, values in whole.items()}
    for section, values in own.items():
        if section not in merged or not isinstance(values, Mapping):
            raise UnusableFile(f"{name}: there is no section [{section}].", f"Use: {', '.join(merged)}.")
        for key, value in values.items():
            _check(name, section, key, value, merged[section])
            merged[section][key] = {**merged[section][key], **value} if section == "timers" else value
    return Policy(merged)


def _check(name: str, section: str, key: str, value: Any, known: Mapping[str, Any]) -> None:
    where = f"{name}: [{section}] {key}"
    if key not in known:
        raise UnusableFile(f"{where} is not a setting.", f"Use: {', '.join(known)}.")
    if section == "timers":
        spans = value.values() if isinstance(value, Mapping) else ()
        if not spans or set(value) - {"urgent", "routine"} or not all(_SPAN.fullmatch(str(span)) for span in spans):
            raise UnusableFile(f"{where} is not a pair of spans.", 'Write urgent = "4 hours" and routine = "2 days".')
    elif type(value) is not type(known[key]) or (isinstance(value, int) and value < 0):
        raise UnusableFile(f"{where} is not of the right kind.", f"Shipped is: {known[key]!r}.")
    elif isinstance(value, list):
        try:
            [date.fromisoformat(str(day)) for day in value]
        except ValueError:
            raise UnusableFile(f"{where} holds what is no day.", 'Write days as "2026-09-21".') from None
