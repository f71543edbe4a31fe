"""What people do with their own account once they are in: password, second factor, sessions, and unlocking.

Whatever changes how somebody proves who they are asks for that proof first (ASVS 5.0, 7.5.1), ends their other sessions
and gives this one another id.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts import actions, limits, passwords, policy, second_factors, sessions
from directory.accounts.second_factors import WrongCode
from directory.accounts.sessions import OpenSession
from directory.accounts.signing_in import Door
from directory.accounts.tables import Account, AccountFactor, AccountIdentity, utc
from directory.database import Database
from directory.errors import BadInput, NotSignedIn

LOG = logging.getLogger("waymark.accounts")


class WrongPassword(BadInput):
    """Not the password of who is signed in."""

    def __init__(self, field: str = "password") -> None:
        super().__init__("That is not your password.", "Type it again.", field)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody's account stands, for themselves."""

    email: str
    single_keys: bool
    factor_since: datetime | None
    recovery_left: int
    has_organization: bool
    sessions: tuple[OpenSession, ...]


def standing(database: Database, account_id: str, at: datetime) -> Standing:
    """Raises NotSignedIn for an account that is gone."""
    with database.reading() as session:
        account = _account(session, account_id)
        factor = session.get(AccountFactor, account_id)
        left = second_factors.recovery_left(session, account_id)
        bound = session.scalar(select(AccountIdentity.subject).where(AccountIdentity.account_id == account_id).limit(1))
    since = utc(factor.set_up_at) if factor is not None and factor.set_up_at is not None else None
    opened = tuple(sessions.listed(database, account_id, at))
    return Standing(account.email, account.single_keys, since, left, bound is not None, opened)


def prove_password(
    database: Database, account_id: str, password: str, address: str, at: datetime, field: str = "password"
) -> None:
    """One counted try. Raises WrongPassword at the field, TooManyTries."""
    with database.reading() as session:
        account = _account(session, account_id)
    tries = limits.take(database, account.email, address, at)
    if not passwords.is_right(account.password_hash, password):
        LOG.info("password refused: account %s", account_id)
        raise WrongPassword(field)
    with database.session() as session:
        limits.give_back(session, tries)


def unlock(door: Door, token: str, account_id: str, password: str, code: str, address: str, at: datetime) -> str:
    """Another id for a locked session, for a right password or, where there is a second factor, a right code.

    Raises WrongPassword, WrongCode, TooManyTries; NotSignedIn when it has ended meanwhile.
    """
    if code and not password:
        second_factors.prove(door.database, door.keys(), account_id, code, at)
    else:
        prove_password(door.database, account_id, password, address, at)
    with door.database.session() as session:
        fresh = sessions.renew(session, token, at)
    if fresh is None:
        raise NotSignedIn("Your session is over.", "Sign in again.")
    LOG.info("account %s unlocked its session", account_id)
    return fresh


def change_password(
    database: Database, account_id: str, token: str, current: str, new: str, address: str, at: datetime
) -> str:
    """Returns this session's new id; every other session ends. Raises BadInput at `current` or `new`, TooManyTries."""
    with database.reading() as session:
        account = _account(session, account_id)
    try:
        passwords.check(new, account.email, account.full_name)
    except BadInput as error:
        raise BadInput(error.message, error.advice, "new") from None
    prove_password(database, account_id, current, address, at, "current")
    kept = passwords.hashed(new)
    with database.session() as session:
        own = _account(session, account_id)
        own.password_hash, own.password_set_at = kept, at
        session.flush()
        return _alone(session, token, at)


def begin_second_factor(door: Door, account_id: str, password: str, code: str, address: str, at: datetime) -> None:
    """A secret to set up. `code`: of the one in force, or a recovery code; "" where there is none.

    Raises WrongPassword, TooManyTries; BadInput at "code_now".
    """
    with door.database.reading() as session:
        has_one = second_factors.is_set_up(session, account_id)
    if has_one and not code.strip():
        raise BadInput("Write a code of the second factor you have now.", "A recovery code will do too.", "code_now")
    prove_password(door.database, account_id, password, address, at)
    if has_one:
        try:
            second_factors.prove(door.database, door.keys(), account_id, code, at)
        except WrongCode as error:
            raise BadInput(error.message, error.advice, "code_now") from None
    with door.database.session() as session:
        second_factors.begin(session, door.keys(), account_id)


def confirm_second_factor(
    door: Door, account_id: str, token: str, password: str, code: str, address: str, at: datetime
) -> tuple[str, list[str]]:
    """This session's new id, and recovery codes to be shown once. Raises WrongPassword, WrongCode, TooManyTries.

    The password is asked for here as well: what was begun may have been begun, or be read, in another session.
    """
    prove_password(door.database, account_id, password, address, at)
    tries = limits.take_code(door.database, account_id, at)
    with door.database.session() as session:
        codes = second_factors.confirm(session, door.keys(), account_id, code, at)
        if codes is not None:
            limits.give_back(session, tries)
            LOG.info("account %s has a second factor", account_id)
            return _alone(session, token, at), codes
    raise WrongCode


def remove_second_factor(door: Door, account_id: str, token: str, code: str, at: datetime) -> str:
    """This session's new id. Raises WrongCode, TooManyTries; BadInput where all must have one."""
    with door.database.reading() as session:
        needed = door.required or policy.needs_factor(actions.held_roles(session, account_id))
    if needed:
        raise BadInput("Everybody here must have a second factor.", "Set up another one in its place.", "code")
    second_factors.prove(door.database, door.keys(), account_id, code, at)
    with door.database.session() as session:
        second_factors.remove(session, account_id)
        LOG.info("account %s has no second factor any more", account_id)
        return _alone(session, token, at)


def _alone(session: Session, token: str, at: datetime) -> str:
    fresh = sessions.only(session, token, at)
    if fresh is None:
        raise NotSignedIn("Your session is over.", "Sign in again; nothing was changed.")
    return fresh


def _account(session: Session, account_id: str) -> Account:
    account = session.get(Account, account_id)
    if account is None:
        raise NotSignedIn("There is no such account any more.", "Sign in again.")
    return account
