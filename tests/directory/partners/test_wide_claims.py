"""Areas far beyond what is known of an organization are asked about, with reasons in words; modest claims are not."""

from typing import Any

import pytest

from directory.draft import Coverage, Premises
from directory.partners import wide_claims
from directory.places import areas
from directory.values import Known, Visibility
from tests.builders import EDINBURGH, FIFE, a_draft

ALL = tuple(area.gss for area in areas.councils())
HIDDEN = Premises(Visibility.UNDISCLOSED)
NO_DOOR = Premises(Visibility.AREA_ONLY)


def reasons(codes: tuple[str, ...], recorded: tuple[str, ...] = (), **changes: Any) -> tuple[str, ...]:
    draft = a_draft(**{"url": "", **changes, "coverage": Coverage(Known.STATED, codes)})
    found = wide_claims.judged(draft, frozenset(recorded))
    return found.reasons if found else ()


@pytest.mark.parametrize(
    ("codes", "changes"),
    [
        pytest.param((EDINBURGH,), {}, id="its own council"),
        pytest.param((EDINBURGH, *areas.neighbours(EDINBURGH)), {}, id="and those beside it"),
        pytest.param(ALL[:3], {"premises": NO_DOOR}, id="three, and nothing is known"),
        pytest.param((FIFE,), {"name": "Fife Listening"}, id="what its name says"),
    ],
)
def test_a_modest_claim_is_not_asked_about(codes: tuple[str, ...], changes: dict[str, Any]) -> None:
    assert reasons(codes, **changes) == ()


def test_what_a_name_and_a_door_say_is_set_beside_the_claim() -> None:
    (first, *_) = reasons(("SCOTLAND",), name="Fife Listening", url="https://www.moraylistening.example/")
    assert "all of Scotland" in first
    for words in ("its door is in City of Edinburgh", "its name speaks of Fife", "its web address speaks of Moray"):
        assert words in first


def test_one_door_cannot_serve_the_country() -> None:
    assert any("one door" in reason for reason in reasons(ALL[:8], delivery=("in_person",), recorded=ALL))
    assert not any("one door" in reason for reason in reasons(ALL[:8], delivery=("in_person", "phone"), recorded=ALL))


def test_a_helpline_that_no_list_knows_is_asked_about_and_a_known_one_is_not() -> None:
    (said,) = reasons(("SCOTLAND",), premises=NO_DOOR, delivery=("phone",))
    assert "no list of ours shows it at work so widely" in said
    assert reasons(("SCOTLAND",), recorded=ALL, premises=NO_DOOR, delivery=("phone",)) == ()


def test_of_a_confidential_place_nothing_is_asked() -> None:
    said = " ".join(reasons(("SCOTLAND",), premises=HIDDEN, delivery=("residential",), phone=""))
    assert "door" not in said
    assert "nothing of it is by phone or online" in said


def test_where_no_area_is_stated_nothing_is_claimed() -> None:
    assert wide_claims.judged(a_draft(coverage=Coverage()), frozenset()) is None


def test_to_say_that_there_is_no_limit_is_to_claim_the_whole_country() -> None:
    found = wide_claims.judged(a_draft(url="", coverage=Coverage(Known.NONE), delivery=("in_person",)), frozenset())
    assert found is not None
    assert found.councils == len(ALL)
    assert "one door in City of Edinburgh" in " ".join(found.reasons)
