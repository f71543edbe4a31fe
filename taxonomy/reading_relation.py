"""Who asks, or for whom: the person harmed, a parent or carer, a brother or sister, a witness; or none of these."""

from taxonomy.people_words import people_words
from taxonomy.reading_grown_ups import is_professional_call
from taxonomy.reading_harming import OWN
from taxonomy.reading_kin import has_own_child, possessed_by
from taxonomy.reading_mentions import CALLER, OTHER, PERSON, PRONOUN, THIRD, Mention, People
from taxonomy.reading_scan import Hit, Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

Asked = tuple[str, tuple[tuple[int, int], ...]]
"""A code of `relation` and the words that gave it."""

NEARBY = 60
"""People looked at: more than any call speaks of."""
CHILD_OF_SOMEBODY = words_of("child_of_somebody")
NOT_BY = words_of("relation_not_by")
PARENTS = people_words("relation_parents")
AT_PHONE = people_words("relation_at_phone")
ON = frozenset({"on", "oan"})
PHONE = frozenset({"phone", "line", "call", "fone", "webchat", "chat"})
SELF = frozenset({"herself", "himself", "hersel", "himsel", "themselves", "themself", "self"})
SELF_AFTER = people_words("relation_self_after")
TELLS = frozenset({"says", "said", "thinks", "thought", "tells", "told"})
UNHELPFUL = people_words("relation_unhelpful")
"""After "mum says": her words, told by the child who calls."""
THERE = frozenset({"me", "us", "him", "her"})


def relation(found: Scan, known: People, own_child_harmed: bool) -> Asked | None:
    """The most particular wins: witness, harmed parent, brother or sister, parent or carer, family, the person."""
    if witness := _witness(found):
        return witness
    known = People(known.mentions[:NEARBY], known.harm_words, known.starts)
    harmed = _harmed_parent(known)
    if own_child_harmed or harmed:
        spans = tuple((m.start, m.end) for m in (harmed or known.owned(OTHER)[:1]))
        return "harmed_person", spans or _harm_spans(found)
    by_self = _calls_for_self(found, known)
    strong = None if by_self else _parent_on_phone(found)
    if strong is None and (sibling := _sibling(found, known, by_self)):
        return sibling
    if bereaved := [m for m in known.owned(PERSON) if m.kind == "parent"]:
        return "parent_carer", ((bereaved[0].start, bereaved[0].end),)
    if strong is not None:
        return "parent_carer", (strong,)
    if is_professional_call(found, known):
        there = by_self or _person_is_there(found)
        return ("harmed_person", (there,)) if there else None
    if by_self is None and (parent := _parent(found, known)):
        return parent
    if _partner_calls(found):
        return None
    if family := _family(found):
        return family
    return ("harmed_person", (by_self,)) if by_self else _harmed(found, known)


def _harmed_parent(known: People) -> list[Mention]:
    """A grandad whom the grandson he raises harmed."""
    parents = [m for m in known.owned(PERSON) if m.kind == "parent"]
    return parents[:1] if any(m.kind == "child" for m in known.owned(OTHER)) and not _bereaved(known) else []


def _bereaved(known: People) -> bool:
    return any(m.kind == "child" for m in known.owned(THIRD))


def _calls_for_self(found: Scan, known: People) -> tuple[int, int] | None:
    """ "calling herself", "on the phone himself", "phoning about her own house"; "I'm 11" of one who is no parent."""
    words = found.words
    told_of = PARENTS & set(words)
    for index, word in enumerate(words[:400]):
        before = set(words[max(0, index - 3) : index])
        if word in SELF and before & SELF_AFTER and not _of_a_parent(found, index):
            return max(0, index - 1), index + 1
        if word == "own" and {"about", "phoning", "calling"} <= set(words[max(0, index - 4) : index]):
            return index - 1, index + 1
        if word == "webchat" and not told_of - {"parents"}:
            return index, index + 1
    if has_own_child(found, known):
        return None
    for mention in known.owned(PERSON):
        if mention.kind == PRONOUN and words[mention.start] in {"i", "im"} and mention.age:
            value = mention.age.value
            if (value if isinstance(value, int) else value["max"]) < 26:
                return mention.start, mention.end
    return None


def _of_a_parent(found: Scan, index: int) -> bool:
    """ "mum asks for herself too"."""
    return bool(PARENTS & set(found.words[found.sentence_start(index) : index]))


def _parent_on_phone(found: Scan) -> tuple[int, int] | None:
    """ "mum on the line", "gran phoning", "parents calling"."""
    words = found.words
    for index, word in enumerate(words):
        if word not in PARENTS or {"told", "tell", "by", "from"} & set(words[max(0, index - 2) : index]):
            continue
        after = words[index + 1 : index + 5]
        if found.tokens.breaks[index + 1 : index + 2] == [STRONG_BREAK] or not after:
            continue
        if after[0] in AT_PHONE or (after[0] in {"is", "has", "was"} and AT_PHONE & set(after[1:2])):
            return index, index + 2
        if after[0] in ON and PHONE & set(after[1:3]):
            return index, index + 2
    return None


def _person_is_there(found: Scan) -> tuple[int, int] | None:
    """ "she is here with me", "something she can use herself"."""
    words = found.words
    for index, word in enumerate(words):
        if word in {"herself", "himself"} and words[index - 1 : index] not in (["by"], ["killed"], ["harm"], ["hurt"]):
            return index, index + 1
        if word in {"beside", "with"} and words[index + 1 : index + 2] == ["me"]:
            return index, index + 2
    return None


def _partner_calls(found: Scan) -> bool:
    """The wife who asks for her husband is none of ours to name; she speaks for him."""
    words = found.words
    asks = {"wants", "asking", "calling", "phoning"}
    return any(
        word in {"wife", "husband", "partner"} and asks & set(words[index + 1 : index + 2])
        for index, word in enumerate(words)
    )


def _witness(found: Scan) -> Asked | None:
    words = found.words
    for hit in found.hits("relation"):
        if hit.code != "witness":
            continue
        before = words[hit.start - 1] if hit.start else ""
        earlier = set(words[max(0, hit.start - 3) : hit.start])
        if before in {"a", "as", "the", "no", "any"} and words[hit.start] == "witness":
            continue
        if words[hit.start] != "in" and earlier & NOT_BY and not earlier & {"i"}:
            continue
        if earlier & {"he", "police"} and words[hit.start] in {"sees", "seeing"}:
            continue
        return "witness", ((hit.start, hit.end),)
    return None


def _sibling(found: Scan, known: People, by_self: tuple[int, int] | None) -> Asked | None:
    words = found.words
    for hit in found.hits("relation"):
        if hit.code == "sibling":
            return "sibling", ((hit.start, hit.end),)
    for mention in known.mentions:
        owns = mention.end - 1 in found.tokens.possessive and mention.age is None
        if mention.kind != "sibling" or mention.owner != THIRD or owns:
            continue
        possessed = possessed_by(found, mention)
        after = set(words[mention.end : mention.end + 5])
        happened = after & {"was", "got", "has", "is", "been", "were", "died", "shes", "hes", "getting"}
        if (
            (happened or known.owned(OTHER))
            and found.hits("concept")
            and (possessed in OWN or (by_self and _is_hurt(found, mention)))
        ):
            return "sibling", ((max(0, mention.lead), mention.end),)
    return None


def _is_hurt(found: Scan, mention: Mention) -> bool:
    hits = found.between("concept", mention.end, mention.end + 6)
    return any(hit.kind in {"harm", "death", "act"} for hit in hits)


def _parent(found: Scan, known: People) -> Asked | None:
    spans: list[tuple[int, int]] = []
    for mention in known.mentions:
        possessed = possessed_by(found, mention)
        if mention.kind in {"child", ""} and mention.owner == PERSON and possessed in OWN and mention.lead >= 0:
            spans.append((_group_start(found, mention), mention.end))
    for hit in found.hits("relation"):
        if hit.code == "parent_carer" and not _between(spans, hit) and not _is_quoted(found, hit):
            spans.append((hit.start, hit.end))
    if not spans:
        spans = _opening_parent(found, known)
    if not spans and any(m.owner == PERSON and m.kind == "sibling" for m in known.mentions):
        mums = [
            m
            for m in known.owned(CALLER)
            if m.kind == "parent" and m.lead < 0 and m.end - 1 not in found.tokens.possessive
        ]
        spans = [(m.start, m.end) for m in mums]
    if not spans and (kin := [m for m in known.mentions if m.owner == PERSON and m.kind == "child"]):
        spans = [(m.start, m.end) for m in kin if set(found.words[m.start : m.end]) & CHILD_OF_SOMEBODY]
    return ("parent_carer", tuple(spans[:2])) if spans else None


def _opening_parent(found: Scan, known: People) -> list[tuple[int, int]]:
    """ "Mum in Livingston. Found out her son …": who is named first asks."""
    first = next((m for m in known.mentions if m.kind), None)
    if first is None or first.kind != "parent" or first.start > 3 or first.end - 1 in found.tokens.possessive:
        return []
    asks_for_child = any(
        m.kind in {"child", "sibling", ""} and m.owner in {PERSON, THIRD, OTHER} for m in known.mentions
    )
    lead = found.words[first.lead] if first.lead >= 0 else ""
    return [(first.start, first.end)] if asks_for_child and lead not in {"my", "his", "her", "by", "ma"} else []


def _is_quoted(found: Scan, hit: Hit) -> bool:
    """ "mum says sort it out between yous": said to the child who calls."""
    words = found.words
    if words[hit.end - 1] not in TELLS:
        return False
    return bool(UNHELPFUL & set(words[hit.end : hit.end + 1]))


def _group_start(found: Scan, mention: Mention) -> int:
    for index in (mention.lead, mention.lead - 1):
        if index >= 0 and found.words[index] in OWN:
            return index
    return mention.start


def _between(spans: list[tuple[int, int]], hit: Hit) -> bool:
    return any(start <= hit.start < end for start, end in spans)


def _family(found: Scan) -> Asked | None:
    for hit in found.hits("relation"):
        if hit.code == "family":
            return "family", ((hit.start, hit.end),)
    return None


def _harmed(found: Scan, known: People) -> Asked | None:
    """Harm is spoken of, or somebody who harmed, and nobody calls for somebody else."""
    if spans := _harm_spans(found):
        return "harmed_person", spans[:1]
    persons = [m for m in known.owned(PERSON) if m.age and m.age.strength > 1]
    if persons and (known.owned(OTHER) or found.hits("concept")):
        return "harmed_person", ((persons[0].start, persons[0].end),)
    return None


def _harm_spans(found: Scan) -> tuple[tuple[int, int], ...]:
    return tuple((hit.start, hit.end) for hit in found.hits("concept") if hit.kind == "harm")[:1]
