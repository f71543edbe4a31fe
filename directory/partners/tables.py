"""The rows behind partners: who they are, what they registered, who checked and agreed it, and how they come in.

What may name a person or a place, and addresses, is sealed under the installation's key: columns named `*_sealed`.
"""

from datetime import datetime

from sqlalchemy import DateTime, ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base

HASH_LENGTH = 64


def _id() -> Mapped[str]:
    return mapped_column(String(UUID_LENGTH), primary_key=True)


def _moment() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True))


def _maybe() -> Mapped[datetime | None]:
    return mapped_column(DateTime(timezone=True))


def _code(length: int = 30) -> Mapped[str]:
    return mapped_column(String(length), default="", server_default="")


def _sealed() -> Mapped[bytes | None]:
    return mapped_column(LargeBinary)


class Partner(Base):
    """An organization that keeps its own services true here, since its first registration was agreed."""

    __tablename__ = "partner"
    id: Mapped[str] = _id()
    name: Mapped[str] = mapped_column(Text)
    charity_number: Mapped[str] = _code(20)
    made_at: Mapped[datetime] = _moment()
    closed_at: Mapped[datetime | None] = _maybe()


class PartnerMember(Base):
    """Somebody who acts for a partner, or is invited to. One mailbox is a member of a partner once at most."""

    __tablename__ = "partner_member"
    id: Mapped[str] = _id()
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    account_id: Mapped[str | None] = mapped_column(ForeignKey("account.id"), index=True)
    """Their account, with its second factor; None until they have set it up."""
    role: Mapped[str] = _code(10)
    """owner | editor | answerer"""
    email_sealed: Mapped[bytes | None] = _sealed()
    email_mac: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True)
    """`mailbox_codes.mac`: finds the member of a mailbox without reading it."""
    name_sealed: Mapped[bytes | None] = _sealed()
    invited_at: Mapped[datetime] = _moment()
    invited_by: Mapped[str] = _code(UUID_LENGTH)
    """A member's id; of the first owner that of the account that agreed second."""
    joined_at: Mapped[datetime | None] = _maybe()
    left_at: Mapped[datetime | None] = _maybe()
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class PartnerService(Base):
    """A service that a partner keeps true: registered here, or claimed of the record with the same proof."""

    __tablename__ = "partner_service"
    __table_args__ = (UniqueConstraint("partner_id", "service_id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id"), index=True)
    how: Mapped[str] = _code(10)
    """registered | claimed"""
    since: Mapped[datetime] = _moment()
    ended_at: Mapped[datetime | None] = _maybe()


class Registration(Base):
    """What somebody writes of an organization and its services, until two people have agreed it, and after."""

    __tablename__ = "registration"
    id: Mapped[str] = _id()
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    """"KX4821TP": to be read out on the phone."""
    email_mac: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True)
    email_sealed: Mapped[bytes | None] = _sealed()
    """The mailbox that was proved before its first page; codes to come back go there and nowhere else."""
    partner_id: Mapped[str | None] = mapped_column(ForeignKey("partner.id"), index=True)
    """Of a partner that is one already; set when the first is agreed."""
    claims_service_id: Mapped[str] = _code(UUID_LENGTH)
    """A service of the record that they say is theirs; "" for a new one."""
    answers_sealed: Mapped[bytes | None] = _sealed()
    """JSON of `answers.Answers`: all that was typed. None once erased."""
    state: Mapped[str] = _code(12)
    """draft | submitted | returned | approved | refused | withdrawn"""
    said_sealed: Mapped[bytes | None] = _sealed()
    """What staff said when they sent it back or refused it."""
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    """Of the answers: goes up with each change, so that what was checked and agreed is what is published."""
    made_at: Mapped[datetime] = _moment()
    changed_at: Mapped[datetime] = _moment()
    submitted_at: Mapped[datetime | None] = _maybe()
    decided_at: Mapped[datetime | None] = _maybe()
    erased_at: Mapped[datetime | None] = _maybe()


class RegistrationCheck(Base):
    """One check of a registration; a later one of the same kind stands before an earlier."""

    __tablename__ = "registration_check"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"), index=True)
    kind: Mapped[str] = _code()
    """charity_number | call_back | referral_mailbox | areas | duplicates"""
    result: Mapped[str] = _code(20)
    """passed | failed"""
    found_at: Mapped[str] = mapped_column(String(300), default="", server_default="")
    """Where the number was found that was rung; the register that was looked in."""
    about_mac: Mapped[str] = _code(HASH_LENGTH)
    """Of the mailbox that was proved, the number or charity number that was checked: another value is unchecked."""
    by: Mapped[str] = _code(UUID_LENGTH)
    """An account's id; "" where nobody of staff was needed."""
    at: Mapped[datetime] = _moment()


class RegistrationApproval(Base):
    """One person's agreement with one version of a registration; two of different people publish it."""

    __tablename__ = "registration_approval"
    __table_args__ = (UniqueConstraint("registration_id", "version", "account_id"),)
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registration.id"), index=True)
    version: Mapped[int] = mapped_column(Integer)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = _moment()


class PartnerSession(Base):
    """A browser that has asked for a code to a mailbox, or has given it and so acts for that mailbox for a while."""

    __tablename__ = "partner_session"
    id: Mapped[str] = _id()
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    kind: Mapped[str] = _code(10)
    """mailbox: what was typed, for an hour | phone: room alone, for months"""
    email_mac: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True)
    email_sealed: Mapped[bytes | None] = _sealed()
    started_at: Mapped[datetime] = _moment()
    last_seen_at: Mapped[datetime] = _moment()
    proved_at: Mapped[datetime | None] = _maybe()
    ended_at: Mapped[datetime | None] = _maybe()
    wrong_tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")


class PartnerCode(Base):
    """A one-time code sent to a mailbox, bound to the browser that asked for it."""

    __tablename__ = "partner_code"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("partner_session.id"), index=True)
    email_mac: Mapped[str] = mapped_column(String(HASH_LENGTH), index=True)
    """Of the mailbox it went to: mostly the session's own, or the one where referrals are to go."""
    code_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    made_at: Mapped[datetime] = _moment()
    expires_at: Mapped[datetime] = _moment()
    used_at: Mapped[datetime | None] = _maybe()


class EditSample(Base):
    """An edit of a partner that went live at once, and that staff look at afterwards: which fields, not their words."""

    __tablename__ = "edit_sample"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    service_id: Mapped[str] = mapped_column(ForeignKey("service.id"), index=True)
    partner_id: Mapped[str] = mapped_column(ForeignKey("partner.id"), index=True)
    account_id: Mapped[str] = mapped_column(ForeignKey("account.id"))
    fields: Mapped[str] = mapped_column(String(600), default="", server_default="")
    """Names of fields of `ServiceDraft`, joined by "|"."""
    made_at: Mapped[datetime] = _moment()
    result: Mapped[str] = _code(10)
    """"" | fine | wrong"""
    seen_by: Mapped[str] = _code(UUID_LENGTH)
    seen_at: Mapped[datetime | None] = _maybe()
