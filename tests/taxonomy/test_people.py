"""Who is who in a call, how old, where, in which language and whom to avoid: a table of calls as workers type them."""

import sys

import pytest

from taxonomy.lexicon import Lexicon
from taxonomy.words import understand
from tests.taxonomy.phrase_table import COMMON, PLACES, SERVICES, SPACED, mistakes, rows

SCHOOLS = ("Alness Academy", "Barrhead High")
EVERYDAY_NAMES = ("Shout", "Connect", "Reach", "Circle", "999", "Another Way")
WORDS = Lexicon.of(
    [*PLACES, *SPACED, "Leeds", "Tarbert", "Harris"], [*SERVICES, *SCHOOLS, *EVERYDAY_NAMES], [*COMMON, "Harris"]
)
NOT_OF_THIS_TABLE = ("harms", "negated", "needs", "harmed_by", "urgency")


def people_mistakes(row: dict[str, object]) -> list[str]:
    wrong = [mistake for mistake in mistakes(row, WORDS) if not mistake.startswith(NOT_OF_THIS_TABLE)]
    named = [each.value for each in understand(str(row["text"]), WORDS).names]
    if row.get("names") == [] and named:
        wrong.append(f"names: [], got {named}")
    return wrong


def test_people_and_places_of_a_table_are_told_apart(capsys: pytest.CaptureFixture[str]) -> None:
    calls = list(rows("people_tuned.jsonl"))
    right = sum(not people_mistakes(row) for row in calls)
    with capsys.disabled():
        sys.stdout.write(f"\npeople_tuned.jsonl: {right} of {len(calls)} understood ({right / len(calls):.1%})\n")
    assert len(calls) >= 100
    assert right / len(calls) >= 0.98
