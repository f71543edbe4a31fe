"""A link that works, and what its mailbox gets: `link = a_link(loop, State.SENT)`, `code_for(loop, link, cookie)`."""

from dataclasses import dataclass

from sqlalchemy import select

from directory.referrals import doors, link_codes, locators
from directory.referrals.asking import SYSTEM
from directory.referrals.lifecycle import State
from directory.referrals.link_sessions import Inside
from directory.referrals.loop import Loop
from directory.referrals.tables import LinkCode, Locator, Referral
from tests.directory.referrals.builders import a_referral

ADDRESS = "192.0.2.7"


@dataclass(frozen=True, slots=True)
class Link:
    """What stands in a message, and where it leads."""

    token: str
    locator_id: str
    referral_id: str


def a_link(loop: Loop, state: State = State.SENT, referral_id: str = "", to_second: bool = False) -> Link:
    """A referral in this state, and a link to it."""
    own = referral_id or a_referral(loop, state)
    with loop.database.session() as session:
        locator = locators.issue(
            session, loop, session.get_one(Referral, own), SYSTEM, loop.clock(), to_second=to_second
        )
    return Link(locators.token(loop.keys, locator.id), locator.id, own)


def codes_of(loop: Loop, link: Link) -> list[str]:
    """The codes that wait to leave for this link, as a message will say them, first to last."""
    with loop.database.reading() as session:
        rows = session.scalars(select(LinkCode).where(LinkCode.locator_id == link.locator_id).order_by(LinkCode.id))
        return [link_codes.opened(loop, row) for row in rows]


def knocked(loop: Loop, link: Link, cookie: str | None = None, address: str = ADDRESS) -> tuple[str, str]:
    """A code was asked for: the browser's cookie, and the code in the mailbox."""
    fresh = doors.ask_for_code(loop, link.token, cookie, address)
    return fresh, codes_of(loop, link)[-1]


def let_in(loop: Loop, link: Link, name: str = "Mo Reid") -> tuple[str, Inside]:
    """Somebody who has given the code: their cookie, and who they are now."""
    cookie, code = knocked(loop, link)
    return doors.enter(loop, link.token, cookie, code, name, ADDRESS)


def locator(loop: Loop, link: Link) -> Locator:
    with loop.database.reading() as session:
        return session.get_one(Locator, link.locator_id)
