"""What a parent hurt by their own child calls themselves gives their gender, whoever else is told of."""

import pytest

from taxonomy.words import understand
from tests.taxonomy.test_words import WORDS


@pytest.mark.parametrize(
    ("text", "gender"),
    [
        pytest.param("Single dad, nights. My daughter is 15, she punches me and bites", "male", id="single dad"),
        pytest.param("My lassie's 14 and hits me. I'm her dad, it's just the two of us", "male", id="I'm her dad"),
        pytest.param("I am a mum, my son is 15 and punches me", "female", id="I am a mum"),
        pytest.param("Mother of three, my eldest is 15 and hits me", "female", id="mother of three"),
        pytest.param("lone faither, ma son's 16 and he batters me", "male", id="lone faither"),
    ],
)
def test_a_parent_is_whom_they_call_themselves(text: str, gender: str) -> None:
    understood = understand(text, WORDS)
    assert understood.gender is not None
    assert understood.gender.value == gender


def test_a_parent_who_is_only_told_of_says_nothing_of_whoever_was_harmed() -> None:
    text = "I'm 14, my single mum can't cope, a boy of 16 at school hits me"
    assert understand(text, WORDS).gender is None


def test_who_was_never_together_is_no_partner_by_words_that_only_stand_near() -> None:
    text = (
        "There's a boy in S5, 16. I'm a girl, 15. We were never together, I don't even like him. He's outside the "
        "chippy when I finish, he knows what I had on. Forty messages since Monday. I've stopped going out"
    )
    understood = understand(text, WORDS)
    assert "domestic_abuse" not in {harm.value for harm in understood.harms}
    assert "domestic_abuse" in {code.value for code in understood.negated}
