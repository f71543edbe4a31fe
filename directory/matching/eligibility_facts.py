"""Whom a service takes, fact by fact and in three values, for explanations: never in the loop over candidates.

The rules are those of `eligibility`; a service is ruled out exactly when one of these facts does not fit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from directory.matching import eligibility as rules
from directory.matching.candidate import Cover, Reach, Row, cover
from directory.matching.eligibility import Masks
from directory.matching.situation import Situation
from directory.search.columns import ANY_STAGE, NO_REGISTRATION, Flag, pack
from directory.search.document import ServiceDocument
from directory.values import SCHOOL_STAGES, Boundary, Known
from taxonomy import terms


class Verdict(StrEnum):
    """Whether one fact lets the person in."""

    FITS = "fits"
    NOT_STATED = "not_stated"
    """The service does not say, or nobody said it of the person: ask first."""
    DOES_NOT_FIT = "does_not_fit"
    """Removes the service."""


@dataclass(frozen=True, slots=True)
class EligibilityFact:
    """One fact of eligibility. `name`: age, gender, relation, harm, residence, school_stage, referral_route,
    registration, made_for. `about_whom`: whose fact it is ("the person harmed", "the child who harmed")."""

    name: str
    verdict: Verdict
    about_whom: str
    sentence: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """A service and a person, as every rule below needs them."""

    service: ServiceDocument
    row: Row
    cover: Cover
    situation: Situation
    bits: Masks


def facts(service: ServiceDocument, situation: Situation) -> tuple[EligibilityFact, ...]:
    """All nine facts of one service for one person, in a fixed order."""
    row = Row(**pack(service), text=0.0)
    asked = _Asked(service, row, cover(row, situation), situation, rules.masks())
    return tuple(_facts(asked))


def _facts(asked: _Asked) -> Iterator[EligibilityFact]:
    for name, rule in RULES.items():
        verdict, about, sentence = rule(asked)
        yield EligibilityFact(name, verdict, about, sentence)


Said = tuple[Verdict, str, str]

PERSON = "the person who needs help"
ABOUT = {
    "person_helped": PERSON,
    "child_who_harmed": "the child who harmed",
    "child_concerned": "the child concerned",
    "child_bereaved": "the bereaved child",
}


def _age(asked: _Asked) -> Said:
    limit, enquiry = asked.service.age, asked.situation.enquiry
    about = ABOUT.get(limit.about, PERSON)
    if rules.another_age(asked.row, asked.situation, asked.bits):
        return Verdict.DOES_NOT_FIT, about, f"It takes {_years(limit.minimum, limit.maximum)}."
    if limit.known is Known.NONE:
        return Verdict.FITS, about, "It takes any age."
    if limit.known is Known.UNKNOWN:
        return Verdict.NOT_STATED, about, "Its ages are not stated."
    says = f"It takes {_years(limit.minimum, limit.maximum)}"
    age = enquiry.age if limit.about == "person_helped" else enquiry.other_age
    inside = age and age.minimum >= (limit.minimum or 0) and age.maximum <= (limit.maximum or age.maximum)
    if inside and limit.about in ("person_helped", "child_who_harmed"):
        return Verdict.FITS, about, f"{says}."
    return Verdict.NOT_STATED, about, f"{says}: how old is {about}?"


def _years(minimum: int | None, maximum: int | None) -> str:
    if not minimum:
        return "any age" if maximum is None else f"ages up to {maximum}"
    return f"ages {minimum} and over" if maximum is None else f"ages {minimum} to {maximum}"


def _gender(asked: _Asked) -> Said:
    rule, gender = asked.service.gender, asked.situation.enquiry.gender
    if rule.known is Known.NONE:
        return Verdict.FITS, PERSON, "It is for any gender."
    if rule.known is Known.UNKNOWN:
        return Verdict.NOT_STATED, PERSON, "It does not say whether it is for any gender."
    only = "women and girls" if rule.rule == "female" else "men and boys"
    if rules.another_gender(asked.row, asked.situation, asked.bits):
        return Verdict.DOES_NOT_FIT, PERSON, f"It is for {only} only."
    if gender == rule.rule:
        return Verdict.FITS, PERSON, f"It is for {only}."
    if gender is None:
        return Verdict.NOT_STATED, PERSON, f"It is for {only} only, and no gender was said."
    return Verdict.NOT_STATED, PERSON, f"It is for {only}: ask whether it takes this person."


def _relation(asked: _Asked) -> Said:
    row, situation, relation = asked.row, asked.situation, asked.situation.enquiry.relation
    about = "who asks"
    whom = _labels("relation", asked.service.relations)
    parents = rules.parents_only(row, asked.bits)
    if parents and rules.not_for_this_caller(row, situation, asked.bits):
        return Verdict.DOES_NOT_FIT, about, f"It is for {whom} only."
    if row.flags & Flag.WORKERS_ONLY:
        if rules.may_ask_as_worker(situation):
            return Verdict.FITS, about, "It advises workers."
        return Verdict.DOES_NOT_FIT, about, "It advises workers, not families."
    if not asked.service.relations:
        return Verdict.NOT_STATED, about, "It does not say for whom it is."
    if relation in asked.service.relations:
        return Verdict.FITS, about, f"It is for {whom}."
    return Verdict.NOT_STATED, about, f"It is for {whom}: ask whether it takes others."


def _harm(asked: _Asked) -> Said:
    row, situation = asked.row, asked.situation
    if row.families & asked.bits.restorative and "need:restorative_justice" not in situation.concerns:
        return Verdict.DOES_NOT_FIT, PERSON, "Restorative justice is offered only when the person asks."
    if rules.another_harm(row, situation, asked.bits):
        return Verdict.DOES_NOT_FIT, PERSON, f"It is made for {_labels('harm', asked.service.harms)} only."
    if row.flags & Flag.ANY_HARM:
        return Verdict.FITS, PERSON, "It helps after any harm."
    if row.harms & situation.harm_mask:
        return Verdict.FITS, PERSON, f"It helps after {_labels('harm', asked.service.harms)}."
    if not row.harms:
        return Verdict.NOT_STATED, PERSON, "It does not say after which harm it helps."
    return Verdict.NOT_STATED, PERSON, f"It is known for help after {_labels('harm', asked.service.harms)}."


UNSURE = {
    Reach.UNKNOWN: "Its area is not stated.",
    Reach.HARM_PLACE: "It covers where it happened, not the home: ask whether it takes people who live elsewhere.",
    Reach.PART_UNSURE: "It serves part of the council area: which part do they live in?",
    Reach.SCHOOL_UNSURE: "It takes pupils of some schools of the council area: which school do they go to?",
    Reach.ONE_OF_BOTH: "Home and place of harm must both lie in its area, and one of them is not known.",
}
DECIDES = {
    Boundary.RESIDENCE: "where the person lives",
    Boundary.HARM_PLACE: "where it happened",
    Boundary.EITHER: "where the person lives or where it happened",
    Boundary.BOTH: "where the person lives and where it happened",
}


def _residence(asked: _Asked) -> Said:
    about = DECIDES[asked.service.coverage.boundary]
    if asked.cover.reach is Reach.NONE:
        return Verdict.DOES_NOT_FIT, about, "It is for people of another area."
    if asked.cover.reach in UNSURE:
        return Verdict.NOT_STATED, about, UNSURE[asked.cover.reach]
    if asked.row.flags & Flag.OVER_WIDE and asked.cover.reach is Reach.NATION:
        return Verdict.NOT_STATED, about, OVER_WIDE
    return Verdict.FITS, about, "It covers all of Scotland." if asked.cover.reach is Reach.NATION else "It covers it."


OVER_WIDE = "It says that it covers far more than one small place can: ask whether it really takes people from there."


def _school_stage(asked: _Asked) -> Said:
    row, situation = asked.row, asked.situation
    stages = row.conditions & ANY_STAGE
    if not stages:
        return Verdict.FITS, PERSON, "It does not go by school stage."
    if stages == ANY_STAGE:
        return Verdict.FITS, PERSON, "It takes people of any school stage, or none."
    says = f"It takes people at {stage_words(asked.service.stages.stages)}"
    if rules.another_stage(row, situation):
        return Verdict.DOES_NOT_FIT, PERSON, f"{says} only."
    if situation.stages and not situation.stages & ~stages:
        return Verdict.FITS, PERSON, f"{says}."
    return Verdict.NOT_STATED, PERSON, f"{says}: which stage are they at?"


def stage_words(stages: tuple[str, ...]) -> str:
    """ "P6 to S6", "nursery", "P7, S1 and S2": a run of three or more as its ends."""
    numbers = sorted(SCHOOL_STAGES.index(stage) for stage in stages)
    if len(numbers) > 2 and numbers[-1] - numbers[0] == len(numbers) - 1:
        return f"{_stage(numbers[0])} to {_stage(numbers[-1])}"
    *first, last = map(_stage, numbers)
    return f"{', '.join(first)} and {last}" if first else last


def _stage(number: int) -> str:
    return {"school_leaver": "the time after school"}.get(SCHOOL_STAGES[number], SCHOOL_STAGES[number])


def _referral_route(asked: _Asked) -> Said:
    row, bits, service = asked.row, asked.bits, asked.service
    worker = asked.situation.enquiry.professional
    about = "the worker who calls" if worker else "who calls"
    if not row.routes:
        return Verdict.NOT_STATED, about, "It does not say who can refer."
    ways = _labels("route", service.referral_routes)
    if row.routes & (bits.worker_routes if worker else bits.self_route):
        return Verdict.FITS, about, f"They can go in by: {ways}."
    if worker:
        return Verdict.NOT_STATED, about, "The person, or their family, must ask for it themselves."
    if row.routes & bits.open_routes:
        return Verdict.FITS, about, f"Not by themselves: a worker can refer them ({ways})."
    return Verdict.NOT_STATED, about, f"They cannot go by themselves. Referral by: {ways}."


def _registration(asked: _Asked) -> Said:
    row, situation = asked.row, asked.situation
    wanted = rules.asked_registrations(row)
    if not wanted:
        free = row.conditions & NO_REGISTRATION
        return Verdict.FITS, PERSON, "No registration is needed." if free else "It asks for no registration."
    where = " and ".join(REGISTERED[place] for place in asked.service.registration.places)
    if wanted & situation.unregistered:
        return Verdict.DOES_NOT_FIT, PERSON, f"It takes only people {where}."
    if wanted & ~situation.registered:
        return Verdict.NOT_STATED, PERSON, f"It takes people {where}: are they?"
    return Verdict.FITS, PERSON, f"It takes people {where}."


REGISTERED = {"gp": "registered with a GP of the area", "school": "on the roll of a school"}


def _made_for(asked: _Asked) -> Said:
    row, situation = asked.row, asked.situation
    if row.flags & Flag.NOT_FOR_HARMED:
        return Verdict.DOES_NOT_FIT, PERSON, "It is not for the person harmed."
    if not row.groups:
        return Verdict.FITS, PERSON, "It is not made for one group of people."
    groups = _labels("group", asked.service.groups)
    if row.groups & situation.group_mask:
        return Verdict.FITS, PERSON, f"It is made for {groups}."
    return Verdict.DOES_NOT_FIT, PERSON, f"It is made for {groups}, and nobody said that they are."


RULES: dict[str, Callable[[_Asked], Said]] = {
    "age": _age,
    "gender": _gender,
    "relation": _relation,
    "harm": _harm,
    "residence": _residence,
    "school_stage": _school_stage,
    "referral_route": _referral_route,
    "registration": _registration,
    "made_for": _made_for,
}


def _labels(taxonomy: str, codes: tuple[str, ...]) -> str:
    return ", ".join(_lower(terms.load()[taxonomy].label(code)) for code in codes)


def _lower(label: str) -> str:
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
