"""One-time codes to a mailbox that somebody typed: who gives the code back can read what comes there.

Eight signs, one browser, ten minutes, once, five tries, as those of links (`referrals.link_codes`); three in a quarter
of an hour and twenty in a day, from however many browsers.
"""

import hmac
import secrets
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.keys import Keys
from directory.partners.tables import PartnerCode, PartnerSession
from directory.referrals import link_codes, partner_letters
from directory.referrals.loop import Loop

DAY = timedelta(days=1)


def mac(keys: Keys, email: str, key_id: str = "") -> str:
    """What finds a mailbox without reading it: a keyed hash of its address as mail servers look it up."""
    return keys.mac("partner mailbox", _one_form(email), key_id)


def _one_form(email: str) -> str:
    """In small letters, the domain in ASCII. Folding would make one mailbox of two: ß and ss are different domains."""
    try:
        found = validate_email(email.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return email.strip().lower()
    return f"{found.local_part}@{found.ascii_domain}".lower()


def macs(keys: Keys, email: str) -> list[str]:
    """The same under each of our keys, for one may have been rotated since a row was written."""
    return [mac(keys, email, key_id) for key_id in keys.masters]


def send(session: Session, loop: Loop, browser: PartnerSession, email: str, at: datetime) -> bool:
    """A code to a mailbox, for one browser; False, and none is sent, when it has had its codes for now."""
    own = mac(loop.keys, email)
    _hold(session, own)
    if _has_had_its_codes(session, loop, email, at):
        return False
    code = "".join(secrets.choice(link_codes.LETTERS) for _ in range(link_codes.LENGTH))
    until = at + timedelta(minutes=loop.policy.number("link", "code_minutes"))
    session.add(
        PartnerCode(
            session_id=browser.id,
            email_mac=own,
            code_hash=link_codes.hashed(loop.keys, f"{browser.id}:{own}", code),
            made_at=at,
            expires_at=until,
        )
    )
    partner_letters.queue(session, loop, "partner_code", email, at, code=link_codes.shown(code), until=until)
    return True


def _has_had_its_codes(session: Session, loop: Loop, email: str, at: datetime) -> bool:
    limits = {
        link_codes.SENDS_WINDOW: loop.policy.number("link", "code_sends"),
        DAY: loop.policy.number("partners", "codes_a_day"),
    }
    sent = select(func.count()).select_from(PartnerCode).where(PartnerCode.email_mac.in_(macs(loop.keys, email)))
    return any(
        session.scalars(sent.where(PartnerCode.made_at > at - window)).one() >= most for window, most in limits.items()
    )


def _hold(session: Session, own: str) -> None:
    """Until the transaction ends nobody else counts this mailbox's codes; SQLite has one writer in any case."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(own[:15], 16))))


def is_right(session: Session, loop: Loop, browser: PartnerSession | None, email: str, code: str) -> bool:
    """Counts a try of a browser whose row the caller has locked, and says whether it is the code that went to this
    mailbox for it, still good, and not too many. The same work is done for a browser that has asked for none."""
    at, own = loop.clock(), browser.id if browser else ""
    if browser is not None:
        browser.wrong_tries += 1
    mailboxes = macs(loop.keys, email)
    live = (PartnerCode.session_id == own, PartnerCode.email_mac.in_(mailboxes), PartnerCode.used_at.is_(None))
    waiting = list(session.scalars(select(PartnerCode).where(*live, PartnerCode.expires_at > at)))
    wanted = [each for mailbox in mailboxes for each in link_codes.all_hashed(loop.keys, f"{own}:{mailbox}", code)]
    matches = [sum(hmac.compare_digest(row.code_hash, each) for each in wanted) for row in waiting]
    if browser is None or not any(matches) or browser.wrong_tries > loop.policy.number("link", "code_tries"):
        return False
    for row in waiting:
        row.used_at = at
    browser.wrong_tries = 0
    return True
