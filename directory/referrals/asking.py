"""Who asks for a change, when, on what they had seen, and under which key: what every write of the loop is given."""

from dataclasses import dataclass
from datetime import datetime

from directory.referrals.lifecycle import Actor

SYSTEM_ID = ""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who acts. `id`: an account's, or a provider's link session; "" for the system."""

    kind: Actor
    id: str = SYSTEM_ID
    roles: frozenset[str] = frozenset()
    session: str = ""
    """Hash of the session, or of what stands for one."""
    address: str = ""
    """Network address; kept only as its network."""


SYSTEM = Who(Actor.SYSTEM)


@dataclass(frozen=True, slots=True)
class Ask:
    """One write that somebody asks for.

    `version` is what they had seen (None: they did not look first, as the system). `key` is the idempotency key of this
    very attempt, from the form; "" only for the system and commands, which look at the state before they act.
    """

    who: Who
    at: datetime
    key: str = ""
    version: int | None = None
