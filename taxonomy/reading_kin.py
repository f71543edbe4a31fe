"""Whose child, brother or sister somebody is: the caller's own ("my son"), or another's ("her friend's son")."""

from taxonomy.people_words import people_words
from taxonomy.reading_harming import OWN, POSSESSIVE
from taxonomy.reading_mentions import PERSON, Mention, People, is_of_another
from taxonomy.reading_scan import Scan

KIN_OWNING = people_words("relation_kin_owning")
"""Kin whose something is, written without an apostrophe."""


def possessed_by(found: Scan, mention: Mention) -> str:
    """The my, our, his or her before a group; "" without one, or when it is somebody else's ("my friend's son")."""
    if is_of_another(found, mention) or _is_joined_on(found, mention):
        return ""
    for index in (mention.lead, mention.lead - 1):
        if index >= 0 and found.words[index] in OWN | POSSESSIVE:
            return found.words[index]
    return ""


def _is_joined_on(found: Scan, mention: Mention) -> bool:
    """ "my year and a boy", "my uncles son": the "my" is of what stands before."""
    if mention.start and found.words[mention.start - 1] in KIN_OWNING:
        return True
    between = range(max(0, mention.lead), mention.start)
    if not any(found.words[index] == "and" for index in between):
        return False
    return found.words[mention.start - 1] in {"a", "an", "the", "this"}


def has_own_child(found: Scan, known: People) -> bool:
    """Whether the person is the caller's own child."""
    return any(m.kind == "child" and m.owner == PERSON and possessed_by(found, m) in OWN for m in known.mentions)
