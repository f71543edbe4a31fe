"""Records to be looked at: told wrong before link, before old, before never confirmed; by council and family."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from directory.database import Database
from directory.editing import stale
from directory.editing.stale import Page, Why
from directory.feeds import assurance
from directory.feeds.assurance import State
from directory.feeds.quality import BROKEN_AFTER
from directory.feeds.tables import LinkCheck
from directory.records import service_id
from tests.builders import EDINBURGH, FIFE, NOON, a_draft, a_record, write

NAMES = ("closed", "wrong", "link", "old", "never", "fresh")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    made = a_record(tmp_path)
    write(made, *(a_draft(source_id=name, name=name, as_of="2020") for name in NAMES))
    with made.session() as session:
        for name, state, days, reason in (
            ("fresh", State.SPOC_CONFIRMED, 10, ""),
            ("old", State.SPOC_CONFIRMED, 500, ""),
            ("wrong", State.CONTRADICTED, 5, "number_dead"),
            ("closed", State.CONTRADICTED, 5, "closed_by_provider"),
        ):
            assurance.say(session, own(name), state, "provider", NOON - timedelta(days=days), reason=reason)
        session.add(LinkCheck(service_id=own("link"), url="", status=404, failures=BROKEN_AFTER, checked_at=NOON))
    yield made
    made.close()


def own(name: str) -> str:
    return service_id("facts", name)


def listed(record: Database, months: int = 12, council: str = "", family: str = "", page: int = 1) -> Page:
    with record.reading() as session:
        return stale.listed(session, NOON, months, council, family, page)


def names(found: Page) -> list[str]:
    return [line.name for line in found.lines]


def test_the_worst_comes_first_and_what_is_fresh_is_not_there(record: Database) -> None:
    found = listed(record)
    assert names(found) == ["closed", "wrong", "link", "old", "never"]
    assert found.count == 5
    assert found.counts[Why.CLOSED] == found.counts[Why.NEVER] == 1


def test_the_months_decide_what_is_old(record: Database) -> None:
    assert "old" not in names(listed(record, months=24))


def test_area_and_family_narrow_it(record: Database) -> None:
    assert names(listed(record, council=FIFE)) == []
    assert len(names(listed(record, council=EDINBURGH, family="counselling"))) == 5
    assert names(listed(record, family="youth")) == []


def test_a_confirmation_takes_it_off_the_list(record: Database) -> None:
    with record.session() as session:
        assurance.say(session, own("never"), State.SPOC_CONFIRMED, "ann", NOON)
    assert "never" not in names(listed(record))
