"""Reads where an HSDS service is; a place that anything in its row calls confidential is withheld."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from directory.draft import Premises
from directory.places import areas, codes, postcode
from directory.places.postcode import PostcodeKind
from directory.values import Point, Visibility
from ingest import cells, contacts
from ingest.cells import Notes
from ingest.json_values import Fields

UK = frozenset({"", "gb", "gbr", "uk", "united kingdom", "great britain", "scotland", "england", "wales"})
NO_VISIT = frozenset({"postal", "virtual", "mailing"})
FLAGS = (
    "confidential", "is_confidential", "redacted", "is_redacted", "undisclosed", "confidential_place",
    "confidential_address", "address_confidential", "mask_exact_address", "hide_address",
)  # fmt: skip
HIDDEN_TYPES = frozenset({"redacted", "confidential", "undisclosed", "withheld"})
SAYS_HIDDEN = re.compile(
    r"\b(?:confidential|secret)\s+(?:location|address|premises|accommodation)"
    r"|\b(?:undisclosed|withheld|hidden)\s+(?:location|address|premises|accommodation|place|venue)"
    r"|\b(?:location|address|premises|venue)s?\s+(?:is|are|will be)?\s*(?:kept\s+)?"
    r"(?:confidential|withheld|undisclosed|secret|not (?:be )?(?:disclosed|published|given))"
    r"|\bsafe[ -]houses?\b",
    re.IGNORECASE,
)
MOST_NAMED = 6
"""Places that a description names, when a service works from several."""


@dataclass(slots=True)
class _Place:
    """One location of a service."""

    name: str = ""
    premises: Premises = field(default_factory=Premises)
    visited: bool = True
    """False: only online, or only for letters."""
    online: bool = False
    outside: bool = False
    secrets: tuple[str, ...] = ()
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Where:
    """Where a service is. `said` names the places of one that works from several, for its description."""

    premises: Premises
    said: str = ""
    online: bool = False
    in_person: bool = False
    outside: bool = False
    """It has an address, and none of its addresses is in Scotland."""
    hidden: bool = False
    secrets: tuple[str, ...] = ()


def where(service: Fields) -> Where:
    """The place, when there is one; of several none is *the* place: they are named, and what they share is kept."""
    places = [_place(location) for location in _locations(service)]
    told = " ".join(service.text(name) for name in ("name", "description", "alert", "application_process"))
    hidden = service.flag(*FLAGS) or bool(SAYS_HIDDEN.search(told)) or any(place.hidden for place in places)
    real = {
        (place.premises.address_1, place.premises.postal_code, place.premises.city): place
        for place in places
        if place.visited and not place.outside and _has_address(place.premises)
    }
    abroad = any(place.outside for place in places) and not real
    if abroad:
        service.notes.leave_out("location", "an address outside Scotland")
    return Where(
        premises=_shared(list(real.values()), service.notes),
        said=_named(list(real.values())) if len(real) > 1 else "",
        online=any(place.online for place in places),
        in_person=bool(real),
        outside=abroad,
        hidden=hidden,
        secrets=cells.unique(*(secret for place in places for secret in place.secrets)),
    )


def _locations(service: Fields) -> Iterator[Fields]:
    for link in service.objects("service_at_locations"):
        if link.values.get("location") is not None:
            yield link.object("location")
    yield from service.objects("locations")
    if service.values.get("location") is not None:
        yield service.object("location")


def _place(location: Fields) -> _Place:
    addresses = list(location.objects("addresses", "physical_addresses", "address"))
    visited = [one for one in addresses if one.text("address_type").casefold() not in NO_VISIT]
    address = visited[0] if visited else Fields({}, location.notes, "address")
    kind = location.text("location_type").casefold()
    online = kind == "virtual" or location.flag("virtual")
    code, outside = _postal_code(address)
    if any(one.text("country").casefold() not in UK for one in visited or addresses):
        outside = True
    point = None if outside else _point(location)
    lines = [address.text(name) for name in ("address_1", "address_2")]
    secrets = (*lines, *(one.text("city") for one in addresses), *(one.text("postal_code") for one in addresses))
    premises = Premises(
        visibility=Visibility.EXACT,
        address_1=_without_people(lines[0]),
        address_2=_without_people(lines[1]),
        city=_town(address.text("city")),
        postal_code=code,
        council=_council(address.text("state_province"), address.text("region")),
        point=point,
    )
    told = f"{location.text('name')} {location.text('description')}"
    return _Place(
        name=_without_people(location.text("name")),
        premises=premises,
        visited=kind not in NO_VISIT and not online,
        online=online,
        outside=outside,
        secrets=(*secrets, location.text("name")),
        hidden=kind in HIDDEN_TYPES
        or bool(SAYS_HIDDEN.search(told))
        or any(one.flag(*FLAGS) for one in (location, *addresses)),
    )


def _town(said: str) -> str:
    return _without_people(said.title() if said.isupper() else said)


@lru_cache(maxsize=1_000)
def _without_people(said: str) -> str:
    return contacts.without_people(said)


def _postal_code(address: Fields) -> tuple[str, bool]:
    """A full postcode of Scotland, "" when there is none; and whether it is one of elsewhere in the UK."""
    said = address.text("postal_code")
    parsed = postcode.parse(said) if said else None
    if parsed is None or parsed.kind is not PostcodeKind.POSTCODE:
        if said:
            address.notes.leave_out("postal_code", "not a full postcode")
        return "", False
    scottish = parsed.outcode in codes.outcodes()
    if parsed.outcode in codes.straddling():
        scottish = parsed.value in codes.scottish_border_postcodes()
    return (parsed.value, False) if scottish else ("", True)


def _point(location: Fields) -> Point | None:
    lat, lon = (location.number(name) for name in ("latitude", "longitude"))
    if lat is None or lon is None or (lat, lon) == (0.0, 0.0):
        return None
    return cells.point_of(str(lat), str(lon), "latitude", location.notes)


def _council(*said: str) -> str:
    for name in said:
        try:
            return areas.council(name).gss
        except KeyError:
            continue
    return ""


def _has_address(place: Premises) -> bool:
    return bool(place.address_1 or place.postal_code or place.point or place.city)


def _shared(places: list[_Place], notes: Notes) -> Premises:
    if not places:
        return Premises()
    if len(places) == 1:
        return places[0].premises
    notes.leave_out("location", "it works from several places: they are named and none is kept as its address")
    first = places[0].premises
    same_town = all(place.premises.city == first.city for place in places)
    same_council = all(place.premises.council == first.council for place in places)
    return Premises(city=first.city if same_town else "", council=first.council if same_council else "")


def _named(places: list[_Place]) -> str:
    """ "It works from 3 places: Town Hall, Leith, EH6 6AA; …"."""
    told = [
        ", ".join(cells.unique(place.name, place.premises.address_1, place.premises.city, place.premises.postal_code))
        for place in places
    ]
    more = f"; and {len(told) - MOST_NAMED} more" if len(told) > MOST_NAMED else ""
    return f"It works from {len(told)} places: {'; '.join(told[:MOST_NAMED])}{more}."
