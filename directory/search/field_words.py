"""Each field of a service in words, for people who set two rows beside each other or ask who says what.

Of a withheld service the fields in `OF_A_PLACE` are never put into words.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from directory.places import areas
from directory.search.telling import Telling
from directory.values import Known, Visibility
from taxonomy import terms

OF_A_PLACE = frozenset({"premises", "phone", "text_or_chat", "url", "description", "hours"})
NATION = "SCOTLAND"
Words = Callable[[Telling], str]


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in `ServiceDraft`, what people call it, and its words; "" when a row does not state it."""

    name: str
    label: str
    words: Words


def _age(row: Telling) -> str:
    limit = row.age
    if limit.known is Known.NONE:
        return "any age"
    if limit.known is not Known.STATED:
        return ""
    ends = (limit.minimum, limit.maximum)
    if None not in ends:
        return f"{ends[0]} to {ends[1]}"
    return f"{limit.minimum} and over" if limit.minimum is not None else f"up to {limit.maximum}"


def _gender(row: Telling) -> str:
    return {Known.STATED: row.gender.rule, Known.NONE: "any"}.get(row.gender.known, "")


def _areas(row: Telling) -> str:
    codes = row.coverage.areas
    return ", ".join("All of Scotland" if code == NATION else areas.council(code).name for code in codes)


def _premises(row: Telling) -> str:
    place = row.premises
    if place.visibility is Visibility.UNDISCLOSED:
        return ""
    return ", ".join(filter(None, (place.address_1, place.address_2, place.city, place.postal_code)))


def _hours(row: Telling) -> str:
    openings = [f"{each.byday} {each.opens_at} to {each.closes_at}" for each in row.hours.openings]
    return "; ".join(filter(None, (*openings, row.hours.text)))


def _families(row: Telling) -> str:
    known = terms.load()["family"].terms
    return ", ".join(known[code].label if code in known else code for code in row.families)


FIELDS = (
    Field("name", "Name", lambda row: row.name),
    Field("organization", "Organisation", lambda row: row.organization),
    Field("kind", "Kind", lambda row: row.kind),
    Field("families", "What it does", _families),
    Field("description", "Description", lambda row: row.description),
    Field("coverage", "Area it serves", _areas),
    Field("premises", "Address", _premises),
    Field("phone", "Phone number", lambda row: row.phone),
    Field("text_or_chat", "Text or chat", lambda row: row.text_or_chat),
    Field("url", "Website", lambda row: row.url),
    Field("age", "Ages", _age),
    Field("gender", "Gender", _gender),
    Field("hours", "Opening hours", _hours),
    Field("waiting_list", "Waiting list", lambda row: row.waiting_list),
    Field("status", "Status", lambda row: row.status),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
