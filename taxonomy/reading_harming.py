"""Who does the harm in a sentence: after "by", or before a verb of harm that has somebody as its object."""

from taxonomy.reading_mentions import Mention, People
from taxonomy.reading_scan import Hit, Scan
from taxonomy.word_sets import words_of

OWN = frozenset({"my", "our", "ma", "oor", "wur", "mine"})
POSSESSIVE = frozenset({"his", "her", "their", "hers"})
BY = frozenset({"by", "aff", "off", "frae"})
FROM = frozenset({"from", "fae", "with", "wi", "against"})
OBJECTS = words_of("objects")
DID = frozenset({"did", "done", "does", "admitted", "admits", "responsible"})


def is_after_by(found: Scan, mention: Mention, lead: str, before: str) -> bool:
    """ "by an 11 year old", "by her brother", "from a boy of 13"; not "by the age of 14", not "mum of"."""
    if lead in BY:
        return mention.lead > 0 or mention.kind != ""
    if lead in POSSESSIVE | OWN and before in BY:
        return True
    index = mention.lead
    if lead in FROM:
        return _harm_near(found, index, 6)
    if lead in POSSESSIVE and before in FROM:
        return _harm_near(found, index - 1, 6)
    return False


def _harm_near(found: Scan, index: int, reach: int) -> bool:
    return any(
        hit.kind == "harm" and hit.end - 1 < index and 2 not in found.tokens.breaks[hit.end : index + 1]
        for hit in found.between("concept", index - reach - 3, index)
    )


def is_subject_of_harm(found: Scan, mention: Mention, known: People) -> bool:
    """ "a 10 year old punched my son", "boy in her class shared her nudes", "the boy who did it"."""
    words, breaks = found.words, found.tokens.breaks
    index = mention.end
    passive = False
    if known.harm_words.keys().isdisjoint(range(index, index + 9)) and DID.isdisjoint(words[index : index + 9]):
        return False
    if index - 1 in found.tokens.possessive and mention.age is None:
        return False
    if (
        index < len(words)
        and breaks[index]
        and not (
            index in known.harm_words
            or words[index] in DID
            or words[index] in {"who", "that", "has", "have", "keeps", "keep", "kept", "is", "are", "had"}
        )
    ):
        return False
    for _ in range(9):
        if index >= len(words) or breaks[index] == 2:
            return False
        word = words[index]
        if word in DID:
            return not passive and words[index + 1 : index + 2] in (["it"], ["this"], ["that"], [])
        hit = known.harm_words.get(index)
        if hit is not None:
            if words[index].endswith(("ing", "in")) and words[index - 1] in {"been", "was", "is", "keeps"}:
                return _has_object(found, hit)
            if passive or (
                index > mention.end and words[index - 1] in {"got", "was", "been", "being", "gets", "getting", "were"}
            ):
                return False
            if words[index].endswith("ing") and words[index - 1] in {"of", "about"}:
                return False
            return _has_object(found, hit)
        if word in {"was", "got", "were", "gets", "been", "getting"} and word != "is":
            passive = words[index + 1 : index + 2] != ["the"] and words[index + 1 : index + 2] != ["in"]
        if word in {"by", "when", "because", "after", "since", "but", "for"} or (breaks[index] and index > mention.end):
            return False
        if (
            mention is not None
            and index in known.starts
            and index != mention.start
            and words[index - 1] not in {"in", "from", "at", "of"}
        ):
            return False
        index += 1
    return False


def _has_object(found: Scan, hit: Hit) -> bool:
    words = found.words
    if words[hit.end - 1] == "violent" and words[hit.start - 1] in {"is", "gets", "getting", "was", "very", "really"}:
        return True
    if {"himself", "herself"} & set(words[hit.start : hit.end]):
        return True
    if "by" in words[hit.start : hit.end] or words[hit.end - 1] == "with" or words[hit.end : hit.end + 1] == ["by"]:
        return False
    inside = set(words[hit.start + 1 : hit.end]) & OBJECTS - {"it", "the", "a", "an"}
    after = words[hit.end] if hit.end < len(words) and not found.tokens.breaks[hit.end] else ""
    if inside:
        return True
    if after in {"his", "her"} and words[hit.end + 1 : hit.end + 2] in (["school"], ["home"], ["class"]):
        return False
    return after in OBJECTS
