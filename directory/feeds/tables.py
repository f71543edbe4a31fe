"""The rows behind feeds: runs, what was fetched, what people asked for, duplicates decided, and words on what is true.

All but `SourceClaim`, `MatchKey` and `LinkCheck` are lines that are only ever added, or ended once.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Float, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base

DIGEST_LENGTH = 64
"""Hexadecimal SHA-256."""


class IngestRun(Base):
    """One reading of a source, from fetch to record: made + changed + unchanged + held + refused = rows read."""

    __tablename__ = "ingest_run"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    """running | done | held | failed | dry_run | rejected | replaced (a held run overtaken by a newer one)"""
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(Text)
    """schedule, command, or the id of an account."""
    why: Mapped[str] = mapped_column(Text, default="")
    """Why it was held or failed, in words for people."""
    material: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """Parts as received, in order: {"name", "digest", "content_type", "url"}; bytes lie in the raw store."""
    rows_made: Mapped[int] = mapped_column(Integer, default=0)
    rows_changed: Mapped[int] = mapped_column(Integer, default=0)
    rows_unchanged: Mapped[int] = mapped_column(Integer, default=0)
    rows_held: Mapped[int] = mapped_column(Integer, default=0)
    rows_refused: Mapped[int] = mapped_column(Integer, default=0)
    unlisted: Mapped[int] = mapped_column(Integer, default=0)
    """Services that this run no longer found in its source."""
    seconds: Mapped[float] = mapped_column(Float, default=0.0)
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    difference: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """What it would change, for the person who must say yes or no; nothing of a withheld place."""


class Fetched(Base):
    """One answer of a source's server, kept so that the next question can be conditional and a run can be resumed."""

    __tablename__ = "fetched"
    __table_args__ = (Index("ix_fetched_source_id_url_digest", "source_id", "url_digest"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"))
    run_id: Mapped[int] = mapped_column(ForeignKey("ingest_run.id"), index=True)
    url: Mapped[str] = mapped_column(Text)
    url_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH))
    """Of the bytes: their name in the raw store."""
    size: Mapped[int] = mapped_column(Integer)
    """Bytes, unpacked."""
    content_type: Mapped[str] = mapped_column(String(100), default="")
    etag: Mapped[str] = mapped_column(Text, default="")
    last_modified: Mapped[str] = mapped_column(String(40), default="")
    """The server's own header, to be sent back as it came."""
    fetched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class IngestRequest(Base):
    """What a person asks of ingest on a page: it is done by the next worker that looks."""

    __tablename__ = "ingest_request"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), index=True)
    action: Mapped[str] = mapped_column(String(10))
    """run | dry_run | accept | reject | asked"""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("ingest_run.id"))
    """The held run that is accepted or rejected."""
    upload_digest: Mapped[str] = mapped_column(String(DIGEST_LENGTH), default="")
    """The file to read, in the raw store; empty: fetch it from the source's address."""
    upload_name: Mapped[str] = mapped_column(Text, default="")
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    done_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), index=True)
    said: Mapped[str] = mapped_column(Text, default="")
    """What came of it, in a sentence."""


class SourceClaim(Base):
    """Which worker runs a source now: one at a time, and free again when its time is over."""

    __tablename__ = "source_claim"
    source_id: Mapped[str] = mapped_column(ForeignKey("source.id"), primary_key=True)
    claimed_by: Mapped[str] = mapped_column(String(80))
    claimed_until: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MatchKey(Base):
    """A key by which two rows may be found to tell of one service: its number, postcode, host, charity or name."""

    __tablename__ = "match_key"
    __table_args__ = (Index("ix_match_key_kind_value", "kind", "value"),)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(120), primary_key=True)


class ReconcileDecision(Base):
    """Whether two rows tell of one service: what was decided, by whom and why. The last line of a pair counts."""

    __tablename__ = "reconcile_decision"
    __table_args__ = (Index("ix_reconcile_decision_pair", "service_id", "other_id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH))
    """The smaller of the two ids."""
    other_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    verdict: Mapped[str] = mapped_column(String(10))
    """same | group | maybe | distinct | undone"""
    score: Mapped[float] = mapped_column(Float)
    """0 to 1."""
    evidence: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    """Signs for and against, each {"sign", "for", "said"}; nothing of a withheld place."""
    kept: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    """Of a person's merge: field → id of the service whose word is kept."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(60))
    """"rule", or the id of an account: a rule never overrules a person."""
    acted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the record was made to agree with it."""


class Assurance(Base):
    """A word on whether a service's record is true: who says what, when, and of which fields."""

    __tablename__ = "assurance"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    """source_checked | provider_confirmed | spoc_confirmed | contradicted | withdrawn; stale is worked out by date"""
    fields: Mapped[list[str] | None] = mapped_column(JSON)
    """Fields spoken of ("phone"); null: the record as a whole."""
    reason: Mapped[str] = mapped_column(String(30), default="")
    """Of a contradiction: a code of `assurance.REASONS` ("number_dead", "closed", "area_not_served")."""
    made_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    made_by: Mapped[str] = mapped_column(String(60))
    """Source, or the id of an account."""


class LinkCheck(Base):
    """What came of asking a service's web address last."""

    __tablename__ = "link_check"
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id", ondelete="CASCADE"), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    status: Mapped[int] = mapped_column(Integer)
    """HTTP status; 0 when there was no answer."""
    said: Mapped[str] = mapped_column(Text, default="")
    failures: Mapped[int] = mapped_column(Integer, default=0)
    """One after the other, up to now."""
    checked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
