"""`waymark places`: where a place is, unit postcodes, and the points of services' addresses."""

import json
from pathlib import Path
from typing import Annotated

import anyio
import typer

from directory import geocoding, runtime, unit_postcodes
from directory.places import units
from directory.progress import counting
from directory.search import indexing
from directory.values import Issue, Place

places_app = typer.Typer(help="Postcodes, towns and councils.")


@places_app.command("locate")
def places_locate(
    text: Annotated[str, typer.Argument(help="A postcode, sector, outcode, town or council.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where a place is: its council areas with shares, and how exact that is."""
    with runtime.places() as gazetteer:
        place = gazetteer.locate(text)
    if as_json:
        typer.echo(json.dumps(place_json(place), ensure_ascii=False))
        return
    typer.echo(f"{place.name} ({place.kind.value.replace('_', ' ')})")
    for share in place.councils:
        typer.echo(f"  {share.share:6.1%}  {share.name}  {share.gss}")
    if place.health_boards:
        typer.echo(f"  Health board: {', '.join(place.health_boards)}")
    if place.police_divisions:
        typer.echo(f"  Police division: {', '.join(place.police_divisions)}")
    if place.point:
        exact = "exact" if not place.radius_m else f"within about {place.radius_m:,.0f} m"
        typer.echo(f"  Point: {place.point.lat:.4f}, {place.point.lon:.4f} ({exact})")
    if place.choices:
        typer.echo(f"  May be: {'; '.join(place.choices)}")


def place_json(place: Place) -> dict[str, object]:
    """A place as JSON: point in WGS 84 degrees, radius in metres."""
    return {
        "name": place.name,
        "kind": place.kind.value,
        "point": {"lat": place.point.lat, "lon": place.point.lon} if place.point else None,
        "radius_m": place.radius_m,
        "councils": [{"gss": share.gss, "name": share.name, "share": share.share} for share in place.councils],
        "outcodes": list(place.outcodes),
        "health_boards": list(place.health_boards),
        "police_divisions": list(place.police_divisions),
        "choices": list(place.choices),
    }


@places_app.command("import")
def places_import(
    file: Annotated[Path, typer.Argument(help="Unit postcodes: CSV or CSV.gz (Code-Point Open).")],
) -> None:
    """Load unit postcodes, in place of those loaded before."""
    with runtime.opened() as waymark:
        typer.echo(import_units(waymark, file))


@places_app.command("geocode")
def places_geocode() -> None:
    """Give services' addresses their points: from loaded postcodes, then from WAYMARK_GEOCODER when it is set."""
    with runtime.opened() as waymark:
        typer.echo(geocode(waymark, waymark.settings.geocoder))
        waymark.run(indexing.drain, waymark.database, waymark.index, waymark.clock)


def geocode(waymark: runtime.Runtime, geocoder: str | None) -> str:
    """Points for services' addresses; says how many. See `geocoding.geocode` for errors."""
    lookup = unit_postcodes.PostcodeLookup(waymark.database)
    contact = waymark.settings.public_url
    report = anyio.run(geocoding.geocode, waymark.database, lookup, geocoder, contact, waymark.clock)
    return (
        f"{report.without_point:,} postcodes of services had no point: {report.from_units:,} found among the loaded "
        f"postcodes, {report.from_geocoder:,} by the geocoder."
    )


def import_units(waymark: runtime.Runtime, file: Path) -> str:
    """All unit postcodes of a file into the record, in one transaction; says how many. Raises UnusableFile."""
    issues: list[Issue] = []
    with counting("postcodes") as tick:
        count = unit_postcodes.import_units(waymark.database, units.read_units(file, issues), tick)
    return f"{count:,} unit postcodes are loaded; {len(issues):,} rows were left out (no council area)."
