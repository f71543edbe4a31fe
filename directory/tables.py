"""The record: HSDS 3 tables, and the four of ours (source, revision, outbox, reconcile decision) that keep it true.

Names are HSDS 3.0's. Where HSDS has one null for three meanings, a `*_known` column says which (`values.Known`).
A service row is one source's word; rows that tell of the same service share `same_as_id`, and the index folds them.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Float, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint, true
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

UUID_LENGTH = 36

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the record; constraint names are fixed so that migrations can speak of them."""

    metadata = MetaData(naming_convention=CONVENTION)


def _id() -> Mapped[str]:
    return mapped_column(String(UUID_LENGTH), primary_key=True)


class Source(Base):
    """Who supplies data to us: one row a source, whose `id` is the name used on the command line."""

    __tablename__ = "source"
    id: Mapped[str] = mapped_column(String(60), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    publisher: Mapped[str] = mapped_column(Text)
    licence: Mapped[str] = mapped_column(Text)
    attribution: Mapped[str] = mapped_column(Text, default="")
    last_run_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(String(30), default="", server_default="")
    """How it is read: a name of `ingest.kinds`; "" for a source with an adapter of its own."""
    url: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where it is fetched from; "" for files that are handed in."""
    standing: Mapped[str] = mapped_column(String(10), default="feed", server_default="feed")
    """provider | spoc | register | feed: whose word counts before whose (`feeds.standing`)."""
    every_hours: Mapped[int | None] = mapped_column(Integer)
    """Null: only when a person or a command asks."""
    next_run_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    options: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What its kind needs to know besides: a column mapping, a council the words "city wide" mean."""
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="")
    """Id of the account that added it; "" for those that came with Waymark."""


class Organization(Base):
    """HSDS organization: who delivers a service."""

    __tablename__ = "organization"
    id: Mapped[str] = _id()
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(Text, default="")
    charity_number: Mapped[str] = mapped_column(String(20), default="")


class Service(Base):
    """HSDS service: what is offered, as one source tells it."""

    __tablename__ = "service"
    __table_args__ = (UniqueConstraint("source_id", "source_record_id"),)
    id: Mapped[str] = _id()
    organization_id: Mapped[str] = mapped_column(ForeignKey("organization.id"), index=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    source_record_id: Mapped[str] = mapped_column(String(200))
    same_as_id: Mapped[str | None] = mapped_column(ForeignKey("service.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    kind: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(20))
    status_known: Mapped[str] = mapped_column(String(10))
    minimum_age: Mapped[int | None] = mapped_column(Integer)
    maximum_age: Mapped[int | None] = mapped_column(Integer)
    age_known: Mapped[str] = mapped_column(String(10))
    age_about: Mapped[str] = mapped_column(String(30))
    gender_rule: Mapped[str] = mapped_column(String(10), default="")
    gender_known: Mapped[str] = mapped_column(String(10))
    coverage_known: Mapped[str] = mapped_column(String(10))
    boundary: Mapped[str] = mapped_column(String(12))
    school_stages: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """"P6|P7|S1": `values.SCHOOL_STAGES`."""
    stages_known: Mapped[str] = mapped_column(String(10), default="unknown", server_default="unknown")
    registration: Mapped[str] = mapped_column(String(40), default="", server_default="")
    """"gp|school": where a person must be registered."""
    registration_known: Mapped[str] = mapped_column(String(10), default="unknown", server_default="unknown")
    hours_known: Mapped[str] = mapped_column(String(10), default="unknown", server_default="unknown")
    capacity_state: Mapped[str] = mapped_column(String(20), default="", server_default="")
    """"" | open | waiting_list | full"""
    minimum_weeks: Mapped[int | None] = mapped_column(Integer)
    maximum_weeks: Mapped[int | None] = mapped_column(Integer)
    capacity_as_of: Mapped[str] = mapped_column(String(10), default="", server_default="")
    capacity_expires: Mapped[str] = mapped_column(String(10), default="", server_default="")
    visibility: Mapped[str] = mapped_column(String(12))
    any_harm: Mapped[bool] = mapped_column(default=False)
    crisis: Mapped[bool] = mapped_column(default=False)
    waiting_list: Mapped[str] = mapped_column(String(20), default="")
    not_for_harmed: Mapped[bool] = mapped_column(default=False)
    workers_only: Mapped[bool] = mapped_column(default=False)
    phone_note: Mapped[str] = mapped_column(Text, default="")
    text_or_chat: Mapped[str] = mapped_column(Text, default="")
    alert: Mapped[str] = mapped_column(Text, default="")
    confidence: Mapped[str] = mapped_column(String(20))
    source_url: Mapped[str] = mapped_column(Text, default="")
    as_of: Mapped[str] = mapped_column(String(10), default="")
    content_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the draft: a second run of the same file changes nothing."""
    last_modified: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    listing: Mapped[str] = mapped_column(String(10), default="listed", server_default="listed")
    """listed | unlisted (its source no longer has it: not confirmed) | dropped (for so long that it is inactive)"""
    listed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a whole reading of its source last had it."""
    unlisted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a whole reading of its source first missed it; null while it is listed."""
    group_id: Mapped[str | None] = mapped_column(String(UUID_LENGTH), index=True)
    """Distinct registrations of one service share it, and are shown as one group."""
    organization: Mapped[Organization] = relationship()


class Location(Base):
    """HSDS location: a place. An undisclosed one has no name, no address and no point."""

    __tablename__ = "location"
    id: Mapped[str] = _id()
    location_type: Mapped[str] = mapped_column(String(10))
    visibility: Mapped[str] = mapped_column(String(12))
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    address_1: Mapped[str] = mapped_column(Text, default="")
    address_2: Mapped[str] = mapped_column(Text, default="")
    city: Mapped[str] = mapped_column(Text, default="")
    postal_code: Mapped[str] = mapped_column(String(10), default="")
    state_province: Mapped[str] = mapped_column(String(10), default="")
    """The council area's GSS code."""


class ServiceAtLocation(Base):
    """HSDS service_at_location: a service offered at a place."""

    __tablename__ = "service_at_location"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    location_id: Mapped[str] = mapped_column(ForeignKey("location.id"), index=True)


class ServiceArea(Base):
    """HSDS service_area: where people may come from.

    `extent_type` gss (a code), outcode, or nation (SCOTLAND); health_board or police_division (its name, beside the
    councils it means); school (a seed code).
    """

    __tablename__ = "service_area"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(Text)
    extent: Mapped[str] = mapped_column(String(60))
    extent_type: Mapped[str] = mapped_column(String(20))
    uri: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(Integer, default=0)


class Schedule(Base):
    """HSDS schedule: when. Weekly rows by day and hour; what cannot be read so stays as text (`description`)."""

    __tablename__ = "schedule"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    freq: Mapped[str] = mapped_column(String(10), default="")
    byday: Mapped[str] = mapped_column(String(40), default="")
    opens_at: Mapped[str] = mapped_column(String(8), default="")
    closes_at: Mapped[str] = mapped_column(String(8), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class Phone(Base):
    """HSDS phone, with how well the number is known: hearsay is kept for editors and shown to nobody."""

    __tablename__ = "phone"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    number: Mapped[str] = mapped_column(String(40))
    description: Mapped[str] = mapped_column(Text, default="")
    confidence: Mapped[str] = mapped_column(String(20))


class Language(Base):
    """HSDS language: ISO 639-1, or bsl, interpreter, many."""

    __tablename__ = "language"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(20))
    position: Mapped[int] = mapped_column(Integer, default=0)


class Accessibility(Base):
    """HSDS accessibility: what a place or service offers to people who need it."""

    __tablename__ = "accessibility"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    description: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(50), default="", server_default="")
    """Of the taxonomy "communication"."""
    known: Mapped[str] = mapped_column(String(10), default="stated", server_default="stated")
    """stated: it has this; none: it says that it has not."""
    position: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class ServiceEvidence(Base):
    """What came of referrals to a service: counted by referrals, read when its document is built (`track_record`)."""

    __tablename__ = "service_evidence"
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    referrals: Mapped[int] = mapped_column(Integer)
    """How many the shares are of."""
    replied: Mapped[float] = mapped_column(Float)
    """Share, 0 to 1, that the service answered."""
    first_contact_days: Mapped[float | None] = mapped_column(Float)
    """Median days from referral to first contact; null when there was none."""
    outcomes: Mapped[float] = mapped_column(Float)
    """Share, 0 to 1, that ended in help given."""
    area_mean: Mapped[float] = mapped_column(Float)
    """Mean `track_record.quality` of the services of the same area and main family."""
    as_of: Mapped[str] = mapped_column(String(10))


class TaxonomyTerm(Base):
    """HSDS taxonomy_term: our vocabulary as rows, so that attributes can point at it."""

    __tablename__ = "taxonomy_term"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    """"family/counselling": taxonomy and code."""
    taxonomy: Mapped[str] = mapped_column(String(30), index=True)
    code: Mapped[str] = mapped_column(String(50))
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    parent_id: Mapped[str | None] = mapped_column(ForeignKey("taxonomy_term.id"))


class Attribute(Base):
    """HSDS attribute: links a record to a term. `position` keeps a service's main family first."""

    __tablename__ = "attribute"
    __table_args__ = (Index("ix_attribute_link", "link_type", "link_id"),)
    id: Mapped[str] = _id()
    link_id: Mapped[str] = mapped_column(String(UUID_LENGTH))
    link_type: Mapped[str] = mapped_column(String(30))
    taxonomy_term_id: Mapped[str] = mapped_column(ForeignKey("taxonomy_term.id"), index=True)
    position: Mapped[int] = mapped_column(Integer, default=0)


class Metadata(Base):
    """HSDS metadata: the change record, a line for each field that changed."""

    __tablename__ = "metadata"
    id: Mapped[str] = _id()
    resource_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    resource_type: Mapped[str] = mapped_column(String(30))
    last_action_date: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_action_type: Mapped[str] = mapped_column(String(20))
    field_name: Mapped[str] = mapped_column(String(60))
    previous_value: Mapped[str] = mapped_column(Text, default="")
    replacement_value: Mapped[str] = mapped_column(Text, default="")
    updated_by: Mapped[str] = mapped_column(Text)


class Revision(Base):
    """A service as it stood after a change: what changed, when, who said it."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(20))
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class Outbox(Base):
    """Lines to act on after commit. `done_at` null: waiting. The index is fed from here and nowhere else."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_waiting", "done_at", "id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    topic: Mapped[str] = mapped_column(String(30))
    """"index": the service `key` must be put into, or taken out of, the index."""
    key: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Synonym(Base):
    """A phrase that an editor has given a meaning, beside those of phrases.csv. Never deleted: withdrawn."""

    __tablename__ = "synonym"
    __table_args__ = (UniqueConstraint("folded", "taxonomy", "code"),)
    id: Mapped[str] = _id()
    phrase: Mapped[str] = mapped_column(String(60))
    """As typed."""
    folded: Mapped[str] = mapped_column(Text)
    """As it is looked up: `taxonomy.tokens.fold_words`, with blanks between."""
    taxonomy: Mapped[str] = mapped_column(String(30))
    code: Mapped[str] = mapped_column(String(50))
    note: Mapped[str] = mapped_column(Text, default="")
    status: Mapped[str] = mapped_column(String(10))
    """active | withdrawn"""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    """Id of an account."""


class SynonymRevision(Base):
    """A change to a synonym: who, when, and how it stood before and after. Lines are only ever added."""

    __tablename__ = "synonym_revision"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    synonym_id: Mapped[str] = mapped_column(ForeignKey("synonym.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    action: Mapped[str] = mapped_column(String(10))
    """add | withdraw | restore"""
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any]] = mapped_column(JSON)


class Postcode(Base):
    """Unit postcodes an adopter has loaded (Code-Point Open); empty on a fresh clone, where sectors serve."""

    __tablename__ = "postcode"
    postcode: Mapped[str] = mapped_column(String(8), primary_key=True)
    """Normalised, one space."""
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    council_gss: Mapped[str] = mapped_column(String(9))
    health_board_gss: Mapped[str] = mapped_column(String(9))


class CapacityWord(Base):
    """What a provider last said of whether it takes referrals: newer than its source's word until it expires."""

    __tablename__ = "capacity_word"
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    """open | waiting_list | full"""
    minimum_weeks: Mapped[int | None] = mapped_column(Integer)
    maximum_weeks: Mapped[int | None] = mapped_column(Integer)
    as_of: Mapped[str] = mapped_column(String(10))
    expires: Mapped[str] = mapped_column(String(10))
    said_by: Mapped[str] = mapped_column(String(20))
    """provider: in answer to a referral, or on its own page | spoc"""
