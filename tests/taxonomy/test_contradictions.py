"""Facts that do not go together are told; those that do are not."""

import pytest

from taxonomy.contradictions import contradictions
from taxonomy.words import understand
from tests.taxonomy.phrase_table import lexicon

WORDS = lexicon()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("aged 8, my husband hit me", "8 years old and a husband", id="a husband at 8"),
        pytest.param("he is 8, in S4, bullied", "8 years old and S4", id="an age and a stage"),
        pytest.param("girl 12 hit by a man of 45", "45 years old and the child who harmed", id="no child did it"),
        pytest.param("a stranger who lives with us hit her", "A stranger and living", id="a stranger at home"),
    ],
)
def test_two_facts_that_cannot_both_be_true_are_told(text: str, sentence: str) -> None:
    (told,) = contradictions(understand(text, WORDS))
    assert told.startswith(sentence)
    assert told.endswith("do not go together: change one of them.")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "aged 15, my boyfriend hit me",
        "my husband was punched by a boy of 13",
        "P7 boy, 11, kicked",
        "my son hits me, he is 9",
        "girl of 11 in S1, stabbed by a lad of 18",
        "school leaver slashed in Leith",
    ],
)
def test_facts_that_agree_are_left_alone(text: str) -> None:
    assert contradictions(understand(text, WORDS)) == ()


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("S3 pupil stabbed", "S3"),
        ("P7 boy, 11, kicked", "P7"),
        ("3rd year pupil hit", "S3"),
        ("primary six girl slapped", "P6"),
        ("3 yr old bitten at nursery", "nursery"),
        ("school leaver slashed", "school_leaver"),
        ("my son (9) hit by a P7", None),
        ("boy of 9 hit", None),
    ],
)
def test_the_school_stage_is_a_fact_of_its_own(text: str, stage: str | None) -> None:
    said = understand(text, WORDS).school_stage
    assert (said.value if said else None) == stage
