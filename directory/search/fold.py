"""Folds the rows that tell of one service into the one document that search knows; the safer word wins.

Field by field: what is stated beats what is unknown; of two statements the later counts, then the better known.
A place that one row withholds is withheld, whatever another row tells.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from directory.draft import AgeLimit, Coverage, GenderRule, Premises
from directory.search import telling, weighing, withheld
from directory.search.document import ServiceDocument
from directory.search.telling import Telling
from directory.search.weighing import said_by, union, weightiest
from directory.values import Boundary, Confidence, Known, Visibility

CLOSED = frozenset({"defunct", "temporarily closed"})
HEARSAY_NOTE = "A number is known only by hearsay and is not shown: use the website or ask."
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def document(session: Session, leader_id: str) -> ServiceDocument | None:
    """The document of a service; None when it is not to be found: closed, not active, or part of another."""
    rows = telling.read(session, [leader_id]).get(leader_id)
    return fold(rows) if rows else None


def documents(session: Session, leader_ids: Iterable[str] | None = None) -> Iterator[ServiceDocument]:
    """The documents of these services, or of all, in order of id; those not to be found are left out."""
    batches = telling.leaders(session) if leader_ids is None else [list(leader_ids)]
    for ids in batches:
        found = telling.read(session, ids)
        for leader_id in ids:
            folded = fold(found[leader_id]) if leader_id in found else None
            if folded:
                yield folded


def fold(rows: Sequence[Telling]) -> ServiceDocument | None:
    """One document of the rows of one service, leader first; None when it must not be suggested.

    One row that says it is closed closes it; it is active when any row says so.
    """
    if any(row.status in CLOSED for row in rows) or not any(row.status == "active" for row in rows):
        return None
    hidden = [row for row in rows if row.is_withheld]
    words = withheld.place_words(row for row in rows if not row.is_withheld) if hidden else ()
    voices = hidden or list(rows)
    leader, speaker = rows[0], voices[0]
    fullest = max(voices, key=lambda row: (bool(row.description), row.facts))
    best = max(rows, key=lambda row: (telling.CONFIDENCE.index(row.confidence), row.weight))
    place = premises(rows)
    phone, phone_note = _phone(rows)
    families = _families(rows)
    alerts = dict.fromkeys(row.alert for row in voices if row.alert)
    hours, hours_as_of = weighing.opening_hours(voices)
    return ServiceDocument(
        id=leader.id,
        source=leader.source,
        source_id=leader.source_id,
        also=tuple(row.source_id for row in rows[1:] if not withheld.holds(row.source_id, words)),
        name=speaker.name,
        organization=speaker.organization,
        description=withheld.scrub(fullest.description, words),
        kind=speaker.kind or said_by(voices, lambda row: row.kind),
        families=families,
        needs=union(rows, lambda row: row.needs),
        harms=union(rows, lambda row: row.harms),
        any_harm=any(row.any_harm for row in rows),
        relations=union(rows, lambda row: row.relations),
        groups=union(rows, lambda row: row.groups),
        delivery=union(rows, lambda row: row.delivery),
        referral_routes=union(rows, lambda row: row.referral_routes),
        languages=union(rows, lambda row: row.languages),
        crisis=any(row.crisis for row in rows),
        age=age(rows),
        gender=gender(rows),
        coverage=coverage(rows),
        visibility=place.visibility,
        point=place.point,
        address=_one_line(place),
        city=place.city,
        postal_code=place.postal_code,
        phone="" if hidden else phone,
        phone_note=withheld.route(families) if hidden else phone_note,
        text_or_chat="" if hidden else said_by(rows, lambda row: row.text_or_chat),
        url="" if hidden else said_by(rows, lambda row: row.url),
        status="active",
        status_known=_status_known(rows),
        waiting_list=waiting_list(rows),
        not_for_harmed=any(row.not_for_harmed for row in rows),
        workers_only=any(row.workers_only for row in rows),
        alert=withheld.scrub(" ".join(alerts), words),
        confidence=best.confidence.value,
        as_of=best.as_of,
        source_url="" if hidden else leader.source_url or said_by(rows, lambda row: row.source_url),
        source_name=leader.source_name,
        licence=leader.licence,
        stages=weighing.stages(rows),
        registration=weighing.registration(rows),
        hours=hours,
        hours_as_of=hours_as_of,
        capacity=weighing.capacity(rows),
        access=weighing.access(rows),
        evidence=weighing.evidence(rows),
        over_wide=weighing.is_over_wide(rows),
    )


def age(rows: Sequence[Telling]) -> AgeLimit:
    """The narrower of the stated ages, where they speak of the same person; else the weightier statement."""
    best = weightiest(rows, lambda row: row.age.known)
    if best is None:
        return rows[0].age
    stated = [row.age for row in rows if row.age.known is Known.STATED and row.age.about == best.age.about]
    if not stated:
        return best.age
    minimum = max((limit.minimum for limit in stated if limit.minimum is not None), default=None)
    maximum = min((limit.maximum for limit in stated if limit.maximum is not None), default=None)
    if minimum is not None and maximum is not None and minimum > maximum:
        return min(stated, key=_span)
    return AgeLimit(Known.STATED, minimum, maximum, best.age.about)


def _span(limit: AgeLimit) -> int:
    return (200 if limit.maximum is None else limit.maximum) - (limit.minimum or 0)


def gender(rows: Sequence[Telling]) -> GenderRule:
    """The weightiest statement."""
    best = weightiest(rows, lambda row: row.gender.known)
    return best.gender if best else rows[0].gender


def coverage(rows: Sequence[Telling]) -> Coverage:
    """All areas that any row states, a register's only where nothing else does: registered there is not serves there.

    Of a withheld service only its own withheld rows say a part of a council: another's word might point at its place.
    """
    stated = [row for row in rows if row.coverage.known is Known.STATED]
    stated = [row for row in stated if row.confidence is not Confidence.REGISTER] or stated
    best = weightiest(rows, lambda row: row.coverage.known)
    if not stated:
        return best.coverage if best else rows[0].coverage
    areas = union(stated, lambda row: row.coverage.areas)
    hidden = any(row.is_withheld for row in rows)
    in_part = all(row.coverage.outcodes and (row.is_withheld or not hidden) for row in stated)
    by_school = all(row.coverage.schools for row in stated)
    special = [row for row in stated if row.coverage.boundary is not Boundary.RESIDENCE]
    return Coverage(
        Known.STATED,
        ("SCOTLAND",) if "SCOTLAND" in areas else areas,
        union(stated, lambda row: row.coverage.outcodes) if in_part else (),
        max(special, key=lambda row: row.weight).coverage.boundary if special else Boundary.RESIDENCE,
        union(stated, lambda row: row.coverage.divisions),
        union(stated, lambda row: row.coverage.schools) if by_school and not hidden else (),
    )


def premises(rows: Sequence[Telling]) -> Premises:
    """The strictest visibility. An exact place is that of the row that knows most of it.

    Without an address a published town stays, so that `avoid` can keep away from it; pages show the council only.
    """
    visibility = Visibility.EXACT
    for row in rows:
        visibility = visibility.stricter(row.premises.visibility)
    if visibility is Visibility.UNDISCLOSED:
        return Premises(visibility)
    if visibility is Visibility.AREA_ONLY:
        return Premises(visibility, city=said_by(rows, lambda row: row.premises.city))
    return max(rows, key=lambda row: (_known_parts(row.premises), row.weight)).premises


def _known_parts(place: Premises) -> int:
    return sum(map(bool, (place.point, place.address_1, place.city, place.postal_code)))


def waiting_list(rows: Sequence[Telling]) -> str:
    """Closed when every row that may speak of it says so; closed on one page of several stays as that row's alert.

    grading.md: a list closed on an old page is "ask whether it is open"; a repeat of an active row is as good as it.
    """
    open_rows = [row for row in rows if row.confidence is not Confidence.REGISTER] or rows
    if all(row.waiting_list == "closed" for row in open_rows):
        return "closed"
    said = [row for row in open_rows if row.waiting_list not in ("", "closed")]
    return max(said, key=lambda row: row.weight).waiting_list if said else ""


def freshness(confidence: Confidence, as_of: str) -> str:
    """How a number is known, for people."""
    day = spoken_date(as_of)
    if confidence is Confidence.CONFIRMED:
        return f"Confirmed, {day}." if day else "Confirmed."
    if confidence is Confidence.REGISTER:
        return f"From a public register, {day}." if day else "From a public register."
    return f"Not confirmed. Read on a page of {day}." if day else "Not confirmed. Date of the page not known."


def spoken_date(as_of: str) -> str:
    """ "2024" or "2024-05" as people say it: 2024, May 2024."""
    year, _, month = as_of.partition("-")
    return f"{MONTHS[int(month[:2]) - 1]} {year}" if month else year


def _phone(rows: Sequence[Telling]) -> tuple[str, str]:
    """The number shown and the note beside it."""
    known = [row for row in rows if row.phone]
    shown = [row for row in known if row.confidence is not Confidence.GENERAL_KNOWLEDGE]
    if shown:
        best = max(shown, key=lambda row: row.weight)
        return best.phone, f"{best.phone_note} {freshness(best.confidence, best.as_of)}".strip()
    if known:
        return "", HEARSAY_NOTE
    return "", said_by(rows, lambda row: row.phone_note)


def _families(rows: Sequence[Telling]) -> tuple[str, ...]:
    first = max((row for row in rows if row.families), key=lambda row: row.facts, default=rows[0])
    return union([first, *rows], lambda row: row.families)


def _status_known(rows: Sequence[Telling]) -> Known:
    """The best known of them: stated, then a source that has no such field at all, then unknown."""
    said = {row.status_known for row in rows}
    return next((known for known in (Known.STATED, Known.NONE) if known in said), Known.UNKNOWN)


def _one_line(place: Premises) -> str:
    if place.visibility is not Visibility.EXACT:
        return ""
    return ", ".join(part for part in (place.address_1, place.address_2, place.city) if part)
