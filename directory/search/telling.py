"""One row of the record as one source tells it, read in few queries: what `fold` makes one document of."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.database import batches
from directory.draft import (
    Access,
    AgeLimit,
    Capacity,
    Coverage,
    GenderRule,
    Hours,
    Opening,
    Premises,
    Registration,
    SchoolStages,
)
from directory.feeds import assurance, duplicates, listing, standing
from directory.feeds.assurance import Listing, Word
from directory.places import divisions
from directory.search.columns import as_of_day
from directory.tables import (
    Accessibility,
    Attribute,
    CapacityWord,
    Language,
    Location,
    Organization,
    Phone,
    Schedule,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceEvidence,
    Source,
)
from directory.track_record import Evidence
from directory.values import Boundary, Confidence, Known, Point, Visibility

BATCH = 500
"""Services read at a time: twelve queries each."""

CONFIDENCE = tuple(Confidence)
"""Worst first."""
_LISTED = Listing()
_NO_WORD = Capacity()


@dataclass(frozen=True, slots=True)
class Telling:
    """What one source says of a service. Fields as in `ServiceDraft`."""

    id: str
    source: str
    source_id: str
    source_name: str
    licence: str
    name: str
    organization: str
    description: str
    kind: str
    families: tuple[str, ...]
    needs: tuple[str, ...]
    harms: tuple[str, ...]
    relations: tuple[str, ...]
    groups: tuple[str, ...]
    delivery: tuple[str, ...]
    referral_routes: tuple[str, ...]
    languages: tuple[str, ...]
    any_harm: bool
    crisis: bool
    age: AgeLimit
    gender: GenderRule
    coverage: Coverage
    stages: SchoolStages
    registration: Registration
    hours: Hours
    capacity: Capacity
    access: Access
    premises: Premises
    phone: str
    phone_note: str
    text_or_chat: str
    url: str
    status: str
    status_known: Known
    waiting_list: str
    not_for_harmed: bool
    workers_only: bool
    alert: str
    confidence: Confidence
    as_of: str
    source_url: str
    evidence: Evidence | None = None
    words: tuple[Word, ...] = ()
    """What people said of it."""
    capacity_word: Capacity = _NO_WORD
    """What the service itself said last of whether it takes referrals."""
    listing: Listing = _LISTED
    standing: str = "feed"
    """As of `tables.Source`."""
    kept: Mapping[str, int] = field(default_factory=dict)
    """Fields for which a person who merged rows has said that this one's word is kept; the highest number counts."""

    @property
    def is_withheld(self) -> bool:
        return self.premises.visibility is Visibility.UNDISCLOSED

    @property
    def weight(self) -> tuple[int, int]:
        """How much this row's word counts against another's: the later, then the better known."""
        return as_of_day(self.as_of), CONFIDENCE.index(self.confidence)

    def counts(self, name: str = "") -> tuple[int, ...]:
        """How much this row's word on a field counts against another's: what a person chose, then how its source
        stands, then its weight."""
        return self.kept.get(name, 0), standing.rank(self.standing, self.confidence.value), *self.weight

    @property
    def facts(self) -> int:
        """How many facts the row states."""
        place = self.premises
        stated = (self.age.known, self.gender.known, self.coverage.known)
        said = (
            self.description, self.kind, self.needs, self.harms, self.relations, self.delivery, self.referral_routes,
            self.languages, self.phone, self.text_or_chat, self.url, self.waiting_list, place.address_1, place.point,
        )  # fmt: skip
        return sum(map(bool, said)) + sum(known is not Known.UNKNOWN for known in stated)


def read(session: Session, leader_ids: Sequence[str]) -> dict[str, list[Telling]]:
    """Leader's id → its own row first, then those that tell of the same service, by source and source id.

    Ids that are in no record, or lead nothing because they follow another, have no entry.
    """
    found: dict[str, list[Telling]] = {}
    for some in batches(leader_ids, BATCH):
        found |= _read(session, some)
    return found


def leaders(session: Session) -> Iterator[list[str]]:
    """The ids of all services that follow no other, in order, a batch at a time."""
    query = select(Service.id).where(Service.same_as_id.is_(None)).order_by(Service.id)
    yield from batches(list(session.scalars(query)), BATCH)


def rows(session: Session, ids: Sequence[str]) -> list[Telling]:
    """Some rows, each by itself, in the order of their ids; those that are in no record are left out."""
    found = _told(session, Service.id.in_(ids))
    return sorted((told for _, told in found), key=lambda told: told.id)


def _read(session: Session, leader_ids: Sequence[str]) -> dict[str, list[Telling]]:
    wanted = (Service.id.in_(leader_ids) & Service.same_as_id.is_(None)) | Service.same_as_id.in_(leader_ids)
    found: dict[str, list[Telling]] = defaultdict(list)
    for leader_id, told in _told(session, wanted):
        found[leader_id].append(told)
    return dict(found)


def _told(session: Session, wanted: ColumnElement[bool]) -> Iterator[tuple[str, Telling]]:
    """Leader's id and row, leaders first."""
    query = (
        select(Service, Organization.name, Source.name, Source.licence, Source.standing)
        .join(Organization, Organization.id == Service.organization_id)
        .join(Source, Source.id == Service.source_id)
        .where(wanted)
        .order_by(Service.same_as_id.is_not(None), Service.source_id, Service.source_record_id)
    )
    rows = list(session.execute(query))
    parts = _Parts(session, [row[0].id for row in rows])
    for service, organization, source_name, licence, stands in rows:
        told = parts.telling(service, organization, source_name, licence, stands)
        yield service.same_as_id or service.id, told


class _Parts:
    """The rows that hang from some services, a query a table."""

    def __init__(self, session: Session, ids: Sequence[str]) -> None:
        self._terms: dict[tuple[str, str], list[str]] = defaultdict(list)
        links = (
            select(Attribute.link_id, Attribute.taxonomy_term_id)
            .where(Attribute.link_type == "service", Attribute.link_id.in_(ids))
            .order_by(Attribute.position)
        )
        for own, term in session.execute(links):
            taxonomy, _, code = term.partition("/")
            self._terms[own, taxonomy].append(code)
        self._areas: dict[tuple[str, str], list[str]] = defaultdict(list)
        areas = (
            select(ServiceArea.service_id, ServiceArea.extent_type, ServiceArea.extent)
            .where(ServiceArea.service_id.in_(ids))
            .order_by(ServiceArea.position)
        )
        for own, kind, extent in session.execute(areas):
            self._areas[own, COUNCILS.get(kind, kind)].append(extent)
        self._languages: dict[str, list[str]] = defaultdict(list)
        languages = (
            select(Language.service_id, Language.code).where(Language.service_id.in_(ids)).order_by(Language.position)
        )
        for own, code in session.execute(languages):
            self._languages[own].append(code)
        phones = select(Phone.service_id, Phone.number).where(Phone.service_id.in_(ids))
        self._phones = {row.service_id: row.number for row in session.execute(phones)}
        places = (
            select(ServiceAtLocation.service_id, Location)
            .join(Location, Location.id == ServiceAtLocation.location_id)
            .where(ServiceAtLocation.service_id.in_(ids))
        )
        self._places = {row[0]: row[1] for row in session.execute(places)}
        self._hours: dict[str, list[Schedule]] = defaultdict(list)
        for schedule in session.scalars(
            select(Schedule).where(Schedule.service_id.in_(ids)).order_by(Schedule.position)
        ):
            self._hours[schedule.service_id].append(schedule)
        self._access: dict[tuple[str, str], list[str]] = defaultdict(list)
        features = (
            select(Accessibility.service_id, Accessibility.known, Accessibility.code)
            .where(Accessibility.service_id.in_(ids))
            .order_by(Accessibility.position)
        )
        for own, known, code in session.execute(features):
            self._access[own, known].append(code)
        evidence = select(ServiceEvidence).where(ServiceEvidence.service_id.in_(ids))
        self._evidence = {row.service_id: _evidence(row) for row in session.scalars(evidence)}
        rooms = select(CapacityWord).where(CapacityWord.service_id.in_(ids))
        self._rooms = {row.service_id: _room(row) for row in session.scalars(rooms)}
        self._words = assurance.words(session, ids)
        self._kept = duplicates.kept(session, ids)

    def telling(self, service: Service, organization: str, source_name: str, licence: str, stands: str) -> Telling:
        own = service.id

        def codes(taxonomy: str) -> tuple[str, ...]:
            return tuple(self._terms.get((own, taxonomy), ()))

        return Telling(
            id=own,
            source=service.source_id,
            source_id=service.source_record_id,
            source_name=source_name,
            licence=licence,
            name=service.name,
            organization=organization,
            description=service.description,
            kind=service.kind,
            families=codes("family"),
            needs=codes("need"),
            harms=codes("harm"),
            relations=codes("relation"),
            groups=codes("group"),
            delivery=codes("delivery"),
            referral_routes=codes("route"),
            languages=tuple(self._languages.get(own, ())),
            any_harm=service.any_harm,
            crisis=service.crisis,
            age=AgeLimit(Known(service.age_known), service.minimum_age, service.maximum_age, service.age_about),
            gender=GenderRule(Known(service.gender_known), service.gender_rule),
            coverage=Coverage(
                Known(service.coverage_known),
                self._extents(own, "gss"),
                self._extents(own, "outcode"),
                Boundary(service.boundary),
                tuple(f"{kind}:{name}" for kind in divisions.KINDS for name in self._extents(own, kind)),
                self._extents(own, "school"),
            ),
            stages=SchoolStages(Known(service.stages_known), _parts(service.school_stages)),
            registration=Registration(Known(service.registration_known), _parts(service.registration)),
            hours=_opening_hours(service, self._hours.get(own, ())),
            capacity=Capacity(
                service.capacity_state,
                service.minimum_weeks,
                service.maximum_weeks,
                service.capacity_as_of,
                service.capacity_expires,
            ),
            access=Access(
                tuple(self._access.get((own, Known.STATED.value), ())),
                tuple(self._access.get((own, Known.NONE.value), ())),
            ),
            premises=_premises(service, self._places.get(own)),
            phone=self._phones.get(own, ""),
            phone_note=service.phone_note,
            text_or_chat=service.text_or_chat,
            url=service.url,
            status=service.status,
            status_known=Known(service.status_known),
            waiting_list=service.waiting_list,
            not_for_harmed=service.not_for_harmed,
            workers_only=service.workers_only,
            alert=service.alert,
            confidence=Confidence(service.confidence),
            as_of=service.as_of,
            source_url=service.source_url,
            evidence=self._evidence.get(own),
            words=self._words.get(own, ()),
            capacity_word=self._rooms.get(own, _NO_WORD),
            listing=_listing(service),
            standing=stands,
            kept=self._kept.get(own, {}),
        )

    def _extents(self, own: str, kind: str) -> tuple[str, ...]:
        return tuple(self._areas.get((own, kind), ()))


COUNCILS = {"nation": "gss"}
"""All of Scotland stands among the councils."""


def _room(row: CapacityWord) -> Capacity:
    return Capacity(row.state, row.minimum_weeks, row.maximum_weeks, row.as_of, row.expires)


def _parts(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _opening_hours(service: Service, schedules: Sequence[Schedule]) -> Hours:
    openings = tuple(Opening(row.byday, row.opens_at, row.closes_at) for row in schedules if row.byday)
    text = " ".join(row.description for row in schedules if not row.byday)
    return Hours(Known(service.hours_known), openings, text)


def _evidence(row: ServiceEvidence) -> Evidence:
    return Evidence(row.referrals, row.replied, row.first_contact_days, row.outcomes, row.area_mean, row.as_of)


def _listing(service: Service) -> Listing:
    if service.listing == listing.LISTED:
        return _LISTED
    missed = service.unlisted_at
    return Listing(False, utc(missed) if missed else None, service.listing == listing.DROPPED)


def _premises(service: Service, place: Location | None) -> Premises:
    visibility = Visibility(service.visibility)
    if place is None:
        return Premises(visibility)
    point = None
    if place.latitude is not None and place.longitude is not None:
        point = Point(place.latitude, place.longitude)
    return Premises(
        visibility=visibility.stricter(Visibility(place.visibility)),
        address_1=place.address_1,
        address_2=place.address_2,
        city=place.city,
        postal_code=place.postal_code,
        council=place.state_province,
        point=point,
    )
