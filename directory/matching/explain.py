"""The words a worker reads beside a service: why it is here, what to ask first, and how its facts are known."""

from datetime import date
from functools import lru_cache

from directory.matching.candidate import Reach
from directory.matching.signals import STALE_DAYS, Judged, Signal, Surroundings
from directory.places import areas, distance
from directory.search.columns import as_of_day
from directory.search.document import ServiceDocument
from directory.values import Known, Place, Reason
from taxonomy import terms


def reasons(
    service: ServiceDocument, judged: Judged, around: Surroundings, signals: tuple[Signal, ...]
) -> tuple[Reason, ...]:
    """Each signal's value, weight and sentence; those that lift the service most come first."""
    found = [
        Reason(signal.name, round(value, 3), signal.weight, SENTENCES[signal.name](service, judged, around))
        for signal in signals
        for value in (signal.value(judged, around),)
    ]
    return tuple(sorted(found, key=lambda reason: -reason.value * reason.weight))


def _need(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    taxonomy, _, code = judged.fit.concern.partition(":")
    label = terms.load()[taxonomy].label(code).lower() if code else ""
    why = judged.fit.why
    return f"{_capital(why)}." if label in why else f"{_capital(why)} ({label})."


def _coverage(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    enquiry, reach = around.situation.enquiry, judged.cover.reach
    home = _council_name(enquiry.residence)
    if reach is Reach.NATION:
        return "Covers all of Scotland."
    if reach is Reach.UNKNOWN:
        return "Its area is not stated."
    if reach is Reach.HARM_PLACE:
        return f"Covers {_council_name(enquiry.harm_place)}, where it happened, but not the home."
    shared = _shared_councils(service, enquiry.residence) or _shared_councils(service, enquiry.harm_place)
    name = _council_names(shared) or home
    if reach is Reach.PART:
        return f"Serves this part of {name}."
    if reach is Reach.PART_UNSURE:
        return f"Serves part of {name}: ask whether it is their part."
    if judged.cover.share < 1:
        whole = enquiry.residence.name if enquiry.residence else "it"
        return f"Covers {name}, where {judged.cover.share:.0%} of {whole} lies."
    return f"Covers {name}."


def _eligible(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    parts = [_age_words(service)]
    if service.gender.known is Known.STATED:
        parts.append("women and girls only" if service.gender.rule == "female" else "men and boys only")
    elif service.gender.known is Known.NONE:
        parts.append("any gender")
    return f"Who it takes: {', '.join(parts)}."


def _age_words(service: ServiceDocument) -> str:
    age = service.age
    if age.known is Known.UNKNOWN:
        return "ages not stated"
    if age.known is Known.NONE:
        return "any age"
    about = {"child_who_harmed": " (of the child who harmed)", "child_concerned": " (of the child concerned)"}
    suffix = about.get(age.about, " (of the bereaved child)" if age.about == "child_bereaved" else "")
    if age.minimum is None or age.minimum == 0:
        return f"up to {age.maximum}{suffix}"
    if age.maximum is None:
        return f"{age.minimum} and over{suffix}"
    return f"{age.minimum} to {age.maximum}{suffix}"


def _communication(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    language = around.situation.enquiry.language
    if language in service.languages:
        return "Uses British Sign Language." if language == "bsl" else "Works in their language."
    if "interpreter" in service.languages or "many" in service.languages:
        return "Works in several languages or with an interpreter."
    return "Says nothing of their language: ask for an interpreter."


def _availability(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    if service.waiting_list == "closed":
        return "Its waiting list was closed when the page was read."
    if service.status_known is Known.UNKNOWN:
        return "Whether it runs today is not known."
    return "Made for crisis." if service.crisis else "Nothing says that it is closed."


def _assurance(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    return freshness(service, around.today)


def _text(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    return "Its own words match what was said." if judged.row.text else "Its own words are others."


def _distance(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    if judged.distance_m is None:
        return "Distance does not count here."
    return f"{_capital(distance.in_words(judged.distance_m))} away."


SENTENCES = {
    "need_fit": _need,
    "coverage": _coverage,
    "eligibility": _eligible,
    "communication": _communication,
    "availability": _availability,
    "assurance": _assurance,
    "text": _text,
    "distance": _distance,
}


def ask_first(service: ServiceDocument, judged: Judged, around: Surroundings) -> tuple[str, ...]:
    """Questions to put before relying on this service: one for each fact that matters and is not stated."""
    enquiry, asks = around.situation.enquiry, []
    if judged.row.main_family & around.bits.safety:
        return ()  # nobody asks an emergency line whom it takes
    if judged.cover.reach is Reach.UNKNOWN:
        asks.append("Does it cover where they live? Its area is not stated.")
    if judged.cover.reach is Reach.HARM_PLACE:
        asks.append("Does it take people who live elsewhere?")
    if judged.cover.reach is Reach.PART_UNSURE:
        asks.append("Which part of the council area do they live in?")
    if service.age.known is Known.UNKNOWN and enquiry.age:
        asks.append("Does it take somebody of this age? Its ages are not stated.")
    if service.age.known is Known.STATED and not enquiry.age and service.age.about == "person_helped":
        asks.append(f"How old are they? It takes {_age_words(service)}.")
    if service.gender.known is Known.UNKNOWN:
        asks.append("Does it take any gender? It does not say.")
    if service.gender.known is Known.STATED and enquiry.gender is None:
        asks.append(f"It is for {'women and girls' if service.gender.rule == 'female' else 'men and boys'} only.")
    if service.gender.rule == "female" and enquiry.gender == "male":
        asks.append("Do its children's workers see boys?")
    if service.status_known is Known.UNKNOWN:
        asks.append("Does it still run?")
    if service.waiting_list == "closed":
        asks.append("Is its waiting list open again?")
    if service.referral_routes and not {"self", "family"} & set(service.referral_routes):
        labels = [terms.load()["route"].label(code).lower() for code in service.referral_routes]
        asks.append(f"They cannot go by themselves. Referral by: {', '.join(labels)}.")
    return tuple(asks)


def cautions(service: ServiceDocument, around: Surroundings) -> tuple[str, ...]:
    """Warnings shown in every case: the source's own alert, a boundary, an old page."""
    found = [service.alert] if service.alert else []
    if _is_stale(service, around.today):
        found.append("Stale: the page is more than a year old. Check before you rely on it.")
    return tuple(found)


def freshness(service: ServiceDocument, today: int) -> str:
    """How the facts are known, in one sentence."""
    if service.confidence == "confirmed":
        return "Confirmed by the provider or the single point of contact."
    if service.confidence == "register":
        return f"From a public register{_of(service.as_of)}."
    read = "from general knowledge: no page was read" if service.confidence == "general_knowledge" else "read on a page"
    stale = " (stale)" if _is_stale(service, today) else ""
    return f"Not confirmed; {read}{_of(service.as_of)}{stale}."


@lru_cache(maxsize=1024)
def _of(as_of: str) -> str:
    if not as_of:
        return ", date not known"
    year, _, month = as_of.partition("-")
    return f" of {date(int(year), int(month), 1):%B %Y}" if month.isdigit() else f" of {year}"


def _is_stale(service: ServiceDocument, today: int) -> bool:
    day = as_of_day(service.as_of)
    return bool(day and today - day > STALE_DAYS)


@lru_cache(maxsize=4096)
def _council_names(codes: tuple[str, ...]) -> str:
    return " and ".join(areas.council(code).name for code in codes)


def _shared_councils(service: ServiceDocument, place: Place | None) -> tuple[str, ...]:
    return tuple(code for code in place.council_codes if code in service.coverage.areas) if place else ()


def _council_name(place: Place | None) -> str:
    if place is None or place.main_council is None:
        return place.name if place else "the area"
    return place.main_council.name


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
