"""How well a kind of service is made for what is needed: `taxonomy/data/fit.csv`, applied to one enquiry.

Each row grades a family of service for one concern on the scale of the grading guide: 3 made for this, 2 would really
help, 1 a fallback. A domain lead can read and edit the file; the best row that applies to a service is its need fit.
"""

from dataclasses import dataclass
from functools import cache

from directory.matching.situation import Situation
from directory.search.columns import Flag
from taxonomy import committed, terms

TOP_GRADE = 3.0
EXTRA_CONCERN = 0.03
"""What each further concern that a service meets well adds: enough to break ties, never to lift a grade."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of fit.csv."""

    concern: str
    family: str
    has: tuple[str, ...]
    who: tuple[str, ...]
    grade: float
    why: str


@dataclass(frozen=True, slots=True)
class Fit:
    """How well a service fits: `value` 0 to 1, the concern it meets best, and why in words ("made for sexual harm")."""

    value: float
    concern: str
    why: str
    met: int
    """How many concerns it meets with a grade of 2 or better."""


NO_FIT = Fit(0.0, "", "", 0)


@cache
def rules() -> tuple[Rule, ...]:
    """All rows, in the file's order."""
    return tuple(
        Rule(
            concern=row["concern"],
            family=row["family"],
            has=tuple(row["has"].split()),
            who=tuple(filter(None, row["who"].split("+"))),
            grade=float(row["grade"]),
            why=row["why"],
        )
        for row in committed.rows("taxonomy", "fit.csv")
    )


@dataclass(frozen=True, slots=True)
class _Test:
    """A rule made ready: all masks must meet, none of the barred ones may."""

    grade: float
    concern: str
    why: str
    harms: int
    needs: int
    barred_needs: int
    any_harm: bool
    flag: int
    parents_only: bool


class FitTable:
    """The rules that apply to one enquiry, by family; `of` is called once per candidate and remembers."""

    def __init__(self, situation: Situation) -> None:
        self._by_family: dict[int, list[_Test]] = {}
        self._known: dict[tuple[int, int, int, int, bool], Fit] = {}
        families = terms.load()["family"]
        concerns = set(situation.concerns)
        for rule in rules():
            if rule.concern in concerns and situation.who.issuperset(rule.who):
                test = _test(rule, situation)
                if test is not None:
                    self._by_family.setdefault(families[rule.family].bit, []).append(test)

    def families(self) -> dict[int, float]:
        """Family bit → best grade any rule gives it, 0 to 1: what the engine should raise."""
        return {bit: max(test.grade for test in tests) / TOP_GRADE for bit, tests in self._by_family.items()}

    def of(self, families: int, harms: int, needs: int, flags: int, parents_only: bool) -> Fit:
        """The fit of a service with these masks and flags."""
        key = (families, harms, needs, flags & _FLAGS_THAT_MATTER, parents_only)
        fit = self._known.get(key)
        if fit is None:
            fit = self._known[key] = self._work_out(*key)
        return fit

    def _work_out(self, families: int, harms: int, needs: int, flags: int, parents_only: bool) -> Fit:
        best: dict[str, _Test] = {}
        for bit, tests in self._by_family.items():
            if not families >> bit & 1:
                continue
            for test in tests:
                known = best.get(test.concern)
                if (known is None or test.grade > known.grade) and _meets(test, harms, needs, flags, parents_only):
                    best[test.concern] = test
        if not best:
            return NO_FIT
        top = max(best.values(), key=lambda test: test.grade)
        met = sum(test.grade >= 2 for test in best.values())
        value = top.grade / TOP_GRADE + EXTRA_CONCERN * max(0, met - 1)
        return Fit(min(1.0, value), top.concern, top.why, met)


_FLAGS_THAT_MATTER = int(Flag.ANY_HARM | Flag.FROM_REGISTER | Flag.WORKERS_ONLY | Flag.SCHOOL)


def _test(rule: Rule, situation: Situation) -> _Test | None:
    """None when the rule asks for a harm and the enquiry has none."""
    needs_taxonomy = terms.load()["need"]
    harms = needs = barred = flag = 0
    any_harm = False
    for word in rule.has:
        if word == "harm":
            code = rule.concern.removeprefix("harm:")
            harms = situation.harm_masks.get(code, situation.harm_mask)
            if not harms:
                return None
        elif word == "any":
            any_harm = True
        elif word == "register":
            flag |= Flag.FROM_REGISTER
        elif word == "workers":
            flag |= Flag.WORKERS_ONLY
        elif word == "named":
            flag |= Flag.SCHOOL
        elif word.startswith("need:"):
            needs |= needs_taxonomy.mask([word.removeprefix("need:")])
        elif word.startswith("!need:"):
            barred |= needs_taxonomy.mask([word.removeprefix("!need:")])
    return _Test(rule.grade, rule.concern, rule.why, harms, needs, barred, any_harm, flag, "parents_only" in rule.has)


def _meets(test: _Test, harms: int, needs: int, flags: int, parents_only: bool) -> bool:
    if test.harms and not test.harms & harms:
        return False
    if test.any_harm and not (flags & Flag.ANY_HARM or not harms):
        return False
    if test.needs & needs != test.needs or test.barred_needs & needs:
        return False
    if test.parents_only and not parents_only:
        return False
    return not test.flag or bool(test.flag & flags)
