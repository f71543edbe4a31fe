"""Who is on the phone, by what is said of the call itself: for themselves, a parent, or somebody who saw it."""

from taxonomy.people_words import people_words
from taxonomy.reading_ages import COUNTED
from taxonomy.reading_bare_ages import SOFT
from taxonomy.reading_kin import has_own_child
from taxonomy.reading_mentions import PERSON, PRONOUN, People
from taxonomy.reading_numbers import number_at
from taxonomy.reading_scan import Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

Asked = tuple[str, tuple[tuple[int, int], ...]]
"""A code of `relation` and the words that gave it."""
NEARBY = 60
"""People looked at: more than any call speaks of."""
PARENTS = people_words("relation_parents")
AT_PHONE = people_words("relation_at_phone")
ON = frozenset({"on", "oan"})
PHONE = frozenset({"phone", "line", "call", "fone", "webchat", "chat"})
SELF = frozenset({"herself", "himself", "hersel", "himsel", "themselves", "themself", "self"})
SELF_AFTER = people_words("relation_self_after")
MAY_USE = people_words("relation_may_use")
NOT_BY = words_of("relation_not_by")
SAW = frozenset({"saw", "seen", "watched", "witnessed"})
SEES = frozenset({"i", "we", "she", "he", "who", "and", "just", "yo", "old", "also", "they"})
WITHOUT_DEED = frozenset({"who", "that", "after", "since", "when", "before", "whos", "again", "by"})


def calls_for_self(found: Scan, known: People) -> tuple[int, int] | None:
    """ "calling herself", "on the phone himself", "phoning about her own house"; "I'm 11" of one who is no parent."""
    words = found.words
    told_of = PARENTS & set(words)
    for index, word in enumerate(words[:400]):
        before = set(words[max(0, index - 3) : index]) - ({"for"} if words[index - 1 : index] != ["for"] else set())
        if word in SELF and before & SELF_AFTER and not _of_a_parent(found, index):
            return max(0, index - 1), index + 1
        if word == "own" and {"about", "phoning", "calling"} <= set(words[max(0, index - 4) : index]):
            return index - 1, index + 1
        if word == "webchat" and not told_of - {"parents"}:
            return index, index + 1
    if has_own_child(found, known):
        return None
    if (young := _says_own_age(found)) is not None:
        return young
    for mention in known.owned(PERSON):
        if mention.kind == PRONOUN and words[mention.start] in {"i", "im"} and mention.age:
            value = mention.age.value
            if (value if isinstance(value, int) else value["max"]) < 26:
                return mention.start, mention.end
    return None


def _says_own_age(found: Scan) -> tuple[int, int] | None:
    """ "am 12 in whitburn", "so im 15"."""
    words = found.words
    for index, word in enumerate(words[:400]):
        if word not in {"am", "im"} or (index and words[index - 1].isdigit()):
            continue
        after = index + 1
        while after < len(words) and words[after] in SOFT and after < index + 3:
            after += 1
        number = number_at(words, after) if after < len(words) and not found.tokens.breaks[after] else None
        ends = number is not None and (number[1] >= len(words) or words[number[1]] not in COUNTED)
        if number and ends and 5 < number[0] < 26:
            return index, number[1]
    return None


def _of_a_parent(found: Scan, index: int) -> bool:
    """ "mum asks for herself too"."""
    return bool(PARENTS & set(found.words[found.sentence_start(index) : index]))


def parent_on_phone(found: Scan) -> tuple[int, int] | None:
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


def person_is_there(found: Scan) -> tuple[int, int] | None:
    """ "she is here with me", "something she can use herself"."""
    words = found.words
    for index, word in enumerate(words):
        if word in {"herself", "himself"} and MAY_USE & set(words[max(0, index - 2) : index]):
            return index, index + 1
        if word in {"beside", "with"} and words[index + 1 : index + 2] == ["me"]:
            if not "".join(words[index + 2 : index + 3]).endswith("ing"):
                return index, index + 2
    return None


def witness_of(found: Scan, known: People) -> Asked | None:
    words = found.words
    for hit in found.hits("relation"):
        if hit.code != "witness":
            continue
        before = words[hit.start - 1] if hit.start else ""
        earlier = set(words[max(0, hit.start - 3) : hit.start])
        if before in {"a", "as", "the", "no", "any"} and words[hit.start] == "witness":
            continue
        if words[hit.start] == "in" and hit.end in known.starts and not found.tokens.breaks[hit.end]:
            continue
        if words[hit.start] != "in" and earlier & NOT_BY and not earlier & {"i"}:
            continue
        if earlier & {"he", "police"} and words[hit.start] in {"sees", "seeing"}:
            continue
        return "witness", ((hit.start, hit.end),)
    return _saw_it_done(found)


def _saw_it_done(found: Scan) -> Asked | None:
    """ "saw three boys of 15 and 16 stamp on a man", "4yo, saw sister choked": not "saw the boy who hit her"."""
    words, breaks = found.words, found.tokens.breaks
    for index, word in enumerate(words[:400]):
        if word not in SAW or (index and not breaks[index] and words[index - 1] not in SEES):
            continue
        for hit in found.between("concept", index + 2, index + 10):
            between = words[index + 1 : hit.start]
            stopped = any(breaks[index + 1 : hit.start + 1]) or WITHOUT_DEED & set(between)
            if hit.kind in {"harm", "act"} and not stopped and not found.nouns.isdisjoint(range(index + 1, hit.start)):
                return "witness", ((index, hit.end),)
    return None
