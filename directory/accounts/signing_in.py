"""The way in: what was proved, what must still be proved, and the session that it opens in the end, always a new one.

A right password opens a session, or a step that waits for a code or for a second factor to be set up. The log names
accounts by id.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.accounts import actions, limits, passwords, policy, second_factors, sessions, steps
from directory.accounts.steps import Kind
from directory.accounts.tables import Account, AccountIdentity
from directory.database import Database
from directory.errors import BadInput, NotSignedIn
from directory.keys import Keys

LOG = logging.getLogger("waymark.accounts")
CLOCKS_DIFFER = timedelta(seconds=5)
"""How much an issuer's clock may be behind ours; it tells whole seconds."""


class SignInRefused(BadInput):
    """Wrong user name or password, or an account that is disabled: which of them is not told."""

    def __init__(self) -> None:
        super().__init__("The e-mail address or the password is wrong.", "Check both and try again.", field="email")


class NoAccountHere(BadInput):
    """Their organisation knows them, and we do not: accounts are made here, by whoever looks after the directory."""

    def __init__(self) -> None:
        super().__init__(
            "There is no account here for you, or it is disabled.",
            "Ask whoever looks after this directory, or sign in with your e-mail address and password.",
            field="email",
        )


class LockedSince(BadInput):
    """Somebody has locked their session, and their organisation's word is older than that: anybody may have come by."""

    def __init__(self) -> None:
        super().__init__(
            "You have locked a session, so your organisation must ask you anew.",
            "Choose it again, or sign in with your e-mail address and password.",
            field="email",
        )


@dataclass(frozen=True, slots=True)
class Door:
    """What signing in works with. `keys` is called only where a second factor is; `required`: all must have one."""

    database: Database
    keys: Callable[[], Keys]
    required: bool = False


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a try comes from: network address, session it had, what to call it, and the path it wants to go on to."""

    address: str
    old_token: str | None = None
    device: str = ""
    onward: str = ""


@dataclass(frozen=True, slots=True)
class Entrance:
    """What was opened, as the cookie's value: a session (`kind` None), or a step that waits for more."""

    token: str
    kind: Kind | None
    onward: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is where their organisation signs them in. `email`: "" unless the issuer vouches for it."""

    issuer: str
    subject: str
    email: str = ""
    two_factors: bool = False
    asked_at: datetime | None = None
    """When the issuer last asked who it is; None where it does not say."""


def by_password(door: Door, email: str, password: str, browser: Browser, at: datetime) -> Entrance:
    """Raises SignInRefused, TooManyTries; NotReady without the keys that a second factor needs."""
    name = actions.user_name(email)
    tries = limits.take(door.database, name, browser.address, at)
    with door.database.reading() as session:
        account = actions.by_email(session, name)
    # outside any transaction: hashing takes long, and writers wait for each other
    right = passwords.is_right(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at is not None:
        LOG.info("sign-in refused: %s", f"account {account.id}" if account else "no such account")
        raise SignInRefused
    renewed = passwords.hashed(password) if passwords.is_outdated(account.password_hash) else None
    with door.database.session() as session:
        now = session.scalar(select(Account).where(Account.id == account.id).with_for_update())
        if now is None or now.disabled_at is not None or now.password_hash != account.password_hash:
            raise SignInRefused  # disabled, or given another password, while we were hashing
        if renewed:
            now.password_hash = renewed
        limits.give_back(session, tries)
        return _entered(session, door, now.id, browser, at)


def by_code(door: Door, token: str | None, typed: str, browser: Browser, at: datetime) -> Entrance:
    """The second step. Raises StepOver, WrongCode, TooManyTries."""
    step = steps.held(door.database, token, Kind.CODE, at)
    tries = limits.take_code(door.database, step.account_id, at)
    with door.database.session() as session:
        right = second_factors.accepted(session, door.keys(), step.account_id, typed, at)
        if right:
            limits.give_back(session, tries)
            steps.take(session, token, Kind.CODE, at)
            return _session(session, step.account_id, browser, at, step.onward)
    LOG.info("code refused: account %s", step.account_id)
    raise second_factors.WrongCode


def by_set_up(door: Door, token: str | None, typed: str, browser: Browser, at: datetime) -> tuple[Entrance, list[str]]:
    """Sets up the second factor that the account must have; gives its recovery codes too. Raises as `by_code`."""
    step = steps.held(door.database, token, Kind.SET_UP, at)
    tries = limits.take_code(door.database, step.account_id, at)
    with door.database.session() as session:
        codes = second_factors.confirm(session, door.keys(), step.account_id, typed, at)
        if codes is not None:
            limits.give_back(session, tries)
            steps.take(session, token, Kind.SET_UP, at)
            sessions.end_all(session, step.account_id)
            LOG.info("account %s has a second factor", step.account_id)
            return _session(session, step.account_id, browser, at, step.onward), codes
    raise second_factors.WrongCode


def by_organization(door: Door, identity: Identity, browser: Browser, at: datetime) -> Entrance:
    """Somebody whom their organisation has signed in. Makes no account and gives no role.

    The issuer's word counts as the first factor, and as both where it says so. Raises NoAccountHere, and LockedSince
    where nothing but that word, from before they locked a session, would open another.
    """
    with door.database.session() as session:
        account = _known(session, identity, at)
        if account is None or account.disabled_at is not None:
            LOG.info("sign-in by an organisation refused: %s", f"account {account.id}" if account else "no account")
            raise NoAccountHere
        locked_at = sessions.locked_at(session, account.id, at)
        if identity.two_factors and not policy.needs_factor(actions.held_roles(session, account.id)):
            entrance = _session(session, account.id, browser, at, browser.onward)
        else:
            entrance = _entered(session, door, account.id, browser, at)
        if locked_at is not None and entrance.kind is not Kind.CODE and not _asked_since(identity, locked_at):
            LOG.info("sign-in by an organisation refused: account %s has locked a session since", account.id)
            raise LockedSince
        return entrance


def _asked_since(identity: Identity, moment: datetime) -> bool:
    return identity.asked_at is not None and identity.asked_at >= moment - CLOCKS_DIFFER


def by_invitation(door: Door, account_id: str, browser: Browser, at: datetime) -> Entrance:
    """Somebody who has just proved their mailbox and chosen the password of a new account: on to its second factor.

    Raises NotSignedIn for an account that opens by now, or is shut: that is signed in to.
    """
    with door.database.session() as session:
        account = session.get(Account, account_id)
        usable = account is not None and account.disabled_at is None
        if not usable or second_factors.is_set_up(session, account_id):
            raise NotSignedIn("You have an account here.", "Sign in.")
        return _entered(session, door, account_id, browser, at)


def sign_out(database: Database, token: str | None) -> None:
    """Ends a session; one that is not there is no error."""
    with database.session() as session:
        sessions.end(session, token)


def _entered(session: Session, door: Door, account_id: str, browser: Browser, at: datetime) -> Entrance:
    """What the first factor alone opens."""
    has_one = second_factors.is_set_up(session, account_id)
    if not has_one and not door.required and not policy.needs_factor(actions.held_roles(session, account_id)):
        return _session(session, account_id, browser, at, browser.onward)
    if not has_one:
        second_factors.begin(session, door.keys(), account_id)
    kind = Kind.CODE if has_one else Kind.SET_UP
    return Entrance(steps.start(session, kind, account_id, browser.onward, at), kind, browser.onward)


def _session(session: Session, account_id: str, browser: Browser, at: datetime, onward: str) -> Entrance:
    sessions.sweep(session, at)
    sessions.end(session, browser.old_token)
    token = sessions.start(session, account_id, at, browser.device)
    LOG.info("account %s signed in", account_id)
    return Entrance(token, None, onward)


def _known(session: Session, identity: Identity, at: datetime) -> Account | None:
    """By issuer and subject; the first time by an address the issuer vouches for, of an account not bound to another
    subject there: an address may be given to somebody new, a subject never is."""
    own = (AccountIdentity.issuer == identity.issuer, AccountIdentity.subject == identity.subject)
    account_id = session.scalar(select(AccountIdentity.account_id).where(*own))
    if account_id is not None:
        return session.get(Account, account_id)
    account = actions.by_email(session, actions.user_name(identity.email)) if identity.email else None
    if account is None or account.disabled_at is not None:
        return account
    bound = (AccountIdentity.issuer == identity.issuer, AccountIdentity.account_id == account.id)
    if session.scalar(select(AccountIdentity.subject).where(*bound)) is not None:
        return None
    session.add(AccountIdentity(issuer=identity.issuer, subject=identity.subject, account_id=account.id, made_at=at))
    LOG.info("account %s bound to its organisation's sign-in", account.id)
    return account
