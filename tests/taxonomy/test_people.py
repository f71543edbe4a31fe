"""Who is who in a call, how old, where, in which language and whom to avoid: a table of calls as workers type them."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxonomy.lexicon import Lexicon
from taxonomy.words import understand
from tests.taxonomy.phrase_table import COMMON, PLACES, SERVICES, SPACED, mistakes, read, rows

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


CALLS = [row["text"] for row in rows("people_tuned.jsonl")]
WRITTEN = {
    "capitals": str.upper,
    "small letters": str.lower,
    "runs of blanks": lambda text: text.replace(" ", "  \t "),
    "curly quotes": lambda text: text.replace("'", "\u2019"),
    "no stop": lambda text: text.rstrip("."),
    "a stop": lambda text: text.rstrip(".") + ".",
}


@pytest.mark.parametrize("change", WRITTEN.values(), ids=WRITTEN)
@given(st.sampled_from(CALLS))
@settings(deadline=None, max_examples=60)
def test_the_way_a_call_is_typed_changes_nothing(change, text: str) -> None:  # type: ignore[no-untyped-def]
    assert read(understand(change(text), WORDS)) == read(understand(text, WORDS))


@given(st.sampled_from(CALLS), st.sampled_from(CALLS))
@settings(deadline=None, max_examples=100)
def test_two_calls_in_one_are_read_without_fail(first: str, second: str) -> None:
    text = f"{first} {second}"
    understood = understand(text, WORDS)
    for each in (understood.age, understood.other_age, understood.relation, understood.residence, *understood.avoid):
        assert each is None or all(words in text for words in each.words)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("they shout at him and he can't reach anyone", []),
        ("is there another way", []),
        ("he called 999", []),
        ("her pal at Alness Academy", ["Alness Academy"]),
        ("two girls from barrhead high", ["Barrhead High"]),
    ],
)
def test_everyday_words_are_no_services(text: str, named: list[str]) -> None:
    assert [each.value for each in understand(text, WORDS).names] == named
