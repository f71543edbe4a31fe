"""Whether two rows tell of one service: a verdict from the signs for and against. Pure: it knows nothing of the record.

How good it is stands in docs/quality.md (`waymark judge duplicates`), also for pairs that it was not tuned on.
"""

import math
import re
from dataclasses import dataclass
from typing import Any

from directory.feeds.duplicates import Verdict
from ingest import called, name_words, names, withheld
from ingest.names import Wording
from ingest.signs import SAME_NAMES, is_councils, is_kin, is_school, own_words, signs
from ingest.told import NATION, Told
from ingest.weights import WEIGHTS, Sign


@dataclass(frozen=True, slots=True)
class Likeness:
    """`score` is 0 to 1; `signs` strongest first."""

    verdict: Verdict
    score: float
    signs: tuple[Sign, ...]

    @property
    def evidence(self) -> list[dict[str, Any]]:
        """As the ledger keeps it."""
        return [{"sign": sign.name, "for": sign.weight > 0, "said": sign.said} for sign in self.signs]


SAME_FROM, MAYBE_FROM, GROUP_FROM = 0.5, -1.0, -0.5
"""Logits: joined by rule from the first, shown to a person from the second; records of a register are grouped from the
third, because nothing is lost by showing them together."""
REGISTERED_FROM = -0.5
"""The first, for a list's row and a registration that bear one telling name."""
UNIT = re.compile(r"\b(?:unit|class|base|nursery|provision|wing)\b", re.IGNORECASE)
CONTACT = frozenset({"phone_same", "phone_near", "postcode_same", "postcode_near"})
CONTACT_SAME = frozenset({"phone_same", "postcode_same"})
ONE_PROVIDER = frozenset({"provider_same", "council_same"})
CHANGED = frozenset({"phone_other", "postcode_other"})
DAY = re.compile(r"\bday (?:service|centre|care|support)", re.IGNORECASE)
CLUB = "such as day support"
OWN_KIND = {
    "housing": "Housing support",
    "domestic_abuse": "Housing support",
    "rape_crisis": "Housing support",
    "care_support": "Care and support",
}
"""How the regulator registers what a list calls so: its other registrations of the same body are records beside it."""


def compare(one: Told, other: Told) -> Likeness:
    """The verdict on two rows; the same whichever comes first."""
    if (one.source, one.source_id) > (other.source, other.source_id):
        one, other = other, one
    one, other = called.without_own(one, other)
    found = signs(one, other)
    total = WEIGHTS["start"] + sum(sign.weight for sign in found)
    said = {sign.name for sign in found}
    verdict = _verdict(one, other, total, said)
    ordered = tuple(sorted(found, key=lambda sign: -abs(sign.weight)))
    return Likeness(verdict, round(1 / (1 + math.exp(-total)), 3), ordered)


def _verdict(one: Told, other: Told, total: float, said: set[str]) -> Verdict:
    contact = bool(said & CONTACT)
    if "cites" in said:
        return Verdict.SAME if _is_rightly_cited(said, is_councils(one) or is_councils(other)) else Verdict.MAYBE
    if _is_one_centre(one, other, said):
        return Verdict.SAME
    if said & {"branch", "other_area"}:
        return Verdict.DISTINCT
    if _is_one_refuge_group(one, other):
        return Verdict.SAME if said & SAME_NAMES and not one.official and not other.official else Verdict.GROUP
    if one.source == other.source and one.official:
        return _registered_apart(one, other, total, said)
    there = _is_found_there(one, other, said)
    if total < MAYBE_FROM and not ("name_crossed" in said and there):
        return Verdict.DISTINCT
    if "name_as_provider" in said and contact and _is_local(one, other):
        return Verdict.GROUP
    if total >= GROUP_FROM and _is_registered_beside(one, other, said):
        return Verdict.GROUP
    if there:
        return Verdict.SAME
    registered = total >= REGISTERED_FROM and _is_of_a_list_and_its_register(one, other, said)
    if not registered and (total < SAME_FROM or not (contact or _is_sure_by_name(one, other, said))):
        return Verdict.MAYBE
    if said & {"name_as_provider", "kind_other"} and not (one.official and other.official and said & SAME_NAMES):
        return Verdict.MAYBE
    if one.source == other.source:
        known = bool(one.areas) == bool(other.areas)  # a row without an area never takes on another's within a list
        return Verdict.SAME if said & SAME_NAMES and known else Verdict.MAYBE
    if "cites_another" in said or _another_registration(one, other) or (one.official and other.official):
        named = said & SAME_NAMES or ("name_longer" in said and contact)
        return Verdict.GROUP if named else Verdict.MAYBE
    firm = "name_equal" in said and (bool(said & {"provider_same", "area_equal"}) or said >= CONTACT_SAME)
    crossed = "name_other" in said or ("name_crossed" in said and not ("seat" in said and _is_telling(one, other)))
    sure = firm or (is_kin(one, other) and not crossed)
    return Verdict.SAME if sure or (said & SAME_NAMES and one.official != other.official) else Verdict.MAYBE


def _is_rightly_cited(said: set[str], councils: bool) -> bool:
    """A register's number in a list is strong, and no proof: a council prints one for several of its centres, which
    share its switchboard, and a charity one for its youth project too.
    """
    if said & SAME_NAMES:
        return True
    if said & {"other_people", "other_work"}:
        return False
    if "postcode_same" in said or ("phone_same" in said and not councils):
        return True
    named = "name_longer" in said or {"name_as_provider", "provider_same"} <= said
    return named and ("phone_same" in said or not said >= CHANGED)


def _is_registered_beside(one: Told, other: Told, said: set[str]) -> bool:
    """A list's row and a registration of another kind that bears its name: a record beside its own."""
    named = said & SAME_NAMES or ("name_longer" in said and "phone_same" in said)
    known = "area_equal" in said and not said & {"provider_other", "cites_another", "kind_other"}
    row = one if other.official else other
    return bool(named) and known and row.families[:1] == ("housing",) and _another_registration(one, other)


def _is_found_there(one: Told, other: Told, said: set[str]) -> bool:
    """A list's row and a registration of its sort, by where they are found.

    With one phone at one address, whatever they are called: of the 906 such seats of housing support in the register of
    2026 two are two providers', and nine of ten registrations have theirs to themselves. With one phone, or one
    address, where the names share a telling word. What a list of housing tells of may be a club to the register.
    """
    if said & {"provider_other", "other_people", "other_work", "cites_another", "kind_other"}:
        return False
    row, record = (one, other) if other.official else (other, one)
    if row.official or not record.official or is_school(record):  # two schools may share a campus and its line
        return False
    if row.families[:1] == ("housing",) and record.kind.endswith(CLUB):
        return {"provider_same", *CONTACT_SAME} <= said
    if _another_registration(one, other):
        return False
    found = "line" in said or {"site", "door_same"} <= said or {"site", "name_longer"} <= said
    alike = bool(said & {"name_longer", "name_crossed"}) and "area_equal" in said
    return "seat" in said or (found and alike and _is_telling(one, other))


def _is_of_a_list_and_its_register(one: Told, other: Told, said: set[str]) -> bool:
    """A list's row and a registration of its sort with one telling name in one area: lists are years old, and both
    contacts may have changed. A provider's name alone is not telling: it may have many registrations there.
    """
    return (
        one.official != other.official
        and is_kin(one, other)
        and not said & {"provider_other", "cites_another"}
        and "area_equal" in said
        and ("name_equal" in said or {"name_same", "name_project"} <= said)
        and (said & ONE_PROVIDER or not said >= CHANGED or _is_telling(one, other))
        and not _another_registration(one, other)
    )


def _is_telling(one: Told, other: Told) -> bool:
    """Whether the names, without their providers', share a word that is a name. Of the 753 names that one such word
    makes in a council and kind of the register of 2026, under 2 % are two providers'.
    """
    first, second = (names.wording(each.name, each.organization) for each in (one, other))
    met = names.meet(own_words(first, second), own_words(second, first))
    return any(name_words.is_own(word) for word in met.shared)


def _is_sure_by_name(one: Told, other: Told, said: set[str]) -> bool:
    """Equal names of one provider join where too little else is known; of two contacts one may have changed."""
    changed = said & CHANGED
    if not said & ONE_PROVIDER and not (is_school(one) and one.kind == other.kind):
        telling = "name_project" in said or ("name_equal" in said and not changed and not one.official | other.official)
        return telling and "area_equal" in said and len(changed) < 2 and is_kin(one, other)
    if "area_equal" not in said:
        return "name_equal" in said and bool(said & {"same_area", "twin"}) and not changed
    if "name_project" in said:
        return True
    return ("name_equal" in said and len(changed) < 2) or ("name_same" in said and is_kin(one, other) and not changed)


def _is_one_centre(one: Told, other: Told, said: set[str]) -> bool:
    """Two rows of lists, each named by an area and "rape crisis" alone: an area has one such centre, by any name."""
    if not one.families[:1] == other.families[:1] == ("rape_crisis",) or one.official or other.official:
        return False
    if NATION in one.areas or not one.areas or one.areas != other.areas or said & {"other_people", "phone_other"}:
        return False
    return all(_is_area_centre(names.wording(each.name, each.organization)) for each in (one, other))


def _is_area_centre(wording: Wording) -> bool:
    """Whether a name says nothing but an area and that it is the rape crisis centre there, in words or letters."""
    words = set(wording.words) - wording.initials - wording.of_provider - name_words.PEOPLE
    words = words or {word for provider in wording.providers for word in provider}
    places = name_words.area_words() | name_words.place_words() | name_words.COMPASS
    return bool(words & {"rape", "rasac", "wrasac"}) and words - name_words.RAPE_CRISIS <= places


def _is_one_refuge_group(one: Told, other: Told) -> bool:
    """Two withheld records, of unlike kinds, of one group that keeps refuges: all that is known is whose they are."""
    if not (one.withheld and other.withheld and one.kind != other.kind and one.areas & other.areas):
        return False
    same = names.key(one.organization) == names.key(other.organization)
    return (
        same
        and withheld.is_refuge_group(one.organization)
        and (one.official or other.official)
        and (one.source == other.source or _another_registration(one, other))
    )


def _is_local(one: Told, other: Told) -> bool:
    """Whether one covers more areas and the other is named after an area alone: a charity and its local record."""
    wide, local = (one, other) if len(one.areas) > len(other.areas) or NATION in one.areas else (other, one)
    words = own_words(names.wording(local.name, local.organization), names.wording(wide.name, wide.organization))
    return local.areas < wide.areas and local.official and bool(words) and set(words) <= name_words.area_words()


def _registered_apart(one: Told, other: Told, total: float, said: set[str]) -> Verdict:
    """Two records of one register: one service only when a number is no longer in use and another took its place."""
    contact = bool(said & CONTACT)
    if is_school(one) and is_school(other):
        unit = bool(UNIT.search(one.name)) != bool(UNIT.search(other.name))
        return Verdict.GROUP if unit and contact and said & {*SAME_NAMES, "name_longer"} else Verdict.DISTINCT
    if not said & SAME_NAMES or "provider_other" in said or total < GROUP_FROM:
        return Verdict.DISTINCT
    unlike = "phone_other" in said and ("postcode_other" in said or "name_project" not in said)
    if "council_same" in said and unlike and "name_equal" not in said:
        return (
            Verdict.DISTINCT
        )  # "West Fife Care at Home" is not its day service: a council's services are named by place
    if one.kind != other.kind:
        return Verdict.GROUP
    return Verdict.SAME if one.active != other.active and contact else Verdict.DISTINCT


def _another_registration(one: Told, other: Told) -> bool:
    """Whether a list's row stands beside a registration of another kind than its own."""
    row, record = (one, other) if other.official else (other, one)
    if row.official or not record.official or not row.families:
        return False
    own = OWN_KIND.get(row.families[0])
    if DAY.search(row.kind) and record.kind.endswith("care at home"):
        return True
    return own is not None and not record.kind.startswith(own)
