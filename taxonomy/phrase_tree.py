"""Phrases by their words: a look-up costs the length of the longest phrase, however many phrases there are."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

from taxonomy.word_sets import words_of

THEM = "<them>"
ANY_PERSON = words_of("any_person")
"""What `<them>` in a phrase stands for."""
NOTHING: "Found" = []

Found = list[tuple[int, Sequence[Any]]]
"""Phrases that start at a word, as (index after the last word, meanings), shortest first."""


class Node:
    """One word further into some phrases."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, Node] = {}
        self.ends: list[Any] = []


class PhraseTree:
    """Names and plain phrases, word by word."""

    def __init__(self) -> None:
        self.root = Node()
        self.words: set[str] = set()

    def add(self, words: Sequence[str], meaning: object) -> None:
        node = self.root
        self.words.update(words)
        for word in words:
            node = node.next.setdefault(word, Node())
        if meaning not in node.ends:
            node.ends.append(meaning)

    @property
    def first_words(self) -> Iterable[str]:
        """Words that some phrase begins with."""
        return self.root.next.keys()

    def at(self, words: Sequence[str], start: int) -> Found:
        """Every phrase that starts at a word."""
        found: Found = []
        node = self.root
        for index in range(start, len(words)):
            if (following := node.next.get(words[index])) is None:
                break
            node = following
            if node.ends:
                found.append((index + 1, node.ends))
        return found


class _Step:
    """A place within a row: where each next word leads, and what the row means when it may end here."""

    __slots__ = ("means", "next")

    def __init__(self) -> None:
        self.next: dict[str, list[int]] = {}
        self.means: list[int] = []


class _Joined:
    """All rows that go on alike after some words. `next` is worked out when a text first comes here."""

    __slots__ = ("ends", "next", "steps")

    def __init__(self, steps: tuple[int, ...], ends: list[Any]) -> None:
        self.steps = steps
        self.ends = ends
        self.next: dict[str, _Joined] | None = None


class RowTree:
    """The rows of phrases.csv with all their spellings, never written out: rows are joined where a text needs it.

    Three thousand rows have millions of spellings. Each row is kept as its slots; the places that several rows have
    reached after the same words are joined into one, once, and remembered.
    """

    def __init__(self) -> None:
        self.words: set[str] = set()
        self._steps: list[_Step] = []
        self._meanings: list[Any] = []
        self._ending: dict[Any, int] = {}
        self._starts: list[int] = []
        self._joined: dict[tuple[int, ...], _Joined] = {}

    def add_row(self, slots: Sequence[Sequence[tuple[str, ...]]], meaning: object) -> None:
        """Add a row: for each slot its options, () where it may be left out. Before the first look-up."""
        after = self._end(meaning)
        for options in reversed(slots):
            step = _Step()
            for words in options:
                self.words.update(words)
                self._lead(step, words, after)
            self._steps.append(step)
            after = len(self._steps) - 1
        self._starts.append(after)

    def _end(self, meaning: object) -> int:
        if meaning not in self._ending:
            step = _Step()
            step.means.append(len(self._meanings))
            self._meanings.append(meaning)
            self._steps.append(step)
            self._ending[meaning] = len(self._steps) - 1
        return self._ending[meaning]

    def _lead(self, step: _Step, words: tuple[str, ...], after: int) -> None:
        if not words:
            beyond = self._steps[after]
            step.means.extend(beyond.means)
            for word, targets in beyond.next.items():
                step.next.setdefault(word, []).extend(targets)
            return
        for word in reversed(words[1:]):
            between = _Step()
            between.next[word] = [after]
            self._steps.append(between)
            after = len(self._steps) - 1
        step.next.setdefault(words[0], []).append(after)

    @cached_property
    def root(self) -> _Joined:
        return self._join(self._starts)

    @cached_property
    def _first(self) -> dict[str, _Joined]:
        return self.onward(self.root)

    @cached_property
    def first_words(self) -> Iterable[str]:
        """Words that some phrase begins with."""
        return self._first.keys()

    def _join(self, steps: Iterable[int]) -> _Joined:
        together = tuple(sorted(set(steps)))
        if (known := self._joined.get(together)) is None:
            means = sorted({meaning for step in together for meaning in self._steps[step].means})
            known = self._joined[together] = _Joined(together, [self._meanings[meaning] for meaning in means])
        return known

    def onward(self, node: _Joined) -> dict[str, _Joined]:
        """Where each next word leads."""
        if node.next is None:
            leads: dict[str, list[int]] = {}
            for step in node.steps:
                for word, targets in self._steps[step].next.items():
                    leads.setdefault(word, []).extend(targets)
            if (anybody := leads.pop(THEM, None)) is not None:
                for word in ANY_PERSON:
                    leads[word] = leads.get(word, []) + anybody
            node.next = {word: self._join(targets) for word, targets in leads.items()}
        return node.next

    def at(self, words: Sequence[str], start: int) -> Found:
        """Every phrase that starts at a word."""
        node = self._first.get(words[start]) if start < len(words) else None
        if node is None:
            return NOTHING
        found: Found = []
        last = len(words)
        index = start + 1
        while True:
            if node.ends:
                found.append((index, node.ends))
            if index == last:
                return found
            onward = node.next if node.next is not None else self.onward(node)
            if (following := onward.get(words[index])) is None:
                return found
            node = following
            index += 1


class WidenedTree:
    """A tree and a small one beside it, looked up as one; the first is shared and stays as it is."""

    def __init__(self, first: RowTree, more: PhraseTree) -> None:
        self.first, self.more = first, more
        self.words = first.words | more.words

    @cached_property
    def first_words(self) -> Iterable[str]:
        return frozenset(self.first.first_words) | frozenset(self.more.first_words)

    def at(self, words: Sequence[str], start: int) -> Found:
        found = self.first.at(words, start)
        if start < len(words) and words[start] in self.more.root.next:
            return sorted([*found, *self.more.at(words, start)], key=itemgetter(0))
        return found
