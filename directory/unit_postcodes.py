"""Unit postcodes an adopter has loaded: `places` is handed the look-up and needs to know of no database."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from sqlalchemy import delete, insert, select

from directory.database import Database
from directory.places.gazetteer import UnitPostcode
from directory.tables import Postcode
from directory.values import Point

BATCH = 5_000
"""Rows written at a time."""


class PostcodeLookup:
    """A unit postcode of the record, by its normalised text ("EH6 5QG"); None when it is not there."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen = False

    def __call__(self, postcode: str) -> UnitPostcode | None:
        with self._database.reading() as session:
            row = session.get(Postcode, postcode)
            if row is None:
                return None
            has_point = row.latitude is not None and row.longitude is not None
            return UnitPostcode(
                postcode=row.postcode,
                point=Point(row.latitude or 0.0, row.longitude or 0.0) if has_point else None,
                council_gss=row.council_gss,
                health_board_gss=row.health_board_gss,
            )

    @property
    def loaded(self) -> bool:
        """Whether any unit postcodes are in the record: without them a sector is as near as we get."""
        if not self._seen:
            with self._database.reading() as session:
                self._seen = session.scalar(select(Postcode.postcode).limit(1)) is not None
        return self._seen


def import_units(
    database: Database, units: Iterable[UnitPostcode], progress: Callable[[int], None] | None = None
) -> int:
    """Puts these unit postcodes in place of all that were there, in one transaction; returns how many.

    `progress` is told how many are written so far. When `units` raises, the old ones stay.
    """
    written = 0
    with database.session() as session:
        session.execute(delete(Postcode))
        for rows in _batches(units):
            session.execute(insert(Postcode), rows)
            written += len(rows)
            if progress:
                progress(written)
    return written


def _batches(units: Iterable[UnitPostcode]) -> Iterator[list[dict[str, object]]]:
    remaining = iter(units)
    while batch := list(islice(remaining, BATCH)):
        yield [
            {
                "postcode": unit.postcode,
                "latitude": unit.point.lat if unit.point else None,
                "longitude": unit.point.lon if unit.point else None,
                "council_gss": unit.council_gss or "",
                "health_board_gss": unit.health_board_gss or "",
            }
            for unit in batch
        ]
