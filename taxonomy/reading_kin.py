"""Whose child, brother or sister somebody is: the caller's own ("my son"), or another's ("her friend's son")."""

from taxonomy.reading_harming import OWN, POSSESSIVE
from taxonomy.reading_mentions import PERSON, Mention, People, is_of_another
from taxonomy.reading_scan import Scan


def possessed_by(found: Scan, mention: Mention) -> str:
    """The my, our, his or her before a group; "" without one, or when it is somebody else's ("my friend's son")."""
    if is_of_another(found, mention):
        return ""
    for index in (mention.lead, mention.lead - 1):
        if index >= 0 and found.words[index] in OWN | POSSESSIVE:
            return found.words[index]
    return ""


def has_own_child(found: Scan, known: People) -> bool:
    """Whether the person is the caller's own child."""
    return any(m.kind == "child" and m.owner == PERSON and possessed_by(found, m) in OWN for m in known.mentions)
