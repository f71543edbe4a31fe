"""Words of a text with their exact places in it, so that all that is understood can be shown in the caller's words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from taxonomy.word_sets import words_of

TOKEN = re.compile(r"[^\W_]+(?:['’‘ʼ`´][^\W_]+)*|&", re.UNICODE)
APOSTROPHES = re.compile("['’‘ʼ`´]")
SENTENCE_END = frozenset(".!?…")
CLAUSE_BREAK = frozenset(",;:()[]{}–—/|•*+")
ABBREVIATIONS = words_of("abbreviations")
"""Words whose full stop ends no sentence."""

IS_SHORT = words_of("is_short")
"""Words whose 's is "is": they own nothing."""

NO_BREAK, WEAK_BREAK, STRONG_BREAK = 0, 1, 2


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """One word as we compare it: lower case, no accents, no apostrophes; "&" is "and"."""
    if word == "&":
        return "and"
    if not word.isascii():
        plain = unicodedata.normalize("NFKD", word.casefold())
        word = "".join(letter for letter in plain if letter.isalnum()) or word  # a lone voicing mark has no letter
    return APOSTROPHES.sub("", word).lower()


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text cut into words. `breaks[i]` is the strongest break between word i - 1 and word i (0, 1 or 2)."""

    text: str
    words: list[str]
    starts: list[int]
    ends: list[int]
    breaks: list[int]
    possessive: frozenset[int]
    """Words said with 's ("her brother's friend")."""

    def __len__(self) -> int:
        return len(self.words)

    def piece(self, start: int, end: int) -> str:
        """The exact piece of the text from word `start` up to, not including, word `end`."""
        return self.text[self.starts[start] : self.ends[end - 1]]

    def clause_end(self, index: int, limit: int) -> int:
        """The first word after `index` that a break stands before, at most `limit` words on."""
        last = min(len(self.words), index + limit)
        for position in range(index + 1, last):
            if self.breaks[position]:
                return position
        return last


def fold_words(text: str) -> tuple[str, ...]:
    """A phrase or name as folded words ("Women's Aid" → womens, aid)."""
    return tuple(fold(match.group()) for match in TOKEN.finditer(text))


def tokenise(text: str) -> Tokens:
    """Cut a text into words once; linear in its length."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    breaks: list[int] = []
    possessive: set[int] = set()
    previous = 0
    for match in TOKEN.finditer(text):
        start, end = match.span()
        raw = match.group()
        gap = text[previous:start]
        if gap in {" ", "-", ""} or not words:
            breaks.append(NO_BREAK)
        else:
            breaks.append(_strength(gap, words[-1], raw))
        if len(raw) > 2 and raw[-1] in "sS" and not raw[-2].isalnum() and fold(raw) not in IS_SHORT:
            possessive.add(len(words))
        words.append(raw.lower() if raw.isascii() and raw.isalnum() else fold(raw))
        starts.append(start)
        ends.append(end)
        previous = end
    return Tokens(text, words, starts, ends, breaks, frozenset(possessive))


def _strength(gap: str, before: str, after: str) -> int:
    marks = set(gap)
    if marks & SENTENCE_END:
        decimal = gap == "." and before.isdigit() and after.isdigit()
        if decimal or (gap.startswith(".") and before in ABBREVIATIONS):
            return NO_BREAK
        return STRONG_BREAK
    if marks & CLAUSE_BREAK:
        return WEAK_BREAK
    if "-" in marks and marks & {" ", "\t", "\n"}:
        return WEAK_BREAK
    return NO_BREAK
