"""What is not asked for again: families of which the first services found are all there are."""

from collections.abc import Mapping

import pytest

from directory.search import reserved
from directory.search.query import Facet
from taxonomy import terms


def mask(*codes: str) -> int:
    return terms.load()["family"].mask(codes)


@pytest.mark.parametrize(
    ("scarce", "passing", "expected"),
    [
        pytest.param(("youth",), {"youth": 2, "housing": 9}, True, id="both are found"),
        pytest.param(("youth",), {"youth": 3}, False, id="one is further down"),
        pytest.param(("youth", "housing"), {"youth": 2, "housing": 2}, False, id="one of two families is not whole"),
        pytest.param(("rape_crisis",), {"youth": 2}, True, id="there is none at all"),
        pytest.param((), {}, True, id="nothing is scarce"),
    ],
)
def test_whether_all_of_a_family_are_found(scarce: tuple[str, ...], passing: Mapping[str, int], expected: bool) -> None:
    masks = [mask("youth"), mask("youth", "housing"), mask("counselling")]
    assert reserved.all_found(scarce, masks, [Facet("family", tuple(passing.items()))]) is expected


def test_without_counts_nobody_knows() -> None:
    assert not reserved.all_found((), [mask("youth")], ())
