"""The one writer: what a change leaves behind, and what may never be written."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from directory import prepared, records, rows
from directory.database import Database
from directory.draft import (
    Access,
    AgeLimit,
    Capacity,
    Coverage,
    Hours,
    Opening,
    Premises,
    Registration,
    SchoolStages,
    ServiceDraft,
)  # fmt: skip
from directory.errors import NotFound
from directory.records import Change, service_id
from directory.tables import Location, Metadata, Organization, Outbox, Phone, Revision, Service, ServiceArea, Source
from directory.values import Confidence, Known, Visibility
from tests.builders import EDINBURGH, FIFE, LEITH, NOON, a_draft, a_record, a_withheld_draft, write

OWN = service_id("facts", "f900")


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Database]:
    opened = a_record(tmp_path)
    yield opened
    opened.close()


def all_of(record: Database, query: Any) -> list[Any]:
    with record.reading() as session:
        return list(session.scalars(query))


def queued(record: Database) -> list[str]:
    return all_of(record, select(Outbox.key).order_by(Outbox.id))


def test_ids_never_change() -> None:
    assert service_id("facts", "f18") == "4ee5e457-e5ac-5a6e-bb3d-5fbb76eba649"


def test_a_service_is_written_whole(record: Database) -> None:
    write(record, a_draft())
    with record.reading() as session:
        service = session.get_one(Service, OWN)
        assert (service.minimum_age, service.maximum_age, service.age_known) == (12, 18, "stated")
        assert service.organization.name == "Harbour Trust"
        assert session.scalars(select(Phone.number)).all() == ["01632 960001"]
        areas = session.execute(select(ServiceArea.extent, ServiceArea.extent_type)).all()
        assert [tuple(area) for area in areas] == [(EDINBURGH, "gss")]
        revision = session.scalars(select(Revision)).one()
        assert (revision.action, revision.made_by, revision.content["name"]) == ("made", "test", "Harbour Counselling")
        line = session.scalars(select(Metadata)).one()
        assert (line.last_action_type, line.field_name) == ("create", "")
        assert [(line.topic, line.key, line.done_at) for line in session.scalars(select(Outbox))] == [
            ("index", OWN, None)
        ]


def test_a_change_is_noted_field_by_field(record: Database) -> None:
    write(record, a_draft())
    changed = a_draft(age=AgeLimit(Known.STATED, 12, 21), phone="01632 960009")
    assert write(record, changed, at=NOON + timedelta(days=1))[Change.CHANGED] == 1
    with record.reading() as session:
        lines = session.scalars(select(Metadata).where(Metadata.last_action_type == "update"))
        noted = {line.field_name: (line.previous_value, line.replacement_value) for line in lines}
    assert noted == {"age.maximum": ("18", "21"), "phone": ("01632 960001", "01632 960009")}
    assert all_of(record, select(Revision.action).order_by(Revision.id)) == ["made", "changed"]
    assert queued(record) == [OWN, OWN]


def test_one_draft_alone(record: Database) -> None:
    write(record, a_draft())
    with record.session() as session:
        assert records.write(session, a_draft(), NOON, "somebody") is Change.UNCHANGED
        assert records.write(session, a_draft(source_id="f2", same_as="f900"), NOON, "somebody") is Change.MADE
        assert records.write(session, a_draft(name="Harbour"), NOON, "somebody") is Change.CHANGED
        assert session.get_one(Service, service_id("facts", "f2")).same_as_id == OWN


def test_the_same_id_twice_in_a_run_ends_as_the_last(record: Database) -> None:
    counts = write(record, a_draft(), a_draft(name="Harbour House"), a_draft(name="Harbour House"))
    assert counts == {Change.MADE: 1, Change.CHANGED: 1, Change.UNCHANGED: 1}
    assert all_of(record, select(Service.name)) == ["Harbour House"]


def test_drafts_made_ready_before_are_written_as_one_by_one(record: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BATCH", 2)
    write(record, a_draft(source_id="f901"), a_draft(source_id="f902"))
    later = NOON + timedelta(days=1)
    drafts = [
        a_draft(source_id="f901"),
        a_draft(source_id="f902", name="Changed"),
        *(a_draft(source_id=f"f91{number}", charity_number="SC000001") for number in range(3)),
        a_draft(source_id="f911", name="Changed again"),
    ]
    ready = [prepared.prepare(draft, *prepared.fingerprint(draft), later) for draft in drafts]
    with record.session() as session:
        writer = records.Writer(session, "facts", later, "test")
        writer.take_all(ready)
        assert writer.finish() == {Change.MADE: 3, Change.CHANGED: 2, Change.UNCHANGED: 1}
    assert sorted(all_of(record, select(Service.name))) == sorted([a_draft().name] * 3 + ["Changed", "Changed again"])
    assert all_of(record, select(Organization.charity_number)) == ["SC000001"]


def test_rows_of_one_organization_share_it(record: Database) -> None:
    write(record, a_draft(), a_draft(source_id="f2", organization="HARBOUR  Trust", charity_number="SC000001"))
    write(record, a_draft(source_id="f3"))
    with record.reading() as session:
        (organization,) = session.scalars(select(Organization))
    assert (organization.name, organization.charity_number) == ("Harbour Trust", "SC000001")


def test_a_source_is_made_once_and_mended(record: Database) -> None:
    for licence in ("OGL v2", "OGL v3"):
        with record.session() as session:
            records.ensure_source(session, records.SourceInfo("facts", "Facts", "Us", licence))
    with record.session() as session:
        records.record_run(session, "facts", NOON, {"made": 3})
    with record.reading() as session:
        (source,) = session.scalars(select(Source))
    assert (source.licence, source.last_report) == ("OGL v3", {"made": 3})


def test_a_service_is_found_by_either_id(record: Database) -> None:
    write(record, a_draft())
    with record.reading() as session:
        found = [records.get_service(session, name) for name in (OWN, "f900", "f1")]
    assert [service and service.name for service in found] == ["Harbour Counselling", "Harbour Counselling", None]


# Rows that tell of one service


def same_as(record: Database, own: str, leader: str | None) -> bool:
    with record.session() as session:
        return records.set_same_as(session, service_id("facts", own), leader and service_id("facts", leader), NOON)


def joined(record: Database) -> dict[str, str]:
    with record.reading() as session:
        names = dict(iter((row.id, row.source_record_id) for row in session.scalars(select(Service))))
        rows_of = session.scalars(select(Service).where(Service.same_as_id.is_not(None)))
        return {row.source_record_id: names[row.same_as_id or ""] for row in rows_of}


def test_joining_tells_the_index_of_both(record: Database) -> None:
    write(record, *(a_draft(source_id=name) for name in ("a", "b", "c")))
    told = len(queued(record))
    assert same_as(record, "b", "a")
    assert not same_as(record, "b", "a")
    assert joined(record) == {"b": "a"}
    assert queued(record)[told:] == [service_id("facts", "b"), service_id("facts", "a")]


def test_joining_never_makes_chains(record: Database) -> None:
    write(record, *(a_draft(source_id=name) for name in ("a", "b", "c", "d")))
    same_as(record, "b", "a")
    same_as(record, "c", "b")
    assert joined(record) == {"b": "a", "c": "a"}
    same_as(record, "a", "d")
    assert joined(record) == {"a": "d", "b": "d", "c": "d"}
    assert not same_as(record, "d", "a")


def test_setting_apart(record: Database) -> None:
    write(record, *(a_draft(source_id=name) for name in ("a", "b")))
    same_as(record, "b", "a")
    told = len(queued(record))
    assert same_as(record, "b", None)
    assert not same_as(record, "b", None)
    assert joined(record) == {}
    assert queued(record)[told:] == [service_id("facts", "a"), service_id("facts", "b")]


def test_joining_to_nothing_is_refused(record: Database) -> None:
    write(record, a_draft(source_id="a"))
    with pytest.raises(NotFound):
        same_as(record, "a", "nobody")


def test_a_row_that_says_it_repeats_another_is_joined(record: Database) -> None:
    write(record, a_draft(source_id="f101", same_as="f18"), a_draft(source_id="f18"))
    assert joined(record) == {"f101": "f18"}
    write(record, a_draft(source_id="f102", same_as="nobody"))
    assert joined(record) == {"f101": "f18"}
    write(record, a_draft(source_id="f101", name="Harbour House", same_as="f18"))
    assert queued(record)[-1] == service_id("facts", "f18")
    write(record, a_draft(source_id="f101"))
    assert joined(record) == {}


# What may not be written


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"source_id": ""}, "source_id", id="no id"),
        pytest.param({"families": ("charity",)}, "families", id="unknown family"),
        pytest.param({"harms": ("assault",)}, "harms", id="unknown harm"),
        pytest.param({"phone": "0" * 41}, "number", id="long number"),
        pytest.param({"name": "Harbour\x00House"}, "name", id="NUL"),
        pytest.param({"description": "\ud800"}, "description", id="half a character"),
        pytest.param({"as_of": "May 2024"}, "as_of", id="date in words"),
        pytest.param({"as_of": "2024-13"}, "as_of", id="month 13"),
        pytest.param({"age": AgeLimit(Known.STATED, 18, 12)}, "age", id="ages upside down"),
        pytest.param({"source": "schools"}, "source", id="another source"),
    ],
)
def test_a_draft_that_cannot_be_a_row_is_refused_by_field(
    record: Database, changes: dict[str, Any], field: str
) -> None:
    with record.session() as session:
        records.ensure_source(session, records.SourceInfo("facts", "Facts", "Us", "OGL v3"))
        writer = records.Writer(session, "facts", NOON, "test")
        writer.write(a_draft(source_id="f1"))
        with pytest.raises(ValueError, match=f"^{field}: "):
            writer.write(a_draft(**changes))
        assert writer.finish()[Change.MADE] == 1
    assert all_of(record, select(Service.source_record_id)) == ["f1"]


WITHHELD = Premises(Visibility.UNDISCLOSED)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"premises": replace(WITHHELD, address_1="9 Hidden Row")}, id="address_1"),
        pytest.param({"premises": replace(WITHHELD, address_2="Flat 9")}, id="address_2"),
        pytest.param({"premises": replace(WITHHELD, city="Hiddenton")}, id="city"),
        pytest.param({"premises": replace(WITHHELD, postal_code="ZE1 0AA")}, id="postal_code"),
        pytest.param({"premises": replace(WITHHELD, point=LEITH)}, id="point"),
        pytest.param({"phone": "01632 960123"}, id="phone"),
        pytest.param({"url": "https://hidden.example"}, id="url"),
        pytest.param({"source_url": "https://hidden.example"}, id="source_url"),
    ],
)
def test_a_withheld_place_is_never_written(
    record: Database, changes: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    field = request.node.callspec.id
    with pytest.raises(ValueError, match=f"^{field}: a withheld service") as caught:
        write(record, a_withheld_draft(**changes))
    assert not any(word in str(caught.value) for word in ("idden", "ZE1", "960123"))
    assert all_of(record, select(Service.id)) == []


def test_a_place_withheld_later_leaves_the_record(record: Database, tmp_path: Path) -> None:
    place = replace(a_draft().premises, address_1="9 Hidden Row", city="Hiddenton", postal_code="ZE1 0AA")
    open_once = a_draft(
        source_id="f901",
        premises=place,
        phone="01632 960123",
        phone_note="ask for hidden",
        text_or_chat="hidden chat",
        url="https://hidden.example",
        source_url="https://hidden.example/about",
        description="At 9 Hidden Row, Hiddenton.",
    )
    write(record, open_once)
    write(record, replace(open_once, phone="01632 960124"))
    write(record, a_withheld_draft())
    with record.reading() as session:
        told = [
            str(vars(row))
            for table in (Revision, Metadata, Location, Phone, Service)
            for row in session.scalars(select(table))
        ]
    record.close()
    told += [path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if path.suffix == ".db"]
    for word in ("Hidden", "hidden", "ZE1", "960123", "960124", str(LEITH.lat)):
        assert not [row for row in told if word in row], word


# Rules

PHONES = st.sampled_from(["", "01632 960001", "01632 960002"])
DRAFTS = st.builds(
    a_draft,
    source_id=st.sampled_from(["f1", "f2", "f3"]),
    name=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(str.strip),
    phone=PHONES,
    harms=st.lists(st.sampled_from(["threats", "hate", "stalking"]), max_size=3).map(tuple),
    languages=st.lists(st.sampled_from(["en", "bsl", "gd"]), max_size=3).map(tuple),
    coverage=st.sampled_from(
        [a_draft().coverage, replace(a_draft().coverage, areas=(FIFE, "SCOTLAND"), outcodes=("KY1",))]
    ),
    premises=st.sampled_from([a_draft().premises, Premises(), Premises(Visibility.AREA_ONLY, council=FIFE)]),
    confidence=st.sampled_from(Confidence),
    same_as=st.sampled_from(["", "f1", "f2"]),
)


@settings(deadline=None, max_examples=25)  # a record of its own each
@given(drafts=st.lists(DRAFTS, min_size=1, max_size=8))
def test_writing_again_changes_nothing_and_queues_nothing(
    drafts: list[ServiceDraft], tmp_path_factory: pytest.TempPathFactory
) -> None:
    record = a_record(tmp_path_factory.mktemp("record"))
    write(record, *drafts)
    last = list({draft.source_id: draft for draft in drafts}.values())
    before = queued(record)
    assert write(record, *last)[Change.UNCHANGED] == len(last)
    assert queued(record) == before
    assert sorted(all_of(record, select(Service.name))) == sorted(draft.name for draft in last)
    record.close()


def test_content_hash_is_of_every_field() -> None:
    changed = {"crisis": True, "as_of": "2023", "premises": Premises(), "languages": ("en", "bsl"), "alert": "!"}
    digests = {rows.content_hash(rows.content(a_draft(**{name: value}))) for name, value in changed.items()}
    assert len(digests | {rows.content_hash(rows.content(a_draft()))}) == len(changed) + 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        pytest.param({"stages": SchoolStages(Known.STATED, ("P8",))}, "stages", id="no such stage"),
        pytest.param({"stages": SchoolStages(Known.STATED)}, "stages", id="stated, and not which"),
        pytest.param({"registration": Registration(Known.NONE, ("gp",))}, "registration", id="none, and one named"),
        pytest.param({"access": Access(("slide",))}, "access", id="no such access"),
        pytest.param({"hours": Hours(Known.STATED, (Opening("MO", "17:00", "09:00"),))}, "hours", id="closes first"),
        pytest.param({"capacity": Capacity("full")}, "capacity", id="full since when"),
        pytest.param(
            {"coverage": Coverage(Known.STATED, (EDINBURGH,), divisions=("health_board:Lothian",))}, "coverage",
            id="a board without its councils",
        ),
        pytest.param(
            {"coverage": Coverage(Known.STATED, (EDINBURGH,), schools=("Leith",))}, "coverage", id="a school's name"
        ),
    ],
)  # fmt: skip
def test_conditions_that_cannot_be(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        records.check(a_draft(**changes))
