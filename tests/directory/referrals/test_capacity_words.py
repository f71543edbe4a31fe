"""What a service says of its room: kept until it expires, told to the index, and before its source's older word."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from directory import records
from directory.database import Database
from directory.draft import Capacity
from directory.errors import BadInput, NotFound
from directory.referrals import capacity_words
from directory.search import fold
from directory.tables import CapacityWord, Outbox
from tests.builders import NOON, a_draft, a_record, write
from tests.directory.referrals.builders import SERVICE


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    opened = a_record(tmp_path)
    write(opened, a_draft(capacity=Capacity("open", as_of="2026-11-01")))
    yield opened
    opened.close()


def say(record: Database, state: str = "full", days: int = 0, **said: object) -> None:
    with record.session() as session:
        capacity_words.say(session, SERVICE, state, NOON + timedelta(days=days), **said)  # type: ignore[arg-type]


def shown(record: Database) -> Capacity:
    with record.reading() as session:
        found = fold.document(session, SERVICE)
    assert found is not None
    return found.capacity


def told(record: Database) -> list[str]:
    with record.reading() as session:
        return list(session.scalars(select(Outbox.key)))


def test_its_own_word_stands_before_its_sources_older_one(record: Database) -> None:
    before = len(told(record))
    say(record, expires=date(2026, 12, 20))
    assert shown(record) == Capacity("full", None, None, "2026-11-22", "2026-12-20")
    assert told(record)[before:] == [SERVICE]


def test_a_source_that_speaks_later_is_believed(record: Database) -> None:
    say(record)
    write(record, a_draft(capacity=Capacity("open", as_of="2026-11-23")))
    assert shown(record).state == "open"


def test_on_one_day_its_own_word_counts(record: Database) -> None:
    say(record, "open")
    write(record, a_draft(capacity=Capacity("full", as_of="2026-11-22")))
    assert shown(record).state == "open"


def test_the_last_word_replaces_the_one_before(record: Database) -> None:
    say(record)
    say(record, "waiting_list", days=1, minimum_weeks=5, maximum_weeks=12)
    assert shown(record) == Capacity("waiting_list", 5, 12, "2026-11-23", "2027-01-18")
    with record.reading() as session:
        assert len(session.scalars(select(CapacityWord)).all()) == 1


def test_once_expired_it_is_taken_away_and_the_source_counts_again(record: Database) -> None:
    say(record, expires=date(2026, 12, 20))
    with record.session() as session:
        assert capacity_words.settle(session, NOON + timedelta(days=28)) == 0  # its last day
    before = len(told(record))
    with record.session() as session:
        assert capacity_words.settle(session, NOON + timedelta(days=29)) == 1
    assert shown(record) == Capacity("open", as_of="2026-11-01")
    assert told(record)[before:] == [SERVICE]


def test_a_follower_tells_the_index_of_its_leader(record: Database) -> None:
    write(record, a_draft(source_id="f901", same_as="f900"))
    with record.session() as session:
        capacity_words.say(session, records.service_id("facts", "f901"), "full", NOON)
    assert told(record)[-1] == SERVICE
    assert shown(record).state == "full"


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"state": "closed"}, id="no such state"),
        pytest.param({"minimum_weeks": 12, "maximum_weeks": 5}, id="a band that runs down"),
        pytest.param({"maximum_weeks": 999}, id="too long"),
        pytest.param({"expires": date(2026, 11, 1)}, id="over before it was said"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_kept(record: Database, said: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        say(record, **said)  # type: ignore[arg-type]  # fields by name
    assert shown(record).state == "open"


def test_of_an_unknown_service_nothing_is_kept(record: Database) -> None:
    with pytest.raises(NotFound), record.session() as session:
        capacity_words.say(session, "none", "full", NOON)
