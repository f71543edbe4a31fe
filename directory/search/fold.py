"""Folds the rows that tell of one service into the one document that search knows; the safer word wins.

Field by field: what is stated beats what is unknown; of two statements that of the better source counts, as
`feeds.standing` ranks them, then the later, then the better known; before all, what a person chose who merged them.
A place that one row withholds is withheld, whatever another row tells.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from directory.draft import AgeLimit, Coverage, GenderRule, Premises
from directory.feeds import assurance, standing
from directory.feeds.assurance import Assured
from directory.search import assured as assuring
from directory.search import telling, weighing, withheld
from directory.search.document import ServiceDocument
from directory.search.telling import Telling
from directory.search.weighing import said_by, union, weightiest
from directory.values import Boundary, Confidence, Known, Visibility

CLOSED = frozenset({"defunct", "temporarily closed"})


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

    One row that says it is closed closes it, and its own word in answer to a referral; it is active when any row says
    so that its source has not dropped.
    """
    if any(row.status in CLOSED for row in rows) or not any(map(assuring.is_active, rows)) or assuring.is_closed(rows):
        return None
    hidden = [row for row in rows if row.is_withheld]
    words = withheld.place_words(row for row in rows if not row.is_withheld) if hidden else ()
    voices = hidden or list(rows)
    leader = rows[0]
    named = max(voices, key=lambda row: row.counts("name")[:2])  # level voices: the leader's
    provided = max(voices, key=lambda row: row.counts("organization")[:2])
    fullest = max(voices, key=_telling_most)
    best = max(rows, key=lambda row: (telling.CONFIDENCE.index(row.confidence), row.weight))
    assured = assuring.standing(rows, best.as_of)
    confirmed = assured.state in assurance.CONFIRMED
    place = _place(rows, assured)
    phone, phone_note = assuring.phone(rows)
    families = _families(rows)
    alerts = dict.fromkeys(row.alert for row in voices if row.alert)
    hours, hours_as_of = weighing.opening_hours(voices)
    return ServiceDocument(
        id=leader.id,
        source=leader.source,
        source_id=leader.source_id,
        also=tuple(row.source_id for row in rows[1:] if not withheld.holds(row.source_id, words)),
        name=named.name,
        organization=provided.organization,
        description=withheld.scrub(fullest.description, words),
        kind=_kind(voices),
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
        text_or_chat="" if hidden else said_by(rows, lambda row: row.text_or_chat, "text_or_chat"),
        url="" if hidden else assuring.url(rows),
        status="active",
        status_known=_status_known(rows, assured),
        waiting_list=waiting_list(rows),
        not_for_harmed=any(row.not_for_harmed for row in rows),
        workers_only=any(row.workers_only for row in rows),
        alert=withheld.scrub(" ".join(alerts), words),
        confidence=Confidence.CONFIRMED.value if confirmed else best.confidence.value,
        as_of=assured.since if confirmed else best.as_of,
        assurance=assured,
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


def _telling_most(row: Telling) -> tuple[object, ...]:
    """The provider's or a confirmed description before others; among these the row that states most."""
    kept, rank = row.counts("description")[:2]
    return bool(row.description), kept, max(rank, standing.RANKS[standing.REGISTER]), row.facts


def _kind(voices: Sequence[Telling]) -> str:
    chosen = [row for row in voices if "kind" in row.kept]
    return voices[0].kind if voices[0].kind and not chosen else said_by(voices, lambda row: row.kind, "kind")


def age(rows: Sequence[Telling]) -> AgeLimit:
    """The narrower of the stated ages, where they speak of the same person; else the weightier statement."""
    best = weightiest(rows, lambda row: row.age.known, "age")
    if best is None:
        return rows[0].age
    if "age" in best.kept:
        return best.age
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
    best = weightiest(rows, lambda row: row.gender.known, "gender")
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
    return max(rows, key=lambda row: (row.kept.get("premises", 0), _known_parts(row.premises), row.counts())).premises


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
    return max(said, key=lambda row: row.counts("waiting_list")).waiting_list if said else ""


def _place(rows: Sequence[Telling], assured: Assured) -> Premises:
    """The place; once it has moved away the town only."""
    place = premises(rows)
    if "premises" in assured.fields and place.visibility is Visibility.EXACT:
        return Premises(Visibility.AREA_ONLY, city=place.city)
    return place


def _families(rows: Sequence[Telling]) -> tuple[str, ...]:
    first = max((row for row in rows if row.families), key=lambda row: row.facts, default=rows[0])
    return union([first, *rows], lambda row: row.families)


def _status_known(rows: Sequence[Telling], assured: Assured) -> Known:
    """The best known of them: stated, then a source that has no such field at all, then unknown, as once in doubt."""
    if "status" in assured.fields or assured.state is assurance.State.WITHDRAWN:
        return Known.UNKNOWN
    said = {row.status_known for row in rows}
    return next((known for known in (Known.STATED, Known.NONE) if known in said), Known.UNKNOWN)


def _one_line(place: Premises) -> str:
    if place.visibility is not Visibility.EXACT:
        return ""
    return ", ".join(part for part in (place.address_1, place.address_2, place.city) if part)
