"""Who asks, or for whom: the person harmed, a parent or carer, a brother or sister, a witness; or none of these."""

from taxonomy.people_words import people_words
from taxonomy.reading_callers import (
    AT_PHONE,
    NEARBY,
    Asked,
    calls_for_self,
    parent_on_phone,
    person_is_there,
    witness_of,
)
from taxonomy.reading_families import died
from taxonomy.reading_grown_ups import is_professional_call
from taxonomy.reading_harming import OWN, POSSESSIVE
from taxonomy.reading_kin import possessed_by
from taxonomy.reading_mentions import OTHER, PERSON, THIRD, Mention, People
from taxonomy.reading_parents import PALS, is_old, parent_in_note, parent_of, told_of_a_child
from taxonomy.reading_scan import Scan

HAPPENED = people_words("relation_happened")


def relation(found: Scan, known: People, own_child_harmed: bool) -> Asked | None:
    """The most particular wins: witness, harmed parent, brother or sister, parent or carer, family, the person."""
    if witness := witness_of(found, known):
        return witness
    known = People(known.mentions[:NEARBY], known.harm_words, known.starts)
    harmed = _harmed_parent(known)
    if own_child_harmed or harmed:
        spans = tuple((m.start, m.end) for m in (harmed or known.owned(OTHER)[:1]))
        return "harmed_person", spans or _harm_spans(found)
    by_self = calls_for_self(found, known)
    strong = None if by_self else parent_on_phone(found)
    if strong is None and (sibling := _sibling(found, known, by_self)):
        return sibling
    if bereaved := [m for m in known.owned(PERSON) if m.kind == "parent"]:
        return "parent_carer", ((bereaved[0].start, bereaved[0].end),)
    if strong is not None:
        return "parent_carer", (strong,)
    if is_professional_call(found, known):
        there = by_self or person_is_there(found)
        return ("harmed_person", (there,)) if there else None
    if (kin := _kin_calls(found)) is not None:
        return kin
    if by_self is None:
        if _is_about_a_friend(found):
            return None
        if parent := parent_of(found, known):
            return parent
    if _partner_calls(found):
        return None
    if by_self is None and (family := _family(found)):
        return family
    if by_self is None:
        told = _grown_kin(found, known) or parent_in_note(found, known) or told_of_a_child(found, known)
        if told:
            return told
    return ("harmed_person", (by_self,)) if by_self else _harmed(found, known)


def _harmed_parent(known: People) -> list[Mention]:
    """A grandad whom the grandson he raises harmed."""
    parents = [m for m in known.owned(PERSON) if m.kind == "parent"]
    return parents[:1] if any(m.kind == "child" for m in known.owned(OTHER)) and not _bereaved(known) else []


def _bereaved(known: People) -> bool:
    return any(m.kind == "child" for m in known.owned(THIRD))


def _partner_calls(found: Scan) -> bool:
    """The wife who asks for her husband is none of ours to name; she speaks for him."""
    words = found.words
    asks = {"wants", "asking", "calling", "phoning"}
    return any(
        word in {"wife", "husband", "partner"} and asks & set(words[index + 1 : index + 2])
        for index, word in enumerate(words)
    )


def _sibling(found: Scan, known: People, by_self: tuple[int, int] | None) -> Asked | None:
    words = found.words
    for hit in found.hits("relation"):
        if hit.code == "sibling":
            return "sibling", ((hit.start, hit.end),)
    for mention in known.mentions:
        if (
            found.words[mention.end : mention.end + 1]
            and found.words[mention.end] in AT_PHONE
            and mention.owner == THIRD
        ):
            if mention.kind == "sibling":
                return "sibling", ((mention.start, mention.end + 1),)
        owns = mention.end - 1 in found.tokens.possessive and mention.age is None
        if mention.kind != "sibling" or mention.owner != THIRD or owns:
            continue
        possessed = possessed_by(found, mention)
        after = set(words[mention.end : mention.end + 5])
        about = {"about", "for", "regarding", "re"} & set(words[max(0, mention.lead - 1) : mention.lead])
        first = mention.start <= 1 and mention.age is not None
        if by_self and not _is_hurt(found, mention) and not died(found, mention) and not about and not first:
            continue
        if possessed in POSSESSIVE and died(found, mention):
            return "sibling", ((mention.start, mention.end),)
        if (
            (after & HAPPENED or known.owned(OTHER))
            and (found.hits("concept") or len(known.mentions) > 1)
            and (possessed in OWN or by_self)
        ):
            return "sibling", ((max(0, mention.lead), mention.end),)
    return None


def _is_about_a_friend(found: Scan) -> bool:
    """ "my pal is 14 and this boy …": somebody who is none of the caller's own."""
    words = found.words
    for index, word in enumerate(words[1:6], 1):
        if word in PALS and (words[index - 1] in OWN or words[index - 2] in OWN):
            following = set(words[index + 1 : index + 4])
            return bool(HAPPENED & following or following & {"whos", "who"}) and index not in found.tokens.possessive
    return False


def _is_hurt(found: Scan, mention: Mention) -> bool:
    hits = found.between("concept", mention.end, mention.end + 6)
    return any(hit.kind in {"harm", "death", "act"} for hit in hits)


def _grown_kin(found: Scan, known: People) -> Asked | None:
    """ "My gran (77) locked in a shed"."""
    for mention in known.mentions[:NEARBY]:
        if mention.kind == "parent" and possessed_by(found, mention) in OWN and mention.age and is_old(mention):
            return "family", ((max(0, mention.lead), mention.end),)
    return None


def _kin_calls(found: Scan) -> Asked | None:
    """ "daughter calling about her mother, 79"."""
    for hit in found.hits("relation"):
        if hit.code == "family" and hit.end - hit.start > 3 and found.words[hit.start] not in OWN:
            return "family", ((hit.start, hit.end),)
    return None


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
    own = [m for m in known.mentions[:NEARBY] if m.kind == "partner" and possessed_by(found, m) in OWN]
    return ("harmed_person", ((max(0, own[0].lead), own[0].end),)) if own and not persons else None


def _harm_spans(found: Scan) -> tuple[tuple[int, int], ...]:
    return tuple((hit.start, hit.end) for hit in found.hits("concept") if hit.kind == "harm")[:1]
