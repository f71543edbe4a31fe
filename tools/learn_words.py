"""Learns `taxonomy/data/word_weights.csv`: which words suggest which harm (`taxonomy/suggesting.py`).

    pip install "scikit-learn>=1.5,<2" && python tools/learn_words.py

Reads `tools/learning/enquiries.jsonl`, the tuned half of the judged enquiries, the tuned phrases and `phrases.csv`;
never the half set aside, nor the enquiries written to measure by. The settings were chosen once, on
`enquiries_blind.jsonl` and `enquiries_fresh.jsonl`.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from taxonomy.committed import rows
from taxonomy.tokens import TOKEN, fold

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "taxonomy" / "data" / "word_weights.csv"
SEEN_AT_LEAST = 3
"""Texts that a word must stand in."""
SPARSE = 5.0
"""scikit-learn's C: less of it keeps fewer words."""
PHRASE = 0.3
"""How much a phrase of ours counts beside a whole enquiry."""

DIGIT = re.compile(r"\d")
WITHIN = re.compile(rf"(?<=[a-z,;] )({TOKEN.pattern})")
"""A word that begins no sentence."""

Labelled = tuple[str, frozenset[str], float]
"""A text, its harms, and how much it counts."""


def main() -> None:
    """Learn, and write the table."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    found = [*_enquiries(), *_phrases()]
    names = _names(text for text, _, _ in found)
    turned = TfidfVectorizer(
        analyzer=lambda text: [word for word in _words(text) if word not in names], min_df=SEEN_AT_LEAST, binary=True
    )
    matrix = turned.fit_transform([text for text, _, _ in found])
    counts = [count for _, _, count in found]
    weights: dict[str, dict[str, float]] = {word: {} for word in turned.vocabulary_}
    start: dict[str, float] = {}
    for harm in sorted({harm for _, harms, _ in found for harm in harms}):
        model = LogisticRegression(C=SPARSE, penalty="l1", solver="liblinear", max_iter=60, random_state=0)
        model.fit(matrix, [harm in harms for _, harms, _ in found], sample_weight=counts)
        start[harm] = float(model.intercept_[0])
        for word, column in turned.vocabulary_.items():
            if abs(model.coef_[0][column]) >= 0.005:
                weights[word][harm] = float(model.coef_[0][column])
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("word", "rarity", "weights"))
        table.writerow(("", "", _cell(start)))
        for word in sorted(weights):
            table.writerow((word, f"{turned.idf_[turned.vocabulary_[word]]:.3f}", _cell(weights[word])))
    print(f"{len(found):,} texts, {len(weights):,} words, {sum(map(len, weights.values())):,} weights.")


def _words(text: str) -> list[str]:
    """Words without a digit: an age or a number tells of no harm."""
    return [fold(match.group()) for match in TOKEN.finditer(text) if not DIGIT.search(match.group())]


def _names(texts: Iterable[str]) -> frozenset[str]:
    """Words written with a capital within sentences: where people live must suggest nothing."""
    capital: Counter[str] = Counter()
    small: Counter[str] = Counter()
    for text in texts:
        for match in WITHIN.finditer(text):
            (capital if match[1][0].isupper() else small)[fold(match[1])] += 1
    return frozenset(word for word in capital if capital[word] > small[word])


def _cell(values: dict[str, float]) -> str:
    return "|".join(f"{harm}:{weight:.2f}" for harm, weight in values.items())


def _enquiries() -> Iterator[Labelled]:
    lines = _lines(ROOT / "tools" / "learning" / "enquiries.jsonl")
    texts = {line["id"]: line["text"] for line in _lines(ROOT / "tests" / "judged" / "enquiries_tuned.jsonl")}
    gold = _lines(ROOT / "tests" / "judged" / "understanding_tuned.jsonl")
    for line in (*lines, *({**each, "text": texts[each["id"]]} for each in gold if each["id"] in texts)):
        yield line["text"], frozenset(line["harms"]), 1.0
    for line in _lines(ROOT / "tests" / "taxonomy" / "phrases_tuned.jsonl"):
        yield line["text"], frozenset(line.get("harms", ())), 1.0


def _lines(path: Path) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [each for each in found if "header" not in each and ("text" in each or "harms" in each)]


def _phrases() -> Iterator[Labelled]:
    for row in rows("taxonomy", "phrases.csv"):
        if row["kind"] == "harm" and "<" not in row["phrase"]:
            for phrase in row["phrase"].split("|"):
                yield phrase, frozenset({row["code"]}), PHRASE


if __name__ == "__main__":
    main()
