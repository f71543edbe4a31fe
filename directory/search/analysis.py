"""Words are analysed once, here, for documents and queries alike, so that every engine finds the same services.

NFKC, case folded, accents folded, apostrophes gone, split at anything that is neither letter nor digit, a few words
of grammar left out, Snowball English stems. The engines index the result with a whitespace analyzer.
"""

import re
import threading
import unicodedata
from functools import lru_cache

import snowballstemmer

VERSION = 1
"""Raised whenever the same text gives other tokens: an index of another version is rebuilt."""

STOP_WORDS = frozenset(
    """a an and are as at be been but by for from had has have he her him his i if in into is it its me my of on or our
    she so that the their them then they this to was we were which who whose will with you your""".split()  # noqa: SIM905 (a list of words is read as words)
)
"""Words of grammar only. "support", "help" and "care" are what people ask for, and "not" is read elsewhere."""

TOKEN_LIMIT = 60
"""Characters of one token: longer runs are no words, and stemming them takes long."""

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼʹ`´＇", "'"))
_POSSESSIVE = re.compile(r"'s\b")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
"""Letters that Unicode does not take apart into a letter and an accent."""
_WORD = re.compile(r"[^\W_]+")
_stemmer = snowballstemmer.stemmer("english")
_one_at_a_time = threading.Lock()


def words(text: str) -> list[str]:
    """Folded words in the order written, not stemmed and none left out: "Women's Aid" → ["women", "aid"]."""
    return [word[:TOKEN_LIMIT] for word in _WORD.findall(fold(text))]


def tokens(text: str) -> list[str]:
    """Stems in the order written, repeats kept. Words of grammar go, unless the text has nothing else."""
    found = words(text)
    kept = [word for word in found if word not in STOP_WORDS]
    return [stem(word) for word in kept or found]


def fold(text: str) -> str:
    """One way of writing for what reads the same: "Dùn Èideann’s" → "dun eideann"."""
    if text.isascii():
        folded = text.lower().replace("`", "'")
    else:
        folded = unicodedata.normalize("NFKC", text.translate(_APOSTROPHES)).casefold()
    if "'" in folded:
        folded = _POSSESSIVE.sub("", folded).replace("'", "")
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded.translate(_LETTERS))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Snowball's English stem of one folded word. The stemmer keeps state, so threads take turns; hits need none."""
    with _one_at_a_time:
        result: str = _stemmer.stemWord(word)
    return result
