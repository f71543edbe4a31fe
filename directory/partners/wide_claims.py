"""Whether a registration asks for far more areas than what is known of its organization lets expect, and why, in words.

An over-wide claim puts a stranger before people of the whole country (matching.md, "coverage"): a person looks first.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from directory.draft import ServiceDraft
from directory.editing import fields
from directory.places import areas, names
from directory.places.reading import fold
from directory.search.weighing import REGION_FROM, REMOTE
from directory.tables import Organization, Service, ServiceArea
from directory.values import Known, Visibility

NATION = "SCOTLAND"
FAR = 3
"""So many councils beyond those known, and those beside them, are asked about."""
TIMES = 2
"""And only where the claim is so many times as wide as what is known."""
SHOWN = 6
SHORTEST = 4
"""Letters of a council's name that are looked for inside a web address."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Councils (GSS codes) that one thing we know lets expect; `words` begin a sentence."""

    words: str
    councils: frozenset[str]


@dataclass(frozen=True, slots=True)
class WideClaim:
    """A service that asks for too much: its id in the registration, how many councils, and the reasons in words."""

    own: str
    name: str
    councils: int
    reasons: tuple[str, ...]


def councils_of(codes: Iterable[str]) -> frozenset[str]:
    """Areas of a draft as councils; the nation is all 32 of them."""
    plain = frozenset(codes)
    return frozenset(area.gss for area in areas.councils()) if NATION in plain else plain


def found(
    session: Session, drafts: Sequence[ServiceDraft], charity_number: str, without: Iterable[str], claimed: str = ""
) -> tuple[WideClaim, ...]:
    """The services of a registration that claim far more than is known; `without`: sources whose word does not count,
    `claimed`: the service of the record that it says is its own."""
    names_ = [draft.organization for draft in drafts]
    recorded = _recorded(session, names_, charity_number, frozenset(without), claimed)
    return tuple(claim for draft in drafts if (claim := judged(draft, recorded)) is not None)


def judged(draft: ServiceDraft, recorded: frozenset[str]) -> WideClaim | None:
    """One service; `recorded`: councils for which the record knew its organization before. None: nothing strange.

    No limit is a claim to every council, as search reads it (`search.indexed.coverage_terms`).
    """
    if draft.coverage.known is Known.UNKNOWN:
        return None
    asked = councils_of((NATION,) if draft.coverage.known is Known.NONE else draft.coverage.areas)
    reasons = tuple(_reasons(draft, asked, tuple(_expected(draft, recorded)), recorded))
    return WideClaim(draft.source_id, draft.name, len(asked), reasons) if reasons else None


def _reasons(
    draft: ServiceDraft, asked: frozenset[str], expected: Sequence[Expected], recorded: frozenset[str]
) -> Iterator[str]:
    known: frozenset[str] = frozenset().union(*(each.councils for each in expected))
    near = known | {other for code in known for other in areas.neighbours(code)}
    beyond = asked - near
    if known and len(beyond) >= FAR and len(asked) >= TIMES * len(known):
        said = "; ".join(f"{each.words} {_listed(each.councils)}" for each in expected)
        yield f"It asks for {_count(asked)}, {len(beyond)} of them far from what we know: {said}."
    if len(asked) < REGION_FROM:
        return
    remote = bool(set(draft.delivery) & REMOTE)
    if not remote and draft.premises.visibility is Visibility.EXACT and "in_person" in draft.delivery:
        door = f" in {areas.council(draft.premises.council).name}" if draft.premises.council else ""
        yield f"People must come to one door{door}, and it asks for {_count(asked)}: nothing is by phone or online."
    elif not remote and draft.delivery:
        yield f"It asks for {_count(asked)}, and nothing of it is by phone or online."
    if len(asked & recorded) * TIMES < len(asked):
        yield f"It asks for {_count(asked)}, and no list of ours shows it at work so widely."


def _expected(draft: ServiceDraft, recorded: frozenset[str]) -> Iterator[Expected]:
    """What lets expect where it works. Of a confidential place nothing is asked."""
    if recorded:
        yield Expected("our own lists have it in", recorded)
    if draft.premises.visibility is Visibility.EXACT and draft.premises.council:
        yield Expected("its door is in", frozenset({draft.premises.council}))
    if named := _named(draft.organization, draft.name):
        yield Expected("its name speaks of", named)
    if hosted := _hosted(draft.url):
        yield Expected("its web address speaks of", hosted)


def _recorded(
    session: Session, organizations: Iterable[str], charity_number: str, without: frozenset[str], claimed: str
) -> frozenset[str]:
    """Councils for which other sources list services of an organization of this charity number or name."""
    wanted = {fold(each) for each in organizations} - {""}
    listed = session.execute(select(Organization.id, Organization.name, Organization.charity_number))
    same = [
        own for own, name, number in listed if fold(name) in wanted or (charity_number and number == charity_number)
    ]
    chosen: list[ColumnElement[bool]] = [Service.organization_id.in_(same)]
    if claimed:
        chosen += [Service.id == claimed, Service.same_as_id == claimed]
    query = select(ServiceArea.extent).join(Service, Service.id == ServiceArea.service_id).where(or_(*chosen))
    known = {area.gss for area in areas.councils()} | {NATION}
    extents = session.scalars(query.where(Service.source_id.not_in(sorted(without))))
    return councils_of(extent for extent in extents if extent in known)


def _named(*said: str) -> frozenset[str]:
    """Councils of the areas, health boards and well-known towns that stand in a name; the nation says nothing."""
    words = fold(" ".join(said)).split()
    found_: set[str] = set()
    for length in (4, 3, 2, 1):
        for start in range(len(words) - length + 1):
            found_ |= _of_place(" ".join(words[start : start + length]))
    return frozenset(found_)


def _of_place(name: str) -> frozenset[str]:
    if name in _by_name():
        return _by_name()[name]
    towns = names.towns().get(name, ())
    plain = len(towns) == 1 and name not in names.common_words()
    return frozenset({towns[0].gss}) if plain else frozenset()


@cache
def _by_name() -> Mapping[str, frozenset[str]]:
    councils = {fold(name): frozenset({area.gss}) for area in areas.councils() for name in areas.names(area)}
    boards = {
        fold(name): frozenset(area.gss for area in areas.health_board_councils(board.gss))
        for board in areas.health_boards()
        for name in areas.names(board)
    }
    return boards | councils


def _hosted(url: str) -> frozenset[str]:
    host = re.sub(r"[^a-z]", "", (urlsplit(url).hostname or "").removeprefix("www."))
    plain = ((re.sub(r"[^a-z]", "", name), councils) for name, councils in _by_name().items())
    return frozenset().union(*(councils for name, councils in plain if len(name) >= SHORTEST and name in host))


def _count(asked: frozenset[str]) -> str:
    every = len(asked) == len(areas.councils())
    return "all of Scotland" if every else f"{len(asked)} council areas"


def _listed(councils: frozenset[str]) -> str:
    said = sorted(fields.area_name(code) for code in councils)
    more = f" and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return ", ".join(said[:SHOWN]) + more
