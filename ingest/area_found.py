"""Gathers what a text about the area served has named, and says what of it may be stated, and how surely."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from directory.draft import Coverage
from directory.places import areas
from directory.values import Known
from ingest.area_names import Kind, Named

NATION = "SCOTLAND"
DAMPED = 0.7
"""What is left of a reading's sureness when the text claims more than it names, or has words that were not read."""
MIXED = 0.6
"""How sure a council is, at most, of which only part was named beside whole ones: the part cannot be told."""


@dataclass(slots=True)
class Found:
    """Names read so far; councils with how sure we are of each."""

    nation: float = 0.0
    whole: dict[str, float] = field(default_factory=dict)
    unnamed_part: dict[str, float] = field(default_factory=dict)
    places: list[Named] = field(default_factory=list)
    divisions: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    claims_more: bool = False

    def add(self, what: Named, words: str) -> None:
        if what.kind is Kind.NATION:
            self.nation = max(self.nation, what.sure)
        elif what.kind is Kind.ELSEWHERE:
            self.elsewhere.append(words)
        elif what.kind is Kind.PLACE:
            self.places.append(what)
        else:
            into = self.unnamed_part if what.kind is Kind.PART else self.whole
            for gss in what.councils:
                into[gss] = max(what.sure, into.get(gss, 0.0))
        if what.division:
            self.divisions.append(what.division)

    @property
    def only_whole(self) -> bool:
        """Whether nothing but whole councils was named, and every word was read."""
        return bool(self.whole) and not (self.unread or self.places or self.unnamed_part or self.nation)

    @property
    def only_places(self) -> bool:
        """Whether every word was read and every name gave outcodes: only then may outcodes narrow the areas."""
        return bool(self.places) and not (self.whole or self.unnamed_part or self.unread)

    def coverage(self) -> Coverage:
        """What may be stated; unknown when nothing was named."""
        if self.nation:
            return Coverage(Known.STATED, (NATION,))
        named = tuple(dict.fromkeys(self.divisions))
        if self.only_places:
            councils = sorted({gss for place in self.places for gss in place.councils})
            outcodes = dict.fromkeys(code for place in self.places for code in place.outcodes)
            return Coverage(Known.STATED, tuple(councils), tuple(outcodes), divisions=named)
        councils = sorted(self._councils())
        return Coverage(Known.STATED, tuple(councils), divisions=named) if councils else Coverage()

    def sureness(self) -> float:
        """0 when nothing was named, to 1."""
        damped = DAMPED if self.unread or self.claims_more else 1.0
        if self.nation:
            return self.nation * damped
        if self.only_places:
            return min(place.sure for place in self.places) * damped
        return min(self._councils().values(), default=0.0) * damped

    def _councils(self) -> dict[str, float]:
        """Every council named, whole or in part; of a place in several only the main one."""
        found = self.unnamed_part | self.whole
        for place in self.places:
            main = place.councils[0]
            found[main] = min(found.get(main, place.sure), place.sure, MIXED)
        return found


def without(coverage: Coverage, councils: Iterable[str]) -> Coverage:
    """The coverage less these councils: of the nation the others stay; unknown when none is left."""
    taken = set(councils)
    if not taken:
        return coverage
    had = tuple(area.gss for area in areas.councils()) if NATION in coverage.areas else coverage.areas
    kept = tuple(gss for gss in had if gss not in taken)
    return Coverage(Known.STATED, kept, coverage.outcodes) if kept else Coverage()
