"""Prints what is understood by which words of `tools/learning/enquiries.jsonl`, and was seldom meant by who wrote them.

    waymark setup --data … && python tools/audit_phrases.py [LEAST]

A line for each words → code that was wrong LEAST times (8 when left out) and more often than right: look at the row of
`phrases.csv` or `together_*.csv` that gives it. Half a phrase is the usual cause, a word spelt like another the next
(`tests/taxonomy/test_half_said.py`). Not every line is a fault: authors write down what matters most, not all that is
so, and where life may be in danger one too many is better than one too few.
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

from directory import runtime

TEXTS = Path(__file__).resolve().parent / "learning" / "enquiries.jsonl"
FIELDS = ("harms", "needs", "harmed_by")


def main(least: int) -> None:
    """Read every text, and count."""
    found: dict[tuple[str, str, str], Counter[bool]] = defaultdict(Counter)
    with runtime.opened() as works:
        for line in TEXTS.read_text(encoding="utf-8").splitlines()[1:]:
            meant = json.loads(line)
            understood = works.enquiry(meant["text"], {})[1]
            for field in FIELDS:
                for each in getattr(understood, field):
                    if len(each.words) == 1:
                        found[field, each.value, each.words[0].lower()][each.value in meant[field]] += 1
    for (field, code, words), counts in sorted(found.items(), key=lambda item: -item[1][False]):
        if counts[False] >= max(least, counts[True] + 1):
            print(f"{counts[False]:5} wrong {counts[True]:5} right  {field:9}  {code:22}  {words}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
