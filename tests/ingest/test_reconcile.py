"""Rows of several sources that tell of one service are joined, records that belong together grouped, others never."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import aliased

from directory.database import Database
from directory.feeds import duplicates, joining
from directory.feeds.duplicates import Verdict
from directory.feeds.tables import MatchKey, ReconcileDecision
from directory.records import service_id
from directory.tables import Service
from ingest import match_keys, pipeline, reconcile
from ingest.sources import SOURCES
from tests.builders import NOON, a_draft, write
from tests.ingest.conftest import Loaded
from tests.ingest.tables import a_fact, a_refuge, a_registration, file_of

Clock = Callable[[], datetime]
ORDER = [row.id for row in SOURCES]
ANCHOR = {"ServiceName": "Anchor House Housing Support Service", "ServiceProvider": "Anchor Trust"}
AN_ANCHOR = {"name": "Anchor House", "organisation": "Anchor Trust", "family": "housing"}


def leaders(record: Database) -> dict[str, str]:
    leader = aliased(Service)
    query = select(Service.source_record_id, leader.source_record_id).join(leader, Service.same_as_id == leader.id)
    with record.reading() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def groups(record: Database) -> list[set[str]]:
    found: dict[str, set[str]] = {}
    with record.reading() as session:
        for name, group in session.execute(select(Service.source_record_id, Service.group_id)):
            if group:
                found.setdefault(group, set()).add(name)
    return sorted(found.values(), key=sorted)


def lines(record: Database) -> list[tuple[str, str]]:
    with record.reading() as session:
        return [(row.verdict, row.made_by) for row in session.scalars(select(ReconcileDecision))]


def registered(record: Database, folder: Path, clock: Clock, *rows: dict[str, str]) -> None:
    pipeline.run(record, "care-inspectorate", file_of(folder, *rows), clock)


def told(record: Database, folder: Path, clock: Clock, *rows: dict[str, str]) -> None:
    pipeline.run(record, "facts", file_of(folder, *rows), clock)


def test_the_fact_leads_whichever_comes_first(record: Database, tmp_path: Path, clock: Clock) -> None:
    registered(record, tmp_path, clock, a_registration(CSNumber="CS1", **ANCHOR))
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR))
    assert leaders(record) == {"CS1": "f901"}


def test_a_row_of_a_record_older_than_the_keys_is_found_too(record: Database, tmp_path: Path, clock: Clock) -> None:
    registered(record, tmp_path, clock, a_registration(CSNumber="CS1", **ANCHOR))
    with record.session() as session:
        session.execute(delete(MatchKey))
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR))
    assert leaders(record) == {"CS1": "f901"}


def test_two_kinds_of_registration_are_a_group_and_the_fact_joins_its_own(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    home = {**ANCHOR, "CareService": "Support Service", "Subtype": "Care at Home"}
    registered(
        record, tmp_path, clock, a_registration(CSNumber="CS1", **ANCHOR), a_registration(CSNumber="CS2", **home)
    )
    assert leaders(record) == {}
    assert groups(record) == [{"CS1", "CS2"}]
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR))
    assert leaders(record) == {"CS1": "f901"}
    assert groups(record) == [{"CS1", "CS2", "f901"}]


def test_registered_again_under_a_new_number_is_the_same_service(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    old, new = (
        a_registration(CSNumber="CS1", ServiceStatus="Inactive", **ANCHOR), a_registration(CSNumber="CS2", **ANCHOR)
    )  # fmt: skip
    registered(record, tmp_path, clock, old, new)
    assert leaders(record) == {"CS2": "CS1"}


def test_two_numbers_in_use_are_two_records(record: Database, tmp_path: Path, clock: Clock) -> None:
    rows = [a_registration(CSNumber=one, **ANCHOR) for one in ("CS1", "CS2")]
    registered(record, tmp_path, clock, *rows)
    assert leaders(record) == {}
    assert groups(record) == []


def test_of_two_records_a_row_joins_one_and_is_grouped_with_the_other(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    rows = [
        a_registration(CSNumber=one, ServiceName="Lighthouse Women's Aid", PublicList="No") for one in ("CS1", "CS2")
    ]
    registered(record, tmp_path, clock, *rows)
    told(record, tmp_path, clock, a_refuge())
    assert len(leaders(record)) == 1
    assert groups(record) == [{"CS1", "CS2", "f902"}]


def test_a_second_run_says_nothing_new(record: Database, tmp_path: Path, clock: Clock) -> None:
    registered(record, tmp_path, clock, a_registration(CSNumber="CS1", **ANCHOR))
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR))
    before = lines(record)
    with record.session() as session:
        assert reconcile.join(session, ORDER, NOON) == 0
    assert lines(record) == before
    assert [verdict for verdict, _ in before] == ["same"]


def test_what_is_alike_no_more_is_parted_and_the_ledger_says_so(record: Database, tmp_path: Path, clock: Clock) -> None:
    registered(record, tmp_path, clock, a_registration(CSNumber="CS1", **ANCHOR))
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR))
    told(record, tmp_path, clock, a_fact(name="Rowan Legal Advice", organisation="Rowan", areas="S12000033"))
    assert leaders(record) == {}
    assert [verdict for verdict, _ in lines(record)] == ["same", "distinct"]


@pytest.mark.parametrize("verdict", [Verdict.DISTINCT, Verdict.GROUP])
def test_a_rule_never_overrules_a_person(record: Database, tmp_path: Path, clock: Clock, verdict: Verdict) -> None:
    registered(record, tmp_path, clock, a_registration(CSNumber="CS1", **ANCHOR))
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR))
    one, other = service_id("facts", "f901"), service_id("care-inspectorate", "CS1")
    with record.session() as session:
        how = duplicates.standing(session, one, other)
        assert how is not None
        duplicates.decide(session, one, other, verdict, "an account", NOON, how.last.id)
        joining.settle(session, (one, other), NOON)
    told(record, tmp_path, clock, a_fact(**AN_ANCHOR, url="https://anchor.example"))
    with record.session() as session:
        reconcile.join(session, ORDER, NOON)
    assert leaders(record) == {}
    assert lines(record)[-1] == (verdict, "an account")


def test_a_key_that_many_share_is_none(record: Database, tmp_path: Path, clock: Clock) -> None:
    many = match_keys.MOST + 1
    rows = [
        a_registration(CSNumber=f"CS{n}", ServiceName=f"House {chr(97 + n % 26)}{n}", ServiceProvider=f"Firm {n}x")
        for n in range(many)
    ]
    registered(record, tmp_path, clock, *rows)
    with record.reading() as session:
        phones = session.scalars(select(MatchKey.value).where(MatchKey.kind == "phone")).all()
        assert len(phones) == many
        assert len(set(phones)) == 1
    assert lines(record) == []


def test_a_charity_is_a_key_of_all_its_rows(record: Database, tmp_path: Path, clock: Clock) -> None:
    told(record, tmp_path, clock, a_fact(id="f901", charity_number="SC012345"), a_fact(id="f902", name="Rowan House"))
    with record.reading() as session:
        keys = session.scalars(select(MatchKey.value).where(MatchKey.kind == match_keys.CHARITY)).all()
    assert keys == ["SC012345"] * 2


def test_nothing_of_a_withheld_place_is_a_key_or_evidence(record: Database, tmp_path: Path, clock: Clock) -> None:
    hidden = a_registration(CSNumber="CS1", ServiceName="Lighthouse Women's Aid", PublicList="No")
    registered(record, tmp_path, clock, hidden)
    told(record, tmp_path, clock, a_refuge())
    with record.reading() as session:
        assert set(session.scalars(select(MatchKey.kind))) <= {"name", "word", "number"}
        evidence = str([row.evidence for row in session.scalars(select(ReconcileDecision))])
    for secret in filter(None, (hidden["Service_Postcode"], hidden["Service_Phone_Number"], hidden["Address_line_1"])):
        assert secret not in evidence


def test_what_a_note_names_may_come_later(record: Database, tmp_path: Path, clock: Clock) -> None:
    pipeline.run(record, "facts", file_of(tmp_path, a_fact(id="f903", note="overlaps f901")), clock)
    assert leaders(record) == {}
    pipeline.run(record, "facts", file_of(tmp_path, a_fact(id="f901")), clock)
    assert leaders(record) == {"f903": "f901"}


@pytest.mark.parametrize(("areas", "expected"), [("S12000047", {}), ("", {"f903": "f901"})])
def test_a_row_without_an_area_never_joins_one_that_has(
    record: Database, tmp_path: Path, clock: Clock, areas: str, expected: dict[str, str]
) -> None:
    rows = (a_fact(id="f901", areas=""), a_fact(id="f903", areas=areas, note="overlaps f901"))
    pipeline.run(record, "facts", file_of(tmp_path, *rows), clock)
    assert leaders(record) == expected


REAL = {
    "CS2003051770": "f142", "CS2008171837": "f160", "CS2011280681": "f173", "CS2013321881": "f145",
    "CS2004062530": "f179", "CS2026000219": "f234", "CS2004062368": "f233", "CS2004068972": "f11", "f175": "f11",
    "CS2017362792": "f147", "CS2012307110": "f163", "CS2008169806": "f169", "CS2003053359": "f150",
    "CS2017359299": "f156", "CS2004059312": "f242", "CS2004071634": "f244",
    "f101": "f18", "f113": "f01", "f115": "f43", "f116": "f03", "f123": "f02", "f125": "f07", "f127": "f05",
    "f128": "f04", "f148": "f12", "f182": "f09", "f189": "f46", "f231": "f34", "f283": "f13", "f307": "f37",
    "f308": "f38", "f362": "f25", "f385": "f23",
}  # fmt: skip
GROUPED = (("CS2016349275", "f11"), ("CS2018364568", "f147"), ("CS2012307109", "f163"))
"""Children's services of groups that keep refuges: registered apart."""


@pytest.mark.shared_data
def test_real_services_are_joined(loaded: Loaded) -> None:
    found = leaders(loaded.record)
    assert {one: found.get(one) for one in REAL} == REAL
    assert "f109" not in found
    assert "f36" not in found
    together = groups(loaded.record)
    for one, other in GROUPED:
        assert one not in found
        assert any({one, other} <= each for each in together)


def test_what_a_partner_registered_is_proposed_and_joined_by_no_rule(
    record: Database, tmp_path: Path, clock: Clock
) -> None:
    alike = {"name": "Saltire Listening", "organization": "Saltire Trust", "phone": "01632 960123"}
    write(record, a_draft(source_id="f950", **alike), a_draft(source_id="f951", **alike))
    write(record, a_draft(source="partner", source_id="5e1f", **alike))
    with record.session() as session:
        assert reconcile.join(session, ORDER, NOON) == 1
        standings = duplicates.standings(session)
    assert leaders(record) == {"f951": "f950"}
    theirs = service_id("partner", "5e1f")
    assert [how.counts for pair, how in standings.items() if theirs in pair] == [Verdict.MAYBE, Verdict.MAYBE]
