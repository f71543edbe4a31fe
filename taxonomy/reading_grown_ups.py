"""Grown-ups told of without a number ("PE teacher punched"), and who calls because it is their work."""

from taxonomy.people_words import people_words
from taxonomy.reading_mentions import CALLER, OTHER, PERSON, PRONOUN, THIRD, Mention, People, group_of
from taxonomy.reading_scan import Scan
from taxonomy.reading_workers import worker_opens
from taxonomy.tokens import STRONG_BREAK

GROWN = people_words("grown_ups_grown")
YOUNG = people_words("grown_ups_young")
"""Before a man or woman: no grown-up's age, or one already read."""
AT_WORK = people_words("grown_ups_at_work")
"""Who does this is grown up."""
TRAINING = frozenset({"student", "apprentice", "saturday", "pupil", "trainee", "young", "junior"})
CALLING = people_words("grown_ups_calling")
ROLES = people_words("grown_ups_roles")
"""Who calls because it is their work, when another person is told of."""
TITLES = people_words("grown_ups_titles")
ABOUT = people_words("grown_ups_about")


def grown_up(found: Scan, known: People) -> tuple[int, int] | None:
    """The words for a grown-up who is the person harmed and has no age; None when a child is."""
    for mention in known.mentions:
        if mention.kind == PRONOUN or mention.owner in {OTHER, THIRD}:
            continue
        if mention.owner == CALLER:
            continue
        words = found.words[mention.start : mention.end]
        if mention.kind == "parent" and mention.owner == PERSON:
            return mention.start, mention.end
        if GROWN & set(words):
            return None if _is_young_or_wanted(found, mention) else (mention.start, mention.end)
        if mention.kind == "child":
            return None
    at_work = _at_work(found)
    return at_work if at_work and not is_professional_call(found, known) else None


def _is_young_or_wanted(found: Scan, mention: Mention) -> bool:
    group = set(group_of(found, mention)) | set(found.words[max(0, mention.start - 1) : mention.start])
    wanted = {"wants", "want", "prefers", "prefer", "speak", "talk", "needs", "see", "by"}
    return bool(group & YOUNG) or bool(wanted & set(found.words[max(0, mention.start - 3) : mention.start]))


def _at_work(found: Scan) -> tuple[int, int] | None:
    """ "PE teacher at a secondary …", "I'm a nurse", "bus driver spat on": the first told of."""
    words, breaks = found.words, found.tokens.breaks
    for index, word in enumerate(words[:40]):
        if word not in AT_WORK or index in found.tokens.possessive:
            continue
        before = words[max(0, index - 3) : index]
        if TRAINING & set(before):
            continue
        at_start = index < 7 and not any(breaks[i] == STRONG_BREAK for i in range(1, index + 1))
        myself = bool({"im", "am", "i", "as", "shes", "hes"} & set(words[max(0, index - 4) : index]))
        others = {"by", "told", "the", "her", "his", "their", "my", "saw", "aff", "from", "to"} & set(before)
        if (at_start or myself) and not others:
            start = index - 1 if index and words[index - 1] not in {"a", "an"} and not breaks[index] else index
            return start, index + 1
    return None


def is_professional_call(found: Scan, known: People) -> bool:
    """Whether somebody calls for a person because it is their work ("SW on duty: …", "nurse calling")."""
    words = found.words
    subjects = [m for m in known.owned(PERSON) if m.kind in {"child", "person", "adult"} or m.age]
    if (found.hits("speaker") and subjects) or worker_opens(found, known):
        return True
    for index, word in enumerate(words[:200]):
        role = word.removesuffix("s") if index in found.tokens.possessive else word
        if role not in ROLES:
            continue
        if {"her", "his", "told", "the", "by", "my", "to", "see", "from"} & set(words[max(0, index - 2) : index]):
            if not {"calling", "phoning", "ringing"} & set(words[index + 1 : index + 3]):
                continue
        after = words[index + 1 : index + 4]
        if {"calling", "phoning", "ringing", "asking"} & set(after) or after[:2] == ["on", "phone"]:
            return True
        if role in {"advocate", "tutor", "flo", "keyworker"} and CALLING & set(after):
            return True
        first = index < 5 and not any(b == STRONG_BREAK for b in found.tokens.breaks[1 : index + 1])
        late = [m for m in subjects if m.start > index]
        if role == "flo" or (role == "manager" and {"on", "phone"} <= set(after)):
            return True
        titled = role in {"sw", "hv"} or (index and words[index - 1] in TITLES)
        if first and titled and late and not _harmed_at_work(found, index):
            return True
    return False


def _harmed_at_work(found: Scan, index: int) -> bool:
    """ "Support worker punched by a lad of 14": the worker is the one harmed."""
    ends = found.tokens.clause_end(index, 12)
    return any(hit.kind in {"harm", "act"} for hit in found.between("concept", index, ends)) and bool(
        {"by", "aff", "off"} & set(found.words[index:ends])
    )
