"""One walk over the words that finds every phrase, place and name in them; the other readings work on what it found."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from taxonomy.lexicon import Lexicon, Name
from taxonomy.mending import mend
from taxonomy.phrase_tree import Found
from taxonomy.tokens import STRONG_BREAK, Tokens, tokenise

OUTCODE = re.compile(r"(?:ab|dd|dg|eh|fk|g|hs|iv|ka|kw|ky|ml|pa|ph|td|ze)\d{1,2}")
"""Scottish outward codes: they stand alone ("KY8")."""
ANY_OUTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?")
INCODE = re.compile(r"\d[a-z]{2}")
WHOLE_POSTCODE = re.compile(r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}")
SECTOR_DIGIT = re.compile(r"\d")


class Hit(NamedTuple):
    """A phrase found: words `start` up to, not including, `end`."""

    start: int
    end: int
    kind: str
    code: str


@dataclass(frozen=True, slots=True)
class NameHit:
    """A place or service found by name, or a postcode."""

    start: int
    end: int
    display: str
    is_common: bool = False
    is_postcode: bool = False


NOT_NOUNS = frozenset({"herself", "himself", "hersel", "himsel", "hers", "shes"})
START = attrgetter("start")


@dataclass
class Scan:
    """All that one walk found, each list in the order of the text."""

    tokens: Tokens
    words: list[str]
    """The folded words, typing errors mended."""
    layers: dict[str, list[Hit]] = field(default_factory=dict)
    places: list[NameHit] = field(default_factory=list)
    services: list[NameHit] = field(default_factory=list)

    def between(self, layer: str, start: int, end: int) -> Sequence[Hit]:
        """The hits of a layer that begin at word `start` or later, and before `end`."""
        hits = self.layers.get(layer)
        if not hits:
            return ()
        return hits[bisect_left(hits, start, key=START) : bisect_left(hits, end, key=START)]

    @cached_property
    def nouns(self) -> frozenset[int]:
        """Positions of words for people ("girl", "woman", "son"), pronouns left out."""
        found = {index for hit in self.hits("noun") for index in range(hit.start, hit.end)}
        words = (hit.start for hit in self.hits("gender"))
        found.update(index for index in words if len(self.words[index]) > 3 and self.words[index] not in NOT_NOUNS)
        return frozenset(found)

    @cached_property
    def harm_words(self) -> frozenset[int]:
        """Positions of all words of harm."""
        harms = (hit for hit in self.hits("concept") if hit.kind == "harm")
        return frozenset(index for hit in harms for index in range(hit.start, hit.end))

    @cached_property
    def harm_ends(self) -> frozenset[int]:
        """Positions right after a harm or an act."""
        return frozenset(hit.end for hit in self.hits("concept") if hit.kind in {"harm", "act"})

    def forget_positions(self) -> None:
        """To be called when harms were added after their positions had been asked for."""
        for name in ("harm_words", "harm_ends"):
            self.__dict__.pop(name, None)

    def hits(self, layer: str) -> Sequence[Hit]:
        return self.layers.get(layer, ())

    def sentence_start(self, index: int) -> int:
        """The first word of the sentence a word stands in, at most 14 words back."""
        stop = max(0, index - 14)
        while index > stop and self.tokens.breaks[index] < STRONG_BREAK:
            index -= 1
        return index


def scan(text: str, lexicon: Lexicon) -> Scan:
    """Cut, mend and look up. Within a layer the first and longest phrase wins; a name hides phrases inside it."""
    tokens = tokenise(text)
    found = Scan(tokens, mend(tokens.words, lexicon))
    free: dict[str, int] = {}
    words = found.words
    inside = _names(found, lexicon)
    known, first_words = lexicon.known.at, lexicon.known.first_words
    for index, word in enumerate(words):
        if word in first_words and index not in inside and (matches := known(words, index)):
            _keep(found, matches, index, free)
    _drop_swallowed(found)
    return found


def _names(found: Scan, lexicon: Lexicon) -> set[int]:
    """Find places, services and postcodes. Returns the words inside a service's name: no phrase begins there, though
    it may with the words of a place ("home in")."""
    named = lexicon.names.root.next
    free = 0
    words = found.words
    for index in [i for i, word in enumerate(words) if word in named or not word.isalpha()]:
        if index >= free and (words[index] in named or _may_be_postcode(words[index])):
            if name := _name_at(found, lexicon, index, named):
                free = name.end
    return {index for hit in found.services for index in range(hit.start, hit.end)}


def _may_be_postcode(word: str) -> bool:
    """Cheap: a letter first, and a digit second or third."""
    return word[0].isalpha() and (word[1:2].isdigit() or word[2:3].isdigit())


def _name_at(found: Scan, lexicon: Lexicon, index: int, first: Mapping[str, object]) -> NameHit | None:
    words = found.words
    if words[index] in first:
        matches = lexicon.names.at(words, index)
        for end, meanings in reversed(matches):
            if any(found.tokens.breaks[index + 1 : end]):
                continue
            service = next((m for m in meanings if m.kind == "service"), None)
            name: Name = service or meanings[0]
            hit = NameHit(index, end, name.display, not service and lexicon.is_common_place(tuple(words[index:end])))
            (found.services if service else found.places).append(hit)
            return hit
    if words[index].isalpha() or (postcode := _postcode_at(found, index)) is None:
        return None
    found.places.append(postcode)
    return postcode


def _postcode_at(found: Scan, index: int) -> NameHit | None:
    word = found.words[index]
    if len(word) > 7 or not word[0].isalpha():
        return None
    after = found.words[index + 1] if index + 1 < len(found.words) and not found.tokens.breaks[index + 1] else ""
    if ANY_OUTCODE.fullmatch(word) and INCODE.fullmatch(after):
        return NameHit(index, index + 2, f"{word} {after}".upper(), is_postcode=True)
    if len(word) >= 5 and WHOLE_POSTCODE.fullmatch(word):
        return NameHit(index, index + 1, f"{word[:-3]} {word[-3:]}".upper(), is_postcode=True)
    if OUTCODE.fullmatch(word):
        if SECTOR_DIGIT.fullmatch(after):
            beyond = found.words[index + 2] if index + 2 < len(found.words) else ""
            if beyond not in {"year", "yr", "yrs", "years", "month", "months"}:
                return NameHit(index, index + 2, f"{word} {after}".upper(), is_postcode=True)
        return NameHit(index, index + 1, word.upper(), is_postcode=True)
    return None


def _keep(found: Scan, matches: Found, index: int, free: dict[str, int]) -> None:
    breaks = found.tokens.breaks
    if len(matches) == 1:  # most words: one phrase
        end, meanings = matches[0]
        if end - index > 1 and STRONG_BREAK in breaks[index + 1 : end]:
            return
        for meaning in [each for each in meanings if index >= free.get(each.layer, 0)]:
            free[meaning.layer] = end
            found.layers.setdefault(meaning.layer, []).append(Hit(index, end, meaning.kind, meaning.code))
        return
    longest: dict[str, tuple[int, list[Any]]] = {}
    for end, meanings in matches:
        if end - index > 1 and STRONG_BREAK in breaks[index + 1 : end]:
            break
        for meaning in meanings:
            layer = meaning.layer
            kept = longest.get(layer)
            if kept is not None and kept[0] == end:
                kept[1].append(meaning)
            elif index >= free.get(layer, 0):
                longest[layer] = (end, [meaning])
    for layer, (end, chosen) in longest.items():
        free[layer] = end
        hits = found.layers.setdefault(layer, [])
        for meaning in chosen:
            hits.append(Hit(index, end, meaning.kind, meaning.code))


def _drop_swallowed(found: Scan) -> None:
    """A phrase of kind "none" ("hit by a car") says nothing, and nothing inside it is read as urgency."""
    swallowing = [hit for hit in found.hits("concept") if hit.kind == "none" and hit.end - hit.start > 1]
    if not swallowing:
        return
    covered = {index for hit in swallowing for index in range(hit.start, hit.end)}
    for layer in ("urgency", "harmed_by", "household"):
        if layer in found.layers:
            found.layers[layer] = [h for h in found.layers[layer] if not covered.issuperset(range(h.start, h.end))]
