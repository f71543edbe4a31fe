"""One-line builders, so that a test says only what it is about: `a_draft(crisis=True)`, `a_document(id=...)`.

Every name, address and number is made up; numbers are from the range Ofcom keeps for drama (01632 960xxx).
"""

import tempfile
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from directory import database, records, settings
from directory.draft import AgeLimit, Coverage, GenderRule, Premises, ServiceDraft
from directory.records import Change, SourceInfo
from directory.search.document import ServiceDocument
from directory.search.telling import Telling
from directory.values import Confidence, Known, Point, Visibility

EDINBURGH = "S12000036"
FIFE = "S12000047"
LEITH = Point(55.9755, -3.1665)

EXACT_PREMISES = Premises(
    visibility=Visibility.EXACT,
    address_1="12 Harbour Row",
    city="Leith",
    postal_code="EH6 5QG",
    council=EDINBURGH,
    point=LEITH,
)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WITHHELD_PREMISES = Premises(visibility=Visibility.UNDISCLOSED)


def a_draft(**changes: Any) -> ServiceDraft:
    """A counselling service in Leith, for Edinburgh, on which everything usual is stated."""
    draft = ServiceDraft(
        source="facts",
        source_id="f900",
        name="Harbour Counselling",
        organization="Harbour Trust",
        description="Counselling for children and young people who have been harmed.",
        families=("counselling", "victim_support"),
        kind="Counselling service",
        needs=("counselling",),
        harms=("physical_harm",),
        delivery=("phone",),
        referral_routes=("self",),
        languages=("en",),
        age=AgeLimit(Known.STATED, 12, 18),
        gender=GenderRule(Known.NONE),
        coverage=Coverage(Known.STATED, (EDINBURGH,)),
        premises=EXACT_PREMISES,
        phone="01632 960001",
        url="https://harbour.example/",
        confidence=Confidence.PAGE_READ,
        source_url="https://harbour.example/about",
        as_of="2024",
    )
    return replace(draft, **changes)


def a_withheld_draft(**changes: Any) -> ServiceDraft:
    """A domestic abuse service whose place, number and pages are withheld."""
    draft = a_draft(
        source_id="f901",
        name="Lighthouse Women's Aid",
        organization="Lighthouse Women's Aid",
        description="Support and refuge for women and children who have been abused.",
        families=("domestic_abuse",),
        kind="Women's Aid group",
        harms=("domestic_abuse",),
        age=AgeLimit(),
        gender=GenderRule(Known.STATED, "female"),
        premises=WITHHELD_PREMISES,
        phone="",
        url="",
        source_url="",
    )
    return replace(draft, **changes)


def a_document(**changes: Any) -> ServiceDocument:
    """What the index holds of `a_draft()`'s service; give each its own `id`, `source_id` and `name`."""
    document = ServiceDocument(
        id="00000000-0000-5000-8000-000000000900",
        source="facts",
        source_id="f900",
        also=(),
        name="Harbour Counselling",
        organization="Harbour Trust",
        description="Counselling for children and young people who have been harmed.",
        kind="Counselling service",
        families=("counselling", "victim_support"),
        needs=("counselling",),
        harms=("physical_harm",),
        any_harm=False,
        relations=(),
        groups=(),
        delivery=("phone",),
        referral_routes=("self",),
        languages=("en",),
        crisis=False,
        age=AgeLimit(Known.STATED, 12, 18),
        gender=GenderRule(Known.NONE),
        coverage=Coverage(Known.STATED, (EDINBURGH,)),
        visibility=Visibility.EXACT,
        point=LEITH,
        address="12 Harbour Row, Leith",
        city="Leith",
        postal_code="EH6 5QG",
        phone="01632 960001",
        phone_note="Not confirmed. Read on a page of 2024.",
        text_or_chat="",
        url="https://harbour.example/",
        status="active",
        status_known=Known.STATED,
        waiting_list="",
        not_for_harmed=False,
        workers_only=False,
        alert="",
        confidence=Confidence.PAGE_READ.value,
        as_of="2024",
        source_url="https://harbour.example/about",
        source_name="Starter directory",
        licence="Facts",
    )
    return replace(document, **changes)


def a_telling(**changes: Any) -> Telling:
    """What the record would hold of `a_draft(**changes)`."""
    return told(a_draft(**changes))


def a_withheld_telling(**changes: Any) -> Telling:
    """What the record would hold of `a_withheld_draft(**changes)`."""
    return told(a_withheld_draft(**changes))


def told(draft: ServiceDraft) -> Telling:
    """A draft as the record gives it back."""
    shared = {field.name: getattr(draft, field.name) for field in fields(Telling) if hasattr(draft, field.name)}
    own = records.service_id(draft.source, draft.source_id)
    return Telling(id=own, source_name="Starter directory", licence="Facts", **shared)


def a_record(home: Path) -> database.Database:
    """A record set up in this folder, SQLite; close it after use."""
    chosen = settings.read({"WAYMARK_HOME": str(home)})
    set_up(chosen)
    return database.open_database(chosen)


def set_up(chosen: settings.Settings) -> None:
    """What `database.migrate` leaves: on SQLite a copy of one made once, for migrating takes half a second."""
    file = chosen.home / "waymark.db"
    if chosen.database_url != f"sqlite:///{file}" or file.exists():
        database.migrate(chosen)
        return
    chosen.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as home:
        chosen = settings.read({"WAYMARK_HOME": home})
        database.migrate(chosen)
        return (Path(home) / "waymark.db").read_bytes()


def write(record: database.Database, *drafts: ServiceDraft, at: datetime = NOON) -> Mapping[Change, int]:
    """Takes drafts of one source into the record, in one transaction."""
    source = drafts[0].source
    with record.session() as session:
        records.ensure_source(session, SourceInfo(source, f"Source {source}", "Somebody", "OGL v3"))
        writer = records.Writer(session, source, at, "test")
        for draft in drafts:
            writer.write(draft)
        return writer.finish()
