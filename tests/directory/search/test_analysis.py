"""Words: what reads the same is one token, and people's own words are never thrown away."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.search.analysis import TOKEN_LIMIT, fold, stem, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Women's Aid", ["women", "aid"], id="possessive dropped"),
        pytest.param("womens WOMEN’S Women`s women´s", ["women"] * 4, id="every apostrophe, and none"),
        pytest.param("O'Neill d'Arcy", ["oneil", "darci"], id="apostrophe inside a name"),
        pytest.param("Dùn Èideann", ["dun", "eideann"], id="Gaelic accents"),
        pytest.param("Łódź Ærø", ["lodz", "aero"], id="letters that are no letter and accent"),
        pytest.param("ＬＥＩＴＨ ﬁnd ²", ["leith", "find", "2"], id="NFKC"),
        pytest.param("self-harm, e-mail/phone", ["self", "harm", "e", "mail", "phone"], id="split"),
        pytest.param("EH6 5 16+ 999", ["eh6", "5", "16", "999"], id="numbers stay"),
        pytest.param("support help care", ["support", "help", "care"], id="what people ask for is no stop word"),
        pytest.param("not sleeping", ["not", "sleep"], id="not is read elsewhere, and stays"),
        pytest.param("help for the family", ["help", "famili"], id="words of grammar go"),
        pytest.param("who are they", ["who", "are", "they"], id="nothing but grammar stays"),
        pytest.param("", [], id="nothing"),
        pytest.param("!? …", [], id="no words"),
    ],
)
def test_tokens(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


def test_words_are_not_stemmed_and_none_is_left_out() -> None:
    assert words("The Counselling Café") == ["the", "counselling", "cafe"]


def test_a_run_of_letters_is_cut() -> None:
    assert [len(word) for word in words("a" * 10_000)] == [TOKEN_LIMIT]


@pytest.mark.parametrize("pair", [("counselling", "counsel"), ("bullied", "bullies"), ("families", "family")])
def test_forms_of_a_word_share_a_stem(pair: tuple[str, str]) -> None:
    assert stem(pair[0]) == stem(pair[1])


@given(st.text())
def test_any_text_gives_tokens_without_blanks(text: str) -> None:
    for token in tokens(text):
        assert token
        assert token.split() == [token]


@given(st.text(st.characters(codec="ascii")))
def test_case_tells_nothing_apart(text: str) -> None:
    assert tokens(text.upper()) == tokens(text.lower())


@given(st.text())
def test_folding_twice_changes_nothing_in_the_words(text: str) -> None:
    assert words(" ".join(words(text))) == words(text)


def test_fold_keeps_the_blanks_that_order_names() -> None:
    assert fold("Àlp  Centre") == "alp  centre"
