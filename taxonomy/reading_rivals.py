"""Who is beside whom when no word of harm tells: "neighbour's lad (13) … my daughter (5)", "a boy in her class".

A child told of by their tie to somebody else ("in her class", "she met") is the other one; an age said with "he's"
right after somebody is theirs; a note begins with who needs help.
"""

from taxonomy.reading_harming import OWN, POSSESSIVE
from taxonomy.reading_kin import possessed_by
from taxonomy.reading_mentions import OTHER, PERSON, PRONOUN, PRONOUNS, SUBJECTS, THIRD, Mention, People, is_of_another
from taxonomy.reading_numbers import PLURALS
from taxonomy.reading_scan import Scan

TIED_BY = frozenset({"in", "from", "fae", "at", "on"})
SHARED = frozenset(
    {"class", "year", "school", "team", "club", "group", "bus", "course", "unit", "street", "stair", "work"}
)
"""What two children have in common, after "in her" and the like."""
DEFINITE = frozenset({"the", "neighbour", "neighbours", "neighbors"})
FAR = 3
"""Words between "in her" and what is shared ("in her old high school")."""


def settle_rivals(found: Scan, known: People) -> None:
    """Gives children told of by their tie to another child to the other side, once somebody else is spoken of."""
    for mention in [m for m in known.mentions[:60] if m.owner == PERSON and m.kind in {"child", "person"}]:
        if possessed_by(found, mention) in OWN:
            continue
        if _is_tied(found, mention) or _is_anothers(found, mention, known):
            mention.owner = OTHER


def is_right_after(found: Scan, mention: Mention, known: People) -> str:
    """Whose "he's 17" is right after one person without an age ("my ex (he's 17"): the owner, "" when nobody is."""
    for before in known.starting(mention.start - 4, mention.start):
        if before.end != mention.start or before.age or before.kind in {"", PRONOUN}:
            continue
        bracket = "(" in found.tokens.text[found.tokens.ends[before.end - 1] : found.tokens.starts[mention.start]]
        alike = before.gender == mention.gender or (before.gender is None and bracket)
        if alike and found.words[before.end - 1] not in PLURALS:
            return OTHER if before.kind == "partner" else before.owner if before.owner in {PERSON, OTHER} else ""
    return ""


def is_done_to(found: Scan, mention: Mention, known: People) -> bool:
    """ "The boy next door, 12, hung her doll by the neck … she's 8": she is the person, and the boy the other one."""
    first = next((m for m in known.mentions[:60] if m.owner == PERSON and m.kind == "child"), None)
    if first is None or first.end > mention.start or first.gender in {mention.gender, None}:
        return False
    group = found.words[max(0, first.start - 1) : first.start]
    if not (group and group[0] in DEFINITE) and not is_of_another(found, first):
        return False
    between = found.words[first.end : mention.start][:40]
    theirs = [PRONOUNS[word] for word in between if word in PRONOUNS and word not in SUBJECTS]
    if mention.gender not in theirs or first.gender in theirs:
        return False
    for one in (first, *(m for m in known.starting(first.end, first.end + FAR) if m.age and not m.kind)):
        one.owner = OTHER
    return True


def is_new_after(found: Scan, other: Mention, mention: Mention) -> bool:
    """ "She's 15, went to meet a boy": he was not spoken of before."""
    return other.start > mention.start and other.age is None and other.lead >= 0 and found.words[other.lead] == "a"


def is_not_the_first(found: Scan, mention: Mention, known: People) -> bool:
    """ "19, Arbroath. He's 17 … she", "Postie, 38 … hit me … he's 9": a note begins with who needs help."""
    lone = known.mentions[0]
    if lone.kind or lone.start > 2 or lone.age is None or mention.age is None or mention.start <= lone.end:
        return False
    if not isinstance(lone.age.value, int) or lone.age.value == mention.age.value or found.words[mention.start] in ME:
        return False
    said = {PRONOUNS[word] for word in found.words if word in SUBJECTS} - {mention.gender}
    return bool(said or ME & set(found.words))


ME = frozenset({"me", "i", "im", "my"})


def _is_tied(found: Scan, mention: Mention) -> bool:
    """ "boy in her class", "a lad from his team", "boy she met online"."""
    words, end = found.words, mention.end
    if any(found.tokens.breaks[end : end + 2]) or end + 1 >= len(words):
        return False
    if words[end] in SUBJECTS and mention.gender and PRONOUNS[words[end]] != mention.gender:
        return found.words[end - 1] not in {"and", "but"}
    whose = words[end + 1]
    if words[end] not in TIED_BY or whose not in POSSESSIVE | OWN:
        return False
    if whose in POSSESSIVE and PRONOUNS.get(whose) == mention.gender:
        return False
    return bool(SHARED & set(words[end + 2 : end + 2 + FAR]))


def _is_anothers(found: Scan, mention: Mention, known: People) -> bool:
    """ "Her stepda's boy (17) … she's 15", "neighbour's lad (13) got my daughter (5)"."""
    if mention.age is None or not is_of_another(found, mention):
        return False
    return any(
        other.age is not None and other.age.value != mention.age.value
        for other in known.mentions[:60]
        if other is not mention
        and other.owner in {PERSON, THIRD}
        and (other.kind == PRONOUN or possessed_by(found, other) in OWN)
        and not is_of_another(found, other)
    )
