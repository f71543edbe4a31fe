"""What is understood of what callers say: two tables of phrases, and rules that hold for any text."""

import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from taxonomy.lexicon import Lexicon, phrase_rows, spellings
from taxonomy.terms import load
from taxonomy.words import Understanding, understand
from tests.taxonomy.phrase_table import lexicon, mistakes, read, rows

WORDS = lexicon()
UNSEEN_REACHED = 0.84
"""The least share of unseen phrases understood whole: one of 65 fewer (55) since weights are learnt from twice the
texts, which raised whole enquiries nobody had read from 0.70 to 0.73 (nDCG@10, 23 November 2026)."""
TUNED = [row["text"] for row in rows("phrases_tuned.jsonl")]
NUMBERS = {"she", "is", "ten", "eleven", "thirteen", "forty", "two", "P6", "S3"}
SPOKEN = sorted({word for text in TUNED for word in text.split()} | NUMBERS)


def said(text: str) -> Understanding:
    return understand(text, WORDS)


def facts(text: str) -> dict[str, object]:
    return read(said(text))


@pytest.mark.parametrize(
    ("table", "fewest", "share"),
    [
        pytest.param("phrases_tuned.jsonl", 200, 0.98, id="tuned"),
        pytest.param("phrases_unseen.jsonl", 60, UNSEEN_REACHED, id="unseen"),
    ],
)
def test_a_table_of_phrases_is_understood(  # the aim for the unseen ones is 85 %; what is reached may not fall
    table: str, fewest: int, share: float, capsys: pytest.CaptureFixture[str]
) -> None:
    phrases_of_table = list(rows(table))
    right = sum(not mistakes(row, WORDS) for row in phrases_of_table)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{table}: {right} of {len(phrases_of_table)} understood ({right / len(phrases_of_table):.1%})\n"
        )
    assert len(phrases_of_table) >= fewest
    assert right / len(phrases_of_table) >= share


def test_the_sentence_from_leith() -> None:
    understood = said("14 year old battered in Leith, lives in Fife, not sleeping")
    assert understood.age is not None
    assert (understood.age.value, understood.age.words) == (14, ("14 year old",))
    assert [(harm.value, harm.words) for harm in understood.harms] == [("physical_harm", ("battered",))]
    assert [(need.value, need.words) for need in understood.needs] == [("sleep", ("not sleeping",))]
    assert understood.harm_place is not None
    assert understood.harm_place.value == "Leith"
    assert understood.residence is not None
    assert understood.residence.value == "Fife"
    assert understood.relation is not None
    assert understood.relation.value == "harmed_person"


@pytest.mark.parametrize(
    ("text", "code", "place_of"),
    [
        ("not sexual, he was kicked", "sexual_harm", "harms"),
        ("no injuries after the attack", "medical_care", "needs"),
        ("he doesn't want the police", "reporting", "needs"),
        ("she isn't suicidal", "suicidal", "needs"),
        ("it's not housing she needs", "housing", "needs"),
        ("wasn't raped", "sexual_harm", "harms"),
        ("no bullying at all", "bullying", "harms"),
        ("without any counselling", "counselling", "needs"),
        ("police not involved", "reporting", "needs"),
        ("she didnae get robbed", "robbery", "harms"),
        ("never homeless", "housing", "needs"),
        ("neither threats nor bullying", "bullying", "harms"),
    ],
)
def test_what_is_ruled_out_is_not_said(text: str, code: str, place_of: str) -> None:
    found = facts(text)
    assert code in found["negated"]  # type: ignore[operator]  # a list of codes
    assert code not in found[place_of]  # type: ignore[operator]  # a list of codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not sleeping", "sleep"),
        ("won't eat", "mental_health"),
        ("doesn't want to be here any more", "suicidal"),
        ("not safe to go home", "safety"),
        ("nowhere to go", "housing"),
        ("no sleeping at all", "sleep"),
        ("cannae sleep", "sleep"),
    ],
)
def test_a_need_said_with_not_is_a_need(text: str, code: str) -> None:
    found = facts(text)
    assert code in found["needs"]  # type: ignore[operator]  # a list of codes
    assert found["negated"] == []


@pytest.mark.parametrize(
    ("text", "residence", "harm_place"),
    [
        ("battered in Leith, lives in Fife", "Fife", "Leith"),
        ("stays in Methil", "Methil", None),
        ("from KY8, punched", "KY8", None),
        ("moved to Perth after being slapped", "Perth", None),
        ("harmed at school in Alloa", None, "Alloa"),
        ("lives with her gran in Wick", "Wick", None),
        ("happened in Glasgow", None, "Glasgow"),
        ("12 year old girl in Dundee", "Dundee", None),
        ("Dundee, girl 12", "Dundee", None),
        ("assaulted in Falkirk", None, "Falkirk"),
        ("stabbed near the school", None, None),
        ("stays with her gran", None, None),
        ("lives in Carlisle", "Carlisle", None),
        ("her sister in law was hit", None, None),
        ("my boy, Keith, was hit", None, None),
        ("lives in Law, was hit", "Law", None),
        ("PC Leith, girl of 12 robbed in Dundee", None, "Dundee"),
        ("Mrs Leith says her boy of 9 was hit", None, None),
        ("the boy who did it lives in Leith", None, None),
        ("punched, EH6 5AB", "EH6 5AB", None),
        ("EH6 5ab was where he was slapped", "EH6 5AB", None),
        ("stays in eh65ab", "EH6 5AB", None),
    ],
)
def test_home_and_place_of_harm_are_told_apart(text: str, residence: str | None, harm_place: str | None) -> None:
    found = facts(text)
    assert (found["residence"], found["harm_place"]) == (residence, harm_place)


@pytest.mark.parametrize(
    ("text", "age", "other_age"),
    [
        ("hurt by a 11 year old", None, 11),
        ("attacked by a boy of 13", None, 13),
        ("punched by another P5", None, {"min": 8, "max": 10}),
        ("a 10-year-old did it, she is 9", 9, 10),
        ("her brother, 15, hit her", None, 15),
        ("My son is 8 and was hit by an older boy (12)", 8, 12),
        ("mum of a 9 year old", 9, None),
        ("turned 13 last week", 13, None),
        ("in her forties", {"min": 40, "max": 49}, None),
        ("P6", {"min": 9, "max": 11}, None),
        ("S6", {"min": 16, "max": 18}, None),
        ("my wee boy (7)", 7, None),
        ("18 months old", 1, None),
        ("it was 2 years ago", None, None),
        ("for 3 years", None, None),
        ("hit 14 times", None, None),
    ],
)
def test_whose_age_it_is(text: str, age: object, other_age: object) -> None:
    found = facts(text)
    assert (found["age"], found["other_age"]) == (age, other_age)


@pytest.mark.parametrize(
    ("mistyped", "code"),
    [("assualted", "physical_harm"), ("domestik abuse", "domestic_abuse"), ("harrassed", "stalking")],
)
def test_typing_errors_in_our_own_words_are_mended(mistyped: str, code: str) -> None:
    assert code in facts(f"she was {mistyped}")["harms"]  # type: ignore[operator]  # a list of codes


def test_counseling_mistyped_is_counselling() -> None:
    assert "counselling" in facts("is there any counceling for him")["needs"]  # type: ignore[operator]


@pytest.mark.parametrize("text", ["his mum is raging", "changed schools", "a stable home", "she has talked"])
def test_an_everyday_word_is_never_mended_into_a_harm(text: str) -> None:
    assert facts(text)["harms"] == []


def test_what_to_keep_away_from() -> None:
    assert facts("keep away from The Junction")["avoid"] == ["The Junction"]
    assert facts("the other boy goes to Leith Academy")["avoid"] == ["Leith Academy"]
    assert facts("she goes to Leith Academy")["avoid"] == []


CHANGES = {
    "capitals": str.upper,
    "small letters": str.lower,
    "swapped letters": str.swapcase,
    "runs of blanks": lambda text: text.replace(" ", "  \t "),
    "new lines": lambda text: text.replace(" ", "\n"),
    "curly quotes": lambda text: text.replace("'", "’"),
    "backticks": lambda text: text.replace("'", "`"),
    "a stop": lambda text: text.rstrip(".") + ".",
    "no stop": lambda text: text.rstrip("."),
    "blanks around": lambda text: f"  {text}\n",
    "in quotes": lambda text: f'"{text}"',
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
@given(st.sampled_from(TUNED))
@settings(deadline=None, max_examples=60)
def test_the_way_it_is_written_changes_nothing(change, text: str) -> None:  # type: ignore[no-untyped-def]
    assert facts(change(text)) == facts(text)


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1))
@settings(deadline=None, max_examples=5)
def test_mixed_letter_case_changes_nothing(seed: list[str]) -> None:
    for text in TUNED[:: max(1, len(seed))][:20]:
        mixed = "".join(c.upper() if (i * len(seed)) % 3 else c.lower() for i, c in enumerate(text))
        assert facts(mixed) == facts(text)


@given(
    st.one_of(
        st.text(max_size=400),
        st.lists(st.sampled_from(TUNED), max_size=4).map(" ".join),
        st.lists(st.sampled_from(SPOKEN), max_size=12).map(" ".join),
    )
)
@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_and_every_word_shown_is_in_it(text: str) -> None:
    understood = said(text)
    for part in Understanding.__dataclass_fields__:
        value = getattr(understood, part)
        shown = value if isinstance(value, tuple) else (value,) if value else ()
        for each in shown:
            for words in (each,) if isinstance(each, str) else each.words:
                assert words in text
                assert words


@pytest.mark.parametrize(
    "last", ["thirteen", "P6", "forty", "a", "o'", "two of", "12 and", "aged", "18-", "I'm", "my son"]
)
def test_a_text_is_read_at_every_pause(last: str) -> None:
    """The call page asks as the worker types: a text may end after any word."""
    for text in TUNED[::7]:
        words = text.split()
        for end in range(0, len(words) + 1, 3):
            said(" ".join([*words[:end], last]))


@given(st.sampled_from(TUNED))
@settings(deadline=None, max_examples=100)
def test_nothing_is_both_said_and_ruled_out(text: str) -> None:
    found = facts(text)
    assert not set(found["negated"]) & {*found["harms"], *found["needs"]}  # type: ignore[misc]  # a list of codes


LONG = {
    "one letter": "a " * 5000,
    "not": "not " * 2500,
    "numbers": "12 " * 3333,
    "ages": "12 year old boy " * 625,
    "harm": "battered by her brother in Leith " * 310,
    "full stops": "." * 10_000,
    "one word": "x" * 10_000,
    "unknown words": " ".join(f"wordle{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}" for i in range(1200)),
    "sentences": (" ".join(TUNED) * 3)[:10_000],
    "saw": "saw her " * 1250,
    "accents": "é ù " * 2500,
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_ten_thousand_characters_are_read(text: str) -> None:
    understood = said(text)
    for each in (*understood.harms, *understood.needs, *understood.groups):
        assert all(words in text for words in each.words)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_twice_the_text_is_at_most_about_twice_the_work(text: str) -> None:
    whole, half = _calls_made(text), _calls_made(text[: len(text) // 2])
    assert whole <= 2.6 * half + 5_000


def _calls_made(text: str) -> int:
    """Functions called while a text is read: work counted, not timed."""
    said(text)
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        said(text)
    finally:
        sys.setprofile(before)
    return calls


def test_every_phrase_names_a_term_of_ours() -> None:
    taxonomies = load()
    coded = {
        "harm": "harm",
        "hint": "harm",
        "need": "need",
        "relation": "relation",
        "gender": "gender",
        "urgency": "urgency",
    }
    coded |= {"harmed_by": "harmed_by", "group": "group"}
    for row in phrase_rows():
        if taxonomy := coded.get(row.kind):
            assert row.code in taxonomies[taxonomy]


def test_a_row_of_phrases_spells_several() -> None:
    assert sorted(spellings("kick|kicked (him) in")) == [
        ("kick", "him", "in"), ("kick", "in"), ("kicked", "him", "in"), ("kicked", "in"),
    ]  # fmt: skip


def test_no_word_of_ours_calls_a_child_an_offender() -> None:
    labels = [
        term.label + term.plain_label + term.definition for each in load().values() for term in each.terms.values()
    ]
    for label in labels:
        assert not {"offender", "offence", "perpetrator"} & set(label.lower().split())


def test_an_empty_lexicon_understands_all_but_names() -> None:
    understood = understand("boy of 9 hit in Leith", Lexicon())
    assert understood.age is not None
    assert understood.harm_place is None


@pytest.mark.parametrize(
    ("service", "text", "names"),
    [
        pytest.param("Cowdenbeath", "cowdenbeath laddie, 16, robbed", [], id="a service called as its town"),
        pytest.param("Orkney Centre (ORSAS)", "been to ORSAS before", ["Orkney Centre (ORSAS)"], id="its letters"),
        pytest.param("Line for Deaf People (BSL)", "uses BSL", [], id="letters that are no name"),
    ],
)
def test_services_are_known_by_names_that_are_theirs(service: str, text: str, names: list[str]) -> None:
    understood = understand(text, Lexicon.of(["Cowdenbeath"], [service]))
    assert [name.value for name in understood.names] == names
