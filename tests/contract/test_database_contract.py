"""What the record promises on every database: SQLite always, PostgreSQL when WAYMARK_TEST_DATABASE_URL names one.

On PostgreSQL each test works in a database of its own, made and dropped in tests/postgresql.py.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from directory import records, unit_postcodes
from directory.database import Database
from directory.places.gazetteer import UnitPostcode
from directory.records import Change
from directory.search import claims, fold
from directory.settings import Settings
from directory.tables import Base, Location, Outbox, Revision, Service, Source, TaxonomyTerm
from directory.values import Point
from taxonomy import terms
from tests.builders import EDINBURGH, LEITH, NOON, a_draft, a_withheld_draft, write

RUN = 40
"""Drafts in one run of the killed writer."""

KILLED = """
import sys
from directory import database, records, settings
from tests.builders import NOON, a_draft
records.BATCH = 7  # parts of a run reach the database before it is whole
record = database.open_database(settings.read())
for run in range(1000):
    with record.session() as session:
        records.ensure_source(session, records.SourceInfo("facts", "Facts", "Somebody", "OGL v3"))
        writer = records.Writer(session, "facts", NOON, "test")
        for number in range({run}):
            writer.write(a_draft(source_id=f"{{run}}/{{number}}"))
            print("wrote", run, flush=True)
        writer.finish()
    print("kept", run, flush=True)
"""


def count(record: Database, table: type[Base]) -> int:
    with record.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_revisions_make_the_tables(record: Database) -> None:
    with record.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_draft_comes_back_as_it_was_told(record: Database) -> None:
    draft = a_draft(alert="Ring first – «ask»", text_or_chat="Text 01632 960002", relations=("sibling",))
    write(record, draft)
    with record.reading() as session:
        document = fold.document(session, records.service_id("facts", "f900"))
    assert document
    assert (document.name, document.families, document.harms) == (draft.name, draft.families, draft.harms)
    assert (document.age, document.gender, document.coverage) == (draft.age, draft.gender, draft.coverage)
    assert (document.point, document.postal_code, document.phone) == (LEITH, "EH6 5QG", draft.phone)
    assert (document.alert, document.text_or_chat) == (draft.alert, draft.text_or_chat)


def test_a_second_run_changes_nothing(record: Database) -> None:
    drafts = [a_draft(source_id=f"f{number}") for number in range(30)] + [a_withheld_draft()]
    assert write(record, *drafts) == {Change.MADE: 31, Change.CHANGED: 0, Change.UNCHANGED: 0}
    before = {table: count(record, table) for table in (Outbox, Revision, Location, TaxonomyTerm)}
    assert write(record, *drafts) == {Change.MADE: 0, Change.CHANGED: 0, Change.UNCHANGED: 31}
    assert {table: count(record, table) for table in before} == before


def test_every_field_may_change(record: Database) -> None:
    write(record, a_draft(), a_draft(source_id="f2"))
    moved = a_draft(
        organization="Another Trust", premises=replace(a_draft().premises, address_1="3 Quay Lane"), languages=("bsl",)
    )
    assert write(record, moved, a_draft(source_id="f2"))[Change.CHANGED] == 1
    with record.reading() as session:
        document = fold.document(session, records.service_id("facts", "f900"))
    assert document
    assert (document.organization, document.languages) == ("Another Trust", ("bsl",))
    assert document.address == "3 Quay Lane, Leith"
    assert count(record, Location) == 2


def test_an_error_undoes_the_whole_run(record: Database) -> None:
    write(record, a_draft())
    held = [count(record, table) for table in (Service, Revision, Outbox, Source)]
    with pytest.raises(ValueError, match="as_of"):
        write(record, a_draft(source_id="f1"), a_draft(source_id="f2", as_of="last May"))
    assert [count(record, table) for table in (Service, Revision, Outbox, Source)] == held


def test_foreign_keys_are_kept(record: Database) -> None:
    orphan = text("INSERT INTO language (id, service_id, code, position) VALUES ('a', 'nobody', 'en', 0)")
    with record.engine.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(orphan)


def test_terms_are_made_once(record: Database) -> None:
    with record.session() as session:
        made = records.sync_terms(session)
    assert made == sum(len(taxonomy.terms) for taxonomy in terms.load().values())
    with record.session() as session:
        assert records.sync_terms(session) == 0


def test_a_reader_sees_one_moment(record: Database) -> None:
    write(record, a_draft())
    with record.reading() as session:
        before = session.scalar(select(func.count()).select_from(Service))
        write(record, a_draft(source_id="f2"))
        assert session.scalar(select(func.count()).select_from(Service)) == before == 1
    assert count(record, Service) == 2


def test_a_second_writer_waits_and_does_not_fail(record: Database) -> None:
    write(record, a_draft())
    with record.session() as session:
        first = records.Writer(session, "facts", NOON, "test")
        first.write(a_draft(source_id="f2"))
        other = threading.Thread(target=write, args=(record, a_draft(source_id="f3", source="more")))
        other.start()
        first.finish()
    other.join(timeout=60)
    assert count(record, Service) == 3


def test_unit_postcodes_are_replaced_whole(record: Database) -> None:
    lookup = unit_postcodes.PostcodeLookup(record)
    assert (lookup.loaded, lookup("EH6 5QG")) == (False, None)
    leith = UnitPostcode("EH6 5QG", LEITH, EDINBURGH, "S08000024")
    nowhere = UnitPostcode("EH6 5QH", None, "", "")
    told: list[int] = []
    assert unit_postcodes.import_units(record, iter((leith, nowhere)), told.append) == 2
    assert (lookup.loaded, told) == (True, [2])
    assert (lookup("EH6 5QG"), lookup("EH6 5QH"), lookup("EH6 5QJ")) == (leith, nowhere, None)

    def cut_short() -> Iterator[UnitPostcode]:
        yield UnitPostcode("KY1 1AA", Point(56.1, -3.1), EDINBURGH, "S08000029")
        raise EOFError

    with pytest.raises(EOFError):
        unit_postcodes.import_units(record, cut_short())
    assert (lookup("EH6 5QG"), lookup("KY1 1AA")) == (leith, None)


def test_a_writer_that_is_killed_leaves_whole_runs_only(chosen: Settings, record: Database) -> None:
    environment = {**os.environ, "WAYMARK_HOME": str(chosen.home), "WAYMARK_DATABASE_URL": chosen.database_url}
    moments = random.Random(7)  # where the kills fall, the same each time
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED.format(run=RUN)], env=environment, stdout=subprocess.PIPE, text=True
        )
        assert child.stdout
        kept: set[str] = set()
        with child.stdout as output:
            for _ in range(moments.randrange(1, 4 * RUN)):
                what, run = output.readline().split()
                if what == "kept":
                    kept.add(run)
            child.send_signal(signal.SIGKILL)
            child.wait()
        with record.reading() as session:
            services = set(session.scalars(select(Service.source_record_id)))
            revisions = session.scalar(select(func.count()).select_from(Revision))
            queued = session.scalar(select(func.count()).select_from(Outbox))
        runs = Counter(name.partition("/")[0] for name in services)
        assert set(runs.values()) <= {RUN}
        assert kept <= runs.keys()
        assert revisions == queued == len(services)


def test_two_workers_never_take_the_same_line(record: Database) -> None:
    write(record, *(a_draft(source_id=f"f{number}") for number in range(6)))
    with claims.claim(record, 4) as first, claims.claim(record, 4) as second:
        assert len(first.lines.ids) == 4
        assert not set(first.lines.ids) & set(second.lines.ids)
        first.done(NOON)
    with claims.claim(record, 10) as rest:
        assert len(rest.lines.ids) == 2


def test_a_services_later_line_waits_for_the_earlier(record: Database) -> None:
    write(record, a_draft(source_id="f1"))
    with claims.claim(record, 10) as first:
        write(record, a_draft(source_id="f1", name="Harbour House"), a_draft(source_id="f2"))
        with claims.claim(record, 10) as second:
            assert records.service_id("facts", "f1") not in second.lines.keys
        first.done(NOON)
    with claims.claim(record, 10) as after:
        assert records.service_id("facts", "f1") in after.lines.keys


def test_a_claim_left_undone_waits_for_the_next(record: Database) -> None:
    write(record, a_draft(source_id="f1"))
    with claims.claim(record, 10) as dies:
        taken = dies.lines
    with claims.claim(record, 10) as another:
        assert another.lines == taken
