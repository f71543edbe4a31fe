"""Health boards and police divisions as the councils they hold."""

import pytest

from directory.places import areas, divisions


@pytest.mark.parametrize("kind", divisions.KINDS)
def test_every_council_lies_in_one(kind: str) -> None:
    names = {getattr(area, "health_board" if kind == "health_board" else kind) for area in areas.councils()}
    found = [gss for name in names for gss in divisions.councils(f"{kind}:{name}")]
    assert sorted(found) == [area.gss for area in areas.councils()]


@pytest.mark.parametrize("division", ["health_board:Narnia", "police_division:Narnia", "diocese:Fife"])
def test_none_such(division: str) -> None:
    with pytest.raises(KeyError):
        divisions.councils(division)
