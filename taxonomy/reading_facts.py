"""Age, the other child's age, relation and gender, chosen from the people a text speaks of."""

from dataclasses import dataclass
from typing import Any

from taxonomy.reading_harming import OWN, POSSESSIVE
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
    is_of_another,
)
from taxonomy.reading_scan import Hit, Scan
from taxonomy.word_sets import words_of


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and the words that gave it, as (start, end) pairs of word positions."""

    value: Any
    spans: tuple[tuple[int, int], ...]


CHILD_OF_SOMEBODY = words_of("child_of_somebody")
RELATION_NOT_BY = words_of("relation_not_by")


def age_of_person(found: Scan, known: People) -> Fact | None:
    """The age of the person who needs help: never the other child's; the caller's own when nobody else is meant."""
    aged = [m for m in known.mentions if m.age is not None and m.owner not in {OTHER}]
    ordinary = [m for m in aged if m.owner == PERSON]
    callers_own = [m for m in ordinary if _is_first_person(found, m)]
    if callers_own and len(ordinary) > len(callers_own) and _has_own_child(found, known):
        ordinary = [m for m in ordinary if m not in callers_own]
    if not ordinary:
        ordinary = [m for m in aged if m.owner == CALLER] if not _has_own_child(found, known) else []
    if all(_strength(m) < 2 for m in ordinary):
        ordinary = [m for m in aged if m.owner == THIRD] or ordinary
    best = max(ordinary, key=lambda m: (_strength(m), isinstance(_age(m), int), -m.start), default=None)
    return _as_fact(best)


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


def _has_own_child(found: Scan, known: People) -> bool:
    return any(m.kind == "child" and m.owner == PERSON and _possessed(found, m) in OWN for m in known.mentions)


def _possessed(found: Scan, mention: Mention) -> str:
    """The my, our, his or her before a group; "" without one, or when it is somebody else's ("my friend's son")."""
    if is_of_another(found, mention):
        return ""
    for index in (mention.lead, mention.lead - 1):
        if index >= 0 and found.words[index] in OWN | POSSESSIVE:
            return found.words[index]
    return ""


def relation(found: Scan, known: People, own_child_harmed: bool) -> Fact | None:
    """Who asks, or for whom. The most particular wins: witness, harmed parent, brother or sister, parent or carer."""
    if witness := _witness(found):
        return witness
    if own_child_harmed:
        spans = tuple((m.start, m.end) for m in known.owned(OTHER)[:1])
        return Fact("harmed_person", spans or _harm_spans(found))
    return _sibling(found, known) or _parent(found, known) or _family(found, known) or _harmed(found, known)


def _witness(found: Scan) -> Fact | None:
    words = found.words
    for hit in found.hits("relation"):
        if hit.code != "witness":
            continue
        before = words[hit.start - 1] if hit.start else ""
        earlier = set(words[max(0, hit.start - 3) : hit.start])
        if before in {"a", "as", "the", "no", "any"} and words[hit.start] == "witness":
            continue
        if words[hit.start] != "in" and earlier & RELATION_NOT_BY and not earlier & {"i"}:
            continue
        if earlier & {"he", "police"} and words[hit.start] in {"sees", "seeing"}:
            continue
        return Fact("witness", ((hit.start, hit.end),))
    return None


def _sibling(found: Scan, known: People) -> Fact | None:
    words = found.words
    for hit in found.hits("relation"):
        if hit.code == "sibling":
            return Fact("sibling", ((hit.start, hit.end),))
    for mention in known.mentions:
        owns = mention.end - 1 in found.tokens.possessive and mention.age is None
        if mention.kind == "sibling" and mention.owner == THIRD and not owns and _possessed(found, mention) in OWN:
            after = set(words[mention.end : mention.end + 5])
            if after & {"was", "got", "has", "is", "been", "were", "died", "shes", "hes", "getting"} and found.hits(
                "concept"
            ):
                return Fact("sibling", ((max(0, mention.lead), mention.end),))
    return None


def _parent(found: Scan, known: People) -> Fact | None:
    spans: list[tuple[int, int]] = []
    for mention in known.mentions:
        possessed = _possessed(found, mention)
        if mention.kind in {"child", ""} and mention.owner == PERSON and possessed in OWN and mention.lead >= 0:
            spans.append((_group_start(found, mention), mention.end))
    for hit in found.hits("relation"):
        if hit.code == "parent_carer" and not _between(spans, hit):
            spans.append((hit.start, hit.end))
    if not spans and (kin := [m for m in known.mentions if m.owner == PERSON and m.kind == "child"]):
        spans = [(m.start, m.end) for m in kin if set(found.words[m.start : m.end]) & CHILD_OF_SOMEBODY]
    return Fact("parent_carer", tuple(spans[:2])) if spans else None


def _group_start(found: Scan, mention: Mention) -> int:
    for index in (mention.lead, mention.lead - 1):
        if index >= 0 and found.words[index] in OWN:
            return index
    return mention.start


def _between(spans: list[tuple[int, int]], hit: Hit) -> bool:
    return any(start <= hit.start < end for start, end in spans)


def _family(found: Scan, known: People) -> Fact | None:
    for hit in found.hits("relation"):
        if hit.code == "family":
            return Fact("family", ((hit.start, hit.end),))
    return None


def _harmed(found: Scan, known: People) -> Fact | None:
    """Harm is spoken of and nobody calls for somebody else."""
    spans = _harm_spans(found)
    return Fact("harmed_person", spans[:1]) if spans else None


def _harm_spans(found: Scan) -> tuple[tuple[int, int], ...]:
    return tuple((hit.start, hit.end) for hit in found.hits("concept") if hit.kind == "harm")[:1]


def gender_of_person(found: Scan, known: People, relation_is_sibling: bool = False) -> Fact | None:
    """From the noun for the person, else from the pronouns that cannot be the other child's."""
    ordered = sorted(known.mentions, key=lambda m: (m.kind != PRONOUN or _strength(m) < 3 or m.gender is None, m.start))
    if relation_is_sibling:
        ordered.sort(key=lambda m: m.kind != "sibling")
    for mention in ordered:
        if relation_is_sibling and mention.kind == "sibling" and mention.gender and mention.owner == THIRD:
            return Fact(mention.gender, ((mention.start, mention.end),))
        if mention.owner == PERSON and mention.gender and mention.kind != "parent":
            return Fact(mention.gender, ((mention.start, mention.end),))
    if not known.owned(PERSON):
        for mention in known.owned(CALLER):
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
            after = found.words[mention.age.end : mention.age.end + 1]
            if after in (["f"], ["m"]):
                return Fact("female" if after == ["f"] else "male", ((mention.age.end, mention.age.end + 1),))
    return None


def _from_pronouns(found: Scan, known: People) -> Fact | None:
    words = found.words
    if any(word in {"im", "i"} for word in words) and not any(m.owner == PERSON and m.kind for m in known.mentions):
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
