"""Services' addresses get their points from loaded postcodes; a withheld service has no address to look up."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from sqlalchemy import select

from directory import geocoding
from directory.database import Database
from directory.errors import BadInput
from directory.geocoding import GeocodingReport
from directory.places.gazetteer import UnitPostcode
from directory.tables import Location, Outbox
from directory.values import Point
from tests.builders import EDINBURGH, EXACT_PREMISES, NOON, a_draft, a_record, a_withheld_draft, write

HERE = Point(55.9755, -3.1665)
WITHOUT_POINT = replace(EXACT_PREMISES, point=None)


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    made = a_record(tmp_path)
    yield made
    made.close()


def loaded(postcode: str) -> UnitPostcode | None:
    return UnitPostcode(postcode, HERE, EDINBURGH, "S08000024") if postcode == "EH6 5QG" else None


def run(record: Database, geocoder: str | None = None) -> GeocodingReport:
    return anyio.run(geocoding.geocode, record, loaded, geocoder, "", lambda: NOON)


def test_a_point_from_the_loaded_postcodes(record: Database) -> None:
    write(record, a_draft(premises=WITHOUT_POINT), a_withheld_draft())
    assert run(record) == GeocodingReport(without_point=1, from_units=1, from_geocoder=0)
    with record.reading() as session:
        points = set(session.execute(select(Location.latitude, Location.longitude)).all())
        waiting = session.scalars(select(Outbox).order_by(Outbox.id.desc())).first()
    assert (HERE.lat, HERE.lon) in points
    assert waiting is not None
    assert waiting.made_at.replace(tzinfo=NOON.tzinfo) == NOON
    assert run(record) == GeocodingReport(0, 0, 0)


def test_a_postcode_that_is_not_loaded_stays_without(record: Database) -> None:
    write(record, a_draft(premises=replace(WITHOUT_POINT, postal_code="EH1 1AA")))
    assert run(record) == GeocodingReport(without_point=1, from_units=0, from_geocoder=0)


def test_an_unknown_geocoder_is_named(record: Database) -> None:
    with pytest.raises(BadInput, match="WAYMARK_GEOCODER"):
        run(record, "atlas")
