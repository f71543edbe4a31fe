"""The signs that two rows tell of one service, or do not: each with a weight, a reason for the weight, and a sentence.

Weights are logits: +2.2 makes the odds nine times better. They were set by hand on the tuned half of the labelled pairs
(tests/judged/duplicates_tuned.jsonl). No sentence holds anything of a place.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein

from ingest import names, withheld
from ingest.names import Wording
from ingest.told import NATION, Told


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign: its name in `WEIGHTS`, and what it says in words for people, with nothing of a place in them."""

    name: str
    said: str

    @property
    def weight(self) -> float:
        return WEIGHTS[self.name]


WEIGHTS: Mapping[str, float] = {
    "start": -5.0,  # of rows that share any key at all, few tell of one service
    "name_equal": 5.5,  # equal but for legal forms and what the regulator adds
    "name_same": 4.5,  # no word is left over on either side once legal forms and kinds of service are taken off
    "name_project": 1.5,  # one provider gives a name to one project in a council
    "name_longer": 2.0,  # all of one name is in the other, which says a word more
    "name_as_provider": 1.5,  # one row is the provider as a whole, the other one of its services
    "name_crossed": -3.0,  # both have words that the other has not: two projects of one body
    "name_other": -3.5,  # not one telling word in common
    "name_hidden": -3.5,  # all that may be said of a withheld service is its kind: that is no name
    "other_people": -3.0,  # "young people" on one side only: a project of its own
    "branch": -7.0,  # Branch 2 and Branch 4, North and South: what registers number apart is apart
    "other_area": -7.0,  # no council area in common
    "part_of_nation": -1.0,  # one is for all of Scotland, the other for a council
    "area_equal": 0.5,
    "same_area": 0.3,
    "provider_same": 1.5,
    "council_same": 0.5,  # a council runs hundreds
    "provider_other": -2.5,  # "Fife Support Service" is two charities' name
    "phone_same": 2.5,  # often a switchboard: never enough by itself
    "phone_near": 1.5,  # one digit typed wrong
    "phone_other": -1.0,  # lists are years apart: numbers change
    "postcode_same": 2.0,
    "postcode_near": 1.0,
    "door_same": 0.7,
    "postcode_other": -0.7,
    "seat": 1.0,  # a list's row and a registration of the same sort, with one phone at one address
    "host_same": 0.7,
    "charity_same": 0.7,
    "charity_other": -3.0,
    "cites": 6.0,  # a row that prints the other's number in its register
    "cites_another": -4.0,
    "kind_other": -3.0,  # a school and what meets in it
    "twin": -0.5,  # two rows of one list: lists seldom print a service twice
}

SCHOOL = re.compile(r"^(?!school care).*\bschool\b", re.IGNORECASE)
COUNCIL = re.compile(r"\b(?:council|comhairle)\b", re.IGNORECASE)
DOOR = re.compile(r"\b\d+[a-z]?\b")
WOMEN = frozenset({"women", "womens", "female"})
SAME_NAMES = frozenset({"name_equal", "name_same"})


def signs(one: Told, other: Told) -> list[Sign]:
    """What speaks for and against, of names, provider, contact, area, numbers and kind."""
    first, second = names.wording(one.name, one.organization), names.wording(other.name, other.organization)
    provider = names.one_provider(first, second)
    return [
        *_name(one, other, first, second, provider),
        *_provider(one, other, provider),
        *_contact(one, other),
        *_area(one, other),
        *_numbers(one, other),
        *_kinds(one, other),
    ]


def is_school(told: Told) -> bool:
    """A school as such: not the registration of its boarding house."""
    return bool(SCHOOL.search(told.kind))


def is_kin(one: Told, other: Told) -> bool:
    """Whether two rows have a family of services in common, or one does not say."""
    return not one.families or not other.families or bool(set(one.families) & set(other.families))


def _name(one: Told, other: Told, first: Wording, second: Wording, provider: bool | None) -> list[Sign]:
    if _is_hidden(one) or _is_hidden(other):
        return [Sign("name_hidden", "The name of one may not be told, so names say nothing.")]
    here = _here(one, other)
    first, second = names.without(first, here), names.without(second, here)
    whole = names.meet(first.words, second.words)
    left, right = own_words(first, second), own_words(second, first)
    equal = bool(whole.shared - names.area_words()) and not whole.left and not whole.right
    apart = bool(provider and not equal and (left or right) and not (left and right))
    met = names.meet(left, right) if provider is not False and left and right and not equal else whole
    telling = met.shared - names.area_words()
    found: list[Sign] = []
    only = frozenset(left) | frozenset(right) if apart else met.left | met.right
    short = names.is_short_for(first, second)
    if not short and any(names.is_mark(word) for word in only):
        found.append(Sign("branch", "What tells one branch from another is not the same in the names."))
    if not short and only & names.PEOPLE - (WOMEN if _is_womens(one) and _is_womens(other) else frozenset()):
        found.append(Sign("other_people", "Only one of the names says which people it is for, or they say others."))
    if names.key(one.name).replace(" ", "") == names.key(other.name).replace(" ", "") and (
        not set(first.words) <= names.area_words() or provider
    ):
        found.append(Sign("name_equal", "The names are equal, but for legal forms and kinds of service."))
    elif short:
        found.append(Sign("name_same", "One name is short for the other."))
    elif apart:
        found.append(Sign("name_as_provider", "One is the name of the provider, the other of one of its services."))
    elif equal or (provider and (not (left or right) or not (met.left or met.right))):
        found.append(Sign("name_same", "The names are the same, but for the provider's and kinds of service."))
    elif not telling:
        found.append(Sign("name_other", "The names have no telling word in common."))
    elif met.left and met.right:
        found.append(Sign("name_crossed", "Each name has words that the other has not."))
    elif met.left or met.right:
        found.append(Sign("name_longer", "All of one name is in the other, which says more."))
    else:
        found.append(Sign("name_same", "The names are the same, but for kinds of service."))
    if provider is not False and found[-1].name in SAME_NAMES and set(left) - names.area_words() and right:
        found.append(
            Sign("name_project", "The name is that of one project of the provider, not of the provider itself.")
        )
    return found


def own_words(wording: Wording, other: Wording) -> tuple[str, ...]:
    """A name's words without those of the provider, its own or, that being unknown, the other row's."""
    of = [word for provider in wording.providers or other.providers for word in provider]
    return tuple(word for word in names.joined_up(wording.words, of) if word not in of)


def _here(one: Told, other: Told) -> frozenset[str]:
    """Words of the one council both rows are for: in a city's list "Share Scotland" is "Share Scotland - Edinburgh"."""
    if one.areas != other.areas or len(one.areas) != 1 or NATION in one.areas:
        return frozenset()
    return names.council_words(next(iter(one.areas)))


def _is_womens(told: Told) -> bool:
    """Of a family whose services are for women unless they say otherwise: the word says nothing there."""
    return bool(told.families) and told.families[0] in ("rape_crisis", "domestic_abuse")


def _is_hidden(told: Told) -> bool:
    return told.withheld and told.name.startswith(tuple(withheld.PLAIN_NAMES.values()))


def _provider(one: Told, other: Told, provider: bool | None) -> list[Sign]:
    if provider is None:
        return []
    if not provider:
        return [Sign("provider_other", "The providers' names differ.")]
    if COUNCIL.search(one.organization) and COUNCIL.search(other.organization):
        return [Sign("council_same", "Both are the council's.")]
    return [Sign("provider_same", "The provider is the same.")]


def _contact(one: Told, other: Told) -> list[Sign]:
    found = []
    if one.phones and other.phones:
        if one.phones & other.phones:
            found.append(Sign("phone_same", "The phone number is the same."))
        elif any(DamerauLevenshtein.distance(a, b) == 1 for a in one.phones for b in other.phones):
            found.append(Sign("phone_near", "The phone numbers differ in one digit."))
        else:
            found.append(Sign("phone_other", "The phone numbers differ."))
    doors = set(DOOR.findall(one.address.lower())) & set(DOOR.findall(other.address.lower()))
    if one.postal_code and other.postal_code:
        if one.postal_code == other.postal_code:
            found.append(Sign("postcode_same", "The postcode is the same."))
            if doors:
                found.append(Sign("door_same", "The number in the street is the same."))
        elif doors and DamerauLevenshtein.distance(one.postal_code, other.postal_code) == 1:
            found.append(Sign("postcode_near", "The postcodes differ in one letter, and the street number agrees."))
        else:
            found.append(Sign("postcode_other", "The postcodes differ."))
    if one.host and one.host == other.host:
        found.append(Sign("host_same", "The web site is the same."))
    return found


def _area(one: Told, other: Told) -> list[Sign]:
    if not one.areas or not other.areas:
        return []
    if one.areas == other.areas:
        return [Sign("area_equal", "They cover the same area.")]
    if one.areas & other.areas:
        return [Sign("same_area", "They cover an area in common.")]
    if NATION in one.areas | other.areas:
        return [Sign("part_of_nation", "One is for all of Scotland, the other for a part.")]
    return [Sign("other_area", "They have no council area in common.")]


def _numbers(one: Told, other: Told) -> list[Sign]:
    found = []
    if one.source_id in other.cited or other.source_id in one.cited:
        found.append(Sign("cites", "One row prints the other's number in its register."))
    elif any(
        row.cited and record.official and record.source != row.source for row, record in ((one, other), (other, one))
    ):
        found.append(Sign("cites_another", "One row prints another number of the register."))
    if one.charity_number and other.charity_number:
        agree = one.charity_number == other.charity_number
        name = "charity_same" if agree else "charity_other"
        found.append(Sign(name, "The charity number is the same." if agree else "The charity numbers differ."))
    return found


def _kinds(one: Told, other: Told) -> list[Sign]:
    found = []
    if is_school(one) != is_school(other):
        found.append(Sign("kind_other", "One is a school, the other is not."))
    if (
        one.official != other.official
        and is_kin(one, other)
        and one.phones & other.phones
        and one.postal_code == other.postal_code != ""
    ):
        found.append(Sign("seat", "Phone and postcode are the same, and so is the sort of service."))
    if one.source == other.source and not one.official:
        found.append(Sign("twin", "Both stand in one list."))
    return found
