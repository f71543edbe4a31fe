"""What was written since a look at the record, lines that were committed late among it."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from directory.database import Database
from directory.records import INDEX
from directory.search.sight import LATE_LINES, sight, written_since
from directory.tables import Outbox
from tests.builders import NOON, a_record


@pytest.fixture
def record(tmp_path: Path) -> Database:
    return a_record(tmp_path)


def line(session: Session, number: int, topic: str = INDEX) -> None:
    session.add(Outbox(id=number, topic=topic, key=f"service {number}", made_at=NOON))
    session.flush()


def test_what_comes_later_with_a_lower_number_is_written_since(record: Database) -> None:
    with record.session() as session:
        for number in (LATE_LINES, LATE_LINES + 3):
            line(session, number)
        seen = sight(session)
        assert written_since(session, seen) == []
        for number in (4, LATE_LINES + 1, LATE_LINES + 9):
            line(session, number)
        line(session, LATE_LINES + 10, topic="another")
        assert set(written_since(session, seen)) == {f"service {own}" for own in (4, LATE_LINES + 1, LATE_LINES + 9)}
    record.close()


def test_a_line_further_below_than_any_transaction_reaches_was_seen_before(record: Database) -> None:
    with record.session() as session:
        line(session, LATE_LINES + 9)
        seen = sight(session)
        line(session, 9)
        assert written_since(session, seen) == []
    record.close()


def test_an_empty_record_has_nothing_in_sight(record: Database) -> None:
    with record.session() as session:
        seen = sight(session)
        assert (seen.position, seen.ids) == (0, frozenset())
        line(session, 1)
        assert written_since(session, seen) == ["service 1"]
    record.close()
