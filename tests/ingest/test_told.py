"""What may be compared of a service, and which rows need no comparing."""

from hypothesis import given
from hypothesis import strategies as st

from directory.feeds.duplicates import Verdict
from ingest import likeness, told
from ingest.told import Told

AREAS = st.sampled_from([frozenset(said.split()) for said in ("", "S12000047", "S12000036", "S12000036 SCOTLAND")])
NUMBERS = ("CS2004000001", "CS2004000002")


@st.composite
def rows(draw: st.DrawFn, number: str) -> Told:
    """A row that may be much like another's: few names, one phone, one postcode."""
    return Told(
        id=number,
        source=draw(st.sampled_from(["facts", "register"])),
        source_id=number,
        name=draw(
            st.sampled_from(["Anchor House", "Anchor House North", "Fife Women's Aid", "Fife Rape Crisis Centre"])
        ),
        organization=draw(st.sampled_from(["Anchor Trust", "Anchor House", ""])),
        kind=draw(st.sampled_from(["", "Housing support service"])),
        families=draw(st.sampled_from([(), ("housing",), ("domestic_abuse",), ("rape_crisis",)])),
        phones=draw(st.sampled_from([frozenset(), frozenset({"01632960001"})])),
        postal_code=draw(st.sampled_from(["", "KY1 1TE"])),
        areas=draw(AREAS),
        withheld=draw(st.booleans()),
        cited=frozenset(draw(st.lists(st.sampled_from(NUMBERS), max_size=1))) - {number},
        official=draw(st.booleans()),
        active=draw(st.booleans()),
    )


@given(rows(NUMBERS[0]), rows(NUMBERS[1]))
def test_rows_that_are_apart_are_always_told_to_be_two(one: Told, other: Told) -> None:
    assert told.are_apart(one, other) == told.are_apart(other, one)
    if told.are_apart(one, other):
        assert likeness.compare(one, other).verdict is Verdict.DISTINCT
