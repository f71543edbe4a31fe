"""The signs that two rows tell of one service, or do not, each with a sentence; their weights are in `weights`.

No sentence holds anything of a place.
"""

import re

from rapidfuzz.distance import DamerauLevenshtein

from ingest import called, name_words, names, withheld
from ingest.names import Meeting, Wording
from ingest.told import NATION, Told
from ingest.weights import Sign

SCHOOL = re.compile(r"^(?!school care).*\bschool\b", re.IGNORECASE)
COUNCIL = re.compile(r"\b(?:council|comhairle)\b", re.IGNORECASE)
DOOR = re.compile(r"\b\d+[a-z]?\b")
SAME_NAMES = frozenset({"name_equal", "name_same"})


def signs(one: Told, other: Told) -> list[Sign]:
    """What speaks for and against, of names, provider, contact, area, numbers and kind."""
    first, second = names.wording(one.name, one.organization), names.wording(other.name, other.organization)
    if plain := _plain_there(one, other):
        first, second = names.bare(first, plain), names.bare(second, plain)
    provider = _one_provider(one, other, first, second)
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


def _one_provider(one: Told, other: Told, first: Wording, second: Wording) -> bool | None:
    """Whether the provider is one; None when that cannot be told."""
    if called.is_one_provider(one, other):
        return True
    provider = names.one_provider(first, second)
    if provider is not False:
        return provider
    if is_councils(one) and is_councils(other) and one.areas & other.areas:
        places = [
            {word for words in each.providers for word in words} & name_words.area_words() for each in (first, second)
        ]
        return bool(places[0]) and places[0] == places[1]  # "Fife Council youth justice"
    of_lists = not one.official and not other.official and is_kin(one, other) and one.areas == other.areas
    if of_lists and any(name_words.is_own(word) for word in first.words) and called.is_one_name(one, other):
        return None  # lists often call one provider by two names, seldom two services by one
    return False


def is_councils(told: Told) -> bool:
    """Run by a council, by its provider or, where none is given, by its name."""
    return bool(COUNCIL.search(told.organization or told.name))


def _name(one: Told, other: Told, first: Wording, second: Wording, provider: bool | None) -> list[Sign]:
    if _is_hidden(one) or _is_hidden(other):
        return [Sign("name_hidden", "The name of one may not be told, so names say nothing.")]
    here = _here(one, other)
    first, second = names.without(first, here), names.without(second, here)
    whole = names.meet(first.words, second.words)
    left, right = own_words(first, second), own_words(second, first)
    equal = bool(whole.shared - name_words.area_words()) and not whole.left and not whole.right
    apart = bool(provider and not equal and (left or right) and not (left and right))
    met = names.meet(left, right) if provider is not False and left and right and not equal else whole
    telling = met.shared - name_words.area_words()
    only = frozenset(left) | frozenset(right) if apart else met.left | met.right
    if (
        provider and only
    ):  # "The Venchie" and "Venchie Children and Young People's Project", whose provider is called so
        only -= frozenset(word for words in first.providers for word in words) & frozenset(
            word for words in second.providers for word in words
        )
    short, known = names.is_short_for(first, second), provider or _is_met(one, other)
    worded = bool(known) and called.is_one_part(one, other)
    found = [] if short or worded else _parted(one, other, only)
    alike = called.is_one_name(one, other) and (known or not set(first.words) <= name_words.area_words())
    if alike or _is_short_of_womens_aid(one, other, whole):
        found.append(Sign("name_equal", "The names are equal, but for legal forms and kinds of service."))
    elif short:
        found.append(Sign("name_same", "One name is short for the other."))
    elif worded:
        found.append(Sign("name_same", "The names are the same, but for the provider's and kinds of service."))
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
    project = set(left) - name_words.area_words() and right
    if provider is not False and found[-1].name in SAME_NAMES and (project or (provider and worded)):
        found.append(
            Sign("name_project", "The name is that of one project of the provider, not of the provider itself.")
        )
    return found


def _is_met(one: Told, other: Told) -> bool:
    """Whether they have a phone or the postcode in common."""
    return bool(one.phones & other.phones) or one.postal_code == other.postal_code != ""


def _parted(one: Told, other: Told, only: frozenset[str]) -> list[Sign]:
    """What speaks against one service in the words that only one of the names has."""
    found = []
    if any(name_words.is_mark(word) for word in only) or names.brackets_part(one.name, other.name):
        found.append(Sign("branch", "What tells one branch from another is not the same in the names."))
    if only & name_words.PEOPLE - _usual_people(one, other):
        found.append(Sign("other_people", "Only one of the names says which people it is for, or they say others."))
    if only & name_words.WORK:
        found.append(Sign("other_work", "Only one of the names says that it is for such work, as befriending."))
    return found


def own_words(wording: Wording, other: Wording) -> tuple[str, ...]:
    """A name's words without those of the provider, its own or, that being unknown, the other row's."""
    of = [word for provider in wording.providers or other.providers for word in provider]
    of += wording.of_provider
    return tuple(word for word in names.joined_up(wording.words, of) if word not in of)


def _here(one: Told, other: Told) -> frozenset[str]:
    """Words of the one council both rows are for: in a city's list "Share Scotland" is "Share Scotland - Edinburgh"."""
    if one.areas != other.areas or len(one.areas) != 1 or NATION in one.areas:
        return frozenset()
    return name_words.council_words(next(iter(one.areas)))


def _usual_people(one: Told, other: Told) -> frozenset[str]:
    """Words that say nothing where services are for such people unless they say otherwise."""
    of = {family for told in (one, other) for family in told.families[:1]}
    if of and of <= {"rape_crisis", "domestic_abuse"}:
        return name_words.WOMEN
    return name_words.ADULTS if of == {"care_support"} else name_words.YOUNG if of == {"youth"} else frozenset()


def _plain_there(one: Told, other: Told) -> frozenset[str]:
    """Words that only repeat the family of services both rows lead with; registers have other words for theirs."""
    family = one.families[:1]
    if not family or family != other.families[:1] or (one.official | other.official and family != ("domestic_abuse",)):
        return frozenset()
    return name_words.FAMILY_WORDS.get(family[0], frozenset())


def _is_short_of_womens_aid(one: Told, other: Told, words: Meeting) -> bool:
    against = one.families[:1] == other.families[:1] == ("domestic_abuse",)
    return against and not words.left | words.right and bool(words.shared - name_words.area_words())


def _is_hidden(told: Told) -> bool:
    return told.withheld and told.name.startswith(tuple(withheld.PLAIN_NAMES.values()))


def _provider(one: Told, other: Told, provider: bool | None) -> list[Sign]:
    if provider is None:
        return []
    if not provider:
        return [Sign("provider_other", "The providers' names differ.")]
    if is_councils(one) and is_councils(other):
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
    if one.official != other.official and is_kin(one, other) and one.phones & other.phones:
        found.append(Sign("line", "The phone is the same, and so is the sort of service."))
        if one.postal_code == other.postal_code != "":
            found.append(Sign("seat", "Phone and postcode are the same, and so is the sort of service."))
    elif one.official != other.official and is_kin(one, other) and one.postal_code == other.postal_code != "":
        found.append(Sign("site", "The postcode is the same, and so is the sort of service."))
    if one.source == other.source and not one.official:
        found.append(Sign("twin", "Both stand in one list."))
    return found
