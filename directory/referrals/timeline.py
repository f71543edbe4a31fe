"""Everything that happened on a case in one order: its own lines and its referrals', codes in the words people read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.places import areas
from directory.referrals import codes
from directory.referrals.sealing import Sealer
from directory.referrals.tables import Case, CaseEvent, Referral, ReferralEvent
from taxonomy.terms import load

LISTS: Mapping[str, tuple[str, ...]] = {
    "need.reason": ("need_ended",), "reason": ("decline", "withdraw", "reopen", "void"),
    "because": ("case_closed", "safety_plan_because"), "case_block.because": ("blocked_because",),
    "question": ("question",), "wait_band": ("wait_band",), "who_missed": ("who_missed",),
    "channel": ("contact_channel", "channel"), "next_step": ("next_step",), "engagement": ("engagement",),
    "service": ("service",), "need_result": ("need_result",), "person_view": ("person_view",), "reply": ("reply",),
    "answer": ("signpost_answer",), "origin": ("exclusion_origin",), "agency": ("agency",), "age_band": ("age_band",),
    "told": ("concern_told",), "ground": ("concern_ground", "disclosure_ground"), "person_told": ("person_told",),
    "about": ("concern_about", "complaint_about"), "urgency": ("urgency",),
    "how": ("how", "info_how", "withdrawn_how"), "bounce": ("bounce",), "beside": ("beside_parent",), "says": ("says",),
    "purposes": ("purpose",), "categories": ("category",),
    "override_reason": ("override",), "wording_format": ("wording_format",), "given_by": ("given_by",),
}  # fmt: skip
"""Detail of an event, first by the kind of thing it happened to → the code lists that its value may be of."""
UNTOLD = frozenset({"fields", "wording"})
"""Details that say nothing to people, as ids do."""
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `by`: worker, supervisor, provider or system; `by_id`: their account's."""

    at: datetime
    kind: str
    object_id: str
    event: str
    words: str
    details: tuple[tuple[str, str], ...]
    by: str
    by_id: str
    state_from: str
    state_to: str
    note: str = field(default="", repr=False)
    service: str = ""
    """Of a referral: the service's name."""


def entries(session: Session, seal: Sealer | None, case: Case) -> tuple[Entry, ...]:
    """First to last, notes in clear unless there is no `seal`. The caller writes the audit line. Raises Unreadable."""
    own = select(CaseEvent).where(CaseEvent.case_id == case.id).order_by(CaseEvent.id)
    referred = (
        select(ReferralEvent, Referral.service_name)
        .join(Referral, Referral.id == ReferralEvent.referral_id)
        .where(Referral.case_id == case.id)
        .order_by(ReferralEvent.id)
    )
    found = [_entry(line, line.object_type, line.object_id, seal) for line in session.scalars(own)]
    for line, service in session.execute(referred):
        found.append(_entry(line, "referral", line.referral_id, seal, service))
    return tuple(sorted(found, key=lambda entry: entry.at))


def words(kind: str, event: str) -> str:
    """What people read for an event: `codes`, list happened."""
    known = codes.codes("happened").get(f"{kind}.{event}")
    return known.label if known else f"{kind} {event}".replace("_", " ").capitalize()


def told(details: Mapping[str, Any], kind: str = "") -> tuple[tuple[str, str], ...]:
    """Details as pairs of words: ("Reason", "No room now and no waiting list"). What is empty is left out."""
    return tuple(
        (name.replace("_", " ").capitalize(), _value(name, value, kind))
        for name, value in details.items()
        if name not in UNTOLD and value not in ("", None, [], {}) and not _ID.fullmatch(str(value))
    )


def _entry(line: CaseEvent | ReferralEvent, kind: str, object_id: str, seal: Sealer | None, service: str = "") -> Entry:
    table = "case_event" if isinstance(line, CaseEvent) else "referral_event"
    return Entry(
        utc(line.at),
        kind,
        object_id,
        line.event,
        words(kind, line.event),
        told(line.details, kind),
        line.actor_kind,
        line.actor_id,
        line.state_from,
        line.state_to,
        seal.open(line.note_sealed, table, str(line.id), "note") if seal else "",
        service,
    )


def _value(name: str, value: Any, kind: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_value(name, each, kind) for each in value)
    text = str(value)
    if "|" in text:
        return ", ".join(_value(name, each, kind) for each in text.split("|"))
    for known in LISTS.get(f"{kind}.{name}", LISTS.get(name, ())):
        if text in codes.codes(known):
            return codes.label(known, text)
    if name == "council":
        return areas.council(text).name
    return load()[name].label(text) if name == "relation" else text
