"""Names that two registers write differently meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import name_words, names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Glasgow Women's Aid Housing Support Unit", "Glasgow Women’s Aid"),
        ("Perthshire Women's Aid - Housing Support.", "Perthshire Women's Aid"),
        ("Border Women's Aid Ltd", "Border Womens Aid"),
        ("Committed to Ending Abuse (CEA) Ltd", "Committed to Ending Abuse (CEA)"),
        ("SAY Women Housing Support Unit", "Say Women"),
        ("Dumfriesshire & Stewartry Women's Aid", "Dumfriesshire and Stewartry Women's Aid"),
        ("Motherwell and District Womans Aid, Incorporated Association", "Motherwell and District Women's Aid"),
        ("Shetland Women's Aid, a Scottish Charitable Incorporated Organisation", "Shetland Women's Aid"),
        ("East Dunbartonshire Women's Aid SCIO Housing Support Service", "East Dunbartonshire Women's Aid"),
        ("Hemat Gryffe Women's Aid - Day Care of Children", "Hemat Gryffe Women's Aid"),
        ("The Number Shop", "Number Shop"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Glasgow Women's Aid", "Glasgow East Women's Aid"), ("Shakti Women's Aid", "Shakti Children's Service")],
)
def test_not_the_same(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


@given(st.text(max_size=60))
def test_a_key_of_a_key_is_itself(name: str) -> None:
    key = names.key(name)
    assert names.key(key) == key or key == names.fold(name)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Anchor West Lothian", ("anchor", "westlothian")),
        ("Anchor West", ("anchor", "west")),
        ("Anchor (Fife) Ltd", ("anchor", "fife")),
    ],
)
def test_a_council_named_by_a_compass_point_is_no_branch(name: str, words: tuple[str, ...]) -> None:
    assert names.wording(name, "").words == words


def test_letters_of_an_area_are_no_area() -> None:
    assert all(len(word) > 1 for word in name_words.area_words())


@pytest.mark.parametrize(
    ("word", "own"), [("anchor", True), ("west", False), ("2", False), ("fife", False), ("rape", False)]
)
def test_what_may_be_a_name(word: str, own: bool) -> None:
    assert name_words.is_own(word) is own


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_names_meet_alike_from_either_side(one: str, other: str) -> None:
    first, second = names.wording(one, other), names.wording(other, one)
    assert names.one_provider(first, second) is names.one_provider(second, first)
    assert names.brackets_part(one, other) is names.brackets_part(other, one)
