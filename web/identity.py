"""Whose case a page is about: what stands in the bar at the top of every page of a case and its referrals."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from directory.referrals import people, safe_contacts
from directory.referrals.loop import Loop
from directory.referrals.tables import Case

OPENED = ("name", "safe_contact")
"""What is opened for it: the caller's audit line names these."""


@dataclass(frozen=True, slots=True, repr=False)
class Identity:
    """The macro `identity_bar`'s words. `name` and `contact` are "" once a case is erased."""

    case: Case
    name: str
    contact: str
    cautions: tuple[str, ...]


def read(session: Session, loop: Loop, case: Case) -> Identity:
    """In the caller's transaction, which writes the audit line. Raises Unreadable."""
    if case.erased_at is not None:
        return Identity(case, "", "", ("Erased",))
    contact = safe_contacts.current(session, case.id)
    said = safe_contacts.opened(session, loop, contact) if contact else safe_contacts.Opened()
    name = people.opened(session, loop, case.subject_id, ("name",))["name"]
    return Identity(case, name, safe_contacts.words(contact), cautions(said))


def cautions(said: safe_contacts.Opened) -> tuple[str, ...]:
    """What must never be forgotten when somebody is reached."""
    return (f"Must not know: {said.who_must_not_know}",) if said.who_must_not_know else ()
