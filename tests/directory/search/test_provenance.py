"""Who says what of a service: whose word is shown, what the others say, and nothing of a withheld place."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from directory.draft import AgeLimit
from directory.search import fold
from directory.search.provenance import FieldWord, provenance
from directory.search.telling import Telling
from directory.values import Confidence, Known
from tests.builders import WITHHELD_PREMISES, a_telling


def said(*rows: Telling) -> dict[str, FieldWord]:
    return {each.name: each for each in provenance(rows)}


def a_row(own: str, standing: str, phone: str, **more: Any) -> Telling:
    usual = {"standing": standing, "phone": phone, "as_of": "2020", "confidence": Confidence.REGISTER}
    return replace(a_telling(), id=own, **{**usual, **more})


RANKED = ("provider", "spoc", "register", "feed")


@pytest.mark.parametrize(("better", "worse"), [*pairwise(RANKED)])
def test_the_better_source_counts_though_the_other_is_later(better: str, worse: str) -> None:
    rows = [a_row("b", worse, "01632 960002", as_of="2026"), a_row("a", better, "01632 960001")]
    assert said(*rows)["phone"].shown.words == "01632 960001"
    document = fold.fold(rows)
    assert document is not None
    assert document.phone == "01632 960001"


def test_between_a_page_and_a_register_the_later_counts() -> None:
    page = a_row("a", "feed", "01632 960001", confidence=Confidence.PAGE_READ)
    register = a_row("b", "register", "01632 960002", as_of="2026-05")
    assert said(page, register)["phone"].shown.words == "01632 960002"
    assert said(replace(page, as_of="2026-06"), register)["phone"].shown.words == "01632 960001"


def test_what_a_person_chose_stands_above_all() -> None:
    rows = [a_row("a", "provider", "01632 960001"), a_row("b", "feed", "01632 960002", kept={"phone": 7})]
    found = said(*rows)["phone"]
    assert (found.shown.words, found.chosen) == ("01632 960002", True)
    assert [each.words for each in found.others] == ["01632 960001"]
    document = fold.fold(rows)
    assert document is not None
    assert document.phone == "01632 960002"


def test_the_safe_age_counts_whoever_says_it() -> None:
    wide, narrow = AgeLimit(Known.STATED, 0, 25), AgeLimit(Known.STATED, 12, 18)
    document = fold.fold([a_row("a", "provider", "", age=wide), a_row("b", "feed", "", age=narrow)])
    assert document is not None
    assert (document.age.minimum, document.age.maximum) == (12, 18)


def test_nothing_is_overwritten_silently() -> None:
    found = said(a_row("a", "register", "01632 960001"), a_row("b", "feed", "01632 960002"))["phone"]
    assert found.is_disputed
    assert [(each.service_id, each.words) for each in found.others] == [("b", "01632 960002")]


def test_of_a_withheld_place_no_field_is_told() -> None:
    found = said(a_row("a", "feed", "01632 960001"), a_row("b", "register", "", premises=WITHHELD_PREMISES))
    assert not {"premises", "phone", "url", "description", "hours", "text_or_chat"} & found.keys()
    assert "name" in found
