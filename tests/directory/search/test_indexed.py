"""What is indexed of a document: nothing of a withheld place, and coverage as terms."""

import json

import pytest

from directory.draft import AgeLimit, Coverage
from directory.search.analysis import tokens
from directory.search.indexed import coverage_terms, indexed, key, stored
from directory.values import Boundary, Known, Visibility
from tests.builders import EDINBURGH, FIFE, a_document

PLANTED = {"address": "7 Zanzibar Wynd", "city": "Quarrybrae", "postal_code": "KY99 9ZZ"}


def test_nothing_of_a_withheld_place_is_indexed_or_stored() -> None:
    refuge = a_document(visibility=Visibility.UNDISCLOSED, **PLANTED)
    written = json.dumps(indexed(refuge)) + stored(refuge)
    for word in ("anzibar", "uarrybr", "KY99", "ky99", str(round(55.9755 * 1_000_000)), "55.9755"):
        assert word not in written


def test_a_published_place_is_indexed() -> None:
    fields = indexed(a_document(**PLANTED))
    assert fields["place"] == " ".join(tokens(" ".join(PLANTED.values())))
    assert "quarrybra" in str(fields["body"])


@pytest.mark.parametrize(
    ("coverage", "terms"),
    [
        pytest.param(Coverage(Known.STATED, (FIFE,)), [f"r:{FIFE}"], id="a council"),
        pytest.param(
            Coverage(Known.STATED, (FIFE, EDINBURGH), (), Boundary.EITHER),
            [f"r:{FIFE}", f"r:{EDINBURGH}", f"h:{FIFE}", f"h:{EDINBURGH}"],
            id="either place",
        ),
        pytest.param(
            Coverage(Known.STATED, (EDINBURGH,), ("EH6", "EH7"), Boundary.HARM_PLACE),
            [f"hp:{EDINBURGH}", f"ho:{EDINBURGH}/EH6", f"ho:{EDINBURGH}/EH7"],
            id="a part",
        ),
        pytest.param(Coverage(Known.STATED, ("SCOTLAND",)), ["SCOTLAND"], id="nation"),
        pytest.param(Coverage(Known.NONE), ["SCOTLAND"], id="no limit"),
        pytest.param(Coverage(), ["unknown"], id="unknown"),
        pytest.param(Coverage(Known.STATED), ["unknown"], id="said to be stated, and is not"),
    ],
)
def test_coverage_terms(coverage: Coverage, terms: list[str]) -> None:
    assert coverage_terms(a_document(coverage=coverage)) == terms


def test_only_the_age_of_the_person_helped_rules_anybody_out() -> None:
    own = indexed(a_document(age=AgeLimit(Known.STATED, 8, 17)))
    other = indexed(a_document(age=AgeLimit(Known.STATED, 8, 17, "child_who_harmed")))
    assert (own["fit_min"], own["fit_max"]) == (8, 17)
    assert (other["fit_min"], other["fit_max"]) == (0, 255)


def test_keys_order_as_ids_do() -> None:
    ids = ["00000000-0000-5000-8000-000000000900", "7f000000-0000-5000-8000-000000000000"]
    assert key(ids[0]) < key(ids[1]) < 2**63
    assert 0 <= key("not a uuid, but an id") < 2**63


def test_pupils_of_some_schools() -> None:
    by_school = Coverage(Known.STATED, (EDINBURGH,), schools=("5530234", "5530331"))
    assert coverage_terms(a_document(coverage=by_school)) == [f"rs:{EDINBURGH}", "s:5530234", "s:5530331"]
    both = Coverage(Known.STATED, (EDINBURGH,), boundary=Boundary.BOTH)
    assert coverage_terms(a_document(coverage=both)) == [f"r:{EDINBURGH}"]
