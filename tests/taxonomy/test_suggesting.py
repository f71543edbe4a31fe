"""The harms and needs that a text as a whole suggests: beside its phrases, never against a "no", and quick."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.reading_concepts import Concepts
from taxonomy.reading_facts import Fact
from taxonomy.suggesting import EVEN, GROWN, ONE_ROOF, PERHAPS, gender_suggested, likelihoods, suggested, who_suggested
from taxonomy.terms import load
from taxonomy.tokens import TOKEN, fold
from taxonomy.word_weights import LONGEST, SHORTEST, Code, Weighed, known, learnt, signs, weigh
from taxonomy.words import codes, understand
from tests.taxonomy.test_words import WORDS


def words_of(text: str) -> list[str]:
    return [fold(match.group()) for match in TOKEN.finditer(text)]


def suggests(words: list[str]) -> dict[Code, tuple[int, ...]]:
    """What is as likely as not or more, and where the words for it stand."""
    text = weigh(words)
    likely = [code for code, total in text.sums.items() if total >= 0]
    return {code: tuple(start for start, _ in spans) for code, spans in suggested(text, likely).items()}


@pytest.mark.parametrize(
    ("text", "harm"),
    [
        pytest.param(
            "my daughter says the lads keep a camera going in the changing room and there are clips on snapchat of her",
            "online_harm",
            id="filmed and passed on",
        ),
        pytest.param(
            "her ex keeps waiting at the bus stop, he follows her home and sits outside, messages her at all hours",
            "stalking",
            id="followed home",
        ),
    ],
)
def test_a_harm_told_in_no_phrase_of_ours_is_suggested(text: str, harm: str) -> None:
    assert ("harm", harm) in suggests(words_of(text))


def test_a_need_that_the_whole_text_suggests_is_understood_and_its_words_are_shown() -> None:
    text = (
        "since then he sits on the stairs with the light on, jumps whenever the door goes, shouts at his wee sister "
        "and then greets in the shed, the soul"
    )
    assert ("need", "emotional_support") in suggests(words_of(text))
    needs = {need.value: need.words for need in understand(text, WORDS).needs}
    assert needs["safety"] == ("stairs", "light", "door")


def test_the_words_that_say_most_for_it_are_shown() -> None:
    text = "she was filmed by lads in the toilets and it went on snapchat in a group chat by lunch time"
    words = words_of(text)
    shown = {words[index] for index in suggests(words)["harm", "online_harm"]}
    assert "filmed" in shown
    assert "it" not in shown


@pytest.mark.parametrize("count", [SHORTEST - 1, LONGEST + 1])
def test_a_few_words_and_many_calls_suggest_nothing(count: int) -> None:
    assert suggests(["filmed"] * count) == {}


def test_what_is_ruled_out_is_not_suggested() -> None:
    text = (
        "he was not hit and nobody hit him, but his mum saw the bruises on his arm, his wrist and his back at bath time"
    )
    understood = understand(text, WORDS)
    assert not set(codes(understood.negated)) & set(codes(understood.harms))


def test_what_a_phrase_seemed_to_say_is_set_aside_where_the_whole_text_tells_of_something_else() -> None:
    text = (
        "Mum in tears, daughter of 17 held down and cut by three lassies last night, in Crosshouse now getting "
        "stitched, no idea what to do next"
    )
    assert codes(understand(text, WORDS).harms) == ("physical_harm",)


def test_what_danger_needs_is_never_set_aside() -> None:
    text = "my bike was taken from the shed by two lads and sold, I want the money for it, I could end it all, sorry"
    assert "suicidal" in codes(understand(text, WORDS).needs)


def test_who_harmed_is_understood_from_the_whole_text() -> None:
    text = (
        "the lad fae the room along the landing goes in her bed when the night staff are doon the stair, key worker "
        "wrote it up and that was that"
    )
    assert "same_care" in codes(understand(text, WORDS).harmed_by)


def test_a_partner_who_is_only_told_of_did_no_harm() -> None:
    text = (
        "Letter from the Reporter to my husband about a boy of 14 who assaulted him on the tram. Do we fill in the "
        "slip to be told? We are moving house on the 12th."
    )
    assert "partner" not in codes(understand(text, WORDS).harmed_by)


@pytest.mark.parametrize("code", sorted(ONE_ROOF))
def test_who_lives_with_the_person_is_never_set_aside(code: str) -> None:
    told = [Fact(code, ((0, 1),)), Fact("stranger", ((1, 2),))]
    against = {("harmed_by", code): -9.0, ("harmed_by", "stranger"): -9.0}
    assert [fact.value for fact in who_suggested(Weighed([], {}, against), told)] == [code]


def test_words_pairs_and_pairs_with_one_between_say_what_a_text_tells_of() -> None:
    assert signs(["held", "down", "by", "held"]) == {
        "held": (0,),
        "down": (1,),
        "by": (2,),
        "held down": (0, 1),
        "down by": (1, 2),
        "held * by": (0, 2),
        "by held": (2, 3),
        "down * held": (1, 3),
    }


PUSHED = (
    "My son is 13. A boy from his class pushed him down the stairs at school and his phone was smashed, he won't go in "
    "and sits in his room all day and will not speak"
)


def test_what_is_understood_is_as_likely_as_not_and_what_is_perhaps_meant_is_none_of_it() -> None:
    read = understand(PUSHED, WORDS)
    assert codes(read.harms) == ("physical_harm",)
    assert codes(read.perhaps_harms) == ("property_damage",)
    assert all(EVEN <= each.likely <= 1 for each in (*read.harms, *read.needs))
    assert all(PERHAPS <= each.likely < 1 for each in (*read.perhaps_harms, *read.perhaps_needs))


def test_what_is_ruled_out_is_not_perhaps_meant() -> None:
    read = understand(f"{PUSHED}, it is no vandalism", WORDS)
    assert "property_damage" in codes(read.negated)
    assert "property_damage" not in codes(read.perhaps_harms)


def test_a_phrase_makes_it_likelier_than_the_other_words_do() -> None:
    told = {("harm", "threats"): 0.0, ("need", "safety"): 0.0, ("harmed_by", "group"): 9.0}
    read = Concepts(harms={"threats": [(0, 1)]}, needs={}, negated={})
    likely = likelihoods(read, told)
    assert likely["harm", "threats"] == pytest.approx(0.818, abs=0.001)
    assert likely["need", "safety"] == 0.5
    assert ("harmed_by", "group") not in likely


def test_a_few_words_are_taken_as_they_are_said() -> None:
    assert [each.likely for each in understand("boy of 13 punched at school", WORDS).harms] == [1.0]


def test_a_gender_that_the_whole_text_speaks_against_gives_way_to_the_one_it_suggests() -> None:
    text = (
        "There is a boy of 16 in the year above, he waits at the chippy for me when I finish and he knows what dress I "
        "had on, my skirt gets lifted on the stair and the lads laugh"
    )
    gender = understand(text, WORDS).gender
    assert gender is not None
    assert (gender.value, gender.words) == ("female", ("dress", "skirt"))


@pytest.mark.parametrize("said", ["non-binary", "enby", "genderfluid", "agender"])
def test_who_is_neither_woman_nor_man_is_never_taken_for_one(said: str) -> None:
    text = (
        f"My child is 15 and {said}, they go by Ash. Three boys from the year above followed them home from the bus in "
        "Perth, shouted and threw a can, they have not slept since"
    )
    gender = understand(text, WORDS).gender
    assert gender is not None
    assert gender.value == "other"
    assert ("gender", "other") not in learnt().start


@pytest.mark.parametrize(
    ("likely", "gender"),
    [
        pytest.param({"male": 0.5, "female": -9.0}, "male", id="as likely as not: kept"),
        pytest.param({}, "male", id="nothing learnt speaks of it"),
        pytest.param({"male": -2.0, "female": 0.0}, None, id="unlikely, and no other is likely"),
        pytest.param({"male": -2.0, "female": 2.0}, "female", id="the other is likely"),
    ],
)
def test_when_a_gender_is_set_aside(likely: dict[str, float], gender: str | None) -> None:
    words = words_of("there is a boy in the year above who lifted my skirt and my dress")
    sums = {("gender", code): total for code, total in likely.items()}
    found = gender_suggested(Weighed(words, known(words), sums), Fact("male", ((3, 4),)))
    assert (found.value if found else None) == gender


def test_what_is_said_more_exactly_is_not_said_again() -> None:
    text = "girl of 9 raped by her cousin of 15, it was in the caravan and nobody in the family will say his name now"
    assert "sexual_harm" not in codes(understand(text, WORDS).harms) or "child_sexual_abuse" not in codes(
        understand(text, WORDS).harms
    )


@given(st.lists(st.sampled_from([*sorted(learnt().rarity)[::7], "zzz"]), min_size=SHORTEST, max_size=60))
def test_whatever_is_suggested_is_a_term_of_ours_with_words_of_the_text(words: list[str]) -> None:
    for (taxonomy, code), places in suggests(words).items():
        assert (taxonomy, code) == GROWN or code in load()[taxonomy].terms
        assert all(0 <= index < len(words) for index in places)


def test_no_age_and_no_number_suggests_a_harm() -> None:
    assert not [word for word in learnt().rarity if any(letter.isdigit() for letter in word)]
