"""What the call's page and its live answer show: the same parts from one source, each fact ready to be put right."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from starlette.concurrency import run_in_threadpool

from directory.errors import BadInput
from directory.matching import safety
from directory.matching.correcting import MANY, mark
from directory.matching.results import MatchResult
from directory.runtime import Runtime
from taxonomy import terms
from web import chips, conditions, plans, public, wording
from web.call_case import CallCase
from web.call_form import FIELDS, MOST_LISTED, CallForm, marks_of, read_of
from web.forms import FieldError
from web.match import FULL_CARDS, choices, place_error

LABELS: Mapping[str, str] = {
    "age": "Age", "other_age": "Age of the child who harmed", "relation": "Who", "gender": "Gender",
    "residence": "Lives in", "harm_place": "Harmed in", "language": "Language", "urgency": "How soon",
    "same_household": "Same home", "school_stage": "School stage",
}  # fmt: skip
"""Facts of which there is one, in the order a worker checks them: each is changed where it stands."""
LISTED: Mapping[str, str] = {
    "harms": "What happened", "needs": "Needs", "harmed_by": "Harmed by",
    "perhaps_harms": "Perhaps", "perhaps_needs": "Perhaps", "negated": "Not", "groups": "Belongs to",
    "avoid": "Keep away from", "names": "Named",
}  # fmt: skip
HINTS: Mapping[str, str] = {
    "age": "In years, like 14 or 13 to 15",
    "other_age": "In years, like 13",
    "residence": "Town, postcode or council area",
    "harm_place": "Town, postcode or council area",
    "avoid": "A school, street or service; a semicolon between two",
    "access": "step-free, easy read, interpreter, bsl, online only",
    "registered": "gp, school, no gp or no school",
}
MORE: Mapping[str, str] = {
    "avoid": "Keep away from",
    "access": "What they need to use it",
    "registered": "Registered with",
}
TICKS: Mapping[str, str] = {"harms": "What happened", "needs": "What they need", "harmed_by": "Who harmed them"}
PLACES = ("residence", "harm_place")


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact as used. `mark` takes it away; `field` is changed in place ("" for one of several)."""

    label: str
    value: str
    mark: str
    field: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A call answered, or what was wrong with it; neither while nothing is said. `said`: for who listens."""

    result: MatchResult | None
    errors: tuple[FieldError, ...] = ()

    @property
    def said(self) -> str:
        if self.errors:
            return f"Not understood: {self.errors[0].message}"
        if self.result is None:
            return ""
        count = len(self.result.matches)
        if not count:
            return "No service fits."
        return f"{count} service{'s' if count > 1 else ''}, first: {self.result.matches[0].service.name}."


async def answered(runtime: Runtime, form: CallForm, case: CallCase | None) -> Answered:
    """The answer to a call. What its person named unsafe is left out."""
    if errors := await mistakes(runtime, form):
        return Answered(None, errors)
    if form.is_empty:
        return Answered(None)
    given = {**form.given(), "exclude": "; ".join(sorted(case.out)) if case else ""}
    try:
        return Answered(public.guarded(await runtime.match(form.text, given, corrections=form.corrections)))
    except BadInput as error:
        return Answered(None, (FieldError(error.field if error.field in FIELDS else "text", str(error)),))


async def mistakes(runtime: Runtime, form: CallForm) -> tuple[FieldError, ...]:
    """Everything that is wrong with what was typed."""
    errors = form.errors()
    wrong = {error.field for error in errors}
    for name in PLACES:
        if form.said.get(name) and name not in wrong:
            found = await run_in_threadpool(place_error, runtime, form.said[name], name)
            errors += [found] if found else []
    return tuple(errors)


def context(form: CallForm, found: Answered, case: CallCase | None, names: Mapping[str, str]) -> dict[str, Any]:
    """Everything the parts show. `names`: of the services on the short list, by id."""
    result = found.result
    read = read_of(result) if result else {}
    plan = result.plan if result else None
    return {
        "form": form,
        "values": {name: form.said.get(name) or read.get(name, "") for name in FIELDS},
        "read": {name: value for name, value in read.items() if not form.said.get(name)},
        "facts": facts(result) if result else [],
        "had": marks_of(result) if result else form.added,
        "labels": LABELS,
        "more": MORE,
        "hints": HINTS,
        "ticks": _ticks(),
        "choices": _choices(),
        "errors": found.errors,
        "error_by_field": {error.field: error.message for error in found.errors},
        "result": result,
        "said": found.said,
        "plan": plan,
        "whens": plans.whens(plan.steps) if plan else [],
        "full": result.matches[:FULL_CARDS] if result else (),
        "rest": result.matches[FULL_CARDS:] if result else (),
        "safety": result.safety if result else (),
        "all_safety": () if result else safety.all_lines(),
        "case": case,
        "listed": [(service_id, names.get(service_id, "")) for service_id in form.listed],
        "most_listed": MOST_LISTED,
    }


YES_NO = [{"value": "", "text": "Not said"}, {"value": "yes", "text": "Yes"}, {"value": "no", "text": "No"}]


def facts(result: MatchResult) -> list[Fact]:
    """Every fact of the enquiry with the words that gave it."""
    enquiry, understood = result.enquiry, result.understood
    found = []
    for name, label in LABELS.items():
        one = getattr(understood, name)
        if one is not None:
            place = getattr(enquiry, name) if name in PLACES else None
            value = chips.place_words(place) if place else one.label
            found.append(Fact(label, value, mark(name, one.value), name, one.words))
    for name, label in LISTED.items():
        found += [Fact(label, each.label, mark(name, each.value), "", each.words) for each in getattr(understood, name)]
    if understood.professional is not None:
        found.append(Fact("", understood.professional.label, "professional/True", "", understood.professional.words))
    found += [Fact("Needs to use it", wording.term("communication", code), "access/") for code in enquiry.access]
    found += [Fact("Registered", conditions.registered(code), "registered/") for code in enquiry.registered]
    return found


@cache
def _choices() -> dict[str, list[dict[str, str]]]:
    return {**choices(), "same_household": YES_NO}


@cache
def _ticks() -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be ticked, by its heading: marks and labels."""
    found = []
    for name, label in TICKS.items():
        known = terms.load()[MANY[name]].terms.items()
        found.append((label, [(mark(name, code), term.label) for code, term in known if code != "any"]))
    return found
