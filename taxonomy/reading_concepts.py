"""Harms and needs, and those the caller ruled out; who harmed; one roof; language; urgency; whom to keep away from."""

from dataclasses import dataclass, field

from taxonomy.reading_facts import Fact
from taxonomy.reading_scan import Hit, NameHit, Scan
from taxonomy.tokens import STRONG_BREAK
from taxonomy.word_sets import words_of

NEGATION_REACH = 5
"""Words after "no" or "not" in which a harm or need is ruled out."""
MOST_PLACES = 60
GOES_ON = frozenset({"or", "nor", "any", "neither", "and"})
UNABLE = frozenset({"cant", "cannot", "couldnt", "wouldnt", "cannae", "couldnae", "wouldnae"})
"""Before a harm they neither say it nor rule it out ("can't tell them I'm scared")."""
TURNS = words_of("turns")
"""Words that end what a negation rules out."""


@dataclass(slots=True)
class Concepts:
    """Codes said, with the words that said them; and codes ruled out."""

    harms: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    needs: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    negated: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    used: list[tuple[int, int]] = field(default_factory=list)


def concepts(found: Scan) -> Concepts:
    """Read the harms and needs, each either said or ruled out. What is said anywhere is not ruled out."""
    result = Concepts()
    hits, words = found.hits("concept"), found.words
    ruled_out = _ruled_out(found, hits)
    deaths: list[Hit] = []
    hints: list[Hit] = []
    for position, hit in enumerate(hits):
        span = (hit.start, hit.end)
        if hit.kind in {"negator", "none", "negated_before", "act"}:
            continue
        cue = ruled_out.get(position)
        if hit.kind == "ruled_out":
            result.negated.setdefault(hit.code, []).append(span)
        elif cue is not None:
            unable = hit.kind == "harm" and words[cue.start] in UNABLE
            if hit.kind in {"harm", "need"} and not unable:
                result.negated.setdefault(hit.code, []).append((min(cue.start, hit.start), max(cue.end, hit.end)))
        elif hit.kind == "harm":
            result.harms.setdefault(hit.code, []).append(span)
        elif hit.kind == "need":
            result.needs.setdefault(hit.code, []).append(span)
        elif hit.kind == "hint":
            hints.append(hit)
        elif hit.kind == "death":
            deaths.append(hit)
    _add_weaker(result, hints, deaths)
    for code in (*result.harms, *result.needs):
        result.negated.pop(code, None)
    return result


def _add_weaker(result: Concepts, hints: list[Hit], deaths: list[Hit]) -> None:
    """Injuries say that there was harm, unless it was ruled out; a death after violence is one somebody caused."""
    for hit in hints:
        if hit.code not in result.negated:
            result.harms.setdefault(hit.code, []).append((hit.start, hit.end))
    if "physical_harm" in result.harms:
        for hit in deaths:
            result.harms.setdefault("bereavement_by_crime", []).append((hit.start, hit.end))


def _ruled_out(found: Scan, hits: object) -> dict[int, Hit]:
    """Which concept hits a negation reaches, by position, with the negation."""
    concept_hits = found.hits("concept")
    breaks, words = found.tokens.breaks, found.words
    out: dict[int, Hit] = {}
    cue: Hit | None = None
    reach_to = -1
    for position, hit in enumerate(concept_hits):
        if hit.kind == "negator":
            cue, reach_to = hit, hit.end + NEGATION_REACH
            continue
        if hit.kind == "negated_before":
            _rule_out_before(found, position, hit, out)
            continue
        if cue is None or hit.kind in {"none", "ruled_out"}:
            continue
        between = words[cue.end : hit.start]
        if hit.start >= reach_to or TURNS & set(between) or not _same_clause(breaks, cue.end, hit.start, words):
            cue = None
            continue
        if "and" in between and cue.end != hit.start and out and words[cue.start] not in {"neither", "nor"}:
            cue = None
            continue
        out[position] = cue
        if hit.end < len(words) and (words[hit.end] in {"or", "nor"} or breaks[hit.end]):
            reach_to = hit.end + NEGATION_REACH
    return out


def _same_clause(breaks: list[int], start: int, end: int, words: list[str]) -> bool:
    return not any(breaks[index] for index in range(start, min(end + 1, len(words))))


def _rule_out_before(found: Scan, position: int, cue: Hit, out: dict[int, Hit]) -> None:
    hits = found.hits("concept")
    for earlier in range(position - 1, max(-1, position - 4), -1):
        hit = hits[earlier]
        if hit.kind not in {"harm", "need", "hint"}:
            continue
        near = cue.start - hit.end <= 2
        if near and STRONG_BREAK not in found.tokens.breaks[hit.end : cue.start + 1]:
            out[earlier] = cue
        else:
            return


def urgency(found: Scan, read: Concepts) -> Fact | None:
    """Now before days before weeks. A day of the week is a deadline only with a hearing, a court or "by"."""
    ruled_out = {index for spans in read.negated.values() for start, end in spans for index in range(start, end)}
    spans: dict[str, list[tuple[int, int]]] = {}
    for hit in found.hits("urgency"):
        if hit.kind == "deadline" and not {"court_support", "hearing_information"} & set(read.needs):
            continue
        if hit.start not in ruled_out or hit.end - hit.start > 2:
            spans.setdefault(hit.code, []).append((hit.start, hit.end))
    for code in ("now", "days", "weeks"):
        if code in spans:
            return Fact(code, tuple(spans[code][:3]))
    return None


def language(found: Scan) -> Fact | None:
    """A language said; a sign language before a spoken one."""
    hits = found.hits("language")
    for hit in hits:
        if hit.code == "bsl":
            return Fact("bsl", ((hit.start, hit.end),))
    return Fact(hits[0].code, ((hits[0].start, hits[0].end),)) if hits else None


def avoided(found: Scan) -> tuple[list[Fact], set[int]]:
    """Places and services to keep away from, and the word positions of those."""
    facts: list[Fact] = []
    positions: set[int] = set()
    if not any(found.hits(layer) for layer in ("avoid", "avoid_other", "avoid_after")):
        return facts, positions
    places = [hit for hit in found.places[:MOST_PLACES] if not _is_within_a_phrase(found, hit)]
    named = [(hit, True) for hit in found.services] + [(hit, False) for hit in places]
    for name, is_service in sorted(named, key=lambda pair: pair[0].start):
        if cue := _avoid_cue(found, name, is_service):
            facts.append(Fact(name.display, ((min(cue.start, name.start), max(cue.end, name.end)),)))
            positions.update(range(name.start, name.end))
    return facts, positions


def _is_within_a_phrase(found: Scan, place: NameHit) -> bool:
    """The "work" of "don't want social work" is no place called Work."""
    return any(
        hit.start <= place.start and place.end <= hit.end and hit.end - hit.start > place.end - place.start
        for hit in found.between("concept", place.start - 8, place.start)
    )


def _avoid_cue(found: Scan, name: NameHit, is_service: bool) -> Hit | None:
    breaks = found.tokens.breaks
    for hit in found.between("avoid", name.start - 12, name.start):
        gap = name.start - hit.end
        if is_service and 0 <= gap <= 3 and STRONG_BREAK not in breaks[hit.end : name.start + 1]:
            return hit
        if 0 <= gap <= 2 and hit.end - hit.start > 1 and not any(breaks[hit.end : name.start + 1]):
            return hit
    if not is_service:
        return None
    for hit in found.between("avoid_other", name.start - 10, name.start):
        if (
            0 <= name.start - hit.end <= 3
            and not any(breaks[hit.end : name.start + 1])
            and _is_somebody_else(found, hit)
        ):
            return hit
    for hit in found.between("avoid_after", name.end, name.end + 6):
        if 0 <= hit.start - name.end <= 5 and STRONG_BREAK not in breaks[name.end : hit.start + 1]:
            return hit
    return None


def _is_somebody_else(found: Scan, hit: Hit) -> bool:
    """ "the other boy goes to", "his mum works at": not "she goes to"."""
    before = set(found.words[max(0, hit.start - 4) : hit.end])
    return bool(
        before
        & {
            "other",
            "boy",
            "lad",
            "works",
            "work",
            "volunteers",
            "coaches",
            "helps",
            "attacker",
            "who",
            "mum",
            "dad",
            "did",
        }
    )
