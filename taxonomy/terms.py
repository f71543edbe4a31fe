"""Our vocabulary: families of service, harms, needs, relations and the rest, each term with a lasting code and bit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from taxonomy import committed

CURRENT, DEPRECATED = "current", "deprecated"
BASE_URI = "https://waymark.example/taxonomy/"


@dataclass(frozen=True, slots=True)
class TaxonomyTerm:
    """One word of ours. `bit` is its place in the index's 64-bit masks and never changes.

    A term that is not used any more stays, as `deprecated`, with its code and bit: `replaced_by` is the code in the
    same taxonomy that took its place. `owner` decides about the term; `dated` is the day (ISO) it was last looked at.
    """

    taxonomy: str
    code: str
    bit: int
    parent: str
    label: str
    plain_label: str
    definition: str
    scope_note: str = ""
    owner: str = ""
    dated: str = ""
    status: str = CURRENT
    replaced_by: str = ""

    @property
    def id(self) -> str:
        return f"{self.taxonomy}/{self.code}"

    @property
    def uri(self) -> str:
        return BASE_URI + self.id

    @property
    def is_current(self) -> bool:
        return self.status == CURRENT


class Taxonomy:
    """All terms of one kind, by code. Unknown codes raise KeyError. `title` and `about` are for people."""

    def __init__(self, name: str, terms: Iterable[TaxonomyTerm], title: str = "", about: str = "") -> None:
        self.name = name
        self.title = title or name.replace("_", " ").capitalize()
        self.about = about
        self.terms: Mapping[str, TaxonomyTerm] = {term.code: term for term in terms}

    def __contains__(self, code: str) -> bool:
        return code in self.terms

    def __getitem__(self, code: str) -> TaxonomyTerm:
        return self.terms[code]

    def label(self, code: str) -> str:
        """The label people read; the code itself with blanks when there is no such term."""
        term = self.terms.get(code)
        return term.label if term else code.replace("_", " ")

    def mask(self, codes: Iterable[str]) -> int:
        """A 64-bit mask of the codes; unknown ones are an error."""
        result = 0
        for code in codes:
            result |= 1 << self.terms[code].bit
        return result

    def codes(self, mask: int) -> tuple[str, ...]:
        """The codes in a mask, in the file's order."""
        return tuple(code for code, term in self.terms.items() if mask >> term.bit & 1)

    def ancestors(self, code: str) -> tuple[str, ...]:
        """Parent, grandparent, … of a code."""
        found: list[str] = []
        parent = self.terms[code].parent
        while parent:
            found.append(parent)
            parent = self.terms[parent].parent
        return tuple(found)

    def is_a(self, code: str, other: str) -> bool:
        """Whether a code is the other, or lies under it."""
        return code == other or other in self.ancestors(code)

    def children(self, code: str) -> tuple[str, ...]:
        """Codes right under a code; under "" those that stand at the top."""
        return tuple(term.code for term in self.terms.values() if term.parent == code)

    def current(self) -> tuple[TaxonomyTerm, ...]:
        """The terms in use, in the file's order: what is offered for choosing. Deprecated ones are still understood."""
        return tuple(term for term in self.terms.values() if term.is_current)


@cache
def load() -> Mapping[str, Taxonomy]:
    """Every taxonomy of `data/terms.csv`, by name, in the order of `data/taxonomies.csv` (which has their titles)."""
    said = {row["taxonomy"]: row for row in committed.rows("taxonomy", "taxonomies.csv")}
    by_name: dict[str, list[TaxonomyTerm]] = {name: [] for name in said}
    for row in committed.rows("taxonomy", "terms.csv"):
        by_name.setdefault(row["taxonomy"], []).append(_term(row))
    return {name: Taxonomy(name, found, **_people(said.get(name, {}))) for name, found in by_name.items()}


def find(term_id: str) -> TaxonomyTerm:
    """The term of an id such as "family/counselling". Raises KeyError."""
    taxonomy, _, code = term_id.partition("/")
    return load()[taxonomy][code]


def _people(row: Mapping[str, str]) -> dict[str, str]:
    return {name: row.get(name, "") for name in ("title", "about")}


def _term(row: Mapping[str, str | None]) -> TaxonomyTerm:
    """One row; columns that an older row has not reached are empty."""
    cells = {name: value or "" for name, value in row.items()}
    return TaxonomyTerm(
        taxonomy=cells["taxonomy"],
        code=cells["code"],
        bit=int(cells["bit"]),
        parent=cells["parent"],
        label=cells["label"],
        plain_label=cells["plain_label"] or cells["label"],
        definition=cells["definition"],
        scope_note=cells.get("scope_note", ""),
        owner=cells.get("owner", ""),
        dated=cells.get("dated", ""),
        status=cells.get("status") or CURRENT,
        replaced_by=cells.get("replaced_by", ""),
    )
