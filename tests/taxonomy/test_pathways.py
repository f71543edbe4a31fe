"""Pathways are data: each can be read, and a wrong one is refused with where and why."""

import pytest

from taxonomy import pathways
from taxonomy.pathways import PathwayError

CHILD = frozenset({"child"})
ADULT = frozenset({"adult", "from16"})


@pytest.mark.parametrize(
    ("harms", "who", "expected"),
    [
        pytest.param(("sexual_harm",), CHILD, "sexual_harm_child", id="a child sexually harmed"),
        pytest.param(("physical_harm",), ADULT, "physical_violence", id="a grown-up hit"),
        pytest.param(("robbery", "physical_harm"), CHILD, "physical_violence", id="robbed"),
        pytest.param(("domestic_abuse",), ADULT, "domestic_abuse_family", id="abuse at home"),
        pytest.param(("forced_marriage",), CHILD, "domestic_abuse_family", id="a harm under domestic abuse"),
        pytest.param(("physical_harm", "sexual_harm"), CHILD, "sexual_harm_child", id="the graver harm leads"),
    ],
)
def test_which_pathway(harms: tuple[str, ...], who: frozenset[str], expected: str) -> None:
    found = pathways.choose(harms, who)
    assert found is not None
    assert found.id == expected


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param({"harms": ["murder"]}, "harms has 'murder'", id="unknown harm"),
        pytest.param({"step": []}, "at least one", id="no step"),
        pytest.param({"step": [{"when": "soon"}]}, "step 1: when has 'soon'", id="unknown time"),
        pytest.param(
            {"step": [{"when": "now", "need": "safety", "label": "x", "families": []}]}, "no service", id="unfillable"
        ),
    ],
)
def test_a_wrong_pathway_is_refused(change: dict, message: str) -> None:
    good = {
        "id": "x", "title": "X", "harms": ["bullying"],
        "step": [{"when": "now", "need": "safety", "label": "Safe?", "families": ["safety"]}],
    }  # fmt: skip
    assert pathways.parse("x.toml", good).steps
    with pytest.raises(PathwayError, match=message):
        pathways.parse("x.toml", {**good, **change})


def test_every_step_says_what_it_is_for() -> None:
    for pathway in pathways.load():
        assert all(step.label and step.limit > 0 for step in pathway.steps)
        assert all(note.source for note in pathway.notes)
