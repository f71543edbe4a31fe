"""Beside an ideal local service the general victim line and the national ones step back (grading.md)."""

from typing import Any

import pytest

from directory.draft import Coverage
from directory.matching import beside, candidate, judged
from directory.matching.eligibility import GOOD, IDEAL
from directory.matching.fit import Fit
from directory.matching.judged import Judged
from directory.values import Known
from tests.builders import EDINBURGH
from tests.directory.matching.builders import a_row, a_situation

SCOTLAND = Coverage(Known.STATED, ("SCOTLAND",))
LINE = {"families": ("victim_support",), "any_harm": True, "coverage": SCOTLAND}
COURT = {**LINE, "needs": ("court_support",)}
LOCAL = {"families": ("rape_crisis",), "harms": ("sexual_harm",), "coverage": Coverage(Known.STATED, (EDINBURGH,))}
LOCAL_ABUSE = {**LOCAL, "families": ("domestic_abuse",), "harms": ("domestic_abuse",)}
NATIONAL = {**LOCAL, "coverage": SCOTLAND}
HOUSING = {**LOCAL, "families": ("housing",), "any_harm": True}
NO_NUMBER = {**LOCAL, "phone": ""}
ASSAULT: dict[str, Any] = {"harms": ("physical_harm",)}
SEXUAL: dict[str, Any] = {"harms": ("sexual_harm",)}


def ideal(service: dict[str, Any], situation: Any) -> Judged:
    """Ideal by itself, whatever it is."""
    row = a_row(**service)
    return judged.under(IDEAL, row, Fit(1.0, "", "", 1), candidate.cover(row, situation), None)


def most(service: dict[str, Any], others: list[dict[str, Any]], person: dict[str, Any]) -> float:
    """The most the service may be beside the others."""
    situation = a_situation(**person)
    found = beside.stepped_back([(at, ideal(one, situation)) for at, one in enumerate((service, *others))], situation)
    return found[0][1].need


@pytest.mark.parametrize(
    ("service", "others", "person", "expected"),
    [
        pytest.param(LINE, [], ASSAULT, IDEAL, id="line: assault, nobody else"),
        pytest.param(LINE, [LOCAL], ASSAULT, GOOD, id="line: beside one local specialist"),
        pytest.param(LINE, [LOCAL, LOCAL_ABUSE], ASSAULT, beside.BESIDE_TWO, id="line: beside two"),
        pytest.param(LINE, [NATIONAL], ASSAULT, IDEAL, id="line: a national specialist is not near"),
        pytest.param(LINE, [LOCAL, NATIONAL], ASSAULT, GOOD, id="line: a national one that is second is not ideal"),
        pytest.param(LINE, [HOUSING], ASSAULT, IDEAL, id="line: housing is another matter"),
        pytest.param(LINE, [], SEXUAL, GOOD, id="line: others know more of sexual harm"),
        pytest.param(LINE, [], {**SEXUAL, "relation": "witness"}, IDEAL, id="line: a witness"),
        pytest.param(
            LINE, [], {**SEXUAL, "age": 40, "harmed_by": ("same_school",)}, IDEAL, id="line: a worker harmed by a pupil"
        ),
        pytest.param(
            LINE, [], {"harms": ("physical_harm", "bullying"), "needs": ("school",)}, GOOD, id="line: school alone"
        ),
        pytest.param(
            LINE,
            [],
            {**ASSAULT, "relation": "harmed_person", "same_household": True},
            GOOD,
            id="line: a child, shared home",
        ),
        pytest.param(COURT, [LOCAL, LOCAL_ABUSE], ASSAULT, IDEAL, id="help at court does not step back"),
        pytest.param(NATIONAL, [], SEXUAL, IDEAL, id="national: no local one"),
        pytest.param(NATIONAL, [LOCAL], SEXUAL, GOOD, id="national: second to the local one"),
        pytest.param(NATIONAL, [LOCAL_ABUSE], SEXUAL, IDEAL, id="national: the local one is of another family"),
        pytest.param(NATIONAL, [NO_NUMBER], {**SEXUAL, "urgency": "now"}, IDEAL, id="national: now, no local number"),
        pytest.param(NATIONAL, [NO_NUMBER], SEXUAL, GOOD, id="national: no number, but it can wait"),
        pytest.param(
            {**NATIONAL, "languages": ("bsl",)}, [LOCAL], {**SEXUAL, "language": "bsl"}, IDEAL, id="national: signs"
        ),
        pytest.param({**NATIONAL, "groups": ("lgbt",)}, [LOCAL], SEXUAL, IDEAL, id="national: the group's own"),
        pytest.param(NATIONAL, [LOCAL], {**SEXUAL, "needs": ("suicidal",)}, IDEAL, id="national: a crisis"),
        pytest.param(LOCAL, [NATIONAL, LOCAL_ABUSE], SEXUAL, IDEAL, id="a local one never steps back"),
    ],
)
def test_who_steps_back(
    service: dict[str, Any], others: list[dict[str, Any]], person: dict[str, Any], expected: float
) -> None:
    assert most(service, others, person) == expected
