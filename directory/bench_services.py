"""Made-up services for the bench, from a seed: realistic in what costs time, and in nothing else.

How many cover a council, how often a word comes, how long a description is, follow the real directory; families come
as often as in the registers and the facts together; places follow where people live (postcodes of each sector).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from uuid import NAMESPACE_URL, uuid5

from directory.draft import AgeLimit, Coverage, GenderRule
from directory.places import areas
from directory.places.reading import rows
from directory.search.document import ServiceDocument
from directory.values import Boundary, Known, Point, Visibility

SCOTLAND_SHARE, UNKNOWN_SHARE, PART_SHARE, SEVERAL_SHARE = 0.05, 0.04, 0.08, 0.12
"""Of services: for all of Scotland, no area stated, a part of a council, several councils; the rest one council.
More for all of Scotland than the real directory of 5,770 has, since each is a candidate everywhere."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of service: its families (main first), how often it comes, ages of those it helps, and its words.

    `harms`: those it is for alone, or ANY where most of its kind in the real directory are for any harm.
    """

    families: tuple[str, ...]
    weight: float
    ages: tuple[int | None, int | None]
    names: tuple[str, ...]
    needs: tuple[str, ...] = ()
    harms: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ("in_person",)
    source: str = "bench"


ANY = ("any",)
KINDS = (
    Kind(("care_support",), 17, (16, None), ("Care at Home", "Support Service", "Home Care"), delivery=("outreach",)),
    Kind(("early_years",), 17, (0, 5), ("Nursery", "Playgroup", "Out of School Care", "Childminding")),
    Kind(("education",), 11, (4, 12), ("Primary School",), ("school",), ANY, source="schools"),
    Kind(("education",), 4, (11, 18), ("High School", "Academy"), ("school",), ANY, source="schools"),
    Kind(("housing", "care_support"), 8, (16, None), ("Housing Support", "Supported Accommodation"), ("housing",)),
    Kind(("community_hub",), 6, (None, None), ("Community Centre", "Community Hub"), ("peer_support",), ANY),
    Kind(("youth",), 7, (10, 21), ("Youth Project", "Youth Club", "Mentoring"), ("youth_activities", "advocacy"), ANY),
    Kind(("family_support",), 5, (None, None), ("Family Support", "Families First"), ("family_support",), ANY),
    Kind(("counselling",), 5, (12, 25), ("Counselling", "Talking Space"), ("counselling", "emotional_support")),
    Kind(("mental_health", "counselling"), 4, (5, 18), ("Wellbeing Service", "CAMHS"), ("mental_health", "sleep"), ANY),
    Kind(
        ("victim_support",),
        1.2,
        (None, None),
        ("Victim Support", "Advocacy Service"),
        ("emotional_support", "practical_help"),
        ANY,
        ("phone", "in_person"),
    ),
    Kind(
        ("victim_support",),
        1.8,
        (None, None),
        ("Support after Violence", "Witness Support"),
        ("emotional_support", "court_support", "practical_help"),
        ("physical_harm", "threats", "robbery"),
        ("phone", "in_person"),
    ),
    Kind(("disability",), 3, (None, None), ("Disability Advice", "Autism Support"), ("disability_support",), ANY),
    Kind(("substance_use",), 2, (14, None), ("Recovery Hub", "Alcohol and Drugs Team"), ("substance_use",)),
    Kind(("legal_rights",), 1.8, (None, None), ("Law Centre", "Citizens Rights Advice"), ("legal_advice",), ANY),
    Kind(("legal_rights",), 0.2, (None, None), ("Victim Information",), ("hearing_information", "compensation"), ANY),
    Kind(
        ("domestic_abuse", "housing"),
        1.5,
        (None, None),
        ("Women's Aid", "Domestic Abuse Project"),
        ("safety", "refuge", "emotional_support"),
        ("domestic_abuse",),
        ("residential", "phone"),
    ),
    Kind(
        ("rape_crisis", "counselling"),
        1,
        (12, None),
        ("Rape Crisis Centre", "Sexual Abuse Support"),
        ("counselling", "emotional_support", "court_support", "forensic_care"),
        ("sexual_harm", "child_sexual_abuse"),
    ),
    Kind(("restorative_justice",), 0.7, (8, None), ("Restorative Justice Service",), ("restorative_justice",), ANY),
    Kind(("hate_crime",), 0.5, (None, None), ("Third Party Reporting Centre",), ("reporting",), ("hate",)),
    Kind(
        ("online_harm",), 0.4, (None, 18), ("Online Safety Line",), ("content_removal",), ("online_harm",), ("online",)
    ),
    Kind(("exploitation",), 0.4, (10, 25), ("Exploitation Support",), ("exploitation_support",), ("exploitation",)),
    Kind(("bereavement",), 0.5, (None, None), ("Bereavement Support",), ("bereavement",), ("bereavement_by_crime",)),
    Kind(
        ("safety",),
        0.4,
        (None, None),
        ("Crisis Line", "Duty Team"),
        ("safety", "medical_care", "child_protection"),
        ANY,
        ("phone",),
    ),
    Kind(("residential_care",), 0.6, (8, 18), ("School Hostel",), (), (), ("residential",)),
)
FIRST_WORDS = """
    Harbour Rowan Bridge Northern Thistle Beacon Open Door Kelvin Anchor Birchwood Lomond Compass Haven Stepping
    Stones Lighthouse Riverside Oak Tree Castle Heather Firth Bright Futures Saltire Meadow Hillside Station
    Crossroads Kirkgate Seaview Burnside Willow Ash Elm Forth Clyde Tay Spey Nevis Pentland Ochil
""".split()  # noqa: SIM905 (a list of words is read as words)
LAST_WORDS = ("Trust", "Project", "Partnership", "Association", "Council", "Scotland", "Group", "Network")
DOING = (
    "One-to-one support", "Group work", "A safe space", "Practical help", "Phone advice", "Play therapy", "Advocacy",
    "Emotional support", "Information and advice", "A named worker", "Help with forms", "Visits at home", "Mentoring",
    "Trauma counselling", "Support through police and court", "Day care", "Weekly drop-in", "Peer support",
    "Help after assault", "Parenting support", "Support for brothers and sisters", "Help with sleep and anxiety",
)  # fmt: skip
WHO = (
    "children and young people", "families", "young people aged 12 to 18", "women and girls", "adults",
    "anyone who has been harmed", "parents and carers", "people with a learning disability", "pupils and their parents",
    "people affected by crime", "older people", "disabled people", "young people leaving care", "the whole family",
)  # fmt: skip
AND_MORE = (
    "Referrals from schools and social work are welcome.", "You can refer yourself.", "There may be a waiting list.",
    "Open on weekdays and two evenings.", "Staff are trained in trauma and child protection.",
    "Interpreters can be arranged.", "Support continues for as long as it is needed.", "Sessions are free.",
    "Run by volunteers from the area.", "Registered with the Care Inspectorate.", "Online sessions on request.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Spot:
    outcode: str
    point: Point
    council: str
    council_name: str
    postcodes: int


def services(count: int, seed: int = 1) -> Iterator[ServiceDocument]:
    """`count` made-up services, the same for the same seed; a longer run begins with the shorter one."""
    chance = random.Random(seed)
    spots = _spots()
    weights = [spot.postcodes for spot in spots]
    shares = [kind.weight for kind in KINDS]
    for number in range(count):
        kind = chance.choices(KINDS, shares)[0]
        spot = chance.choices(spots, weights)[0]
        yield _service(number, kind, spot, chance)


@cache
def _spots() -> tuple[_Spot, ...]:
    found = []
    for row in rows("sectors.csv"):
        gss = row["council_shares"].split("|")[0].split(":")[0]
        point = Point(float(row["lat"]), float(row["lon"]))
        outcode = row["sector"].split()[0]
        found.append(_Spot(outcode, point, gss, areas.council(gss).name, int(row["postcodes"])))
    return tuple(found)


def _service(number: int, kind: Kind, spot: _Spot, chance: random.Random) -> ServiceDocument:
    service_id = f"bench:{number}"
    first = f"{chance.choice(FIRST_WORDS)} {chance.choice(FIRST_WORDS)}"
    called = chance.choice(kind.names)
    name = f"{first} {called}"
    if kind.source == "schools" or chance.random() < 0.3:
        name = f"{name} {spot.council_name}"
    visibility = Visibility.EXACT if chance.random() < 0.6 else Visibility.AREA_ONLY
    if "domestic_abuse" in kind.families:
        visibility = Visibility.UNDISCLOSED
    exact = visibility is Visibility.EXACT
    spread = (chance.uniform(-0.01, 0.01), chance.uniform(-0.02, 0.02))
    checked = chance.random() < 0.6
    return ServiceDocument(
        id=str(uuid5(NAMESPACE_URL, service_id)),
        source=kind.source,
        source_id=service_id,
        also=(),
        name=name,
        organization=f"{first} {chance.choice(LAST_WORDS)}",
        description=_description(chance),
        kind=called,
        families=kind.families,
        needs=kind.needs,
        harms=() if kind.harms == ANY else kind.harms,
        any_harm=kind.harms == ANY,
        relations=(),
        groups=(),
        delivery=kind.delivery if chance.random() < 0.7 else (*kind.delivery, "online"),
        referral_routes=("self",) if chance.random() < 0.5 else ("professional",),
        languages=chance.choices((("en",), ("en", "bsl"), ("en", "interpreter"), ("en", "pl")), (85, 5, 7, 3))[0],
        crisis=kind.families[0] == "safety",
        age=_age(kind, chance),
        gender=GenderRule(Known.UNKNOWN if chance.random() < 0.3 else Known.NONE),
        coverage=_coverage(kind, spot, chance),
        visibility=visibility,
        point=Point(spot.point.lat + spread[0], spot.point.lon + spread[1]) if exact else None,
        address=f"{chance.randrange(1, 200)} {chance.choice(FIRST_WORDS)} Street" if exact else "",
        city=spot.council_name if exact else "",
        postal_code="",
        phone=f"01632 {960000 + number % 1000}" if checked else "",
        phone_note="" if checked else "No number is known.",
        text_or_chat="",
        url="",
        status="active",
        status_known=Known.STATED if checked else Known.UNKNOWN,
        waiting_list="",
        not_for_harmed=False,
        workers_only=False,
        alert="",
        confidence="register" if kind.source == "schools" else chance.choice(("register", "page_read")),
        as_of=str(chance.randrange(2015, 2026)),
        source_url="",
        source_name="Made up for measuring",
        licence="none",
    )


def _description(chance: random.Random) -> str:
    """Two to five sentences, about 30 words, as descriptions in the real directory are."""
    doing = ", ".join(chance.sample(DOING, chance.randrange(1, 4)))
    return f"{doing} for {chance.choice(WHO)}. " + " ".join(chance.sample(AND_MORE, chance.randrange(1, 4)))


def _age(kind: Kind, chance: random.Random) -> AgeLimit:
    if chance.random() < 0.25:
        return AgeLimit()
    youngest, oldest = kind.ages
    return AgeLimit(Known.NONE if youngest is None and oldest is None else Known.STATED, youngest, oldest)


def _coverage(kind: Kind, spot: _Spot, chance: random.Random) -> Coverage:
    boundary = chance.choices((Boundary.RESIDENCE, Boundary.EITHER, Boundary.HARM_PLACE), (92, 5, 3))[0]
    drawn = chance.random()
    if kind.source != "schools":
        if drawn < SCOTLAND_SHARE:
            return Coverage(Known.STATED, ("SCOTLAND",), (), boundary)
        if drawn < SCOTLAND_SHARE + UNKNOWN_SHARE:
            return Coverage()
        if drawn < SCOTLAND_SHARE + UNKNOWN_SHARE + SEVERAL_SHARE:
            near = areas.neighbours(spot.council)
            return Coverage(Known.STATED, (spot.council, *near[: chance.randrange(1, 4)]), (), boundary)
    if drawn > 1 - PART_SHARE:
        return Coverage(Known.STATED, (spot.council,), (spot.outcode,), boundary)
    return Coverage(Known.STATED, (spot.council,), (), boundary)
