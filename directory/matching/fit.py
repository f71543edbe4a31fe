"""How well a kind of service is made for what is needed: `taxonomy/data/fit.csv`, applied to one enquiry.

Each row grades a family of service for one concern on the scale of the grading guide: 3 made for this, 2 would really
help, 1 a fallback. A domain lead can read and edit the file; the best row that applies to a service is its need fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import log2

from directory.matching import eligibility
from directory.matching.candidate import Row
from directory.matching.fit_rules import Kind, Test, by_concern, meets
from directory.matching.situation import Situation
from directory.search.columns import Flag
from taxonomy import terms

TOP_GRADE = 3.0
EXTRA_CONCERN = 0.03
"""What each further concern that a service meets well adds: enough to break ties, never to lift a grade."""


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a service fits: `value` 0 to 1, the concern it meets best, and why in words ("made for sexual harm")."""

    value: float
    concern: str
    why: str
    met: int
    """How many concerns that were said it meets with a grade of 2 or better."""
    sure: float = 1.0
    """Share of `value` that is left where it counts only as far as it is likely that its concern is meant."""


SECOND_FAMILY = 0.9
"""A service's other families count a little less than what it mainly is."""
A_HOME_FIRST = 0.4
"""Of a service that gives a home they count little: who needs no home is no case of its own (need:housing finds it)."""
CHILDREN_UNTIL = 25
"""A stated upper age of this or less: a service for children and young people."""

KINDS_KEPT = 256
NO_FIT = Fit(0.0, "", "", 0)


_Key = tuple[int, int, int, int, int, int, bool]
"""Families, main family, harms, needs, flags, relations, and whether it is for children."""
_Graded = tuple[tuple[float, Test], ...]
"""The best rule for each concern, with the grade it gives a kind of service."""
_Applying = dict[int, list[tuple[Test, int]]]
"""Family bit → the rules that apply, each with the harms that count as its own."""


@lru_cache(maxsize=128)
def _applying(
    concerns: tuple[str, ...], who: frozenset[str], harm_masks: tuple[tuple[str, int], ...], harm_mask: int
) -> tuple[_Applying, dict[_Key, _Graded]]:
    """The rules of some concerns, by family, and what they gave so far: the same from one pause of a call to the next,
    and for whoever else asks for the same. Codes alone are kept, of at most KINDS_KEPT kinds of services each."""
    found: _Applying = {}
    masks, tests = dict(harm_masks), by_concern()
    for concern in concerns:
        for test in tests.get(concern, ()):
            if not test.who <= who or not test.not_who.isdisjoint(who):
                continue
            harms = masks.get(test.harm, harm_mask) if test.harm else 0
            if harms or not test.harm:
                found.setdefault(test.family, []).append((test, harms))
    return found, {}


class FitTable:
    """The rules that apply to one enquiry, by family; `of` is called once per candidate and remembers."""

    def __init__(self, situation: Situation, concerns: Sequence[str] | None = None) -> None:
        """For all that an enquiry asks or may mean, or for these concerns alone, which then are sure."""
        whole = concerns is None
        asked = tuple(dict.fromkeys((*situation.concerns, *situation.perhaps) if concerns is None else concerns))
        harms = (tuple(situation.harm_masks.items()), situation.harm_mask)
        self._by_family, self._known = _applying(asked, situation.who, *harms)
        self._likelihood = situation.likelihood if whole else {}
        self._perhaps = frozenset(situation.perhaps) if whole else frozenset()
        self._fits: dict[_Key, Fit] = {}
        self._any_named = bool(situation.enquiry.names)
        self.family_mask = sum(1 << bit for bit in self._by_family)
        """Families that any rule speaks of: a service of no such family cannot fit."""

    def families(self) -> dict[int, float]:
        """Family bit → best grade any rule gives it, 0 to 1: what the engine should raise."""
        best = {
            bit: max((test.grade for test, _ in tests if self._any_named or not test.flag & Flag.SCHOOL), default=0.0)
            for bit, tests in self._by_family.items()
        }
        return {bit: grade / TOP_GRADE for bit, grade in best.items() if grade}

    def of(self, row: Row) -> Fit:
        """The fit of one candidate."""
        young = row.age_max <= CHILDREN_UNTIL
        flags = row.flags & _FLAGS_THAT_MATTER
        key = (row.families, row.main_family, row.harms, row.needs, flags, row.relations, young)
        fit = self._fits.get(key)
        if fit is None:
            fit = self._fits[key] = self._weighed(self._graded(row, key, young))
        return fit

    def _graded(self, row: Row, key: _Key, young: bool) -> _Graded:
        """The best rule for each concern; kept for whoever asks for the same."""
        graded = self._known.get(key)
        if graded is None:
            parents_only = eligibility.parents_only(row, eligibility.masks())
            graded = self._work_out(Kind(*key[:5], parents_only, young))
            if len(self._known) >= KINDS_KEPT:
                self._known.clear()
            self._known[key] = graded
        return graded

    def _weighed(self, graded: _Graded) -> Fit:
        """The fit by the concern that is best to expect. What was said gives the value in full and is `sure` in part;
        what is only perhaps meant gives as much as it may be expected to."""
        if not graded:
            return NO_FIT
        grade, best, top = 0.0, 0.0, graded[0][1]
        for own, test in graded:
            expected = expected_grade(own, self._likelihood.get(test.concern, 1.0))
            if expected > best:
                best, top = expected, test
            grade = max(grade, expected if test.concern in self._perhaps else own)
        met = sum(own >= 2 and test.concern not in self._perhaps for own, test in graded)
        value = grade / TOP_GRADE + EXTRA_CONCERN * max(0, met - 1)
        return Fit(min(1.0, value), top.concern, top.why, met, best / grade)

    def _work_out(self, kind: Kind) -> _Graded:
        best: dict[str, tuple[float, Test]] = {}
        second = A_HOME_FIRST if kind.main_family & _housing() else SECOND_FAMILY
        for bit, tests in self._by_family.items():
            if not kind.families >> bit & 1:
                continue
            share = 1.0 if kind.main_family >> bit & 1 else second
            for test, harms in tests:
                grade = test.grade * share
                if (test.concern not in best or grade > best[test.concern][0]) and meets(test, harms, kind):
                    best[test.concern] = (grade, test)
        return tuple(best.values())


def expected_grade(grade: float, likelihood: float) -> float:
    """The grade whose gain, 2^grade − 1 as nDCG has it (Järvelin and Kekäläinen 2002), is the gain to be expected."""
    return log2(1 + likelihood * (2**grade - 1)) if likelihood < 1 else grade


_FLAGS_THAT_MATTER = Flag.ANY_HARM | Flag.FROM_REGISTER | Flag.WORKERS_ONLY | Flag.SCHOOL


@cache
def _housing() -> int:
    return terms.load()["family"].mask(["housing"])
