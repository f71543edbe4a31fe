"""Learns `taxonomy/data/age_weights.csv`: what tells whose an age is (`taxonomy/reading_whose_ages.py`).

    pip install "scikit-learn>=1.5,<2" && python tools/learn_ages.py

Reads `tools/learning/ages.jsonl`: made-up enquiries, each age in them given by hand to the person harmed ("p"), the
child who harmed ("o") or neither ("x"); and the phrases and enquiries that are tuned on. Never a half set aside.
To be run after `tools/learn_words.py`, whose table tells what a whole text is about.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from directory import runtime
from taxonomy import reading_whose_ages as whose
from taxonomy.reading_loosely import loosely_told
from taxonomy.reading_people import people_in_order
from taxonomy.reading_scan import scan
from taxonomy.reading_violence import add_composed
from taxonomy.word_weights import weigh
from tools.learn_words import lines

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "taxonomy" / "data" / "age_weights.csv"
SEEN_AT_LEAST = 3
"""Ages that a sign must stand beside."""
SPARSE = 0.5
"""scikit-learn's C: less of it keeps fewer signs."""
LETTERS = {"person": "p", "other": "o"}
TUNED = ("people_tuned", "phrases_tuned")

LettersOf = Callable[[list[Any]], str]
"""The ages of a text → a letter each."""


def main() -> None:
    """Learn, and write the table."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression

    told, labels = _signs_told()
    turned = CountVectorizer(analyzer=lambda signs: signs, min_df=SEEN_AT_LEAST, binary=True)
    matrix = turned.fit_transform(told)
    weights: dict[str, dict[str, float]] = {"": {}, **{sign: {} for sign in turned.vocabulary_}}
    for name in whose.OWNERS:
        model = LogisticRegression(C=SPARSE, l1_ratio=1, solver="liblinear", max_iter=200, random_state=0)
        model.fit(matrix, [label == LETTERS[name] for label in labels])
        weights[""][name] = float(model.intercept_[0])
        for sign, column in turned.vocabulary_.items():
            weights[sign][name] = float(model.coef_[0][column])
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(("sign", *whose.OWNERS))
        kept = [sign for sign in sorted(weights) if not sign or any(abs(w) >= 0.005 for w in weights[sign].values())]
        table.writerows((sign, *(f"{weights[sign][name]:.2f}" for name in whose.OWNERS)) for sign in kept)
    print(f"{len(labels):,} ages, {len(kept):,} signs.")


def _signs_told() -> tuple[list[set[str]], list[str]]:
    found_signs, labels = [], []
    with runtime.opened() as waymark:
        lexicon = waymark.words()
    for text, letters_of in _texts():
        found = scan(text, lexicon)
        add_composed(found)
        loosely_told(found)
        aged = whose.told(people_in_order(found))
        letters = letters_of([hit.value for _, hit in aged])
        if len(letters) != len(aged):
            continue  # what counts as an age was mended since
        whole = weigh(found.words)
        for at, label in enumerate(letters):
            found_signs.append(set(whose.signs(found, aged, at, whole)))
            labels.append(label)
    return found_signs, labels


def _texts() -> Iterator[tuple[str, LettersOf]]:
    """Each text, and how its ages get their letters: given by hand, or by the ages that were understood."""
    for line in lines(ROOT / "tools" / "learning" / "ages.jsonl"):
        yield line["text"], lambda ages, given=line["whose"]: given
    enquiries = {line["id"]: line["text"] for line in lines(ROOT / "tests" / "judged" / "enquiries_tuned.jsonl")}
    tuned = [line for name in TUNED for line in lines(ROOT / "tests" / "taxonomy" / f"{name}.jsonl")]
    understood = lines(ROOT / "tests" / "judged" / "understanding_tuned.jsonl")
    tuned += [{**each, "text": enquiries[each["id"]]} for each in understood if each["id"] in enquiries]
    for line in tuned:
        known = {"p": line.get("age"), "o": line.get("other_age")}
        if known["p"] != known["o"]:
            yield line["text"], lambda ages, known=known: "".join(_letter(age, known) for age in ages)


def _letter(age: object, known: Mapping[str, object]) -> str:
    return next((letter for letter, value in known.items() if value == age), "x")


if __name__ == "__main__":
    main()
