"""Who harms the one on the phone: "son is 16 … when it kicks off he punches me", "my big bro hits me wi a pipe".

The child or brother may be named long before; what is done to "me" or "my face" tells that they did it, and that the
caller is the person who needs help.
"""

from taxonomy.people_words import people_words
from taxonomy.reading_harming import OWN
from taxonomy.reading_mentions import CALLER, OTHER, PERSON, PRONOUN, PRONOUNS, SUBJECTS, THIRD, Mention, People
from taxonomy.reading_scan import Hit, Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

ME = frozenset({"me", "us", "mum", "mam"})
HURT = words_of("body_parts") | words_of("hair_parts")
KIN = frozenset({"child", "sibling", "relative"})
BODY = people_words("hurt_callers_body")
DEEDS = people_words("hurt_callers_deeds")
FIRST_WORDS = 400
NEARBY = 60
BACK = 7
"""Words before a deed in which who does it stands."""
OLDEST_CHILD, YOUNGEST_PARENT = 25, 16
SELF = frozenset({"i", "im"})


def settle_hurt_callers(found: Scan, known: People) -> None:
    """Give the child or brother who harms the caller, and the caller, their owners."""
    kin = [m for m in known.mentions[:NEARBY] if m.kind in KIN and _is_of_caller(found, m)]
    if any(found.words[m.start] in SELF and m.age and _years(m) < YOUNGEST_PARENT for m in known.mentions[:NEARBY]):
        kin = [m for m in kin if m.kind != "child"]  # "I am 12 and my dad's girlfriend's son hits me"
    _settle_unnamed_child(found, known)
    if not kin or known.own_child:
        return
    for hit in found.hits("concept")[:NEARBY]:
        if hit.kind not in {"harm", "act"} or not _hurts_me(found, hit):
            continue
        doer = _doer(found, known, kin, hit)
        if doer is None or any(
            m is not doer and m.owner == OTHER and m.end <= hit.start for m in known.mentions[:NEARBY]
        ):
            continue
        doer.owner = OTHER
        if doer.kind == "child":
            _make_parent_the_person(known, doer)
        return


def _settle_unnamed_child(found: Scan, known: People) -> None:
    """ "Banff, mum, 43. he's 14 … he's had me by the hair": one child, a parent on the phone, and the parent's hurt."""
    if known.owned(OTHER) or not _parent_opens(found, known) or not _is_hurt_self(found):
        return
    young = [m for m in known.mentions[:NEARBY] if m.kind in {"child", "", PRONOUN} and 4 < _years(m) < OLDEST_CHILD]
    if len({str(m.age.value) for m in young if m.age}) != 1:
        return
    for mention in young:
        mention.owner = OTHER
    for mention in known.mentions[:NEARBY]:
        if mention.kind == "child" and mention.owner == PERSON:
            mention.owner = OTHER
        elif mention.kind == "parent" and mention.age is not None:
            mention.owner = PERSON
    known.own_child = True


def _parent_opens(found: Scan, known: People) -> bool:
    first = next((m for m in known.mentions if m.kind), None)
    lead = found.words[first.lead] if first is not None and first.lead >= 0 else ""
    if first is None or lead in {"her", "his", "their", "by"}:
        return False
    return (first.kind == "parent" and lead not in OWN) or (first.kind == "child" and _is_of_caller(found, first))


def _is_hurt_self(found: Scan) -> bool:
    """ "bit through my forearm", "goes for me", "had me by the hair"; not "told me", nor what others do."""
    words = found.words
    for index in range(1, min(len(words) - 1, FIRST_WORDS)):
        back = words[max(0, index - 3) : index]
        if words[index] == "my" and words[index + 1] in BODY and DEEDS & set(back) and "i" not in back:
            return True
        if (
            words[index] == "me"
            and words[index - 1] in {"has", "had", "haes"}
            and words[index + 1] in {"by", "cornered"}
        ):
            return True
    return any(hit.kind in {"harm", "act"} and _hurts_me(found, hit) for hit in found.hits("concept")[:NEARBY])


def _years(mention: Mention) -> int:
    value = mention.age.value if mention.age else 0
    return value if isinstance(value, int) else value["max"]


def _is_of_caller(found: Scan, mention: Mention) -> bool:
    lead = found.words[mention.lead] if mention.lead >= 0 else ""
    before = found.words[mention.lead - 1] if mention.lead > 0 else ""
    own = lead in OWN or before in OWN
    return own or (mention.kind == "child" and not lead and found.words[mention.end - 1] in {"son", "daughter"})


def _hurts_me(found: Scan, hit: Hit) -> bool:
    words = found.words
    if words[hit.end - 1] == "by" or words[hit.end : hit.end + 1] == ["by"]:
        return False
    inside = words[hit.start + 1 : hit.end]
    if {"me", "us"} & set(inside):
        return True
    for index in range(hit.start + 1, min(hit.end + 2, len(words))):
        if index >= hit.end and found.tokens.breaks[index]:
            return False
        if words[index] in {"me", "us"}:
            return True
        if words[index] == "my" and index + 1 < len(words) and words[index + 1] in HURT | ME:
            return True
    return False


def _doer(found: Scan, known: People, kin: list[Mention], hit: Hit) -> Mention | None:
    """The kin named just before the deed, or the last one told of whom "he" or "she" can mean."""
    words, breaks = found.words, found.tokens.breaks
    for index in range(hit.start - 1, max(-1, hit.start - BACK), -1):
        named = next((m for m in kin if m.start <= index < m.end), None)
        if named is not None:
            return named
        if index in known.starts or words[index] in {
            "i",
            "we",
            "they",
            "been",
            "got",
            "was",
            "were",
            "someone",
            "somebody",
        }:
            return None
        if words[index] in SUBJECTS:
            gender = PRONOUNS[words[index]]
            told = [m for m in known.mentions[:NEARBY] if m.end <= index and m.kind and m.gender in {gender, None}]
            others = [m for m in told if m not in kin and m.kind not in {"parent", PRONOUN}]
            fitting = [m for m in told if m in kin]
            return fitting[-1] if fitting and not others else None
        if breaks[index + 1] == STRONG_BREAK:
            return None
    return None


def _make_parent_the_person(known: People, doer: Mention) -> None:
    for mention in known.mentions[:NEARBY]:
        if mention is doer:
            continue
        oldest = (
            0
            if mention.age is None
            else mention.age.value
            if isinstance(mention.age.value, int)
            else mention.age.value["max"]
        )
        if mention.kind == "parent" and mention.owner == CALLER and mention.age is not None:
            mention.owner = PERSON
        elif (
            mention.owner == PERSON
            and mention.age is not None
            and oldest < OLDEST_CHILD
            and mention.kind in {"child", "", PRONOUN}
        ):
            mention.owner = OTHER if mention.kind in {"", PRONOUN} and doer.age is None else THIRD
