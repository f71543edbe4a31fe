"""Facts understood that cannot both be true ("aged 8, my husband"), said plainly so that the worker changes one."""

from collections.abc import Iterator
from typing import Any

from taxonomy.reading_ages import stage_ages
from taxonomy.words import Understanding, Understood, age_label

YOUNGEST_PARTNER = 12
"""Below this age a husband, a girlfriend or an ex is a slip of the pen or of the reading."""
YOUNGEST_PARENT = 12
YOUNGEST_SURVIVOR = 16
"""Below this age nobody tells of what was done to them as a child long ago."""
OLDEST_CHILD = 20
"""Above this age the other one is no child: a little above the law's 18, for who was a child then."""
SLACK = 1
"""Years by which a school stage and an age may differ beyond the usual ages of that stage."""


def contradictions(understanding: Understanding) -> tuple[str, ...]:
    """One sentence for each pair of facts that do not go together; () when all agree. Never raises."""
    return tuple(dict.fromkeys(_found(understanding)))


def _found(said: Understanding) -> Iterator[str]:
    low, high = _span(said.age)
    by = {each.value: each for each in said.harmed_by}
    if high < YOUNGEST_PARTNER and "partner" in by:
        yield _pair(_old(said.age), _spoken(by["partner"], "a partner"))
    if high < YOUNGEST_PARENT and ("own_child" in by or any(h.value == "child_to_parent" for h in said.harms)):
        yield _pair(_old(said.age), "harmed by their own child")
    if high < YOUNGEST_SURVIVOR and any(group.value == "adult_survivor" for group in said.groups):
        yield _pair(_old(said.age), "an adult harmed as a child")
    if (stage := said.school_stage) is not None:
        youngest, oldest = stage_ages(str(stage.value))
        if high < youngest - SLACK or low > oldest + SLACK:
            yield _pair(_old(said.age), stage.label)
    if _span(said.other_age)[0] > OLDEST_CHILD:
        yield _pair(_old(said.other_age), "the child who harmed")
    if said.same_household is not None and said.same_household.value is True and set(by) == {"stranger"}:
        yield _pair("A stranger", "living under the same roof")


def _span(age: Understood | None) -> tuple[float, float]:
    """The youngest and the oldest it can be: nothing contradicts an age that was not said."""
    if age is None:
        return float("-inf"), float("inf")
    value: Any = age.value
    return (value["min"], value["max"]) if isinstance(value, dict) else (value, value)


def _old(age: Understood | None) -> str:
    return f"{age_label(age.value)} years old" if age else "The age"


PARTNERS = frozenset({"husband", "wife", "boyfriend", "girlfriend", "fiance", "fiancé", "ex"})


def _spoken(fact: Understood, otherwise: str) -> str:
    """The caller's own word when it names one ("husband"), else ours."""
    word = fact.words[0].split()[-1].lower() if fact.words else ""
    return otherwise if word not in PARTNERS else f"an {word}" if word == "ex" else f"a {word}"


def _pair(first: str, second: str) -> str:
    return f"{first} and {second} do not go together: change one of them."
