"""Sign-ins on their way: a right password that waits for its code, somebody sent to their own organisation.

A step is a row for minutes, bound to one browser by a cookie; it opens no page, and is used once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from directory.accounts.sessions import is_token, new_token, token_hash
from directory.accounts.tables import Account, SignInStep, utc
from directory.database import Database
from directory.errors import NotSignedIn

LIFE = timedelta(minutes=15)
"""Long enough to fetch a telephone and set up an app on it."""


class Kind(StrEnum):
    """What a step waits for."""

    CODE = "code"
    SET_UP = "set_up"
    """A second factor, which its account must have and has not."""
    ORGANIZATION = "organization"


class StepOver(NotSignedIn):
    """The sign-in took too long, was used, or was begun in another browser."""

    def __init__(self) -> None:
        super().__init__("This sign-in is over.", "Sign in again from the start.")


@dataclass(frozen=True, slots=True)
class Step:
    """`account_id` and `email` are "" while nobody knows yet who it is."""

    kind: Kind
    account_id: str
    email: str
    onward: str


def start(session: Session, kind: Kind, account_id: str | None, onward: str, at: datetime) -> str:
    """Opens a step in the caller's transaction; returns the cookie's value.

    An account's second factor is set up in one browser at a time: what another shows of it ends.
    """
    session.execute(delete(SignInStep).where(SignInStep.made_at <= at - LIFE))
    if kind is Kind.SET_UP:
        session.execute(delete(SignInStep).where(SignInStep.account_id == account_id, SignInStep.kind == kind.value))
    token = new_token()
    row = SignInStep(token_hash=token_hash(token), kind=kind.value, account_id=account_id, onward=onward, made_at=at)
    session.add(row)
    return token


def held(database: Database, token: str | None, kind: Kind, at: datetime) -> Step:
    """The step of this browser. Raises StepOver."""
    with database.reading() as session:
        return _found(session, token, kind, at)


def take(session: Session, token: str | None, kind: Kind, at: datetime) -> Step:
    """The step of this browser, used up in the caller's transaction. Raises StepOver."""
    step = _found(session, token, kind, at)
    assert token is not None
    if not session.execute(
        delete(SignInStep).where(SignInStep.token_hash == token_hash(token)).returning(SignInStep.kind)
    ).all():
        raise StepOver  # somebody was quicker
    return step


def _found(session: Session, token: str | None, kind: Kind, at: datetime) -> Step:
    row = session.get(SignInStep, token_hash(token)) if is_token(token) else None
    if row is None or row.kind != kind or at - utc(row.made_at) >= LIFE:
        raise StepOver
    email = session.scalar(select(Account.email).where(Account.id == row.account_id)) if row.account_id else None
    return Step(kind, row.account_id or "", email or "", row.onward)
