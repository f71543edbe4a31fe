"""What graders gave moves the order, by a bounded amount and by what was said; it rules nobody out."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directory.matching import fit_rules, graders, situation
from directory.matching.candidate import Row
from directory.matching.enquiry import Enquiry
from directory.search.columns import pack
from taxonomy import committed, terms
from tests.builders import a_document

WORDS = ("always", "unclear", "now", "danger")
"""What is known of an enquiry beside harms, needs and facts (`fit.csv`'s concerns)."""


def a_row(**facts: Any) -> Row:
    return Row(**pack(a_document(**facts)), text=0.0)


def lean(row: Row, enquiry: Enquiry) -> float:
    return graders.lean(row, graders.gains(situation.understand(enquiry)))


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Three weights in place of those that were learnt."""
    rows = (("harm:threats", "route:self", 0.4), ("who:parent", "route:self", -0.1), ("always", "any", 9.0))
    table = graders.Table({"route:self": 0, "any": 1}, {})
    numbers = {about: ((table.traits[trait], weight),) for about, trait, weight in rows[:2]}
    monkeypatch.setattr(graders, "table", lambda: graders.Table(table.traits, numbers))
    graders.pick.cache_clear()
    yield
    graders.pick.cache_clear()


@pytest.mark.usefixtures("weights")
@pytest.mark.parametrize(
    ("facts", "routes", "gained"),
    [
        pytest.param({"harms": ("threats",)}, ("self",), 0.4, id="said"),
        pytest.param({"harms": ("threats",), "relation": "parent_carer"}, ("self",), 0.3, id="said by a parent"),
        pytest.param({"harms": ("threats",), "unsure": (("harm:threats", 0.5),)}, ("self",), 0.2, id="only likely"),
        pytest.param({"harms": ("threats",)}, ("professional",), 0.0, id="another kind of door"),
        pytest.param({"harms": ("bullying",)}, ("self",), 0.0, id="another harm"),
    ],
)
def test_what_was_said_lifts_a_kind_of_door(facts: dict[str, Any], routes: tuple[str, ...], gained: float) -> None:
    assert lean(a_row(referral_routes=routes), Enquiry(text="x", **facts)) == pytest.approx(gained)


HARMS = st.sets(st.sampled_from(sorted(terms.load()["harm"].terms)), max_size=6)
NEEDS = st.sets(st.sampled_from(sorted(terms.load()["need"].terms)), max_size=8)


@given(harms=HARMS, needs=NEEDS, helps=HARMS)
def test_a_lean_is_never_more_than_a_third_of_what_an_ideal_service_gains(
    harms: set[str], needs: set[str], helps: set[str]
) -> None:
    enquiry = Enquiry(text="x", harms=tuple(harms - {"any"}), needs=tuple(needs))
    assert -1 <= lean(a_row(harms=tuple(helps)), enquiry) <= 1


def test_every_weight_is_of_something_that_can_be_said_and_of_a_trait_that_a_service_can_have() -> None:
    facts = {f"who:{fact}" for fact in situation.facts(Enquiry(text="x"))}
    concerns = {rule.concern for rule in fit_rules.rules()} | {
        f"{name}:{code}" for name in ("harm", "need") for code in terms.load()[name].terms
    }
    traits = {f"{name}:{code}" for name in graders.MASKS for code in terms.load()[name].terms}
    single = {graders.ANY, *graders.FLAGS, "young", "grown"}
    for row in committed.rows("taxonomy", "graders.csv"):
        assert row["about"] in facts | concerns | set(WORDS), row
        assert row["service"] in traits | single, row
        assert abs(float(row["weight"])) < 1, row
