"""What is said of services, scored, listed and followed: the same on every database."""

from datetime import timedelta

import anyio
import pytest

from directory import records
from directory.database import Database
from directory.errors import Conflict
from directory.feeds import assurance, changes, credits, links, quality
from directory.feeds.assurance import Rhythm, State
from directory.feeds.changes import Kind
from directory.feeds.tables import LinkCheck
from directory.feeds.troubles import troubles
from directory.search import fold, record_view
from tests.builders import NOON, a_draft, a_withheld_draft, write

OWN, HIDDEN = records.service_id("facts", "f900"), records.service_id("facts", "f901")
DAY = timedelta(days=1)


@pytest.fixture
def record(record: Database) -> Database:
    write(record, a_draft(), a_withheld_draft())
    write(record, a_draft(phone="01632 960002", status="inactive"), at=NOON + DAY)
    write(record, a_draft(phone="01632 960002"), at=NOON + 2 * DAY)
    return record


def test_words_are_kept_and_folded(record: Database) -> None:
    with record.session() as session:
        assert record_view.say(session, OWN, "number_dead", "01632 960002", "ann", NOON + 3 * DAY)
        assert not record_view.say(session, OWN, "number_dead", "01632960002", "ann", NOON + 3 * DAY)
        assert assurance.set_rhythm(session, OWN, Rhythm(6, 1), "ann", NOON + 3 * DAY)
        with pytest.raises(Conflict):
            record_view.say(session, OWN, "number_works", "01632 960001", "ann", NOON + 3 * DAY)
    with record.reading() as session:
        doc = fold.document(session, OWN)
        seen = record_view.view(session, OWN)
    assert doc is not None
    assert (doc.phone, doc.assurance.state) == ("", State.CONTRADICTED)
    assert (seen.assured.by, seen.rhythm, len(seen.words), len(seen.changes)) == ("ann", Rhythm(6, 1), 3, 4)


def test_a_change_of_its_source_ends_a_doubt(record: Database) -> None:
    with record.session() as session:
        record_view.say(session, OWN, "number_dead", "01632 960002", "ann", NOON + 3 * DAY)
    write(record, a_draft(phone="01632 960003"), at=NOON + 4 * DAY)
    with record.reading() as session:
        (word,) = assurance.words(session, [OWN])[OWN]
    assert word.ended_at == NOON + 4 * DAY


def test_quality_troubles_and_credits(record: Database) -> None:
    with record.session() as session:
        session.add(LinkCheck(service_id=OWN, url="https://harbour.example/", status=404, failures=2, checked_at=NOON))
    with record.reading() as session:
        scores = quality.of_services(session, [OWN, HIDDEN], NOON)
        (facts,) = quality.of_sources(session, NOON)
        (found,) = troubles(session)
        (credit,) = credits.of_service(session, OWN)
    assert set(scores) == {OWN, HIDDEN}
    assert facts.rows == 2
    assert (found.service_id, found.what) == (OWN, "link")
    assert credit.licence == "OGL v3"


def test_changes_are_followed_newest_first(record: Database) -> None:
    with record.reading() as session:
        found = changes.newest(session)
        before = changes.newest(session, found[1].id, 1)
    assert [(each.kind, each.withheld) for each in found] == [
        (Kind.BACK, False), (Kind.CLOSED, False), (Kind.MADE, True), (Kind.MADE, False),
    ]  # fmt: skip
    assert found[1].fields == ("phone", "status")
    assert before == found[2:3]


def test_links_of_which_none_answers_are_kept_as_failed(record: Database) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        return ["10.0.0.1"]

    done = anyio.run(links.check, record, NOON, 5, links.Surroundings(resolve=resolve))
    assert (done.asked, done.failed) == (1, 1)
