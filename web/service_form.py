"""The fields of a service as a person types them: what a form holds, and the form that shows the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import FormData

from directory.editing import checking, fields
from directory.opening import DAYS
from directory.values import ACCESS_NEEDS, Known, Visibility

STATED, NONE, UNKNOWN = Known.STATED.value, Known.NONE.value, Known.UNKNOWN.value
SCOTLAND, ANY, SOME = "scotland", "any", "some"
MOST_FIELDS = 400
"""Fields of the form for a new service: every box may be ticked."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form holds, by name: one value or several. `seen` marks what the person had before them."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen: str = ""

    def __getitem__(self, name: str) -> str:
        return next(iter(self.values.get(name, ())), "")

    def many(self, name: str) -> tuple[str, ...]:
        """Every box that is ticked."""
        return self.values.get(name, ())


def read(form: FormData) -> Typed:
    """What came from a page. Of a place that is kept confidential no line of an address is read."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found[name] = (*found.get(name, ()), value.replace("\r\n", "\n").replace("\0", ""))
    if found.get("visibility") == (Visibility.UNDISCLOSED.value,):
        for name in checking.ADDRESS:
            found.pop(name, None)
    return Typed(found, "".join(found.get("seen", ())))


def of_values(values: Mapping[str, Any]) -> Typed:
    """The form that shows a service as it counts now."""
    found: dict[str, tuple[str, ...]] = {}
    for name in ("name", "organization", "kind", "description", "alert", "status", "phone", "phone_note", "url"):
        found[name] = (values[name],)
    found["text_or_chat"] = (values["text_or_chat"],)
    for name in ("families", "needs", "harms", "relations", "groups", "delivery", "referral_routes", "languages"):
        found[name] = tuple(values[name])
    found["main_family"] = tuple(values["families"][:1])
    found["harm_known"] = (ANY if values["any_harm"] else SOME if values["harms"] else UNKNOWN,)
    for name in ("relations", "groups"):
        found[f"{name}_known"] = (SOME if values[name] else UNKNOWN,)
    found["not_for_harmed"] = ("yes",) if values["not_for_harmed"] else ()
    return Typed({**found, **_of_conditions(values), **_of_place(values), **of_room(values)})


def _of_conditions(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    age, gender, stages, where = values["age"], values["gender"], values["stages"], values["registration"]
    said = dict.fromkeys(values["access"]["offers"], "offers") | dict.fromkeys(values["access"]["lacks"], "lacks")
    return {
        "age_known": (age["known"],),
        "minimum": (_number(age["minimum"]),),
        "maximum": (_number(age["maximum"]),),
        "about": (age["about"],),
        "gender_known": (gender["rule"] if gender["known"] == STATED else gender["known"],),
        "stages_known": (stages["known"],),
        "stages": tuple(stages["stages"]),
        "registration_known": (where["known"],),
        "places": tuple(where["places"]),
        **{f"access_{code}": (said.get(code, UNKNOWN),) for code in access_codes(values)},
    }


def _of_place(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    cover, place = values["coverage"], values["premises"]
    known = SCOTLAND if cover["areas"] == [fields.NATION] else cover["known"]
    return {
        "coverage_known": (known,),
        "areas": tuple(cover["areas"]),
        "boundary": (cover["boundary"],),
        "visibility": (place["visibility"],),
        "public_name": (values["name"],),
        **{name: (place[name],) for name in checking.ADDRESS},
    }


def of_room(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    room, hours = values["capacity"], values["hours"]
    week: dict[str, list[str]] = {day: [] for day in DAYS}
    for each in hours["openings"]:
        for day in each["byday"].split(","):
            week[day].append(f"{each['opens_at']} to {each['closes_at']}")
    return {
        "state": (room["state"],),
        "minimum_weeks": (_number(room["minimum_weeks"]),),
        "maximum_weeks": (_number(room["maximum_weeks"]),),
        "expires": (room["expires"],),
        "hours_known": (hours["known"],),
        "hours_text": (hours["text"],),
        **{f"hours_{day}": (", ".join(sorted(spans)),) for day, spans in week.items()},
    }


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def access_codes(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What people may need to use a service, and whatever else this one says of access."""
    return tuple(dict.fromkeys((*ACCESS_NEEDS, *values["access"]["offers"], *values["access"]["lacks"])))
