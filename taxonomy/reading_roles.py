"""Last word on who is who: who is told of beside the person, and whose an age in brackets is.

The first readings go by harm words; a note of a call often has none that we know, but says things in an order that does
not vary: who needs help first, then who harmed, as "a boy of 15", "two lads", "her brother (14)".
"""

from taxonomy.people_words import people_words
from taxonomy.reading_acting import acts_on_somebody
from taxonomy.reading_families import settle_families
from taxonomy.reading_harming import OWN, POSSESSIVE
from taxonomy.reading_hurt_callers import settle_hurt_callers
from taxonomy.reading_mentions import OTHER, PERSON, PRONOUN, THIRD, Mention, People, group_of, is_of_another
from taxonomy.reading_numbers import PLURALS, number_at
from taxonomy.reading_scan import Scan
from taxonomy.reading_school_mates import give_school_ages
from taxonomy.tokens import STRONG_BREAK

INDEFINITE = people_words("roles_indefinite")
WANTED = people_words("roles_wanted")
"""Before somebody not yet there: "wants a woman to talk to"."""
NEARBY = 60
"""People looked at around one of them: more than any call speaks of."""
GROWN = people_words("roles_grown")
FAMILY_KIDS = frozenset({"kids", "weans", "bairns", "children"})
INFANTS = frozenset({"baby", "newborn", "toddler", "infant", "babby", "bump"})


def settle_roles(found: Scan, known: People) -> None:
    """Mend the owners that the first readings gave."""
    settle_families(found, known)
    settle_hurt_callers(found, known)
    anchor = _anchor(found, known)
    for mention in known.mentions[:NEARBY]:
        if mention.owner == THIRD and mention.kind in {"sibling", "relative"} and _acts_alone(found, mention, known):
            mention.owner = OTHER
        if mention.owner != PERSON or mention is anchor or anchor is None or mention.start < anchor.start:
            continue
        if mention.kind == PRONOUN:
            continue
        if _is_infant_of(found, mention, anchor):
            mention.owner = THIRD
        elif _is_beside(found, mention, anchor, known):
            mention.owner = OTHER
    _settle_same_again(found, known)
    _settle_lone_ages(found, known, anchor)
    give_school_ages(found, known)


def _settle_same_again(found: Scan, known: People) -> None:
    """ "Big brother did it … (brother was 15)": the same brother."""
    harming = {found.words[m.end - 1] for m in known.owned(OTHER) if m.kind == "sibling"} | {
        found.words[m.start] for m in known.owned(OTHER) if m.kind == "sibling"
    }
    for mention in known.owned(THIRD):
        if mention.kind == "sibling" and found.words[mention.start] in harming:
            mention.owner = OTHER


def _oldest(mention: Mention) -> int:
    value = mention.age.value if mention.age else 0
    return value if isinstance(value, int) else value["max"]


def _anchor(found: Scan, known: People) -> Mention | None:
    """The person first told of: with an age, or by a noun that is no "someone"."""
    for mention in known.mentions:
        if mention.owner == PERSON and (mention.age or mention.kind in {"child", "adult"} or _is_named(found, mention)):
            if mention.age and mention.age.strength == 1 and not mention.kind:
                continue
            if found.words[mention.start] in {"someone", "somebody"} or _is_wanted(found, mention):
                continue
            return mention
    return None


def _is_named(found: Scan, mention: Mention) -> bool:
    return mention.kind == "person" and found.words[mention.end - 1] in {"pupil", "person", "child", "wean", "bairn"}


def _is_wanted(found: Scan, mention: Mention) -> bool:
    return mention.age is None and bool(WANTED & set(found.words[max(0, mention.start - 3) : mention.start]))


def _is_infant_of(found: Scan, mention: Mention, anchor: Mention) -> bool:
    """ "17 yr old girl wi a 5 month old baby": the girl's own."""
    infant = bool(INFANTS & set(found.words[mention.start : mention.end]))
    return infant and (anchor.age is None or _oldest(anchor) >= 13 or anchor.kind == "adult")


def _is_beside(found: Scan, mention: Mention, anchor: Mention, known: People) -> bool:
    """Somebody new after the person: "a boy of 15", "two lads", "boys about 11"; not "and a girl of 6" or "my son"."""
    words = found.words
    group = group_of(found, mention)
    lead = words[mention.lead] if mention.lead >= 0 else ""
    before = words[mention.lead - 1] if mention.lead > 0 else ""
    if found.words[mention.start] in {"someone", "somebody"} or mention.kind not in {"child", "person", ""}:
        return False
    if lead in OWN | POSSESSIVE or before in OWN or _is_wanted(found, mention) or GROWN & set(group):
        return False
    if {"son", "daughter", "grandson", "granddaughter", "child", "wean", "bairn"} & set(group) and not mention.age:
        return False
    if _is_one_of_list(found, mention, anchor):
        return False
    if mention.kind == "":
        return bool(group) and group[0] in INDEFINITE and _oldest(mention) < 20
    plural = words[mention.start : mention.end] and any(w in PLURALS for w in words[mention.start : mention.end])
    counted = mention.lead >= 0 and number_at(words, mention.lead) is not None
    new = bool(group) and (group[0] in INDEFINITE or "older" in group)
    acting = acts_on_somebody(found, mention, known)
    if anchor.end > mention.start:
        return False
    if acting:
        return True
    harmful = bool(known.harm_words)
    alone_with = lead in {"wi", "with", "by", "of", "aff", "off", "seeing", "dating"}
    if plural and not counted and not new and FAMILY_KIDS & set(group):
        return False
    if plural or counted:
        return lead not in {"of"} or before in {"group", "gang", "crowd", "bunch", "pack", "couple"} or harmful
    return bool(mention.age) and (new or alone_with) and _is_told_later(found, anchor, mention)


def _is_told_later(found: Scan, anchor: Mention, mention: Mention) -> bool:
    return mention.start - anchor.end >= 1


def _is_one_of_list(found: Scan, mention: Mention, anchor: Mention) -> bool:
    """ "son 8 and daughter 6", "two boys, 8 and 11"."""
    between = found.words[anchor.end : mention.start]
    return len(between) <= 2 and (between[:1] in (["and"], ["n"]) or (mention.kind == "" and not between))


def _acts_alone(found: Scan, mention: Mention, known: People) -> bool:
    return acts_on_somebody(found, mention, known) and not is_of_another(found, mention)


def _settle_lone_ages(found: Scan, known: People, anchor: Mention | None) -> None:
    """An age in brackets belongs to who was named last: "by a boy she knows (16)", "her pal's brother (15)"."""
    for lone in known.mentions[:NEARBY]:
        if lone.kind != "" or lone.age is None or lone.age.strength == 1:
            continue
        if not _in_brackets(found, lone):
            said = found.words[found.sentence_start(lone.start) : lone.start]
            if lone.owner == PERSON and anchor is not None and anchor.age and said[-1:] and said[-1] in IS:
                lone.owner = OTHER if ACQUAINTED & set(said[-9:]) else PERSON
            near = known.starting(lone.start - 6, lone.start)
            if near and near[-1].owner == OTHER and near[-1].age is None:
                both = {"both", "baith", "all"} & set(found.words[near[-1].end : lone.start])
                told = anchor is not None and anchor is not lone and anchor.age
                if both or (near[-1].end == lone.start and told):
                    lone.owner = OTHER
            continue
        target = _named_last(found, known, lone)
        if lone is anchor:
            continue
        if target is not None and target.age is None and target.owner == OTHER:
            lone.owner = OTHER
        elif (target is None or target.age is not None) and anchor is not None and anchor.age:
            lone.owner = _owner_by_words(found, lone)


def _in_brackets(found: Scan, mention: Mention) -> bool:
    before = found.tokens.text[max(0, found.tokens.starts[mention.age.start if mention.age else mention.start] - 2) :][
        :2
    ]
    return "(" in before


def _named_last(found: Scan, known: People, lone: Mention) -> Mention | None:
    best: Mention | None = None
    for mention in known.starting(lone.start - 14, lone.start):
        if mention.end <= lone.start <= mention.end + 10 and mention.kind not in {"", PRONOUN}:
            if STRONG_BREAK not in found.tokens.breaks[mention.end : lone.start + 1]:
                best = mention
    return best


IS = frozenset({"is", "was", "also", "hes", "shes"})
ACQUAINTED = people_words("roles_acquainted")


def _owner_by_words(found: Scan, lone: Mention) -> str:
    """ "raped by her boyfriend's pal (16)", "her flatmate (17) hit her"."""
    said = found.words[found.sentence_start(lone.start) : lone.start]
    return OTHER if {"by", "aff"} & set(said[-6:]) or ACQUAINTED & set(said[-2:]) else PERSON
