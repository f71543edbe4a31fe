"""Who a service takes, in three values: does not fit removes it, not stated keeps it lower with a question to ask.

The ceilings follow the grading guide: one fact that matters and is not stated makes a service good rather than ideal.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from directory.matching.candidate import HARM_PLACE_REACH, NATION_REACH, NO_REACH, UNKNOWN_REACH, Cover, Reach, Row
from directory.matching.situation import Situation
from directory.search.columns import AGE_OPEN, ANY_STAGE, REGISTRATION_SHIFT, Flag
from directory.values import REGISTRATIONS
from taxonomy import terms

IDEAL, GOOD, FALLBACK = 1.0, 2 / 3, 1 / 3
"""The most a service's need fit may be: the grades 3, 2 and 1 of the guide, over 3."""

BEYOND_HOME = 0.3
"""A centre at the place of harm when home is elsewhere: a fallback, better asked than given, and last of them. Where no
home was said, most live where it happened."""

CHILD_OF_WOMANS_AID_UNTIL = 16
"""Women's Aid children's workers also see boys, with their mother; how old is asked of the group."""


ADULT = 18
YOUNG_UNTIL = 25
"""Services with this upper age or less are for young people: not for somebody of whom only "an adult" is known."""


class Out(StrEnum):
    """Why a service was left out, in the words shown after "services not shown:"."""

    AREA = "for people who live somewhere else"
    AGE = "for another age"
    GENDER = "for another gender"
    HARM = "made only for another kind of harm"
    RELATION = "only for parents and family"
    SELF_ONLY = "only for the person harmed"
    DECLINED = "declined by the person"
    NOT_FOR_HARMED = "not for the person harmed"
    WORKERS = "advice for workers, not for families"
    GROUP = "made for one group of people"
    STAGE = "for another stage of school"
    REGISTRATION = "only for people registered with a GP or a school"
    RESTORATIVE = "restorative justice, which is offered only when the person asks"


@dataclass(frozen=True, slots=True)
class Masks:
    """Bits of the taxonomy that the rules below speak of, worked out once."""

    domestic_abuse: int
    rape_crisis: int
    restorative: int
    safety: int
    refuge_families: int
    person: int
    parents: int
    gatekeepers: int
    open_routes: int
    self_route: int
    worker_routes: int
    """Every route but self and family: a worker who calls refers, or knows who does."""
    online_harm: int
    needs_before_harm: int
    """Needs that a service may meet though it is known for another harm."""
    general_help: int
    family_support: int
    bereavement: int
    talking_families: int
    talking: int
    """Needs met by talking to somebody trained."""
    mind: int


@cache
def masks() -> Masks:
    """Masks over the terms, worked out once a process."""
    family, relation, route = (terms.load()[name] for name in ("family", "relation", "route"))
    return Masks(
        domestic_abuse=family.mask(["domestic_abuse"]),
        rape_crisis=family.mask(["rape_crisis"]),
        restorative=family.mask(["restorative_justice"]),
        safety=family.mask(["safety"]),
        refuge_families=family.mask(["domestic_abuse", "housing"]),
        person=relation.mask(["harmed_person"]),
        parents=relation.mask(["parent_carer", "family"]),
        gatekeepers=route.mask(
            [
                "gp",
                "school",
                "social_work",
                "childrens_reporter",
                "procurator_fiscal",
                "interagency",
                "council",
            ]
        ),
        open_routes=route.mask(["self", "family", "professional", "police", "health"]),
        self_route=route.mask(["self", "family"]),
        worker_routes=route.mask([code for code in route.terms if code not in ("self", "family")]),
        online_harm=family.mask(["online_harm"]),
        needs_before_harm=terms.load()["need"].mask(["content_removal", "bereavement", "school"]),
        general_help=family.mask(["victim_support"]),
        family_support=family.mask(["family_support"]),
        bereavement=terms.load()["harm"].mask(["bereavement_by_crime"]),
        talking_families=family.mask(["counselling", "mental_health"]),
        talking=terms.load()["need"].mask(["counselling", "mental_health"]),
        mind=terms.load()["need"].mask(["mental_health", "suicidal", "self_harm"]),
    )


def ruled_out(row: Row, cover: Cover, situation: Situation) -> Out | None:
    """The first fact that rules a service out, or None. The engine has already dropped most for area and age."""
    flags, bits = row.flags, masks()
    if flags & Flag.NOT_FOR_HARMED:
        return Out.NOT_FOR_HARMED
    if cover.reach is NO_REACH:
        return Out.AREA
    if row.families & bits.restorative and "need:restorative_justice" not in situation.concerns:
        return Out.RESTORATIVE
    if row.groups and not row.groups & situation.group_mask:
        return Out.GROUP
    if row.needs & situation.declined_mask or declined_talking(row, situation, bits):
        return Out.DECLINED
    if another_age(row, situation, bits):
        return Out.AGE
    if another_gender(row, situation, bits):
        return Out.GENDER
    if another_harm(row, situation, bits):
        return Out.HARM
    if parents_only(row, bits) and not_for_this_caller(row, situation, bits):
        return Out.RELATION
    if row.conditions & CONDITIONS:
        if another_stage(row, situation):
            return Out.STAGE
        if asked_registrations(row) & situation.unregistered:
            return Out.REGISTRATION
    if flags & Flag.WORKERS_ONLY and not may_ask_as_worker(situation):
        return Out.WORKERS
    return None


def declined_talking(row: Row, situation: Situation, bits: Masks) -> bool:
    """ "No counselling": nor health care for the mind, unless that was asked for."""
    if "counselling" not in situation.enquiry.negated or not row.main_family & bits.talking_families:
        return False
    return bool(row.needs & bits.talking and not row.needs & situation.need_mask & bits.mind)


def may_ask_as_worker(situation: Situation) -> bool:
    """Advice for workers is for who calls as one, and for who wants restorative justice, which only they can reach."""
    return situation.enquiry.professional or "need:restorative_justice" in situation.concerns


def another_harm(row: Row, situation: Situation, bits: Masks) -> bool:
    """Whether it is made for other harms alone, and meets no need that goes before the harm."""
    if not row.harms or row.flags & Flag.ANY_HARM or not situation.harm_mask or row.harms & situation.harm_mask:
        return False
    return not row.needs & situation.need_mask & bits.needs_before_harm


CONDITIONS = ANY_STAGE | ((1 << len(REGISTRATIONS)) - 1) << REGISTRATION_SHIFT
"""Bits of the column `conditions` that may rule somebody out."""


def another_stage(row: Row, situation: Situation) -> bool:
    """Whether the person is at none of the stages it takes; of services for parents only what was said counts."""
    stages = row.conditions & ANY_STAGE
    if not stages or not situation.stages or stages & situation.stages:
        return False
    return bool(row.flags & Flag.AGE_OF_PERSON) or situation.enquiry.school_stage is not None


def asked_registrations(row: Row) -> int:
    """Registrations it asks for, as bits of `values.REGISTRATIONS`."""
    return row.conditions >> REGISTRATION_SHIFT & (1 << len(REGISTRATIONS)) - 1


def parents_only(row: Row, bits: Masks) -> bool:
    """Whether the service says that it is for parents or family and not for the person harmed."""
    return bool(row.relations and not row.relations & bits.person and row.relations & bits.parents)


def not_for_this_caller(row: Row, situation: Situation, bits: Masks) -> bool:
    """Parents' services are not for the person harmed; lines on a child's behaviour only for the parent of both."""
    if row.main_family & bits.online_harm:
        return not {"parent", "same_household"} <= situation.who
    relation = situation.enquiry.relation
    if relation is None or relation == "parent_carer" or "parent" in situation.who:
        return False  # behind a child under 12 stands a parent or carer, whoever calls
    if row.harms & situation.harm_mask & bits.bereavement:
        return False  # whoever grieves is the person harmed
    return not row.relations & _relation(relation)


@cache
def _relation(code: str) -> int:
    return terms.load()["relation"].mask((code,))


def another_age(row: Row, situation: Situation, bits: Masks) -> bool:
    if not row.flags & Flag.AGE_STATED:
        return "under12" in situation.who and for_women_alone(row, bits)
    if row.flags & Flag.AGE_OF_PERSON:
        age = situation.enquiry.age
        if age is None:
            return False
        grown_up = age.minimum >= ADULT and age.maximum - age.minimum > YOUNG_UNTIL  # "a teacher": not likely just 18
        return age.maximum < row.age_min or age.minimum > row.age_max or (grown_up and row.age_max <= YOUNG_UNTIL)
    other = situation.enquiry.other_age
    if row.families & bits.restorative and other:
        return other.maximum < row.age_min or other.minimum > row.age_max
    return False


def for_women_alone(row: Row, bits: Masks) -> bool:
    """A rape crisis centre for women that states no age is for no child under 12 (tests/judged/README.md)."""
    return bool(row.flags & Flag.FEMALE_ONLY and not row.flags & Flag.AGE_NONE and row.main_family & bits.rape_crisis)


def another_gender(row: Row, situation: Situation, bits: Masks) -> bool:
    gender, age = situation.enquiry.gender, situation.enquiry.age
    if gender == "female":
        return bool(row.flags & Flag.MALE_ONLY)
    if gender == "male" and row.flags & Flag.FEMALE_ONLY and not row.flags & Flag.GENDER_UNKNOWN:
        young = age is not None and age.maximum < CHILD_OF_WOMANS_AID_UNTIL
        return not (young and row.families & bits.domestic_abuse and row.flags & Flag.WITHHELD)
    return False


AGE_SAID, ONE_GENDER = Flag.AGE_STATED | Flag.AGE_NONE, Flag.FEMALE_ONLY | Flag.MALE_ONLY
PART_UNSURE = Reach.PART_UNSURE


def ceiling(row: Row, cover: Cover, situation: Situation) -> float:
    """The most this service may be for this person: lower for each fact that matters and is not stated."""
    flags, reach, enquiry, bits = row.flags, cover.reach, situation.enquiry, masks()
    if reach is UNKNOWN_REACH:
        return FALLBACK
    top = IDEAL
    if flags & Flag.STATUS_UNKNOWN or reach is PART_UNSURE:
        top = GOOD
        if reach is NATION_REACH and not row.groups and not flags & AGE_SAID:
            top = FALLBACK  # two facts that matter: whether it runs, and for whom
    if reach is HARM_PLACE_REACH:
        top = BEYOND_HOME if situation.residence_mask or situation.outside_scotland else GOOD
    if flags & Flag.WAITING_LIST_CLOSED:
        top = min(top, FALLBACK)
    if enquiry.age is None and limits_matter(row, situation):
        top = min(top, GOOD)
    if flags & ONE_GENDER and enquiry.gender is None:
        top = min(top, GOOD if flags & Flag.FEMALE_ONLY else FALLBACK)  # a men's line is a guess until that is said
    if enquiry.gender == "male" and flags & Flag.FEMALE_ONLY:
        top = min(top, GOOD if enquiry.relation == "parent_carer" or flags & Flag.GENDER_UNKNOWN else FALLBACK)
    if row.conditions & CONDITIONS and conditions_unsure(row, situation):
        top = min(top, GOOD)
        if stage_unsure(row, situation) and not situation.stages:
            top = min(top, FALLBACK)  # from P6 on: is the child five or fifteen?
    if row.routes & bits.gatekeepers and not row.routes & bits.self_route:
        top = min(top, GOOD)
    if parents_only(row, bits) and not _is_family(row, situation, bits):
        top = min(top, FALLBACK)
    return top


def conditions_unsure(row: Row, situation: Situation) -> bool:
    """Whether a stage or registration it asks for is not known of the person."""
    return stage_unsure(row, situation) or bool(asked_registrations(row) & ~situation.registered)


def stage_unsure(row: Row, situation: Situation) -> bool:
    """Whether it takes some stages of school only, and the person's is not known or may be another."""
    stages = row.conditions & ANY_STAGE
    return bool(stages and stages != ANY_STAGE and (not situation.stages or situation.stages & ~stages))


def _is_family(row: Row, situation: Situation, bits: Masks) -> bool:
    """Whether it may be theirs though for parents and family: a brother or sister under 18 calls no parents' line."""
    if row.harms & situation.harm_mask & bits.bereavement:
        return True
    if situation.enquiry.relation == "sibling":
        return "adult" in situation.who or not row.main_family & bits.family_support
    return "parent" in situation.who and situation.enquiry.relation in ("parent_carer", "harmed_person")


def limits_matter(row: Row, situation: Situation) -> bool:
    """Whether the service states an age limit that a person of unknown age might not meet."""
    return bool(row.flags & Flag.AGE_STATED and (row.age_min > 0 or row.age_max < AGE_OPEN))


def value(row: Row, situation: Situation, bits: Masks) -> float:
    """How surely the service takes this person, 0 to 1: the mean over age, gender, relation, harm and route."""
    flags, enquiry = row.flags, situation.enquiry
    age = 1.0 if flags & AGE_SAID and enquiry.age else 0.7
    gender = 0.7 if flags & Flag.GENDER_UNKNOWN else 1.0
    if not row.relations or not enquiry.relation:
        relation = 0.8
    else:
        relation = 1.0 if row.relations & _relation(enquiry.relation) else 0.6
    harm = 1.0 if row.harms & situation.harm_mask else 0.8 if flags & Flag.ANY_HARM else 0.6
    own_route = bits.worker_routes if enquiry.professional else bits.self_route
    route = 1.0 if row.routes & own_route else 0.8 if row.routes & bits.open_routes else 0.5
    return (age + gender + relation + harm + route) / 5
