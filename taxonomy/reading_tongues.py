"""Languages that are nobody's need: a parent's own, a school subject, the other child's, one that is not needed."""

from taxonomy.people_words import people_words
from taxonomy.reading_mentions import OTHER, People
from taxonomy.reading_scan import Hit, Scan

PARENTS = people_words("tongues_parents")
SUBJECTS = people_words("tongues_subjects")
ENGLISH_GOOD = frozenset({"he", "she", "hes", "shes", "himself", "herself"})
SPEAKS = frozenset({"does", "fine", "speaks", "good", "fluent", "talking"})


def drop_unneeded(found: Scan, known: People) -> None:
    """Take out of the scan the languages that the person does not need."""
    hits = found.layers.get("language")
    if hits:
        found.layers["language"] = [hit for hit in hits if not _is_unneeded(found, hit, known)]


def _is_unneeded(found: Scan, hit: Hit, known: People) -> bool:
    words = found.words
    if words[hit.end : hit.end + 1] and words[hit.end] in SUBJECTS:
        return True
    if hit.code != "bsl" and any(
        m.owner == OTHER and m.start - 2 <= hit.start < m.end and not any(found.tokens.breaks[hit.end : m.start + 1])
        for m in known.starting(hit.start - 8, hit.start + 3)
    ):
        return True
    before = words[max(0, hit.start - 4) : hit.start]
    if not PARENTS & set(before):
        return False
    after = words[hit.end : hit.end + 24]
    return any(
        word in ENGLISH_GOOD and SPEAKS & set(after[index + 1 : index + 4]) for index, word in enumerate(after)
    ) or ("himself" in after or "herself" in after)
