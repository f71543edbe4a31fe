"""Gives services' addresses their points: from the unit postcodes that are loaded, then from a geocoder if one is set.

Services only, and only published places: a person's postcode never comes here, and a withheld service has no address.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from directory import records
from directory.clock import Clock
from directory.database import Database
from directory.draft import Premises
from directory.places.gazetteer import UnitPostcode
from directory.tables import Location, Service, ServiceAtLocation
from directory.values import Point, Visibility

Lookup = Callable[[str], UnitPostcode | None]


@dataclass(frozen=True, slots=True)
class GeocodingReport:
    """How many addresses had no point, and where the points found came from."""

    without_point: int
    from_units: int
    from_geocoder: int


async def geocode(
    database: Database, lookup: Lookup, geocoder: str | None, contact: str, clock: Clock
) -> GeocodingReport:
    """Fills the points of published addresses that have a postcode and no point; the index hears of it by the outbox.

    Raises BadInput for an unknown geocoder, SourceUnavailable when it fails: then nothing at all is written.
    """
    from directory.places import geocoder as remote

    missing = _missing(database)
    units = {postcode: unit.point for postcode in missing if (unit := lookup(postcode)) is not None and unit.point}
    asked = [postcode for postcode in missing if postcode not in units]
    found: dict[str, Point] = {}
    async with remote.opened(geocoder, contact=contact) as service:
        if service is not None and asked:
            places = [Premises(Visibility.EXACT, postal_code=postcode) for postcode in asked]
            answers = await service.locate(places)
            found = {text: known.point for text, known in answers.items() if known and known.point and not known.ended}
    _write(database, {**units, **found}, clock)
    return GeocodingReport(len(missing), len(units), len(found))


def _missing(database: Database) -> list[str]:
    query = (
        select(Location.postal_code)
        .where(Location.visibility == Visibility.EXACT, Location.postal_code != "", Location.latitude.is_(None))
        .distinct()
        .order_by(Location.postal_code)
    )
    with database.reading() as session:
        return list(session.scalars(query))


def _write(database: Database, points: Mapping[str, Point], clock: Clock) -> None:
    with database.session() as session:
        for postcode, point in points.items():
            here = (
                Location.postal_code == postcode,
                Location.latitude.is_(None),
                Location.visibility == Visibility.EXACT,
            )
            places = list(session.scalars(select(Location).where(*here)))
            for place in places:
                place.latitude, place.longitude = point.lat, point.lon
            leaders = (
                select(func.coalesce(Service.same_as_id, Service.id))
                .join(ServiceAtLocation, ServiceAtLocation.service_id == Service.id)
                .where(ServiceAtLocation.location_id.in_([place.id for place in places]))
            )
            records.queue(session, session.scalars(leaders), clock())
