"""How a table of phrases is judged: one line a phrase, with what a careful listener would take from it.

A line is right when every part is. Ages and places not listed must be absent; harms and negated must be exactly those
listed; needs, harmed_by, avoid and names must hold those listed; the rest is judged where listed.
Two things follow from who harmed and are not written in the older lines: harm by a partner is domestic abuse too, harm
in a placement is harm in care too. What is in hand already (the police have it) may stand in negated unlisted.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from taxonomy.lexicon import Lexicon
from taxonomy.words import Understanding, understand

HERE = Path(__file__).parent
EXACT = ("age", "other_age", "residence", "harm_place", "language")
WHERE_LISTED = ("relation", "gender", "urgency", "same_household")
SAME_SET = ("harms", "negated")
AT_LEAST = ("needs", "harmed_by", "avoid", "names")

PLACES = [
    "Aberdeen",
    "Airdrie",
    "Airth",
    "Alloa",
    "Alness",
    "Alva",
    "Annan",
    "Arbroath",
    "Ardrossan",
    "Aviemore",
    "Ayr",
    "Ballingry",
    "Banff",
    "Barrhead",
    "Bathgate",
    "Beith",
    "Belfast",
    "Bellshill",
    "Bishopbriggs",
    "Bo'ness",
    "Bonnybridge",
    "Brechin",
    "Broxburn",
    "Buckhaven",
    "Buckie",
    "Bute",
    "Campbeltown",
    "Carlisle",
    "Castlemilk",
    "Clydebank",
    "Coatbridge",
    "Cowdenbeath",
    "Cowie",
    "Craigmillar",
    "Crieff",
    "Cumbernauld",
    "Cupar",
    "Dalkeith",
    "Denny",
    "Dingwall",
    "Drumchapel",
    "Dumbarton",
    "Dumfries",
    "Dundee",
    "Dunfermline",
    "Dunoon",
    "Duns",
    "Easterhouse",
    "Edinburgh",
    "Elgin",
    "Falkirk",
    "Fife",
    "Forfar",
    "Forres",
    "Fraserburgh",
    "Galashiels",
    "Girvan",
    "Glasgow",
    "Glenrothes",
    "Govan",
    "Govanhill",
    "Grangemouth",
    "Greenock",
    "Gretna",
    "Hamilton",
    "Hawick",
    "Invergordon",
    "Inverness",
    "Irvine",
    "Keith",
    "Kelso",
    "Kilmarnock",
    "Kilsyth",
    "Kilwinning",
    "Kirkcaldy",
    "Kirkintilloch",
    "Lanark",
    "Largs",
    "Larkhall",
    "Law",
    "Leith",
    "Lerwick",
    "Leven",
    "Linlithgow",
    "Liverpool",
    "Livingston",
    "Lochgelly",
    "Lochgilphead",
    "London",
    "Maryhill",
    "Methil",
    "Montrose",
    "Motherwell",
    "Musselburgh",
    "Nairn",
    "Newcastle",
    "Nitshill",
    "Oban",
    "Paisley",
    "Peebles",
    "Penicuik",
    "Perth",
    "Peterhead",
    "Pitlochry",
    "Pollok",
    "Pollokshields",
    "Portobello",
    "Possilpark",
    "Prestwick",
    "Renfrew",
    "Rothesay",
    "Rutherglen",
    "Saltcoats",
    "Shetland",
    "Shettleston",
    "Stirling",
    "Stornoway",
    "Stranraer",
    "Tain",
    "Thurso",
    "Tillicoultry",
    "Tranent",
    "Troon",
    "Tullibody",
    "Kilbirnie",
    "Ullapool",
    "Wick",
    "Wishaw",
    "Bearsden",
    "Dollar",
    "Dunbar",
    "Eday",
    "Jedburgh",
    "Kinross",
    "Lochmaddy",
    "Mallaig",
    "Selkirk",
]
SPACED = ("Fort William", "Port Glasgow", "St Andrews", "Wester Hailes", "East Kilbride")
SERVICES = ("The Junction", "Women's Aid", "Leith Academy", "Rape Crisis", "Edinburgh Rape Crisis Centre", "Childline")
COMMON = ("Law", "Keith", "Dollar")


def _implied(row: dict[str, Any]) -> set[str]:
    """Harms that follow from who harmed, in a line that tells of harm."""
    by = set(row.get("harmed_by", ())) if row.get("harms") else set()
    follows = {"partner": "domestic_abuse", "same_care": "in_care_abuse"}
    return {follows[code] for code in by & set(follows)} - set(row.get("negated", ()))


def _in_hand(row: dict[str, Any]) -> set[str]:
    """Needs that somebody sees to already, unless the line itself speaks of them."""
    return {"reporting", "child_protection"} - {*row.get("needs", ()), *row.get("negated", ())}


UNLISTED: Mapping[str, Callable[[dict[str, Any]], set[str]]] = {"harms": _implied, "negated": _in_hand}


def lexicon() -> Lexicon:
    """The places and services the tables speak of, with three whose names are everyday words."""
    return Lexicon.of([*PLACES, *SPACED], SERVICES, COMMON)


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The phrases of a table; a first line with a note is left out."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if "text" in row:
            yield row


def mistakes(row: dict[str, Any], words: Lexicon) -> list[str]:
    """What was misunderstood, as "part: wanted, got"; empty when the line is right."""
    got = read(understand(row["text"], words))
    wrong: list[str] = []
    for part in (*EXACT, *(part for part in WHERE_LISTED if part in row)):
        if got[part] != row.get(part):
            wrong.append(f"{part}: {row.get(part)}, got {got[part]}")
    for part in SAME_SET:
        wanted = set(row.get(part, ()))
        if set(got[part]) - UNLISTED[part](row) != wanted - UNLISTED[part](row):
            wrong.append(f"{part}: {sorted(wanted)}, got {sorted(got[part])}")
    for part in AT_LEAST:
        if not set(row.get(part, ())) <= set(got[part]):
            wrong.append(f"{part}: {sorted(row[part])}, got {sorted(got[part])}")
    return wrong


def read(understanding: Understanding) -> dict[str, Any]:
    """The values alone, by part."""
    one = {part: getattr(understanding, part) for part in (*EXACT, *WHERE_LISTED)}
    many = {part: getattr(understanding, part) for part in (*SAME_SET, *AT_LEAST)}
    return {part: each.value if each else None for part, each in one.items()} | {
        part: [each.value for each in all_of] for part, all_of in many.items()
    }
