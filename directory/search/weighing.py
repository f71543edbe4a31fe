"""Whose word counts among the rows that tell of one service, and what they say of whom it takes and when.

`fold` makes the document; here stand the rules that any of its facts may use.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from directory.capacity import STATES
from directory.draft import Access, Capacity, Hours, Registration, SchoolStages
from directory.search.telling import Telling
from directory.track_record import Evidence
from directory.values import Confidence, Known

REMOTE = frozenset({"phone", "online"})
REGION_FROM = 8
"""A claim to this many councils is wide: the largest health board has six."""


def weightiest(rows: Sequence[Telling], known: Callable[[Telling], Known], name: str = "") -> Telling | None:
    """The row whose statement of the field of that name counts most; None when nobody states anything."""
    said = [row for row in rows if known(row) is not Known.UNKNOWN]
    return max(said, key=lambda row: row.counts(name)) if said else None


def said_by(rows: Sequence[Telling], field: Callable[[Telling], str], name: str = "") -> str:
    """A text from the row whose word on the field of that name counts most among those that have one."""
    said = [row for row in rows if field(row)]
    return field(max(said, key=lambda row: row.counts(name))) if said else ""


def union(rows: Iterable[Telling], field: Callable[[Telling], tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for row in rows for code in field(row)))


def stages(rows: Sequence[Telling]) -> SchoolStages:
    """The weightiest statement."""
    best = weightiest(rows, lambda row: row.stages.known, "stages")
    return best.stages if best else SchoolStages()


def registration(rows: Sequence[Telling]) -> Registration:
    """The weightiest statement."""
    best = weightiest(rows, lambda row: row.registration.known, "registration")
    return best.registration if best else Registration()


def evidence(rows: Sequence[Telling]) -> Evidence | None:
    """That of the row most people were referred to; None when nothing is counted."""
    return max((row.evidence for row in rows if row.evidence), key=lambda each: each.referrals, default=None)


def opening_hours(rows: Sequence[Telling]) -> tuple[Hours, str]:
    """The weightiest hours and their date; hours that could be read before those that are only text.

    A withheld service's own rows alone speak: another's text might tell its place.
    """
    said = [row for row in rows if row.hours.known is not Known.UNKNOWN]
    if not said:
        return Hours(), ""
    best = max(said, key=lambda row: (row.kept.get("hours", 0), bool(row.hours.openings), row.counts("hours")))
    return (replace(best.hours, text="") if best.is_withheld else best.hours), best.as_of


def capacity(rows: Sequence[Telling]) -> Capacity:
    """The latest statement; of two of one day the service's own, then the one that takes fewer."""
    said = [(row.capacity, False) for row in rows] + [(row.capacity_word, True) for row in rows]
    stated = [(each.as_of, own, STATES.index(each.state), each) for each, own in said if each.state]
    return max(stated, key=lambda line: line[:3], default=("", False, 0, Capacity()))[3]


def access(rows: Sequence[Telling]) -> Access:
    """All that any row says it offers; what one says it lacks and none says it offers."""
    offers = union(rows, lambda row: row.access.offers)
    return Access(offers, tuple(code for code in union(rows, lambda row: row.access.lacks) if code not in offers))


def is_over_wide(rows: Sequence[Telling]) -> bool:
    """Whether a claim to a whole region or nation is more than a small place can keep.

    Small, by what we know: a register lists it in one council area only, or people must come to one known place (its
    ways of working are stated, and none is by phone, online, or a visit); and nobody has confirmed the claim or read it
    on several pages.
    """
    claims = [row for row in rows if row.coverage.known is Known.STATED and row.confidence is not Confidence.REGISTER]
    areas = union(claims, lambda row: row.coverage.areas)
    if "SCOTLAND" not in areas and len(areas) < REGION_FROM:
        return False
    if any(row.confidence in (Confidence.CONFIRMED, Confidence.SEVERAL_PAGES) for row in claims):
        return False
    delivery = set(union(rows, lambda row: row.delivery))
    places = {row.premises.council or row.premises.city for row in rows} - {""}
    registered = [row for row in rows if row.confidence is Confidence.REGISTER]
    if any(len(row.coverage.areas) == 1 and row.coverage.areas[0] != "SCOTLAND" for row in registered):
        return not delivery & REMOTE
    return bool(delivery) and delivery <= {"in_person"} and len(places) == 1
