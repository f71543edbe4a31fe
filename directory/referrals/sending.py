"""Drains what must leave: claim, ask once more, hand over, and mark it only when the server has taken it.

A worker may die at any point: before the mark the same letter goes again, under the same message id. Trouble of the
server's stops the round and costs no message a try; trouble with one message makes that one wait, ever longer.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from anyio import to_thread
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from directory.errors import NotReady
from directory.mail import Letter, Lost, NotNow, Postman, Refused, Unreachable
from directory.referrals import audit, claiming, failures, letters, partner_letters, policy, switches
from directory.referrals.asking import SYSTEM
from directory.referrals.claiming import Claim
from directory.referrals.loop import Loop
from directory.referrals.sealing import Erased, Unreadable
from directory.referrals.tables import LinkCode, Notice

LOG = logging.getLogger("waymark.referrals")
PAUSES = tuple(timedelta(minutes=some) for some in (1, 5, 15, 60, 240, 480, 720))
"""Between tries; together a little more than a day."""
MOST = 500
"""Letters in one round, so that whoever drains looks at the clock and the switch again."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """How letters leave here, and the address that links in them begin with."""

    postman: Postman
    public_url: str
    texter: Postman | None = None
    """Of text messages; None: they are not set up, and none is sent."""


@dataclass(slots=True)
class Drained:
    """What one round did. `letters` were taken by the server, `messages` counts what they said."""

    letters: int = 0
    messages: int = 0
    refused: int = 0
    to_try_again: int = 0
    failed: int = 0
    trouble: str = ""
    """Why it stopped early, in a sentence; "" when nothing is left to do now."""
    reasons: dict[str, int] = field(default_factory=dict)


async def drain(loop: Loop, outgoing: Outgoing, most: int = MOST) -> Drained:
    """Hands over what is due. Nothing leaves while the adopter's facts are missing or mail is stopped."""
    done = Drained()
    try:
        loop.policy.check(policy.TO_SEND)
    except NotReady as error:
        done.trouble = str(error)
        return done
    try:
        for _ in range(most):
            claim = await to_thread.run_sync(claiming.claim, loop, loop.clock())
            if claim is None or not await _tried(loop, outgoing, claim, done):
                return done
    finally:
        for carrier in filter(None, (outgoing.postman, outgoing.texter)):
            await carrier.close()
    return done


async def _tried(loop: Loop, outgoing: Outgoing, claim: Claim, done: Drained) -> bool:
    """One letter; whether the round goes on. A mistake of ours makes this letter wait and keeps no other one back."""
    try:
        return await _deliver(loop, outgoing, claim, done)
    except (NotReady, DBAPIError):  # the record is away: the claim ends by itself
        raise
    except Exception as error:
        LOG.exception("message %s could not be handed over: %s", claim.message_id, type(error).__name__)
        done.to_try_again += 1
        done.failed += await to_thread.run_sync(try_again, loop, claim.ids, loop.clock())
        return True


async def _deliver(loop: Loop, outgoing: Outgoing, claim: Claim, done: Drained) -> bool:
    """One letter; whether the round goes on."""

    async def noted(note: Callable[..., None], *args: Any) -> None:
        await to_thread.run_sync(lambda: note(loop, *args, loop.clock()))

    prepared = await to_thread.run_sync(prepare, loop, outgoing, claim, loop.clock(), done)
    if prepared is None:
        return True
    letter, ids = prepared
    try:
        carrier = outgoing.texter if letter.by_text else outgoing.postman
        assert carrier is not None  # `prepare` has seen it
        await carrier.hand_over(letter)
    except Unreachable as error:
        done.trouble = str(error)
        await noted(release, ids)
        return False
    except NotNow as error:
        done.to_try_again += 1
        if await to_thread.run_sync(try_again, loop, ids, loop.clock()):
            done.failed += 1
        done.trouble = str(error) if isinstance(error, Lost) else ""
        return not isinstance(error, Lost)
    except Refused as error:
        done.failed += 1
        await noted(failures.rejected, ids, error.recipient)
        return True
    done.letters += 1
    done.messages += len(ids)
    await noted(handed_over, ids)
    return True


def prepare(
    loop: Loop, outgoing: Outgoing, claim: Claim, now: datetime, done: Drained
) -> tuple[Letter, tuple[int, ...]] | None:
    """The letter of a claim and the messages in it, asked at the last moment whether they may leave; None: none may."""
    with loop.database.session() as session:
        own = select(Notice).where(Notice.id.in_(claim.ids), Notice.settled_at.is_(None)).order_by(Notice.id)
        rows = session.scalars(own.with_for_update()).all()
        if switches.is_on(session, switches.MAIL_STOPPED):
            _release(session, claim.ids)
            return None
        kept = [row for row in rows if _may_leave(session, loop, row, now, done)]
        if not kept:
            return None
        try:
            letter = letters.letter(session, loop, kept, claim.message_id, outgoing.public_url, now)
        except (Erased, Unreadable) as error:
            for row in kept:
                _refuse(session, row, "erased" if isinstance(error, Erased) else "unreadable", now, done)
                if isinstance(error, Unreadable):
                    failures.ask_worker(session, loop, row, now)
            return None
        if letter.by_text and outgoing.texter is None:
            for row in kept:
                _refuse(session, row, "no_texts", now, done)
                failures.ask_worker(session, loop, row, now)
            return None
        return letter, tuple(row.id for row in kept)


def _may_leave(session: Session, loop: Loop, row: Notice, now: datetime, done: Drained) -> bool:
    reason = letters.refusal(session, loop, row, now)
    if reason == letters.LATER:
        row.next_try_at, row.claimed_until = letters.may_write_from(session, row, now), None
    elif reason:
        _refuse(session, row, reason, now, done)
        if reason in letters.TELL:
            failures.ask_worker(session, loop, row, now)
    return not reason


def _refuse(session: Session, row: Notice, reason: str, now: datetime, done: Drained) -> None:
    row.refused, row.settled_at, row.claimed_until = reason, now, None
    if row.partner_letter_id:
        partner_letters.forget(session, row)
    audit.note(session, SYSTEM, now, "notice", "notice", str(row.id), result=audit.DENY, purpose=row.template)
    done.refused += 1
    done.reasons[reason] = done.reasons.get(reason, 0) + 1


def handed_over(loop: Loop, ids: Sequence[int], now: datetime) -> None:
    """The server has taken them: also of one that was cancelled meanwhile, for it did leave."""
    with loop.database.session() as session:
        for row in session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id).with_for_update()):
            row.handed_over_at, row.settled_at, row.claimed_until, row.refused = now, now, None, ""
            about = ("referral", row.referral_id) if row.referral_id else ("notice", str(row.id))
            audit.note(session, SYSTEM, now, "notice", *about, purpose=row.template)
            if row.link_code_id is not None:  # the code has left: its hash is enough
                own = update(LinkCode).where(LinkCode.id == row.link_code_id)
                session.execute(own.values(code_sealed=None))
            if row.partner_letter_id:
                partner_letters.forget(session, row)


def release(loop: Loop, ids: Sequence[int], now: datetime) -> None:
    """Nothing was tried: they may be claimed again at once."""
    with loop.database.session() as session:
        _release(session, ids)


def _release(session: Session, ids: Sequence[int]) -> None:
    own = (Notice.id.in_(ids), Notice.settled_at.is_(None))
    session.execute(update(Notice).where(*own).values(claimed_until=None))


def try_again(loop: Loop, ids: Sequence[int], now: datetime) -> bool:
    """They wait, longer each time; after the policy's number of tries a person is asked, and True is said."""
    with loop.database.session() as session:
        rows = session.scalars(select(Notice).where(Notice.id.in_(ids)).order_by(Notice.id).with_for_update()).all()
        for row in rows:
            row.tries += 1
            row.next_try_at, row.claimed_until = now + PAUSES[min(row.tries, len(PAUSES)) - 1], None
        spent = any(row.tries >= loop.policy.number("sending", "tries") for row in rows)
    if spent:
        failures.given_up(loop, ids, now)
    return spent
