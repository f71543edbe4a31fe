"""What was understood, made visible: each fact the matcher used, with the words that gave it, ready to be corrected."""

from dataclasses import dataclass

from directory.matching.enquiry import AgeRange
from directory.matching.results import MatchResult
from directory.values import Place, PlaceKind
from taxonomy.words import STAGE_LABELS, Understood
from web import conditions, wording


@dataclass(frozen=True, slots=True)
class Chip:
    """One fact as used: what it is about, what it says, and the caller's words (none when it was given by hand)."""

    label: str
    value: str
    words: tuple[str, ...] = ()


def chips(result: MatchResult) -> list[Chip]:
    """Every fact of the enquiry, in the order a worker checks them; none of what is only perhaps meant, for people in
    distress read this too (a service for it may still stand below, and says why)."""
    enquiry, understood = result.enquiry, result.understood
    found = [
        _one("Age", age_words(enquiry.age), understood.age),
        _one("Age of the child who harmed", age_words(enquiry.other_age), understood.other_age),
        _one("Who", _label("relation", enquiry.relation), understood.relation),
        _one("Gender", _label("gender", enquiry.gender), understood.gender),
        *(_coded("What happened", "harm", code, understood.harms) for code in enquiry.harms),
        *(_coded("Harmed by", "harmed_by", code, understood.harmed_by) for code in enquiry.harmed_by),
        _one("Same home", _yes_no(enquiry.same_household), understood.same_household),
        *(_coded("Belongs to", "group", code, understood.groups) for code in enquiry.groups),
        *(_coded("Needs", "need", code, understood.needs) for code in enquiry.needs),
        *(Chip("Not", item.label, item.words) for item in understood.negated),
        _one("Lives in", place_words(enquiry.residence), understood.residence),
        _one("Harmed in", place_words(enquiry.harm_place), understood.harm_place),
        _one("Language", wording.LANGUAGES.get(enquiry.language or "", enquiry.language or ""), understood.language),
        _one("How soon", _label("urgency", enquiry.urgency), understood.urgency),
        _one("School stage", _stage(enquiry.school_stage), understood.school_stage),
        *(Chip("Needs to use it", wording.term("communication", code)) for code in enquiry.access),
        *(Chip("Registered", conditions.registered(code)) for code in enquiry.registered),
        *(Chip("Keep away from", name) for name in enquiry.avoid),
        *(Chip("Named", name) for name in enquiry.names),
    ]
    return [chip for chip in found if chip.value]


def read_from_words(result: MatchResult) -> dict[str, str]:
    """Form fields that the words filled in: what to show in them until a person says otherwise."""
    enquiry, understood = result.enquiry, result.understood
    read = {
        "age": age_words(enquiry.age) if understood.age else "",
        "residence": enquiry.residence.name if understood.residence and enquiry.residence else "",
        "harm_place": enquiry.harm_place.name if understood.harm_place and enquiry.harm_place else "",
        "relation": enquiry.relation or "" if understood.relation else "",
        "gender": enquiry.gender or "" if understood.gender else "",
        "language": enquiry.language or "" if understood.language else "",
        "urgency": enquiry.urgency or "" if understood.urgency else "",
        "avoid": ", ".join(enquiry.avoid) if understood.avoid else "",
        "school_stage": enquiry.school_stage or "" if understood.school_stage else "",
    }
    return {name: value for name, value in read.items() if value}


def age_words(age: AgeRange | None) -> str:
    """ "14" or "13 to 15"; nothing when not said."""
    if age is None:
        return ""
    return str(age.minimum) if age.minimum == age.maximum else f"{age.minimum} to {age.maximum}"


def place_words(place: Place | None) -> str:
    """A place by name with its council areas, largest share first: "Leith (City of Edinburgh)"."""
    if place is None:
        return ""
    if place.kind is PlaceKind.OUTSIDE_SCOTLAND:
        return f"{place.name} (outside Scotland)"
    names = [
        share.name if len(place.councils) == 1 else f"{share.name} {share.share:.0%}" for share in place.councils[:3]
    ]
    if not names or names == [place.name]:
        return place.name
    return f"{place.name} ({', '.join(names)}{' and others' if len(place.councils) > 3 else ''})"


def _one(label: str, value: str, understood: Understood | None) -> Chip:
    return Chip(label, value, understood.words if understood else ())


def _coded(label: str, taxonomy: str, code: str, understood: tuple[Understood, ...]) -> Chip:
    words = next((item.words for item in understood if item.value == code), ())
    return Chip(label, wording.term(taxonomy, code), words)


def _label(taxonomy: str, code: str | None) -> str:
    return wording.term(taxonomy, code) if code else ""


def _stage(code: str | None) -> str:
    return STAGE_LABELS.get(code, code) if code else ""


def _yes_no(value: bool | None) -> str:
    return "" if value is None else ("Yes" if value else "No")
