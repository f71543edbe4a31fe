"""The rows of `taxonomy/data/fit.csv`, read and made ready: which kind of service each grades, for what and for whom.

A domain lead can read and edit the file; `fit` applies it to one enquiry.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from directory.search.columns import Flag
from taxonomy import committed, terms

WORDS = ("harm", "any", "register", "workers", "named", "parents_only", "for_children")
"""Words of the has column beside needs ("need:…", "!need:…"): what a service must be or meet."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of fit.csv."""

    concern: str
    family: str
    has: tuple[str, ...]
    who: tuple[str, ...]
    grade: float
    why: str


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
class Test:
    """A rule made ready once a process: all masks must meet, none of the barred ones may.

    `harm` is the harm whose mask an enquiry puts in, "" when the rule asks for none; `who` must all hold of the
    enquiry, `not_who` must not.
    """

    grade: float
    concern: str
    why: str
    family: int
    """Bit of the family it grades."""
    who: frozenset[str]
    not_who: frozenset[str]
    harm: str
    needs: int
    barred_needs: int
    any_harm: bool
    flag: int
    barred_flag: int
    parents_only: bool
    for_children: bool
    for_anyone: bool


@cache
def by_concern() -> dict[str, tuple[Test, ...]]:
    """Concern → its rules, made ready."""
    found: dict[str, list[Test]] = {}
    for rule in rules():
        found.setdefault(rule.concern, []).append(_test(rule))
    return {concern: tuple(tests) for concern, tests in found.items()}


def _test(rule: Rule) -> Test:
    needs = terms.load()["need"]
    flags = (("register", Flag.FROM_REGISTER), ("workers", Flag.WORKERS_ONLY), ("named", Flag.SCHOOL))
    return Test(
        grade=rule.grade,
        concern=rule.concern,
        why=rule.why,
        family=terms.load()["family"][rule.family].bit,
        who=frozenset(fact for fact in rule.who if not fact.startswith("!")),
        not_who=frozenset(fact[1:] for fact in rule.who if fact.startswith("!")),
        harm=rule.concern.removeprefix("harm:") if "harm" in rule.has else "",
        needs=needs.mask(word.removeprefix("need:") for word in rule.has if word.startswith("need:")),
        barred_needs=needs.mask(word.removeprefix("!need:") for word in rule.has if word.startswith("!need:")),
        any_harm="any" in rule.has,
        flag=sum(flag for word, flag in flags if word in rule.has),
        barred_flag=Flag.FROM_REGISTER if "!register" in rule.has else 0,
        parents_only="parents_only" in rule.has,
        for_children="for_children" in rule.has,
        for_anyone="!for_children" in rule.has,
    )


class Kind(NamedTuple):
    """What the rules look at in a service: masks and flags; services alike in these fit alike."""

    families: int
    main_family: int
    harms: int
    needs: int
    flags: int
    parents_only: bool
    for_children: bool


def meets(test: Test, harms: int, kind: Kind) -> bool:
    """Whether a kind of service is what a rule speaks of; `harms`: mask of the harms that count as the rule's own."""
    if harms and not harms & kind.harms:
        return False
    if test.any_harm and not (kind.flags & Flag.ANY_HARM or not kind.harms):
        return False
    if test.needs & kind.needs != test.needs or test.barred_needs & kind.needs:
        return False
    if (test.parents_only and not kind.parents_only) or (test.for_children and not kind.for_children):
        return False
    if test.for_anyone and kind.for_children:
        return False
    return not test.barred_flag & kind.flags and (not test.flag or bool(test.flag & kind.flags))
