"""Names that two registers write differently meet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Glasgow Women's Aid Housing Support Unit", "Glasgow Women’s Aid"),
        ("Perthshire Women's Aid - Housing Support.", "Perthshire Women's Aid"),
        ("Border Women's Aid Ltd", "Border Womens Aid"),
        ("Committed to Ending Abuse (CEA) Ltd", "Committed to Ending Abuse (CEA)"),
        ("SAY Women Housing Support Unit", "Say Women"),
        ("Dumfriesshire & Stewartry Women's Aid", "Dumfriesshire and Stewartry Women's Aid"),
        ("Motherwell and District Womans Aid, Incorporated Association", "Motherwell and District Women's Aid"),
        ("Shetland Women's Aid, a Scottish Charitable Incorporated Organisation", "Shetland Women's Aid"),
        ("East Dunbartonshire Women's Aid SCIO Housing Support Service", "East Dunbartonshire Women's Aid"),
        ("Hemat Gryffe Women's Aid - Day Care of Children", "Hemat Gryffe Women's Aid"),
        ("The Number Shop", "Number Shop"),
    ],
)
def test_the_same(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Glasgow Women's Aid", "Glasgow East Women's Aid"), ("Shakti Women's Aid", "Shakti Children's Service")],
)
def test_not_the_same(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


@given(st.text(max_size=60))
def test_a_key_of_a_key_is_itself(name: str) -> None:
    key = names.key(name)
    assert names.key(key) == key or key == names.fold(name)
