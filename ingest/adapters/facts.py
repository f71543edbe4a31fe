"""Reads the two tables of facts about Scottish services: one adapter, two vocabularies (46 and 294 rows)."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from directory.draft import AgeLimit, Coverage, GenderRule, Premises, ServiceDraft
from directory.places import areas
from directory.values import Boundary, Confidence, Known, Visibility
from ingest import cells, contacts, fact_tables, withheld
from ingest import fact_terms as words
from ingest.amendments import WITHHELD, amended
from ingest.cells import Notes, Unusable
from ingest.reading import Reading, Row, header, table
from taxonomy import terms

SOURCE = "facts"
COLUMNS = (
    "id", "family", "name", "organisation", "description", "min_age", "max_age", "gender", "areas", "referral_routes",
    "languages", "urgency", "phone", "url", "town", "status", "source_url", "source_as_of", "note",
)  # fmt: skip
"""Both tables have these; the second has those below besides, and its own words in some of them."""
MORE_COLUMNS = (
    "confidential_place", "delivery", "text_or_chat", "charity_number", "relations", "harms", "confidence",
)  # fmt: skip
REPEATS = re.compile(r"\b(?:overlaps|same as|same centre as) (f\d+)\b")
"""How the second table's notes say that a row repeats one of the first."""
NUMBER = re.compile(r"[\d ]+")
LANGUAGE = re.compile(r"[a-z]{2}")
AS_OF = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2]))?")
NATION = "SCOTLAND"
CONFIDENCES = ("general_knowledge", "page_read", "several_pages")


def read(path: Path) -> Iterator[Reading]:
    """One reading for each row of either table. Raises UnusableFile."""
    more = MORE_COLUMNS if "confidential_place" in header(path) else ()
    seen: dict[str, int] = {}
    for row in table(path, COLUMNS + more):
        notes = Notes(SOURCE, row.number)
        try:
            notes.source_id = cells.identity(row, "id", seen, "name")
            cells.no_person(row, "name", "organisation")
            yield Reading(row.number, _draft(row, notes), tuple(notes.issues), (row["name"], row["organisation"]))
        except Unusable as problem:
            yield notes.unusable(problem)


def _draft(row: Row, notes: Notes) -> ServiceDraft:
    said = fact_tables.overrides().get(row["id"], {})
    vocabulary = terms.load()
    family = cells.one_of(row, "family", vocabulary["family"].terms)
    further = fact_tables.needs().get(row["id"])
    stated_harms = frozenset(row.get("harms").split("|"))
    status, status_stated = words.STATUSES[cells.one_of(row, "status", words.STATUSES)]
    draft = ServiceDraft(
        source=SOURCE,
        source_id=row["id"],
        name=contacts.plain_name(row["name"]),
        organization=contacts.plain_name(row["organisation"]),
        description=contacts.without_people(fact_tables.wording(row["description"])),
        families=cells.unique(family, *(further.families if further else ())),
        needs=cells.unique(*_needs(row, family, stated_harms)),
        harms=cells.codes(row, "harms", notes, words.HARM_WORDS)
        if "harms" in row.cells
        else words.FAMILY_HARMS.get(family, ()),
        any_harm=words.ANY_HARM in stated_harms,
        relations=cells.codes(row, "relations", notes, _itself(vocabulary["relation"].terms)),
        delivery=cells.codes(row, "delivery", notes, _itself(vocabulary["delivery"].terms)),
        referral_routes=cells.codes(row, "referral_routes", notes, words.ROUTES),
        languages=_languages(row, notes),
        crisis=cells.one_of(row, "urgency", words.URGENCIES) in words.CRISIS,
        age=_age(row),
        gender=_gender(row),
        coverage=_coverage(row, family),
        premises=_premises(row),
        phone=_phone(row, notes),
        text_or_chat=contacts.without_people(row.get("text_or_chat")),
        url=cells.url(row, "url", notes),
        charity_number=withheld.charity_number(row.get("charity_number")),
        status=status,
        status_known=Known.STATED if status_stated else Known.UNKNOWN,
        waiting_list="closed" if row["status"] == "waiting_list_closed" else "",
        same_as=_same_as(row),
        confidence=_confidence(row),
        source_url=_page(row["source_url"]),
        as_of=row["source_as_of"] if AS_OF.fullmatch(row["source_as_of"]) else "",
    )
    draft = amended(draft, said)
    return _protected(draft, row) if _is_withheld(row, said) else draft


def _itself(codes: Mapping[str, object]) -> Mapping[str, str]:
    return {code: code for code in codes}


def _needs(row: Row, family: str, stated_harms: frozenset[str]) -> tuple[str, ...]:
    chosen = fact_tables.needs().get(row["id"])
    found = chosen.needs if chosen else words.FAMILY_NEEDS.get(family, ())
    if not chosen and family == "domestic_abuse" and "residential" in row.get("delivery").split("|"):
        found = (*found, "refuge", "housing")
    return (*found, *(need for word, need in words.HARMS_THAT_ARE_NEEDS.items() if word in stated_harms))


def _age(row: Row) -> AgeLimit:
    minimum, maximum = cells.years(row, "min_age"), cells.years(row, "max_age")
    if minimum is not None and maximum is not None and minimum > maximum:
        raise Unusable("min_age", "the lowest age is above the highest")
    known = Known.UNKNOWN if minimum is None and maximum is None else Known.STATED
    return AgeLimit(known, minimum, maximum)


def _gender(row: Row) -> GenderRule:
    """Blank is unknown, "any" is no rule at all."""
    word = cells.one_of(row, "gender", ("", "any", "female", "male"))
    if word == "any":
        return GenderRule(Known.NONE)
    return GenderRule(Known.STATED, word) if word else GenderRule()


def _coverage(row: Row, family: str) -> Coverage:
    boundary = words.BOUNDARIES.get(family, Boundary.RESIDENCE)
    named = cells.unique(*map(str.strip, row["areas"].split("|")))
    if not named:
        return Coverage(boundary=boundary)
    if NATION in named:
        national = Boundary.EITHER if boundary is Boundary.RESIDENCE else boundary
        return Coverage(Known.STATED, (NATION,), boundary=national)
    try:
        codes = cells.unique(*(areas.council(name).gss for name in named))
    except KeyError:
        raise Unusable("areas", "an area that is not a Scottish council area") from None
    return Coverage(Known.STATED, codes, boundary=boundary)


def _premises(row: Row) -> Premises:
    """The tables give a town at most and no address."""
    named = cells.unique(*map(str.strip, row["areas"].split("|")))
    council = areas.council(named[0]).gss if len(named) == 1 and named[0] != NATION else ""
    return Premises(Visibility.AREA_ONLY, city=contacts.without_people(row["town"]), council=council)


def _phone(row: Row, notes: Notes) -> str:
    """As the table writes it: its grouping is how people know the number ("08088 01 03 02")."""
    found = cells.phone(row, "phone", notes)
    return row["phone"] if found and NUMBER.fullmatch(row["phone"]) else found


def _languages(row: Row, notes: Notes) -> tuple[str, ...]:
    found = cells.unique(*row["languages"].split("|"))
    good = [word for word in found if word in words.LANGUAGE_WORDS or LANGUAGE.fullmatch(word)]
    if len(good) < len(found):
        notes.leave_out("languages", "a word that is no language code")
    return tuple(good)


def _confidence(row: Row) -> Confidence:
    """The first table has no such column: each of its rows was read on one page."""
    if "confidence" not in row.cells:
        return Confidence.PAGE_READ
    return Confidence(cells.one_of(row, "confidence", CONFIDENCES))


def _page(text: str) -> str:
    return text if text.startswith(("http://", "https://")) and contacts.url(text) else ""


def _same_as(row: Row) -> str:
    found = REPEATS.search(row["note"])
    return found[1] if found and found[1] != row["id"] else ""


def _is_withheld(row: Row, said: Mapping[str, str]) -> bool:
    """Confidential by the table, by our reading of it, or a refuge by name; an unknown word there is taken for yes."""
    stated = row.get("confidential_place")
    return WITHHELD in said or stated not in {"no", ""} or (not stated and withheld.is_refuge_group(row["name"]))


def _protected(draft: ServiceDraft, row: Row) -> ServiceDraft:
    secrets = (row["town"], row["phone"], row["url"], row["source_url"])
    withheld.check_id(row["id"], "id", secrets)
    return withheld.protect(draft, secrets, fact_tables.own_wording(row["description"]))
