"""From words and facts given beside them to an `Enquiry`, and what was understood to show on the page."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from directory.errors import BadInput, PlaceNotFound
from directory.matching import correcting
from directory.matching import given as facts
from directory.matching.correcting import PERHAPS, Corrections, corrected
from directory.matching.enquiry import TEXT_LIMIT, AgeRange, Enquiry
from directory.matching.home import with_home
from directory.matching.whose_age import settled
from directory.places.gazetteer import Gazetteer, is_common_word
from directory.values import Place
from taxonomy.languages import LANGUAGES
from taxonomy.lexicon import Lexicon
from taxonomy.terms import load
from taxonomy.words import STAGE_LABELS, Understanding, Understood, age_label
from taxonomy.words import codes as values_of
from taxonomy.words import understand as understand_words

__all__ = ["Lexicon", "build_lexicon", "describe", "enquiry", "understand"]


def build_lexicon(gazetteer: Gazetteer, service_names: Iterable[str] = ()) -> Lexicon:
    """Every place the gazetteer knows and every service by name, ready to be recognised. Slow: build it once."""
    names = gazetteer.names()
    return Lexicon.of(names, service_names, (folded for folded in names if is_common_word(folded)))


@cache
def _gazetteer() -> Gazetteer:
    return Gazetteer()


def understand(text: str, lexicon: Lexicon, gazetteer: Gazetteer | None = None) -> Understanding:
    """What the words say, places located. A place that cannot be located is moved to `not_understood`; never raises."""
    places = gazetteer or _gazetteer()
    return _located(with_home(understand_words(text, lexicon), text, places), places)[0]


def enquiry(
    text: str,
    given: Mapping[str, object],
    lexicon: Lexicon,
    gazetteer: Gazetteer,
    corrections: Corrections = correcting.NONE,
) -> tuple[Enquiry, Understanding]:
    """The enquiry, and what was understood. Facts given beside the words win; None and "" are not given.

    Keys of `given`: residence, harm_place (or harm), age, other_age, relation, gender, language, urgency, avoid, needs,
    harms, same_household, exclude, school_stage, schools (seed codes), registered, access. Raises BadInput
    (PlaceNotFound for places) with `field` set.
    """
    checked = _checked_text(text)
    told = {key: value for key, value in given.items() if facts.is_given(value)}
    places = _given_places(told, gazetteer)
    beside = _given_facts(told)
    said, spoken = _located(with_home(understand_words(checked, lexicon), checked, gazetteer), gazetteer)
    said = corrected(said, corrections)
    spoken = {name: place for name, place in spoken.items() if getattr(said, name) is not None}
    understood = settled(_with_given(said, beside, places))
    harms, needs = values_of(understood.harms), values_of(understood.needs)
    asked = Enquiry(
        text=checked,
        needs=needs,
        harms=harms,
        negated=values_of(understood.negated),
        unsure=_likely(harm=understood.harms, need=understood.needs),
        perhaps=_likely(harm=understood.perhaps_harms, need=understood.perhaps_needs),
        age=_age(understood.age),
        other_age=_age(understood.other_age),
        relation=_value(understood.relation),
        harmed_by=values_of(understood.harmed_by),
        same_household=_value(understood.same_household),
        gender=_value(understood.gender),
        language=_value(understood.language),
        residence=places.get("residence") or spoken.get("residence"),
        harm_place=places.get("harm_place") or spoken.get("harm_place"),
        urgency=_value(understood.urgency),
        avoid=values_of(understood.avoid),
        groups=values_of(understood.groups),
        school_stage=_value(understood.school_stage),
        schools=facts.listed(told["schools"], "schools", ",") if "schools" in told else (),
        registered=facts.registered(told["registered"]) if "registered" in told else (),
        access=facts.access(told["access"]) if "access" in told else (),
        professional=understood.professional is not None,
        exclude=facts.listed(told["exclude"], "exclude") if "exclude" in told else (),
        names=values_of(understood.names),
    )
    return asked, understood


def _likely(**told: Iterable[Understood]) -> tuple[tuple[str, float], ...]:
    """Concerns that are less than sure, each with its likelihood; `told` by taxonomy."""
    return tuple((f"{kind}:{each.value}", each.likely) for kind in told for each in told[kind] if each.likely < 1)


def describe(understanding: Understanding) -> dict[str, object]:
    """What was understood as JSON values: null, {value, label, words}, or lists of those. Given facts have no words."""
    parts: dict[str, object] = {}
    for key in (*ONE, *MANY):
        value = getattr(understanding, key)
        parts[key] = [_json(each) for each in value] if key in MANY else (_json(value) if value else None)
    order = (
        *ORDER,
        "harmed_by",
        "same_household",
        "avoid",
        "groups",
        "professional",
        "school_stage",
        "names",
        *PERHAPS,
    )
    return {key: parts[key] for key in order} | {"not_understood": list(understanding.not_understood)}


ORDER = (
    "age",
    "other_age",
    "relation",
    "gender",
    "harms",
    "needs",
    "negated",
    "residence",
    "harm_place",
    "language",
    "urgency",
)
MANY = ("harms", "needs", "negated", *PERHAPS, "harmed_by", "avoid", "groups", "names")
ONE = (
    "age",
    "other_age",
    "relation",
    "gender",
    "residence",
    "harm_place",
    "language",
    "urgency",
    "same_household",
    "professional",
    "school_stage",
)


def _json(understood: Understood) -> dict[str, object]:
    known = {"value": understood.value, "label": understood.label, "words": list(understood.words)}
    return known if understood.likely == 1 else known | {"likely": understood.likely}


def _checked_text(text: object) -> str:
    if not isinstance(text, str):
        raise BadInput("The text is not words.", "Give what was said as one text.", field="text")
    if len(text) > TEXT_LIMIT:
        raise BadInput(
            f"The text has {len(text):,} characters.",
            f"Shorten it to {TEXT_LIMIT:,}: what happened, how old, where, what is needed.",
            field="text",
        )
    return text


def _located(said: Understanding, gazetteer: Gazetteer) -> tuple[Understanding, dict[str, Place]]:
    """The places of the words, located; those that cannot be are taken out and listed as not understood."""
    places: dict[str, Place] = {}
    for key in ("residence", "harm_place"):
        understood: Understood | None = getattr(said, key)
        if understood is None:
            continue
        try:
            place = gazetteer.locate(str(understood.value))
        except PlaceNotFound:
            changes: dict[str, Any] = {key: None, "not_understood": (*said.not_understood, *understood.words)}
            said = replace(said, **changes)
            continue
        places[key] = place
        found: dict[str, Any] = {key: _place(place, understood.words)}
        said = replace(said, **found)
    return said, places


def _place(place: Place, words: tuple[str, ...]) -> Understood:
    shares = {share.gss: round(share.share, 4) for share in place.councils}
    return Understood({"name": place.name, "council_gss": shares}, place.name, words)


def _given_places(told: Mapping[str, object], gazetteer: Gazetteer) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for field, keys in (("residence", ("residence",)), ("harm_place", ("harm_place", "harm"))):
        value = next((told[key] for key in keys if key in told), None)
        if value is None:
            continue
        if isinstance(value, Place):
            places[field] = value
            continue
        if not isinstance(value, str):
            raise BadInput("The place is not words.", "Give a postcode, a town or a council area.", field=field)
        try:
            places[field] = gazetteer.locate(value)
        except PlaceNotFound as error:
            raise PlaceNotFound(error.message, error.advice, field, error.suggestions) from error
    return places


def _given_facts(told: Mapping[str, object]) -> dict[str, Any]:
    """The facts given, checked, as parts of an Understanding with no words."""
    beside: dict[str, Any] = {}
    for field in ("age", "other_age"):
        if field in told:
            years = facts.age(told[field], field)
            known = years.minimum == years.maximum
            value: Any = years.minimum if known else {"min": years.minimum, "max": years.maximum}
            beside[field] = Understood(value, age_label(value), ())
    for field in ("relation", "gender", "urgency"):
        if field in told:
            code = facts.code(told[field], field)
            beside[field] = Understood(code, load()[field].label(code), ())
    if "school_stage" in told:
        code = facts.school_stage(told["school_stage"])
        beside["school_stage"] = Understood(code, STAGE_LABELS.get(code, code), ())
    if "language" in told:
        code = facts.language(told["language"])
        beside["language"] = Understood(code, LANGUAGES.get(code, code), ())
    for field, taxonomy in (("harms", "harm"), ("needs", "need")):
        if field in told:
            labels = load()[taxonomy]
            chosen = facts.codes(told[field], taxonomy, field)
            beside[field] = tuple(Understood(code, labels.label(code), ()) for code in chosen)
    if "avoid" in told:
        beside["avoid"] = tuple(Understood(name, name, ()) for name in facts.listed(told["avoid"], "avoid"))
    if "same_household" in told:
        beside["same_household"] = _household(told["same_household"])
    return beside


def _household(value: object) -> Understood:
    if not isinstance(value, bool):
        raise BadInput("Whether they live together is yes or no.", "Give true or false.", field="same_household")
    return Understood(value, "Under the same roof" if value else "Not under the same roof", ())


def _with_given(said: Understanding, beside: Mapping[str, Any], places: Mapping[str, Place]) -> Understanding:
    """What was given replaces what was read; things to avoid add up; what is given is not ruled out."""
    changes: dict[str, Any] = dict(beside)
    changes |= {field: () for field in PERHAPS if field.removeprefix("perhaps_") in beside}
    if "avoid" in changes:
        known = {each.value for each in changes["avoid"]}
        changes["avoid"] = (*changes["avoid"], *(each for each in said.avoid if each.value not in known))
    for key, place in places.items():
        changes[key] = _place(place, ())
    wanted = {each.value for key in ("harms", "needs") for each in changes.get(key, ())}
    changes["negated"] = tuple(each for each in said.negated if each.value not in wanted)
    return replace(said, **changes)


def _age(understood: Understood | None) -> AgeRange | None:
    if understood is None:
        return None
    value = understood.value
    return AgeRange(value["min"], value["max"]) if isinstance(value, dict) else AgeRange(value, value)


def _value(understood: Understood | None) -> Any:
    return understood.value if understood else None
