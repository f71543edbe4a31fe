"""Takes everything off a withheld service that could say where it is, before it reaches the record.

The rule is matching.md's, "Undisclosed places". Nothing a withheld row says in free words is trusted: a description is
our own wording or made from coded facts, and of a name only words that say nothing of a place are kept, unless the
whole name is in `data/public_names.csv` (names of groups that are public although a place is in them).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

from directory.draft import Premises, ServiceDraft
from directory.places import areas, giveaways
from directory.places.reading import fold
from directory.values import Visibility
from ingest import contacts, names
from ingest.cells import Unusable
from ingest.reading import own_table

REFUGE_GROUP = re.compile(
    r"\bwom[ae]n['’`]?s['’`]? aid\b|\brefuges?\b|\bshakti\b|\bhemat gryffe\b|\bcommitted to ending abuse\b"
    r"|\bsay women\b|\bwomen in safe homes\b",
    re.IGNORECASE,
)
"""Names of groups that keep refuges or work from places they do not publish."""

PLAIN_WORDS = frozenset(
    fold("""
    a abuse accommodation advice advocacy against aid an and at black by care centre child childrens children city
    committed community counselling council day district domestic ending ethnic families family for from group groups
    health help helpline home homes house housing in initiative islands minority mens of office on outreach partnership
    people peoples personal project refuge resource safe scotland scottish service services sexual support
    supported survivors team the to trust unit violence violence women womens work young youth nhs hscp service's
    association limited ltd scio charity national network centre crisis rape assault response temporary residential
    """).split()
)
"""Words of a name that say nothing of a place."""

NATION = "SCOTLAND"
SMALL_WORDS = frozenset({"", "a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "the", "to", "with"})
EMPTY_WORDS = SMALL_WORDS | {
    "house",
    "home",
    "service",
    "services",
    "unit",
    "centre",
    "team",
    "group",
    "limited",
    "ltd",
    "scio",
}

CHARITY_NUMBER = re.compile(r"SC0\d{5}")


def is_refuge_group(*names_of_it: str) -> bool:
    """Whether a name, or its provider's, is that of a refuge or a group that keeps one."""
    return any(REFUGE_GROUP.search(name) for name in names_of_it)


def charity_number(text: str) -> str:
    """A Scottish charity number ("SC012345"), "" for any other words."""
    return text if CHARITY_NUMBER.fullmatch(text) else ""


def check_id(source_id: str, column: str, secrets: Iterable[str]) -> None:
    """Raises Unusable when a withheld row's own id tells its place: the id is shown."""
    said = fold(source_id).replace(" ", "")
    if any(hidden and hidden in said for hidden in (fold(secret).replace(" ", "") for secret in secrets)):
        raise Unusable(column, "the id of a withheld row tells its place")


def protect(draft: ServiceDraft, secrets: Iterable[str] = (), description: str = "") -> ServiceDraft:
    """The draft with no point, town, address, phone, link, nor any word that says more than its council areas.

    `secrets` are the row's own place cells; `description` is our own wording for it, if there is one.
    """
    council = _one_council(draft)
    family = draft.families[0] if draft.families else ""
    hidden = frozenset(word for secret in secrets for word in fold(secret).split())
    name = public_name(draft.name, draft.coverage.areas, hidden) or _plain_name(family, council)
    return replace(
        draft,
        name=name,
        organization=public_name(draft.organization, draft.coverage.areas, hidden) or name,
        description=description or f"{_kind(family)}. Where it is stays confidential: ask how to reach it.",
        premises=Premises(visibility=Visibility.UNDISCLOSED, council=council),
        phone="",
        phone_note="",
        text_or_chat="",
        url="",
        source_url="",
        charity_number=charity_number(draft.charity_number),
        hours=replace(draft.hours, text=""),
        coverage=replace(draft.coverage, schools=()),
    )


def _one_council(draft: ServiceDraft) -> str:
    """GSS code of the only council the service covers, or of where it is registered; "" for several or the nation."""
    if draft.premises.council:
        return draft.premises.council
    return draft.coverage.areas[0] if len(draft.coverage.areas) == 1 and draft.coverage.areas[0] != NATION else ""


def public_name(name: str, codes: Iterable[str], hidden: frozenset[str] = frozenset()) -> str:
    """A withheld service's name as people may read it; "" when nothing of it may stay.

    `codes` are the areas it covers, whose names are public; `hidden` words its own cells give away.
    """
    if names.key(name) in public_names() and not giveaways.tells_a_place(name):
        return name
    if inner := _public_part(name):
        return inner
    of_area = frozenset(word for code in codes for word in _area_words(code))
    kept = [word for word in name.split() if _is_plain(word.strip("()[],.;:"), of_area, hidden)]
    while kept and fold(kept[0]) in SMALL_WORDS:
        kept.pop(0)
    while kept and fold(kept[-1]) in SMALL_WORDS:
        kept.pop()
    if not any(fold(word) not in EMPTY_WORDS | of_area for word in kept):
        return ""
    return contacts.tidy(" ".join(word.strip("()[],;:") for word in kept))


@cache
def public_names() -> Mapping[str, str]:
    """The names that are public as a whole, by their keys (`names.key`)."""
    return {names.key(row["name"]): row["name"] for row in own_table("public_names.csv")}


def _public_part(name: str) -> str:
    """The longest public name of two words or more that stands in a longer one, "" when none does."""
    said = f" {fold(name)} "
    found = [key for key in public_names() if " " in key and f" {key} " in said]
    return public_names()[max(found, key=len)] if found else ""


@cache
def _area_words(code: str) -> frozenset[str]:
    if code == NATION:
        return frozenset()
    return frozenset(word for name in areas.names(areas.council(code)) for word in fold(name).split())


def _is_plain(word: str, of_area: frozenset[str], hidden: frozenset[str]) -> bool:
    """Words of an area's name stay even when the town is called the same: the area is public."""
    parts = fold(word).split()
    if not parts:
        return word in {"-", "–", "&"}
    return all(part in of_area or (part in PLAIN_WORDS and part not in hidden) for part in parts)


def _plain_name(family: str, council: str) -> str:
    return f"{_kind(family)} in {areas.council(council).name}" if council else _kind(family)


def _kind(family: str) -> str:
    return PLAIN_NAMES.get(family, "Service")


PLAIN_NAMES = {
    "domestic_abuse": "Domestic abuse service",
    "housing": "Housing support service",
    "exploitation": "Support after exploitation",
    "rape_crisis": "Support after sexual harm",
    "care_support": "Support service",
    "justice_accommodation": "Accommodation service",
    "early_years": "Day care of children",
}
"""What a withheld service is called when its own name may not be shown."""
