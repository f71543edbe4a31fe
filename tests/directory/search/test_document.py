"""A stored document comes back as it went in, whatever it holds."""

import json
from dataclasses import asdict

from hypothesis import given
from hypothesis import strategies as st

from directory.draft import Access, AgeLimit, Coverage, GenderRule
from directory.search.document import ServiceDocument
from directory.values import Point
from tests.builders import a_document

degrees = st.floats(-90, 90, allow_nan=False)
text = st.text(st.characters(codec="utf-8"))
st.register_type_strategy(Point, st.builds(Point, degrees, degrees))
ages = st.none() | st.integers(0, 120)
documents = st.builds(
    ServiceDocument,
    id=st.uuids().map(str),
    name=text,
    description=text,
    also=st.lists(text, max_size=3).map(tuple),
    age=st.builds(AgeLimit, minimum=ages, maximum=ages),
    gender=st.builds(GenderRule),
    coverage=st.builds(Coverage, areas=st.lists(text, max_size=3).map(tuple)),
)


@given(documents)
def test_round_trip(document: ServiceDocument) -> None:
    assert ServiceDocument.from_json(document.to_json()) == document


def test_json_holds_every_field_that_says_something_by_name() -> None:
    document = a_document(also=("f2",), access=Access(("step_free",)))
    whole = json.loads(json.dumps(asdict(document)))
    silent = ("stages", "registration", "hours", "hours_as_of", "capacity", "evidence", "assurance", "over_wide")
    assert json.loads(document.to_json()) == {name: value for name, value in whole.items() if name not in silent}
