"""Who is spoken of: the person who needs help, the child who harmed, the caller, others; and whose an age is."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from taxonomy.reading_ages import PLURALS, SOFT, AgeHit, ages
from taxonomy.reading_scan import Hit, Scan
from taxonomy.word_sets import words_of

PERSON, OTHER, CALLER, THIRD = "person", "other", "caller", "third"
"""The person who needs help; the child who harmed; the one on the phone; somebody else."""

PRONOUN = "pronoun"
"""The kind of a mention that is a pronoun with an age ("she's 12")."""
NEARBY = 40
"""People looked at to tell who "he" is: more than any call speaks of."""
OWN = frozenset({"my", "our", "ma", "oor", "wur", "mine"})
POSSESSIVE = frozenset({"his", "her", "their", "hers"})
QUALIFIERS = words_of("qualifiers")
OTHERS = frozenset({"another", "other", "older", "bigger", "fellow", "unknown", "random"})
BY = frozenset({"by", "aff", "off", "frae"})
FROM = frozenset({"from", "fae", "with", "wi", "against"})
OBJECTS = words_of("objects")
DID = frozenset({"did", "done", "does", "admitted", "admits", "responsible"})
BETWEEN = words_of("between")
PRONOUNS = {
    "she": "female",
    "shes": "female",
    "her": "female",
    "hers": "female",
    "herself": "female",
    "hersel": "female",
    "he": "male",
    "hes": "male",
    "him": "male",
    "his": "male",
    "himself": "male",
    "himsel": "male",
}
SUBJECTS = frozenset({"she", "shes", "he", "hes"})


NOT_DONE_TO = frozenset({"exploitation", "trafficking", "in_care_abuse", "neglect"})
"""Harms whose words have the person harmed as their subject ("running for them")."""


@dataclass(slots=True)
class Mention:
    """A person spoken of, as a noun with the age beside it, or as an age alone. `kind` "" when there is no noun."""

    start: int
    end: int
    kind: str
    owner: str = PERSON
    gender: str | None = None
    age: AgeHit | None = None
    lead: int = -1
    """Index of the word before the whole group ("by", "my"); -1 at the start."""


@dataclass(slots=True)
class People:
    """All mentions in order, and the harm verbs among the words."""

    mentions: list[Mention]
    harm_words: dict[int, Hit]
    starts: frozenset[int] = frozenset()
    """First words of the mentions that have a noun."""
    """By the first word of each harm phrase."""

    def owned(self, owner: str) -> list[Mention]:
        return [mention for mention in self.mentions if mention.owner == owner]


def people(found: Scan) -> People:
    """Every person mentioned, each given to somebody."""
    harms = {
        hit.start: hit
        for hit in found.hits("concept")
        if hit.kind in {"death", "act"} or (hit.kind == "harm" and hit.code not in NOT_DONE_TO)
    }
    mentions = _mentions(found)
    result = People(mentions, harms, frozenset(mention.start for mention in mentions if mention.kind))
    for mention in result.mentions:
        weak = mention.age is not None and mention.age.strength == 1
        if mention.kind != PRONOUN and not (weak and not mention.kind):
            mention.owner = _owner(found, mention, result)
    _settle_definite(found, result)
    _settle_siblings(found, result)
    for mention in result.mentions:
        if mention.kind == PRONOUN:
            mention.owner = _owner_of_pronoun(found, mention, result)
    return result


def _mentions(found: Scan) -> list[Mention]:
    genders = {hit.start: hit.code for hit in found.hits("gender") if hit.code}
    mentions: list[Mention] = []
    for hit in found.hits("noun"):
        code = hit.kind if hit.kind != "kin" else hit.code
        gender = next((genders[i] for i in range(hit.start, hit.end) if i in genders), None)
        if mentions and mentions[-1].start == hit.start and mentions[-1].end == hit.end:
            mentions[-1].kind = code if hit.kind != "person" else mentions[-1].kind
            continue
        mentions.append(Mention(hit.start, hit.end, code, gender=gender))
    _add_nouns_of_gender(found, mentions)
    mentions.sort(key=lambda mention: mention.start)
    nouns = list(mentions)
    starts = [mention.start for mention in nouns]
    for age in ages(found):
        first = bisect_left(starts, age.start - 8)
        near = nouns[first : bisect_left(starts, age.end + 6)]
        known = len(near)
        _attach(found, near, age)
        mentions.extend(near[known:])
    mentions.sort(key=lambda mention: mention.start)
    for mention in mentions:
        mention.lead = _lead(found, mention)
    return mentions


def _add_nouns_of_gender(found: Scan, mentions: list[Mention]) -> None:
    covered = {index for mention in mentions for index in range(mention.start, mention.end)}
    for hit in found.hits("gender"):
        if hit.start not in covered and found.words[hit.start] not in PRONOUNS and hit.code:
            mentions.append(Mention(hit.start, hit.end, "adult" if hit.code else "", gender=hit.code))


def _attach(found: Scan, mentions: list[Mention], age: AgeHit) -> None:
    """Give an age to the noun right after it, or to the nearest one before it in the same sentence."""
    words, breaks = found.words, found.tokens.breaks
    best: Mention | None = None
    if any(mention.age and mention.start < age.end and age.start < mention.end for mention in mentions):
        return
    if (spoken := _pronoun_before(found, age)) is not None:
        gender = PRONOUNS.get(words[spoken])
        mentions.append(Mention(spoken, age.end, PRONOUN, gender=gender, age=age))
        return
    if age.strength == 1:
        mentions.append(Mention(age.start, age.end, "", age=age))
        return
    for mention in mentions:
        if (
            mention.age is None
            and age.end <= mention.start <= age.end + 3
            and not any(breaks[age.end : mention.start + 1][:4])
        ):
            if all(
                word in QUALIFIERS or found.words[i] in QUALIFIERS
                for i, word in enumerate(words[age.end : mention.start], age.end)
            ):
                best = mention
                break
    if best is None:
        for mention in reversed(mentions):
            if mention.end <= age.start and age.start - mention.end <= 5 and mention.age is None:
                between = words[mention.end : age.start]
                strong = sum(1 for b in breaks[mention.end : age.start + 1] if b)
                if _cannot_be(found, mention, age, bool(strong)):
                    break
                if strong <= 1 and 2 not in breaks[mention.end : age.start + 1] and all(w in _LINKS for w in between):
                    best = mention
                break
            if mention.start < age.end < mention.end or mention.start <= age.start < mention.end:
                best = mention if mention.age is None else None
                break
    if best is None:
        mentions.append(Mention(age.start, age.end, "", age=age))
        return
    best = _subject_instead(found, mentions, best, age)
    best.age = age
    if best.end <= age.start - 4:
        best.end = max(best.end, best.start + 1)
        return
    best.start, best.end = min(best.start, age.start), max(best.end, age.end)


_LINKS = words_of("_links")


def _cannot_be(found: Scan, mention: Mention, age: AgeHit, apart: bool) -> bool:
    """Several boys have no one age across a comma; a mum is not ten."""
    oldest = age.value if isinstance(age.value, int) else age.value["max"]
    plural = found.words[mention.end - 1] in PLURALS and isinstance(age.value, int)
    return (plural and apart) or (mention.kind == "parent" and oldest < 16)


def _subject_instead(found: Scan, mentions: list[Mention], object_: Mention, age: AgeHit) -> Mention:
    """ "The lassie that battered my wean is 13": the age is the lassie's, not the wean's."""
    if age.start <= object_.end or found.words[object_.end] not in {"is", "was"}:
        return object_
    for mention in reversed(mentions):
        if mention.end < object_.start <= mention.end + 6 and mention.age is None:
            relative = mention.kind == "harmer" or found.words[mention.end] in {"who", "that", "wha"}
            return mention if relative else object_
    return object_


def _pronoun_before(found: Scan, age: AgeHit) -> int | None:
    """The "she" of "she is only 12"; "I" too."""
    for index in range(age.start - 1, max(-1, age.start - 5), -1):
        word = found.words[index]
        if word in SUBJECTS or word in {"i", "im"}:
            return index if not any(found.tokens.breaks[index + 1 : age.start + 1]) else None
        if word not in SOFT:
            return None
    return None


def _lead(found: Scan, mention: Mention) -> int:
    """The word before the group, over its adjectives."""
    index = mention.start - 1
    while index >= 0 and not found.tokens.breaks[index + 1] and mention.start - index <= 6:
        if found.words[index] not in QUALIFIERS and index not in found.tokens.possessive:
            return index
        index -= 1
    return index if index >= 0 and not found.tokens.breaks[index + 1] else -1


def _group(found: Scan, mention: Mention) -> list[str]:
    start = mention.lead + 1 if mention.lead >= 0 else max(0, mention.start - 3)
    if mention.lead < 0:
        while start < mention.start and (
            any(found.tokens.breaks[start + 1 : mention.start + 1]) or found.words[start] not in QUALIFIERS
        ):
            start += 1
    return found.words[start : mention.end]


def _owner(found: Scan, mention: Mention, known: People) -> str:
    words = found.words
    group = _group(found, mention)
    lead = words[mention.lead] if mention.lead >= 0 else ""
    before = words[mention.lead - 1] if mention.lead >= 1 else ""
    own = (lead in OWN or (before in OWN and lead not in BY)) and not is_of_another(found, mention)
    if mention.kind == "harmer":
        return OTHER
    if _after_by(found, mention, lead, before):
        return OTHER
    harms_others = _is_subject_of_harm(found, mention, known)
    if OTHERS & set(group) and not own:
        return OTHER
    if _is_blamed(found, mention, lead, before, own):
        return OTHER
    if harms_others and mention.kind not in {"parent"}:
        return OTHER
    if mention.kind == "partner":
        return OTHER if not own or known.harm_words else THIRD
    if mention.kind == "parent":
        return CALLER
    if mention.kind == "sibling":
        return THIRD
    if mention.kind == "relative" and not own:
        return THIRD
    if (mention.kind == "" and lead in {"i", "im"}) or (lead == "am" and before == "i"):
        return PERSON
    return PERSON


def _is_blamed(found: Scan, mention: Mention, lead: str, before: str, own: bool) -> bool:
    """ "it was her cousin, 14", "we think it's the 13 year old along the road"."""
    if own or found.words[mention.end : mention.end + 1] in (["who"], ["whos"], ["that"]):
        return False
    at = mention.lead
    if lead in POSSESSIVE:
        at, lead, before = at - 1, before, found.words[at - 2] if at >= 2 else ""
    it_is = lead == "its" or (lead in {"was", "is"} and before == "it")
    if not it_is:
        return False
    kin = mention.kind in {"sibling", "relative", "partner"} or is_of_another(found, mention)
    return kin or any(hit.kind == "harm" and hit.end <= at for hit in found.between("concept", at - 30, at))


def is_of_another(found: Scan, mention: Mention) -> bool:
    """ "my dad's girlfriend's son", "her friend's brother"."""
    return any(index in found.tokens.possessive for index in range(max(0, mention.lead + 1), mention.start))


def _after_by(found: Scan, mention: Mention, lead: str, before: str) -> bool:
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


def _is_subject_of_harm(found: Scan, mention: Mention, known: People) -> bool:
    """ "a 10 year old punched my son", "boy in her class shared her nudes", "the boy who did it"."""
    words, breaks = found.words, found.tokens.breaks
    index = mention.end
    passive = False
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
            passive = words[index + 1 : index + 2] != ["the"] and not words[index + 1 : index + 2][0:1] == ["in"]
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


def _owner_of_pronoun(found: Scan, mention: Mention, known: People) -> str:
    """ "He is 12": the child who harmed when the person is of another gender, or when everybody else has an age."""
    if mention.gender is None:
        return PERSON
    place = known.mentions.index(mention) if len(known.mentions) < NEARBY else 0
    near = known.mentions[: place + NEARBY]
    before = [m for m in near if m is not mention and m.kind != PRONOUN]
    spoken = [m for m in near if m.kind == PRONOUN and m.start < mention.start and m.gender and m.owner == PERSON]
    persons = [m for m in before if m.owner == PERSON and m.kind]
    others = [m for m in before if m.owner == OTHER]
    person_genders = {m.gender for m in persons if m.gender}
    alike = [m for m in others if m.gender in {mention.gender, None} and m.age is None and m.start < mention.start]
    if _is_subject_of_harm(found, mention, known):
        return OTHER
    if any(m.kind == "sibling" and m.owner == THIRD and m.gender == mention.gender for m in before):
        return PERSON
    if mention.gender in person_genders:
        aged = any(m.age and m.gender == mention.gender for m in persons)
        return OTHER if aged and alike else PERSON
    if person_genders or any(m.gender != mention.gender for m in spoken):
        return OTHER
    opposite = any(PRONOUNS.get(word) not in {None, mention.gender} for word in found.words[:100])
    aged_persons = [m for m in near if m is not mention and m.owner == PERSON and m.age and m.start < mention.start]
    if alike and (opposite or aged_persons):
        return OTHER
    return PERSON


def _settle_siblings(found: Scan, known: People) -> None:
    """A brother or sister of whom it is said that they moved out or share the room harmed, when nobody else did."""
    if known.owned(OTHER) or not known.harm_words:
        return
    for mention in known.mentions:
        if mention.kind == "sibling" and mention.owner == THIRD:
            if found.between("household", mention.end, mention.end + 7):
                mention.owner = OTHER


def _other_subject(found: Scan, gender: str) -> bool:
    return any(word in SUBJECTS and PRONOUNS[word] != gender for word in found.words[:100])


def _settle_definite(found: Scan, known: People) -> None:
    """ "the boy is 12" is the child who harmed once somebody else has been spoken of, and an age given to the other is his."""
    seen_person: Mention | None = None
    for mention in known.mentions:
        if mention.owner != PERSON:
            continue
        group = _group(found, mention)
        definite = bool(group) and group[0] in {"the", "this", "that"} and mention.kind not in {"", "adult"}
        named = found.words[mention.end - 1] in {"victim", "caller"} or found.words[mention.start] in {
            "victim",
            "caller",
        }
        if (
            definite
            and seen_person is None
            and mention.start > 1
            and mention.gender
            and _other_subject(found, mention.gender)
        ):
            mention.owner = OTHER
            continue
        if (
            definite
            and seen_person is not None
            and not named
            and not (mention.age and seen_person.age is None and seen_person.kind == "parent")
        ):
            mention.owner = OTHER
            continue
        if mention.kind or mention.age:
            seen_person = seen_person or mention


def same_words(hits: Sequence[Hit]) -> set[int]:
    """All word positions of some phrases."""
    return {index for hit in hits for index in range(hit.start, hit.end)}
