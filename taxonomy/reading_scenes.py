"""Places where something happened, though no word beside them says so: a workplace, a second place in the story."""

from taxonomy.people_words import people_words
from taxonomy.reading_grown_ups import AT_WORK
from taxonomy.reading_mentions import OTHER, People
from taxonomy.reading_scan import NameHit, Scan
from taxonomy.tokens import STRONG_BREAK

REACH = 14
"""Words after a place in which its sentence is looked at."""
ELSEWHERE = people_words("places_elsewhere")
"""Before a place that is neither home nor where it happened."""
GENERIC = frozenset({"glen", "loch", "strath", "isle", "ben", "mount"})
"""The first word of a name of two of which we know only the second."""


def is_half_a_name(found: Scan, place: NameHit) -> bool:
    """The Glen of "Glen Clova", when only Clova is known."""
    alone = place.end - place.start == 1 and found.words[place.start] in GENERIC
    return alone and any(other.start == place.end and not found.tokens.breaks[place.end] for other in found.places)


def is_workplace(found: Scan, place: NameHit) -> bool:
    """ "teacher at a secondary in Liberton": where they work, and where it happened; home is not said."""
    words = found.words
    if words[place.start - 1] not in {"in", "at"} or not found.harm_ends or place.start < 4:
        return False
    before = words[max(0, place.start - 7) : place.start]
    at = next((index for index, word in enumerate(before) if word in AT_WORK), None)
    return at is not None and any(
        before[index] in {"at", "in"} and before[index + 1] in {"a", "an", "the"}
        for index in range(at, len(before) - 1)
    )


def is_of_event(found: Scan, place: NameHit, known: People) -> bool:
    """A second place, said with in or at in the sentence of the harm or of the child who did it."""
    words, breaks = found.words, found.tokens.breaks
    lead = place.start - 1
    if lead > 1 and words[lead] in GENERIC:
        lead -= 1
    if (
        lead < 1
        or words[lead] not in {"in", "at", "on", "near", "outside", "through", "doon", "roon"}
        or breaks[lead + 1]
    ):
        return False
    first = found.sentence_start(lead)
    if ELSEWHERE & set(words[max(first, lead - 4) : lead]):
        return False
    last = place.end
    while last < len(words) and last < place.end + REACH and breaks[last] < STRONG_BREAK:
        last += 1
    harmed = any(hit.kind in {"harm", "hint", "act"} for hit in found.between("concept", first, last))
    return harmed or any(first <= mention.start < last for mention in known.owned(OTHER))
