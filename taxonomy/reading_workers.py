"""A worker's call told from its opening ("Duty SW, East Ayrshire.", "Care home, Dumfries: …"): who is on the phone."""

from taxonomy.people_words import people_words
from taxonomy.reading_mentions import OTHER, People
from taxonomy.reading_scan import Scan

GREETINGS = people_words("workers_greetings")
ROLES = people_words("workers_roles")
"""Who calls because it is their work."""
TITLED = people_words("workers_titled")
"""Roles only with a title before them ("link worker"): alone they are anybody's."""
TITLES = people_words("workers_titles")
PLACES = people_words("workers_places")
"""Places of work that call, by their last word, after one of their first words ("care home", "residential unit")."""
PLACES_OF = people_words("workers_places_of")
FOLLOWING = people_words("workers_following")
SUBJECTS = people_words("workers_subjects")
"""Words of a worker for the person they call about."""
NOT_BEFORE = people_words("workers_not_before")
RANKED = people_words("workers_ranked")
"""Before a name: "PC Reid, Lochgilphead"."""
LONGEST = 8
FIRST_WORDS = 16
CLAUSES = 4
"""How many clauses of the first words may be the one that says who calls."""
FULL_AGE = 18


def worker_opens(found: Scan, known: People) -> tuple[int, int] | None:
    """The words by which a worker opens the call; None when they are themselves the one harmed, or nobody opens so."""
    starts = [0, *(i for i in range(1, min(len(found.words), FIRST_WORDS)) if found.tokens.breaks[i])]
    for first in starts[:CLAUSES]:
        if (opening := _opening(found, known, _after_greeting(found, first))) is not None:
            return opening
    return None


def _opening(found: Scan, known: People, start: int) -> tuple[int, int] | None:
    end = min(len(found.words), start + LONGEST)
    for index in range(start + 1, end):
        if found.tokens.breaks[index]:
            end = index
            break
    role = next((index for index in range(start, end) if _is_role(found, index)), None)
    if role is None or any(
        hit.kind in {"harm", "act"} and found.words[hit.start] not in TITLES
        for hit in found.between("concept", start, end)
    ):
        return None
    if any(m.age or m.kind in {"child", "sibling", "parent"} for m in known.mentions if m.start < role):
        return None
    if NOT_BEFORE & set(found.words[start:role]) - {"the"} or _is_asked_for(found, role):
        return None
    return (start, role + 1) if not _is_harmed(found, known, role) and _tells_of_another(found, known, role) else None


def _is_asked_for(found: Scan, role: int) -> bool:
    """ "child's play therapist?": what a caller asks for."""
    tokens = found.tokens
    return role + 1 < len(tokens) and "?" in tokens.text[tokens.ends[role] : tokens.starts[role + 1]]


def _after_greeting(found: Scan, index: int) -> int:
    words, last = found.words, index + LONGEST
    while index < min(len(words) - 1, last) and words[index] in GREETINGS:
        index += 1
    return index


def _is_role(found: Scan, index: int) -> bool:
    """The last word of a role: a break follows it, a place, or what callers say next; not "police gave us"."""
    words = found.words
    word, before = words[index], words[index - 1] if index else ""
    if word == "head" and words[index + 1 : index + 2] == ["of"]:
        return True
    if word not in ROLES and not (word in TITLED and before in TITLES) and not (word in PLACES and before in PLACES_OF):
        return False
    after = index + 1
    if word in RANKED and after + 1 < len(words) and not found.tokens.breaks[after] and found.tokens.breaks[after + 1]:
        return True
    placed = any(place.start == after for place in found.places)
    return after >= len(words) or found.tokens.breaks[after] > 0 or words[after] in FOLLOWING or placed


def _is_harmed(found: Scan, known: People, role: int) -> bool:
    """ "Teacher, 45, punched …": their own age follows; "nurse, I was kicked"."""
    for mention in known.starting(role - 3, role + 3):
        if mention.age and mention.age.start <= role + 2:
            value = mention.age.value
            if (value if isinstance(value, int) else value["max"]) >= FULL_AGE:
                return True
    words = found.words
    if "by" in words[role + 2 : role + 5] and any(
        hit.kind in {"harm", "act"} for hit in found.between("concept", role + 1, role + 3)
    ):
        return True
    following = [hit for hit in found.between("concept", role, role + 9) if hit.kind in {"harm", "act"}]
    return any(
        words[hit.start - 1] in {"i", "was", "got", "been"} and "i" in words[role : hit.start] for hit in following
    )


def _tells_of_another(found: Scan, known: People, role: int) -> bool:
    later = [m for m in known.mentions if m.start > role and m.owner != OTHER]
    return any(m.age or m.kind in {"child", "adult", "person"} for m in later) or bool(
        SUBJECTS & set(found.words[role + 1 : role + 60])
    )
