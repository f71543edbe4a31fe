"""Writes down who did, saw or was refused what, in the very transaction it happened in (security.md, "Audit").

No values, no names, no words of anybody: ids, codes and names of fields. `audit_chain` seals the lines.
"""

import ipaddress
from collections.abc import Iterable
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from directory.referrals.asking import Who
from directory.referrals.tables import AuditEvent

ACTIONS = (
    "view", "list", "search", "export", "print", "create", "change", "move", "send", "link_issued", "link_opened",
    "code_sent", "code_failed", "link_revoked", "notice", "hold", "erase", "switch", "approve", "tell", "sweep",
)  # fmt: skip
ALLOW, DENY, ERROR = "allow", "deny", "error"
VERSION = "0.1.0"


def note(
    session: Session,
    who: Who,
    at: datetime,
    action: str,
    object_type: str,
    object_id: str,
    *,
    subject_id: str = "",
    fields: Iterable[str] = (),
    result: str = ALLOW,
    state_from: str = "",
    state_to: str = "",
    agreement_id: str = "",
    link_id: str = "",
    purpose: str = "",
) -> None:
    """Adds a line in the caller's transaction. Raises ValueError for an action that is not in `ACTIONS`."""
    if action not in ACTIONS:
        raise ValueError(f"no audit action {action!r}")
    session.add(
        AuditEvent(
            event_id=str(uuid4()),
            at=at,
            actor_kind=who.kind.value,
            actor_id=who.id,
            roles="|".join(sorted(who.roles)),
            session=who.session[:16],
            action=action,
            object_type=object_type,
            object_id=object_id,
            subject_id=subject_id,
            purpose=purpose,
            fields="|".join(fields),
            result=result,
            state_from=state_from,
            state_to=state_to,
            agreement_id=agreement_id,
            link_id=link_id,
            network=network(who.address),
            app_version=VERSION,
        )
    )


def network(address: str) -> str:
    """The network an address belongs to, as far as it is kept: IPv4 to /24, IPv6 to /48; "" for none."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    length = 24 if found.version == 4 else 48
    return str(ipaddress.ip_network(f"{found}/{length}", strict=False))
