"""Our vocabulary: families of service, harms, needs, relations and the rest, each term with a lasting code and bit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from taxonomy import committed

BASE_URI = "https://waymark.example/taxonomy/"


@dataclass(frozen=True, slots=True)
class TaxonomyTerm:
    """One word of ours. `bit` is its place in the index's 64-bit masks and never changes."""

    taxonomy: str
    code: str
    bit: int
    parent: str
    label: str
    plain_label: str
    definition: str

    @property
    def id(self) -> str:
        return f"{self.taxonomy}/{self.code}"

    @property
    def uri(self) -> str:
        return BASE_URI + self.id


class Taxonomy:
    """All terms of one kind, by code. Unknown codes raise KeyError."""

    def __init__(self, name: str, terms: Iterable[TaxonomyTerm]) -> None:
        self.name = name
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
        return tuple(term.code for term in self.terms.values() if term.parent == code)


@cache
def load() -> Mapping[str, Taxonomy]:
    """Every taxonomy of `data/terms.csv`, by name: family, harm, need, relation, delivery, route, harmed_by."""
    rows = [
        TaxonomyTerm(
            taxonomy=row["taxonomy"],
            code=row["code"],
            bit=int(row["bit"]),
            parent=row["parent"],
            label=row["label"],
            plain_label=row["plain_label"] or row["label"],
            definition=row["definition"],
        )
        for row in committed.rows("taxonomy", "terms.csv")
    ]
    names = dict.fromkeys(term.taxonomy for term in rows)
    return {name: Taxonomy(name, (term for term in rows if term.taxonomy == name)) for name in names}
