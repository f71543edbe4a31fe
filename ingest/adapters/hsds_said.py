"""Reads what an HSDS service says of itself: words, categories, status, ages, ways to reach it and who runs it."""

from collections.abc import Iterator, Mapping
from math import ceil, floor

from directory.draft import AgeLimit
from directory.values import Known
from ingest import cells, contacts
from ingest.adapters.hsds_places import Where
from ingest.json_values import Fields
from ingest.source_terms import SourceTerm, Understood

STATUSES = {
    "active": "active", "inactive": "inactive", "defunct": "defunct", "closed": "defunct",
    "temporarily closed": "temporarily closed", "temporarily_closed": "temporarily closed",
    "temporarily-closed": "temporarily closed",
}  # fmt: skip
LONGEST_SAID = 3_000
"""Characters of one field that a description takes in."""
NO_LIMIT = 99
"""A highest age from here on is none."""
SAID = (
    ("", ("description", "summary")),
    ("Who it is for", ("eligibility_description", "eligibility", "audience")),
    ("How to ask", ("application_process",)),
    ("Cost", ("fees_description", "fees")),
    ("Waiting time", ("wait_time",)),
    ("Notice", ("alert",)),
)
"""What a description is put together from: our label and the fields, the first that holds words."""
ATTENDING = {
    "phone": "phone", "telephone": "phone", "online": "online", "video": "online", "remote": "online",
    "virtual": "online", "venue": "in_person", "in person": "in_person", "in-person": "in_person",
    "face to face": "in_person", "home visit": "outreach", "outreach": "outreach",
}  # fmt: skip
ROUTES = {"referral": "professional", "drop-in": "self", "drop in": "self", "walk in": "self", "self": "self"}


def terms(service: Fields) -> Iterator[SourceTerm]:
    """Its categories, and (1.x) those of the people it is for."""
    said = [*service.objects("attributes", "service_taxonomys", "taxonomies")]
    for row in service.objects("eligibilitys"):
        said += row.objects("taxonomys", "taxonomies")
    for attribute in said:
        term = attribute.object("taxonomy_term", "taxonomy") if _holds_term(attribute) else attribute
        vocabulary = term.object("taxonomy_detail").text("name") if "taxonomy_detail" in term.values else ""
        code, name = term.text("code", "term"), term.text("name")
        own_id = term.text("id")
        if code or name or own_id:
            yield SourceTerm(
                _word(term, "taxonomy") or _word(term, "vocabulary") or vocabulary, code or own_id, name or code
            )


def _holds_term(attribute: Fields) -> bool:
    return any(isinstance(attribute.values.get(name), Mapping) for name in ("taxonomy_term", "taxonomy"))


def _word(term: Fields, name: str) -> str:
    """A field that in some dialects is a word and in others an object."""
    return term.text(name) if isinstance(term.values.get(name), str) else ""


def description(service: Fields, places: str) -> str:
    """What it says in words, each field under our label; `places` is a sentence of ours."""
    parts = []
    for label, fields in SAID:
        said = service.words(*fields)
        if len(said) > LONGEST_SAID:
            said = f"{said[:LONGEST_SAID].rsplit(' ', 1)[0]} …"
        if said:
            parts.append(f"{label}: {said}" if label else said)
    return " ".join(part if part[-1] in ".!?…" else f"{part}." for part in (*parts, places) if part)


def status(service: Fields) -> tuple[str, Known]:
    """HSDS status; a word that is none of them keeps a service from being suggested."""
    said = service.text("status").casefold()
    if not said:
        return "active", Known.UNKNOWN
    if said not in STATUSES:
        service.notes.leave_out("status", "a word that is no status: taken for not active")
        return "inactive", Known.UNKNOWN
    return STATUSES[said], Known.STATED


def age(service: Fields, said: Understood) -> AgeLimit:
    """The service's own ages, else those of its eligibility rows (1.x), else those of its categories."""
    spans = [span for row in (service, *service.objects("eligibilitys", "eligibilities")) if (span := _span(row))]
    if not spans:
        return said.age
    low = min((span[0] or 0 for span in spans), default=0)
    high = max((NO_LIMIT if span[1] is None else span[1] for span in spans), default=NO_LIMIT)
    if low > high:
        service.notes.leave_out("minimum_age", "the lowest age is above the highest")
        return AgeLimit()
    if low == 0 and high >= NO_LIMIT:
        return AgeLimit(Known.NONE)
    return AgeLimit(Known.STATED, low or None, None if high >= NO_LIMIT else high)


def _span(row: Fields) -> tuple[int | None, int | None] | None:
    """Whole years of one row; None when it states no age."""
    found: list[int | None] = []
    for name, whole in (("minimum_age", ceil), ("maximum_age", floor)):
        years = row.number(name)
        if years is not None and not 0 <= years <= 200:  # also for nan and inf
            row.notes.leave_out(name, "not an age")
            years = None
        found.append(None if years is None else whole(years))
    return (found[0], found[1]) if any(each is not None for each in found) else None


def delivery(service: Fields, place: Where, said: Understood) -> tuple[str, ...]:
    told = [service.text("attending_type")]
    told += [row.text("attending_type") for row in service.objects("schedules", "attending_types")]
    words = " ".join(told).casefold()
    stated = (way for word, way in ATTENDING.items() if word in words)
    return cells.unique(
        *said.delivery, *stated, "in_person" if place.in_person else "", "online" if place.online else ""
    )


def routes(service: Fields) -> tuple[str, ...]:
    rows = service.objects("attending_accesses")
    told = " ".join([service.text("attending_access"), *(row.text("attending_access") for row in rows)]).casefold()
    return cells.unique(*(route for word, route in ROUTES.items() if word in told))


def url(service: Fields) -> str:
    organization = service.object("organization")
    for said in (service.text("url", "website"), organization.text("website", "url")):
        found = contacts.url(said)
        if found:
            return found
        if found is None:
            service.notes.leave_out("url", "not a web address")
    return ""


def page(service: Fields) -> str:
    """The page for people that the source has of it, if it says one."""
    said = service.text("page_url")
    return said if said.startswith(("http://", "https://")) and contacts.url(said) else ""


def charity(service: Fields) -> str:
    organization = service.object("organization")
    told = [row.text("identifier") for row in organization.objects("organization_identifiers")]
    return next(
        (number for said in (*told, organization.text("charity_number")) if (number := contacts.charity_number(said))),
        "",
    )
