"""Learns `taxonomy/data/graders.csv`: what graders gave to kinds of services (`directory/matching/graders.py`).

    pip install "scikit-learn>=1.5,<2" && waymark setup --data … && python tools/learn_graders.py

Reads `tools/learning/grades.jsonl`, the services of an answer as readers graded them for enquiries of
`tools/learning/enquiries.jsonl`, and the judged enquiries that may be looked at; never a half set aside. The answers
are those of the installation in WAYMARK_HOME without these weights, so run it after `tools/learn_words.py`.
"""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from directory import runtime
from directory.errors import BadInput
from directory.matching import graders, judging, matcher
from directory.matching.batch import FIELDS, asked
from directory.runtime import Runtime

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "taxonomy" / "data" / "graders.csv"
JUDGED = ("enquiries_tuned", "enquiries_more")
IDEAL = 3.0
"""What an ideal service gains, in the units of `graders.lean`; a grade's gain is 2^grade − 1, as in nDCG."""
WRONG = -1.0
"""What a service that must not be shown gains."""
READ_ONCE = 0.25
"""How much an enquiry graded quickly, of an answer's services alone, counts beside a judged one."""
HELD_BACK = 30.0
"""scikit-learn's alpha: more of it makes smaller weights."""
LEAST_WEIGHT = 0.01


class Shown(NamedTuple):
    """One service of one answer: its score without graders, what it gained, and what there is to learn from."""

    score: float
    gain: float
    counts: float
    signs: Mapping[str, float]


def main() -> None:
    """Learn, and write the table."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import Ridge

    # The answers as they are without what is learnt here: mypy knows of no function that is put in another's place.
    graders.table = lambda: graders.Table({}, {})  # type: ignore[assignment]
    with runtime.opened() as works:
        shown = works.run(_shown, works)
    columns = DictVectorizer().fit([each.signs for each in shown])
    scores, gains = [each.score for each in shown], [each.gain for each in shown]
    counts = [each.counts for each in shown]
    usual = IsotonicRegression(out_of_bounds="clip").fit(scores, gains, sample_weight=counts).predict(scores)
    more = [gain - expected for gain, expected in zip(gains, usual, strict=True)]
    model = Ridge(alpha=HELD_BACK, solver="sparse_cg").fit(
        columns.transform([each.signs for each in shown]), more, sample_weight=counts
    )
    learnt = zip(columns.get_feature_names_out(), model.coef_, strict=True)
    kept = sorted((*sign.split(" "), f"{weight:.2f}") for sign, weight in learnt if abs(weight) >= LEAST_WEIGHT)
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerows((("about", "service", "weight"), *kept))
    print(f"{len(shown):,} services of answers, {len(kept):,} weights.")


async def _shown(works: Runtime) -> list[Shown]:
    found: list[Shown] = []
    for case, counts in (*_graded_once(), *_judged()):
        try:
            found += await _answer(works, case, counts)
        except BadInput:
            continue
    return found


def _graded_once() -> Iterator[tuple[Mapping[str, Any], float]]:
    texts = (ROOT / "tools" / "learning" / "enquiries.jsonl").read_text(encoding="utf-8").splitlines()
    for line in (ROOT / "tools" / "learning" / "grades.jsonl").read_text(encoding="utf-8").splitlines()[1:]:
        case = json.loads(line)
        yield {"text": json.loads(texts[case["line"] - 1])["text"], **case}, READ_ONCE


def _judged() -> Iterator[tuple[Mapping[str, Any], float]]:
    for name in JUDGED:
        for case in judging.read(ROOT / "tests" / "judged" / f"{name}.jsonl"):
            yield case, 1.0


async def _answer(works: Runtime, case: Mapping[str, Any], counts: float) -> list[Shown]:
    given = {name: case.get(name) for name in (*FIELDS, "harm_place")}
    enquiry = (await asked(works, case["text"], given))[0].enquiry
    found = await matcher.rank(enquiry, works.index, works.clock(), facets=False, pathways=works.pathways())
    services = await found.candidates.load([position for position, _, _ in found.ranked])
    grades = await judging.folded(works.index, case["grades"])
    wrong = await judging.folded(works.index, dict.fromkeys(case["must_not"], 1))
    told = list(graders.told(found.known))
    return [
        Shown(
            score,
            WRONG if service.source_id in wrong else IDEAL * (2 ** grades.get(service.source_id, 0) - 1) / 7,
            counts,
            {f"{about} {trait}": likely for about, likely in told for trait in graders.traits_of(one.row)},
        )
        for service, (_, score, one) in zip(services, found.ranked, strict=True)
    ]


if __name__ == "__main__":
    main()
