"""A source's own categories in our terms: what each becomes, what is left out and why, and what nobody has mapped yet.

A crosswalk is a table in `data/crosswalks`: a row for each category of the source, with either ids of our terms or the
reason why it is out of scope. Lines that begin with # name the source and its licence. What a run must reach stands in
`data/crosswalk_shares.csv`, and never falls.
"""

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from taxonomy import committed, terms

COLUMNS = ["category", "also", "shown_as", "terms", "out_of_scope"]
TABLES = files("taxonomy").joinpath("data", "crosswalks")


class CrosswalkError(ValueError):
    """A crosswalk that cannot be used: which table, which row, what is wrong; or a name there is no table for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One category of a source. Either `terms` (ids such as "family/counselling") or `out_of_scope`, a reason."""

    category: str
    also: tuple[str, ...]
    """Other keys of the same category: the source's number, or its name where that is not like the key."""
    shown_as: str
    """The category in words, for people."""
    terms: tuple[str, ...]
    out_of_scope: str


@dataclass(frozen=True, slots=True)
class CrosswalkReport:
    """What came of some categories: each is in one of the three, in the order given, without repeats."""

    crosswalk: str
    mapped: Mapping[str, tuple[str, ...]]
    """Category → ids of our terms."""
    out_of_scope: Mapping[str, str]
    """Category → reason."""
    unmapped: tuple[str, ...]
    """Nobody has looked at these: they need a row."""

    @property
    def read(self) -> int:
        return len(self.mapped) + len(self.out_of_scope) + len(self.unmapped)

    @property
    def share(self) -> float:
        """Of all categories read, the share that has a term of ours; 1.0 of none."""
        return len(self.mapped) / self.read if self.read else 1.0

    @property
    def covered(self) -> float:
        """The share that is mapped or knowingly out of scope; 1.0 of none."""
        return 1 - len(self.unmapped) / self.read if self.read else 1.0


class Crosswalk:
    """One source's table. `title`, `about` (what was read, and when) and `licence` are the lines at its head."""

    def __init__(self, name: str, head: Mapping[str, str], rows: Iterable[Row]) -> None:
        self.name = name
        self.title, self.about, self.licence = head["source"], head.get("about", ""), head["licence"]
        self.rows = tuple(rows)
        self._by_key: dict[str, Row] = {}
        for row in self.rows:
            for said in (row.category, *row.also):
                if self._by_key.setdefault(key(said), row) is not row:
                    raise CrosswalkError(f"{name}: “{said}” stands in two rows.")

    def row(self, category: str) -> Row | None:
        """The row of a category, by its key, number or name in any letter case; None when there is none."""
        return self._by_key.get(key(category))

    def of(self, category: str) -> tuple[str, ...]:
        """Ids of our terms; none when the category is out of scope or has no row (`run` tells the two apart)."""
        row = self.row(category)
        return row.terms if row else ()

    def run(self, categories: Iterable[str]) -> CrosswalkReport:
        """What becomes of each of these categories."""
        mapped: dict[str, tuple[str, ...]] = {}
        left_out: dict[str, str] = {}
        unmapped: dict[str, None] = {}
        for category in categories:
            row = self.row(category)
            if row is None:
                unmapped[category] = None
            elif row.terms:
                mapped[category] = row.terms
            else:
                left_out[category] = row.out_of_scope
        return CrosswalkReport(self.name, mapped, left_out, tuple(unmapped))


def key(category: str) -> str:
    """What two ways of writing one category share: small letters and figures, one dash between words."""
    plain = re.sub(r"['’]", "", category.casefold())
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def names() -> tuple[str, ...]:
    """Names of all crosswalks, in order."""
    return tuple(sorted(file.name.removesuffix(".csv") for file in TABLES.iterdir() if file.name.endswith(".csv")))


@cache
def load(name: str) -> Crosswalk:
    """One crosswalk. Raises CrosswalkError when there is none of that name, or a row of it is wrong."""
    if name not in names():
        raise CrosswalkError(f"There is no crosswalk “{name}”. There are: {', '.join(names())}.")
    return read(name, TABLES.joinpath(f"{name}.csv").read_text(encoding="utf-8"))


def read(name: str, text: str) -> Crosswalk:
    """A crosswalk from the text of its table. Raises CrosswalkError, naming the row."""
    lines = text.splitlines()
    head = dict(
        line.removeprefix("#").strip().split(": ", 1) for line in lines if line.startswith("#") and ": " in line
    )
    table = csv.DictReader(line for line in lines if not line.startswith("#"))
    if table.fieldnames != COLUMNS:
        raise CrosswalkError(f"{name}: the columns should be {', '.join(COLUMNS)}.")
    for wanted in ("source", "licence"):
        if not head.get(wanted):
            raise CrosswalkError(f"{name}: no line “# {wanted}: …” at its head.")
    return Crosswalk(name, head, [_row(name, cells) for cells in table])


def run(name: str, categories: Iterable[str]) -> CrosswalkReport:
    """What becomes of a source's categories. Raises CrosswalkError for an unknown name."""
    return load(name).run(categories)


@cache
def floors() -> Mapping[str, float]:
    """The share of each crosswalk's categories that must at least map, by name: raised by hand, never lowered."""
    return {row["crosswalk"]: float(row["share"]) for row in committed.rows("taxonomy", "crosswalk_shares.csv")}


@cache
def sources_of(term_id: str) -> tuple[tuple[Crosswalk, Row], ...]:
    """The source categories that become a term, crosswalk by crosswalk."""
    walks = [load(name) for name in names()]
    return tuple((walk, row) for walk in walks for row in walk.rows if term_id in row.terms)


def _row(name: str, cells: Mapping[str, str]) -> Row:
    category = cells["category"]
    found = tuple((cells["terms"] or "").split())
    reason = cells["out_of_scope"] or ""
    if bool(found) == bool(reason):
        raise CrosswalkError(
            f"{name}: “{category}” needs either terms or a reason why it is out of scope, and not both."
        )
    for term_id in found:
        _check(name, category, term_id)
    also = tuple(said.strip() for said in (cells["also"] or "").split("|") if said.strip())
    return Row(category, also, cells["shown_as"] or _in_words(category), found, reason)


def _check(name: str, category: str, term_id: str) -> None:
    try:
        term = terms.find(term_id)
    except KeyError:
        raise CrosswalkError(f"{name}: “{category}” names {term_id}, which is no term of ours.") from None
    if not term.is_current:
        raise CrosswalkError(f"{name}: “{category}” names {term_id}, which {term.replaced_by or 'nothing'} replaced.")


def _in_words(category: str) -> str:
    words = category.replace("-", " ").strip()
    return words[:1].upper() + words[1:]
