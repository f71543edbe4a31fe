"""People as a text names them: each noun, pronoun or age that stands for somebody, with the age said of them."""

from bisect import bisect_left
from dataclasses import dataclass

from taxonomy.reading_ages import ages
from taxonomy.reading_bare_ages import SOFT, AgeHit
from taxonomy.reading_numbers import PLURALS, number_at
from taxonomy.reading_scan import START, Hit, Scan
from taxonomy.word_sets import words_of

PERSON, OTHER, CALLER, THIRD = "person", "other", "caller", "third"
"""The person who needs help; the child who harmed; the one on the phone; somebody else."""
PRONOUN = "pronoun"
"""The kind of a mention that is a pronoun with an age ("she's 12")."""
QUALIFIERS = words_of("qualifiers")
LINKS = words_of("links") | {"also", "baith", "both", "jist"}
"""Words that may stand between a noun and the age after it."""
FEMALE, MALE = words_of("female_pronouns"), words_of("male_pronouns")
PRONOUNS = dict.fromkeys(FEMALE, "female") | dict.fromkeys(MALE, "male")
GENDERS_OF = {"sisters": "female", "daughters": "female", "lassies": "female", "girls": "female", "mums": "female"} | {
    "brothers": "male", "sons": "male", "lads": "male", "boys": "male", "dads": "male"
}  # fmt: skip
"""Whose something is, with 's: "my sister's 11"."""
MOST = 150
"""Nouns for people read in one text: more than any call speaks of."""
SUBJECTS = frozenset({"she", "shes", "he", "hes"})


@dataclass(slots=True, eq=False)
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
    """All mentions in order, the harm verbs by their first word, and the first words of the mentions with a noun."""

    mentions: list[Mention]
    harm_words: dict[int, Hit]
    starts: frozenset[int] = frozenset()
    own_child: bool = False
    """The caller's own child harms the caller."""

    def starting(self, first: int, last: int) -> list[Mention]:
        """The mentions that begin at word `first` or later, and before `last`."""
        return self.mentions[bisect_left(self.mentions, first, key=START) : bisect_left(self.mentions, last, key=START)]

    def owned(self, owner: str) -> list[Mention]:
        return [mention for mention in self.mentions if mention.owner == owner]


def mentions_in(found: Scan) -> list[Mention]:
    genders = {hit.start: hit.code for hit in found.hits("gender") if hit.code}
    mentions: list[Mention] = []
    for hit in found.hits("noun")[:MOST]:
        code = hit.kind if hit.kind != "kin" else hit.code
        gender = next((genders[i] for i in range(hit.start, hit.end) if i in genders), None)
        if mentions and mentions[-1].start == hit.start and mentions[-1].end == hit.end:
            mentions[-1].kind = code if hit.kind != "person" else mentions[-1].kind
            continue
        if gender is None and hit.end - 1 in found.tokens.possessive:
            gender = GENDERS_OF.get(found.words[hit.end - 1])
        mentions.append(Mention(hit.start, hit.end, code, gender=gender))
    _add_nouns_of_gender(found, mentions)
    _add_short_forms(found, mentions)
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


SHORT_FORMS = {
    "boyfriends": ("partner", "male"),
    "girlfriends": ("partner", "female"),
    "partners": ("partner", None),
    "exs": ("partner", None),
    "cousins": ("relative", None),
    "nephews": ("relative", "male"),
    "nieces": ("relative", "female"),
    "pals": ("person", None),
    "flatmates": ("person", None),
}
"""Nouns with 's for "is" before an age ("her boyfriend's 17")."""


def _add_short_forms(found: Scan, mentions: list[Mention]) -> None:
    covered = {index for mention in mentions for index in range(mention.start, mention.end)}
    for index in sorted(found.tokens.possessive - covered):
        meant = SHORT_FORMS.get(found.words[index])
        if meant and index + 1 < len(found.words) and number_at(found.words, index + 1):
            mentions.append(Mention(index, index + 1, meant[0], gender=meant[1]))


def _add_nouns_of_gender(found: Scan, mentions: list[Mention]) -> None:
    covered = {index for mention in mentions for index in range(mention.start, mention.end)}
    for hit in found.hits("gender")[: 2 * MOST]:
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
            if all(word in QUALIFIERS and word != "and" for word in words[age.end : mention.start]):
                best = mention
                break
    if best is None:
        for mention in reversed(mentions):
            if mention.end <= age.start and age.start - mention.end <= 5 and mention.age is None:
                between = words[mention.end : age.start]
                strong = sum(1 for b in breaks[mention.end : age.start + 1] if b)
                if _cannot_be(found, mention, age, bool(strong)):
                    break
                if strong <= 1 and 2 not in breaks[mention.end : age.start + 1] and all(w in LINKS for w in between):
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


def group_of(found: Scan, mention: Mention) -> list[str]:
    start = mention.lead + 1 if mention.lead >= 0 else max(0, mention.start - 3)
    if mention.lead < 0:
        while start < mention.start and (
            any(found.tokens.breaks[start + 1 : mention.start + 1]) or found.words[start] not in QUALIFIERS
        ):
            start += 1
    return found.words[start : mention.end]


def is_of_another(found: Scan, mention: Mention) -> bool:
    """ "my dad's girlfriend's son", "her friend's brother"."""
    return any(
        index in found.tokens.possessive for index in range(max(0, mention.lead + 1, mention.start - 4), mention.start)
    )
