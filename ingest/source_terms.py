"""Reads a source's categories into our terms, and says of a service that has none whether it is out of our scope.

Tags say for whom a service is *among others*: that it is for one group, gender or age alone is taken only from tags
that all say so. What nobody has mapped is held for a person, never guessed from a name.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, lru_cache

from directory.draft import AgeLimit, GenderRule
from directory.places.reading import fold
from directory.values import Known
from ingest.cells import unique
from ingest.reading import own_table
from taxonomy import crosswalk, terms

OPTION = "terms"
"""Key of `Feed.options`: a source's own categories in our terms ({"Talking help": "family/counselling"}), made by a
person; "*" is for a service without any category we know."""
ANY = "*"
WHO = frozenset({"aliss-groups", "esd-circumstances"})
"""Vocabularies of whom a service is for; the others say what it does."""
HOW = frozenset({"aliss-accessibility"})
BY_NAME = ("esd-needs", "esd-circumstances")
"""Tried for a term of a vocabulary that we do not know: their keys are plain words ("Domestic abuse")."""
TOO_WIDE = frozenset({"health-and-social-care-services", "health-social-care-services"})
"""Headings that stand over everything: said of a service, they do not make it a health and social care partnership."""
NEVER = frozenset(
    {"mediation", "family-mediation", "workplace-mediation", "community-mediation", "community-justice",
     "leaving-prison"}
)  # fmt: skip
"""Categories of services that are not safe, or not made, for a person harmed, whatever else they do."""
AGES: Mapping[str, tuple[int | None, int | None]] = {
    "under_12": (None, 11), "under_16": (None, 15), "under_18": (None, 17), "from_16": (16, None), "adult": (18, None),
    "older_person": (60, None),
}  # fmt: skip


class Scope(StrEnum):
    """What the categories of a service say of its place in this directory."""

    IN = "in"
    OUTSIDE = "outside"
    """Every category is known and none is of a family of ours."""
    UNKNOWN = "unknown"
    """No category, or one that nobody has mapped."""
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class SourceTerm:
    """One category as a source has it. `vocabulary` in its words ("esdNeeds"), or the name of a crosswalk."""

    vocabulary: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A service's categories in our terms, as fields of a draft."""

    scope: Scope
    families: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    any_harm: bool = False
    relations: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    gender: GenderRule = field(default_factory=GenderRule)
    age: AgeLimit = field(default_factory=AgeLimit)
    kind: str = ""
    unmapped: tuple[str, ...] = ()
    """Names of categories that nobody has mapped, of a vocabulary that has a name: other words may be anybody's."""


@dataclass(frozen=True, slots=True)
class _Found:
    """What one category is to us; `known` also when it is out of scope."""

    term: SourceTerm
    ids: tuple[str, ...]
    known: bool
    side: str
    """what | who | how"""
    shown_as: str = ""

    def codes(self, taxonomy: str) -> tuple[str, ...]:
        return tuple(id_.partition("/")[2] for id_ in self.ids if id_.startswith(f"{taxonomy}/"))


def understood(given: Iterable[SourceTerm], options: Mapping[str, object]) -> Understood:
    """All categories of one service together."""
    own = _own_terms(options)
    found = [_find(term, own) for term in given]
    if ANY in own and not any(one.known for one in found if one.side == "what"):
        found.append(_Found(SourceTerm("", ANY, ""), own[ANY], True, "what"))
    return _together(tuple(found))


@lru_cache(maxsize=10_000)
def _together(found: tuple[_Found, ...]) -> Understood:
    """All of one service's categories: the same ones stand together again and again."""
    what = [one for one in found if one.side == "what"]
    who = [one for one in found if one.side == "who"]
    needs = _union(found, "need")
    families = _union(found, "family") or unique(*(_need_families().get(need, "") for need in needs))
    about = [one for one in what if one.ids]
    return Understood(
        scope=_scope(what, families, found),
        families=families,
        needs=needs,
        harms=_union(found, "harm"),
        any_harm=any(one.codes("harm") for one in about) and not all(one.codes("harm") for one in about),
        relations=_only(who, "relation"),
        groups=_only(who, "group") if who else _only(about, "group"),
        delivery=_union(found, "delivery"),
        access=_union(found, "communication"),
        gender=_gender(who),
        age=_age(who),
        kind=next((one.shown_as for one in what if one.codes("family") and one.shown_as), ""),
        unmapped=unique(*(one.term.name if one.term.vocabulary else "" for one in found if not one.known)),
    )


def _own_terms(options: Mapping[str, object]) -> Mapping[str, tuple[str, ...]]:
    """A person's mapping, by key; ids that are no term of ours are dropped."""
    given = options.get(OPTION)
    if not isinstance(given, Mapping):
        return {}
    return {
        ANY if name == ANY else crosswalk.key(str(name)): tuple(id_ for id_ in str(ids).split() if _is_term(id_))
        for name, ids in given.items()
    }


def _is_term(id_: str) -> bool:
    taxonomy, _, code = id_.partition("/")
    return taxonomy in terms.load() and code in terms.load()[taxonomy]


def _find(term: SourceTerm, own: Mapping[str, tuple[str, ...]]) -> _Found:
    if crosswalk.key(term.code) in TOO_WIDE:
        return _Found(term, (), True, "what")
    for said in (term.code, term.name):
        if said and (ids := own.get(crosswalk.key(said))) is not None:
            return _Found(term, ids, True, "what", term.name)
    return _found_by_crosswalk(term)


@lru_cache(maxsize=10_000)
def _found_by_crosswalk(term: SourceTerm) -> _Found:
    """The same categories come again and again."""
    walks = _walks(term.vocabulary)
    for walk in walks or BY_NAME:
        for said in (term.code, term.code.rpartition(":")[2], term.name):
            if said and (row := crosswalk.load(walk).row(said)):
                return _Found(term, row.terms, True, _side(walk), row.shown_as)
    if id_ := _labels().get(fold(term.name)):
        return _Found(term, (id_,), True, "what", term.name)
    return _Found(term, (), False, _side(walks[0]) if walks else "what")


def _walks(vocabulary: str) -> tuple[str, ...]:
    """The crosswalk of a vocabulary as sources call it; none for one we do not know."""
    said = crosswalk.key(vocabulary).replace("-", "")
    for sign, walk in (
        ("circumstance", "esd-circumstances"), ("esdneed", "esd-needs"), ("openeligibility", "open-eligibility"),
    ):  # fmt: skip
        if sign in said:
            return (walk,)
    return (vocabulary,) if vocabulary in crosswalk.names() else ()


def _side(walk: str) -> str:
    return "who" if walk in WHO else "how" if walk in HOW else "what"


@cache
def _labels() -> Mapping[str, str]:
    """Our own families by their names, for sources that use our words."""
    return {
        fold(label): term.id
        for term in terms.load()["family"].terms.values()
        for label in (term.label, term.plain_label)
        if term.is_current
    }


@cache
def _need_families() -> Mapping[str, str]:
    return {row["need"]: row["family"] for row in own_table("need_families.csv")}


def _union(found: Iterable[_Found], taxonomy: str) -> tuple[str, ...]:
    return unique(*(code for one in found for code in one.codes(taxonomy)))


def _only(found: list[_Found], taxonomy: str) -> tuple[str, ...]:
    """Codes of a taxonomy, when every one of these categories has one: else it is not made for them alone."""
    return _union(found, taxonomy) if found and all(one.codes(taxonomy) for one in found) else ()


def _gender(who: list[_Found]) -> GenderRule:
    said = frozenset(_union(who, "gender"))
    if {"female", "male"} <= said:
        return GenderRule(Known.NONE)
    only = _only(who, "gender")
    return GenderRule(Known.STATED, only[0]) if len(only) == 1 and only[0] in {"female", "male"} else GenderRule()


def _age(who: list[_Found]) -> AgeLimit:
    spans = [[AGES[code] for code in one.codes("eligibility") if code in AGES] for one in who]
    if not spans or not all(spans):
        return AgeLimit()
    lowest = [low for span in spans for low, _ in span]
    highest = [high for span in spans for _, high in span]
    minimum = None if None in lowest else min(low for low in lowest if low is not None)
    maximum = None if None in highest else max(high for high in highest if high is not None)
    return AgeLimit() if minimum is maximum is None else AgeLimit(Known.STATED, minimum, maximum)


def _scope(what: list[_Found], families: tuple[str, ...], found: Iterable[_Found]) -> Scope:
    if any(crosswalk.key(said) in NEVER for one in found for said in (one.term.code, one.term.name)):
        return Scope.NEVER
    if families:
        return Scope.IN
    return Scope.OUTSIDE if what and all(one.known for one in what) else Scope.UNKNOWN
