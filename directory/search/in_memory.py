"""Clauses answered over a few thousand documents held in memory: what is left to search with when no engine answers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

from directory.search import analysis, clauses, indexed
from directory.search.clauses import Between, Clause, Clauses, Either, Every, Term, Without, Word
from directory.search.coarse import Found
from directory.search.document import ServiceDocument

Fields = Mapping[str, Any]
"""A number, or the set of a field's terms or tokens."""


@dataclass(frozen=True, slots=True)
class Held:
    """One document, and what is asked of it."""

    document: ServiceDocument
    fields: Fields


def held(doc: ServiceDocument) -> Held:
    """A document as it is kept in memory."""
    fields: dict[str, Any] = {}
    for name, value in indexed.indexed(doc).items():
        if name in indexed.TEXT_FIELDS and isinstance(value, str):
            fields[name] = frozenset(value.split())
        elif isinstance(value, list):
            fields[name] = frozenset(value)
        elif isinstance(value, str) and name != "order":
            fields[name] = frozenset((value,))
        else:
            fields[name] = value
    return Held(doc, fields)


class InMemory:
    """A `coarse.Engine` over some documents. A word counts by how rare it is, not by how often a document says it."""

    def __init__(self, documents: Sequence[Held]) -> None:
        self._held = documents
        texts = {field for field, _ in clauses.WORD_SCORES}
        self._words = {field: Counter(word for one in documents for word in one.fields[field]) for field in texts}

    def size(self) -> int:
        return len(self._held)

    def best(self, wanted: Clauses, limit: int, keep: bool = False) -> tuple[Found, int]:
        found = [(self._score(wanted, one.fields), one) for one in self._passing(wanted)]
        found.sort(key=lambda hit: (-hit[0], hit[1].fields["key"]))
        return [*found[:limit]], len(found)

    def by_name(self, wanted: Clauses, limit: int) -> tuple[Found, int]:
        found = sorted(self._passing(wanted), key=lambda one: one.fields["order"])
        return [(0.0, one) for one in found[:limit]], len(found)

    def numbers(self, found: Found, *fields: str) -> list[Sequence[int]]:
        return [[one.fields[field] for _, one in found] for field in fields]

    def counts(self, wanted: Clauses, field_of: Mapping[str, str]) -> Mapping[str, Iterable[tuple[str | int, int]]]:
        passing = list(self._passing(wanted))
        found: dict[str, Counter[str | int]] = {}
        for name, field in field_of.items():
            values = (one.fields[field] for one in passing)
            found[name] = Counter(one for value in values for one in ((value,) if isinstance(value, int) else value))
        return {name: counted.items() for name, counted in found.items()}

    def services_with(self, field: str, word: str) -> int:
        return self._words[field][word]

    def read(self, found: Found) -> list[ServiceDocument]:
        return [one.document for _, one in found]

    def beginning(self, prefix: str) -> list[ServiceDocument]:
        """Services with a word in the name that begins so, and all the words before it; in order of name."""
        *before, last = analysis.words(prefix) or [""]
        wanted = Clauses(tuple(Term("name_words", (word,)) for word in before))
        found = self.by_name(wanted, len(self._held))[0]
        return [one.document for _, one in found if last and any(w.startswith(last) for w in one.fields["name_words"])]

    def _passing(self, wanted: Clauses) -> Iterable[Held]:
        for one in self._held:
            if (
                all(passes(clause, one.fields) for clause in wanted.must)
                and not any(passes(clause, one.fields) for clause in wanted.must_not)
                and (not wanted.words_required or any(word.token in one.fields[word.field] for word in wanted.words))
            ):
                yield one

    def _score(self, wanted: Clauses, fields: Fields) -> float:
        score = sum(value for clause, value in wanted.scored if passes(clause, fields))
        score += max((value for clause, value in wanted.best_of if passes(clause, fields)), default=0.0)
        return score + sum(self._weight(word) for word in wanted.words if word.token in fields[word.field])

    def _weight(self, word: Word) -> float:
        return word.weight * log(1 + len(self._held) / (1 + self._words[word.field][word.token]))


def passes(clause: Clause, fields: Fields) -> bool:
    """Whether a document with these fields passes one clause."""
    match clause:
        case Term(field, values):
            held = fields[field]
            return held in values if isinstance(held, int) else not held.isdisjoint(values)
        case Between(field, low, high):
            return (low is None or low <= fields[field]) and (high is None or fields[field] <= high)
        case Every(parts):
            return all(passes(part, fields) for part in parts)
        case Either(parts):
            return any(passes(part, fields) for part in parts)
        case Without(kept, others):
            return passes(kept, fields) and not any(passes(other, fields) for other in others)
