"""What may be compared of a service: one small value, made of a draft, or of what the record holds of a row.

Of a withheld service the record holds nothing of its place, so there is nothing here either.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.database import batches
from directory.draft import ServiceDraft
from directory.tables import (
    Attribute,
    Location,
    Organization,
    Phone,
    Service,
    ServiceArea,
    ServiceAtLocation,
    Source,
)
from directory.values import Visibility

NATION = "SCOTLAND"
REGISTER = "register"
BATCH = 500
PLACE = ("visibility", "address_1", "address_2", "postal_code")
SERVICE = (
    "id", "source_id", "source_record_id", "name", "kind", "description", "url", "source_url", "visibility", "status",
    "listing",
)  # fmt: skip
CITED = re.compile(r"(?:CaseNumber=|/|\b)(CS(?:19|20)\d{8})\b")
"""A number of the Care Inspectorate's register in somebody else's words."""
SHARED_HOSTS = re.compile(
    r"(^|\.)(joininedinburgh\.org|glowscotland\.org\.uk|wordpress\.com|gov\.uk|facebook\.com|nhs\.uk|nhs\.scot|co\.uk"
    r"|google\.com|eventbrite\.co\.uk|fifedirect\.org\.uk|edin\.sch\.uk|highland\.sch\.uk)$"
)
"""Sites on which many bodies have a page: an address there says nothing of who it is."""


@dataclass(frozen=True, slots=True)
class Told:
    """One row as it may be compared. `id` is the service's in the record; phones are digits only ("01315529000")."""

    id: str
    source: str
    source_id: str
    name: str
    organization: str = ""
    kind: str = ""
    """As the source calls it; of the regulator's rows the kind of registration."""
    families: tuple[str, ...] = ()
    phones: frozenset[str] = frozenset()
    postal_code: str = ""
    address: str = ""
    host: str = ""
    charity_number: str = ""
    areas: frozenset[str] = frozenset()
    withheld: bool = False
    cited: frozenset[str] = frozenset()
    """Numbers of the regulator's register that the row prints."""
    official: bool = False
    """Of a register, where each row is a record of its own by law."""
    active: bool = True
    """Neither closed nor gone from its source."""


def of_draft(draft: ServiceDraft, official: bool, id: str = "", texts: Iterable[str] = ()) -> Told:
    """What a draft tells; `texts` are more words of the row in which a number may be cited."""
    place = draft.premises
    said = " ".join((draft.url, draft.source_url, draft.description, *texts))
    return Told(
        id=id or f"{draft.source}/{draft.source_id}",
        source=draft.source,
        source_id=draft.source_id,
        name=draft.name,
        organization=draft.organization,
        kind=kind_of(draft.kind, draft.description),
        families=draft.families,
        phones=digits(draft.phone),
        postal_code=place.postal_code,
        address=f"{place.address_1}, {place.address_2}".strip(", "),
        host=host(draft.url),
        charity_number=draft.charity_number,
        areas=frozenset(draft.coverage.areas),
        withheld=place.visibility is Visibility.UNDISCLOSED,
        cited=frozenset(CITED.findall(said)) - {draft.source_id},
        official=official,
        active=draft.status == "active",
    )


def are_apart(one: Told, other: Told) -> bool:
    """Whether two rows cannot tell of one service, whatever else they share: `likeness` need not be asked of them.

    They have no council area in common, and neither prints the other's number.
    """
    if not one.areas or not other.areas or NATION in one.areas | other.areas or one.areas & other.areas:
        return False
    return one.source_id not in other.cited and other.source_id not in one.cited


def digits(*numbers: str) -> frozenset[str]:
    """Numbers as they are compared: "+44 131 552 9000" → "01315529000"; short numbers say nothing of who it is."""
    found = (re.sub(r"\D", "", number) for number in numbers)
    plain = (f"0{number[2:]}" if number.startswith("44") else number for number in found)
    return frozenset(number for number in plain if len(number) >= 9)


def host(url: str) -> str:
    """The host of a web address without "www."; "" for sites that many share."""
    try:
        found = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return ""
    found = found.removeprefix("www.")
    return "" if SHARED_HOSTS.search(found) else found


def kind_of(kind: str, description: str) -> str:
    """The kind, with the sub-kind that the register's rows have in their description ("… register: care at home.")."""
    _, _, sub = description.partition("register: ")
    return f"{kind}: {sub.rstrip('.')}" if sub and len(sub) < 80 else kind


def read(session: Session, ids: Sequence[str]) -> Iterator[Told]:
    """What the record holds of some services, in the order of their ids, a few queries for each batch."""
    for some in batches(sorted(ids), BATCH):
        yield from _read(session, some)


def _read(session: Session, ids: Sequence[str]) -> Iterator[Told]:
    areas: dict[str, set[str]] = defaultdict(set)
    stated = select(ServiceArea.service_id, ServiceArea.extent).where(
        ServiceArea.service_id.in_(ids), ServiceArea.extent_type.in_(("gss", "nation"))
    )
    for own, extent in session.execute(stated):
        areas[own].add(extent)
    families: dict[str, list[str]] = defaultdict(list)
    links = select(Attribute.link_id, Attribute.taxonomy_term_id).where(
        Attribute.link_type == "service", Attribute.link_id.in_(ids), Attribute.taxonomy_term_id.startswith("family/")
    )
    for own, term in session.execute(links.order_by(Attribute.position)):
        families[own].append(term.partition("/")[2])
    phones: dict[str, list[str]] = defaultdict(list)
    for own, number in session.execute(select(Phone.service_id, Phone.number).where(Phone.service_id.in_(ids))):
        phones[own].append(number)
    at = (
        select(ServiceAtLocation.service_id, *(getattr(Location, name) for name in PLACE))
        .join(Location, Location.id == ServiceAtLocation.location_id)
        .where(ServiceAtLocation.service_id.in_(ids))
    )
    places = {row.service_id: row for row in session.execute(at)}
    query = (
        select(
            *(getattr(Service, name) for name in SERVICE), Organization.name.label("organization"),
            Organization.charity_number, Source.standing,
        )
        .join(Organization, Organization.id == Service.organization_id)
        .join(Source, Source.id == Service.source_id)
        .where(Service.id.in_(ids))
        .order_by(Service.id)
    )  # fmt: skip
    for row in session.execute(query):
        place = places.get(row.id)
        hidden = Visibility.UNDISCLOSED in (row.visibility, place.visibility if place else "")
        open_place = None if hidden else place
        yield Told(
            id=row.id,
            source=row.source_id,
            source_id=row.source_record_id,
            name=row.name,
            organization=row.organization,
            kind=kind_of(row.kind, row.description),
            families=tuple(families.get(row.id, ())),
            phones=frozenset() if hidden else digits(*phones.get(row.id, ())),
            postal_code=open_place.postal_code if open_place else "",
            address=f"{open_place.address_1}, {open_place.address_2}".strip(", ") if open_place else "",
            host="" if hidden else host(row.url),
            charity_number=row.charity_number,
            areas=frozenset(areas.get(row.id, ())),
            withheld=hidden,
            cited=frozenset(CITED.findall(f"{row.url} {row.source_url} {row.description}")) - {row.source_record_id},
            official=row.standing == REGISTER,
            active=row.status == "active" and row.listing == "listed",
        )
