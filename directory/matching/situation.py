"""An enquiry turned into the numbers the ranking compares: masks, ages, and yes-or-no facts, once per enquiry."""

from dataclasses import dataclass
from functools import cache

from directory.matching.concerns import all_harms, concerns
from directory.matching.concerns import likelihood as likelihood_of
from directory.matching.enquiry import AGE_LIMIT, AgeRange, Enquiry
from directory.places import crossings
from directory.search.columns import SCOTLAND_BIT, council_bits, mask_of
from directory.values import ACCESS_NEEDS, REGISTRATIONS, SCHOOL_STAGES, Place, PlaceKind
from taxonomy import terms

KIN = {
    "bullying": ("bullying",),
    "stalking": ("stalking", "threats"),
    "trafficking": ("trafficking", "exploitation"),
    "forced_marriage": ("forced_marriage",),
    "child_to_parent": ("child_to_parent", "domestic_abuse"),
    "robbery": ("robbery", "property_damage", "physical_harm"),
    "in_care_abuse": ("in_care_abuse",),
}
"""Harms a service may name when it is the right one for this harm; a harm not listed is its own and its parents'."""

DECLINED = {
    "school": ("school", "school_counselling", "additional_support"),
    "school_counselling": ("school_counselling",),
    "counselling": ("school_counselling",),
}
"""What goes with a need that was declined. Not with the police or the family: others may be needed all the same."""

ADULT = 18
SMALL_UNTIL = 8
"""Younger than this a child does not call a line alone."""

CHILD_KIN = {"sexual_harm": ("child_sexual_abuse",)}
"""Harms to add when the person is, or may be, under 18."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the ranking needs to know of one enquiry."""

    enquiry: Enquiry
    concerns: tuple[str, ...]
    """"harm:…", "need:…", "always", "unclear", "now", "danger": the rows of `fit.csv` that apply."""
    perhaps: tuple[str, ...]
    """Concerns that may be meant without being said: they count in the order alone, never for what a rule asks."""
    likelihood: dict[str, float]
    """Harm or need → how likely it is that it is meant, 0 to 1: see `concerns.likelihood`."""
    harm_masks: dict[str, int]
    """Concern's harm → mask of the harms that count as it."""
    harm_mask: int
    need_mask: int
    declined_mask: int
    """Needs that the person wants nothing for ("nobody at school")."""
    group_mask: int
    residence_mask: int
    harm_place_mask: int
    residence_shares: dict[int, float]
    """Council bit → share of the residence."""
    residence_outcodes: bool
    who: frozenset[str]
    """Facts of `fit.csv`'s who column that hold: see `facts`."""
    placed: bool
    outside_scotland: bool
    stages: int = 0
    """School stages the person may be at, as bits of SCHOOL_STAGES: the one said, or those of the age; 0 not known."""
    registered: int = 0
    """Registrations known, as bits of REGISTRATIONS."""
    unregistered: int = 0
    access: int = 0
    """Bits of ACCESS_NEEDS."""
    over_water: frozenset[int] = frozenset()
    """Islands and shores (`places.crossings`) that lie over the water from the home."""


@cache
def _harm_mask(code: str, maybe_child: bool) -> int:
    harms = terms.load()["harm"]
    codes = KIN.get(code) or (code, *harms.ancestors(code))
    extra = CHILD_KIN.get(code, ()) if maybe_child else ()
    return harms.mask((*codes, *extra))


def understand(enquiry: Enquiry) -> Situation:
    """The numbers of one enquiry."""
    who = frozenset(name for name, holds in facts(enquiry).items() if holds)
    maybe_child = "child" in who
    said, likelihood = concerns(enquiry), likelihood_of(enquiry)
    perhaps = tuple(each for each in likelihood if each not in said)
    harms = [each.removeprefix("harm:") for each in (*said, *perhaps) if each.startswith("harm:")]
    harm_masks = {code: _harm_mask(code, maybe_child) for code in harms}
    if {"exploitation", "sexual_harm"} <= harm_masks.keys():
        harm_masks["exploitation"] |= _harm_mask("trafficking", maybe_child)  # used for sex: those who help who is sold
    whole = 0
    for code, mask in harm_masks.items():
        whole |= mask if f"harm:{code}" in said else 0
    residence = enquiry.residence
    bits = council_bits()
    return Situation(
        enquiry=enquiry,
        concerns=said,
        perhaps=perhaps,
        likelihood=likelihood,
        harm_masks=harm_masks,
        harm_mask=whole,
        need_mask=terms.load()["need"].mask(enquiry.needs),
        declined_mask=terms.load()["need"].mask(
            need for said in enquiry.negated for need in DECLINED.get(said, ()) if said not in enquiry.needs
        ),
        group_mask=terms.load()["group"].mask(_groups(enquiry)),
        residence_mask=_council_mask(residence),
        harm_place_mask=_council_mask(enquiry.harm_place),
        residence_shares={bits[share.gss]: share.share for share in residence.councils} if residence else {},
        residence_outcodes=bool(residence and residence.outcodes),
        who=who,
        placed=bool(residence or enquiry.harm_place),
        outside_scotland=bool(residence and residence.kind is PlaceKind.OUTSIDE_SCOTLAND),
        stages=_stages(enquiry),
        registered=_registered(enquiry),
        unregistered=mask_of(
            [code.removeprefix("no_") for code in enquiry.registered if code[:3] == "no_"], REGISTRATIONS
        ),
        access=mask_of(enquiry.access, ACCESS_NEEDS),
        over_water=crossings.over_water(residence),
    )


STAGE_AGES = (
    (0, 5), (4, 6), (5, 7), (6, 8), (7, 9), (8, 10), (9, 11), (10, 12),
    (11, 13), (12, 14), (13, 15), (14, 16), (15, 17), (16, 19), (15, AGE_LIMIT),
)  # fmt: skip
"""Ages in whole years at which somebody may be at each of SCHOOL_STAGES, a deferred start too; both ends included."""
AT_SCHOOL = sum(1 << number for number, stage in enumerate(SCHOOL_STAGES) if stage not in ("nursery", "school_leaver"))


def _stages(enquiry: Enquiry) -> int:
    if enquiry.school_stage:
        return mask_of((enquiry.school_stage,), SCHOOL_STAGES)
    age = enquiry.age
    if age is None:
        return 0
    return sum(
        1 << number
        for number, (youngest, oldest) in enumerate(STAGE_AGES)
        if age.minimum <= oldest and age.maximum >= youngest
    )


def _registered(enquiry: Enquiry) -> int:
    """What was said; and who is of an age that must go to school is on a school's roll unless that was ruled out."""
    known = mask_of([code for code in enquiry.registered if code in REGISTRATIONS], REGISTRATIONS)
    stages = _stages(enquiry)
    at_school = stages and not stages & ~AT_SCHOOL and "no_school" not in enquiry.registered
    return known | (mask_of(("school",), REGISTRATIONS) if at_school else 0)


def _groups(enquiry: Enquiry) -> tuple[str, ...]:
    """The groups said; who uses British Sign Language is deaf, and a grown-up harmed as a child is a survivor."""
    deaf = ("deaf",) if enquiry.language == "bsl" else ()
    grown = enquiry.age is not None and enquiry.age.minimum >= ADULT
    survivor = ("adult_survivor",) if grown and "child_sexual_abuse" in enquiry.harms else ()
    return (*enquiry.groups, *deaf, *survivor)


def facts(enquiry: Enquiry) -> dict[str, bool]:
    """Which facts of the who column hold; an age not stated may be any. A grown-up harmed by a pupil was at work."""
    age, relation = enquiry.age, enquiry.relation
    return {
        "child": age is None or age.minimum < ADULT,
        "adult": age is None or age.maximum >= ADULT,
        "from16": age is None or age.maximum >= 16,
        "under16": age is not None and age.maximum < 16,
        "under12": age is not None and age.maximum < 12,
        "small": age is not None and age.maximum < SMALL_UNTIL,
        "survivor": "adult_survivor" in _groups(enquiry),
        "at_work": age is not None and age.minimum >= ADULT and "same_school" in enquiry.harmed_by,
        "self": relation == "harmed_person",
        "parent": relation == "parent_carer" or _harmed_by_own_child(enquiry) or _behind(age, relation),
        "sibling": relation == "sibling",
        "relative": relation == "family",
        "witness": relation == "witness",
        "now": enquiry.urgency == "now",
        "same_household": bool(enquiry.same_household),
        "partner": "domestic_abuse" in all_harms(enquiry),
        "inferred": "domestic_abuse" in all_harms(enquiry) and "domestic_abuse" not in enquiry.harms,
        "forced": "forced_marriage" in enquiry.harms,
        "bereaved": "bereavement_by_crime" in enquiry.harms,
        "bullied": "bullying" in enquiry.harms,
        "at_court": "court_support" in enquiry.needs,
        "sexual_image": _sexual_image(enquiry),
        "online": "online_harm" in enquiry.harms,
        "exploited": bool({"exploitation", "trafficking"} & set(enquiry.harms)),
    }


def _harmed_by_own_child(enquiry: Enquiry) -> bool:
    """Whether the person asks as a parent hurt by their own child, said of the child or of the harm: a brother or
    sister under 18 who was hurt beside the parent does not."""
    if "own_child" in enquiry.harmed_by:
        return True
    grown_up = enquiry.age is None or enquiry.age.maximum >= ADULT
    return grown_up and enquiry.relation == "harmed_person" and "child_to_parent" in enquiry.harms


def _sexual_image(enquiry: Enquiry) -> bool:
    """Whether what went online may be a sexual image: something is to be taken down that is no beating, mockery, hate
    or following that was filmed or told."""
    if {"sexual_harm", "child_sexual_abuse", "exploitation"} & set(enquiry.harms):
        return True
    other = {"physical_harm", "bullying", "hate", "stalking"} & set(enquiry.harms)
    return "content_removal" in enquiry.needs and not other


def _behind(age: AgeRange | None, relation: str | None) -> bool:
    """Whether a parent or carer stands behind the child: below 12, unless the child calls alone."""
    return age is not None and age.maximum < (SMALL_UNTIL if relation == "harmed_person" else 12)


def _council_mask(place: Place | None) -> int:
    if place is None:
        return 0
    if place.kind is PlaceKind.SCOTLAND:
        return 1 << SCOTLAND_BIT
    bits = council_bits()
    mask = 0
    for share in place.councils:
        mask |= 1 << bits[share.gss]
    return mask
