"""Messages waiting to leave, and rounds of the drain against a real server: `sent(loop, box)`."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import anyio
from sqlalchemy import select

from directory import mail
from directory.accounts.sessions import new_token
from directory.mail import Server, Smtp
from directory.referrals import link_codes, link_sessions, locators, notices, sending
from directory.referrals.lifecycle import State
from directory.referrals.loop import Loop
from directory.referrals.sending import Drained, Outgoing
from directory.referrals.tables import Locator, Notice, Referral, SafeContact
from tests.directory.mail_server import Box, mail_server
from tests.directory.referrals.builders import WORKER, a_referral

PUBLIC = "https://waymark.example"


def a_server(port: int) -> Server:
    return mail.server(f"smtp://127.0.0.1:{port}?from=messages@spoc.example")


def a_sent(loop: Loop, urgency: str = "days", **changes: Any) -> str:
    """A referral that has been sent, with its link; its message is not queued."""
    own = a_referral(loop, State.SENT, urgency=urgency, **changes)
    with loop.database.session() as session:
        locators.issue(session, loop, session.get_one(Referral, own), WORKER, loop.clock())
    return own


def queued(loop: Loop, referral_id: str = "", template: str = "referral", **changes: Any) -> int:
    """A message that waits; its id."""
    with loop.database.session() as session:
        referral = session.get_one(Referral, referral_id) if referral_id else None
        return notices.queue(session, loop, template, loop.clock(), referral=referral, **changes).id


def notice(loop: Loop, notice_id: int) -> Notice:
    with loop.database.reading() as session:
        return session.get_one(Notice, notice_id)


def sent(
    loop: Loop, box: Box, rounds: int = 1, between: Callable[[], object] = lambda: None, timeout_s: float = 60.0
) -> list[Drained]:
    """So many rounds of the drain against a server with this box."""

    async def all_rounds() -> list[Drained]:
        done = []
        async with mail_server(box) as port:
            for _ in range(rounds):
                outgoing = Outgoing(Smtp(a_server(port), timeout_s=timeout_s), PUBLIC)
                done.append(await sending.drain(loop, outgoing))
                between()
        return done

    return anyio.run(all_rounds)


def a_person_contact(loop: Loop, case_id: str, subject_id: str, **changes: Any) -> str:
    """A safe contact by e-mail, any day from 9 to 17."""
    own = str(uuid4())
    with loop.database.session() as session:
        seal = loop.sealer(session, subject_id)
        facts: dict[str, Any] = {"channel": "email", "voicemail": "never", "from_hour": 9, "until_hour": 17}
        session.add(
            SafeContact(
                id=own, case_id=case_id, subject_id=subject_id, recorded_at=loop.clock(), recorded_by=WORKER.id,
                value_sealed=seal.seal("skye@person.example", "safe_contact", own, "value"), **(facts | changes),
            )
        )  # fmt: skip
    return own


def a_code(loop: Loop, referral_id: str) -> str:
    """A code on its way to a provider, as its message says it."""
    at = loop.clock()
    with loop.database.session() as session:
        locator = session.scalars(select(Locator).where(Locator.referral_id == referral_id)).one()
        browser = link_sessions.begin(session, locator.id, new_token(), at)
        code = link_codes.make(session, loop, browser, at)
        assert code is not None
        own = session.get_one(Referral, referral_id)
        notices.queue(session, loop, notices.CODE, at, referral=own, urgent=True, link_code_id=code.id)
        return link_codes.shown(link_codes.opened(loop, code))
