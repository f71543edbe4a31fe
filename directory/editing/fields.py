"""Which fields of a service people may edit, in what groups, which could hurt when wrong, and their values in words."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import msgspec

from directory import opening, rows
from directory.draft import Hours, ServiceDraft
from directory.feeds.assurance_words import MONTHS
from directory.places import areas, giveaways
from directory.rows import PLACE_FIELDS
from directory.values import Visibility
from taxonomy import terms

Value = Any
"""A field's plain JSON value, as a revision keeps it (`rows.content`)."""
Words = Callable[[Value], str]
NOT_STATED = "not stated"
NATION = "SCOTLAND"
HIDDEN = "Kept confidential"


@dataclass(frozen=True, slots=True)
class Field:
    """One field of `ServiceDraft`. `risky`: a wrong value could hurt somebody, so two people agree on a change."""

    name: str
    label: str
    group: str
    words: Words
    risky: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that stand on one page."""

    code: str
    title: str
    about: str


GROUPS = (
    Group("what", "What it is", "Its name, who runs it, and what it does."),
    Group("who", "For whom", "What it helps with, whom it takes, and of what age."),
    Group("where", "Where", "The areas people may come from, and where its door is."),
    Group("contact", "How to reach it", "Phone, website, opening hours, and who can refer."),
    Group("access", "Access and languages", "What it offers to people who need it."),
    Group("room", "Room and waiting", "Whether it takes referrals now."),
)


def _text(value: Value) -> str:
    return str(value) or NOT_STATED


def _yes(value: Value) -> str:
    return "yes" if value else "no"


def _terms(taxonomy: str) -> Words:
    def words(value: Value) -> str:
        return ", ".join(terms.load()[taxonomy].label(code) for code in value) or NOT_STATED

    return words


def _age(value: Value) -> str:
    if value["known"] != "stated":
        return "any age" if value["known"] == "none" else NOT_STATED
    low, high = value["minimum"], value["maximum"]
    span = f"{low} to {high}" if None not in (low, high) else f"{low} and over" if high is None else f"up to {high}"
    return span if value["about"] == "person_helped" else f"{span} ({ABOUT_AGE[value['about']].lower()})"


ABOUT_AGE: Mapping[str, str] = {
    "person_helped": "Of the person who is helped",
    "child_who_harmed": "Of the child who harmed",
    "child_concerned": "Of the child a parent comes about",
    "child_bereaved": "Of the child who is bereaved",
}


def _gender(value: Value) -> str:
    if value["known"] != "stated":
        return "any gender" if value["known"] == "none" else NOT_STATED
    return "men and boys only" if value["rule"] == "male" else "women and girls only"


def _stages(value: Value) -> str:
    return _listed(value, value["stages"], "any stage of school, or none")


def _registration(value: Value) -> str:
    said = {"gp": "with a GP of the area", "school": "at a school"}
    return _listed(value, [said.get(place, place) for place in value["places"]], "no registration is needed")


def _listed(value: Value, words: list[str], none: str) -> str:
    return none if value["known"] == "none" else ", ".join(words) or NOT_STATED


def area_name(code: str) -> str:
    """A council area's name, of the code that a draft keeps; "All of Scotland" for the nation."""
    return "All of Scotland" if code == NATION else areas.council(code).name


def _coverage(value: Value) -> str:
    if value["known"] != "stated":
        return "people from anywhere" if value["known"] == "none" else NOT_STATED
    names = ", ".join(map(area_name, value["areas"]))
    part = f", but only {', '.join(value['outcodes'])}" if value["outcodes"] else ""
    by = {"residence": "", "harm_place": " (by where the harm was)", "either": " (by home or where the harm was)"}
    return names + part + by.get(value["boundary"], " (home and where the harm was, both)")


def _premises(value: Value) -> str:
    if value["visibility"] == Visibility.UNDISCLOSED:
        return HIDDEN
    said = ", ".join(filter(None, (value[name] for name in ("address_1", "address_2", "city", "postal_code"))))
    return said if value["visibility"] == Visibility.EXACT else "no address is published"


def _hours(value: Value) -> str:
    hours = msgspec.convert(value, Hours)
    week = opening.in_words(hours) if hours.openings else ""
    said = "; ".join(filter(None, (week, hours.text)))
    return said or ("by appointment, no fixed hours" if value["known"] == "none" else NOT_STATED)


def _capacity(value: Value) -> str:
    said = {"open": "takes referrals", "waiting_list": "has a waiting list", "full": "full, takes no referrals"}
    if value["state"] not in said:
        return NOT_STATED
    low, high = value["minimum_weeks"], value["maximum_weeks"]
    wait = f", {low} to {high} weeks" if None not in (low, high) else ""
    until = f", until {_day(value['expires'])}" if value["expires"] else ""
    return f"{said[value['state']]}{wait} (said {_day(value['as_of'])}{until})"


def _day(text: str) -> str:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def _access(value: Value) -> str:
    known = terms.load()["communication"]
    said = [*map(known.label, value["offers"]), *(f"not: {known.label(code)}" for code in value["lacks"])]
    return ", ".join(said) or NOT_STATED


LANGUAGES: Mapping[str, str] = {
    "en": "English", "gd": "Gaelic", "bsl": "British Sign Language", "pl": "Polish", "ur": "Urdu", "pa": "Punjabi",
    "zh": "Chinese", "ar": "Arabic", "uk": "Ukrainian", "ro": "Romanian", "fr": "French", "es": "Spanish",
    "fa": "Farsi", "so": "Somali", "ti": "Tigrinya", "tr": "Turkish", "bn": "Bengali", "hi": "Hindi",
    "interpreter": "By an interpreter", "many": "Many languages",
}  # fmt: skip


def _languages(value: Value) -> str:
    return ", ".join(LANGUAGES.get(code, code) for code in value) or NOT_STATED


STATUSES: Mapping[str, str] = {
    "active": "It runs",
    "temporarily closed": "Closed for a time",
    "inactive": "It takes nobody new",
    "defunct": "It has closed for good",
}
FIELDS = (
    Field("name", "Name", "what", _text),
    Field("organization", "Organisation", "what", _text),
    Field("kind", "What it calls itself", "what", _text),
    Field("description", "Description", "what", _text),
    Field("families", "Families of services", "what", _terms("family")),
    Field("status", "Whether it runs", "what", lambda value: STATUSES.get(value, value)),
    Field("alert", "Warning shown to workers", "what", _text),
    Field("needs", "Needs it helps with", "who", _terms("need"), True),
    Field("any_harm", "Open whatever the harm", "who", _yes, True),
    Field("harms", "Harms it is for", "who", _terms("harm"), True),
    Field("relations", "Whom it helps", "who", _terms("relation"), True),
    Field("groups", "Only for one group", "who", _terms("group"), True),
    Field("age", "Ages", "who", _age, True),
    Field("gender", "Gender rule", "who", _gender, True),
    Field("stages", "Stages of school", "who", _stages, True),
    Field("not_for_harmed", "Not for people who were harmed", "who", _yes, True),
    Field("coverage", "Areas it serves", "where", _coverage, True),
    Field("delivery", "How it works", "where", _terms("delivery")),
    Field("premises", "Its door", "where", _premises, True),
    Field("phone", "Phone number", "contact", _text, True),
    Field("phone_note", "Note beside the number", "contact", _text, True),
    Field("text_or_chat", "Text or chat", "contact", _text, True),
    Field("url", "Website", "contact", _text),
    Field("referral_routes", "Who can refer", "contact", _terms("route"), True),
    Field("hours", "Opening hours", "contact", _hours),
    Field("languages", "Languages", "access", _languages),
    Field("access", "Access", "access", _access),
    Field("registration", "Where people must be registered", "access", _registration, True),
    Field("capacity", "Room", "room", _capacity),
    Field("waiting_list", "Waiting list, as an old page said", "room", _text),
)
BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
FREE_TEXT = (
    "name", "organization", "kind", "description", "alert", "phone_note", "text_or_chat", "waiting_list",
)  # fmt: skip
"""Fields of words that somebody types."""
CALLED = frozenset({"name", "organization", "url"})
"""Who it is for everybody who reads it."""
LEADS = re.compile(r"\d{5,}|\b[\w-]+\.[a-z]{2,}\b|@\w{2,}", re.IGNORECASE)
"""A number to text, a page of any domain, a name on another site: words that lead people somewhere."""
TIME = re.compile(r"(?<![\d.])(?:[01]?\d|2[0-4])[.:][0-5]\d(?![\d.]*\d)")
"""9.30 is no part of a number."""
OF_A_PLACE = frozenset(PLACE_FIELDS) - {"alert", "description", "premises"}
"""What a service whose place is confidential has none of."""


def of_group(code: str) -> tuple[Field, ...]:
    """The fields of a page."""
    return tuple(field for field in FIELDS if field.group == code)


def label(name: str) -> str:
    """What people call a field, also one that nobody edits."""
    return BY_NAME[name].label if name in BY_NAME else name.replace("_", " ")


def in_words(name: str, value: Value) -> str:
    """A field's value for people; that of a field which nobody edits as it is."""
    if name not in BY_NAME:
        return str(value)
    return BY_NAME[name].words(value)


def needs_two(name: str, withheld: bool, of_partner: bool = False, value: Value = None) -> bool:
    """Whether two people must agree on a change of this field, to `value`: of a withheld place any free words may give
    it away, and a partner may not call itself somebody else, or lead people elsewhere, by itself: not by free words
    that hold a number, a page or an address either."""
    if BY_NAME[name].risky or (withheld and (name in FREE_TEXT or name == "hours")):
        return True
    return of_partner and (name in CALLED or leads_elsewhere(name, value))


def leads_elsewhere(name: str, value: Value) -> bool:
    """Whether free words in this field's value hold a number, a page, a mailbox or an address."""
    words = str((value or {}).get("text", "")) if name == "hours" else str(value or "") if name in FREE_TEXT else ""
    words = TIME.sub("then", words)
    return bool(LEADS.search(words)) or giveaways.tells_a_place(words)


@cache
def _blank() -> Mapping[str, Value]:
    return rows.content(ServiceDraft("staff", "", "", "", "", ()))


def default(name: str) -> Value:
    """The value of a field that is not stated."""
    return _blank()[name]


def plain(value: object) -> Value:
    """A value of a draft's field as plain JSON."""
    return msgspec.json.decode(msgspec.json.encode(value))


def normal(name: str, value: Value) -> Value:
    """A value as today's drafts have it: an older revision may lack inner fields. Raises ValueError."""
    try:
        return rows.content(msgspec.convert({**_blank(), name: value}, ServiceDraft))[name]
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: not a value of this field") from error


def draft_of(content: Mapping[str, Value]) -> ServiceDraft:
    """A draft again from its content. Raises ValueError."""
    try:
        return msgspec.convert(content, ServiceDraft)
    except msgspec.ValidationError as error:
        raise ValueError("content: not that of a service") from error
