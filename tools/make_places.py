"""Writes the small tables of places in `directory/places/data/` from the shared geography files.

    python tools/make_places.py ../shared/data/geography

Only facts, in our own columns; sources and licences are in `directory/places/data/SOURCES.md`. The hand-made tables
(`neighbourhoods.csv`, `principal_towns.csv`, `health_boards.csv`, `outside.csv`, `postcode_areas.csv`,
`common_words.csv`, `regions.csv`, `aliases.csv`) are read, never written.
"""

import csv
import gzip
import math
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "directory" / "places" / "data"
Row = Mapping[str, str]

MORE_NAMES = {
    "S12000008": ("E Ayrshire",),
    "S12000010": ("E Lothian",),
    "S12000011": ("East Renfrew", "E Renfrewshire"),
    "S12000013": ("Na h-Eileanan", "The Western Isles", "The Outer Hebrides", "Innse Gall"),
    "S12000014": ("An Eaglais Bhreac",),
    "S12000017": ("The Highlands", "Scottish Highlands", "A' Ghàidhealtachd"),
    "S12000021": ("N Ayrshire",),
    "S12000023": ("The Orkney Islands", "Orkney Isles", "The Orkneys"),
    "S12000026": ("The Borders",),
    "S12000027": ("The Shetland Islands", "Shetland Isles", "The Shetlands"),
    "S12000028": ("S Ayrshire",),
    "S12000029": ("South Lan", "S Lanarkshire", "S Lan"),
    "S12000033": ("Obar Dheathain",),
    "S12000034": ("Aberdeen shire",),
    "S12000035": ("Argyll", "Earra-Ghàidheal agus Bòd"),
    "S12000036": ("Dùn Èideann",),
    "S12000039": ("W Dunbartonshire", "West Dunbarton"),
    "S12000040": ("W Lothian",),
    "S12000042": ("Dùn Dè",),
    "S12000045": ("E Dunbartonshire", "East Dunbarton"),
    "S12000047": ("Kingdom of Fife", "The Kingdom of Fife"),
    "S12000048": ("Perthshire", "Perth & Kinross Council"),
    "S12000049": ("Glaschu",),
    "S12000050": ("North Lan", "N Lanarkshire", "N Lan"),
}
"""Our own knowledge: Gaelic names and those people say on the phone."""

STRADDLING = ("TD12", "TD15")
"""Outcodes with postcodes on both sides of the border (seen against the ONS Postcode Directory, 2026-11-22)."""


def read(path: Path) -> list[Row]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    path = DATA / name
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        count = sum(1 for row in rows if out.writerow(row))
    print(f"{name}: {count:,} rows, {path.stat().st_size / 1024:.0f} kB")


def fold(text: str) -> str:
    """As `directory.places.names.fold`; kept apart so that the tool needs nothing built."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text)).casefold()
    kept = "".join(c for c in plain if not unicodedata.combining(c) and c not in "'’‘`´.")
    return " ".join("".join(c if c.isalnum() or c == "&" else " " for c in kept).replace("&", " and ").split())


def council_names(row: Row) -> str:
    """Other names, the council's own ("Fife Council") among them, without repeats."""
    names = [*filter(None, row["alternative_names"].split("|")), *MORE_NAMES.get(row["council_gss"], ())]
    names.append(f"{row['council_name']} Council")
    once = {fold(name): name for name in reversed(names) if fold(name) != fold(row["council_name"])}
    return "|".join(reversed(once.values()))


def on_land(row: Row, sectors: Sequence[Row]) -> tuple[str, str]:
    """The sector point nearest a council's mean postcode, so that an archipelago's point is not in the sea."""
    code = row["council_gss"]
    inside = [s for s in sectors if s["council_shares"].startswith(f"{code}:1.000")]
    lat, lon = float(row["postcode_mean_lat"]), float(row["postcode_mean_lon"])
    narrow = math.cos(math.radians(lat))

    def gap(sector: Row) -> float:
        return math.hypot(float(sector["lat"]) - lat, (float(sector["lon"]) - lon) * narrow)

    nearest = min(inside, key=gap)
    return nearest["lat"], nearest["lon"]


def councils(source: Path, sectors: Sequence[Row]) -> None:
    header = (
        "gss,name,other_names,former_gss,health_board_gss,health_board,police_division,sheriffdom,scra_locality,lat,lon"
    )
    rows = [
        (
            row["council_gss"],
            row["council_name"],
            council_names(row),
            row["former_gss"],
            row["health_board_gss"],
            row["health_board"],
            row["police_division"],
            row["sheriffdom"],
            row["scra_locality"],
            *on_land(row, sectors),
        )
        for row in sorted(read(source / "council_areas.csv"), key=lambda row: row["council_gss"])
    ]
    write("councils.csv", header.split(","), rows)


def neighbours(source: Path) -> None:
    pairs = read(source / "council_neighbours.csv")
    write("neighbours.csv", ("gss", "neighbour_gss"), ((p["council_gss"], p["neighbour_gss"]) for p in pairs))


def outcodes(source: Path) -> None:
    shares: dict[str, list[str]] = {}
    for row in read(source / "outcode_council_shares.csv"):
        shares.setdefault(row["outcode"], []).append(f"{row['council_gss']}:{row['share']}")
    rows = (
        (row["outcode"], row["lat"], row["lon"], row["postcodes"], "|".join(shares[row["outcode"]]))
        for row in read(source / "outcodes.csv")
    )
    write("outcodes.csv", ("outcode", "lat", "lon", "postcodes", "council_shares"), rows)


def border(source: Path) -> None:
    """The Scottish postcodes of outcodes that England shares: without them TD15 cannot be read on a fresh clone."""
    rows = read(source / "scotland_postcodes.csv.gz")
    write(
        "border_postcodes.csv",
        ("postcode",),
        ((r["postcode"],) for r in rows if r["postcode"].split()[0] in STRADDLING and r["council_gss"]),
    )


def tidy(name: str) -> str:
    """One spelling: "Bridge Of Don" → "Bridge of Don", "Tongue Ho." → "Tongue House", no "X, Town"."""
    name = name.split(",")[0].replace(" Ho.", " House")
    for small in (" Of ", " The ", " And ", " By ", " On ", " Upon ", " In "):
        name = name.replace(small, small.lower())
    return name


def places(source: Path) -> None:
    """Towns and villages, repeats joined; without the names that councils, regions or neighbourhoods say better."""
    better = {(fold(r["name"]), r["gss"]) for r in read(DATA / "neighbourhoods.csv")}
    whole = {fold(name) for r in read(DATA / "councils.csv") for name in (r["name"], *r["other_names"].split("|"))}
    whole |= {fold(r["name"]) for r in read(DATA / "regions.csv")}
    joined: dict[tuple[str, str], dict[str, str]] = {}
    for row in sorted(read(source / "places.csv"), key=lambda r: (r["approximate"], fold(tidy(r["name"])))):
        name, code = tidy(row["name"]), row["council_gss"]
        key = (fold(name), code)
        if key in better or key[0] in whole or name.startswith("Nr "):
            continue
        if key in joined:
            both = dict.fromkeys([*joined[key]["outcodes"].split("|"), *row["outcodes"].split("|")])
            joined[key]["outcodes"] = "|".join(filter(None, both))
            continue
        possible = [c for c in row["possible_councils"].split("|") if c and c != code]
        joined[key] = {
            "name": name,
            "gss": code,
            "lat": row["lat"],
            "lon": row["lon"],
            "outcodes": row["outcodes"],
            "approximate": row["approximate"],
            "other_councils": "|".join(possible) if row["approximate"] == "1" else "",
        }
    ordered = sorted(joined.items())
    write("places.csv", tuple(ordered[0][1]), (tuple(row.values()) for _, row in ordered))


def main(source: Path) -> None:
    sectors = read(source / "sectors.csv")
    councils(source, sectors)
    neighbours(source)
    write("sectors.csv", tuple(sectors[0]), (tuple(row.values()) for row in sectors))
    outcodes(source)
    border(source)
    places(source)


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit("Give the folder of the shared geography files: python tools/make_places.py ../shared/data/geography")
    main(Path(sys.argv[1]))
