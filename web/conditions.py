"""What few services state, in plain words: school stage, registration, opening hours, access, answers to referrals."""

from directory import opening, track_record
from directory.feeds.assurance_words import spoken_date
from directory.matching.eligibility_facts import REGISTERED, stage_words
from directory.matching.labels import sentence
from directory.search.document import ServiceDocument
from directory.values import Known
from taxonomy import terms


def told(doc: ServiceDocument) -> list[tuple[str, str]]:
    """Label and words of each that is stated. One that is not stated is left out: few services say anything of it."""
    said = [
        ("School stage", _stages(doc)),
        ("Registration", _registration(doc)),
        ("Opening hours", hours(doc)),
        ("Access", _access(doc)),
        ("Answers to referrals", track_record.in_words(doc.evidence) if doc.evidence else ""),
    ]
    return [(label, value) for label, value in said if value]


def _stages(doc: ServiceDocument) -> str:
    if doc.stages.known is Known.NONE:
        return "Any stage, or none"
    return stage_words(doc.stages.stages) if doc.stages.stages else ""


def _registration(doc: ServiceDocument) -> str:
    if doc.registration.known is Known.NONE:
        return "None needed"
    return sentence(" and ".join(REGISTERED[place] for place in doc.registration.places))


def registered(code: str) -> str:
    """A registration of the person: "gp" or "no_gp"."""
    where = {"gp": "a GP", "school": "a school"}[code.removeprefix("no_")]
    return f"Not with {where}" if code.startswith("no_") else f"With {where}"


def hours(doc: ServiceDocument) -> str:
    """When it can be reached, with the date of it; day and night is said without one."""
    words = opening.in_words(doc.hours)
    if not words or opening.is_always(doc.hours):
        return words
    when = f"as of {spoken_date(doc.hours_as_of)}" if doc.hours_as_of else "from an old list: check"
    return f"{words} ({when})"


def _access(doc: ServiceDocument) -> str:
    label = terms.load()["communication"].label
    offers = [", ".join(map(label, doc.access.offers))] if doc.access.offers else []
    lacks = [f"It says it has no: {', '.join(map(label, doc.access.lacks))}"] if doc.access.lacks else []
    return ". ".join((*offers, *lacks))
