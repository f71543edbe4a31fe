"""How good the answers are: graded enquiries, asked for real, as figures anybody can print again.

nDCG@10 with gains 2^grade − 1 (Järvelin and Kekäläinen 2002); recall@20 of services graded 2 or better; how many
enquiries have a service in the first ten that must not be there. Rows that tell of one service are folded on both
sides: best place, best grade.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from directory.errors import BadInput, UnusableFile
from directory.matching import simple_orders
from directory.matching.batch import FIELDS, Matcher, asked
from directory.matching.results import Match, MatchResult
from directory.search.index import SearchIndex
from taxonomy.words import Understood

FIRST = 10
RECALL_AT = 20
GOOD = 2


@dataclass(frozen=True, slots=True)
class Placed:
    """One service in the answer: its grade (None: not graded), whether it must not be there, and why it is there."""

    source_id: str
    name: str
    grade: int | None
    wrong: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judgement:
    """One enquiry's figures. `wrong` and `missed` are source ids."""

    id: str
    council: str
    ndcg: float
    recall: float
    wrong: tuple[str, ...]
    missed: tuple[str, ...]
    found: int
    understood: tuple[str, ...]
    """What was understood, a label each."""
    first_ten: tuple[Placed, ...]
    beside: Mapping[str, float]
    """Simple order → its nDCG@10, when asked for."""


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures over one file. Shares and means are 0 to 1."""

    name: str
    enquiries: int
    ndcg_at_10: float
    recall_at_20: float
    wrong_in_first_ten: int
    """Enquiries with at least one."""
    zero_results: int
    worst_council: str
    worst_council_ndcg: float
    beside: Mapping[str, float]
    """Simple order → its mean nDCG@10, when asked for."""
    judgements: tuple[Judgement, ...]


async def judge(matcher: Matcher, index: SearchIndex, file: Path, beside: bool = False) -> Quality:
    """Asks every enquiry of a file of graded ones; `beside` asks three simple orders the same.

    Raises UnusableFile naming the line that cannot be read.
    """
    cases = list(read(file))
    judgements = [await _judged(matcher, index, case, beside) for case in cases]
    if not judgements:
        raise UnusableFile(f"{file} holds no enquiry.", "Give a JSON object a line, as tests/judged/README.md says.")
    councils: dict[str, list[float]] = {}
    for one in judgements:
        councils.setdefault(one.council, []).append(one.ndcg)
    worst = min(councils, key=lambda name: (_mean(councils[name]), name))
    return Quality(
        name=file.stem,
        enquiries=len(judgements),
        ndcg_at_10=_mean([one.ndcg for one in judgements]),
        recall_at_20=_mean([one.recall for one in judgements]),
        wrong_in_first_ten=sum(bool(one.wrong) for one in judgements),
        zero_results=sum(one.found == 0 for one in judgements),
        worst_council=worst,
        worst_council_ndcg=_mean(councils[worst]),
        beside={
            name: _mean([one.beside.get(name, 0.0) for one in judgements])
            for name in dict.fromkeys(name for one in judgements for name in one.beside)
        },
        judgements=tuple(judgements),
    )


def read(file: Path) -> Iterable[Mapping[str, Any]]:
    """The enquiries of a file; a first line with a `header` is passed over."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{file} cannot be read.", "Give a UTF-8 file with a JSON object a line.") from error
    for number, line in enumerate(lines, 1):
        try:
            case: dict[str, Any] = json.loads(line) if line.strip() else {"header": ""}
            if "header" not in case:
                yield {**case, "grades": dict(case["grades"]), "must_not": list(case["must_not"])}
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableFile(
                f"{file}, line {number}, is not a graded enquiry.", "It needs grades and must_not."
            ) from error


async def _judged(matcher: Matcher, index: SearchIndex, case: Mapping[str, Any], beside: bool) -> Judgement:
    result = await _asked(matcher, case)
    grades = await folded(index, case["grades"])
    must_not = await folded(index, dict.fromkeys(case["must_not"], 1))
    matches = result.matches if result else ()
    order = [match.service.source_id for match in matches]
    gains = [grades.get(source_id, 0) for source_id in order]
    good = {source_id for source_id, grade in grades.items() if grade >= GOOD}
    simple = await simple_orders.orders(result.enquiry, index) if beside and result else {}
    return Judgement(
        id=str(case["id"]),
        council=_council(result),
        ndcg=ndcg(gains, list(grades.values())),
        recall=len(good.intersection(order[:RECALL_AT])) / len(good) if good else 1.0,
        wrong=tuple(source_id for source_id in order[:FIRST] if source_id in must_not),
        missed=tuple(sorted(good.difference(order[:RECALL_AT]))),
        found=len(order),
        understood=_labels(result),
        first_ten=tuple(_placed(match, grades, must_not) for match in matches[:FIRST]),
        beside={
            name: ndcg([grades.get(source_id, 0) for source_id in ids], list(grades.values()))
            for name, ids in simple.items()
        },
    )


async def _asked(matcher: Matcher, case: Mapping[str, Any]) -> MatchResult | None:
    """The answer, as `batch` asks for it; None: refused, which counts as an answer with nothing in it."""
    try:
        return (await asked(matcher, case["text"], {name: case.get(name) for name in (*FIELDS, "harm_place")}))[0]
    except BadInput:
        return None


def _placed(match: Match, grades: Mapping[str, int], must_not: Mapping[str, int]) -> Placed:
    service = match.service
    return Placed(
        service.source_id,
        service.name,
        grades.get(service.source_id),
        service.source_id in must_not,
        tuple(reason.sentence for reason in match.reasons),
    )


def _labels(result: MatchResult | None) -> tuple[str, ...]:
    if result is None:
        return ()
    said = (getattr(result.understood, each.name) for each in fields(result.understood))
    things = [thing for value in said for thing in (value if isinstance(value, tuple) else (value,))]
    return tuple(thing.label for thing in things if isinstance(thing, Understood))


async def folded(index: SearchIndex, grades: Mapping[str, int]) -> dict[str, int]:
    """Leading source id → best grade, for grades given to rows. Rows that this directory does not hold are left out."""
    found: dict[str, int] = {}
    for source_id, grade in grades.items():
        service = await index.get(source_id)
        if service is not None:
            found[service.source_id] = max(grade, found.get(service.source_id, 0))
    return found


def _council(result: MatchResult | None) -> str:
    place = result and (result.enquiry.residence or result.enquiry.harm_place)
    return place.main_council.name if place and place.main_council else "no council"


def ndcg(gains: Sequence[int], ideal: Sequence[int], first: int = FIRST) -> float:
    """Normalised discounted cumulative gain of an order against the best possible one; 1 when nothing is graded."""
    best = _dcg(sorted(ideal, reverse=True)[:first])
    return _dcg(gains[:first]) / best if best else 1.0


def _dcg(gains: Sequence[int]) -> float:
    return sum((2.0**gain - 1) / math.log2(place + 2) for place, gain in enumerate(gains))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
