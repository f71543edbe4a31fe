"""A service's fields in the words in which partners are asked for them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from directory.editing import fields

HARM, KNOWN_FOR = "After which harm can people come?", "Harms that it knows most about"
ASKED: Mapping[str, str] = {
    "name": "Name of the service",
    "kind": "What do you call such a service?",
    "families": "What kind of service is it?",
    "description": "What does it do?",
    "status": "Does it run?",
    "needs": "What does it help with?",
    "any_harm": HARM,
    "harms": HARM,
    "relations": "Whom does it help?",
    "groups": "Is it only for one group of people?",
    "not_for_harmed": "Is it never for people who were harmed?",
    "age": "Is there a limit of age?",
    "gender": "Who may come?",
    "stages": "Does it go by year of school?",
    "coverage": "Where may people come from?",
    "delivery": "How does it work?",
    "premises": "Its address",
    "referral_routes": "Who may ask for this service?",
    "hours": "When can people reach it?",
    "languages": "Which languages do you speak with people?",
    "access": "What people may need",
    "registration": "Must people be registered?",
    "capacity": "Do you take people now?",
}
_ANSWERS: Mapping[str, str] = {
    "any age": "No, people of any age", "any gender": "Anybody, of any gender",
    "any stage of school, or none": "No: any year, or none", "people from anywhere": "Anywhere, also outside Scotland",
    "by appointment, no fixed hours": "By appointment: no fixed hours", "no registration is needed": "No",
}  # fmt: skip
"""Whole answers in the words of the box that was ticked."""


def label(name: str) -> str:
    """What a partner is asked for a field."""
    return ASKED.get(name, fields.label(name))


def of_labels(labels: Iterable[str]) -> list[str]:
    """The same of what staff call these fields."""
    by_label = {field.label: label(field.name) for field in fields.FIELDS}
    return list(dict.fromkeys(by_label.get(each, each) for each in labels))


def told(name: str, value: Any) -> str:
    """A field's value as a whole answer: it begins like a sentence."""
    words = fields.in_words(name, value)
    if words == value:  # their own words, perhaps an address
        return words
    return _ANSWERS.get(words, words[:1].upper() + words[1:])


def lines(names: Iterable[str], values: Mapping[str, Any], is_whole: bool = False) -> Iterator[tuple[str, str]]:
    """Question and answer of these fields. `is_whole`: also of what is not stated, or is "no"."""
    open_to_all = values.get("any_harm")
    for name in names:
        if name == "any_harm":
            if open_to_all:
                yield HARM, "Any harm"
            continue
        if name == "harms" and open_to_all:
            if values[name]:
                yield KNOWN_FOR, told(name, values[name])
            continue
        words = fields.in_words(name, values[name])
        if is_whole or words not in (fields.NOT_STATED, "no", ""):
            yield label(name), told(name, values[name])
