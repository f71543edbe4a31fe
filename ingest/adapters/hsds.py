"""Turns a service as HSDS 3 nests it into a draft: what every Open Referral feed, package and ALISS page comes down to.

Other dialects are first put into this shape. Every row gives one reading: a draft, or why it was held or refused.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from directory.draft import AgeLimit, Coverage, ServiceDraft
from directory.values import Boundary, Confidence, Known
from ingest import cells, contacts, source_terms, withheld
from ingest.adapters import hsds_areas, hsds_contacts, hsds_places, hsds_said
from ingest.cells import IDENTIFIER, Notes, Unusable
from ingest.fact_terms import BOUNDARIES
from ingest.json_parts import Item
from ingest.json_values import Fields
from ingest.material import Feed
from ingest.reading import Reading
from ingest.source_terms import Scope

LONGEST_NAME = 300
NOT_FOR_HARMED = frozenset({"justice_accommodation", "residential_care", "residential_school", "secure_care"})
REFUGE = frozenset({"refuge", "domestic_abuse", "children_domestic_abuse", "idaa"})
"""Families whose places are seldom published: one that is only "virtual" is taken for a confidential one."""
REFUGE_NEEDS = ("safety", "refuge", "emotional_support", "advocacy")
WHY_NOT = {
    Scope.OUTSIDE: "outside the families this directory holds",
    Scope.UNKNOWN: "none of its categories says what it is to us: map one, or leave it out",
    Scope.NEVER: "of a kind that is never offered to a person harmed: look before it goes in",
}


@dataclass(slots=True)
class Rows:
    """Counts the rows of one run and knows their ids: `take` gives each its reading."""

    feed: Feed
    number: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    def take(self, item: Item) -> Reading:
        """The reading of the next row, whose item holds a service as HSDS nests it."""
        return self.service(item.value, item.problem)

    def service(self, value: Any, problem: str = "", left_out: Iterable[tuple[str, str]] = ()) -> Reading:
        """As `take`, of a value. `problem`: why it cannot be used; `left_out`: fields that were not, and why."""
        self.number += 1
        service = Fields(value if isinstance(value, Mapping) else {}, Notes(self.feed.id, self.number))
        for column, reason in left_out:
            service.notes.leave_out(column, reason)
        source_id = _identity(service)
        try:
            if problem or not isinstance(value, Mapping):
                raise Unusable("", problem or "it is no object", held=bool(source_id))
            reading = self._read(service, source_id)
        except Unusable as found:
            reading = replace(service.notes.unusable(found), source_id=source_id)
        return replace(reading, issues=tuple(dict.fromkeys(reading.issues)))

    def _read(self, service: Fields, source_id: str) -> Reading:
        if not source_id:
            raise Unusable("id", "no id", held=False)
        if self.seen.setdefault(source_id, self.number) != self.number:
            raise Unusable("id", "the id of an earlier row")
        names = _names(service)
        draft = _draft(service, self.feed, source_id, names)
        return Reading(self.number, draft, tuple(service.notes.issues), names)


def _identity(service: Fields) -> str:
    """The feed's own id, "" when there is none; one with signs that no id has (a web address) becomes its hash."""
    given = service.values.get("id")
    said = str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""
    if not said or IDENTIFIER.fullmatch(said):
        return said
    return f"h-{hashlib.sha256(said.encode(errors='replace')).hexdigest()[:40]}"


def _names(service: Fields) -> tuple[str, str]:
    """The service's name and its provider's. Raises Unusable: none, one too long, or a person's."""
    name = contacts.plain_name(service.text("name"))
    if not name:
        raise Unusable("name", "no name", held=False)
    organization = contacts.plain_name(service.object("organization").text("name"))
    if not organization:
        service.notes.leave_out("organization", "it does not say who runs it: its own name stands there")
    for column, said in (("name", name), ("organization", organization)):
        if len(said) > LONGEST_NAME:
            raise Unusable(column, "too long to be a name")
        if contacts.names_a_person(said):
            raise Unusable(column, "it names a person: services only")
    return name, organization or name


def _draft(service: Fields, feed: Feed, source_id: str, names: tuple[str, str]) -> ServiceDraft:
    said = source_terms.understood(hsds_said.terms(service), feed.options)
    refuge = withheld.is_refuge_group(*names)
    place = hsds_places.where(service)
    if not refuge and not place.hidden:
        _name_unmapped(service.notes, said.unmapped)
    families = cells.unique("domestic_abuse" if refuge else "", *said.families)
    if said.scope is not Scope.IN and not (refuge and said.scope is not Scope.NEVER):
        raise Unusable("categories", WHY_NOT[said.scope], held=said.scope is not Scope.OUTSIDE)
    area = hsds_areas.area(service)
    if area.outside:
        raise Unusable("service_areas", "it serves only places outside Scotland", held=False)
    if place.outside and area.coverage.known is not Known.STATED:
        raise Unusable("location", "its address is outside Scotland and it names no area served")
    found = hsds_contacts.numbers(service, service.object("organization"))
    phone, phone_note, texted = hsds_contacts.in_words(found)
    status, status_known = hsds_said.status(service)
    draft = ServiceDraft(
        source=feed.id,
        source_id=source_id,
        name=names[0],
        organization=names[1],
        description=hsds_said.description(service, place.said),
        families=families,
        kind=said.kind,
        needs=cells.unique(*(REFUGE_NEEDS if refuge else ()), *said.needs),
        harms=cells.unique("domestic_abuse" if refuge else "", *said.harms),
        any_harm=said.any_harm,
        relations=said.relations,
        groups=said.groups,
        delivery=hsds_said.delivery(service, place, said),
        referral_routes=hsds_said.routes(service),
        languages=hsds_contacts.languages(service),
        age=AgeLimit() if refuge else hsds_said.age(service, said),
        gender=said.gender,
        coverage=_bounded(area.coverage, families[0]),
        hours=hsds_contacts.hours(service, feed.as_of),
        access=hsds_contacts.access(service, said.access),
        premises=place.premises,
        phone=phone,
        phone_note=phone_note,
        text_or_chat=texted,
        url=hsds_said.url(service),
        charity_number=hsds_said.charity(service),
        status=status,
        status_known=status_known,
        not_for_harmed=set(families) <= NOT_FOR_HARMED,
        confidence=Confidence.PAGE_READ,
        source_url=hsds_said.page(service),
        as_of=service.day(feed.as_of, "assured_date", "last_reviewed", "last_modified", "last_updated"),
    )
    no_place = place.online and not place.in_person and bool(REFUGE & set(families))
    if not (refuge or place.hidden or no_place or "refuge" in draft.needs):
        return draft
    secrets = (*place.secrets, *(each.number for each in found), draft.url, draft.source_url)
    withheld.check_id(source_id, "id", [secret for secret in secrets if len(secret) > 2])
    return withheld.protect(draft, secrets)


def _bounded(coverage: Coverage, family: str) -> Coverage:
    """Which place decides goes by the family, as for our own facts."""
    boundary = BOUNDARIES.get(family, coverage.boundary)
    return replace(coverage, boundary=boundary) if boundary is not Boundary.RESIDENCE else coverage


def _name_unmapped(notes: Notes, categories: Iterable[str]) -> None:
    """Says which categories a person should map: short ones that name nobody."""
    for category in list(categories)[:5]:
        if len(category) <= 60 and contacts.without_people(category) == category:
            notes.leave_out("categories", f"a category nobody has mapped: {category}")
