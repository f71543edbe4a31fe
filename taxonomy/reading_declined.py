"""What was refused outright: the police ("no polis"), and who would have helped at school ("not his aunt").

Whoever says "no police" is not offered the police; "no police yet" only says when. Danger keeps its own line (999).
"""

from collections.abc import Sequence

from taxonomy.people_words import people_words
from taxonomy.reading_concepts import Concepts
from taxonomy.reading_facts import Fact
from taxonomy.reading_scan import Scan

THE_POLICE = "Police Scotland 101"
"""The service, by its name in every directory."""
POLICE = frozenset({"police", "polis", "cops", "officer", "officers"})
REFUSING = people_words("declined_refusing")
"""A no to what comes; "nothing", "none", "never" and "can't" tell of what was ("heard nothing from the police")."""
BETWEEN = people_words("declined_between")
"""All that may stand between the no and the police: "doesn't want them to go to the"."""
NOT_YET = people_words("declined_not_yet")
SOON = 4
"""Words after the police within which a "yet" still belongs to it."""
ROLES = {"School counsellor": "school_counselling"}
"""Who was refused by role → the need they would have met."""


def police_refused(found: Scan, read: Concepts) -> list[Fact]:
    """The police, to be kept away from, where they were refused once and wanted nowhere; otherwise nothing."""
    if "reporting" not in read.negated:
        return []
    spans = [span for span in read.negated["reporting"] if _is_refusal(found, *span)]
    return [Fact(THE_POLICE, tuple(spans))] if spans else []


def _is_refusal(found: Scan, start: int, end: int) -> bool:
    words = found.words[start:end]
    if words[0] not in REFUSING or not POLICE & set(words):
        return False
    police = next(at for at, word in enumerate(words) if word in POLICE)
    return set(words[1:police]) <= BETWEEN and not NOT_YET & set(found.words[start + police : end + SOON])


def decline_roles(read: Concepts, avoided: Sequence[Fact]) -> None:
    """Rules out what only somebody who was refused would have given."""
    for fact in avoided:
        if need := ROLES.get(fact.value):
            read.needs.pop(need, None)
            read.negated.setdefault(need, list(fact.spans))
