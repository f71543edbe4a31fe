"""Pathways: what helps, in what order, for a kind of harm. Each is a file that a domain lead can read and edit."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from taxonomy import terms

WHEN = ("now", "this_week", "later")
WHO = (
    "child",
    "adult",
    "from16",
    "under12",
    "self",
    "parent",
    "sibling",
    "witness",
    "now",
    "same_household",
    "partner",
)


class PathwayError(ValueError):
    """A pathway file that cannot be used: which file, which step, what is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step: when, the need it answers, and which services can answer it.

    A service can when it has one of `families` and, where `needs` is given, one of those needs. `who` are facts that
    must hold of the enquiry (`WHO`). `limit` is how many services to show.
    """

    when: str
    need: str
    label: str
    families: tuple[str, ...]
    needs: tuple[str, ...]
    who: tuple[str, ...]
    limit: int


@dataclass(frozen=True, slots=True)
class Note:
    """A legal or practical note with its source."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Pathway:
    """Ordered steps for one kind of harm."""

    id: str
    title: str
    harms: tuple[str, ...]
    who: tuple[str, ...]
    priority: int
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]


@cache
def load() -> tuple[Pathway, ...]:
    """All pathways, highest priority first. Raises PathwayError."""
    folder = files("taxonomy").joinpath("data/pathways")
    found = [
        parse(file.name, tomllib.loads(file.read_text(encoding="utf-8")))
        for file in folder.iterdir()
        if file.name.endswith(".toml")
    ]
    return tuple(sorted(found, key=lambda pathway: (-pathway.priority, pathway.id)))


def choose(harms: Iterable[str], facts: frozenset[str]) -> Pathway | None:
    """The first pathway made for one of the harms whose `who` holds; the general one when none is."""
    taxonomy = terms.load()["harm"]
    said = set(harms)
    said.update(parent for harm in harms for parent in taxonomy.ancestors(harm))
    for pathway in load():
        if facts.issuperset(pathway.who) and (not pathway.harms or said.intersection(pathway.harms)):
            return pathway
    return None


def parse(name: str, raw: dict[str, Any]) -> Pathway:
    """A pathway from its file's content. Raises PathwayError naming the file and the step."""
    vocabulary = terms.load()
    harms = tuple(raw.get("harms", ()))
    _check(name, "harms", harms, vocabulary["harm"].terms)
    _check(name, "who", raw.get("who", ()), WHO)
    steps = tuple(_step(f"{name}, step {number}", step) for number, step in enumerate(raw.get("step", ()), 1))
    if not steps:
        raise PathwayError(f"{name}: a pathway needs at least one [[step]].")
    notes = tuple(Note(note["text"], note["source"]) for note in raw.get("note", ()))
    try:
        return Pathway(
            raw["id"],
            raw["title"],
            harms,
            tuple(raw.get("who", ())),
            int(raw.get("priority", 0)),
            steps,
            notes,
        )
    except KeyError as missing:
        raise PathwayError(f"{name}: {missing} is missing.") from missing


def _step(where: str, raw: dict[str, Any]) -> Step:
    vocabulary = terms.load()
    families, needs = tuple(raw.get("families", ())), tuple(raw.get("needs", ()))
    _check(where, "when", [raw.get("when", "")], WHEN)
    _check(where, "need", [raw.get("need", "")], vocabulary["need"].terms)
    _check(where, "families", families, vocabulary["family"].terms)
    _check(where, "needs", needs, vocabulary["need"].terms)
    _check(where, "who", raw.get("who", ()), WHO)
    if not families:
        raise PathwayError(f"{where}: families is empty, so no service could fill it.")
    return Step(
        raw["when"],
        raw["need"],
        raw["label"],
        families,
        needs,
        tuple(raw.get("who", ())),
        int(raw.get("limit", 3)),
    )


def _check(where: str, field: str, values: Iterable[str], known: Iterable[str]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise PathwayError(f"{where}: {field} has {unknown[0]!r}, which is not one of {', '.join(known)}.")
