"""How the audit's chain stands, for whoever answers for it: when it was verified last, by whom, and where it ends."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from directory.accounts.tables import utc
from directory.referrals import audit, audit_chain
from directory.referrals.asking import Ask
from directory.referrals.audit_chain import Head, Verified
from directory.referrals.loop import Loop
from directory.referrals.tables import AuditEvent, AuditSeal

WHAT = "audit_chain"
RIGHT, FAULT = "right", "fault"


@dataclass(frozen=True, slots=True)
class ChainState:
    """`verified_at` None: nobody has verified it yet. `exported`: the last head written to home."""

    sealed: int
    unsealed: int
    head: Head | None
    exported: Head | None
    verified_at: datetime | None = None
    verified_by: str = ""
    was_right: bool = False


def state(loop: Loop, home: Path) -> ChainState:
    """Read without going through the chain. Raises UnusableFile for a file of heads that is none."""
    exported = audit_chain.heads(home / audit_chain.HEADS)
    with loop.database.reading() as session:
        sealed = session.scalar(select(func.count()).select_from(AuditSeal)) or 0
        lines = session.scalar(select(func.count()).select_from(AuditEvent)) or 0
        looked = select(AuditEvent).where(AuditEvent.object_type == WHAT).order_by(AuditEvent.id.desc()).limit(1)
        last = session.scalars(looked).first()
        found = ChainState(
            sealed, max(0, lines - sealed), audit_chain.head(session, loop.clock()), exported[-1] if exported else None
        )
    if last is None:
        return found
    return ChainState(
        found.sealed, found.unsealed, found.head, found.exported, utc(last.at), last.actor_id, last.purpose == RIGHT
    )


def verify(loop: Loop, ask: Ask, home: Path) -> Verified:
    """Goes through the whole chain against the heads of home, and writes down who did and what came of it."""
    known = audit_chain.heads(home / audit_chain.HEADS)
    with loop.database.reading() as session:
        found = audit_chain.verify(session, loop.keys, loop.clock(), known)
    with loop.database.session() as session:
        came = RIGHT if found.is_right else FAULT
        audit.note(session, ask.who, ask.at, "view", WHAT, str(found.bad_seq or found.sealed), purpose=came)
    return found
