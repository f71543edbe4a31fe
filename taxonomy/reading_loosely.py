"""When words near each other may be trusted: a phrase is surer, so they tell of harm only where no phrase does."""

from taxonomy.reading_concepts import Concepts
from taxonomy.reading_scan import Hit, Scan
from taxonomy.reading_together import add_together

LOOSE_WORDS = 300
"""The longest text read loosely too: more than a call, and short enough to stay quick."""
SAYS_HARM = frozenset({"harm", "hint", "death"})
SAYS_NO = frozenset({"negated_before", "ruled_out", "none"})
SELDOM_BESIDE = frozenset(
    {"physical_harm", "property_damage", "bullying", "threats", "online_harm", "stalking", "sexual_harm"}
)
"""Harms so often mere words of another's telling that a surer harm beside them silences them."""
NEAR = 2
"""Words between a no and the need it rules out."""


def loosely_told(found: Scan) -> list[Hit]:
    """What words near each other say. Harms are added to the scan where no phrase tells of one; needs are returned."""
    if len(found.words) > LOOSE_WORDS:
        return []
    surely = list(found.hits("concept"))
    add_together(found)
    known = set(surely)
    no = {hit.code for hit in surely if hit.kind == "ruled_out"}
    loose = [hit for hit in found.hits("concept") if hit not in known and hit.code not in no]
    if any(hit.kind in SAYS_HARM for hit in surely):
        found.layers["concept"] = surely
    else:
        kept = known.union(hit for hit in loose if hit.kind in SAYS_HARM)
        found.layers["concept"] = [hit for hit in found.hits("concept") if hit in kept]
    found.forget_positions()
    if found.layers["concept"] is not surely:
        return [hit for hit in loose if hit.kind == "need"]
    return [hit for hit in loose if hit.kind == "need" or (hit.kind == "harm" and hit.code not in SELDOM_BESIDE)]


def add_needs(found: Scan, read: Concepts, loose: list[Hit]) -> None:
    """Add the needs loosely told, unless a no stands before; a no inside is part of it ("won't go back to school")."""
    concepts = found.hits("concept")
    negators = [hit for hit in concepts if hit.kind == "negator"]
    denied = [(hit.start, hit.end) for hit in concepts if hit.kind in SAYS_NO]
    ruled_out = [span for spans in read.negated.values() for span in spans]
    for hit in loose:
        if hit.code in read.negated or any(s < hit.end and hit.start < e for s, e in denied):
            continue
        if any(s < hit.start < e for s, e in ruled_out) or any(_reaches(found, no, hit) for no in negators):
            continue
        codes = read.harms if hit.kind == "harm" else read.needs
        codes.setdefault(hit.code, []).append((hit.start, hit.end))


def _reaches(found: Scan, no: Hit, hit: Hit) -> bool:
    """Whether a no begins before a need and stands at most NEAR words from it, with nothing that ends a clause."""
    between = found.tokens.breaks[no.end : hit.start + 1]
    return no.start < hit.start <= no.end + NEAR and not any(between)
