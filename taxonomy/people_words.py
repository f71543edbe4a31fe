"""Sets of words that tell who is who in a call, kept as data beside those of `word_sets`, to be read and mended."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _sets() -> Mapping[str, frozenset[str]]:
    text = files("taxonomy").joinpath("data/people_words.toml").read_text(encoding="utf-8")
    return {name: frozenset(words.split()) for name, words in tomllib.loads(text).items()}


def people_words(name: str) -> frozenset[str]:
    """One set of `data/people_words.toml`, of folded words. KeyError when there is none of that name."""
    return _sets()[name]
