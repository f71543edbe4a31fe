"""Guides are data too: each piece has its source and date, and each person is told what is for them."""

import pytest

from taxonomy import guides
from taxonomy.guides import Section
from taxonomy.pathway_lines import FileError

PIECES = [
    pytest.param(section, id=f"{guide.id}: {section.title}")
    for guide in guides.load().values()
    for section in guide.sections
]
GOOD = """\
id = "one"
title = "One"
about = "It."

[[section]]
title = "A"
text = "B."
source = "C"
dated = "2026-11"
"""


@pytest.mark.parametrize("section", PIECES)
def test_every_piece_has_words_a_source_and_a_date(section: Section) -> None:
    assert section.paragraphs
    assert section.source
    assert section.dated >= "2026-11"


def test_the_reporters_guide_goes_stage_by_stage_and_has_every_age_form() -> None:
    sections = guides.load()["reporter"].sections
    assert {section.stage for section in sections} == {"referral", "hearing", "outcome", "after"}
    assert {form for section in sections for form in section.audience.forms} == {"under_12", "12_15", "16_17", "adult"}
    assert {code for section in sections for code in section.audience.relations} >= {
        "parent_carer",
        "sibling",
        "witness",
    }


@pytest.mark.parametrize(
    ("age", "told", "not_told"),
    [
        pytest.param((8, 8), "under 12", "an adult", id="a child of 8"),
        pytest.param((14, 14), "12 to 15", "16 or 17", id="a child of 14"),
        pytest.param((17, 17), "16 or 17", "12 to 15", id="17"),
        pytest.param((40, 40), "an adult", "under 12", id="a grown-up"),
    ],
)
def test_each_age_is_told_its_own(age: tuple[int, int], told: str, not_told: str) -> None:
    titles = " | ".join(section.title for section in guides.load()["reporter"].for_person(age, None, None).sections)
    assert f"harmed is {told}" in titles
    assert f"harmed is {not_told}" not in titles


def test_a_good_guide_is_read() -> None:
    assert guides.read("one.toml", GOOD).sections[0].paragraphs == ("B.",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('source = "C"\n', "", "line 5: source is missing", id="no source"),
        pytest.param('dated = "2026-11"', "", "line 5: dated is missing", id="no date"),
        pytest.param('text = "B."', 'text = "B."\nstage = "hering"', "did you mean “hearing”", id="unknown stage"),
        pytest.param('text = "B."', 'text = "B."\nforms = ["12-15"]', "line 8: age form “12-15”", id="unknown form"),
        pytest.param('text = "B."', 'text = "The perpetrator."', "We never call a child this", id="forbidden word"),
    ],
)
def test_a_wrong_guide_is_refused(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(FileError) as refused:
        guides.read("one.toml", GOOD.replace(old, new, 1))
    assert said in str(refused.value)
