"""Pathways: what helps, in what order, for a kind of harm. Each is a file that a domain lead can read and edit.

An enquiry takes the pathway of the highest `priority` of which one [[for]] holds; of equals, the first by id. So goes
first what happened to a whole family (100), then who is asking (90) and in which home or setting it happened (80), then
the gravest harm (60 to 50), what the person asks for (45), the other harms (42 to 20), and the general one (0).
"""

from collections.abc import Collection, Iterable
from functools import cache, lru_cache
from importlib.resources import files

from taxonomy import terms
from taxonomy.pathway import Asked, Choice, Pathway, Step
from taxonomy.pathway_files import read
from taxonomy.tokens import fold_words

Pathways = tuple[Pathway, ...]
"""A whole set, in the order they are tried: `ordered`."""


def ordered(found: Iterable[Pathway]) -> Pathways:
    """Highest priority first; of equals, the id decides, so that the same enquiry always takes the same pathway."""
    return tuple(sorted(found, key=lambda pathway: (-pathway.priority, pathway.id)))


@cache
def load() -> Pathways:
    """The pathways that came with this version. Raises FileError."""
    return ordered(read(f"{name}.toml", text) for name, text in shipped().items())


@cache
def shipped() -> dict[str, str]:
    """The text of each file that came with this version, by id."""
    folder = files("taxonomy").joinpath("data/pathways")
    named = sorted((file.name, file) for file in folder.iterdir() if file.name.endswith(".toml"))
    return {name.removesuffix(".toml"): file.read_text(encoding="utf-8") for name, file in named}


def choose(asked: Asked, among: Pathways | None = None) -> Pathway | None:
    """The first pathway made for this enquiry, in the order of `ordered`; the general one when none is."""
    taxonomy = terms.load()["harm"]
    harms = {code for harm in asked.harms for code in (harm, *taxonomy.ancestors(harm))}
    general = None
    for pathway in load() if among is None else among:
        if not pathway.choices:
            general = general or pathway
        elif any(_holds(choice, asked, harms) for choice in pathway.choices):
            return pathway
    return general


def _holds(choice: Choice, asked: Asked, harms: set[str]) -> bool:
    return (
        holds(choice.who, asked.who)
        and (not choice.relations or asked.relation in choice.relations)
        and _meet(choice.harms, harms)
        and _meet(choice.harmed_by, asked.harmed_by)
        and _meet(choice.needs, asked.needs)
        and _meet(choice.groups, asked.groups)
        and (not choice.words or _said(choice.words, asked.text))
    )


def holds(who: Iterable[str], facts: frozenset[str]) -> bool:
    """Whether every fact asked for holds, and every "!fact" does not."""
    return all(fact[1:] not in facts if fact[0] == "!" else fact in facts for fact in who)


def _meet(asked: tuple[str, ...], said: Collection[str]) -> bool:
    return not asked or any(code in said for code in asked)


def _said(phrases: tuple[str, ...], text: str) -> bool:
    """Whether one of the phrases stands in the text, word for word."""
    words, known = tuple(fold_words(text)), _folded(phrases)
    return any(
        words[at : at + len(phrase)] == phrase for at, word in enumerate(words) for phrase in known.get(word, ())
    )


@lru_cache(maxsize=256)
def _folded(phrases: tuple[str, ...]) -> dict[str, list[tuple[str, ...]]]:
    """Phrases by their first word."""
    found: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        words = tuple(fold_words(phrase))
        if words:
            found.setdefault(words[0], []).append(words)
    return found


def taken(step: Step, asked: Asked) -> bool:
    """Whether a step is for this enquiry; its areas are looked at by whoever knows places."""
    harms = terms.load()["harm"]
    said = {code for harm in asked.harms for code in (harm, *harms.ancestors(harm))} if step.harms else ()
    return holds(step.who, asked.who) and _meet(step.harms, said) and _meet(step.harmed_by, asked.harmed_by)
