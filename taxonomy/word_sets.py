"""Closed sets of everyday words ("by", "my", "year") that readings lean on, kept as data to be read and mended."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def _sets() -> Mapping[str, frozenset[str]]:
    text = files("taxonomy").joinpath("data/word_sets.toml").read_text(encoding="utf-8")
    return {name: frozenset(words.split()) for name, words in tomllib.loads(text).items()}


def words_of(name: str) -> frozenset[str]:
    """One set of `data/word_sets.toml`, of folded words. KeyError when there is none of that name."""
    return _sets()[name]
