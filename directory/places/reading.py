"""Reads the committed tables of places, and folds names so that any spelling of one finds it."""

import csv
import re
import unicodedata
from collections.abc import Mapping
from importlib.resources import files

WORD = re.compile(r"[^\W_]+")
APOSTROPHES = str.maketrans({**dict.fromkeys("'’‘ʼ`´."), "&": " and "})


def fold(text: str) -> str:
    """One spelling for all: NFKC, case and accents folded, no apostrophes or full stops, hyphens to single blanks.

    "St. Andrew’s" and "st andrews", "D & G" and "d and g" fold alike; folding twice changes nothing.
    """
    plain = text.lower() if text.isascii() else _plain(text)
    return " ".join(WORD.findall(plain.translate(APOSTROPHES)))


def _plain(text: str) -> str:
    """Case and accents folded; done again as long as one step makes work for another (rare signs)."""
    while True:
        apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
        bare = "".join(char for char in apart if not unicodedata.combining(char))
        if bare == text:
            return bare
        text = bare


def rows(name: str) -> list[Mapping[str, str]]:
    """The rows of one table of `directory/places/data`, whose first line is its header."""
    lines = csv.reader(files("directory.places").joinpath("data", name).read_text(encoding="utf-8").splitlines())
    header = next(lines)
    return [dict(zip(header, line, strict=True)) for line in lines]


def parts(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, parted by upright strokes."""
    return tuple(cell.split("|")) if cell else ()
