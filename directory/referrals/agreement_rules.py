"""Whose agreement counts, by age and understanding: each rule with its source, each switch the adopter's ([law]).

12 and over are presumed able: Age of Legal Capacity (Scotland) Act 1991 s.2(4A), Data Protection Act 2018 s.208; being
referred follows by analogy. Under 12 is not barred: what they understood is recorded, or somebody with parental rights
and responsibilities agrees and the child's own view is written down (Children (Scotland) Act 1995 s.6). From 16 on
somebody else decides only with papers (Adults with Incapacity (Scotland) Act 2000).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from directory.errors import BadInput
from directory.referrals import codes
from directory.referrals.policy import Policy

LOWEST_AGE = {"under_12": 0, "12_15": 12, "16_17": 16, "18_25": 18, "26_over": 26}
ADULT_FROM = 16
"""Age of Legal Capacity (Scotland) Act 1991 s.1; Adults with Incapacity (Scotland) Act 2000 s.1(6)."""
SELF, PARENT, GUARDIAN = "self", "parental_responsibilities", "guardian_or_attorney"
PRESUMED, UNDERSTOOD, ADULT, SUPPORTED, NOT_ABLE = (
    "presumed_12_over", "understanding_recorded", "adult", "with_support", "not_able",
)  # fmt: skip
LEAST = ("identity", "contact", "need")
"""Without these a provider can neither decide nor reach anybody."""
NOTHING_KEPT = "Nothing was kept."


@dataclass(frozen=True, slots=True)
class AgreementSaid:
    """What a worker writes down when somebody agrees; lists are codes joined by "|"."""

    service_id: str
    given_by: str = SELF
    capacity_basis: str = ""
    evidence_seen: str = ""
    child_view: str = ""
    how: str = "phone"
    wording_format: str = "plain"
    language: str = "en"
    purposes: str = "refer|feedback"
    categories: str = "identity|contact|need|access|risk_flag|notes"
    feedback: str = "outcome"
    share_back: bool = False
    review_by: date | None = None
    """None: as late as the rules allow."""
    parent_of_both: bool = False
    """They are the parent of the child who was harmed and of the child who harmed."""
    beside_parent: str = ""
    """Who agrees beside such a parent (`codes`, list beside_parent)."""
    wording_version: int | None = None
    """Version of the words that were read out, where somebody read them from a page; None: those in use."""


def check(said: AgreementSaid, age_band: str, policy: Policy, today: date) -> date:
    """Raises BadInput, naming the field, for an agreement that does not count; returns the day it is asked again."""
    _check_codes(said)
    if age_band not in LOWEST_AGE:
        raise BadInput("Say first how old the person is.", "Write the age band on the case.", "age_band")
    if said.given_by == SELF:
        _check_self(said, LOWEST_AGE[age_band], policy)
    else:
        _check_others(said, LOWEST_AGE[age_band], policy)
    return _review_by(said.review_by, policy.number("law", "agreement_months"), today)


def _check_codes(said: AgreementSaid) -> None:
    for name in ("given_by", "capacity_basis", "how", "wording_format", "feedback"):
        codes.check(name, getattr(said, name))
    for name, optional in (("evidence", said.evidence_seen), ("child_view", said.child_view)):
        if optional:
            codes.check(name, optional)
    codes.check_all("purpose", said.purposes, "purposes")
    codes.check_all("category", said.categories, "categories")
    if "refer" not in said.purposes.split("|"):
        raise BadInput("An agreement to be referred must say so.", "Choose the purpose, or keep nothing.", "purposes")
    without = [name for name in LEAST if name not in said.categories.split("|")]
    if without:
        told = codes.label("category", without[0])
        advice = "Ask again, or tell the person of the service and let them go themselves."
        raise BadInput(f"No service can help without this: {told.lower()}.", advice, "categories")
    if said.feedback != "none" and "feedback" not in said.purposes.split("|"):
        raise BadInput("Hearing back is a purpose of its own.", "Choose it too, or choose nothing back.", "purposes")


def _check_self(said: AgreementSaid, age: int, policy: Policy) -> None:
    presumed = age >= policy.number("law", "presumed_able_from")
    if not presumed and policy.flag("law", "under_12_is_barred"):
        raise BadInput("At this age somebody else must agree here.", "Ask who has parental rights.", "given_by")
    fitting = {SUPPORTED, ADULT if age >= ADULT_FROM else "", PRESUMED if presumed else UNDERSTOOD} - {""}
    if said.capacity_basis not in fitting:
        possible = "; ".join(codes.label("capacity_basis", each) for each in sorted(fitting))
        raise BadInput("That does not fit their age.", f"Choose one of: {possible}.", "capacity_basis")


def _check_others(said: AgreementSaid, age: int, policy: Policy) -> None:
    if age >= policy.number("law", "presumed_able_from") and said.capacity_basis != NOT_ABLE:
        advice = "Ask them; only if they are not able to decide can somebody else do it for them."
        raise BadInput("At this age the person agrees themselves.", advice, "given_by")
    if said.capacity_basis not in (NOT_ABLE, UNDERSTOOD, SUPPORTED):
        raise BadInput("That does not fit who agreed.", NOTHING_KEPT, "capacity_basis")
    if age >= ADULT_FROM and said.given_by != GUARDIAN:
        advice = "Only a guardian or attorney with papers, or the person with support."
        raise BadInput("Nobody else can agree for somebody of 16 or over.", advice, "given_by")
    if age < ADULT_FROM and said.given_by == GUARDIAN:
        raise BadInput("A guardian or attorney decides for somebody of 16 or over.", NOTHING_KEPT, "given_by")
    if said.given_by != PARENT and not said.evidence_seen:
        raise BadInput("Say which paper was seen.", "Without one they cannot agree for somebody.", "evidence_seen")
    if age < ADULT_FROM and said.child_view in ("", "not_asked"):
        advice = "Ask the child what they think, in words they can follow, and write it down."
        raise BadInput("The child's own view is missing.", advice, "child_view")
    if said.child_view == "disagrees" and said.capacity_basis != NOT_ABLE:
        raise BadInput("They understand, and they do not agree.", "Nobody can agree in their place.", "child_view")
    _check_parent_of_both(said, policy)


def _check_parent_of_both(said: AgreementSaid, policy: Policy) -> None:
    """A parent of both children has two interests: somebody else agrees too."""
    if not said.parent_of_both or said.given_by != PARENT or policy.flag("law", "parent_of_both_alone"):
        return
    if not said.beside_parent:
        advice = "Ask the child too, the other parent, or the local authority."
        raise BadInput("A parent of both children never agrees alone.", advice, "beside_parent")
    codes.check("beside_parent", said.beside_parent)
    if said.beside_parent == "child" and said.child_view != "agrees":
        raise BadInput("The child has not agreed.", "Ask somebody else who may.", "beside_parent")


def _review_by(chosen: date | None, months: int, today: date) -> date:
    latest = _months_on(today, months)
    if chosen is None:
        return latest
    if not today < chosen <= latest:
        raise BadInput(
            "It must be asked again later than today, and soon enough.",
            f"Choose a day up to {latest.day} {latest:%B %Y}.",
            "review_by",
        )
    return chosen


def _months_on(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))
