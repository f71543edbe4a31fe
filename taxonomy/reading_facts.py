"""Age, the other child's age, relation and gender, chosen from the people a text speaks of."""

from dataclasses import dataclass
from typing import Any

from taxonomy.reading_bare_ages import AgeHit
from taxonomy.reading_grown_ups import grown_up
from taxonomy.reading_harming import OWN
from taxonomy.reading_kin import has_own_child, possessed_by
from taxonomy.reading_mentions import (
    CALLER,
    OTHER,
    PERSON,
    PRONOUN,
    PRONOUNS,
    SUBJECTS,
    THIRD,
    Mention,
    People,
)
from taxonomy.reading_relation import relation as relation_of
from taxonomy.reading_scan import Scan
from taxonomy.tokens import STRONG_BREAK

GROWN_UP = 19
"""Older than anybody at school."""
LEAVES_FROM = 16
"""Nobody leaves school younger."""
ANY_ADULT = {"min": 18, "max": 120}
"""The age of somebody grown up of whom no more is said."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and the words that gave it, as (start, end) pairs of word positions."""

    value: Any
    spans: tuple[tuple[int, int], ...]


def age_of_person(found: Scan, known: People) -> Fact | None:
    """The age of the person who needs help: never the other child's; the caller's own when nobody else is meant."""
    aged = [m for m in known.mentions if m.age is not None and m.owner not in {OTHER}]
    ordinary = [m for m in aged if m.owner == PERSON]
    callers_own = [m for m in ordinary if _is_first_person(found, m)]
    if callers_own and len(ordinary) > len(callers_own) and has_own_child(found, known):
        ordinary = [m for m in ordinary if m not in callers_own]
    siblings = [m for m in aged if m.owner == THIRD and m.kind == "sibling" and possessed_by(found, m) in OWN]
    if callers_own and siblings and len(ordinary) == len(callers_own) and known.owned(OTHER):
        ordinary = siblings
    if not ordinary:
        ordinary = [m for m in aged if m.owner == CALLER] if not has_own_child(found, known) else []
    if all(_strength(m) < 2 for m in ordinary) and not any(m.kind == "parent" for m in known.owned(PERSON)):
        ordinary = [m for m in aged if m.owner == THIRD] or ordinary
    best = max(ordinary, key=lambda m: (_strength(m), isinstance(_age(m), int), -m.start), default=None)
    if best is not None:
        return _as_fact(_in_years(best, ordinary))
    grown = grown_up(found, known)
    return Fact(ANY_ADULT, (grown,)) if grown else None


def school_stage(found: Scan, known: People, age: Fact | None) -> Fact | None:
    """The school stage of the person who needs help; a nursery in passing ("bitten at nursery") only of the small; at
    16 and over also that they left ("17, apprentice joiner")."""
    told = [m.age for m in known.mentions if m.owner == PERSON and m.age and m.age.stage]
    young = not any(m.age and m.owner == PERSON and _oldest(m.age) > 6 for m in known.mentions)
    fitting = (age for age in told if age.strength > 1 or young or age.stage == "school_leaver")
    best = max(fitting, key=lambda age: (age.strength, -age.start), default=None)
    if best is not None:
        return Fact(best.stage, ((best.start, best.end),))
    left = [(hit.start, hit.end) for hit in found.hits("left_school")]
    years = age.value if age and isinstance(age.value, int) else 0
    return Fact("school_leaver", tuple(left[:1])) if left and LEAVES_FROM <= years < GROWN_UP else None


def _oldest(age: AgeHit) -> int:
    return age.value if isinstance(age.value, int) else age.value["max"]


def _in_years(best: Mention | None, ordinary: list[Mention]) -> Mention | None:
    """ "P7 boy Dunoon, 11": the years say more than the stage they fit; "S4 pupil told me … 41, male" is no pupil."""
    if best is None or best.age is None or isinstance(best.age.value, int):
        return best
    low, high = best.age.value["min"] - 1, best.age.value["max"] + 1
    told = [m for m in ordinary if isinstance(_age(m), int) and _strength(m) > 1]
    fitting = (m for m in told if low <= _age(m) <= high)
    grown = (m for m in told if best.age.stage and m.kind in {"", "adult"} and _age(m) >= GROWN_UP)
    return next(fitting, None) or next(grown, best)


def age_of_other(known: People) -> Fact | None:
    """The age of the child who harmed."""
    aged = [m for m in known.mentions if m.age is not None and m.owner == OTHER]
    return _as_fact(max(aged, key=lambda m: (_strength(m), -m.start), default=None))


def _strength(mention: Mention) -> int:
    return mention.age.strength if mention.age else 0


def _age(mention: Mention) -> Any:
    return mention.age.value if mention.age else None


def _as_fact(mention: Mention | None) -> Fact | None:
    if mention is None or mention.age is None:
        return None
    return Fact(mention.age.value, ((mention.age.start, mention.age.end),))


def _is_first_person(found: Scan, mention: Mention) -> bool:
    before = found.words[max(0, mention.start - 2) : mention.start]
    spoken = found.words[mention.start] in {"i", "im"}
    return mention.kind in {"", PRONOUN} and (spoken or bool(set(before) & {"i", "im"}))


def relation(found: Scan, known: People, own_child_harmed: bool) -> Fact | None:
    """Who asks, or for whom; None when it is somebody at work."""
    asked = relation_of(found, known, own_child_harmed)
    return Fact(*asked) if asked else None


def gender_of_person(found: Scan, known: People, relation_is_sibling: bool = False) -> Fact | None:
    """From the noun for the person, else from the pronouns that cannot be the other child's."""
    ordered = sorted(known.mentions, key=lambda m: (m.kind != PRONOUN or _strength(m) < 3 or m.gender is None, m.start))
    own = any(m.owner == PERSON and m.kind in {"child", PRONOUN} and m.gender and m.age for m in ordered)
    relation_is_sibling = relation_is_sibling and not own
    if relation_is_sibling:
        ordered.sort(key=lambda m: m.kind != "sibling")
    for mention in ordered:
        if relation_is_sibling and mention.kind == "sibling" and mention.gender and mention.owner == THIRD:
            return Fact(mention.gender, ((mention.start, mention.end),))
        if mention.owner == PERSON and mention.gender and mention.kind != "parent":
            return Fact(mention.gender, ((mention.start, mention.end),))
    grown = [m for m in known.owned(PERSON) if m.kind == "parent"]
    for mention in grown or (known.owned(CALLER) if not known.owned(PERSON) else []):
        if mention.gender and mention.age:
            return Fact(mention.gender, ((mention.start, mention.end),))
    if glued := _glued_letter(found, known):
        return glued
    return _from_pronouns(found, known)


def _glued_letter(found: Scan, known: People) -> Fact | None:
    """ "14f", "16m"."""
    for mention in known.mentions:
        if mention.age and mention.owner == PERSON and isinstance(mention.age.value, int):
            word = found.words[mention.age.start]
            if word[:1].isdigit() and word[-1:] in {"f", "m"} and not word.isdigit():
                return Fact("female" if word.endswith("f") else "male", ((mention.age.start, mention.age.end),))
            head = found.words[mention.age.start - 1] if mention.age.start else ""
            if word.isdigit() and head in {"f", "m"} and found.tokens.breaks[mention.age.start] < STRONG_BREAK:
                span = (mention.age.start - 1, mention.age.start)
                return Fact("female" if head == "f" else "male", (span,))
            after = found.words[mention.age.end : mention.age.end + 1]
            if after in (["f"], ["m"]):
                return Fact("female" if after == ["f"] else "male", ((mention.age.end, mention.age.end + 1),))
    return None


def _from_pronouns(found: Scan, known: People) -> Fact | None:
    words = found.words
    if any(word in {"im", "i"} for word in words) and not any(
        m.owner == PERSON and m.kind not in {"", PRONOUN, "person"} for m in known.mentions
    ):
        return None
    others = [m for m in known.mentions if m.owner == OTHER]
    other_genders = {m.gender for m in others if m.gender and not words[m.end - 1].endswith("s")}
    first_other = min((m.start for m in others), default=len(words))
    kin_after = {m.start: m for m in known.mentions if m.kind}
    candidates: list[tuple[int, int, str]] = []
    for index, word in enumerate(words[:300]):
        gender = PRONOUNS.get(word)
        if gender is None:
            continue
        weight = 1
        following = kin_after.get(index + 1) or kin_after.get(index + 2)
        if word in {"his", "her"} and following and following.kind in {"child", "partner"} and following.start > index:
            weight = 1 if following.kind == "partner" else -2
        elif word in {"his", "her"} and following and following.kind in {"sibling", "parent"}:
            weight = 3
        if index - 1 in known.harm_words or index in found.harm_words:
            weight = 4
        if word in SUBJECTS and _harms(known, index + 1, found):
            weight = -3
        elif gender in other_genders and index > first_other and weight < 3:
            weight = -1
        elif gender not in other_genders or (word in SUBJECTS and index < first_other):
            weight += 2
        candidates.append((weight, -index, gender))
    if not candidates:
        return None
    weight, place, gender = max(candidates)
    return Fact(gender, ((-place, -place + 1),)) if weight > 0 else None


def _harms(known: People, index: int, found: Scan) -> bool:
    """Whether an active harm verb stands at a word."""
    hit = known.harm_words.get(index)
    return hit is not None and found.words[hit.end - 1] != "by" and found.words[hit.end : hit.end + 1] != ["by"]
