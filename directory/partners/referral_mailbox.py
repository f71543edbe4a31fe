"""The mailboxes where referrals to a registration's services would go, each proved by a code of its own when it is not
the one that its writer came in with. A second one that nobody proved is left out when the registration is sent."""

from sqlalchemy.orm import Session

from directory.accounts import limits
from directory.errors import BadInput, NotSignedIn, TooManyTries
from directory.partners import doors, mailbox_codes, proofs, registrations
from directory.partners.doors import Inside
from directory.partners.tables import PartnerSession, Registration
from directory.referrals import audit, link_codes, link_limits
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop

FIRST, SECOND = "email", "second"
"""Fields of `answers.Referrals`."""


def is_proved(session: Session, loop: Loop, inside: Inside, own_id: str, which: str = FIRST) -> bool:
    """Whether a registration's mailbox for referrals is known to be theirs. Raises NotFound."""
    row = registrations.mine(session, inside, own_id)
    return proofs.is_proved(session, loop.keys, row, _written(loop, row, which))


def second_waits(session: Session, loop: Loop, inside: Inside, own_id: str) -> bool:
    """Whether a second one is written that nobody has proved. Raises NotFound."""
    row = registrations.mine(session, inside, own_id)
    second = _written(loop, row, SECOND)
    return bool(second) and not proofs.is_proved(session, loop.keys, row, second)


def send(loop: Loop, ask: Ask, inside: Inside, own_id: str, which: str = FIRST) -> Answer:
    """A code to that mailbox, for this browser: {"sent"} is False when it has had its codes for now.

    Raises NotFound, BadInput while none is named, TooManyTries.
    """
    link_limits.take(loop, link_limits.CODES, inside.who.address, ask.at)

    def do(session: Session) -> Answer:
        row = registrations.mine(session, inside, own_id, lock=True)
        mailbox = _written(loop, row, which)
        if not mailbox:
            raise BadInput("No mailbox is written yet.", "Write where referrals should go.", which)
        sent = mailbox_codes.send(session, loop, _browser(session, inside), mailbox, ask.at)
        audit.note(session, ask.who, ask.at, "code_sent", registrations.TABLE, row.id)
        return {"id": row.id, "sent": sent}

    return loop.once(ask, "registration.mailbox_code", {"id": own_id, "which": which}, do)


def prove(loop: Loop, inside: Inside, own_id: str, typed: str, which: str = FIRST) -> None:
    """Takes the code that came there. Raises NotFound, BadInput (field "code"), TooManyTries."""
    at, code, address = loop.clock(), link_codes.read(typed), inside.who.address
    tries = link_limits.take(loop, link_limits.TRIES, address, at)
    with loop.database.session() as session:
        row = registrations.mine(session, inside, own_id, lock=True)
        mailbox = _written(loop, row, which)
        browser = _browser(session, inside, lock=True)
        right = mailbox_codes.is_right(session, loop, browser, mailbox, code)
        spent = browser.wrong_tries >= loop.policy.number("link", "code_tries")
        if right:
            limits.give_back(session, tries)
            proofs.keep(session, loop.keys, row, mailbox, at)
        action, result = ("link_opened", audit.ALLOW) if right else ("code_failed", audit.DENY)
        audit.note(session, inside.who, at, action, registrations.TABLE, row.id, result=result)
    if spent and not right:
        raise TooManyTries("There were too many wrong codes.", "Sign out, come in again, and ask for another one.")
    if not right:
        raise BadInput("That is not the code, or it is too old.", "Look again, or ask for another one.", "code")


def _written(loop: Loop, row: Registration, which: str) -> str:
    to = registrations.read(loop, row).answers.referrals
    return to.second if which == SECOND else to.email


def _browser(session: Session, inside: Inside, lock: bool = False) -> PartnerSession:
    row = session.get(PartnerSession, inside.who.id, with_for_update=lock)
    if row is None:
        raise NotSignedIn(*doors.OUT)
    return row
