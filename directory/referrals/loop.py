"""What every action of the loop works with, and the one way to write: once for each key, whole or not at all."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from directory.accounts.tables import utc
from directory.clock import Clock
from directory.database import Database, is_deadlock
from directory.errors import BadInput, Conflict
from directory.referrals.asking import Ask
from directory.referrals.next_best import NextBest
from directory.referrals.policy import Policy
from directory.referrals.sealing import Keys, Sealer, own_sealer, sealer
from directory.referrals.tables import Idempotency, Subject
from directory.referrals.texts import Texts, shipped

REFERENCE_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""Without I, O and S, which are misheard and misread."""
KEY_LIMIT = 80
TRIES = 3
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loop:
    """The record, its keys, this installation's rules and words, the time, and who knows the next best doors."""

    database: Database
    keys: Keys
    policy: Policy
    clock: Clock
    next_best: NextBest
    texts: Texts = field(default_factory=shipped)

    def once(self, ask: Ask, action: str, body: Mapping[str, Any], do: Callable[[Session], Answer]) -> Answer:
        """Does a thing in one transaction and returns its answer (JSON); the same key again gets that answer.

        Two that wait for each other's rows: the one that the database gives up is done again. Raises BadInput (422)
        when the key was used for something else, and whatever `do` raises: nothing is kept then.
        """
        for again in reversed(range(TRIES)):
            try:
                return self._once(ask, action, body, do)
            except DBAPIError as error:
                if not (again and is_deadlock(error)):
                    raise
        raise AssertionError("the last try returns or raises")

    def _once(self, ask: Ask, action: str, body: Mapping[str, Any], do: Callable[[Session], Answer]) -> Answer:
        if not ask.key:
            with self.database.session() as session:
                return do(session)
        if len(ask.key) > KEY_LIMIT:
            raise BadInput("That form cannot be used.", "Open the page again.")
        digest = sha256(json.dumps([action, dict(body)], sort_keys=True, default=str).encode()).hexdigest()
        try:
            with self.database.session() as session:
                found = _before(session, ask, digest)
                if found is not None:
                    return found
                kept = Idempotency(
                    key=ask.key, actor_id=ask.who.id, action=action, body_hash=digest, made_at=ask.at, answer={}
                )
                session.add(kept)
                session.flush()  # a rival with the same key waits here, or fails
                kept.answer = do(session)
                return kept.answer
        except IntegrityError:
            with self.database.reading() as session:
                found = _before(session, ask, digest)
            if found is None:
                raise
            return found

    def sealer(self, session: Session, subject_id: str) -> Sealer:
        """What seals this subject's fields. Raises Erased, Unreadable."""
        subject = session.get(Subject, subject_id)
        assert subject is not None  # a foreign key holds it
        return sealer(self.keys, subject)

    @property
    def own(self) -> Sealer:
        """What seals the installation's own."""
        return own_sealer(self.keys)


def _before(session: Session, ask: Ask, digest: str) -> Answer | None:
    kept = session.scalar(select(Idempotency).where(Idempotency.key == ask.key))
    if kept is None:
        return None
    if kept.body_hash != digest or kept.actor_id != ask.who.id:
        raise BadInput("This form was sent already, with something else in it.", "Open the page again and look.")
    return dict(kept.answer)


def check_version(now: int, ask: Ask, standing: str) -> None:
    """Raises Conflict (409) when what was seen has changed; `standing` says how it stands now, in words."""
    if ask.version is not None and ask.version != now:
        raise Conflict(f"Somebody else changed this meanwhile: {standing}.", "Look at how it stands now; then decide.")


def new_key() -> str:
    """A key for one attempt, put into a form when it is made."""
    return secrets.token_urlsafe(18)


def new_reference() -> str:
    """ "KX4821TP": random, four letters and four figures; who makes a row tries again when it is taken."""
    letters = "".join(secrets.choice(REFERENCE_LETTERS) for _ in range(4))
    return f"{letters[:2]}{secrets.randbelow(10_000):04}{letters[2:]}"


def is_over(since: Any, length: timedelta, now: Any) -> bool:
    """Whether a length of time has passed since a moment read from the record."""
    return bool(utc(since) + length <= now)
