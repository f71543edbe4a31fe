"""Who harmed, as the caller says it, and whether both live under one roof."""

from bisect import bisect_left

from taxonomy.people_words import people_words
from taxonomy.reading_concepts import Concepts
from taxonomy.reading_facts import Fact
from taxonomy.reading_harming import BY, OWN, POSSESSIVE
from taxonomy.reading_mentions import OTHER, PERSON, Mention, People, is_of_another
from taxonomy.reading_numbers import number_at
from taxonomy.reading_scan import START, Hit, Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of


def who_harmed(found: Scan, known: People, read: Concepts) -> list[Fact]:
    """Codes of `harmed_by`, most particular first; none when no harm is spoken of."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for mention in known.owned(OTHER):
        if code := _code_of(found, mention, known):
            spans.setdefault(code, []).append((_start(found, mention), mention.end))
        if _are_several(found, mention):
            spans.setdefault("group", []).append((mention.start, mention.end))
    if known.harm_words or read.harms or spans:
        for hit in found.hits("harmed_by"):
            if _counts(found, hit, known, spans):
                spans.setdefault(hit.code, []).append((hit.start, hit.end))
    if sibling := _own_brother_or_sister(found, known):
        spans.setdefault("sibling", []).append(sibling)
    if known.own_child and "own_child" not in spans:
        doer = known.owned(OTHER)[:1]
        spans = {"own_child": [(m.start, m.end) for m in doer]}
    if "own_child" in spans:
        spans.pop("sibling", None)
    if not spans and (again := _somebody_again(found, known)):
        spans["known"] = [again]
    if "same_care" in spans:
        spans.pop("same_school", None)
        if any("foster" in found.words[max(0, start - 2) : end] for start, end in spans.get("sibling", ())):
            spans.pop("sibling", None)
    return [Fact(code, tuple(spans[code][:2])) for code in ORDER if code in spans]


def _somebody_again(found: Scan, known: People) -> tuple[int, int] | None:
    """One child who comes back "every night" or "keeps" doing it is known by now."""
    others = known.owned(OTHER)
    if not others or AGAIN.isdisjoint(found.words):
        return None
    for other in others[:NEARBY]:
        end = other.end
        while end < len(found.words) and end < other.end + SENTENCE and found.tokens.breaks[end] != STRONG_BREAK:
            end += 1
        if not AGAIN.isdisjoint(found.words[other.end : end]):
            return _start(found, other), other.end
    return None


AGAIN = people_words("harmed_by_again")
NEARBY = 20
SENTENCE = 30
"""Words of a sentence looked at after who harmed."""


def _are_several(found: Scan, mention: Mention) -> bool:
    """ "the boys", "three lads", "two 12 year olds"."""
    words = found.words
    nouns = words[mention.start : mention.end]
    owned = found.tokens.possessive
    if any(word in SEVERAL and mention.start + at not in owned for at, word in enumerate(nouns)):
        return True
    counted = number_at(words, mention.lead) if mention.lead >= 0 else None
    return counted is not None and 1 < counted[0] < 10 and (nouns[-1:] == ["olds"] or nouns[-1][-1:] == "s")


OWN_CHILDREN = frozenset({"son", "daughter", "stepson", "stepdaughter", "grandson", "granddaughter"})
SEVERAL = people_words("harmed_by_several")
ORDER = ("own_child", "sibling", "partner", "same_care", "same_school", "known", "stranger", "group")


BODY = words_of("body_parts") | words_of("hair_parts")
IN_THE_FAMILY = frozenset(
    {"son", "stepson", "daughter", "stepdaughter", "grandson", "granddaughter", "eldest", "oldest", "youngest",
     "middle", "twin", "old", "yo", "boys", "girls", "kids", "weans"}
)  # fmt: skip
"""Words for the children of one family, before what one of them did to "his sister"."""
SMALL = frozenset({"wee", "little", "younger", "older", "big", "baby", "own", "twin", "half", "step", "ain"})


def _own_brother_or_sister(found: Scan, known: People) -> tuple[int, int] | None:
    """ "her son has been touching his wee sister", "the 15 yr old broke his brother's arm"."""
    words, breaks = found.words, found.tokens.breaks
    for hit in found.hits("concept"):
        if hit.kind not in {"harm", "act"} or words[hit.end - 1] == "by":
            continue
        for index in range(hit.start + 1, min(hit.end + 2, len(words))):
            if breaks[index]:
                break
            noun = index + 1
            while noun < len(words) and noun < index + 3 and words[noun] in SMALL:
                noun += 1
            if words[index] in POSSESSIVE and noun < len(words) and words[noun].rstrip("s") in {"brother", "sister"}:
                if "by" in words[hit.start : noun] or set(words[noun + 1 : noun + 2]) & KIN_OF_THEIRS:
                    continue
                if IN_THE_FAMILY & set(words[max(0, hit.start - 12) : hit.start]):
                    return index, noun + 1
    return None


KIN_OF_THEIRS = frozenset({"pal", "friend", "boyfriend", "girlfriend", "pals", "friends", "mate", "law", "ex"})


def _is_harmed_or_calling(found: Scan, end: int) -> bool:
    """What follows a partner says they are no harmer: "wife wants", "her boyfriend 18 was murdered", "my wife by
    two boys"."""
    words = found.words
    while end < len(words) and (words[end].isdigit() or words[end] in {"aged", "also"}):
        end += 1
    following = words[end : end + 1]
    if set(following) & CALLS:
        return True
    passive = following in (["was"], ["were"], ["got"], ["wis"], ["been"])
    return following == ["by"] or (passive and not found.harm_words.isdisjoint((end, end + 1)))


CALLS = frozenset({"wants", "want", "asks", "asking", "calling", "phoning", "ringing", "worried", "says", "here"})


def _start(found: Scan, mention: Mention) -> int:
    lead = mention.lead
    return lead if lead >= 0 and found.words[lead] in OWN | POSSESSIVE else mention.start


def _code_of(found: Scan, mention: Mention, known: People) -> str:
    """Own child when the caller is the one hurt; a brother or sister; a partner."""
    lead = found.words[mention.lead] if mention.lead >= 0 else ""
    if mention.kind == "sibling" and not _somebody_elses(found, mention):
        return "sibling"
    if mention.kind == "partner" and not _owns_what_follows(found, mention):
        return "" if _is_harmed_or_calling(found, mention.end) else "partner"
    if is_of_another(found, mention):
        return ""
    own = mention.kind == "child" and bool(OWN_CHILDREN & set(found.words[mention.start : mention.end]))
    raised = own and any(m.kind == "parent" for m in known.owned(PERSON))
    if raised and lead in OWN | POSSESSIVE and found.words[max(0, mention.lead - 1)] not in BY:
        return "own_child"
    if mention.kind == "child" and lead in OWN and _hurts_caller(found, mention, known):
        return "own_child"
    if (
        mention.kind == "child"
        and lead in POSSESSIVE
        and found.words[mention.lead - 1 : mention.lead] in (["by"], ["aff"])
    ):
        return "own_child" if found.words[mention.end - 1] in {"son", "daughter", "child", "teenager"} else ""
    return ""


def _somebody_elses(found: Scan, mention: Mention) -> bool:
    """ "her friend's brother"."""
    return any(index in found.tokens.possessive for index in range(max(0, mention.start - 2), mention.start))


def _hurts_caller(found: Scan, mention: Mention, known: People) -> bool:
    """ "my son hits me": not "my son hit my daughter"."""
    for index in range(mention.end, min(mention.end + 10, len(found.words))):
        hit = known.harm_words.get(index)
        if hit is None:
            continue
        words = found.words[hit.start + 1 : hit.end + 2]
        hurt = {"me", "us", "mum", "mam", "maw"} & set(words) or any(
            word == "my" and after in BODY for word, after in zip(words, [*words[1:], ""], strict=False)
        )
        if hurt:
            return not {"son", "daughter", "boy", "girl", "wee"} & set(words)
    return False


def _counts(found: Scan, hit: Hit, known: People, spans: dict[str, list[tuple[int, int]]]) -> bool:
    words = found.words
    before = set(words[max(0, hit.start - 4) : hit.start])
    if hit.code == "own_child":
        return hit.end - hit.start > 1 and _own_child_phrase(found, hit, known)
    if hit.code == "sibling":
        return True
    if hit.code == "group" and (hit.start in found.tokens.possessive or words[max(0, hit.start - 1)] in OWN):
        return False
    if hit.code == "group" and hit.end - hit.start == 1 and _is_no_crowd(found, hit, known):
        return False
    if hit.code == "partner":
        if _owns_what_follows(found, hit) or _is_harmed_or_calling(found, hit.end):
            return False
        return any(
            m.kind == "partner" and m.owner == OTHER and m.start <= hit.start < m.end + 1 for m in _near(known, hit)
        ) or (hit.kind == "harmed_by" and words[hit.start] not in {"partner", "husband", "wife"})
    if (
        hit.code == "group"
        and before & {"parent", "mum", "dad", "mother", "father", "gran", "carer"}
        and "of" in before
    ):
        return False
    if hit.code == "same_school":
        return _is_school_of_harm(found, hit, known)
    if hit.code == "known" and words[hit.start].startswith(("flatmate", "housemate", "roommate", "childminder")):
        return True
    if hit.code == "known":
        if {"saw", "seen", "watched", "my"} & before and not {"by", "a"} & before:
            return False
        return (
            "by" in before
            or "from" in before
            or any(m.owner == OTHER and m.start - 2 <= hit.start <= m.end for m in _near(known, hit))
            or hit.end - hit.start > 1
        )
    return True


def _owns_what_follows(found: Scan, hit: Hit | Mention) -> bool:
    """ "Her ex's pals", "an ex partner's son"."""
    owned, after = found.tokens.possessive, "".join(found.words[hit.end : hit.end + 1])
    partner = after.rstrip("s") in {"partner", "husband", "wife", "boyfriend", "girlfriend"}
    return hit.end - 1 in owned or (partner and hit.end in owned)


def _is_no_crowd(found: Scan, hit: Hit, known: People) -> bool:
    """ "boys will be boys", "if she talks to boys", "weans 2, 6 and 9"."""
    words = found.words
    if words[hit.start - 1 : hit.start] in (["to"], ["tae"], ["be"], ["being"], ["bein"], ["for"], ["my"]):
        return True
    if words[hit.end : hit.end + 2] in (["will", "be"], ["being", "boys"], ["bein", "boys"]):
        return True
    return any(m.start <= hit.start < m.end and m.owner != OTHER for m in _near(known, hit))


def _is_school_of_harm(found: Scan, hit: Hit, known: People) -> bool:
    """ "punched at school": not "panic attacks at school", nor "P7 boy" of the person harmed."""
    words = found.words
    stages = {"p1", "p2", "p3", "p4", "p5", "p6", "p7", "s1", "s2", "s3", "s4", "s5", "s6"}
    if words[hit.start].startswith("pupil") and words[hit.end : hit.end + 1] == ["support"]:
        return False
    if stages & set(words[hit.start : hit.end]) or words[hit.start][:1].isdigit():
        theirs = any(m.owner == OTHER and m.start < hit.end and hit.start < m.end for m in _near(known, hit))
        return theirs or words[hit.start - 1 : hit.start] == ["by"] or words[hit.end - 1].endswith("s")
    if words[hit.start] in {"at", "in", "doon", "from"} and words[hit.end - 1] in {"school", "schule", "nursery"}:
        start = found.sentence_start(hit.start)
        end = found.tokens.clause_end(hit.end, 10)
        return any(each.kind in {"harm", "act"} for each in found.between("concept", start, end))
    return True


def _near(known: People, hit: Hit) -> list[Mention]:
    at = bisect_left(known.mentions, hit.start, key=START)
    return known.mentions[max(0, at - 3) : at + 3]


def _own_child_phrase(found: Scan, hit: Hit, known: People) -> bool:
    """The phrase names the caller as the one hurt."""
    inside = set(found.words[hit.start : hit.end + 1])
    if found.words[hit.start] == "by" or not {"my", "our"} & inside:
        return True
    return bool({"me", "us"} & inside)


def same_household(found: Scan, harmed_by: list[Fact]) -> Fact | None:
    """One roof when words say so, or when a brother, sister or own child harmed and no word says otherwise."""
    for code in ("false", "true"):
        spans = tuple((h.start, h.end) for h in found.hits("household") if h.code == code)
        if spans:
            return Fact(code == "true", spans[:2])
    for fact in harmed_by:
        if fact.value in {"sibling", "own_child"}:
            return Fact(True, fact.spans)
    return None
