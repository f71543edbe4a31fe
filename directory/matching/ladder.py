"""No dead end: when too few services really help, how far the answer was widened for each concern, and what is left.

The ordinary search already reads synonyms and mended words, counts a parent need, and keeps places for services of all
Scotland; what those rungs gave is told here. Only the wider area is asked for anew. The numbers are in ladder.toml.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from directory.matching import retrieve, signals, situation
from directory.matching.candidate import NATION, Reach, Row, rows
from directory.matching.concerns import all_harms, parents
from directory.matching.fit import FitTable
from directory.matching.judged import Judged, judge
from directory.matching.labels import label
from directory.matching.results import LadderStep
from directory.matching.signals import Surroundings
from directory.matching.situation import Situation
from directory.places import areas
from directory.search.columns import Flag
from directory.search.document import ServiceDocument
from directory.search.index import SearchIndex
from directory.values import CouncilShare, Place, PlaceKind
from taxonomy import terms
from taxonomy.pathway import Pathway

RUNGS = ("parent_need", "wider_area", "national", "helpline")
"""In the order climbed."""
COVERING = frozenset({Reach.PART, Reach.LOCAL, Reach.REGION, Reach.NATION})
WIDER_CANDIDATES = 60


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of ladder.toml."""

    really_helps: float
    enough: int
    nearby: int
    said: int
    national_by_nature: tuple[str, ...]
    """Codes of needs."""


@dataclass(frozen=True, slots=True)
class Nearby:
    """A service of the wider area: judged as if the person lived in `council`, which it serves."""

    judged: Judged
    service: ServiceDocument
    around: Surroundings


@dataclass(frozen=True, slots=True)
class Climbed:
    """What was widened, and the services found on the way that are not for people from here by their own rule."""

    steps: tuple[LadderStep, ...] = ()
    nearby: tuple[Nearby, ...] = ()


@cache
def rules() -> Rules:
    text = files("taxonomy").joinpath("data", "ladder.toml").read_text(encoding="utf-8")
    said = tomllib.loads(text)
    return Rules(**{**said, "national_by_nature": tuple(said["national_by_nature"])})


def falls_short(judged: Sequence[tuple[int, float, Judged]], known: Situation) -> bool:
    """Whether too few of these cover the place and really help. All that an ordinary enquiry pays."""
    home = known.enquiry.residence
    if home is None or home.main_council is None:
        return False
    bar, left, local = rules().really_helps, rules().enough, False
    for _, _, one in judged:
        if one.need >= bar and one.cover.reach in COVERING:
            left -= 1
            local = local or one.cover.is_local
            if left <= 0 and local:
                return False
    return True


async def climb(
    known: Situation, judged: Sequence[Judged], index: SearchIndex, around: Surroundings, pathway: Pathway | None
) -> Climbed:
    """For each concern said that no local service meets: how far the answer was widened. Raises NotReady."""
    near = [one for one in judged if one.cover.reach in COVERING]
    unmet = [concern for concern in _concerns(known) if not _met_locally(concern, known, near)][: rules().said]
    if not unmet:
        return Climbed()
    nearby = await _wider(unmet, known, index, around, pathway)
    widened: dict[tuple[tuple[str, str], ...], list[str]] = {}
    for concern in unmet:
        widened.setdefault(_widened(concern, known, near, nearby), []).append(concern)
    return Climbed(tuple(_step(concerns, rungs, known, near) for rungs, concerns in widened.items()), nearby)


def _concerns(known: Situation) -> tuple[str, ...]:
    """What was said, needs first: the concerns of the enquiry itself, without their parents."""
    needs = (code for code in known.enquiry.needs if code not in rules().national_by_nature)
    return (*(f"need:{code}" for code in needs), *(f"harm:{code}" for code in all_harms(known.enquiry)))


def _met(
    concerns: Sequence[str], known: Situation, judged: Sequence[Judged], least: float | None = None
) -> list[Judged]:
    """Those made for one of these concerns. `least`: the need fit they must have here, that of the rules when None."""
    table = FitTable(known, concerns)
    bar = rules().really_helps
    enough = bar if least is None else least
    return [one for one in judged if one.need >= enough and table.of(one.row).value >= bar]


def _met_locally(concern: str, known: Situation, judged: Sequence[Judged]) -> bool:
    return any(one.cover.is_local for one in _met([concern], known, judged))


def _widened(
    concern: str, known: Situation, judged: Sequence[Judged], nearby: Sequence[Nearby]
) -> tuple[tuple[str, str], ...]:
    """The rungs that help with a concern, each in words."""
    found = []
    wider = parents(concern)
    if wider and any(one.cover.is_local for one in _met(wider, known, judged)):
        found.append(("parent_need", f"help with {_label(wider[0])}"))
    if _met([concern, *wider], known, [one.judged for one in nearby]):
        found.append(("wider_area", "neighbouring areas (ask first)"))
    national = [one for one in _met([concern, *wider], known, judged) if one.cover.reach is Reach.NATION]
    if national:
        found.append(("national", f"all of Scotland{_by_phone(national)}"))
    return tuple(found)


def _step(
    concerns: Sequence[str], rungs: Sequence[tuple[str, str]], known: Situation, judged: Sequence[Judged]
) -> LadderStep:
    unsure = any(one.cover.is_local for one in _met(concerns, known, judged, least=0.0))
    ids = tuple(concern.replace(":", "/") for concern in concerns)
    labels = " or ".join(f"“{_label(concern)}”" for concern in concerns)
    missing = f"No local service for {labels} covers {_place_name(known)}"
    if unsure:
        missing = f"No local service for {labels} in {_place_name(known)} is sure to take them"
    if not rungs:
        sentence = f"{missing}, and none wider is known. The helplines are left."
        return LadderStep(ids, ("helpline",), sentence, is_dead_end=True)
    sentence = f"{missing}. Widened to: {', then '.join(words for _, words in rungs)}."
    return LadderStep(ids, tuple(rung for rung, _ in rungs), sentence)


def _label(concern: str) -> str:
    name, _, code = concern.partition(":")
    return label(name, code)


def _by_phone(found: Sequence[Judged]) -> str:
    remote = terms.load()["delivery"].mask(["phone", "online"])
    return ", by phone or online" if all(one.row.delivery & remote for one in found) else ""


def _place_name(known: Situation) -> str:
    home = known.enquiry.residence
    assert home is not None  # `falls_short` asks for a home in Scotland
    assert home.main_council is not None
    return home.main_council.name


async def _wider(
    unmet: Sequence[str], known: Situation, index: SearchIndex, around: Surroundings, pathway: Pathway | None
) -> tuple[Nearby, ...]:
    """The few best of the same health board and of neighbouring councils, that are not for people from here."""
    place = _wider_place(known.enquiry.residence)
    if place is None:
        return ()
    concerns = tuple(dict.fromkeys(each for concern in unmet for each in (concern, *parents(concern))))
    there = replace(situation.understand(replace(known.enquiry, residence=place)), concerns=concerns, perhaps=())
    fits = FitTable(there)
    if not fits.family_mask:
        return ()
    found = await index.candidates(retrieve.query(there, fits, pathway), WIDER_CANDIDATES, facets=False)
    seen = replace(around, situation=there)
    judged = [
        (position, one)
        for position, row in rows(found)
        if _may_come_from(row, known) and (one := _helping(row, there, fits)) is not None
    ]
    applying = signals.applying(there)
    judged.sort(key=lambda item: (-round(signals.score(item[1], seen, applying), 6), item[1].row.name_key, item[0]))
    best = judged[: rules().nearby]
    services = await found.load([position for position, _ in best])
    return tuple(Nearby(one, service, seen) for (_, one), service in zip(best, services, strict=True))


def _may_come_from(row: Row, known: Situation) -> bool:
    """Whether it is of the wider area alone; none whose place is withheld, for those go by helpline."""
    return not (row.councils & (NATION | known.residence_mask) or row.flags & (Flag.WITHHELD | Flag.COVERAGE_UNKNOWN))


def _helping(row: Row, there: Situation, fits: FitTable) -> Judged | None:
    """A service that would take them if they lived there, and really help."""
    one = judge(row, there, fits)
    return one if isinstance(one, Judged) and one.cover.is_local and one.need >= rules().really_helps else None


def _wider_place(home: Place | None) -> Place | None:
    """The councils of the same health board and those next to it, as one place; None where home has no council."""
    if home is None or home.main_council is None:
        return None
    own = set(home.council_codes)
    main = areas.council(home.main_council.gss)
    codes = [area.gss for area in areas.health_board_councils(main.health_board_gss)]
    wider = [code for code in dict.fromkeys((*codes, *areas.neighbours(main.gss))) if code not in own]
    if not wider:
        return None
    shares = tuple(CouncilShare(code, areas.council(code).name, 1 / len(wider)) for code in wider)
    return Place(f"around {main.name}", PlaceKind.HEALTH_BOARD, councils=shares)
