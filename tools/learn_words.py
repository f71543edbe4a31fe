"""Learns `taxonomy/data/word_weights.csv`: which words and pairs suggest which harm, need, who harmed, and the gender
and age of the person harmed (`taxonomy/word_weights.py`, `taxonomy/suggesting.py`).

    pip install "scikit-learn>=1.5,<2" && python tools/learn_words.py

Reads `tools/learning/enquiries.jsonl` and `ages.jsonl`, the tuned half of the judged enquiries, the tuned phrases and
`phrases.csv`; never the half set aside, nor the enquiries written to measure by. The settings were chosen on
`enquiries_blind.jsonl` and `enquiries_fresh.jsonl`, how sparse and which pairs on `enquiries_more.jsonl` (ADR 0013).
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import log
from pathlib import Path
from typing import Any

from taxonomy.committed import rows
from taxonomy.tokens import TOKEN, fold
from taxonomy.word_weights import shares, signs

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "taxonomy" / "data" / "word_weights.csv"
SEEN_AT_LEAST = 3
"""Texts that a word or pair must stand in."""
SPARSE = 1.5
"""scikit-learn's C: less of it keeps fewer words."""
LEAST_WEIGHT = 0.005
"""What says less is left out: it would be written as 0.00 or 0.01."""
PHRASE = 0.3
"""How much a phrase of ours counts beside a whole enquiry."""

DIGIT = re.compile(r"\d")
WITHIN = re.compile(rf"(?<=[a-z,;] )({TOKEN.pattern})")
"""A word that begins no sentence."""

Labelled = tuple[str, frozenset[str], float]
"""A text, its codes, and how much it counts."""
KINDS = {"harm": "harms", "need": "needs", "harmed_by": "harmed_by"}
"""Taxonomy → the field of a text that holds its codes."""
GROWN = {"a": frozenset({"adult"}), "c": frozenset(), "u": frozenset()}
"""Who was harmed, as `ages.jsonl` says it → the code that is learnt of them."""
LEARNT_GENDERS = {"female", "male"}
SEEN_CODE = 8
"""Texts that must have a code for its words to be learnt."""


def main() -> None:
    """Learn, and write the table."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    found = {kind: list(_enquiries(kind)) for kind in KINDS}
    found["harm"] += _phrases()
    found["gender"] = list(_genders())
    told = lines(ROOT / "tools" / "learning" / "ages.jsonl")
    found["grown"] = [(line["text"], GROWN[line["harmed"]], 1.0) for line in told]
    texts = [text for text, _, _ in found["harm"]]
    turn = _Turn(texts)
    columns = DictVectorizer().fit([turn(text) for text in texts])
    weights: dict[str, dict[str, float]] = {sign: {} for sign in turn.rarity}
    start: dict[str, float] = {}
    for kind, labelled in found.items():
        matrix = columns.transform([turn(text) for text, _, _ in labelled])
        matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")  # for liblinear
        counts = [count for _, _, count in labelled]
        texts_of = Counter(code for _, codes, _ in labelled for code in codes)
        for code in sorted(code for code in texts_of if texts_of[code] >= SEEN_CODE):
            model = LogisticRegression(C=SPARSE, penalty="l1", solver="liblinear", max_iter=60, random_state=0)
            model.fit(matrix, [code in codes for _, codes, _ in labelled], sample_weight=counts)
            start[f"{kind}/{code}"] = float(model.intercept_[0])
            for sign, weight in zip(columns.get_feature_names_out(), model.coef_[0], strict=True):
                if abs(weight) >= LEAST_WEIGHT:
                    weights[sign][f"{kind}/{code}"] = float(weight)
    kept = {sign: of for sign, of in weights.items() if of or sign in turn.words}
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("word", "rarity", "weights"))
        table.writerow(("", "", _cell(start)))
        for sign in sorted(kept):
            table.writerow((sign, f"{turn.rarity[sign]:.3f}", _cell(kept[sign])))
    print(f"{len(texts):,} texts, {len(kept):,} words and pairs, {sum(map(len, kept.values())):,} weights.")


class _Turn:
    """Texts turned into numbers: the words and pairs that stand in enough texts, no names, no numbers."""

    def __init__(self, texts: Sequence[str]) -> None:
        names = _names(texts)
        seen = Counter(word for text in texts for word in set(_words(text)) - names)
        self.words = frozenset(word for word in seen if seen[word] >= SEEN_AT_LEAST)
        texts_with = Counter(sign for text in texts for sign in self._signs(text))
        self.rarity = {
            sign: log((1 + len(texts)) / (1 + count)) + 1
            for sign, count in texts_with.items()
            if count >= SEEN_AT_LEAST
        }

    def _signs(self, text: str) -> dict[str, tuple[int, ...]]:
        return signs([word for word in _words(text) if word in self.words])

    def __call__(self, text: str) -> dict[str, float]:
        """Word or pair → its share, as `word_weights.weigh` has it."""
        return shares(self._signs(text), self.rarity)


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
    return "|".join(f"{code}:{weight:.2f}" for code, weight in values.items())


def _enquiries(kind: str) -> Iterator[Labelled]:
    told = lines(ROOT / "tools" / "learning" / "enquiries.jsonl")
    texts = {line["id"]: line["text"] for line in lines(ROOT / "tests" / "judged" / "enquiries_tuned.jsonl")}
    gold = lines(ROOT / "tests" / "judged" / "understanding_tuned.jsonl")
    for line in (*told, *({**each, "text": texts[each["id"]]} for each in gold if each["id"] in texts)):
        yield line["text"], frozenset(line[KINDS[kind]]), 1.0
    for line in lines(ROOT / "tests" / "taxonomy" / "phrases_tuned.jsonl"):
        yield line["text"], frozenset(line.get(KINDS[kind], ())), 1.0


def _genders() -> Iterator[Labelled]:
    """The gender of the person harmed, of the texts for which it was written down. Only those of whom there are many
    are learnt: who is neither says so, and a table that has hardly met them must not speak against it."""
    for line in lines(ROOT / "tools" / "learning" / "enquiries.jsonl"):
        if "gender" in line:
            yield line["text"], frozenset({line["gender"]} & LEARNT_GENDERS), 1.0


def lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a file of texts or of what was understood; its header is passed over."""
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return [each for each in found if "header" not in each and ("text" in each or "harms" in each)]


def _phrases() -> Iterator[Labelled]:
    for row in rows("taxonomy", "phrases.csv"):
        if row["kind"] == "harm" and "<" not in row["phrase"]:
            for phrase in row["phrase"].split("|"):
                yield phrase, frozenset({row["code"]}), PHRASE


if __name__ == "__main__":
    main()
