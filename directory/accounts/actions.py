"""Everything that changes an account: the only writer of accounts and roles. The way in is `signing_in`.

Whatever takes a right away (disabling, another password, other roles) ends the account's sessions in its own
transaction. The log names accounts by id: no e-mail address, no password, no session id.
"""

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.accounts import passwords, policy, second_factors, sessions
from directory.accounts.tables import Account, AccountRole
from directory.database import Database
from directory.errors import BadInput, Conflict, NotFound

LOG = logging.getLogger("waymark.accounts")
ADMIN = "admin"
Also = Callable[[Session, str], object]
"""What else is written in the same transaction, of an account's id: who changed it (`directory.user_commands`)."""
EMAIL_LIMIT, NAME_LIMIT = 254, 100
_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
"""The address HTML's e-mail field takes (html.spec.whatwg.org, valid e-mail address), with a dot in the host's name."""


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account asked for. `checked` makes one; everything but the password is known to be right."""

    email: str
    full_name: str
    roles: frozenset[str]

    @classmethod
    def checked(cls, email: str, full_name: str, roles: Iterable[str]) -> "NewAccount":
        """Raises BadInput with the first mistake."""
        name = " ".join(full_name.split())
        if not name or len(name) > NAME_LIMIT or not name.isprintable():
            raise BadInput("The name cannot be used.", f"Give a full name of 1 to {NAME_LIMIT} characters.", "name")
        return cls(checked_email(email), name, policy.known_roles(roles))


def user_name(typed: str) -> str:
    """An e-mail address as it is looked up: blanks round it and large letters do not matter."""
    return typed.strip().lower()


def checked_email(typed: str) -> str:
    """The user name. Raises BadInput when it is no e-mail address."""
    email = user_name(typed)
    if len(email) > EMAIL_LIMIT or not _EMAIL.fullmatch(email):
        raise BadInput("That is not an e-mail address.", "Write it like name@organisation.example.", field="email")
    return email


def _nothing(session: Session, account_id: str) -> None: ...


def add(
    database: Database, new: NewAccount, password: str, at: datetime, account_id: str = "", also: Also = _nothing
) -> str:
    """Makes an account; returns its id. Raises BadInput for the password, and when the address (or id) is taken."""
    passwords.check(password, new.email, new.full_name)
    kept = passwords.hashed(password)
    account = Account(
        id=account_id or str(uuid4()), email=new.email, full_name=new.full_name, password_hash=kept,
        password_set_at=at, created_at=at,
    )  # fmt: skip
    try:
        with database.session() as session:
            session.add(account)
            session.flush()
            session.add_all(AccountRole(account_id=account.id, role=role) for role in sorted(new.roles))
            also(session, account.id)
    except IntegrityError:
        raise _taken() from None  # the error's own words hold the address
    LOG.info("account %s made, roles %s", account.id, ", ".join(sorted(new.roles)))
    return account.id


def check_free(database: Database, email: str) -> None:
    """Raises BadInput when there is an account with this address already."""
    with database.reading() as session:
        if session.scalar(select(Account.id).where(Account.email == email)):
            raise _taken()


def _taken() -> BadInput:
    return BadInput("There is an account with this address.", "See `waymark user list`.", field="email")


def disable(database: Database, email: str, at: datetime, also: Also = _nothing) -> None:
    """Shuts an account and ends its sessions. Raises NotFound, Conflict for the last administrator."""
    with database.session() as session:
        account = _held(session, email)
        check_not_last(session, account)
        shut(session, account, at)
        also(session, account.id)


def check_not_last(session: Session, account: Account) -> None:
    """Raises Conflict for the last administrator.

    Rows of all administrators are held: of two who shut each other out at once, one is too late.
    """
    holders = list(session.scalars(select(AccountRole).where(AccountRole.role == ADMIN).with_for_update()))
    others = [row.account_id for row in holders if row.account_id != account.id]
    enabled = select(func.count()).where(Account.id.in_(others), Account.disabled_at.is_(None))
    if any(row.account_id == account.id for row in holders) and not session.scalar(enabled):
        raise Conflict("This is the last administrator.", "Make somebody else an administrator first.")


def shut(session: Session, account: Account, at: datetime) -> None:
    """`disable`, in the caller's transaction."""
    account.disabled_at = account.disabled_at or at
    session.flush()
    sessions.end_all(session, account.id)
    LOG.info("account %s disabled", account.id)


def enable(database: Database, email: str, also: Also = _nothing) -> None:
    """Opens an account that was disabled. Raises NotFound."""
    with database.session() as session:
        account = _held(session, email)
        account.disabled_at = None
        also(session, account.id)
    LOG.info("account %s enabled", account.id)


def set_roles(database: Database, email: str, roles: Iterable[str], also: Also = _nothing) -> None:
    """Gives an account these roles in place of those it had, and ends its sessions. Raises BadInput, NotFound, Conflict
    for the last administrator."""
    chosen = policy.known_roles(roles)
    with database.session() as session:
        account = _held(session, email)
        policy.check_apart(held_roles(session, account.id), chosen)
        if ADMIN not in chosen:
            check_not_last(session, account)
        also(session, account.id)
        session.execute(delete(AccountRole).where(AccountRole.account_id == account.id))
        session.add_all(AccountRole(account_id=account.id, role=role) for role in sorted(chosen))
        session.flush()
        sessions.end_all(session, account.id)
    LOG.info("account %s has roles %s", account.id, ", ".join(sorted(chosen)))


def held_roles(session: Session, account_id: str) -> frozenset[str]:
    """The roles that an account holds now."""
    return frozenset(session.scalars(select(AccountRole.role).where(AccountRole.account_id == account_id)))


def set_password(database: Database, email: str, password: str, at: datetime, also: Also = _nothing) -> None:
    """Gives an account another password and ends its sessions. Raises BadInput, NotFound."""
    known = find(database, email)
    passwords.check(password, known.email, known.full_name)
    kept = passwords.hashed(password)
    with database.session() as session:
        account = _held(session, email)
        account.password_hash, account.password_set_at = kept, at
        session.flush()
        sessions.end_all(session, account.id)
        also(session, account.id)
    LOG.info("account %s has another password", account.id)


def reset_second_factor(database: Database, email: str, also: Also = _nothing) -> None:
    """Takes an account's second factor and recovery codes away, and ends its sessions. Raises NotFound."""
    with database.session() as session:
        account = _held(session, email)
        second_factors.remove(session, account.id)
        sessions.end_all(session, account.id)
        also(session, account.id)
    LOG.info("account %s has no second factor any more", account.id)


def set_single_keys(database: Database, account_id: str, on: bool) -> None:
    """Whether single letters do things on this person's staff pages."""
    with database.session() as session:
        session.execute(update(Account).where(Account.id == account_id).values(single_keys=on))


def find(database: Database, email: str) -> Account:
    """The account with this address. Raises NotFound."""
    with database.reading() as session:
        return _held(session, email)


def _held(session: Session, email: str) -> Account:
    account = by_email(session, user_name(email))
    if account is None:
        raise NotFound("There is no account with this address.", "See `waymark user list`.")
    return account


def by_email(session: Session, email: str) -> Account | None:
    """The account of a user name (`user_name`); None for nobody's."""
    if not _EMAIL.fullmatch(email):
        return None  # nobody's; and databases refuse some of what can be typed
    return session.scalar(select(Account).where(Account.email == email))


def everyone(database: Database) -> list[tuple[Account, list[str]]]:
    """Every account with its roles, by address."""
    with database.reading() as session:
        accounts = session.scalars(select(Account).order_by(Account.email)).all()
        held = session.execute(select(AccountRole.account_id, AccountRole.role).order_by(AccountRole.role)).all()
    return [(account, [role for owner, role in held if owner == account.id]) for account in accounts]
