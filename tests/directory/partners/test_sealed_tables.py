"""Another master key: what partners said is sealed by it too, and no table of theirs is forgotten."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from directory import keys
from directory.keys import Keys
from directory.partners import sealed_tables
from directory.referrals import partner_letters, rotating
from directory.referrals.loop import Loop
from directory.referrals.partner_tables import PartnerLetter
from directory.tables import Base
from tests.directory.partners.partner_builders import MORAG, a_partner, a_registration, codes_to, kept
from tests.directory.referrals.builders import Time, a_loop


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    with a_loop(tmp_path, Time()) as made:
        yield made


def test_what_partners_said_is_read_by_the_new_key_alone(loop: Loop, tmp_path: Path) -> None:
    inside = a_partner(loop, MORAG).inside
    before = a_registration(loop, inside)
    rotating.rotate(loop, tmp_path / "key", lambda _: None, sealed_tables.OWN)
    both = keys.open_keys(tmp_path / "key")
    own = replace(loop, keys=Keys("k2", {"k2": both.masters["k2"]}))
    assert kept(own, inside, before.id).answers == before.answers
    assert codes_to(own, MORAG)


def test_every_table_of_partners_with_sealed_columns_is_named() -> None:
    known = {mapper.class_ for mapper in Base.registry.mappers}
    tables = {table for table in known if table.__module__.startswith("directory.partners")}
    sealed = {table for table in tables if any(each.name.endswith("_sealed") for each in table.__table__.columns)}
    assert sealed == set(sealed_tables.OWN)
    assert PartnerLetter.__tablename__ == partner_letters.TABLE
