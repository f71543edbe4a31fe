"""Reads the small tables that are committed beside the code, the same way for every package."""

import csv
from importlib.resources import files


def rows(package: str, path: str) -> list[dict[str, str]]:
    """The rows of a CSV table of `package`'s `data` folder; its first line is the header, its text UTF-8."""
    text = files(package).joinpath("data", path).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))
