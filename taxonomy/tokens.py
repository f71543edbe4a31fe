"""Words of a text with their exact places in it, so that all that is understood can be shown in the caller's words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from taxonomy.word_sets import words_of

TOKEN = re.compile(r"[^\W_]+(?:['’‘ʼ`´][^\W_]+)*|&", re.UNICODE)
WORDS_AND_GAPS = re.compile(f"({TOKEN.pattern})", re.UNICODE)
NO_GAPS = frozenset({" ", "-", ""})
APOSTROPHES = re.compile("['’‘ʼ`´]")
SENTENCE_END = frozenset(".!?…")
CLAUSE_BREAK = frozenset(",;:()[]{}–—/|•*+")
ABBREVIATIONS = words_of("abbreviations")
"""Words whose full stop ends no sentence."""

IS_SHORT = words_of("is_short")
"""Words whose 's is "is": they own nothing."""

SPOKEN_AS = dict(pair.split("=") for pair in words_of("spoken_as"))
"""Scots and short spellings of a word, read as that word in phrases, names and texts alike ("cannae" is "can't")."""

OWNERS = frozenset({"his", "her", "my", "your", "their", "our", "the", "a"})

NO_BREAK, WEAK_BREAK, STRONG_BREAK = 0, 1, 2


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """One word as we compare it: lower case, no accents, no apostrophes; "&" is "and"."""
    if word == "&":
        return "and"
    if not word.isascii():
        plain = unicodedata.normalize("NFKD", word.casefold())
        word = "".join(letter for letter in plain if letter.isalnum()) or word  # a lone voicing mark has no letter
    plainly = APOSTROPHES.sub("", word).lower()
    return SPOKEN_AS.get(plainly, plainly)


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
    return tuple(_spoken([fold(match.group()) for match in TOKEN.finditer(text)]))


def tokenise(text: str) -> Tokens:
    """Cut a text into words once; linear in its length."""
    plain = text.isascii()
    parts = WORDS_AND_GAPS.split(text.lower() if plain else text)  # a gap, a word, a gap, a word … a gap
    ends = list(accumulate(map(len, parts)))
    said, gaps = parts[1::2], parts[0:-1:2]
    spoken_as = SPOKEN_AS.get
    words = [spoken_as(word, word) if plain and word.isalnum() else fold(word) for word in said]
    words = _spoken(words)
    breaks = [NO_BREAK] * len(words)
    for index, gap in enumerate(gaps):
        if gap not in NO_GAPS and index:
            breaks[index] = _strength(gap, words[index - 1], said[index])
    owning = frozenset(
        index
        for index, word in enumerate(said)
        if len(word) > 2 and not word[-2].isalnum() and word[-1] in "sS" and words[index] not in IS_SHORT
    )
    return Tokens(text, words, ends[0:-1:2], ends[1::2], breaks, owning)


def _spoken(words: list[str]) -> list[str]:
    """The words with Scots "ma" told from the mother."""
    if "ma" not in words:
        return words
    return ["my" if word == "ma" and not _is_mother(words, index) else word for index, word in enumerate(words)]


def _is_mother(words: list[str], index: int) -> bool:
    """ "His ma"; alone it is Scots for "my"."""
    return (index > 0 and words[index - 1] in OWNERS) or words[index + 1 : index + 2] in ([], ["says"], ["is"])


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
