"""Where somebody lives and where harm happened, told apart by the words before each place."""

from bisect import bisect_left
from dataclasses import dataclass

from taxonomy.lexicon import ordinary_words
from taxonomy.people_words import people_words
from taxonomy.reading_facts import Fact
from taxonomy.reading_harming import OWN
from taxonomy.reading_mentions import OTHER, PERSON, People
from taxonomy.reading_scan import START, Hit, NameHit, Scan
from taxonomy.reading_scenes import is_half_a_name, is_of_event, is_workplace
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

MOST = 60
"""Places looked at in one text: more than any call names."""
REACH = 14
"""Words before a place in which a cue for it may stand."""
PREPOSITIONS = words_of("prepositions")
TITLES = words_of("titles")
"""Right before a name that towns and people share: "PC Renton"."""
NOT_A_PLACE_BEFORE = words_of("not_a_place_before")
"""After a place name: the name goes on, and is a school, a street or a club."""
NEVER = words_of("never")


@dataclass(frozen=True, slots=True)
class Places:
    """Residence and place of harm, and the places that were neither."""

    residence: Fact | None = None
    harm_place: Fact | None = None
    unused: tuple[tuple[int, int], ...] = ()


def places(found: Scan, known: People, avoided: set[int]) -> Places:
    """Give each place a part. One place with no cue is where the person lives."""
    residence: NameHit | None = None
    harm_place: NameHit | None = None
    free: list[NameHit] = []
    unused: list[NameHit] = []
    previous_end = 0
    for place in found.places[:MOST]:
        if not _is_meant(found, place) or place.start in avoided or is_half_a_name(found, place):
            continue
        if _qualifies(found, place, previous_end):
            unused.append(place)
            previous_end = place.end
            continue
        cue = _cue(found, place, previous_end, known)
        previous_end = place.end
        if cue == "residence" and residence is None:
            residence = place
        elif cue == "harm_place" and harm_place is None:
            harm_place = place
        elif cue == "":
            free.append(place)
        else:
            unused.append(place)
    for place in free:
        if harm_place is None and residence is not place and is_workplace(found, place):
            harm_place = place
        elif residence is None:
            residence = place
        elif harm_place is None and residence.display != place.display and is_of_event(found, place, known):
            harm_place = place
        elif residence.display != place.display:
            unused.append(place)
    return Places(_fact(residence), _fact(harm_place), tuple((p.start, p.end) for p in unused))


DEALT_WITH = people_words("places_dealt_with")
"""Right before "in" and a place: who deals with it there."""


def _qualifies(found: Scan, place: NameHit, previous_end: int) -> bool:
    """The second of "Leith, Edinburgh" says where the first is."""
    breaks = found.tokens.breaks
    ends_here = place.end == len(found.words) or breaks[place.end] > 0
    return previous_end > 0 and place.start == previous_end and ends_here and not place.is_postcode


def _anchor(found: Scan, place: NameHit) -> int:
    """Where a place begins: at the unknown name before it in "in Haymarket, Edinburgh"."""
    if place.start > 1 and found.tokens.breaks[place.start] == 1 and not place.is_postcode:
        for back in (1, 2):
            before = place.start - back - 1
            if (
                before >= 0
                and found.words[before] in {"in", "at"}
                and not any(found.tokens.breaks[before + 1 : place.start])
            ):
                spoken = found.words[before + 1 : place.start]
                known = any(
                    hit.start <= before + 1 < hit.end
                    for layer in ("concept", "place", "noun")
                    for hit in found.between(layer, before - 5, before + 2)
                )
                if not known and spoken[0] not in ordinary_words() and spoken[0].isalpha():
                    return before + 1
    return place.start


def _fact(place: NameHit | None) -> Fact | None:
    return Fact(place.display, ((place.start, place.end),)) if place else None


def _is_meant(found: Scan, place: NameHit) -> bool:
    """A place name that is also an everyday word or surname counts only after "lives in" and the like."""
    words, breaks = found.words, found.tokens.breaks
    after = words[place.end] if place.end < len(words) and not breaks[place.end] else ""
    if after in NOT_A_PLACE_BEFORE and not place.is_postcode:
        return False
    before = words[place.start - 1] if place.start else ""
    if before in TITLES and not place.is_postcode:
        return False
    if place.is_common and not _is_common_place_meant(found, place, before):
        return False
    return place.start not in found.tokens.possessive


def _is_common_place_meant(found: Scan, place: NameHit, before: str) -> bool:
    """ "lives in Law", "battered in Keith", "bullied, Annan": never "sister in law" or "my boy, Gordon"."""
    words, breaks = found.words, found.tokens.breaks
    end = place.end + (words[place.end : place.end + 1] != [] and words[place.end].isdigit())  # "from Skye 71,"
    ends_here = end == len(words) or breaks[end] > 0
    earlier = words[place.start - 2] if place.start > 1 else ""
    if words[place.start] in {"the", "work"}:
        return False
    if (
        any(
            cue.end == place.start and cue.end - cue.start > 1
            for cue in found.between("place", place.start - 6, place.start)
        )
        and before in PREPOSITIONS
    ):
        return True
    if before in {"to", "tae"} and found.between("place", place.start - 5, place.start):
        return True
    if before in {"from", "fae"} and ends_here:
        return found.harm_ends.isdisjoint(range(place.start - 4, place.start))
    if words[place.start] in ordinary_words():
        return False
    if before == "in" and not breaks[place.start]:
        after_harm = place.start - 1 in found.harm_ends
        in_law = words[place.start] in NEVER or earlier in KIN_IN_LAW
        return not in_law and (after_harm or ends_here)
    if place.start == 0 and ends_here and place.end < len(words):
        return any(index in found.nouns for index in range(place.end, place.end + 3)) and not words[place.end].isdigit()
    alone = ends_here and place.start > 0 and breaks[place.start] > 0
    return alone and not (before.isalpha() and before in NAMED_AFTER) and len(words[place.start]) > 3


KIN_IN_LAW = words_of("kin_in_law")
NAMED_AFTER = words_of("named_after")


def _cue(found: Scan, place: NameHit, stop: int, known: People) -> str:
    """residence, harm_place, elsewhere (somebody else's, or past), or "" when no word says."""
    words, breaks = found.words, found.tokens.breaks
    at = _anchor(found, place)
    place = NameHit(at, place.end, place.display)
    start = place.start
    while start > max(stop, place.start - REACH) and breaks[start] < STRONG_BREAK:
        start -= 1
    if place.start > 1 and words[place.start - 1] in {"in", "at"} and words[place.start - 2] in DEALT_WITH:
        return "elsewhere"
    best: Hit | None = None
    for hit in found.between("place", start, place.start):
        if words[hit.end - 1] in {"from", "fae"} and hit.end < place.start and hit.end - hit.start == 1:
            continue
        if hit.end <= place.start and not found.harm_words.issuperset(range(hit.start, hit.end)):
            best = hit
    harm = None
    for hit in found.between("concept", start, place.start):
        if hit.kind in {"harm", "hint", "act"} and hit.end <= place.start:
            harm = hit
    if best is None and harm is None:
        opening = place.start <= 1 and words[0] in {"in", "at"} and not (place.end < len(words) and breaks[place.end])
        return "harm_place" if opening and known.harm_words else ""
    if best is not None and (harm is None or best.start > harm.start):
        return _settled(found, best, harm, place, known)
    assert harm is not None
    between = range(harm.end, place.start + 1)
    commas = sum(1 for index in between if breaks[index] and not _is_bracket(found, index))
    preposition = words[place.start - 1] in {"in", "at", "near", "on", "outside", "doon", "through", "to"}
    if harm.end == place.start and not breaks[place.start]:
        return "harm_place"
    if commas and any(m in known.starts and any(breaks[harm.end : m + 1]) for m in range(harm.end, place.start)):
        return ""
    return "harm_place" if preposition and commas <= 1 and not breaks[place.start] else ""


def _is_bracket(found: Scan, index: int) -> bool:
    gap = found.tokens.text[found.tokens.ends[index - 1] : found.tokens.starts[index]]
    return "(" in gap or ")" in gap


def _settled(found: Scan, cue: Hit, harm: Hit | None, place: NameHit, known: People) -> str:
    words, breaks = found.words, found.tokens.breaks
    if cue.code == "elsewhere" and any(breaks[cue.start + 1 : cue.end]):
        return "residence"  # "hit by her brother, lives in Kirkwall": the comma parts the brother from the home
    if cue.code in {"former", "elsewhere"} or words[place.end : place.end + 1] == ["originally"]:
        return "elsewhere"
    if cue.code == "residence" and _stays_with_kin(found, cue, place):
        return "harm_place" if found.harm_ends and not _caller_studies(found, cue, known) else "elsewhere"
    commas = sum(1 for index in range(cue.end, place.start + 1) if breaks[index])
    if commas and not (cue.code == "harm_place" and words[place.start - 1] in {"in", "at", "near"}):
        return ""
    if cue.code == "residence":
        if STUDIES & set(words[cue.start : cue.end]):
            first = cue.start
            while first > 0 and not breaks[first]:
                first -= 1
            if found.places[0] is not place and {"i", "im"} & set(words[first : cue.start]):
                return "elsewhere"  # "Crieff. my wee sister … I'm 19 and away at uni in Dundee"
            return "residence" if found.harm_ends.isdisjoint(range(first + 1, cue.start + 1)) else "harm_place"
        if _is_somebody_elses(found, cue, known):
            return "elsewhere"
        weak = words[cue.start] in {"from", "fae"} or cue.end - cue.start == 1
        if (
            weak
            and harm is not None
            and words[cue.start] not in {"from", "fae"}
            and not _is_home_verb(words[cue.start])
        ):
            return "harm_place"
        return "residence"
    if (
        cue.start
        and words[cue.start - 1] in {"is", "hes", "shes", "now", "currently", "im"}
        and words[cue.start] == "at"
    ):
        return "elsewhere"
    certain = words[cue.start][:6] in {"happen", "occurr", "incide", "harmed", "assaul", "attack"}
    if not certain and harm is None and not found.harm_ends:
        return ""
    if harm is None and _goes_to(found, cue):
        return ""
    return "harm_place"


def _stays_with_kin(found: Scan, cue: Hit, place: NameHit) -> bool:
    """ "Forres. wee girl … when they stay at their gran's in Nairn": the home was told first."""
    told = found.places and found.places[0].start == 0 and found.places[0] is not place and place.start > 0
    opens = bool(told) and found.places[0].end < len(found.words) and found.tokens.breaks[found.places[0].end] > 0
    said = found.words[cue.start : place.start]
    return opens and (
        bool(STUDIES & set(said)) or not found.tokens.possessive.isdisjoint(range(cue.start, place.start))
    )


STUDIES = frozenset({"uni", "university", "college", "halls"})


def _caller_studies(found: Scan, cue: Hit, known: People) -> bool:
    """ "My wee sister, she's 12 … I'm 19 and away at uni in Dundee": a term address of who calls for somebody else."""
    spoken = {"i", "im"} & set(found.words[max(0, cue.start - 6) : cue.start])
    kin = any(m.kind == "sibling" and m.lead >= 0 and found.words[m.lead] in OWN for m in known.mentions)
    return bool(spoken) and kin


def _is_home_verb(word: str) -> bool:
    return word[:3] in {"liv", "sta", "bid", "res", "mov", "fli", "cal", "pho", "bas"} or word in {
        "from",
        "fae",
        "home",
    }


def _goes_to(found: Scan, cue: Hit) -> bool:
    return bool(set(found.words[max(0, cue.start - 2) : cue.start]) & {"goes", "go", "pupil", "attends", "student"})


NOT_THEIRS = people_words("places_not_theirs")


def _is_somebody_elses(found: Scan, cue: Hit, known: People) -> bool:
    """ "the boy who did it lives in Leith", "his dad stays in Aberdeen"."""
    if found.words[cue.start] in {"from", "fae"}:
        window = 3
    else:
        window = 4
    if found.words[cue.start] in NOT_THEIRS:
        return False
    last = bisect_left(known.mentions, cue.start, key=START)
    for mention in reversed(known.mentions[max(0, last - 3) : last]):
        if mention.end > cue.start:
            continue
        gap = found.words[mention.end : cue.start]
        if len(gap) > window or found.tokens.breaks[cue.start] == STRONG_BREAK:
            return False
        if any(found.tokens.breaks[mention.end : cue.start + 1]) or NOT_THEIRS & set(gap):
            return False
        if mention.owner == OTHER:
            return True
        lead = found.words[mention.lead] if mention.lead >= 0 else ""
        return (
            mention.kind in {"parent", "sibling", "relative"}
            and lead not in OWN
            and lead in {"his", "her", "their"}
            and mention.owner != PERSON
        )
    return False
