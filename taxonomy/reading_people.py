"""Who is who: the person who needs help, the child who harmed, the caller, others; and so whose an age is."""

from itertools import pairwise

from taxonomy.people_words import people_words
from taxonomy.reading_families import died
from taxonomy.reading_harming import BY, OWN, POSSESSIVE, is_after_by, is_subject_of_harm
from taxonomy.reading_mentions import (
    CALLER,
    OTHER,
    PERSON,
    PRONOUN,
    PRONOUNS,
    SUBJECTS,
    THIRD,
    Mention,
    People,
    group_of,
    is_of_another,
    mentions_in,
)
from taxonomy.reading_refusals import add_refusals
from taxonomy.reading_rivals import is_done_to, is_new_after, is_not_the_first, is_right_after, settle_rivals
from taxonomy.reading_roles import settle_roles
from taxonomy.reading_scan import Scan
from taxonomy.reading_tongues import drop_unneeded
from taxonomy.reading_whose_ages import settle_ages
from taxonomy.word_sets import words_of
from taxonomy.word_weights import Weighed

NEARBY = 40
"""People looked at to tell who "he" is: more than any call speaks of."""
OTHERS = frozenset({"another", "other", "older", "bigger", "fellow", "unknown", "random"})
THINGS = words_of("things")
"""First words of harm phrases that are no verbs ("photos of him shared")."""
WED = frozenset({"husband", "wife", "partner"})
"""The caller's own: named beside the story far more often than as who harmed, unless a verb says so."""
NOT_DONE_TO = frozenset({"exploitation", "trafficking", "in_care_abuse", "neglect"})
"""Harms whose words have the person harmed as their subject ("running for them")."""


def people(found: Scan, whole: Weighed) -> People:
    """Every person mentioned, each given to somebody; `whole`: what the text as a whole tells of."""
    result = people_in_order(found)
    settle_ages(found, result, whole)
    add_refusals(found, result)
    drop_unneeded(found, result)
    _settle_joined(found, result)
    for mention in result.mentions:
        if mention.owner == OTHER and mention.kind in {PRONOUN, ""} and _is_grown(mention):
            mention.owner = PERSON
    return result


def _settle_joined(found: Scan, known: People) -> None:
    """ "A girl of 15 and a boy of 16 robbed my gran": both did."""
    for one, other in pairwise(known.mentions):
        between = found.words[one.end : other.start]
        joined = between[:1] == ["and"] and set(between[1:]) <= {"a", "an", "another", "the"}
        own = one.lead >= 0 and found.words[one.lead] in OWN | POSSESSIVE
        if joined and not own and one.owner == PERSON and other.owner == OTHER and one.age and other.age:
            one.owner = OTHER


NO_CHILD_FROM = 30
"""Who harmed is a child: somebody of this age and more, told of as "she" or by a number alone, is who was harmed."""


def _is_grown(mention: Mention) -> bool:
    value = mention.age.value if mention.age else 0
    return (value if isinstance(value, int) else value["min"]) >= NO_CHILD_FROM


def people_in_order(found: Scan) -> People:
    """The same by phrases and order alone: before what was learnt of whose an age is."""
    harms = {
        hit.start: hit
        for hit in found.hits("concept")
        if found.words[hit.start] not in THINGS
        and (hit.kind in {"death", "act"} or (hit.kind == "harm" and hit.code not in NOT_DONE_TO))
    }
    mentions = mentions_in(found)
    result = People(mentions, harms, frozenset(mention.start for mention in mentions if mention.kind))
    for mention in result.mentions:
        weak = mention.age is not None and mention.age.strength == 1
        if mention.kind != PRONOUN and not (weak and not mention.kind):
            mention.owner = _owner(found, mention, result)
    _settle_definite(found, result)
    _settle_siblings(found, result)
    settle_roles(found, result)
    settle_rivals(found, result)
    for mention in result.mentions:
        if mention.kind == PRONOUN:
            mention.owner = _owner_of_pronoun(found, mention, result)
    return result


def _owner(found: Scan, mention: Mention, known: People) -> str:
    words = found.words
    group = group_of(found, mention)
    lead = words[mention.lead] if mention.lead >= 0 else ""
    before = words[mention.lead - 1] if mention.lead >= 1 else ""
    own = (lead in OWN or (before in OWN and lead not in BY)) and not is_of_another(found, mention)
    if mention.kind == "harmer":
        return OTHER
    if is_after_by(found, mention, lead, before):
        return OTHER
    of_self = mention.kind == "partner" and bool({"herself", "himself"} & set(words[mention.end : mention.end + 3]))
    harms_others = (
        not of_self and is_subject_of_harm(found, mention, known) and not _another_does(found, mention, known)
    )
    if OTHERS & set(group) and not own:
        return OTHER
    if _is_blamed(found, mention, lead, before, own):
        return OTHER
    if harms_others and mention.kind not in {"parent"}:
        return OTHER
    if mention.kind == "partner":
        said = set(words[mention.start : mention.end])
        wed = bool(WED & said) and (own or lead in POSSESSIVE or (mention.age is None and "partner" not in said))
        return THIRD if wed or (own and not known.harm_words) else OTHER
    if mention.kind == "parent":
        return CALLER
    if mention.kind == "sibling":
        return THIRD
    if mention.kind == "relative" and not own:
        return THIRD
    if (mention.kind == "" and lead in {"i", "im"}) or (lead == "am" and before == "i"):
        return PERSON
    return PERSON


def _another_does(found: Scan, mention: Mention, known: People) -> bool:
    """ "He is 5 and an 8 year old bit him": the next one told of does it."""
    for other in known.starting(mention.end, mention.end + 7):
        if other.age and not other.kind and found.words[mention.end : mention.end + 1] == ["and"]:
            return any(index in known.harm_words for index in range(other.end, other.end + 4))
    return False


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


def _owner_of_pronoun(found: Scan, mention: Mention, known: People) -> str:
    """ "He is 12": the child who harmed when the person is of another gender, or when everybody else has an age."""
    if mention.gender is None:
        return PERSON
    if whose := is_right_after(found, mention, known):
        return whose
    if is_done_to(found, mention, known):
        return PERSON
    if is_not_the_first(found, mention, known):
        return OTHER
    place = known.mentions.index(mention) if len(known.mentions) < NEARBY else 0
    near = known.mentions[: place + NEARBY]
    before = [m for m in near if m is not mention and m.kind != PRONOUN]
    spoken = [m for m in near if m.kind == PRONOUN and m.start < mention.start and m.gender and m.owner == PERSON]
    persons = [m for m in before if m.owner == PERSON and m.kind and not is_new_after(found, m, mention)]
    others = [m for m in before if m.owner == OTHER]
    person_genders = {m.gender for m in persons if m.gender}
    alike = [m for m in others if m.gender in {mention.gender, None} and m.age is None and m.start < mention.start]
    if is_subject_of_harm(found, mention, known):
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
    own = any(m.kind == "child" and m.lead >= 0 and found.words[m.lead] in OWN for m in alike)
    if alike and (opposite or aged_persons or own):
        return OTHER
    return PERSON


def _settle_siblings(found: Scan, known: People) -> None:
    """A brother or sister harmed, when nobody else did: they moved out, share the room, or are told of as doing it."""
    if known.owned(OTHER):
        return
    for mention in known.mentions[:NEARBY]:
        if mention.kind != "sibling" or mention.owner != THIRD:
            continue
        told_of = known.harm_words and found.between("household", mention.end, mention.end + 7)
        if told_of or _may_have_harmed(found, mention, known):
            mention.owner = OTHER
            return


def _may_have_harmed(found: Scan, mention: Mention, known: People) -> bool:
    """ "her brother's 15 … he holds a pillow on her face", "her big brother, 17, was meant to cook": with an age, or
    with something they do; not who was hurt, who calls, or a little one."""
    words = found.words
    if not any(m.owner == PERSON and m.kind != PRONOUN for m in known.mentions[:NEARBY]):
        return False
    lead = {words[index] for index in (mention.lead, mention.lead - 1) if index >= 0}
    following = words[mention.end : mention.end + 3]
    if LITTLE & set(group_of(found, mention)) or NOT_HARMING & {*following, *lead} or died(found, mention):
        return False
    if lead & OWN and not {"me", "im", "i"} & set(words):
        return False
    hurt = found.between("concept", mention.end, mention.end + 4)
    passive = {"was", "got", "were", "been"} & set(words[mention.end : mention.end + 2])
    if passive and any(hit.kind in {"harm", "death", "act"} for hit in hurt):
        return False
    told = any(hit.kind in {"harm", "act", "hint"} for hit in found.hits("concept"))
    oldest = mention.age is not None and mention.age.strength > 1
    return told and (oldest or bool({"big", "older", "elder"} & set(group_of(found, mention))))


LITTLE = frozenset({"wee", "little", "younger", "baby", "peerie", "twin"})
NOT_HARMING = people_words("people_not_harming")


def _other_subject(found: Scan, gender: str) -> bool:
    return any(word in SUBJECTS and PRONOUNS[word] != gender for word in found.words[:100])


def _settle_definite(found: Scan, known: People) -> None:
    """ "The boy is 12" is the child who harmed, once somebody else has been spoken of."""
    seen_person: Mention | None = None
    for mention in known.mentions:
        if mention.owner != PERSON:
            continue
        group = group_of(found, mention)
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
