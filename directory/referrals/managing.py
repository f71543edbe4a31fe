"""What an administrator does with accounts, each with its audit line: nobody changes their own, and one admin stays."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from directory.accounts import policy, second_factors, sessions, set_up_codes
from directory.accounts.actions import ADMIN, NewAccount, check_not_last, held_roles, shut
from directory.accounts.tables import Account, AccountRole, utc
from directory.errors import BadInput, Conflict, Forbidden, NotFound
from directory.referrals import audit, case_access, leaving
from directory.referrals.asking import Ask
from directory.referrals.loop import Answer, Loop

WHAT = "account"


@dataclass(frozen=True, slots=True)
class Listed:
    """One account as its administrators see it."""

    id: str
    email: str
    full_name: str
    roles: tuple[str, ...]
    disabled_at: datetime | None
    has_factor: bool
    sessions: int
    last_seen_at: datetime | None


def listed(loop: Loop, at: datetime) -> list[Listed]:
    """Every account: the ones in use first, by name."""
    with loop.database.reading() as session:
        accounts = session.scalars(select(Account)).all()
        held = session.execute(select(AccountRole.account_id, AccountRole.role).order_by(AccountRole.role)).all()
        factors = {own.id: second_factors.is_set_up(session, own.id) for own in accounts}
    found = []
    for own in accounts:
        opened = sessions.listed(loop.database, own.id, at)
        found.append(
            Listed(
                own.id,
                own.email,
                own.full_name,
                tuple(role for owner, role in held if owner == own.id),
                utc(own.disabled_at) if own.disabled_at else None,
                factors[own.id],
                len(opened),
                max((each.last_seen_at for each in opened), default=None),
            )
        )
    return sorted(found, key=lambda own: (own.disabled_at is not None, own.full_name.casefold()))


def add(loop: Loop, ask: Ask, email: str, full_name: str, roles: Iterable[str]) -> Answer:
    """An account for somebody, who chooses their own password with a set-up code (`code_of`). Answers {"id", "at"}.

    Raises BadInput naming the field.
    """
    new = NewAccount.checked(email, full_name, roles)
    if policy.PARTNER in new.roles:
        raise BadInput("Partners invite their own people.", "An owner does it on the partner’s own pages.", "role")
    kept = set_up_codes.unusable()
    own = str(uuid4())

    def do(session: Session) -> Answer:
        account = Account(
            id=own, email=new.email, full_name=new.full_name, password_hash=kept, password_set_at=ask.at,
            created_at=ask.at,
        )  # fmt: skip
        session.add(account)
        try:
            session.flush()
        except IntegrityError:
            raise BadInput("There is an account with this address.", "Look for it in the list.", "email") from None
        session.add_all(AccountRole(account_id=own, role=role) for role in sorted(new.roles))
        _note(session, ask, own, "create", "add", [f"roles=>{','.join(sorted(new.roles))}"])
        return {"id": own, "at": ask.at.isoformat()}

    body = {"mac": loop.keys.mac("body", f"{new.email}\n{new.full_name}"), "roles": sorted(new.roles)}
    return loop.once(ask, "account.add", body, do)


def code_of(loop: Loop, account_id: str, at: str) -> str:
    """The code by which an account's owner sets their password; `at`: as `add` or `new_code` answered.

    Raises NotFound; Conflict once they have, or another code was made since.
    """
    with loop.database.reading() as session:
        account = session.get(Account, account_id)
    if account is None:
        raise _unknown()
    if utc(account.password_set_at).isoformat() != at:
        raise Conflict("They have chosen their password already.", "Make a new code.")
    return set_up_codes.code(loop.keys, account, loop.clock())


def new_code(loop: Loop, ask: Ask, account_id: str) -> Answer:
    """For somebody who has lost their password: the old one ends, their sessions too. Answers {"id", "at"}.

    Raises Forbidden, NotFound.
    """
    kept = set_up_codes.unusable()

    def do(session: Session, account: Account) -> None:
        account.password_hash, account.password_set_at = kept, ask.at
        session.flush()
        sessions.end_all(session, account.id)

    return _done(loop, ask, account_id, "code", do)


def change_roles(loop: Loop, ask: Ask, account_id: str, roles: Iterable[str]) -> Answer:
    """Other roles in place of those it has; its sessions end. Raises BadInput, Conflict for the last administrator or a
    case's last supervisor, Forbidden for one's own, NotFound."""
    chosen = policy.known_roles(roles)

    def do(session: Session, account: Account) -> None:
        policy.check_apart(held_roles(session, account.id), chosen)
        if ADMIN not in chosen:
            check_not_last(session, account)
        if not any(case_access.SUPERVISE in policy.roles()[role].permissions for role in chosen):
            leaving.check_supervised(session, account.id)
        session.execute(delete(AccountRole).where(AccountRole.account_id == account.id))
        session.add_all(AccountRole(account_id=account.id, role=role) for role in sorted(chosen))
        session.flush()
        sessions.end_all(session, account.id)

    return _done(loop, ask, account_id, "roles", do, chosen)


def disable(loop: Loop, ask: Ask, account_id: str) -> Answer:
    """Shuts an account at once. Raises Conflict for the last administrator or a case's last supervisor, Forbidden
    for one's own, NotFound."""

    def do(session: Session, account: Account) -> None:
        check_not_last(session, account)
        leaving.check_supervised(session, account.id)
        shut(session, account, ask.at)

    return _done(loop, ask, account_id, "disable", do)


def enable(loop: Loop, ask: Ask, account_id: str) -> Answer:
    """Opens an account again, with the roles it had. Raises Forbidden, NotFound."""

    def do(session: Session, account: Account) -> None:
        account.disabled_at = None

    return _done(loop, ask, account_id, "enable", do)


def reset_factor(loop: Loop, ask: Ask, account_id: str) -> Answer:
    """Takes a lost second factor away: its owner sets up another at the next sign-in. Raises Forbidden, NotFound."""

    def do(session: Session, account: Account) -> None:
        second_factors.remove(session, account.id)
        sessions.end_all(session, account.id)

    return _done(loop, ask, account_id, "factor", do)


def end_sessions(loop: Loop, ask: Ask, account_id: str) -> Answer:
    """Signs somebody out everywhere. Raises Forbidden, NotFound."""
    return _done(loop, ask, account_id, "sessions", lambda session, account: sessions.end_all(session, account.id))


def _done(
    loop: Loop,
    ask: Ask,
    account_id: str,
    what: str,
    change: Callable[[Session, Account], None],
    roles: Iterable[str] = (),
) -> Answer:
    check_other(ask, account_id)

    def do(session: Session) -> Answer:
        account = session.get(Account, account_id, with_for_update=True)
        if account is None:
            raise _unknown()
        before = sorted(held_roles(session, account_id))
        change(session, account)
        after = sorted(roles) or before
        _note(session, ask, account_id, "change", what, [f"roles={','.join(before)}>{','.join(after)}"])
        return {"id": account_id, "at": ask.at.isoformat()}

    return loop.once(ask, f"account.{what}", {"id": account_id, "roles": sorted(roles)}, do)


def check_other(ask: Ask, account_id: str) -> None:
    """Raises Forbidden for one's own account."""
    if account_id == ask.who.id:
        raise Forbidden("This is your own account.", "Ask another administrator; your password is at “Your account”.")


def _note(session: Session, ask: Ask, own: str, action: str, what: str, fields: Iterable[str]) -> None:
    audit.note(session, ask.who, ask.at, action, WHAT, own, purpose=what, fields=fields)


def _unknown() -> NotFound:
    return NotFound("There is no such account.", "Look at the list of people.")
