"""What the best of the candidates make of the others: the general victim line and national services step back beside
an ideal local one (grading.md, "National and local" and "By family").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from directory.matching.candidate import NATION_COVER, Row
from directory.matching.eligibility import GOOD, IDEAL
from directory.matching.judged import Judged
from directory.matching.situation import Situation
from directory.search.columns import LANGUAGES, Flag
from taxonomy import terms

IDEAL_FROM = 0.89
"""A need fit that counts as ideal: 2.7 of 3 and more."""
BESIDE_TWO = 0.4
"""Between good and fallback, nearer to the fallback: of two specialists one may have a waiting list."""
SPECIALISTS = (
    "victim_support", "rape_crisis", "domestic_abuse", "counselling", "youth", "exploitation", "hate_crime"
)  # fmt: skip
"""Families whose local services are specialists for a harm, beside whom the general victim line steps back."""
NATIONAL_SPECIALISTS = ("rape_crisis", "domestic_abuse", "counselling", "exploitation")
"""Families whose national services count as the second specialist beside a local one."""
LOCAL_FIRST = ("rape_crisis", "domestic_abuse", "counselling", "bereavement", "housing", "youth")
"""Families of which a national service is second to an ideal local one; elsewhere there is none to be second to."""
OTHER_MATTERS = frozenset(
    {
        "sexual_harm",
        "child_sexual_abuse",
        "domestic_abuse",
        "exploitation",
        "trafficking",
        "online_harm",
        "in_care_abuse",
    }
)
"""Harms of which others know more than the general victim line."""


@dataclass(frozen=True, slots=True)
class Ideals:
    """How many ideal specialists there are, how many of them local, and the families that have a local one."""

    specialists: int
    near: int
    local_families: int


@dataclass(frozen=True, slots=True)
class _Masks:
    general: int
    specialists: int
    national_specialists: int
    local_first: int
    bereavement: int
    court_support: int
    school: int
    bullying: int
    forced_marriage: int
    forensic_care: int


@cache
def _masks() -> _Masks:
    family, need, harm = (terms.load()[name] for name in ("family", "need", "harm"))
    return _Masks(
        general=family.mask(["victim_support"]),
        specialists=family.mask(SPECIALISTS),
        national_specialists=family.mask(NATIONAL_SPECIALISTS),
        local_first=family.mask(LOCAL_FIRST),
        bereavement=family.mask(["bereavement"]),
        court_support=need.mask(["court_support"]),
        school=need.mask(["school"]),
        bullying=harm.mask(["bullying"]),
        forced_marriage=harm.mask(["forced_marriage"]),
        forensic_care=need.mask(["forensic_care"]),
    )


def stepped_back(judged: Sequence[tuple[int, Judged]], situation: Situation) -> list[tuple[int, Judged]]:
    """The same candidates in the same order, with the most that each may be beside the others."""
    bits = _masks()
    found = _ideals([one for _, one in judged], situation, bits)
    line = _general_line(found, situation, bits)
    return [(position, _beside(one, found, line, situation, bits)) for position, one in judged]


def _is_general(judged: Judged, bits: _Masks) -> bool:
    """The victim line for all of Scotland, open whatever the harm; help at court is another matter."""
    row = judged.row
    if not row.main_family & bits.general or judged.cover is not NATION_COVER:
        return False
    return bool(row.flags & Flag.ANY_HARM) and not row.needs & bits.court_support


def _ideals(judged: Sequence[Judged], situation: Situation, bits: _Masks) -> Ideals:
    """A national service that is second to a local one is not ideal. When the need is now, a local one without a
    number is not second to none.
    """
    urgent = situation.enquiry.urgency == "now"
    ideal = [one for one in judged if one.need >= IDEAL_FROM and not _is_general(one, bits)]
    near = [one for one in ideal if one.cover.is_local]
    families = 0
    for one in near:
        if not urgent or one.row.flags & Flag.HAS_PHONE:
            families |= one.row.main_family
            if one.row.harms:
                families |= one.row.families & bits.local_first
    local = sum(bool(one.row.main_family & bits.specialists) for one in near)
    second = bits.national_specialists & ~families
    national = sum(bool(one.row.main_family & second) for one in ideal if one.cover is NATION_COVER)
    return Ideals(local + national, local, families)


def _general_line(found: Ideals, situation: Situation, bits: _Masks) -> float:
    """The most the general victim line may be: ideal for assault, threats, robbery, property, a worker or a witness
    with no local specialist; good where there is one, at school alone, or for a child alone in a shared home.
    """
    if found.near and found.specialists > 1:
        return BESIDE_TWO
    who = situation.who
    bullied = situation.harm_mask & bits.bullying and situation.need_mask & bits.school
    alone = {"child", "self", "same_household"} <= who
    other = set(situation.enquiry.harms) & OTHER_MATTERS and not {"at_work", "witness"} & who
    return GOOD if found.near or bullied or alone or other else IDEAL


def _beside(judged: Judged, found: Ideals, line: float, situation: Situation, bits: _Masks) -> Judged:
    if judged.cover is not NATION_COVER:
        return judged
    most = line if _is_general(judged, bits) else GOOD if _is_second(judged.row, found, situation, bits) else IDEAL
    return judged if judged.need <= most else judged._replace(need=most)


def _is_second(row: Row, found: Ideals, situation: Situation, bits: _Masks) -> bool:
    """Whether a local service does the same: not for the person's own group, in their language, or in a crisis, nor the
    line through which a forensic suite is reached."""
    kind = row.main_family & bits.local_first
    if not kind or row.groups or row.harms & situation.harm_mask & bits.forced_marriage:
        return False
    if row.needs & situation.need_mask & bits.forensic_care:
        return False
    if not (row.families & bits.bereavement or kind) & found.local_families:
        return False
    language = situation.enquiry.language
    speaks = language in LANGUAGES and language != "en" and row.languages >> LANGUAGES.index(language) & 1
    return not speaks and "suicidal" not in situation.enquiry.needs
