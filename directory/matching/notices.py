"""What a worker must read before the list: what was missing, what is doubtful, what contradicts itself."""

from directory.matching.situation import Situation
from taxonomy import contradictions
from taxonomy.words import Understanding


def notices(known: Situation, understood: Understanding) -> tuple[str, ...]:
    """Sentences for above the list, most important first. `understood` is looked at for contradictions."""
    enquiry = known.enquiry
    found = list(contradictions.contradictions(understood))
    if not known.placed:
        found.append("No place was given, so only services for all of Scotland are shown. Where do they live?")
    elif enquiry.residence is None:
        found.append("Where do they live? Services of the place of harm are shown; most go by the home.")
    if known.outside_scotland:
        found.append(
            "They live outside Scotland. Shown are services for the place of harm and for all of Scotland. "
            "Record a hand-over to services where they live."
        )
    for place in (enquiry.residence, enquiry.harm_place):
        if place and place.choices:
            found.append(f"{place.name} may be {', or '.join(place.choices)}. Choose one to be sure.")
    if not enquiry.harms and not enquiry.needs:
        found.append("Nothing was said of what happened or what is needed, so the order is general.")
    return tuple(found)
