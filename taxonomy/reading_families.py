"""Families told of in one call: two children of one house, the dead and who mourns, a grown-up harmed by their own."""

from taxonomy.reading_acting import acts_on_somebody, sibling_hurt_by
from taxonomy.reading_harming import OWN, POSSESSIVE
from taxonomy.reading_mentions import CALLER, OTHER, PERSON, PRONOUN, THIRD, Mention, People
from taxonomy.reading_scan import Scan
from taxonomy.tokens import STRONG_BREAK

NEARBY = 60
"""People looked at around one of them: more than any call speaks of."""
DIED = frozenset({"killed", "murdered", "died", "dead", "stabbed"})


def settle_families(found: Scan, known: People) -> None:
    """Mend the owners of kin."""
    _settle_dead(found, known)
    _settle_household(found, known)
    _settle_own_child(found, known)
    _settle_harmed_partner(found, known)


def _settle_household(found: Scan, known: People) -> None:
    """One of two brothers or sisters harmed the other, and a parent tells of both."""
    for mention in known.mentions[:NEARBY]:
        if mention.kind in {"child", ""} and mention.owner in {PERSON, OTHER} and mention.kind != PRONOUN:
            hurt = sibling_hurt_by(found, mention, known)
            if hurt is not None:
                mention.owner, hurt.owner = OTHER, PERSON
                _give_lone_age(found, known, hurt)
                return


def _give_lone_age(found: Scan, known: People, hurt: Mention) -> None:
    """The (11) of "his brother's arm (11)"."""
    if hurt.age is not None:
        return
    for mention in known.starting(hurt.end, hurt.end + 4):
        if mention.kind == "" and mention.age and hurt.end <= mention.start <= hurt.end + 3:
            if STRONG_BREAK not in found.tokens.breaks[hurt.end : mention.start + 1]:
                hurt.age, mention.age = mention.age, None
                mention.owner = THIRD
                return


def _settle_dead(found: Scan, known: People) -> None:
    """Who died is not who needs help, when anybody else is told of."""
    dead = [m for m in known.mentions if m.kind not in {PRONOUN, ""} and died(found, m)]
    for mention in dead:
        living = [m for m in known.mentions[:NEARBY] if m.owner in {PERSON, CALLER} and m not in dead[:NEARBY]]
        if living and mention.kind in {"partner", "sibling", "child", "relative", "parent"}:
            mention.owner = THIRD
        if mention.owner == THIRD and mention.kind == "child" and living[0].owner == CALLER:
            _settle_bereaved(found, living)


def _settle_harmed_partner(found: Scan, known: People) -> None:
    """ "My husband was punched": he is the person; "caller's nephew, 9": so is he, when nobody else is."""
    for mention in known.mentions[:NEARBY]:
        if mention.kind == "partner" and mention.owner in {OTHER, THIRD} and found.words[max(0, mention.lead)] in OWN:
            after = found.words[mention.end : mention.end + 2]
            hits = found.between("concept", mention.end + 1, mention.end + 4)
            if after and after[0] in {"was", "got", "has"} and any(hit.kind == "harm" for hit in hits):
                mention.owner = PERSON
    if not any(m.age or m.kind in {"child", "adult"} for m in known.owned(PERSON)):
        for mention in known.owned(THIRD)[:1]:
            if mention.kind == "relative" and mention.age:
                mention.owner = PERSON


def _settle_bereaved(found: Scan, living: list[Mention]) -> None:
    """A mother whose son was killed needs help herself; her other children are told of beside her."""
    caller = living[0]
    if caller.start > 3:
        return
    caller.owner = PERSON
    for mention in living[1:]:
        lead = found.words[mention.lead] if mention.lead >= 0 else ""
        if mention.kind == "child" and lead in OWN | POSSESSIVE:
            mention.owner = THIRD


def died(found: Scan, mention: Mention) -> bool:
    """Whether somebody is said to have died: "her boyfriend 18 was murdered", "son of 17 killed in May"."""
    words = found.words
    for index in range(mention.end, min(mention.end + 4, len(words))):
        if found.tokens.breaks[index] == STRONG_BREAK:
            return False
        if words[index] in DIED:
            to_death = words[index] != "stabbed" or words[index + 1 : index + 3] in (["to", "death"], ["tae", "death"])
            return to_death and words[index + 1 : index + 2] not in (["her"], ["him"], ["my"])
        if words[index] not in {"was", "were", "got", "been", "has", "who", "is", "that"}:
            return False
    return False


def _settle_own_child(found: Scan, known: People) -> None:
    """A grandad of 68 whom the grandson he raises punched: the grandad needs help."""
    for caller in known.owned(CALLER)[:NEARBY]:
        if caller.age is None or _youngest(caller) < 25:
            continue
        own = {"son", "daughter", "grandson", "granddaughter", "grandchild", "grandwean", "stepson", "stepdaughter"}
        kids = [m for m in known.mentions[:NEARBY] if own & set(found.words[m.start : m.end]) and m.kind == "child"]
        if not kids:
            continue
        acting = [m for m in known.mentions[:NEARBY] if m.kind == "child" and acts_on_somebody(found, m, known)]
        hurt = any(m.owner == OTHER and m.kind == "child" for m in known.mentions) or acting
        if hurt and all(m.owner in {PERSON, OTHER} for m in kids) and not _harmed_elsewhere(found, kids):
            caller.owner = PERSON
            for child in kids:
                child.owner = OTHER


def _harmed_elsewhere(found: Scan, kids: list[Mention]) -> bool:
    """The child is the one hurt: "grandson was battered by a boy"."""
    return any({"was", "got", "been", "by"} & set(found.words[m.end : m.end + 5]) for m in kids)


def _youngest(mention: Mention) -> int:
    value = mention.age.value if mention.age else 0
    return value if isinstance(value, int) else value["min"]
