"""An enquiry turned into the numbers the ranking compares: masks, ages, and yes-or-no facts, once per enquiry."""

from dataclasses import dataclass
from functools import cache

from directory.matching.enquiry import AgeRange, Enquiry
from directory.search.columns import SCOTLAND_BIT, council_bits
from directory.values import Place, PlaceKind
from taxonomy import terms

KIN = {
    "bullying": ("bullying",),
    "stalking": ("stalking", "threats"),
    "trafficking": ("trafficking", "exploitation"),
    "forced_marriage": ("forced_marriage", "domestic_abuse"),
    "child_to_parent": ("child_to_parent", "domestic_abuse"),
    "robbery": ("robbery", "property_damage", "physical_harm"),
    "in_care_abuse": ("in_care_abuse",),
}
"""Harms a service may name when it is the right one for this harm; a harm not listed is its own and its parents'."""

DISABILITIES = frozenset({"autism", "learning_disability", "disabled", "deaf"})

CHILD_KIN = {"sexual_harm": ("child_sexual_abuse",)}
"""Harms to add when the person is, or may be, under 18."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the ranking needs to know of one enquiry."""

    enquiry: Enquiry
    concerns: tuple[str, ...]
    """"harm:…", "need:…", "always", "unclear", "now", "danger": the rows of `fit.csv` that apply."""
    harm_masks: dict[str, int]
    """Concern's harm → mask of the harms that count as it."""
    harm_mask: int
    need_mask: int
    group_mask: int
    residence_mask: int
    harm_place_mask: int
    residence_shares: dict[int, float]
    """Council bit → share of the residence."""
    residence_outcodes: bool
    who: frozenset[str]
    """Facts of `fit.csv`'s who column that hold: child, adult, from16, self, parent, sibling, now, same_household."""
    placed: bool
    outside_scotland: bool


@cache
def _harm_mask(code: str, maybe_child: bool) -> int:
    harms = terms.load()["harm"]
    codes = KIN.get(code) or (code, *harms.ancestors(code))
    extra = CHILD_KIN.get(code, ()) if maybe_child else ()
    return harms.mask((*codes, *extra))


def understand(enquiry: Enquiry) -> Situation:
    """The numbers of one enquiry."""
    who = _who(enquiry)
    maybe_child = "child" in who
    harm_masks = {code: _harm_mask(code, maybe_child) for code in _with_parents("harm", all_harms(enquiry))}
    whole = 0
    for mask in harm_masks.values():
        whole |= mask
    residence = enquiry.residence
    bits = council_bits()
    return Situation(
        enquiry=enquiry,
        concerns=_concerns(enquiry),
        harm_masks=harm_masks,
        harm_mask=whole,
        need_mask=terms.load()["need"].mask(enquiry.needs),
        group_mask=terms.load()["group"].mask(_groups(enquiry)),
        residence_mask=_council_mask(residence),
        harm_place_mask=_council_mask(enquiry.harm_place),
        residence_shares={bits[share.gss]: share.share for share in residence.councils} if residence else {},
        residence_outcodes=bool(residence and residence.outcodes),
        who=who,
        placed=bool(residence or enquiry.harm_place),
        outside_scotland=bool(residence and residence.kind is PlaceKind.OUTSIDE_SCOTLAND),
    )


def _concerns(enquiry: Enquiry) -> tuple[str, ...]:
    urgent = ("now",) if enquiry.urgency == "now" else ()
    danger = ("danger",) if urgent and "safety" in enquiry.needs else ()
    unclear = () if enquiry.harms or enquiry.needs else ("unclear",)
    harms = (f"harm:{code}" for code in _with_parents("harm", all_harms(enquiry)))
    needs = (f"need:{code}" for code in _with_parents("need", _needs(enquiry)))
    return ("always", *unclear, *urgent, *danger, *harms, *needs)


def _needs(enquiry: Enquiry) -> tuple[str, ...]:
    """The needs said, and extra support at school when school and a disability were said."""
    if "school" in enquiry.needs and DISABILITIES & set(enquiry.groups):
        return (*enquiry.needs, "additional_support")
    return enquiry.needs


def all_harms(enquiry: Enquiry) -> tuple[str, ...]:
    """The harms said, and domestic abuse when a partner or ex did it (Domestic Abuse (Scotland) Act 2018)."""
    harms = enquiry.harms
    if "partner" in enquiry.harmed_by and "domestic_abuse" not in (*harms, *enquiry.negated):
        return (*harms, "domestic_abuse")
    return harms


def _groups(enquiry: Enquiry) -> tuple[str, ...]:
    """The groups said; who uses British Sign Language is deaf."""
    return (*enquiry.groups, "deaf") if enquiry.language == "bsl" else enquiry.groups


def _with_parents(name: str, codes: tuple[str, ...]) -> tuple[str, ...]:
    taxonomy = terms.load()[name]
    found = dict.fromkeys(codes)
    for code in codes:
        found.update(dict.fromkeys(taxonomy.ancestors(code)))
    return tuple(found)


def _who(enquiry: Enquiry) -> frozenset[str]:
    age, relation = enquiry.age, enquiry.relation
    facts = {
        "child": age is None or age.minimum < 18,
        "adult": age is None or age.maximum >= 18,
        "from16": age is None or age.maximum >= 16,
        "under12": age is not None and age.maximum < 12,
        "self": relation == "harmed_person",
        "parent": relation == "parent_carer" or (age is not None and age.maximum < 12),
        "sibling": relation == "sibling",
        "witness": relation == "witness",
        "now": enquiry.urgency == "now",
        "same_household": bool(enquiry.same_household),
        "partner": "domestic_abuse" in all_harms(enquiry),
    }
    return frozenset(name for name, holds in facts.items() if holds)


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


def is_child(age: AgeRange | None) -> bool | None:
    """Under 18 for certain (True), adult for certain (False), or not known (None)."""
    if age is None or age.minimum < 18 <= age.maximum:
        return None
    return age.maximum < 18
