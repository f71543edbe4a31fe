"""Which mailboxes of a registration have been proved: the one it was begun from, and one whose code came back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.keys import Keys
from directory.partners import mailbox_codes
from directory.partners.tables import Registration, RegistrationCheck

MAILBOX = "referral_mailbox"
PASSED = "passed"


def is_proved(session: Session, keys: Keys, row: Registration, email: str) -> bool:
    """Whether somebody who can read this mailbox gave back a code that went there."""
    macs = mailbox_codes.macs(keys, email)
    if row.email_mac in macs:
        return True
    own = (RegistrationCheck.registration_id == row.id, RegistrationCheck.kind == MAILBOX)
    good = (RegistrationCheck.result == PASSED, RegistrationCheck.about_mac.in_(macs))
    return session.scalar(select(RegistrationCheck.id).where(*own, *good).limit(1)) is not None


def keep(session: Session, keys: Keys, row: Registration, email: str, at: datetime) -> None:
    """Notes it as a check of the registration, once, so that whoever verifies it finds it among the others."""
    own = mailbox_codes.mac(keys, email)
    same = (RegistrationCheck.registration_id == row.id, RegistrationCheck.kind == MAILBOX)
    if session.scalar(select(RegistrationCheck.id).where(*same, RegistrationCheck.about_mac == own).limit(1)) is None:
        check = RegistrationCheck(registration_id=row.id, kind=MAILBOX, result=PASSED, about_mac=own, at=at)
        session.add(check)
