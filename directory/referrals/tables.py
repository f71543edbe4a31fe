"""The rows behind a case: what is personal is sealed (`sealing`), what is counted stays as codes.

Columns named `*_sealed` hold AES-GCM under the subject's own key; destroying that key erases them all. Every other
column holds ids, codes and times only. `state` columns repeat what the events say: `moves` writes both in one
transaction.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, ForeignKey, Index, Integer, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from directory.tables import UUID_LENGTH, Base

HASH_LENGTH = 64
"""SHA-256 or HMAC-SHA-256 in hexadecimal."""


def _id() -> Mapped[str]:
    return mapped_column(String(UUID_LENGTH), primary_key=True)


def _number() -> Mapped[int]:
    return mapped_column(Integer, primary_key=True, autoincrement=True)


def _moment() -> Mapped[datetime]:
    return mapped_column(DateTime(timezone=True))


def _maybe() -> Mapped[datetime | None]:
    return mapped_column(DateTime(timezone=True))


def _code(length: int = 30) -> Mapped[str]:
    return mapped_column(String(length), default="", server_default="")


def _sealed() -> Mapped[bytes | None]:
    return mapped_column(LargeBinary)


def _false() -> Mapped[bool]:
    return mapped_column(Boolean, default=False, server_default=text("false"))


class Subject(Base):
    """Somebody whose data we keep, under a random id: their key, wrapped by one that is not in the record."""

    __tablename__ = "subject"
    id: Mapped[str] = _id()
    wrapped_key: Mapped[bytes | None] = _sealed()
    """None once erased: nothing sealed under it can be read again."""
    key_id: Mapped[str] = _code()
    made_at: Mapped[datetime] = _moment()
    erased_at: Mapped[datetime | None] = _maybe()
    held_at: Mapped[datetime | None] = _maybe()
    """Since when an inquiry or court asks that nothing of theirs be erased."""


class Case(Base):
    """One person's contact with the single point of contact. Codes in clear are those counted; the rest is sealed."""

    __tablename__ = "case"
    id: Mapped[str] = _id()
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    """"KX4821TP": random, for the SPOC and the person alone; providers get their own."""
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    opened_at: Mapped[datetime] = _moment()
    opened_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    lead_worker: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="", index=True)
    relation: Mapped[str] = _code()
    """Of the taxonomy "relation"."""
    age_band: Mapped[str] = _code(10)
    """`codes`: under_12, 12_15, 16_17, 18_25, 26_over."""
    council: Mapped[str] = _code(9)
    """GSS code of where they live."""
    harm_council: Mapped[str] = _code(9)
    harms: Mapped[str] = mapped_column(Text, default="", server_default="")
    """"sexual_harm|threats": taxonomy "harm"."""
    languages: Mapped[str] = _code(80)
    access: Mapped[str] = _code(120)
    """`values.ACCESS_NEEDS`, joined by "|"."""
    harmed_under_12: Mapped[bool | None] = mapped_column(Boolean)
    harmed_by_under_12: Mapped[bool | None] = mapped_column(Boolean)
    """Whether the child who harmed was under 12: then there is no offence. Unknown is None. Two flags, never mixed."""
    safety_flag: Mapped[bool] = _false()
    restricted: Mapped[bool] = _false()
    from_agency: Mapped[str] = _code()
    enquiry_sealed: Mapped[bytes | None] = _sealed()
    """JSON of the facts the matcher is asked with, no words of the person."""
    closed_at: Mapped[datetime | None] = _maybe()
    erased_at: Mapped[datetime | None] = _maybe()
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class Person(Base):
    """What we know of the person, each field sealed. `date_of_birth`, address and school never leave the record."""

    __tablename__ = "person"
    id: Mapped[str] = _id()
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), unique=True)
    name_sealed: Mapped[bytes | None] = _sealed()
    """Name to use."""
    full_name_sealed: Mapped[bytes | None] = _sealed()
    date_of_birth_sealed: Mapped[bytes | None] = _sealed()
    address_sealed: Mapped[bytes | None] = _sealed()
    postcode_sealed: Mapped[bytes | None] = _sealed()
    school_sealed: Mapped[bytes | None] = _sealed()
    account_sealed: Mapped[bytes | None] = _sealed()
    """What they told us, so that they need not tell it twice."""
    passphrase_sealed: Mapped[bytes | None] = _sealed()
    """argon2id of the passphrase they chose: guards withdrawal and reopening by phone."""
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class SafeContact(Base):
    """How a person may be reached, and how never. A change adds a row; the one not superseded holds."""

    __tablename__ = "safe_contact"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    channel: Mapped[str] = _code(12)
    """phone | text | email | post | worker | none; "none": contact nobody, silence all."""
    value_sealed: Mapped[bytes | None] = _sealed()
    """The number or address."""
    from_hour: Mapped[int] = mapped_column(Integer, default=9, server_default="9")
    until_hour: Mapped[int] = mapped_column(Integer, default=17, server_default="17")
    """Local hours between which they may be contacted."""
    days: Mapped[str] = _code(20)
    """"MO|TU": empty is any day."""
    voicemail: Mapped[str] = _code(12)
    """never | say_nothing | name_only"""
    may_text: Mapped[bool] = _false()
    who_must_not_know_sealed: Mapped[bytes | None] = _sealed()
    note_sealed: Mapped[bytes | None] = _sealed()
    recorded_at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    superseded_at: Mapped[datetime | None] = _maybe()


class Exclusion(Base):
    """A service, organization or worker never to be shown, sent to or offered. What, never why or about whom."""

    __tablename__ = "exclusion"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    service_id: Mapped[str] = _code(UUID_LENGTH)
    organization_id: Mapped[str] = _code(UUID_LENGTH)
    named_sealed: Mapped[bytes | None] = _sealed()
    """A worker, or a place, as the person named it."""
    origin: Mapped[str] = _code(10)
    """person | provider (it answered that it supports somebody else)"""
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    lifted_at: Mapped[datetime | None] = _maybe()


class Need(Base):
    """What the person needs help with. The loop belongs to it: a referral may end, the need stays open."""

    __tablename__ = "need"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    need: Mapped[str] = _code(50)
    """Of the taxonomy "need"."""
    state: Mapped[str] = mapped_column(String(10), index=True)
    """open | in_hand | met | resting | ended"""
    review_on: Mapped[date | None] = mapped_column(Date)
    ended_reason: Mapped[str] = _code()
    """died | duplicate | moved"""
    opened_at: Mapped[datetime] = _moment()
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class CaseEvent(Base):
    """Whatever happened on a case outside its referrals: moves of needs, agreements, contacts. Lines are only added."""

    __tablename__ = "case_event"
    id: Mapped[int] = _number()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    object_type: Mapped[str] = _code()
    """case | need | agreement | signpost | safe_contact | …: a table's name"""
    object_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    event: Mapped[str] = _code()
    at: Mapped[datetime] = _moment()
    actor_kind: Mapped[str] = _code(12)
    actor_id: Mapped[str] = _code(UUID_LENGTH)
    state_from: Mapped[str] = _code(20)
    state_to: Mapped[str] = _code(20)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Codes, dates and ids only."""
    note_sealed: Mapped[bytes | None] = _sealed()


class Agreement(Base):
    """What a person agreed to: one recipient, purposes and categories, for a time (referrals.md, section 9)."""

    __tablename__ = "agreement"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    controller: Mapped[str] = mapped_column(Text)
    """The organization that answers for the data there, by name."""
    about: Mapped[str] = _code()
    given_by: Mapped[str] = _code()
    """self | parental_responsibilities | carer_or_authority | guardian_or_attorney"""
    evidence_seen: Mapped[str] = _code()
    capacity_basis: Mapped[str] = _code()
    """presumed_12_over | understanding_recorded | adult | with_support"""
    child_view: Mapped[str] = _code()
    how: Mapped[str] = _code()
    wording: Mapped[str] = _code(60)
    """Id, version and hash of what was read out: "refer 1 4f2a…"."""
    wording_format: Mapped[str] = _code()
    language: Mapped[str] = _code(10)
    purposes: Mapped[str] = _code(120)
    categories: Mapped[str] = _code(120)
    """identity|contact|need|access|risk_flag|notes"""
    feedback: Mapped[str] = _code(12)
    """none | attended | outcome: what the provider may tell us"""
    share_back: Mapped[bool] = _false()
    safe_contact_id: Mapped[str] = _code(UUID_LENGTH)
    exclusions_checked_at: Mapped[datetime | None] = _maybe()
    article_6: Mapped[str] = _code(60)
    article_9: Mapped[str] = _code(60)
    article_10: Mapped[str] = _code(60)
    valid_from: Mapped[datetime] = _moment()
    review_by: Mapped[date] = mapped_column(Date)
    withdrawn_at: Mapped[datetime | None] = _maybe()
    withdrawn_by: Mapped[str] = _code(UUID_LENGTH)
    withdrawn_how: Mapped[str] = _code()
    recorded_at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    superseded_at: Mapped[datetime | None] = _maybe()


class Mailbox(Base):
    """Where referrals to a service may go: trusted only when two people and a call-back have proved it."""

    __tablename__ = "mailbox"
    id: Mapped[str] = _id()
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    address_sealed: Mapped[bytes | None] = _sealed()
    """Under the installation's key: no personal data, but nobody else's business."""
    second_sealed: Mapped[bytes | None] = _sealed()
    """Second contact, for the second chaser."""
    proposed_at: Mapped[datetime] = _moment()
    proposed_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    number_found_at: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Where the number that was called back came from, independently of who asked: a page or register."""
    called_back_at: Mapped[datetime | None] = _maybe()
    first_approver: Mapped[str] = _code(UUID_LENGTH)
    first_approved_at: Mapped[datetime | None] = _maybe()
    second_approver: Mapped[str] = _code(UUID_LENGTH)
    verified_at: Mapped[datetime | None] = _maybe()
    usable_from: Mapped[datetime | None] = _maybe()
    """48 hours after it was verified; before that only with a supervisor."""
    confirmed_at: Mapped[datetime | None] = _maybe()
    """Last proved to be theirs: verified, or a code sent there came back."""
    terms_agreed_on: Mapped[date | None] = mapped_column(Date)
    """Day of the data-sharing terms with this provider."""
    replaced_at: Mapped[datetime | None] = _maybe()
    bounced_at: Mapped[datetime | None] = _maybe()
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class Referral(Base):
    """One person to one service. `reference` is the provider's own and random: nothing joins two providers' records."""

    __tablename__ = "referral"
    __table_args__ = (Index("ix_referral_live", "need_id", "service_id", "state"),)
    id: Mapped[str] = _id()
    reference: Mapped[str] = mapped_column(String(8), unique=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("need.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    service_name: Mapped[str] = mapped_column(Text)
    organization: Mapped[str] = mapped_column(Text)
    """As they were called when it was written."""
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """`values.ServiceSnapshot`: the service as it was shown."""
    alternatives: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """`next_best.Alternative`s as ranked and explained at the last sending or refresh, best first."""
    alternatives_at: Mapped[datetime | None] = _maybe()
    state: Mapped[str] = mapped_column(String(16), index=True)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    episode: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    attempt: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    urgency: Mapped[str] = _code(10)
    """now | days | weeks; the first two are urgent."""
    phone_hand_over_at: Mapped[datetime | None] = _maybe()
    """Urgency now is never a referral alone: when somebody was told by phone."""
    agreement_id: Mapped[str] = _code(UUID_LENGTH)
    mailbox_id: Mapped[str] = _code(UUID_LENGTH)
    override_reason: Mapped[str] = _code()
    notes_sealed: Mapped[bytes | None] = _sealed()
    """Agreed with the person word for word; shown to the provider once it has accepted."""
    made_at: Mapped[datetime] = _moment()
    made_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    worker: Mapped[str] = mapped_column(String(UUID_LENGTH), index=True)
    """To whom replies and silence come back."""
    stage_at: Mapped[datetime] = _moment()
    """When it came into the state it is in."""
    held_until: Mapped[datetime | None] = _maybe()
    """Nothing leaves before this: it can be recalled."""
    due_on: Mapped[date | None] = mapped_column(Date)
    """Day that the provider named: first contact, next update."""
    review_on: Mapped[date | None] = mapped_column(Date)
    """Of one that is paused."""
    decline_reason: Mapped[str] = _code(4)
    may_contact_again: Mapped[bool | None] = mapped_column(Boolean)
    disposed_at: Mapped[datetime | None] = _maybe()
    erased_at: Mapped[datetime | None] = _maybe()


class ReferralEvent(Base):
    """Everything that ever happened to a referral, in order: the truth that `Referral.state` repeats. Only added to."""

    __tablename__ = "referral_event"
    __table_args__ = (Index("uq_referral_event_referral_id_seq", "referral_id", "seq", unique=True),)
    id: Mapped[int] = _number()
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"))
    seq: Mapped[int] = mapped_column(Integer)
    """The referral's version that it made: two writers of one version cannot both be there."""
    event: Mapped[str] = _code(20)
    """`lifecycle.Event`"""
    at: Mapped[datetime] = _moment()
    actor_kind: Mapped[str] = _code(12)
    actor_id: Mapped[str] = _code(UUID_LENGTH)
    link_session_id: Mapped[str] = _code(UUID_LENGTH)
    """Of a provider: the session that was proved."""
    state_from: Mapped[str] = _code(16)
    state_to: Mapped[str] = _code(16)
    episode: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Codes, dates and ids only."""
    note_sealed: Mapped[bytes | None] = _sealed()


class Task(Base):
    """Something a worker must do because of what happened. What time alone makes due is worked out when read."""

    __tablename__ = "task"
    id: Mapped[int] = _number()
    kind: Mapped[str] = _code()
    """`codes`, list task"""
    case_id: Mapped[str] = _code(UUID_LENGTH)
    referral_id: Mapped[str] = _code(UUID_LENGTH)
    service_id: Mapped[str] = _code(UUID_LENGTH)
    object_id: Mapped[str] = _code(UUID_LENGTH)
    """Of anything else it is about: a signpost, a hand-in, a mailbox."""
    assigned_to: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="", index=True)
    made_at: Mapped[datetime] = _moment()
    due_at: Mapped[datetime] = _moment()
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    done_at: Mapped[datetime | None] = _maybe()
    done_by: Mapped[str] = _code(UUID_LENGTH)


class Signpost(Base):
    """A person was told of a service and goes there themselves: nothing of theirs leaves; we ask how it went."""

    __tablename__ = "signpost"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    need_id: Mapped[str] = mapped_column(ForeignKey("need.id"), index=True)
    service_id: Mapped[str] = mapped_column(String(UUID_LENGTH))
    service_name: Mapped[str] = mapped_column(Text)
    given_at: Mapped[datetime] = _moment()
    given_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    ask_on: Mapped[date | None] = mapped_column(Date)
    """The day the person chose; None: they want no question."""
    state: Mapped[str] = _code(24)
    """given | followed_up | no_follow_up_wanted"""
    answer: Mapped[str] = _code()
    """reached | tried_no_answer | did_not_try | needs_referral"""
    answered_at: Mapped[datetime | None] = _maybe()
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class Locator(Base):
    """A link in a message: it finds one referral for one mailbox and proves nothing."""

    __tablename__ = "locator"
    id: Mapped[str] = _id()
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    referral_id: Mapped[str] = mapped_column(ForeignKey("referral.id"), index=True)
    mailbox_id: Mapped[str] = mapped_column(ForeignKey("mailbox.id"), index=True)
    to_second: Mapped[bool] = _false()
    made_at: Mapped[datetime] = _moment()
    expires_at: Mapped[datetime] = _moment()
    revoked_at: Mapped[datetime | None] = _maybe()
    wrong_tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    locked_at: Mapped[datetime | None] = _maybe()
    snoozed_at: Mapped[datetime | None] = _maybe()


class LinkSession(Base):
    """A browser at a locator. Before the code it can only ask for one; after it, for one referral and a short time."""

    __tablename__ = "link_session"
    id: Mapped[str] = _id()
    token_hash: Mapped[str] = mapped_column(String(HASH_LENGTH), unique=True)
    locator_id: Mapped[str] = mapped_column(ForeignKey("locator.id"), index=True)
    started_at: Mapped[datetime] = _moment()
    last_seen_at: Mapped[datetime] = _moment()
    proved_at: Mapped[datetime | None] = _maybe()
    ended_at: Mapped[datetime | None] = _maybe()
    typed_name_sealed: Mapped[bytes | None] = _sealed()
    """Of who answers there, as typed; under the installation's key."""
    account_id: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="", index=True)
    """Of somebody of a partner, whose account with its second factor stands in for the code; else ""."""


class LinkCode(Base):
    """A one-time code sent to the mailbox that the directory holds, bound to the browser that asked."""

    __tablename__ = "link_code"
    id: Mapped[int] = _number()
    link_session_id: Mapped[str] = mapped_column(ForeignKey("link_session.id"), index=True)
    locator_id: Mapped[str] = mapped_column(ForeignKey("locator.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    code_sealed: Mapped[bytes | None] = _sealed()
    """Under the installation's key until its message has been handed over; None after."""
    made_at: Mapped[datetime] = _moment()
    expires_at: Mapped[datetime] = _moment()
    used_at: Mapped[datetime | None] = _maybe()


class Notice(Base):
    """A message that must leave, written in the transaction that needs it. Its text is a template's and is not kept."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_waiting", "settled_at", "due_at", "id"),)
    id: Mapped[int] = _number()
    template: Mapped[str] = _code()
    """A name of `notices.TEMPLATES`"""
    mailbox_id: Mapped[str] = _code(UUID_LENGTH)
    to_second: Mapped[bool] = _false()
    safe_contact_id: Mapped[str] = _code(UUID_LENGTH)
    partner_letter_id: Mapped[str] = _code(UUID_LENGTH)
    """To whom: a provider's mailbox, a person by the contact they chose, or a partner. One of them."""
    referral_id: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="", index=True)
    link_code_id: Mapped[int | None] = mapped_column(Integer)
    message_id: Mapped[str] = mapped_column(String(80), unique=True)
    """Of RFC 5322, the same at every try."""
    urgent: Mapped[bool] = _false()
    stage: Mapped[str] = _code(20)
    """Of a chaser: the state it is about; at most three a stage."""
    made_at: Mapped[datetime] = _moment()
    due_at: Mapped[datetime] = _moment()
    """Not before this."""
    claimed_until: Mapped[datetime | None] = _maybe()
    tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    next_try_at: Mapped[datetime | None] = _maybe()
    handed_over_at: Mapped[datetime | None] = _maybe()
    """The mail server took it."""
    delivered_at: Mapped[datetime | None] = _maybe()
    bounced_at: Mapped[datetime | None] = _maybe()
    refused: Mapped[str] = _code(20)
    """Why it must not leave: silenced, stopped, withdrawn, unverified, …"""
    settled_at: Mapped[datetime | None] = _maybe()
    """Handed over, or never to be: nothing more to do."""


class HandIn(Base):
    """Somebody else's news of a person: police, COPFS, SCRA, SCTS, social work, health, a school, or the person."""

    __tablename__ = "hand_in"
    id: Mapped[str] = _id()
    agency: Mapped[str] = _code(20)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    received_at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = _code(UUID_LENGTH)
    how: Mapped[str] = _code(20)
    summary_sealed: Mapped[bytes | None] = _sealed()
    agency_reference_sealed: Mapped[bytes | None] = _sealed()
    our_reference: Mapped[str] = mapped_column(String(8), unique=True)
    """The one of ours that this agency is given; another agency is given another."""
    state: Mapped[str] = mapped_column(String(12), index=True)
    """waiting | taken | returned"""
    case_id: Mapped[str] = _code(UUID_LENGTH)
    settled_at: Mapped[datetime | None] = _maybe()
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class AgencyReference(Base):
    """What an agency calls this case, sealed, and the random reference of ours that it was given."""

    __tablename__ = "agency_reference"
    __table_args__ = (Index("uq_agency_reference_case_id_agency", "case_id", "agency", unique=True),)
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    agency: Mapped[str] = _code(20)
    theirs_sealed: Mapped[bytes | None] = _sealed()
    ours: Mapped[str] = mapped_column(String(8), unique=True)
    made_at: Mapped[datetime] = _moment()


class AgencyUpdate(Base):
    """That an agency was asked, has it, has answered whom and when: never what it answered, never an outcome."""

    __tablename__ = "agency_update"
    id: Mapped[int] = _number()
    agency_reference_id: Mapped[str] = mapped_column(ForeignKey("agency_reference.id"), index=True)
    update: Mapped[str] = _code(20)
    """asked | received | answered | next_contact"""
    by_whom: Mapped[str] = _code(20)
    """A role's code, never a name."""
    on: Mapped[date] = mapped_column(Date)
    recorded_at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = mapped_column(String(UUID_LENGTH))


class Concern(Base):
    """A child may be at risk: told by phone at once, whoever agrees. One action, never a referral, link or mail."""

    __tablename__ = "concern"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    about: Mapped[str] = _code()
    """harmed | harmed_by | another_child"""
    what_sealed: Mapped[bytes | None] = _sealed()
    told: Mapped[str] = _code()
    """police | social_work_duty | social_work_out_of_hours"""
    told_whom_sealed: Mapped[bytes | None] = _sealed()
    told_at: Mapped[datetime | None] = _maybe()
    ground: Mapped[str] = _code()
    recorded_at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    supervisor_told_at: Mapped[datetime | None] = _maybe()
    supervisor: Mapped[str] = _code(UUID_LENGTH)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class Disclosure(Base):
    """Told without agreement, to keep somebody safe: who, to whom, what, on what ground. Never by link."""

    __tablename__ = "disclosure"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    to_whom_sealed: Mapped[bytes | None] = _sealed()
    categories: Mapped[str] = _code(120)
    ground: Mapped[str] = _code()
    supervisor: Mapped[str] = _code(UUID_LENGTH)
    person_told: Mapped[str] = _code(12)
    """yes | not_yet | not_safe"""
    at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = mapped_column(String(UUID_LENGTH))


class Complaint(Base):
    """About a service, or about us: its own route, never an obstacle to help."""

    __tablename__ = "complaint"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    about: Mapped[str] = _code(12)
    """service | spoc"""
    service_id: Mapped[str] = _code(UUID_LENGTH)
    words_sealed: Mapped[bytes | None] = _sealed()
    state: Mapped[str] = _code(12)
    """open | answered"""
    received_at: Mapped[datetime] = _moment()
    recorded_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    answered_at: Mapped[datetime | None] = _maybe()
    answered_by: Mapped[str] = _code(UUID_LENGTH)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class SafetyPlan(Base):
    """What keeps the person safe, made anew when where somebody lives changes."""

    __tablename__ = "safety_plan"
    id: Mapped[str] = _id()
    case_id: Mapped[str] = mapped_column(ForeignKey("case.id"), index=True)
    subject_id: Mapped[str] = mapped_column(ForeignKey("subject.id"), index=True)
    because: Mapped[str] = _code(20)
    """danger | placement_changed | asked"""
    asked_at: Mapped[datetime] = _moment()
    asked_by: Mapped[str] = mapped_column(String(UUID_LENGTH))
    plan_sealed: Mapped[bytes | None] = _sealed()
    made_at: Mapped[datetime | None] = _maybe()
    made_by: Mapped[str] = _code(UUID_LENGTH)
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")


class AuditEvent(Base):
    """Who did, saw, or was refused what: no values, no names, no words. Lines are only ever added."""

    __tablename__ = "audit_event"
    id: Mapped[int] = _number()
    event_id: Mapped[str] = mapped_column(String(UUID_LENGTH), unique=True)
    at: Mapped[datetime] = _moment()
    actor_kind: Mapped[str] = _code(12)
    actor_id: Mapped[str] = _code(UUID_LENGTH)
    roles: Mapped[str] = _code(80)
    session: Mapped[str] = _code(16)
    """Beginning of the session's hash."""
    action: Mapped[str] = _code(24)
    """`audit.ACTIONS`"""
    object_type: Mapped[str] = _code(24)
    object_id: Mapped[str] = _code(UUID_LENGTH)
    subject_id: Mapped[str] = mapped_column(String(UUID_LENGTH), default="", server_default="", index=True)
    """The pseudonym; nobody once the subject's key is gone."""
    purpose: Mapped[str] = _code()
    fields: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Names of fields, joined by "|"."""
    result: Mapped[str] = _code(8)
    """allow | deny | error"""
    state_from: Mapped[str] = _code(20)
    state_to: Mapped[str] = _code(20)
    agreement_id: Mapped[str] = _code(UUID_LENGTH)
    link_id: Mapped[str] = _code(UUID_LENGTH)
    network: Mapped[str] = _code(45)
    """The address's network: IPv4 to /24, IPv6 to /48."""
    app_version: Mapped[str] = _code(20)


class AuditSeal(Base):
    """The chain over audit events: each seal's keyed MAC takes in the one before, so that no edit goes unseen."""

    __tablename__ = "audit_seal"
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    audit_event_id: Mapped[int] = mapped_column(Integer, unique=True)
    mac: Mapped[str] = mapped_column(String(HASH_LENGTH))
    key_id: Mapped[str] = _code()
    sealed_at: Mapped[datetime] = _moment()


class Idempotency(Base):
    """A write that was done, under the key its sender gave it: sent again it is answered, not done again."""

    __tablename__ = "idempotency"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    actor_id: Mapped[str] = _code(UUID_LENGTH)
    action: Mapped[str] = _code()
    body_hash: Mapped[str] = mapped_column(String(HASH_LENGTH))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    made_at: Mapped[datetime] = _moment()


class Erasure(Base):
    """Which subjects were erased, to be erased again in a restored backup: pseudonyms only."""

    __tablename__ = "erasure"
    id: Mapped[int] = _number()
    subject_id: Mapped[str] = mapped_column(String(UUID_LENGTH), unique=True)
    at: Mapped[datetime] = _moment()
    by: Mapped[str] = _code(UUID_LENGTH)
    reason: Mapped[str] = _code(20)
    """schedule | asked"""


class Switch(Base):
    """Something a person turned on or off for everybody at once: mail stopped, nothing to be erased."""

    __tablename__ = "switch"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    """mail_stopped | hold"""
    on: Mapped[bool] = _false()
    at: Mapped[datetime] = _moment()
    by: Mapped[str] = _code(UUID_LENGTH)


class SweepRun(Base):
    """When time-driven work was last done, and who does it now: one at a time, however many processes."""

    __tablename__ = "sweep_run"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    claimed_by: Mapped[str] = _code(80)
    claimed_until: Mapped[datetime | None] = _maybe()
    done_at: Mapped[datetime | None] = _maybe()
