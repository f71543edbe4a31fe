"""Facts in plain words: what a service page says of ages, areas, routes and places, with "not stated" never hidden."""

from dataclasses import dataclass

from directory import capacity
from directory.matching.eligibility_facts import OVER_WIDE
from directory.matching.labels import sentence
from directory.places import areas, divisions
from directory.search.document import ServiceDocument
from directory.values import Boundary, Known, PlaceKind, Visibility
from taxonomy import terms
from web import conditions

NOT_STATED = "Not stated. Ask first."
RUNNING = "Is it running?"
METRES_A_MILE = 1609.344
LANGUAGES = {
    "en": "English",
    "bsl": "British Sign Language",
    "interpreter": "Interpreter can be arranged",
    "many": "Many languages",
    "gd": "Gaelic",
    "pl": "Polish",
    "ur": "Urdu",
    "pa": "Punjabi",
    "zh": "Chinese",
    "fr": "French",
    "ar": "Arabic",
    "uk": "Ukrainian",
    "ro": "Romanian",
}
"""ISO 639-1 and `bsl` (and the record's two words for "more than one"), in the order a list shows them."""
PLACE_KINDS = {
    PlaceKind.POSTCODE: "postcode",
    PlaceKind.SECTOR: "part of a postcode district",
    PlaceKind.OUTCODE: "postcode district",
    PlaceKind.TOWN: "town or place",
    PlaceKind.COUNCIL: "council area",
    PlaceKind.HEALTH_BOARD: "health board",
    PlaceKind.SCOTLAND: "all of Scotland",
    PlaceKind.OUTSIDE_SCOTLAND: "outside Scotland",
}
_AGE_ABOUT = {
    "child_who_harmed": " (the age of the child who harmed)",
    "child_concerned": " (the age of the child concerned)",
    "child_bereaved": " (the age of the child bereaved)",
}
_ROUTE_SELF = "The person themselves"
_BOUNDARY = {
    Boundary.RESIDENCE: "",
    Boundary.HARM_PLACE: " What counts is where the harm happened.",
    Boundary.EITHER: " Where the person lives or where the harm happened: either counts.",
    Boundary.BOTH: " Both must lie in the area: where the person lives and where the harm happened.",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a service page. `ask` marks what the source does not state."""

    label: str
    value: str
    ask: bool = False


def term(taxonomy: str, code: str) -> str:
    """The label people read of one code; the code itself with blanks when it is not in the taxonomy."""
    return terms.load()[taxonomy].label(code)


def listed(words: tuple[str, ...] | list[str], last: str = "and") -> str:
    """ "a, b and c"."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def named(taxonomy: str, codes: tuple[str, ...]) -> str:
    """The labels of codes as one phrase: "Person harmed, parent or carer and witness"."""
    labels = [_ROUTE_SELF if (taxonomy, code) == ("route", "self") else term(taxonomy, code) for code in codes]
    return listed([*labels[:1], *(label if _has_name(label) else label.lower() for label in labels[1:])])


def _has_name(label: str) -> bool:
    return label[1:] != label[1:].lower()


def miles(metres: float) -> str:
    """A distance for people: "under half a mile", "1.5 miles", "12 miles"."""
    distance = metres / METRES_A_MILE
    if distance < 0.5:
        return "under half a mile"
    if distance < 10:
        text = f"{distance:.1f}".removesuffix(".0")
        return f"{text} mile" if text == "1" else f"{text} miles"
    return f"{distance:,.0f} miles"


def ages(doc: ServiceDocument) -> str:
    """The age limit in words, and whose age it is."""
    limit = doc.age
    if limit.known is Known.NONE:
        return "Any age"
    if limit.known is Known.UNKNOWN:
        return NOT_STATED
    return _age_span(limit.minimum, limit.maximum) + _AGE_ABOUT.get(limit.about, "")


def _age_span(minimum: int | None, maximum: int | None) -> str:
    if minimum is None and maximum is None:
        return "Any age"
    if maximum is None:
        return f"{minimum} and over"
    if not minimum:
        return f"Up to {maximum}"
    return f"{minimum}" if minimum == maximum else f"{minimum} to {maximum}"


def gender(doc: ServiceDocument) -> str:
    """Who it is open to."""
    if doc.gender.known is Known.UNKNOWN:
        return NOT_STATED
    return {"female": "Women and girls", "male": "Men and boys"}.get(doc.gender.rule, "Any gender")


def coverage(doc: ServiceDocument) -> str:
    """Where people may come from, and which of a person's two places counts."""
    if doc.coverage.known is Known.UNKNOWN:
        return NOT_STATED
    unsure = f" {OVER_WIDE}" if doc.over_wide else ""
    return f"{serves(doc)}.{_BOUNDARY[doc.coverage.boundary]}{unsure}"


def serves(doc: ServiceDocument) -> str:
    """Where people may come from, in few words."""
    cover = doc.coverage
    if cover.known is Known.UNKNOWN:
        return "Area not stated"
    if cover.known is Known.NONE or "SCOTLAND" in cover.areas:
        return "All of Scotland"
    if cover.divisions:
        return sentence(listed([divisions.in_words(each) for each in cover.divisions]))
    names = listed([areas.council_name(code) for code in cover.areas])
    if cover.schools:
        return f"Pupils of {len(cover.schools)} {'school' if len(cover.schools) == 1 else 'schools'} in {names}"
    return names + (f", only {listed(list(cover.outcodes))}" if cover.outcodes else "")


def place(doc: ServiceDocument) -> str:
    """Where it is, as far as anybody may know."""
    if doc.visibility is Visibility.UNDISCLOSED:
        return "Place withheld for safety"
    if doc.visibility is Visibility.EXACT and doc.address:
        return doc.address if doc.postal_code in doc.address else f"{doc.address}, {doc.postal_code}".strip(", ")
    return "No address published. " + ("Works by phone or online." if _remote(doc) else "Ask where to go.")


def _remote(doc: ServiceDocument) -> bool:
    return bool(doc.delivery) and set(doc.delivery) <= {"phone", "online"}


def harms(doc: ServiceDocument) -> str:
    """What it helps after."""
    known_for = named("harm", tuple(code for code in doc.harms if code != "any"))
    if doc.any_harm or "any" in doc.harms:
        return "Any harm" + (f"; known for {known_for[0].lower()}{known_for[1:]}" if known_for else "")
    return known_for or NOT_STATED


def _coded(taxonomy: str, codes: tuple[str, ...]) -> str:
    return named(taxonomy, codes) or NOT_STATED


def facts(doc: ServiceDocument, today: int) -> list[Fact]:
    """Everything about who it is for and how to reach it, in reading order; unknown things are said to be unknown.

    `today` counts days from 1970: what was said of places and waiting holds for some weeks only.
    """
    said = [
        ("Ages", ages(doc)),
        ("Gender", gender(doc)),
        ("Area it serves", coverage(doc)),
        ("Helps after", harms(doc)),
        ("Who it is for", _coded("relation", doc.relations)),
        ("Helps with", _coded("need", doc.needs)),
        ("How it works", _coded("delivery", doc.delivery)),
        ("Who can refer", _coded("route", doc.referral_routes)),
        ("Languages", listed([LANGUAGES.get(code, code) for code in doc.languages]) or NOT_STATED),
        ("Place", place(doc)),
        *conditions.told(doc),
        ("Waiting list", _waiting(doc, today)),
        (RUNNING, _status(doc)),
    ]
    return [Fact(label, value, value == NOT_STATED) for label, value in said]


def _waiting(doc: ServiceDocument, today: int) -> str:
    if doc.capacity.state:
        return capacity.in_words(doc.capacity, today)
    if doc.waiting_list == "closed":
        return "An older page said that it was closed. Ask again."
    return doc.waiting_list or NOT_STATED


def _status(doc: ServiceDocument) -> str:
    if doc.status_known is not Known.STATED:
        return NOT_STATED
    return {"active": "Yes", "temporarily closed": "Closed for now", "defunct": "No: it has closed"}.get(
        doc.status, doc.status.capitalize()
    )
