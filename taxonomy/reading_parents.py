"""A parent or carer who calls for a child: "my son", "Mum's angry", "Livingston. Dad", "Our Callum's 17"."""

from taxonomy.people_words import people_words
from taxonomy.reading_callers import NEARBY, PARENTS, Asked
from taxonomy.reading_harming import OWN
from taxonomy.reading_kin import possessed_by
from taxonomy.reading_mentions import CALLER, OTHER, PERSON, PRONOUNS, THIRD, Mention, People
from taxonomy.reading_scan import Hit, Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

CHILD_OF_SOMEBODY = words_of("child_of_somebody")
TELLS = frozenset({"says", "said", "thinks", "thought", "tells", "told"})
UNHELPFUL = people_words("relation_unhelpful")
"""After "mum says": her words, told by the child who calls."""
FEELS = people_words("relation_feels")
NO_MUMS_LEAD = people_words("relation_no_mums_lead")
SAYS = people_words("relation_says")
LOOKS_AFTER = PARENTS | {"i", "we", "im", "been", "who", "auntie", "aunt", "uncle", "aunty", "am", "ive"}
PALS = people_words("relation_pals")
FIRST_PERSON = frozenset({"i", "im", "ive", "me", "my"})
TELLER = frozenset({"i", "im", "ive"})
NOT_FEELS = people_words("relation_not_feels")
TYPED = people_words("relation_typed")
HELD_UP = frozenset({"he", "she", "him", "his", "her", "hes", "shes"})


def parent_of(found: Scan, known: People) -> Asked | None:
    spans: list[tuple[int, int]] = []
    for mention in known.mentions:
        possessed = possessed_by(found, mention)
        if not _is_own_child(found, known, mention):
            continue
        if mention.kind in {"child", ""} and mention.owner == PERSON and possessed in OWN and mention.lead >= 0:
            spans.append((_group_start(found, mention), mention.end))
    for hit in found.hits("relation"):
        if hit.code == "parent_carer" and not _between(spans, hit) and _tells_of_parent(found, hit, known):
            spans.append((hit.start, hit.end))
    if not spans:
        spans = _opening_parent(found, known)
    if not spans and any(m.owner == PERSON and m.kind == "sibling" for m in known.mentions):
        mums = [
            m
            for m in known.owned(CALLER)
            if m.kind == "parent" and m.lead < 0 and m.end - 1 not in found.tokens.possessive
        ]
        own = [m for m in known.owned(OTHER) if m.kind == "child" and possessed_by(found, m) in OWN]
        spans = [(m.start, m.end) for m in (*mums, *own)]
    if not spans:
        spans = _own_by_name(found, known)
    if not spans and not _hurts_the_teller(found) and not _adult_first(known):
        kin = [m for m in known.owned(PERSON) if m.kind == "child" and _is_own_child(found, known, m)]
        spans = [(m.start, m.end) for m in kin if set(found.words[m.start : m.end]) & CHILD_OF_SOMEBODY]
    return ("parent_carer", tuple(spans[:2])) if spans else None


def parent_in_note(found: Scan, known: People) -> Asked | None:
    """A note of a call about a child in which a parent is told of as nobody's: "Mum's angry", "Livingston. Dad"."""
    words, breaks = found.words, found.tokens.breaks
    if FIRST_PERSON & set(words) or not any(_is_child(m) for m in known.owned(PERSON)[:NEARBY]):
        return None
    if TYPED & set(words[:2]) or _adult_first(known):
        return None
    for mention in known.owned(CALLER)[:NEARBY]:
        lead = words[mention.start - 1] if mention.start and not breaks[mention.start] else ""
        if mention.kind != "parent" or lead in NO_MUMS_LEAD:
            continue
        after = words[mention.end] if mention.end < len(words) and not breaks[mention.end] else ""
        if after in TELLS and UNHELPFUL & set(words[mention.end + 1 : mention.end + 2]):
            continue
        owns = mention.end - 1 in found.tokens.possessive and after not in FEELS and not after.endswith(("ing", "ed"))
        if after in NOT_FEELS or owns:
            continue
        if after == "" or after in FEELS or _is_child(known.owned(PERSON)[0], 16):
            return "parent_carer", ((mention.start, mention.end),)
    return None


def _is_child(mention: Mention, below: int = 19) -> bool:
    if mention.age is None:
        return mention.kind in {"child", "person"}
    value = mention.age.value
    return (value if isinstance(value, int) else value["max"]) < below


def _is_own_child(found: Scan, known: People, mention: Mention) -> bool:
    """Not "my man", "my year and a boy", nor the daughter who tells a pensioner to phone."""
    words = found.words
    if words[mention.start] in {"man", "guy"} and mention.start and words[mention.start - 1] in OWN:
        return False
    if mention.kind == "" and words[mention.start][:1] in {"s", "p"} and words[mention.start][1:2].isdigit():
        return False
    if words[mention.end : mention.end + 1] and words[mention.end] in SAYS:
        return not any(m is not mention and is_old(m) for m in known.owned(PERSON)[:NEARBY])
    return words[mention.end : mention.end + 1] not in (["interprets"], ["translates"])


def is_old(mention: Mention) -> bool:
    value = mention.age.value if mention.age else 0
    return (value if isinstance(value, int) else value["min"]) >= 40


def _tells_of_parent(found: Scan, hit: Hit, known: People) -> bool:
    """Not "mum says sort it out", "the mum o her pal", nor "she looks after her brothers" of a girl of 14."""
    words = found.words
    if _is_quoted(found, hit) or (
        PALS & set(words[hit.end : hit.end + 4]) and words[hit.end : hit.end + 1] in (["o"], ["of"])
    ):
        return False
    if words[hit.start].startswith("look") and not LOOKS_AFTER & set(words[max(0, hit.start - 2) : hit.start]):
        return False
    theirs = hit.start > 0 and words[hit.start - 1] in {"his", "her"} and words[hit.end - 1] in {"wants", "worried"}
    return not theirs or not any(m.age and not _is_child(m, 16) for m in known.owned(PERSON)[:NEARBY])


def _own_by_name(found: Scan, known: People) -> list[tuple[int, int]]:
    """ "Our Callum's 17"; "I'm Jessie's granny"."""
    words, tokens = found.words, found.tokens
    for mention in known.mentions[:NEARBY]:
        if mention.kind == "parent" and mention.start > 1 and mention.start - 1 in tokens.possessive:
            if words[mention.start - 2] in {"im", "am"}:
                return [(mention.start - 2, mention.end)]
        if mention.kind != "" or mention.owner != PERSON or not _is_child(mention):
            continue
        for index in range(max(0, mention.start - 3), mention.start):
            named = tokens.text[tokens.starts[index + 1]].isupper() and index + 1 not in found.nouns
            if words[index] in OWN and named and not words[index + 1][-1].isdigit():
                return [(index, mention.end)]
    return []


def _hurts_the_teller(found: Scan) -> bool:
    """ "he touch me"."""
    return any(
        hit.kind in {"harm", "act"} and "me" in found.words[hit.start : hit.end + 1] for hit in found.hits("concept")
    )


def told_of_a_child(found: Scan, known: People) -> Asked | None:
    """ "Wean o 7 … Ah'm no sure is it sexual": somebody tells of a child who is not themselves."""
    words = found.words
    if not TELLER & set(words) or _hurts_the_teller(found) or not HELD_UP & set(words):
        return None
    if TYPED & set(words[:2]):
        return None
    for mention in known.owned(PERSON)[:NEARBY]:
        of_teller = words[mention.start] in {"i", "im"} or (
            mention.lead >= 0 and words[mention.lead] in {"i", "im", "am"}
        )
        if of_teller or mention.age is None or mention.age.strength < 2:
            continue
        if _is_child(mention, 16) and (mention.kind == "child" or words[mention.start] in PRONOUNS):
            return "parent_carer", ((mention.start, mention.end),)
    return None


def _adult_first(known: People) -> bool:
    """ "Granton man, 66 … his daughter's in Spain": who is told of first is grown up, and nobody's parent."""
    first = next((m for m in known.mentions[:NEARBY] if m.owner in {PERSON, CALLER} and m.age), None)
    if first is None or first.age is None or first.kind == "parent":
        return False
    value = first.age.value
    return (value if isinstance(value, int) else value["min"]) >= 25


def _opening_parent(found: Scan, known: People) -> list[tuple[int, int]]:
    """ "Mum in Livingston. Found out her son …": who is named first asks."""
    first = next((m for m in known.mentions if m.kind), None)
    if first is None or first.kind != "parent" or not _opens(found, first) or first.end - 1 in found.tokens.possessive:
        return []
    asks_for_child = any(
        m.kind in {"child", "sibling", ""} and m.owner in {PERSON, THIRD, OTHER} for m in known.mentions
    )
    lead = found.words[first.lead] if first.lead >= 0 else ""
    return [(first.start, first.end)] if asks_for_child and lead not in {"my", "his", "her", "by", "ma"} else []


def _opens(found: Scan, mention: Mention) -> bool:
    """Among the first words, or alone right after the place: "Castlebay, Isle of Barra. mother."."""
    breaks = found.tokens.breaks
    alone = mention.end < len(found.words) and breaks[mention.start] == STRONG_BREAK == breaks[mention.end]
    return mention.start <= 3 or (alone and mention.start <= 6)


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
