"""Facts that decide whom a service takes and when come back from every database as they went in."""

from sqlalchemy import insert, select

from directory import capacity, opening, records
from directory.database import Database
from directory.draft import Access, Coverage, Registration, SchoolStages
from directory.search import fold
from directory.tables import Accessibility, Schedule, ServiceArea, ServiceEvidence
from directory.track_record import Evidence
from directory.values import Known
from tests.builders import a_draft, write

LOTHIAN = ("S12000036", "S12000010", "S12000019", "S12000040")
FULL = a_draft(
    hours=opening.parse("MO,TU 09:00-17:00; SA 10:00-12:00"),
    capacity=capacity.parse("waiting_list 8-12 2026-11-01 2026-12-24"),
    stages=SchoolStages(Known.STATED, ("P6", "P7")),
    registration=Registration(Known.STATED, ("gp", "school")),
    access=Access(("step_free", "bsl"), ("lift",)),
    coverage=Coverage(
        Known.STATED, LOTHIAN, divisions=("health_board:Lothian", "police_division:Edinburgh"), schools=("5530234",)
    ),
)


def test_every_fact_comes_back(record: Database) -> None:
    write(record, FULL)
    with record.reading() as session:
        document = fold.document(session, records.service_id("facts", "f900"))
    assert document is not None
    for name in ("hours", "capacity", "stages", "registration", "access", "coverage"):
        assert getattr(document, name) == getattr(FULL, name), name


def test_new_facts_replace_the_old(record: Database) -> None:
    write(record, FULL)
    write(record, a_draft(hours=opening.parse("evenings")))
    with record.reading() as session:
        (schedule,) = session.scalars(select(Schedule))
        assert (schedule.byday, schedule.description) == ("", "evenings")
        assert not session.scalars(select(Accessibility)).all()
        assert [area.extent for area in session.scalars(select(ServiceArea))] == ["S12000036"]


def test_what_came_of_referrals_outlives_a_change_of_the_service(record: Database) -> None:
    write(record, FULL)
    own = records.service_id("facts", "f900")
    known = Evidence(12, 0.75, 6.0, 0.5, 0.5, "2026-11")
    with record.session() as session:
        session.execute(
            insert(ServiceEvidence).values(
                service_id=own, referrals=12, replied=0.75, first_contact_days=6.0, outcomes=0.5, area_mean=0.5,
                as_of="2026-11",
            )
        )  # fmt: skip
    write(record, a_draft(crisis=True))
    with record.reading() as session:
        document = fold.document(session, own)
    assert document is not None
    assert document.evidence == known
