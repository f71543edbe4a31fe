"""Whether the vocabulary holds together: what an editor's mistake would break, said in words and not in a traceback."""

from collections import Counter
from collections.abc import Iterator, Mapping

from taxonomy import crosswalk, terms
from taxonomy.terms import CURRENT, DEPRECATED, Taxonomy

BITS = 63
"""Masks are signed 64-bit numbers in the index: bits 0 to 62."""


def problems(vocabulary: Mapping[str, Taxonomy] | None = None) -> list[str]:
    """Everything that is wrong with the terms; none when all is well. `vocabulary` defaults to our own."""
    found = vocabulary if vocabulary is not None else terms.load()
    return [problem for taxonomy in found.values() for problem in _of(taxonomy)]


def crosswalk_problems() -> list[str]:
    """Crosswalks that cannot be read, or whose share of mapped categories has fallen."""
    found = []
    for name in crosswalk.names():
        try:
            walk = crosswalk.load(name)
        except crosswalk.CrosswalkError as error:
            found.append(str(error))
            continue
        share = walk.run(row.category for row in walk.rows).share
        floor = crosswalk.floors().get(name)
        if floor is None:
            found.append(f"{name}: no share is written down in crosswalk_shares.csv.")
        elif share < floor:
            found.append(f"{name}: {share:.1%} of its categories map; {floor:.1%} did.")
    return found


def _of(taxonomy: Taxonomy) -> Iterator[str]:
    bits = Counter(term.bit for term in taxonomy.terms.values())
    for term in taxonomy.terms.values():
        if not 0 <= term.bit < BITS or bits[term.bit] > 1:
            yield f"{term.id}: bit {term.bit} is taken twice or out of range 0 to {BITS - 1}."
        if term.parent and term.parent not in taxonomy:
            yield f"{term.id}: an orphan: there is no {taxonomy.name}/{term.parent}."
        elif _in_a_circle(taxonomy, term.code):
            yield f"{term.id}: its broader terms lead round to itself."
        elif term.is_current and term.parent and not taxonomy[term.parent].is_current:
            yield f"{term.id}: in use under {term.parent}, which is not."
        for name in ("label", "plain_label", "definition", "owner", "dated"):
            if not getattr(term, name):
                yield f"{term.id}: no {name}."
        yield from _replacement(taxonomy, term.code)
    yield from _same_label(taxonomy)


def _in_a_circle(taxonomy: Taxonomy, code: str) -> bool:
    seen, at = {code}, taxonomy[code].parent
    while at and at in taxonomy:
        if at in seen:
            return True
        seen.add(at)
        at = taxonomy[at].parent
    return False


def _replacement(taxonomy: Taxonomy, code: str) -> Iterator[str]:
    term = taxonomy[code]
    if term.status not in (CURRENT, DEPRECATED):
        yield f"{term.id}: status “{term.status}” is neither {CURRENT} nor {DEPRECATED}."
    if term.is_current and term.replaced_by:
        yield f"{term.id}: in use, and replaced by {term.replaced_by}."
    if term.status == DEPRECATED:
        new = taxonomy.terms.get(term.replaced_by)
        if new is None or not new.is_current:
            yield f"{term.id}: deprecated, but “{term.replaced_by}” is no term in use that takes its place."


def _same_label(taxonomy: Taxonomy) -> Iterator[str]:
    """Labels, and plain labels, are unique in a whole taxonomy, and so in each of its branches."""
    for name in ("label", "plain_label"):
        counts = Counter(getattr(term, name).casefold() for term in taxonomy.current())
        for label, count in counts.items():
            if count > 1:
                yield f"{taxonomy.name}: {count} terms in use have the {name} “{label}”."
