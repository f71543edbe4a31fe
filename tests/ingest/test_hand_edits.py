"""A hand edit and the next reading of the source: it stays until the source says something new or a person lets go.

A place that a person makes confidential is in nothing that is written, whatever its source goes on telling.
"""

import logging
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from directory.clock import Clock
from directory.database import Database
from directory.editing import proposals
from directory.editing.tables import HandEdit
from directory.errors import BadInput
from directory.feeds.runs import State
from directory.records import service_id
from directory.search import fold
from ingest import pipeline
from tests.builders import NOON
from tests.directory.editing.builders import ANN, ages, approved, edited, now, shown, viewed
from tests.ingest.tables import a_centre, a_fact, a_refuge, file_of
from tests.ingest.test_withheld import CANARIES, crumbs, open_row_of

OWN = service_id("facts", "f901")
CENTRE = open_row_of("edinburgh-community-centres", "Lantern House")
CENTRE_ID = service_id("edinburgh-community-centres", "edcc:Lantern House")


def told(record: Database, folder: Path, clock: Clock, **cells: str) -> None:
    report = pipeline.run(record, "facts", file_of(folder, a_fact(**cells), name="facts.csv"), clock)
    assert report.state is State.DONE, report.why


def ended(record: Database) -> list[tuple[str, str]]:
    """The edits that count no longer: field, and what ended it."""
    with record.reading() as session:
        rows = session.scalars(select(HandEdit).where(HandEdit.ended_at.is_not(None)).order_by(HandEdit.id)).all()
        return [(row.field, row.ended_by) for row in rows]


def test_it_stays_through_a_reading_that_says_what_it_said(record: Database, tmp_path: Path, clock: Clock) -> None:
    told(record, tmp_path, clock)
    edited(record, own=OWN, description="Our words.")
    approved(record, edited(record, own=OWN, age=ages(5, 30)).proposal)
    told(record, tmp_path, clock)
    told(record, tmp_path, clock, note="something else is new", languages="en|pl")
    assert shown(record, OWN).description == "Our words."
    assert shown(record, OWN).age.maximum == 30
    assert shown(record, OWN).languages == ("en", "pl")


def test_the_source_says_something_new_of_the_field(record: Database, tmp_path: Path, clock: Clock) -> None:
    told(record, tmp_path, clock)
    approved(record, edited(record, own=OWN, age=ages(5, 30)).proposal)
    edited(record, own=OWN, languages=["gd"])
    told(record, tmp_path, clock, max_age="21")
    assert (shown(record, OWN).age.minimum, shown(record, OWN).age.maximum) == (12, 21)
    assert shown(record, OWN).languages == ("gd",)
    assert ended(record) == [("age", "ingest:facts")]


def test_once_the_source_says_the_same_it_speaks_for_itself_again(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    told(record, tmp_path, clock)
    edited(record, own=OWN, languages=["gd"], description="Our words.")
    told(record, tmp_path, clock, languages="gd")
    assert shown(record, OWN).languages == ("gd",)
    assert ended(record) == [("languages", "ingest:facts")]
    told(record, tmp_path, clock)
    assert shown(record, OWN).languages == ("en",)
    assert shown(record, OWN).description == "Our words."


def test_a_reading_that_is_not_written_ends_nothing(record: Database, tmp_path: Path, clock: Clock) -> None:
    told(record, tmp_path, clock)
    edited(record, own=OWN, languages=["gd"])
    again = file_of(tmp_path, a_fact(languages="gd"), name="facts.csv")
    assert pipeline.run(record, "facts", again, clock, dry_run=True).state is State.DRY_RUN
    assert ended(record) == []
    told(record, tmp_path, clock)
    assert shown(record, OWN).languages == ("gd",)


def test_a_person_lets_go(record: Database, tmp_path: Path, clock: Clock) -> None:
    told(record, tmp_path, clock)
    edited(record, own=OWN, languages=["gd"])
    with record.session() as session:
        proposals.propose_let_go(session, OWN, "languages", ANN, NOON)
    assert shown(record, OWN).languages == ("en",)
    told(record, tmp_path, clock)
    assert shown(record, OWN).languages == ("en",)


def written(record: Database) -> str:
    """Every value of every table."""
    with record.reading() as session:
        tables = inspect(session.connection()).get_table_names()
        return "\n".join(str(row) for name in tables for row in session.execute(text(f'SELECT * FROM "{name}"')))


def test_a_place_made_confidential_by_hand_is_in_nothing_written(
    record: Database, tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pipeline.run(record, "edinburgh-community-centres", file_of(tmp_path, CENTRE, name="told.csv"), clock)
    assert crumbs(written(record)) != []
    edited(record, own=CENTRE_ID, description=f"Beside {CANARIES['town']}.")
    waiting = edited(record, own=CENTRE_ID, phone_note=f"At {CANARIES['address']}")
    sent = edited(
        record, own=CENTRE_ID, premises={"visibility": "undisclosed"}, public_name="Support for families in Edinburgh"
    )
    assert sent.withheld
    assert waiting.proposal
    assert crumbs(written(record)) == []
    again = file_of(tmp_path, CENTRE | {"Key Activities": "Talking. New words."}, name="again.csv")
    assert pipeline.run(record, "edinburgh-community-centres", again, clock).state is State.DONE
    assert crumbs(written(record)) == []
    with record.reading() as session:
        (document,) = fold.documents(session)
    assert (document.visibility, document.name) == ("undisclosed", "Support for families in Edinburgh")
    assert crumbs(caplog.text) == []
    with record.session() as session:
        number = proposals.propose_let_go(session, CENTRE_ID, "premises", ANN, NOON).proposal
    approved(record, number)
    assert not now(record, CENTRE_ID).withheld


def test_what_was_set_while_it_was_open_is_not_laid_over_a_place_its_source_withholds(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    told(record, tmp_path, clock, phone="", url="")
    edited(record, own=OWN, alert=f"Ring at {CANARIES['address']}.", url=CANARIES["page"])
    waiting = edited(record, own=OWN, phone=CANARIES["phone"]).proposal or 0
    told(record, tmp_path, clock, phone="", url="", confidential_place="yes")
    assert now(record, OWN).withheld
    assert crumbs(written(record)) == []
    assert viewed(record, waiting).line.state == "outdated"
    with record.session() as session, pytest.raises(BadInput):
        proposals.propose_let_go(session, OWN, "alert", ANN, NOON)


def test_what_was_set_while_it_was_open_goes_when_another_source_withholds_it(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    centre = file_of(tmp_path, a_centre(Name="Lantern House"), name="open.csv")
    pipeline.run(record, "edinburgh-community-centres", centre, clock)
    edited(record, own=CENTRE_ID, alert=f"Ring at {CANARIES['address']}.")
    refuge = file_of(tmp_path, a_refuge(name="Lantern House", areas="S12000036"), name="hidden.csv")
    assert pipeline.run(record, "facts", refuge, clock).protected == 1
    assert crumbs(written(record)) == []
    pipeline.run(record, "edinburgh-community-centres", centre, clock)
    assert now(record, CENTRE_ID).withheld
    assert crumbs(written(record)) == []
