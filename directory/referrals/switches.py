"""What somebody turned on or off for everybody at once: all mail stopped, nothing to be erased."""

from datetime import datetime

from sqlalchemy.orm import Session

from directory.referrals import audit
from directory.referrals.asking import Ask
from directory.referrals.loop import Loop
from directory.referrals.tables import Switch

MAIL_STOPPED, HOLD = "mail_stopped", "hold"
NAMES = (MAIL_STOPPED, HOLD)


def is_on(session: Session, name: str) -> bool:
    """Whether it is turned on; nobody has touched it: off."""
    row = session.get(Switch, name)
    return row is not None and row.on


def since(session: Session, name: str) -> tuple[datetime, str] | None:
    """When it was turned on, and by whom (an account's id; "": a command); None when it is off."""
    row = session.get(Switch, name)
    return (row.at, row.by) if row is not None and row.on else None


def turn(loop: Loop, ask: Ask, name: str, on: bool) -> dict[str, bool]:
    """Turns it on or off, and writes down who did. Doing it twice changes nothing. Raises ValueError for no switch."""
    if name not in NAMES:
        raise ValueError(f"no switch {name!r}")

    def do(session: Session) -> dict[str, bool]:
        row = session.get(Switch, name, with_for_update=True)
        if row is None:
            row = Switch(name=name, on=False, at=ask.at, by=ask.who.id)
            session.add(row)
        if row.on is not on:
            row.on, row.at, row.by = on, ask.at, ask.who.id
            audit.note(session, ask.who, ask.at, "switch", "switch", name, purpose="on" if on else "off")
        return {name: on}

    return loop.once(ask, f"switch.{name}", {"on": on}, do)
