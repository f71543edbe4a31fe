"""Lets go of audit lines that the schedule keeps no longer, from the chain's beginning only, so that the rest verifies.

Where the chain then begins is said in an audit line of its own (the anchor: number and MAC of the last seal let go),
with a MAC under a key that serves nothing else: whoever can only write to the record cannot cut the beginning off.
"""

import hmac
from datetime import datetime

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from directory.referrals import audit
from directory.referrals.asking import SYSTEM
from directory.referrals.sealing import Keys
from directory.referrals.tables import AuditEvent, AuditSeal

PURPOSE = "audit_anchor"
WHAT = "audit_event"
UNSYNCHRONIZED = {"synchronize_session": False}


def count(session: Session, before: datetime) -> int:
    """How many lines `let_go` would."""
    return (
        session.scalar(select(func.count()).select_from(AuditSeal).where(AuditSeal.seq <= _last(session, before))) or 0
    )


def let_go(session: Session, keys: Keys, before: datetime, now: datetime) -> int:
    """Deletes the sealed lines up to a moment, with their seals; returns how many. The last seal always stays."""
    last = session.get(AuditSeal, _last(session, before))
    if last is None:
        return 0
    gone = AuditSeal.seq <= last.seq
    many = count(session, before)
    said = (last.mac, keys.current, keys.mac(PURPOSE, f"{last.seq} {last.mac}"))
    audit.note(session, SYSTEM, now, "erase", WHAT, str(last.seq), purpose="schedule", fields=said)
    session.execute(delete(AuditEvent).where(AuditEvent.id.in_(_sealed(last.seq))), execution_options=UNSYNCHRONIZED)
    session.execute(delete(AuditSeal).where(gone), execution_options=UNSYNCHRONIZED)
    return many


def mac_before(session: Session, keys: Keys, seq: int) -> str | None:
    """The MAC of the seal before this one, when that was let go by the schedule; None when nothing of ours says so."""
    own = (AuditEvent.action == "erase", AuditEvent.object_type == WHAT, AuditEvent.object_id == str(seq - 1))
    for fields in session.scalars(select(AuditEvent.fields).where(*own)):
        mac, key_id, proof = (*fields.split("|"), "", "")[:3]
        if key_id in keys.masters and hmac.compare_digest(keys.mac(PURPOSE, f"{seq - 1} {mac}", key_id), proof):
            return mac
    return None


def _last(session: Session, before: datetime) -> int:
    """The number of the last seal of the chain's beginning whose lines are all so old; 0 for none."""
    joined = select(func.min(AuditSeal.seq)).join(AuditEvent, AuditEvent.id == AuditSeal.audit_event_id)
    first_kept = session.scalar(joined.where(AuditEvent.at > before))
    if first_kept is None:
        first_kept = session.scalar(select(func.max(AuditSeal.seq)))
    first = session.scalar(select(func.min(AuditSeal.seq)))
    return first_kept - 1 if first_kept is not None and first is not None and first_kept > first else 0


def _sealed(seq: int) -> Select[int]:
    return select(AuditSeal.audit_event_id).where(AuditSeal.seq <= seq)
