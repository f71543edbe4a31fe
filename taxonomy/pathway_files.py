"""Reads a pathway from its TOML text, and says of every mistake on which line it is and what may have been meant."""

import re
from collections.abc import Collection, Iterable
from typing import Any

from taxonomy import pathway_lines, terms
from taxonomy.pathway import FORMS, OTHER_FORMS, PREFERS, WHEN, WHO, Audience, Choice, Note, Pathway, Step
from taxonomy.pathway_lines import FileError, Part, Problem, closest

TEXT_LIMIT = 40_000
"""Characters of a pathway's text."""
MOST_STEPS, MOST_SERVICES = 12, 5
"""A plan is read on the phone: more steps, or more services to a step, would not be."""
TABLES = ("for", "step", "note")
TOP = ("id", "title", "about", "sample", "priority", "guides")
CHOICE = ("harms", "needs", "harmed_by", "relations", "groups", "who", "words")
STEP = (
    "when", "need", "label", "families", "needs", "who", "harms", "harmed_by", "areas", "except_areas", "limit",
    "prefers", "advice",
)  # fmt: skip
NOTE = ("text", "source", "check", "forms", "other", "relations")
LINKS = {"harms": "harm", "harm": "harm", "needs": "need", "need": "need", "families": "family",
         "harmed_by": "harmed_by", "relations": "relation", "groups": "group"}  # fmt: skip
"""Which taxonomy a field's codes are of."""
ONE = {"needs": "need", "families": "family", "harms": "harm", "relations": "relation", "groups": "group",
       "areas": "area", "except_areas": "area", "forms": "age form", "other": "age form",
       "guides": "guide"}  # fmt: skip
"""What one value of a list is called to an editor."""
_NEVER = re.compile(
    r"\b(?:offend(?:ers?|ing)|perpetrat\w*|culprits?|criminals?(?! injuries)|delinquents?|abusers?|thugs?)\b", re.I
)
_NUMBER = re.compile(r"(?:\d[ ()./+-]{0,2}){6,}")


def read(name: str, text: str, areas: Collection[str] | None = None, guides: Collection[str] | None = None) -> Pathway:
    """The pathway of a text. Raises FileError with every mistake and its line.

    `areas` are the names of council areas and health boards that a step may give, and `guides` the ids of guides; when
    None, they are not looked at.
    """
    if len(text) > TEXT_LIMIT:
        raise FileError(name, [Problem(1, f"The text has {len(text):,} characters; at most {TEXT_LIMIT:,} will do.")])
    top, parts = pathway_lines.read(name, text, TABLES)
    reader = Reader({"areas": areas, "except_areas": areas, "guides": guides})
    pathway = reader.pathway(top, parts)
    if reader.problems:
        raise FileError(name, reader.problems)
    return pathway


class Reader:
    """Reads parts into values and gathers what is wrong, so that an editor sees all of it at once."""

    def __init__(self, known: dict[str, Collection[str] | None]) -> None:
        self.known = known
        self.problems: list[Problem] = []

    def pathway(self, top: Part, parts: dict[str, list[Part]]) -> Pathway:
        """The pathway, as far as it can be read."""
        self.only(top, TOP)
        steps = tuple(self.step(part) for part in parts["step"])
        if not steps:
            self.problem(top.line(), "A pathway needs at least one [[step]].")
        if len(steps) > MOST_STEPS:
            self.problem(steps[MOST_STEPS].line, f"There are {len(steps)} steps; at most {MOST_STEPS} can be taken in.")
        return Pathway(
            id=self.code(top, "id"),
            title=self.words(top, "title"),
            about=self.words(top, "about"),
            sample=self.words(top, "sample", needed=False),
            priority=self.number(top, "priority", 0, range(0, 1000)),
            choices=tuple(self.choice(part) for part in parts["for"]),
            steps=steps,
            notes=tuple(self.note(part) for part in parts["note"]),
            guides=self.listed(top, "guides", self.known["guides"]),
        )

    def choice(self, part: Part) -> Choice:
        self.only(part, CHOICE)
        if not part.values:
            self.problem(part.first, "This [[for]] says nothing: name a harm, a need or another fact.")
        return Choice(
            **{name: self.codes(part, name) for name in ("harms", "needs", "harmed_by", "relations", "groups")},
            who=self.facts(part),
            words=self.listed(part, "words", None),
        )

    def step(self, part: Part) -> Step:
        self.only(part, STEP)
        families = self.codes(part, "families")
        if not part.values.get("families"):
            self.problem(part.line("families"), "families is empty, so no service could fill this step.")
        return Step(
            when=self.one(part, "when", WHEN),
            need=self.one(part, "need", terms.load()["need"].terms),
            label=self.words(part, "label"),
            families=families,
            **{name: self.codes(part, name) for name in ("needs", "harms", "harmed_by")},
            who=self.facts(part),
            areas=self.listed(part, "areas", self.known["areas"]),
            except_areas=self.listed(part, "except_areas", self.known["areas"]),
            limit=self.number(part, "limit", 3, range(1, MOST_SERVICES + 1)),
            prefers=self.one(part, "prefers", PREFERS, needed=False),
            advice=self.words(part, "advice", needed=False),
            line=part.first,
        )

    def note(self, part: Part) -> Note:
        self.only(part, NOTE)
        return Note(
            text=self.words(part, "text"),
            source=self.string(part, "source"),
            check=self.string(part, "check", needed=False),
            audience=self.audience(part),
        )

    def audience(self, part: Part) -> Audience:
        """Whom a part is for."""
        return Audience(
            forms=self.listed(part, "forms", FORMS),
            other=self.listed(part, "other", OTHER_FORMS),
            relations=self.codes(part, "relations"),
        )

    def only(self, part: Part, fields: Iterable[str]) -> None:
        """Every field is one we know: a misspelt one would otherwise do nothing without a word."""
        for name in part.values:
            if name not in fields:
                self.problem(part.line(name), f"There is no field “{name}”{closest(name, fields)}.")

    def codes(self, part: Part, name: str) -> tuple[str, ...]:
        return self.listed(part, name, terms.load()[LINKS[name]].terms)

    def facts(self, part: Part) -> tuple[str, ...]:
        return self.listed(part, "who", {*WHO, *(f"!{fact}" for fact in WHO)})

    def listed(self, part: Part, name: str, known: Collection[str] | None) -> tuple[str, ...]:
        """A list of words, each one of those known."""
        values = part.values.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
            self.problem(part.line(name), f'{name} is a list of words, like ["one", "two"].')
            return ()
        for value in values:
            if known is not None and value not in known:
                self.unknown(part, name, value, known)
        return tuple(values)

    def one(self, part: Part, name: str, known: Collection[str], needed: bool = True) -> str:
        value = self.string(part, name, needed)
        if value and value not in known:
            self.unknown(part, name, value, known)
        return value

    def unknown(self, part: Part, name: str, value: str, known: Collection[str]) -> None:
        near = closest(value, known)
        choices = "" if near or len(known) > 20 else f" Choose from {', '.join(known)}."
        said = f"{ONE.get(name, name)} “{value}” is not known{near}"
        self.problem(part.line(name, value), f"{said}{'' if near else '.'}{choices}")

    def words(self, part: Part, name: str, needed: bool = True) -> str:
        """Plain words that people read: none that we never say of a child, and no telephone number."""
        value = self.string(part, name, needed)
        said = _NEVER.search(value)
        if said:
            self.problem(part.line(name), f"We never call a child this: “{said[0]}”. Say “the child who harmed”.")
        if _NUMBER.search(value):
            self.problem(
                part.line(name), "Take the long number out: numbers stand in the directory, with their source."
            )
        return value

    def code(self, part: Part, name: str) -> str:
        value = self.string(part, name)
        if value and not re.fullmatch(r"[a-z][a-z0-9_]{1,59}", value):
            self.problem(part.line(name), f"{name} is small letters, figures and _, like physical_violence.")
        return value

    def string(self, part: Part, name: str, needed: bool = True) -> str:
        value: Any = part.values.get(name, "")
        if not isinstance(value, str):
            self.problem(part.line(name), f'{name} is words in quotes, like "…".')
            return ""
        if needed and not value.strip():
            self.problem(part.line(name), f"{name} is missing.")
        return " ".join(value.split())

    def number(self, part: Part, name: str, default: int, allowed: range) -> int:
        value: Any = part.values.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or value not in allowed:
            self.problem(part.line(name), f"{name} is a whole number from {allowed[0]} to {allowed[-1]}.")
            return default
        return value

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(line, message))
