"""Typing errors put right, against our own vocabulary only: never an everyday word, a negation, a name or a place."""

from collections.abc import Mapping
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from taxonomy.lexicon import Lexicon, ordinary_words, phrases

MENDED_FROM = 6
"""Letters a word must have before a typing error in it is mended."""
TWO_ERRORS_FROM = 9
LONGEST = 20
MOST = 60
"""Words looked at in one text: more than anybody mistypes."""
SUBSTITUTED_FROM = 8
"""Shorter words with one letter for another are more often another word ("raging") than a mistake."""


@cache
def _mendable() -> Mapping[tuple[str, int], tuple[str, ...]]:
    """Vocabulary words by first letter and length: only those can a mistyped word be turned into."""
    found: dict[tuple[str, int], list[str]] = {}
    for word in phrases().words:
        if len(word) >= MENDED_FROM and word.isalpha():
            found.setdefault((word[0], len(word)), []).append(word)
    return {key: tuple(sorted(words)) for key, words in found.items()}


@lru_cache(maxsize=4096)
def _mended(word: str) -> str | None:
    errors = 2 if len(word) >= TWO_ERRORS_FROM else 1
    best: tuple[int, str] | None = None
    for length in range(len(word) - errors, len(word) + errors + 1):
        for candidate in _mendable().get((word[0], length), ()):
            distance = OSA.distance(word, candidate, score_cutoff=errors)
            swapped_letter = length == len(word) and sorted(word) != sorted(candidate)
            if len(word) < SUBSTITUTED_FROM and swapped_letter:
                continue
            if distance <= errors and (best is None or distance < best[0]):
                best = (distance, candidate)
    return best[1] if best else None


def mend(words: list[str], lexicon: Lexicon) -> list[str]:
    """The words with typing errors in our own vocabulary put right. Known words, names, short ones stay as they are."""
    known, named, ordinary = lexicon.known.words, lexicon.names.words, ordinary_words()
    strange = [
        index
        for index, word in enumerate(words)
        if MENDED_FROM <= len(word) <= LONGEST
        and word not in known
        and word not in named
        and word not in ordinary
        and word.isalpha()
    ]
    better = {index: mended for index in strange[:MOST] if (mended := _mended(words[index]))}
    return [better.get(index, word) for index, word in enumerate(words)] if better else words
