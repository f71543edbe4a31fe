"""What could be otherwise: a service's columns with one unknown fact known, an enquiry with one fact as it asks.

`why` ranks again with each; here is only what is tried, and how it is said.
"""

from collections.abc import Iterator
from dataclasses import replace

from directory.matching.candidate import Row
from directory.matching.enquiry import AGE_LIMIT, AgeRange, Enquiry
from directory.matching.labels import label
from directory.matching.situation import Situation
from directory.places import areas
from directory.search.columns import Flag
from directory.search.document import ServiceDocument
from directory.values import Boundary, CouncilShare, Known, Place, PlaceKind

IFS = 12
"""Changes tried at most: each of an enquiry's facts asks the engine once."""


def if_it_were_known(row: Row, known: Situation) -> Iterator[tuple[str, Row]]:
    """The service's columns with one unknown fact made known, and in the person's favour."""
    flags = row.flags
    if flags & Flag.COVERAGE_UNKNOWN and known.residence_mask:
        mended = flags & ~Flag.COVERAGE_UNKNOWN
        yield "If it were known to cover their home", row._replace(flags=mended, councils=known.residence_mask)
    if not flags & (Flag.AGE_STATED | Flag.AGE_NONE) and known.enquiry.age:
        yield "If it were known to take this age", row._replace(flags=flags | Flag.AGE_NONE)
    if flags & Flag.GENDER_UNKNOWN:
        yield "If it were known to take any gender", row._replace(flags=flags & ~Flag.GENDER_UNKNOWN)
    if flags & Flag.STATUS_UNKNOWN:
        yield "If it were known to be running", row._replace(flags=flags & ~Flag.STATUS_UNKNOWN)
    if flags & Flag.WAITING_LIST_CLOSED:
        yield "If its waiting list were open again", row._replace(flags=flags & ~Flag.WAITING_LIST_CLOSED)
    if not flags & Flag.CONFIRMED:
        yield "If the provider had confirmed its facts", row._replace(flags=flags | Flag.CONFIRMED)


def if_they(service: ServiceDocument, enquiry: Enquiry) -> Iterator[tuple[str, Enquiry]]:
    """The enquiry with one fact as this service asks for it, while everything else stays; then with all of them."""
    yield from _if_they_fitted(service, enquiry)
    yield from _if_all_fitted(service, enquiry)
    for need in [code for code in service.needs if code not in enquiry.needs][:2]:
        said = label("need", need)
        yield f"If “{said}” were asked for", replace(enquiry, needs=(*enquiry.needs, need))
    if not service.any_harm and service.harms and not set(service.harms) & set(enquiry.harms):
        said = label("harm", service.harms[0])
        yield f"If it were about {said} as well", replace(enquiry, harms=(*enquiry.harms, service.harms[0]))
    if enquiry.urgency != "now":
        yield "If help were needed now", replace(enquiry, urgency="now")
    if service.workers_only and not enquiry.professional:
        yield "If a worker asked for advice", replace(enquiry, professional=True)


def _if_they_fitted(service: ServiceDocument, enquiry: Enquiry) -> Iterator[tuple[str, Enquiry]]:
    """What the service's own limits ask of the person."""
    yield from _if_they_lived(service, enquiry)
    yield from _if_they_were(service, enquiry)
    if "restorative_justice" in service.families and "restorative_justice" not in enquiry.needs:
        needs = (*enquiry.needs, "restorative_justice")
        yield "If restorative justice were asked for", replace(enquiry, needs=needs)


def _if_all_fitted(service: ServiceDocument, enquiry: Enquiry) -> Iterator[tuple[str, Enquiry]]:
    """Every limit met at once, where there are several: one alone may not be enough."""
    said: list[str] = []
    asked = enquiry
    while (step := next(_if_they_fitted(service, asked), None)) is not None and len(said) < IFS:
        words, asked = step
        said.append(words)
    if len(said) > 1:
        yield f"{said[0]}, and {', and '.join(each[0].lower() + each[1:] for each in said[1:])}", asked


def _if_they_lived(service: ServiceDocument, enquiry: Enquiry) -> Iterator[tuple[str, Enquiry]]:
    coverage = service.coverage
    if coverage.known is not Known.STATED or "SCOTLAND" in coverage.areas or not coverage.areas:
        return
    by_harm = coverage.boundary is Boundary.HARM_PLACE
    here = enquiry.harm_place if by_harm else enquiry.residence
    if here is not None and set(here.council_codes) & set(coverage.areas):
        return
    council = areas.council(coverage.areas[0])
    outcodes = coverage.outcodes if len(coverage.areas) == 1 else ()
    share = CouncilShare(council.gss, council.name, 1.0)
    place = Place(council.name, PlaceKind.COUNCIL, councils=(share,), outcodes=outcodes)
    if by_harm:
        yield f"If it had happened in {council.name}", replace(enquiry, harm_place=place)
    else:
        yield f"If they lived in {council.name}", replace(enquiry, residence=place)


def _if_they_were(service: ServiceDocument, enquiry: Enquiry) -> Iterator[tuple[str, Enquiry]]:
    limit, age = service.age, enquiry.age
    if limit.known is Known.STATED and limit.about == "person_helped":
        low, high = limit.minimum or 0, AGE_LIMIT if limit.maximum is None else min(limit.maximum, AGE_LIMIT)
        if age is None:
            yield f"If they are {_years(low, high)}", replace(enquiry, age=AgeRange(low, high))
        elif age.maximum < low or age.minimum > high:
            nearest = low if age.maximum < low else high
            yield f"If they were {nearest}", replace(enquiry, age=AgeRange(nearest, nearest))
    rule = service.gender.rule if service.gender.known is Known.STATED else ""
    if rule in ("female", "male") and enquiry.gender != rule:
        who = "a woman or girl" if rule == "female" else "a man or boy"
        yield f"If the person {'is' if enquiry.gender is None else 'were'} {who}", replace(enquiry, gender=rule)
    relations = set(service.relations)
    if relations and enquiry.relation not in relations and "harmed_person" not in relations:
        if "parent_carer" in relations:
            yield "If a parent or carer needed the help", replace(enquiry, relation="parent_carer")
    missing = [code for code in service.groups if code not in enquiry.groups]
    if service.groups and len(missing) == len(service.groups):
        said = label("group", missing[0])
        yield f"If the person belongs to this group: {said}", replace(enquiry, groups=(*enquiry.groups, missing[0]))


def _years(low: int, high: int) -> str:
    return f"{low} or over" if high >= AGE_LIMIT else f"{low} to {high}" if low else f"{high} or under"
