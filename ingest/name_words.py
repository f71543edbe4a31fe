"""The words of names: which say nothing, which tell an area, a group of people or a sort of service, which are names.

All are folded (`directory.places.reading.fold`). They were gathered from the lists and registers that are read.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from directory.places import areas
from directory.places import names as places
from directory.places.reading import fold

WOMENS_AID_WORD = "womensaid"
PART_OF_A_COUNTY = re.compile(r"\b(north|south|east|west) (ayrshire|dunbartonshire|lanarkshire|lothian|renfrewshire)\b")
"""Councils named by a compass point: there it tells an area, and not one branch from another."""
PLAIN = frozenset(
    fold("""
    a an and at by for from in of on or the to with de s
    accommodation advice aid association body care carers centre center centres charity club co college community
    company council day development district domiciliary education group helpline help high home homecare homes hostel
    house housing hub ltd line local national office options organisation organization outreach partnership primary
    private project projects provision registered residential scheme school scotland scottish secondary service services
    social society special support supported team trust uk union unit units visiting work
    academy city gaelic living nursery rc sheltered
    """).split()
)
"""Words of a name that do not say which service of many it is."""

SMALL = frozenset(["a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"])
SHORTEST = 4
"""Letters of an abbreviation that can be told from chance."""
PEOPLE = frozenset(
    fold("""
    adult adults baby babies boy boys child children childrens elderly families family female girls
    learning male men mens older parents person persons young younger youth women womens
    """).split()
)
"""Words that say for whom: a service for young people is another than the same charity's for everybody."""

RAPE_CRISIS = frozenset({"abuse", "assault", "crisis", "rape", "rasac", "sexual", "violence", "wrasac"})
FAMILY_WORDS: Mapping[str, frozenset[str]] = {
    "domestic_abuse": frozenset({WOMENS_AID_WORD}),
    "counselling": frozenset({"counselling", "counsellor", "therapy"}),
    "restorative_justice": frozenset({"justice", "restorative"}),
    "hate_crime": frozenset({"crime", "hate", "reporting"}),
    "housing": frozenset({"homeless", "homelessness", "tenancy"}),
    "legal_rights": frozenset({"law", "legal", "rights"}),
}
"""Words that say nothing between two rows of such services: "Shakti" there is "Shakti Women's Aid"."""
KINDS = frozenset(fold("adoption adult assessment continuing fostering lives placement reablement shared").split())
"""Words by which one team's registrations of several kinds are told from each other."""
CARE = (
    frozenset({"autism", "dementia", "disabilities", "disability", "domestic", "health", "mental", "recovery"})
    | RAPE_CRISIS
    | frozenset().union(*FAMILY_WORDS.values())
)
"""Words of a sort of service."""
COMPASS = frozenset(
    fold(
        "north south east west central northern southern eastern western northeast northwest southeast southwest"
    ).split()
)
SORTS = frozenset({WOMENS_AID_WORD, "rape", "camhs", "nhs", "ymca", "police"})
"""Words that part bodies of one place: "Lochaber Women's Aid" is not "Lochaber Community Care"."""
REGIONS = frozenset(
    {
        "ayrshire", "lothian", "lothians", "lanarkshire", "dunbartonshire", "tayside", "grampian", "strathclyde",
        "borders", "highlands",
    }
)  # fmt: skip
NUMBERS = {
    "one": "1", "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8",
    "nine": "9", "ten": "10", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7",
}  # fmt: skip
"""Last words of a name that are numbers, as of "Group One"."""
MARK = re.compile(r"\d+[a-z]{0,2}|[a-rt-z]\d*|[a-rt-z]")
"""Digits and single letters, as of "Branch 4" or "Service B"; a lone s is what an apostrophe left."""
WORK = frozenset({"advocacy", "befriending", "employability", "lunch", "training", "transport", "volunteering"})
"""Words of a name that say what is done where a place or a provider is the rest of it."""
WOMEN = frozenset({"women", "womens", "female"})
YOUNG = frozenset({"child", "children", "childrens", "people", "person", "persons", "young", "younger", "youth"})
ADULTS = frozenset({"adult", "adults", "elderly", "older", "people", "person", "persons"})
OF_WATERS = frozenset({"clyde", "forth", "tay", "valley"})
"""Words of "Forth Valley" and the like, by which bodies name their areas."""


def is_own(word: str) -> bool:
    """Whether a word may be a service's own name: no council area, branch, group of people or sort of service."""
    return not is_mark(word) and word not in area_words() and word not in PEOPLE | KINDS | CARE


def is_mark(word: str) -> bool:
    """Whether a word tells one branch from another: a number, a letter, a compass point."""
    return bool(MARK.fullmatch(word)) or word in COMPASS


@lru_cache(maxsize=1)
def area_words() -> frozenset[str]:
    """Words of the names of council areas and regions: one provider's services are named by them."""
    said = {word for council in areas.councils() for name in areas.names(council) for word in _area_words(name)}
    return frozenset(said - PLAIN - COMPASS | REGIONS)


@lru_cache(maxsize=64)
def council_words(gss: str) -> frozenset[str]:
    """Words of a council area's names, but for compass points: North Ayrshire is also a part of Ayrshire."""
    said = {word for name in areas.names(areas.council(gss)) for word in _area_words(name)}
    return frozenset(said - PLAIN - COMPASS)


def _area_words(name: str) -> set[str]:
    """Words of an area's name, one of "West Lothian" too; its letters ("W Dunbartonshire") are none."""
    said = {*fold(name).split(), *PART_OF_A_COUNTY.sub(r"\1\2", fold(name)).split()}
    return {word for word in said if len(word) > 1}


@lru_cache(maxsize=1)
def place_words() -> frozenset[str]:
    """Words of the names of towns, neighbourhoods, regions and firths."""
    known = {word for name in (*places.towns(), *places.regions()) for word in name.split()}
    return frozenset(known | OF_WATERS)
