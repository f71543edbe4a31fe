"""The words a worker reads beside a service: why it is here, what to ask first, and how its facts are known."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from directory import capacity, opening, track_record
from directory.feeds import assurance_words
from directory.feeds.assurance import CONFIRMED, State
from directory.matching import eligibility, graders
from directory.matching.candidate import HARM_PLACE_REACH, NATION_REACH, UNKNOWN_REACH, Reach
from directory.matching.eligibility_facts import OVER_WIDE, REGISTERED, UNSURE, stage_words
from directory.matching.judged import Judged, is_over_water
from directory.matching.labels import councils, sentence
from directory.matching.signals import STALE_DAYS, Signal, Surroundings
from directory.places import crossings, distance, divisions
from directory.search.columns import ACCESS_SHIFT, AREA_BITS, AREA_SHIFT, LACKS_SHIFT, as_of_day
from directory.search.document import ServiceDocument
from directory.values import ACCESS_NEEDS, Known, Place, Reason
from taxonomy import terms

STATED, NONE, UNKNOWN = Known.STATED, Known.NONE, Known.UNKNOWN
PART, PART_UNSURE, HALF_KNOWN = Reach.PART, Reach.PART_UNSURE, (Reach.SCHOOL_UNSURE, Reach.ONE_OF_BOTH)
SOURCE_CHECKED, SPOKEN_AGAINST = State.SOURCE_CHECKED, (State.CONTRADICTED, State.WITHDRAWN)
"""Looked up once, for a look at an Enum's name takes 0.2 µs on Python 3.11 and twenty services are explained."""


SURE = 0.8
"""Likelihood from which a harm or need is spoken of as said."""


def reasons(
    service: ServiceDocument, judged: Judged, around: Surroundings, signals: tuple[Signal, ...]
) -> tuple[Reason, ...]:
    """Each signal's value, weight and sentence; those that lift the service most come first."""
    found = [
        Reason(name, round(value(judged, around), 3), weight, SENTENCES[name](service, judged, around))
        for name, weight, value, _, _ in signals
    ]
    found.sort(key=_lifts, reverse=True)
    return tuple(found)


def _lifts(reason: Reason) -> float:
    name, value, weight, _ = reason
    return (value - 0.5) * weight if name == "graders" else value * weight  # the middle of what graders gave is nothing


def _need(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    said, concern = around.situation, judged.fit.concern
    meant = "perhaps" if concern in said.perhaps else "likely" if said.likelihood.get(concern, 1.0) < SURE else ""
    return _need_words(concern, judged.fit.why, meant)


@lru_cache(maxsize=1024)
def _need_words(concern: str, why: str, meant: str) -> str:
    taxonomy, _, code = concern.partition(":")
    label = terms.load()[taxonomy].label(code).lower() if code else ""
    named = sentence(why) if label in why else f"{sentence(why)} ({label})"
    return f"{named}, which is {meant} meant." if meant else f"{named}."


def _graders(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    gain = graders.lean(judged.row, around.gains)
    if abs(gain) < NOTABLE:
        return "People who judged answers to like enquiries rated this kind of service neither high nor low."
    return f"People who judged answers to like enquiries rated this kind of service {'high' if gain > 0 else 'low'}."


NOTABLE = 0.1
"""Of the gap between good and ideal: less is not worth saying."""


def _coverage(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    enquiry, reach = around.situation.enquiry, judged.cover.reach
    if reach is NATION_REACH:
        if service.over_wide:
            return "Says that it covers far more than one small place."
        near = judged.row.main_family & around.local_families
        return "Covers all of Scotland; one of its kind is nearer." if near else "Covers all of Scotland."
    if reach in HALF_KNOWN:
        return UNSURE[reach]
    if reach is UNKNOWN_REACH:
        return "Its area is not stated."
    if reach is HARM_PLACE_REACH:
        return f"Covers {_council_name(enquiry.harm_place)}, where it happened, but not the home."
    shared = _shared_councils(service, enquiry.residence) or _shared_councils(service, enquiry.harm_place)
    name = councils(shared) or _council_name(enquiry.residence)
    if reach is PART and service.coverage.schools:
        return "Takes pupils of their school."
    if reach is PART:
        return f"Serves this part of {name}."
    if reach is PART_UNSURE:
        return f"Serves part of {name}: ask whether it is their part."
    if judged.cover.share < 1:
        whole = enquiry.residence.name if enquiry.residence else "it"
        return f"Covers {name}, where {judged.cover.share:.0%} of {whole} lies."
    if service.coverage.divisions:
        return f"Covers {name} with all of {' and '.join(map(divisions.in_words, service.coverage.divisions))}."
    return f"Covers {name}."


def _eligible(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    parts = [_age_words(service)]
    if service.gender.known is STATED:
        parts.append("women and girls only" if service.gender.rule == "female" else "men and boys only")
    elif service.gender.known is NONE:
        parts.append("any gender")
    return f"Who it takes: {', '.join(parts)}."


def _age_words(service: ServiceDocument) -> str:
    age = service.age
    if age.known is UNKNOWN:
        return "ages not stated"
    if age.known is NONE:
        return "any age"
    about = {"child_who_harmed": " (of the child who harmed)", "child_concerned": " (of the child concerned)"}
    suffix = about.get(age.about, " (of the bereaved child)" if age.about == "child_bereaved" else "")
    if age.minimum is None or age.minimum == 0:
        return f"up to {age.maximum}{suffix}"
    if age.maximum is None:
        return f"{age.minimum} and over{suffix}"
    return f"{age.minimum} to {age.maximum}{suffix}"


def _communication(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    enquiry, said = around.situation.enquiry, judged.row.languages
    needs = [
        NEEDED[need][1 if _has(said, need) else 2 if _has(said, need, LACKS_SHIFT) else 0] for need in enquiry.access
    ]
    if not needs or enquiry.language not in (None, "en"):
        needs.append(_language(service, enquiry.language))
    return " ".join(needs)


NEEDED = {
    "step_free": ("Does not say that it is step-free: ask.", "Is step-free.", "Says that it is not step-free."),
    "easy_read": ("Does not say that it has easy read: ask.", "Has easy read.", "Says that it has no easy read."),
    "interpreter": ("Says nothing of interpreters: ask.", "Has interpreters.", "Says that it has no interpreters."),
    "bsl": ("Says nothing of sign language: ask.", "Uses British Sign Language.", "Says that nobody signs."),
    "online_only": ("Does not say that it can be had online: ask.", "Can be had online.", "Cannot be had online."),
}
"""What is said of each access need: when nothing is stated, when it has it, and when it lacks it."""


def _has(said: int, need: str, shift: int = ACCESS_SHIFT) -> bool:
    return bool(said >> shift + ACCESS_NEEDS.index(need) & 1)


def _language(service: ServiceDocument, language: str | None) -> str:
    if language in service.languages:
        return "Uses British Sign Language." if language == "bsl" else "Works in their language."
    if "interpreter" in service.languages or "many" in service.languages:
        return "Works in several languages or with an interpreter."
    return "Says nothing of their language: ask for an interpreter."


def _availability(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    now = _open_now(service, around) if service.hours.openings else ""
    if service.capacity.state and capacity.known_at(service.capacity, around.today):
        return f"{capacity.in_words(service.capacity, around.today)}{now}"
    if service.waiting_list == "closed":
        return "Its waiting list was closed when the page was read."
    if now:
        return now.strip()
    if service.status_known is UNKNOWN:
        return "Whether it runs today is not known."
    return "Made for crisis." if service.crisis else "Nothing says that it is closed."


def _open_now(service: ServiceDocument, around: Surroundings) -> str:
    hours = service.hours
    if around.quarter is None or not opening.counts(hours, as_of_day(service.hours_as_of), around.today):
        return ""
    packed = opening.pack(hours)
    if not packed:
        return ""
    words = opening.in_words(hours)
    return f" Open now ({words})." if opening.is_open(packed, around.quarter) else f" Not open now ({words})."


def _track_record(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    return track_record.in_words(service.evidence)


def _assurance(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    return freshness(service, around.today)


def _text(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    return "Its own words match what was said." if judged.row.text else "Its own words are others."


def _distance(service: ServiceDocument, judged: Judged, around: Surroundings) -> str:
    if is_over_water(judged.row, around.situation.over_water):
        way = crossings.way(judged.row.conditions >> AREA_SHIFT & AREA_BITS, around.situation.enquiry.residence)
        return f"Across the water: {way}. How near it is does not count."
    if judged.distance_m is None:
        return "Distance does not count here."
    return f"{sentence(distance.in_words(judged.distance_m))} away."


SENTENCES = {
    "need_fit": _need,
    "graders": _graders,
    "coverage": _coverage,
    "eligibility": _eligible,
    "communication": _communication,
    "availability": _availability,
    "assurance": _assurance,
    "text": _text,
    "distance": _distance,
    "track_record": _track_record,
}


def ask_first(service: ServiceDocument, judged: Judged, around: Surroundings) -> tuple[str, ...]:
    """Questions to put before relying on this service: one for each fact that matters and is not stated."""
    enquiry, reach, asks = around.situation.enquiry, judged.cover.reach, []
    if judged.row.main_family & around.bits.safety:
        return ()  # nobody asks an emergency line whom it takes
    if reach is UNKNOWN_REACH:
        asks.append("Does it cover where they live? Its area is not stated.")
    if reach is HARM_PLACE_REACH:
        asks.append("Does it take people who live elsewhere?")
    if reach is PART_UNSURE:
        asks.append("Which part of the council area do they live in?")
    if reach in HALF_KNOWN:
        asks.append(UNSURE[reach])
    if service.over_wide:
        asks.append(OVER_WIDE)
    if service.gender.known is STATED and enquiry.gender is None:
        asks.append(f"It is for {'women and girls' if service.gender.rule == 'female' else 'men and boys'} only.")
    if judged.row.conditions or enquiry.access:
        asks += _conditions(service, judged, around)
    if service.age.known is UNKNOWN and enquiry.age:
        asks.append("Does it take somebody of this age? Its ages are not stated.")
    if service.age.known is STATED and not enquiry.age and service.age.about == "person_helped":
        asks.append(f"How old are they? It takes {_age_words(service)}.")
    if service.gender.known is UNKNOWN:
        asks.append("Does it take any gender? It does not say.")
    if service.gender.rule == "female" and enquiry.gender == "male":
        asks.append("Do its children's workers see boys?")
    if service.status_known is UNKNOWN:
        asks.append("Does it still run?")
    if service.waiting_list == "closed":
        asks.append("Is its waiting list open again?")
    if service.referral_routes and not {"self", "family"} & set(service.referral_routes):
        labels = [terms.load()["route"].label(code).lower() for code in service.referral_routes]
        asks.append(f"They cannot go by themselves. Referral by: {', '.join(labels)}.")
    return tuple(asks)


def _conditions(service: ServiceDocument, judged: Judged, around: Surroundings) -> Iterator[str]:
    """What it asks of stage and registration when that is not known of the person, and access it does not state."""
    row, known = judged.row, around.situation
    if eligibility.stage_unsure(row, known):
        yield f"Which stage of school are they at? It takes {stage_words(service.stages.stages)}."
    if eligibility.asked_registrations(row) & ~known.registered:
        places = " and ".join(REGISTERED[place] for place in service.registration.places)
        yield f"Are they {places}? It asks for that."
    yield from (NEEDED[need][0] for need in known.enquiry.access if not _has(row.languages, need))


def cautions(service: ServiceDocument, around: Surroundings) -> tuple[str, ...]:
    """Warnings shown in every case: the source's own alert, a boundary, an old page."""
    found = [service.alert] if service.alert else []
    if service.assurance.state in SPOKEN_AGAINST:
        found += [said for said in (assurance_words.caution(service.assurance),) if said]
    if _is_stale(service, around.today):
        found.append("Stale: the page is more than a year old. Check before you rely on it.")
    return tuple(found)


def freshness(service: ServiceDocument, today: int) -> str:
    """How the facts are known, in a sentence or two."""
    known = _known(service.confidence, service.as_of, _is_stale(service, today))
    if service.assurance.state is SOURCE_CHECKED:
        return known
    said = assurance_words.said(service.assurance, assurance_words.day_of(today))
    return said if service.assurance.state in CONFIRMED else f"{said} {known}"


@lru_cache(maxsize=1024)
def _known(confidence: str, as_of: str, is_stale: bool) -> str:
    if confidence == "confirmed":
        return "Confirmed by the provider or the single point of contact."
    if confidence == "register":
        return f"From a public register{_of(as_of)}."
    read = "from general knowledge: no page was read" if confidence == "general_knowledge" else "read on a page"
    return f"Not confirmed; {read}{_of(as_of)}{' (stale)' if is_stale else ''}."


def _of(as_of: str) -> str:
    if not as_of:
        return ", date not known"
    year, _, month = as_of.partition("-")
    return f" of {date(int(year), int(month[:2]), 1):%B %Y}" if month else f" of {year}"


def _is_stale(service: ServiceDocument, today: int) -> bool:
    day = as_of_day(service.as_of)
    return bool(day and today - day > STALE_DAYS)


def _shared_councils(service: ServiceDocument, place: Place | None) -> tuple[str, ...]:
    areas_covered = service.coverage.areas
    return tuple([share.gss for share in place.councils if share.gss in areas_covered]) if place else ()


def _council_name(place: Place | None) -> str:
    if place is None or place.main_council is None:
        return place.name if place else "the area"
    return place.main_council.name
