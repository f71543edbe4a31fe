"""Pathways are data: which one an enquiry takes, and a wrong text is refused with its line and what may be meant."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import guides, pathway_files, pathways, terms
from taxonomy.pathway import WHO, Asked, Audience, Pathway, Span
from taxonomy.pathway_lines import FileError

CHILD = frozenset({"child", "young"})
UNKNOWN = frozenset({"child", "adult", "from16", "young"})
GROWN_UP = frozenset({"adult", "from16", "grown_up"})
WRITTEN = "offender|perpetrator|culprit|criminal(?! injuries)|\\boffence|delinquent"

GOOD = """\
id = "kept_in"
title = "Kept in"
about = "For a child kept in."
sample = "kept in"
priority = 5
guides = ["reporter"]

[[for]]
harms = ["bullying"]

[[step]]
when = "now"
need = "counselling"
label = "Talk"
families = ["counselling"]
areas = ["Fife", "NHS Lothian"]

[[note]]
text = "Anybody may ask."
source = "An Act, section 1"
"""


def asked(*harms: str, who: frozenset[str] = CHILD, **more: object) -> Asked:
    return Asked(harms=harms, who=who, **more)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("enquiry", "expected"),
    [
        pytest.param(asked("sexual_harm"), "sexual_harm_child", id="a child sexually harmed"),
        pytest.param(asked("sexual_harm", who=UNKNOWN), "sexual_harm_child", id="age not said: as for a child"),
        pytest.param(asked("sexual_harm", who=GROWN_UP), "sexual_harm_adult", id="a grown-up sexually harmed"),
        pytest.param(asked("physical_harm", who=GROWN_UP), "physical_violence", id="a grown-up hit"),
        pytest.param(asked("robbery", "physical_harm"), "physical_violence", id="robbed"),
        pytest.param(asked("physical_harm", "sexual_harm"), "sexual_harm_child", id="the graver harm leads"),
        pytest.param(asked("domestic_abuse", who=GROWN_UP), "domestic_abuse_family", id="abuse at home"),
        pytest.param(asked("forced_marriage"), "domestic_abuse_family", id="a harm under domestic abuse"),
        pytest.param(
            asked("domestic_abuse", harmed_by=("partner",)), "domestic_abuse_young", id="a boyfriend, both young"
        ),
        pytest.param(
            asked("domestic_abuse", harmed_by=("partner",), who=GROWN_UP), "domestic_abuse_family", id="a partner of 40"
        ),
        pytest.param(
            asked("sexual_harm", harmed_by=("sibling",)), "harmed_by_sibling", id="a brother, whatever he did"
        ),
        pytest.param(asked("physical_harm", harmed_by=("own_child",)), "harmed_by_own_child", id="their own child"),
        pytest.param(asked("child_to_parent", who=GROWN_UP), "harmed_by_own_child", id="harm to a parent"),
        pytest.param(
            asked("physical_harm", who=GROWN_UP, text="A teacher was punched"), "worker_at_work", id="a teacher"
        ),
        pytest.param(
            asked("physical_harm", text="punched by the son of a teacher"), "physical_violence", id="a child, no worker"
        ),
        pytest.param(asked("in_care_abuse"), "harm_in_care", id="in care"),
        pytest.param(
            asked("sexual_harm", harmed_by=("same_care",)), "harm_in_care", id="a resident, whatever they did"
        ),
        pytest.param(
            asked("physical_harm", text="beaten up, and has also hurt others"), "harmed_and_has_harmed", id="also hurt"
        ),
        pytest.param(asked("physical_harm", groups=("has_hearing",)), "harmed_and_has_harmed", id="own hearing"),
        pytest.param(asked("bullying"), "threats_bullying_school", id="bullied"),
        pytest.param(asked("threats", harmed_by=("same_school",)), "threats_bullying_school", id="threats at school"),
        pytest.param(asked("threats"), "any_harm", id="threats elsewhere"),
        pytest.param(asked("online_harm"), "online_harm", id="pictures online"),
        pytest.param(asked("trafficking"), "exploitation", id="trafficked"),
        pytest.param(asked("hate", "physical_harm"), "hate", id="hit for who they are"),
        pytest.param(asked("physical_harm", "bereavement_by_crime"), "bereavement", id="somebody was killed"),
        pytest.param(asked("property_damage"), "property_damage", id="a window"),
        pytest.param(asked("physical_harm", relation="sibling"), "sibling_of_harmed", id="a sister asks for herself"),
        pytest.param(asked("physical_harm", relation="witness"), "witness", id="a witness"),
        pytest.param(
            asked("domestic_abuse", relation="sibling", who=CHILD | {"partner"}),
            "domestic_abuse_family",
            id="a sister in a home of abuse",
        ),
        pytest.param(asked("sexual_harm", relation="parent_carer"), "sexual_harm_child", id="a mother tells of harm"),
        pytest.param(
            asked(relation="parent_carer", needs=("family_support",)), "parent_of_harmed", id="a mother alone"
        ),
        pytest.param(
            asked("physical_harm", needs=("restorative_justice",)), "restorative_justice", id="wants to be heard"
        ),
        pytest.param(
            asked("sexual_harm", needs=("restorative_justice",)),
            "sexual_harm_child",
            id="wants to be heard, graver harm",
        ),
        pytest.param(asked("neglect"), "any_harm", id="a harm with no pathway"),
        pytest.param(asked(), "any_harm", id="nothing said"),
    ],
)
def test_which_pathway(enquiry: Asked, expected: str) -> None:
    found = pathways.choose(enquiry)
    assert found is not None
    assert found.id == expected


def codes(taxonomy: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(sorted(terms.load()[taxonomy].terms)), max_size=3).map(tuple)


ENQUIRIES = st.builds(
    Asked, codes("harm"), codes("need"), codes("harmed_by"), st.sampled_from([None, *terms.load()["relation"].terms]),
    codes("group"), st.frozensets(st.sampled_from(WHO)), st.text(max_size=30),
)  # fmt: skip


@given(ENQUIRIES, st.randoms())
def test_the_same_enquiry_takes_the_same_pathway_in_whatever_order_the_files_are_read(
    enquiry: Asked, random: object
) -> None:
    shuffled = list(pathways.load())
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a list
    assert pathways.choose(enquiry, pathways.ordered(shuffled)) == pathways.choose(enquiry)


def test_of_equal_priority_the_id_decides() -> None:
    one = pathway_files.read("kept_in.toml", GOOD)
    other = replace(one, id="a_first")
    assert pathways.choose(asked("bullying"), pathways.ordered([one, other])) == other


@pytest.mark.parametrize("pathway", pathways.load(), ids=lambda pathway: pathway.id)
def test_every_pathway_is_whole(pathway: Pathway) -> None:
    assert pathway.about
    assert pathway.sample
    assert any(step.need == "hearing_information" for step in pathway.steps), "the Reporter is on every one"
    assert set(pathway.guides) <= guides.load().keys()
    assert "reporter" in pathway.guides
    assert pathway.notes
    for step in pathway.steps:
        if step.families == ("restorative_justice",):
            assert "restorative" in step.who, "only when the person asks"
        assert "intensive_family" not in step.families, "programmes for the child who harmed are not for the harmed"


WITHOUT_PICTURES = {
    "any_harm",
    "bereavement",
    "harmed_by_own_child",
    "property_damage",
    "restorative_justice",
    "sibling_of_harmed",
    "witness",
}


@pytest.mark.parametrize(
    "pathway", [each for each in pathways.load() if each.id not in WITHOUT_PICTURES], ids=lambda pathway: pathway.id
)
def test_pictures_are_taken_down_beside_whatever_else_was_done(pathway: Pathway) -> None:
    steps = [step for step in pathway.steps if step.need == "content_removal"]
    assert [step.harms for step in steps] == [() if pathway.id == "online_harm" else ("online_harm",)]


@pytest.mark.parametrize("name", [*pathways.shipped(), *guides.load()])
def test_no_text_calls_a_child_what_we_never_say(name: str) -> None:
    if name in guides.load():
        guide = guides.load()[name]
        said = [guide.title, guide.about, *(f"{one.title} {one.text}" for one in guide.sections)]
    else:
        pathway = next(each for each in pathways.load() if each.id == name)
        steps = (f"{step.label} {step.advice}" for step in pathway.steps)
        said = [pathway.title, pathway.about, pathway.sample, *steps, *(note.text for note in pathway.notes)]
    assert not [text for text in said if re.search(WRITTEN, text, re.IGNORECASE)]


def test_a_good_text_is_read() -> None:
    pathway = pathway_files.read("kept_in.toml", GOOD, {"Fife", "NHS Lothian"}, {"reporter"})
    assert (pathway.id, pathway.priority, pathway.choices[0].harms) == ("kept_in", 5, ("bullying",))
    assert pathway.steps[0].areas == ("Fife", "NHS Lothian")
    assert pathway.steps[0].line == 11


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        pytest.param('"bullying"]', '"murder"]', "line 9: harm “murder” is not known", id="unknown harm"),
        pytest.param(
            '"counselling"\n',
            '"counceling"\n',
            "line 13: need “counceling” is not known; did you mean “counselling”?",
            id="misspelt need",
        ),
        pytest.param(
            '["counselling"]',
            '["counseling"]',
            "line 15: family “counseling” is not known; did you mean “counselling”?",
            id="misspelt family",
        ),
        pytest.param('["counselling"]', "[]", "line 15: families is empty", id="nobody could fill it"),
        pytest.param('families = ["counselling"]\n', "", "line 11: families is empty", id="no families at all"),
        pytest.param(
            'when = "now"',
            'when = "soon"',
            "line 12: when “soon” is not known. Choose from now, this_week, later",
            id="unknown time",
        ),
        pytest.param(
            'label = "Talk"',
            'label = "Talk"\nwho = ["chield"]',
            "line 15: who “chield” is not known; did you mean “child”?",
            id="unknown fact",
        ),
        pytest.param(
            '"Fife", ', '"Fyfe", ', "line 16: area “Fyfe” is not known; did you mean “Fife”?", id="unknown area"
        ),
        pytest.param(
            '["reporter"]',
            '["reporters"]',
            "line 6: guide “reporters” is not known; did you mean “reporter”?",
            id="unknown guide",
        ),
        pytest.param(
            "priority = 5", "priority = -1", "line 5: priority is a whole number from 0 to 999", id="priority"
        ),
        pytest.param(
            'label = "Talk"',
            'label = "Talk"\nprefers = "nearby"',
            "line 15: prefers “nearby” is not known; did you mean “near”?",
            id="preference",
        ),
        pytest.param(
            'label = "Talk"', 'label = "Talk"\nlimit = 99', "line 15: limit is a whole number from 1 to 5", id="limit"
        ),
        pytest.param(
            'label = "Talk"',
            'label = "Talk"\nlimits = 2',
            "line 15: There is no field “limits”; did you mean “limit”?",
            id="misspelt field",
        ),
        pytest.param('label = "Talk"', "label = 3", "line 14: label is words in quotes", id="not words"),
        pytest.param('label = "Talk"\n', "", "line 11: label is missing", id="missing"),
        pytest.param(
            'label = "Talk"',
            'label = "For the offender"',
            "line 14: We never call a child this: “offender”",
            id="forbidden word",
        ),
        pytest.param(
            'label = "Talk"', 'label = "Ring 01632 960777"', "line 14: Take the long number out", id="telephone number"
        ),
        pytest.param(
            "[[step]]", "[[stop]]", "line 11: There is no part [[stop]]; did you mean “step”?", id="misspelt part"
        ),
        pytest.param("[[step]]", "[step]", "“step” must be written as [[step]]", id="single brackets"),
        pytest.param('title = "Kept in"', 'title = "Kept in', "line 2: This is not TOML", id="a quote is missing"),
        pytest.param('harms = ["bullying"]', 'harms = ["bullying"', "This is not TOML", id="a bracket is missing"),
        pytest.param('id = "kept_in"', 'id = "Kept in!"', "line 1: id is small letters", id="a wrong id"),
        pytest.param('source = "An Act, section 1"', "", "line 18: source is missing", id="a note without its source"),
        pytest.param('harms = ["bullying"]', "", "line 8: This [[for]] says nothing", id="an empty condition"),
    ],
)
def test_a_wrong_text_is_refused_with_its_line(old: str, new: str, said: str) -> None:
    assert old in GOOD
    with pytest.raises(FileError) as refused:
        pathway_files.read("kept_in.toml", GOOD.replace(old, new, 1), {"Fife", "NHS Lothian"}, {"reporter"})
    assert said in str(refused.value)


def test_every_mistake_is_told_at_once() -> None:
    bad = GOOD.replace('"bullying"]', '"murder"]').replace('when = "now"', 'when = "soon"')
    with pytest.raises(FileError) as refused:
        pathway_files.read("kept_in.toml", bad)
    assert [problem.line for problem in refused.value.problems] == [9, 12]


def test_a_header_in_quoted_text_is_no_header() -> None:
    text = GOOD.replace('label = "Talk"', 'label = """\n[[step]]\n"""').replace('when = "now"', 'when = "soon"')
    with pytest.raises(FileError, match="line 12: when “soon”"):
        pathway_files.read("kept_in.toml", text)


def lines(text: str) -> list[int]:
    """The lines of the mistakes in a text; none when it is read."""
    try:
        pathway_files.read("x.toml", text)
    except FileError as error:
        return [problem.line for problem in error.problems] or [0]
    return []


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_with_a_line_of_its_own(text: str) -> None:
    for mixed in (text, GOOD + text, GOOD.replace('"Talk"', text, 1)):
        assert all(1 <= line <= mixed.count("\n") + 1 for line in lines(mixed))


@pytest.mark.parametrize(
    ("audience", "age", "other", "relation", "included"),
    [
        pytest.param(Audience(), (9, 9), None, None, True, id="everybody"),
        pytest.param(Audience(forms=("under_12",)), (11, 11), None, None, True, id="eleven is under 12"),
        pytest.param(Audience(forms=("under_12",)), (12, 12), None, None, False, id="twelve is not"),
        pytest.param(Audience(forms=("16_17",)), (12, 17), None, None, True, id="may be 16"),
        pytest.param(Audience(forms=("adult",)), None, None, None, True, id="age not known: told all"),
        pytest.param(Audience(other=("under_12",)), None, (12, 14), None, False, id="the child who harmed is 12"),
        pytest.param(Audience(other=("under_12",)), None, (8, 8), None, True, id="the child who harmed is 8"),
        pytest.param(Audience(relations=("sibling",)), None, None, "witness", False, id="somebody else asks"),
        pytest.param(Audience(relations=("sibling",)), None, None, None, True, id="nobody said who asks"),
    ],
)
def test_whom_a_note_is_for(audience: Audience, age: Span, other: Span, relation: str | None, included: bool) -> None:
    assert audience.includes(age, other, relation) is included
