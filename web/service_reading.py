"""Reads a page of a service's fields into values of the record, and lays every mistake at its field."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any

from directory.capacity import MOST_WEEKS
from directory.draft import Capacity, Coverage, Premises
from directory.editing import checking, fields
from directory.errors import BadInput
from directory.opening import DAYS
from directory.places import areas, divisions
from directory.places.gazetteer import Gazetteer
from directory.values import REGISTRATIONS, SCHOOL_STAGES, Boundary, Known, Visibility
from taxonomy import terms
from web import hours_reading
from web.forms import FieldError
from web.service_form import ANY, NONE, SCOTLAND, SOME, STATED, UNKNOWN, Typed, access_codes, of_room

OLDEST = 120
"""Years."""
Values = dict[str, Any]


class Mistakes(Exception):
    """Several mistakes of one value, told together."""

    def __init__(self, found: Sequence[BadInput]) -> None:
        super().__init__(*map(str, found))
        self.found = found


@dataclass(slots=True)
class Reader:
    """Reads a form into values of the record; mistakes are gathered, each at its field. `now` as the record stands."""

    typed: Typed
    now: Mapping[str, Any]
    gazetteer: Gazetteer
    today: date
    withheld: bool
    values: Values = field(default_factory=dict)
    errors: list[FieldError] = field(default_factory=list)

    def read(self, groups: Iterable[str]) -> "Reader":
        """Reads these pages' fields."""
        return self.take(name for group in groups for name in READERS[group])

    def take(self, names: Iterable[str]) -> "Reader":
        """Reads these fields, whichever page they stand on."""
        for name in names:
            self._take(name)
        return self

    def _take(self, name: str) -> None:
        try:
            value = BY_FIELD[name](self)
            self.values[name] = fields.normal(name, fields.plain(value))
        except BadInput as error:
            self.errors.append(FieldError(error.field or name, str(error)))
        except Mistakes as several:
            self.errors += [FieldError(error.field or name, str(error)) for error in several.found]

    def text(self, name: str) -> str:
        long = name == "description"
        value = self.typed[name].strip() if long else " ".join(self.typed[name].split())
        if value != self.now.get(name):  # what a source wrote is not the editor's mistake
            checking.text(name, value, self.withheld)
        return value

    def codes(self, name: str, taxonomy: str) -> list[str]:
        """The boxes ticked; in the record's order first, so that an unchanged list is no change."""
        return self.known_codes(name, terms.load()[taxonomy].terms)

    def known_codes(self, name: str, known: Iterable[str]) -> list[str]:
        ticked = set(self.typed.many(name))
        if ticked - set(known):
            raise BadInput("One of these boxes is none of ours.", "Choose from the list.", name)
        before = (
            [code for code in self.now.get(name, ()) if code in ticked] if isinstance(self.now.get(name), list) else []
        )
        return [*before, *(code for code in known if code in ticked and code not in before)]

    def some(self, name: str, found: list[str], choice: str) -> list[str]:
        """The boxes where "these" was chosen. Raises BadInput when none is ticked."""
        if self.typed[choice] != SOME:
            return []
        if not found:
            raise BadInput(
                f"{fields.label(name)}: none is ticked.", "Tick at least one, or say that it is not stated.", name
            )
        return found


def _families(of: Reader) -> list[str]:
    found = of.codes("families", "family")
    if not found:
        raise BadInput("Families of services: none is ticked.", "Tick what it does.", "families")
    main = of.typed["main_family"]
    return [main, *(code for code in found if code != main)] if main in found else found


def _choice(name: str, known: Iterable[str], message: str, at: str = "") -> Callable[[Reader], str]:
    def read_choice(of: Reader) -> str:
        if of.typed[name] not in known:
            raise BadInput(message, "Choose one.", at or name)
        return of.typed[name]

    return read_choice


_status = _choice("status", fields.STATUSES, "Say whether it runs.")
_age_known = _choice("age_known", list(Known), "Say whether there are ages.")
_gender_known = _choice("gender_known", ("female", "male", NONE, UNKNOWN), "Say whom it takes.")
_stages_known = _choice("stages_known", list(Known), "Say whether it goes by stage of school.")
_coverage_known = _choice("coverage_known", (STATED, SCOTLAND, NONE, UNKNOWN), "Say where people may come from.")
_hours_known = _choice("hours_known", list(Known), "Say whether there are fixed hours.")
_registration_known = _choice("registration_known", list(Known), "Say whether people must be registered.")
_state = _choice("state", ("", "open", "waiting_list", "full"), "Say whether it takes referrals.")


def _whole(of: Reader, name: str, most: int, what: str) -> int | None:
    text = of.typed[name].strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= most):
        raise BadInput(f"{what} is not a whole number.", f"Write one from 0 to {most}, or leave it empty.", name)
    return int(text)


def _all(*makes: Callable[[], Any]) -> list[Any]:
    """What each of them reads. Raises Mistakes, of all that cannot be read."""
    found, wrong = [], []
    for make in makes:
        try:
            found.append(make())
        except BadInput as error:
            wrong.append(error)
        except Mistakes as several:
            wrong += several.found
    if wrong:
        raise Mistakes(wrong)
    return found


def _age(of: Reader) -> dict[str, Any]:
    known = _age_known(of)
    about = of.typed["about"] or "person_helped"
    if about not in fields.ABOUT_AGE:
        raise BadInput("Whose age is meant?", "Choose one.", "about")
    if known != STATED:
        return {"known": known, "about": about}
    low, high = _all(
        lambda: _whole(of, "minimum", OLDEST, "The youngest age"),
        lambda: _whole(of, "maximum", OLDEST, "The oldest age"),
    )
    if low is None and high is None:
        raise BadInput(
            "No age is written.", "Write the youngest, the oldest or both, or choose another answer.", "minimum"
        )
    if low is not None and high is not None and low > high:
        raise BadInput(f"The youngest ({low}) is above the oldest ({high}).", "Change one of them.", "minimum")
    return {"known": known, "minimum": low, "maximum": high, "about": about}


def _gender(of: Reader) -> dict[str, str]:
    known = _gender_known(of)
    return {"known": STATED, "rule": known} if known in {"female", "male"} else {"known": known}


def _stages(of: Reader) -> dict[str, Any]:
    return _listed(of, _stages_known(of), "stages", SCHOOL_STAGES)


def _registration(of: Reader) -> dict[str, Any]:
    return _listed(of, _registration_known(of), "places", REGISTRATIONS)


def _listed(of: Reader, known: str, name: str, choices: Sequence[str]) -> dict[str, Any]:
    found = of.known_codes(name, choices) if known == STATED else []
    if known == STATED and not found:
        raise BadInput("None is ticked.", "Tick at least one, or choose another answer.", name)
    return {"known": known, name: found}


def _coverage(of: Reader) -> Coverage | dict[str, Any]:
    """Areas; what narrows them to a part stays while the areas do."""
    known, before = _coverage_known(of), of.now["coverage"]
    boundary = of.typed["boundary"] or Boundary.RESIDENCE.value
    if boundary not in list(Boundary):
        raise BadInput("Say which of a person’s places counts.", "Choose one.", "boundary")
    if known in (NONE, UNKNOWN):
        return Coverage(Known(known), boundary=Boundary(boundary))
    councils = [area.gss for area in areas.councils()]
    ticked = [fields.NATION] if known == SCOTLAND else [code for code in councils if code in of.typed.many("areas")]
    if known == STATED and set(of.typed.many("areas")) - {*councils, fields.NATION}:
        raise BadInput("One of these is no council area of Scotland.", "Choose from the list.", "areas")
    if not ticked:
        raise BadInput("No area is ticked.", "Tick each council area it serves, or choose another answer.", "areas")
    if set(ticked) == set(before["areas"]):
        return {**before, "known": STATED, "boundary": boundary}
    kept = tuple(each for each in before["divisions"] if set(divisions.councils(each)) <= set(ticked))
    return Coverage(Known.STATED, tuple(ticked), (), Boundary(boundary), kept)


def _premises(of: Reader) -> Premises | dict[str, Any]:
    """The place; as it stands when no line of it was changed."""
    before, said = of.now["premises"], of.typed["visibility"]
    lines = {name: " ".join(of.typed[name].split()) for name in checking.ADDRESS}
    same = all(lines[name] == before[name] for name in checking.ADDRESS)
    if said == before["visibility"] and (same or said != Visibility.EXACT):
        return dict(before)
    return checking.place(lines, said, of.gazetteer)


def _phone(of: Reader) -> str:
    same = of.typed["phone"].strip() == of.now["phone"]
    return str(of.now["phone"]) if same else checking.phone(of.typed["phone"])


def _url(of: Reader) -> str:
    return str(of.now["url"]) if of.typed["url"].strip() == of.now["url"] else checking.url(of.typed["url"])


def _hours(of: Reader) -> dict[str, Any]:
    known, before = _hours_known(of), of.now["hours"]
    names = ("hours_known", "hours_text", *(f"hours_{day}" for day in DAYS))
    if all(of.typed[name].strip() == of_room(of.now)[name][0] for name in names):
        return dict(before)
    if known != STATED:
        return {"known": known}
    by_span: dict[tuple[str, str], list[str]] = {}
    words = " ".join(of.typed["hours_text"].split())
    *week, _ = _all(
        *(partial(hours_reading.spans, of.typed[f"hours_{day}"], f"hours_{day}") for day in DAYS),
        lambda: _in_other_words(of, words),
    )
    for day, spans in zip(DAYS, week, strict=True):
        for span in spans:
            by_span.setdefault(span, []).append(day)
    if not by_span and not words:
        raise BadInput("No hours are written.", "Write them beside a day, or choose another answer.", "hours_MO")
    openings = [{"byday": ",".join(days), "opens_at": at, "closes_at": end} for (at, end), days in by_span.items()]
    return {"known": known, "openings": openings, "text": words}


def _in_other_words(of: Reader, words: str) -> None:
    """Raises BadInput, at their own field, for words beside the hours that cannot be kept."""
    try:
        checking.text("phone_note", words, of.withheld)
    except BadInput as error:
        message = error.message.replace(fields.label("phone_note"), "What stands beside the hours")
        raise BadInput(message, error.advice, "hours_text") from None


def _access(of: Reader) -> dict[str, list[str]]:
    said = {code: of.typed[f"access_{code}"] for code in access_codes(of.now)}
    before = of.now["access"]
    return {
        part: [
            *(code for code in before[part] if said[code] == part),
            *(code for code, each in said.items() if each == part and code not in before[part]),
        ]
        for part in ("offers", "lacks")
    }


def _capacity(of: Reader) -> Capacity | dict[str, Any]:
    state, before = _state(of), of.now["capacity"]
    (low, high), until = _all(lambda: _wait(of), lambda: _until(of, bool(state)))
    if not state:
        return Capacity()
    new = Capacity(state, low, high, of.today.isoformat(), until)
    return before if fields.plain(replace(new, as_of=before["as_of"])) == before else new


def _wait(of: Reader) -> tuple[int | None, int | None]:
    """The shortest and the longest wait, in weeks; None for what is not written. Raises Mistakes."""
    low, high = _all(
        lambda: _whole(of, "minimum_weeks", MOST_WEEKS, "The shortest wait"),
        lambda: _whole(of, "maximum_weeks", MOST_WEEKS, "The longest wait"),
    )
    if of.typed["state"] and (low is None) != (high is None):
        raise BadInput("Only one end of the wait is written.", "Write both, or neither.", "minimum_weeks")
    if of.typed["state"] and low is not None and high is not None and low > high:
        raise BadInput("The shortest wait is above the longest.", "Change one of them.", "minimum_weeks")
    return low, high


def _until(of: Reader, is_said: bool) -> str:
    until = of.typed["expires"].strip()
    if is_said and until and not (_is_day(until) and until >= of.today.isoformat()):
        raise BadInput("This is no day to come.", "Write it like 2026-12-31, or leave it empty.", "expires")
    return until


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == 10


def _text(name: str) -> Callable[[Reader], str]:
    return lambda of: of.text(name)


def _codes(name: str, taxonomy: str) -> Callable[[Reader], list[str]]:
    return lambda of: of.codes(name, taxonomy)


def _some(name: str, taxonomy: str, choice: str) -> Callable[[Reader], list[str]]:
    return lambda of: of.some(name, of.codes(name, taxonomy), choice)


READERS: Mapping[str, Mapping[str, Callable[[Reader], Any]]] = {
    "what": {
        "name": _text("name"), "organization": _text("organization"), "kind": _text("kind"),
        "description": _text("description"), "families": _families, "status": _status, "alert": _text("alert"),
    },
    "who": {
        "needs": _codes("needs", "need"),
        "any_harm": lambda of: of.typed["harm_known"] == ANY,
        "harms": lambda of: of.some("harms", of.codes("harms", "harm"), "harm_known")
        if of.typed["harm_known"] != ANY
        else of.codes("harms", "harm"),
        "relations": _some("relations", "relation", "relations_known"),
        "groups": _some("groups", "group", "groups_known"),
        "age": _age, "gender": _gender, "stages": _stages,
        "not_for_harmed": lambda of: of.typed["not_for_harmed"] == "yes",
    },
    "where": {"coverage": _coverage, "delivery": _codes("delivery", "delivery"), "premises": _premises},
    "contact": {
        "phone": _phone, "phone_note": _text("phone_note"), "text_or_chat": _text("text_or_chat"), "url": _url,
        "referral_routes": _codes("referral_routes", "route"), "hours": _hours,
    },
    "access": {
        "languages": lambda of: of.known_codes("languages", [*fields.LANGUAGES, *of.now["languages"]]),
        "access": _access, "registration": _registration,
    },
    "room": {
        "capacity": _capacity,
        "waiting_list": lambda of: "" if of.typed["state"] else of.now["waiting_list"],
    },
}  # fmt: skip
"""Page → field → how it is read."""
BY_FIELD: Mapping[str, Callable[[Reader], Any]] = {
    name: make for group in READERS.values() for name, make in group.items()
}
