"""Lines for danger and crisis, from one short table; shown whenever urgency or words say so, before anything else."""

from functools import cache

from directory.matching.enquiry import Enquiry
from directory.matching.results import SafetyLine
from directory.places import duty
from taxonomy import committed


@cache
def _table() -> tuple[tuple[SafetyLine, frozenset[str]], ...]:
    return tuple(
        (SafetyLine(row["name"], row["number"], row["when"], row["source"]), frozenset(row["shown"].split()))
        for row in committed.rows("taxonomy", "safety_lines.csv")
    )


def all_lines() -> tuple[SafetyLine, ...]:
    """Every line, for the pages that show them always."""
    return tuple(line for line, _ in _table())


def lines(enquiry: Enquiry) -> tuple[SafetyLine, ...]:
    """The lines this enquiry calls for; none when nothing says danger or crisis."""
    facts = set()
    if enquiry.urgency == "now" or "safety" in enquiry.needs:
        facts.add("now")
    if {"suicidal", "self_harm"} & set(enquiry.needs):
        facts.add("suicidal")
        if enquiry.age and enquiry.age.minimum < 19:
            facts.add("child")
    if "medical_care" in enquiry.needs:
        facts.add("medical")
    if "reporting" in enquiry.needs:
        facts.add("reporting")
    return (*(line for line, shown in _table() if facts & shown), *_duty_line(enquiry))


def _duty_line(enquiry: Enquiry) -> tuple[SafetyLine, ...]:
    """The council's social work, by phone, when a child may be at risk; 101 where its number is not known."""
    place = enquiry.residence or enquiry.harm_place
    if "child_protection" not in enquiry.needs or place is None or place.main_council is None:
        return ()
    known = duty.line(place.main_council.gss)
    return tuple(
        SafetyLine(f"Children's social work, {known.council}", number.number, f"{when}; {number.wording}", known.source)
        for number, when in ((known.daytime, "by day"), (known.out_of_hours, "at night and at weekends"))
        if number.known or number is known.daytime
    )
