"""Words to pathway: every shipped pathway's own example takes it, and areas and facts decide which steps are taken."""

from dataclasses import replace
from typing import Any

import pytest

from directory import pathway_versions
from directory.matching import pathway_choice, situation
from directory.matching.understanding import Lexicon, build_lexicon, enquiry
from directory.places.gazetteer import Gazetteer
from directory.search.columns import council_bits
from directory.values import CouncilShare, Place, PlaceKind
from taxonomy import pathways
from taxonomy.pathway import Pathway, Step
from tests.builders import EDINBURGH, FIFE
from tests.directory.matching.builders import IN_EDINBURGH, IN_FIFE, a_situation

ORKNEY = Place("Kirkwall", PlaceKind.TOWN, councils=(CouncilShare("S12000023", "Orkney Islands", 1.0),))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer()


@pytest.fixture(scope="module")
def lexicon(gazetteer: Gazetteer) -> Lexicon:
    return build_lexicon(gazetteer)


@pytest.mark.parametrize("pathway", pathways.load(), ids=lambda pathway: pathway.id)
def test_a_pathways_own_example_takes_it(pathway: Pathway, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
    asked, _ = enquiry(pathway.sample, {}, lexicon, gazetteer)
    found = pathway_choice.chosen(situation.understand(asked))
    assert found is not None
    assert found.id == pathway.id


@pytest.mark.parametrize("pathway", pathways.load(), ids=lambda pathway: pathway.id)
def test_every_shipped_text_holds_against_places_and_guides_too(pathway: Pathway) -> None:
    assert pathway_versions.read(pathway.id, pathways.shipped()[pathway.id]) == pathway


def a_step(**changes: Any) -> Step:
    step = Step("now", "counselling", "Talk", ("counselling",))
    return replace(step, **changes)


def a_pathway(*steps: Step) -> Pathway:
    return Pathway("one", "One", "", 0, (), steps)


@pytest.mark.parametrize(
    ("changes", "home", "taken"),
    [
        pytest.param({"areas": ("Fife",)}, IN_FIFE, True, id="the council area"),
        pytest.param({"areas": ("Fife",)}, IN_EDINBURGH, False, id="another council area"),
        pytest.param({"areas": ("NHS Lothian",)}, IN_EDINBURGH, True, id="the health board"),
        pytest.param({"areas": ("NHS Lothian",)}, IN_FIFE, False, id="another health board"),
        pytest.param({"areas": ("Fife",)}, None, False, id="nobody said where"),
        pytest.param({"except_areas": ("Fife",)}, IN_FIFE, False, id="left out here"),
        pytest.param({"except_areas": ("Fife",)}, IN_EDINBURGH, True, id="left out elsewhere"),
        pytest.param({"except_areas": ("Fife",)}, None, True, id="left out somewhere, nobody said where"),
    ],
)
def test_local_variants(changes: dict[str, object], home: Place | None, taken: bool) -> None:
    found = pathway_choice.steps(a_pathway(a_step(**changes)), a_situation(residence=home))
    assert bool(found) is taken


def test_a_health_board_is_all_its_councils() -> None:
    bits = council_bits()
    mask = pathway_choice.area_mask(("NHS Lothian", "Fife"))
    assert mask >> bits[EDINBURGH] & 1
    assert mask >> bits[FIFE] & 1
    assert mask.bit_count() == 5


def test_on_the_islands_the_way_there_is_asked_about() -> None:
    pathway = next(each for each in pathways.load() if each.id == "sexual_harm_adult")
    said = {
        place.name: next(step.label for step in pathway_choice.steps(pathway, a_situation(30, residence=place)))
        for place in (ORKNEY, IN_FIFE)
    }
    assert "on the islands" in said["Kirkwall"]
    assert "islands" not in said["Fife"]


@pytest.mark.parametrize(
    ("changes", "facts", "taken"),
    [
        pytest.param({"who": ("restorative",)}, {"needs": ("restorative_justice",)}, True, id="asked to be heard"),
        pytest.param({"who": ("restorative",)}, {}, False, id="did not ask"),
        pytest.param({"who": ("parent",)}, {"relation": "parent_carer"}, True, id="a parent"),
        pytest.param({"who": ("!parent",)}, {"relation": "parent_carer"}, False, id="not for parents"),
        pytest.param({"harms": ("sexual_harm",)}, {"harms": ("child_sexual_abuse",)}, True, id="a narrower harm"),
        pytest.param({"harms": ("sexual_harm",)}, {}, False, id="another harm"),
        pytest.param({"harmed_by": ("same_school",)}, {"harmed_by": ("same_school",)}, True, id="at school"),
    ],
)
def test_which_steps_are_taken(changes: dict[str, object], facts: dict[str, object], taken: bool) -> None:
    assert bool(pathway_choice.steps(a_pathway(a_step(**changes)), a_situation(**facts))) is taken
