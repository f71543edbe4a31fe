"""Which passwords will do, and that nothing of one can be read from what is kept."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.accounts import passwords
from directory.errors import BadInput

EMAIL = "morag.reid@example.org"


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("four wise owls sing", id="words"),
        pytest.param("            blanks count", id="blanks in front"),
        pytest.param("zkqpxwvbnmtr", id="letters only"),
        pytest.param("7305 1986 4421", id="figures only"),
        pytest.param("ceud mìle fàilte", id="Gaelic"),
        pytest.param("пять сов поют", id="Cyrillic"),
        pytest.param("🦉" * 3 + "owls singing", id="emoji"),
        pytest.param("my password is a river", id="a common word among others"),
        pytest.param("m" * 5 + "xkcd" * 5 + "q1w9e8r7" * 12, id="long"),
        pytest.param("ab\0cdefghijkq", id="NUL"),
    ],
)
def test_these_will_do(password: str) -> None:
    passwords.check(password, EMAIL)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        pytest.param("", "0 characters", id="empty"),
        pytest.param("wise owls s", "11 characters", id="one too short"),
        pytest.param("four wise owls " * 8 + "and more.", "129 characters", id="one too long"),
        pytest.param("a" * 200_000, "200,000 characters", id="far too long"),
        pytest.param("owls morag.reid@example.org", "e-mail", id="the address"),
        pytest.param("MORAG.REID sings well", "e-mail", id="the name before the @"),
        pytest.param("wayMARK is the best", "this directory", id="this directory's name"),
        pytest.param("passwordpassword", "the same again", id="one word twice"),
        pytest.param("!!Password2024!!", "many people use", id="with figures and signs round it"),
        pytest.param("P@ssw0rd2024!!", "many people use", id="with signs for letters"),
        pytest.param("Glasgow1234567", "easy to guess", id="a city and figures"),
        pytest.param("aaaaaaaaaaaa", "the same again", id="one letter"),
        pytest.param("abababababab", "the same again", id="two letters"),
        pytest.param("1234123412341", "easy to guess", id="four figures again and again"),
        pytest.param("abcdefghijklmno", "the alphabet", id="the alphabet"),
        pytest.param("qwertyuiop[]", "row of keys", id="a row of keys"),
        pytest.param("23.11.1985 23", "easy to guess", id="a date"),
        pytest.param("MoragReid1985!", "your name", id="their own name"),
        pytest.param("reid example 1985", "your name", id="their own words"),
        pytest.param("Morag Reid Morag Reid", "your name", id="nothing but their name"),
        pytest.param("Summer2024!!", "easy to guess", id="a season and a year"),
        pytest.param("four wise \udcff owls", "cannot be read", id="half a character"),
    ],
)
def test_these_will_not_and_are_not_repeated(password: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as caught:
        passwords.check(password, EMAIL, "Morag Reid")
    assert caught.value.field == "password"
    assert caught.value.advice
    assert not password or password not in str(caught.value)


def test_one_of_their_own_words_among_others_will_do() -> None:
    passwords.check("four reid owls sing loud", EMAIL, "Morag Reid")


@pytest.mark.parametrize("short", ["al@example.org", "x@example.org"])
def test_a_short_user_name_may_stand_in_a_password(short: str) -> None:
    passwords.check("albatross next exit", short)


@given(st.text(max_size=60), st.text(max_size=60))
@settings(max_examples=300, deadline=None)
def test_the_name_of_this_directory_is_found_anywhere(before: str, after: str) -> None:
    with pytest.raises(BadInput):
        passwords.check(f"{before}WayMark{after}", EMAIL)


@given(st.text(max_size=400))
@settings(max_examples=500, deadline=None)
def test_a_length_outside_the_limits_is_always_refused_and_the_check_never_breaks(password: str) -> None:
    try:
        passwords.check(password, EMAIL)
    except BadInput:
        return
    assert passwords.LEAST <= len(password) <= passwords.LONGEST


def test_what_is_kept_is_argon2id_with_its_own_salt() -> None:
    first, second = passwords.hashed("four wise owls sing"), passwords.hashed("four wise owls sing")
    assert first != second
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.is_right(first, "four wise owls sing")
    assert not passwords.is_outdated(first)


@pytest.mark.parametrize("typed", ["four wise owls sing ", "Four wise owls sing", "four wise owls sin", "", "x\udcff"])
def test_a_password_is_taken_exactly_as_typed(typed: str) -> None:
    kept = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21l$"  # cheap, cut short: wrong whatever is typed
    assert not passwords.is_right(kept, typed)
    assert not passwords.is_right(passwords.hashed("four wise owls sing"), typed)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    assert passwords.is_outdated("$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21l$" + "A" * 43)


def test_nobody_has_the_hash_of_nobody_and_it_takes_as_long() -> None:
    """As long, for it is worked out to its end at the same cost; a hash refused unread would say "invalid" instead."""
    assert not passwords.is_outdated(passwords.NOBODY)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(passwords.NOBODY, "another guess")
    assert not passwords.is_right(None, "another guess")
