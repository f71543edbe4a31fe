"""Our own vocabulary made fast to look up: `data/phrases.csv`, editors' own phrases, names of places and services."""

import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from taxonomy import committed
from taxonomy.people_words import people_words
from taxonomy.phrase_tree import ANY_PERSON, THEM, PhraseTree, RowTree, WidenedTree
from taxonomy.tokens import fold_words

__all__ = ["ANY_PERSON", "THEM", "Lexicon", "Meaning", "Name", "PhraseRow", "PhraseTree", "ordinary_words", "phrases"]

LAYERS: Mapping[str, str] = {
    "harm": "concept",
    "need": "concept",
    "hint": "concept",
    "death": "concept",
    "act": "concept",
    "none": "concept",
    "negator": "concept",
    "negated_before": "concept",
    "ruled_out": "concept",
    "deadline": "urgency",
    "harmer": "noun",
    "person": "noun",
    "kin": "noun",
}
"""Kinds that compete for the same words; any other kind is a layer of its own."""


class Meaning(NamedTuple):
    """What a phrase says: a kind ("harm"), a code of it, and the layer it competes in."""

    kind: str
    code: str
    layer: str


def spellings(phrase: str) -> Iterable[tuple[str, ...]]:
    """All word sequences a row of phrases.csv stands for: `a|b` either, `(a)` or nothing, `a~b` two words, `<them>`."""
    for chosen in itertools.product(*slots_of(phrase)):
        yield tuple(itertools.chain.from_iterable(chosen))


def slots_of(phrase: str) -> list[list[tuple[str, ...]]]:
    """The words of a row one after another, each as the options there are; () where it may be left out."""
    slots: list[list[tuple[str, ...]]] = []
    for part in phrase.split():
        optional = part.startswith("(") and part.endswith(")")
        options = [
            (word,) if word == THEM else fold_words(word.replace("~", " ")) for word in part.strip("()").split("|")
        ]
        slots.append([*options, ()] if optional else options)
    return slots


class PhraseRow(NamedTuple):
    """One row of `data/phrases.csv`, as written there, or a phrase that an editor has added."""

    phrase: str
    kind: str
    code: str

    @property
    def meaning(self) -> Meaning:
        layer = f"group {self.code}" if self.kind == "group" else LAYERS.get(self.kind, self.kind)
        return Meaning(self.kind, self.code, layer)


@cache
def phrase_rows() -> tuple[PhraseRow, ...]:
    """Every row of `data/phrases.csv`, in its order."""
    rows = committed.rows("taxonomy", "phrases.csv")
    return tuple(PhraseRow(row["phrase"], row["kind"], row["code"]) for row in rows)


@cache
def phrases() -> RowTree:
    """The tree of `data/phrases.csv`."""
    tree = RowTree()
    for row in phrase_rows():
        tree.add_row(slots_of(row.phrase), row.meaning)
    return tree


@cache
def ordinary_words() -> frozenset[str]:
    """Everyday words that say nothing of a need; they are never mended and never listed as not understood."""
    text = files("taxonomy").joinpath("data/ordinary_words.txt").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(itertools.chain.from_iterable(fold_words(line) for line in lines))


@dataclass(frozen=True, slots=True)
class Name:
    """A place or a service by its full name, as people read it."""

    kind: str
    """place | service"""
    display: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All words that can be understood. Build with `Lexicon.of`, once; it never changes."""

    names: PhraseTree = field(default_factory=PhraseTree)
    common_places: frozenset[tuple[str, ...]] = frozenset()
    """Places whose name is also an everyday word or a surname ("Law", "Keith")."""
    known: RowTree | WidenedTree = field(default_factory=phrases)
    """The phrases: those of the file, or these and the editors' own."""
    added: tuple[PhraseRow, ...] = ()
    """The editors' own alone."""

    @classmethod
    def of(
        cls,
        place_names: Mapping[str, str] | Iterable[str] = (),
        service_names: Iterable[str] = (),
        common_places: Iterable[str] = (),
    ) -> "Lexicon":
        """Places as folded → display, or display names; services by name (two words, or one distinctive word), unless
        it is a place's: "Cowdenbeath" is the town, whatever is registered by that name."""
        tree = PhraseTree()
        of_places: set[tuple[str, ...]] = set()
        pairs = place_names.items() if isinstance(place_names, Mapping) else ((n, n) for n in place_names)
        for spoken, display in pairs:
            if words := fold_words(spoken):
                tree.add(words, Name("place", display))
                of_places.add(words)
        for display in service_names:
            words = fold_words(display)
            if words[:1] == ("the",):
                words = words[1:]
            if _is_distinctive_name(words) and words not in of_places:
                tree.add(words, Name("service", display))
            for letters in SHORT_NAME.findall(display):
                if _is_distinctive_name(short := fold_words(letters)) and short not in of_places:
                    tree.add(short, Name("service", display))
        common = {fold_words(name) for name in common_places}
        everyday = (phrases().words - ONLY_PLACES) | ordinary_words()
        common.update((word,) for word in tree.root.next if word in everyday)
        return cls(tree, frozenset(common))

    def with_added(self, added: Iterable[PhraseRow]) -> "Lexicon":
        """The same with these phrases beside those of the file, in place of any added before. Plain words: the marks
        of phrases.csv mean nothing in them. Quick: names and the file's own phrases are shared."""
        rows, tree = tuple(added), PhraseTree()
        for row in rows:
            tree.add(fold_words(row.phrase), row.meaning)
        return replace(self, known=WidenedTree(phrases(), tree) if rows else phrases(), added=rows)

    def is_common_place(self, words: tuple[str, ...]) -> bool:
        return words in self.common_places


SHORT_NAME = re.compile(r"\(([A-Z]{4,})\)")
""" "Orkney Rape and Sexual Assault Service (ORSAS)"."""
ONLY_PLACES = people_words("names_only_places")
"""Words of our phrases ("at Stirling University") that are nothing but a place."""
EVERYDAY = people_words("names_everyday")
"""Everyday words that services are called: alone, or two together, no name in a call ("they shout at him")."""


def _is_distinctive_name(words: Sequence[str]) -> bool:
    """A service's name of one word counts when no phrase and no everyday word is spelt so; one of two, unless both are
    everyday words ("another way")."""
    if len(words) == 1:
        word = words[0]
        return len(word) > 4 and word not in phrases().words and word not in ordinary_words() | EVERYDAY
    return len(words) > 2 or (len(words) == 2 and not set(words) <= ordinary_words() | EVERYDAY)
