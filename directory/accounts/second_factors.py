"""One-time codes beside the password (TOTP, RFC 6238), and codes on paper for when the telephone is lost.

The secret is sealed, so that a copy of the record makes no codes; no time step is ever taken twice (RFC 6238, 5.2).
"""

import hmac
import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from directory.accounts import limits
from directory.accounts.tables import AccountFactor, RecoveryCode
from directory.database import Database
from directory.errors import BadInput
from directory.keys import Keys, Sealer, Unreadable

ISSUER = "Waymark"
AROUND = (-1, 0, 1)
"""Time steps of 30 s that are taken beside the present one: clocks differ, and people type slowly."""
RECOVERY_CODES, RECOVERY_LENGTH = 10, 10
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: a recovery code has 50 random bits."""
_READ = str.maketrans("OIL", "011", " -–—\t\u00a0")


class WrongCode(BadInput):
    """Not this account's code, or one that was used: which of them is not told."""

    def __init__(self) -> None:
        super().__init__("That code is wrong, or was used already.", "Wait for the next one, then type it.", "code")


def is_set_up(session: Session, account_id: str) -> bool:
    """Whether an account has a second factor that works."""
    own = AccountFactor.account_id == account_id
    return (
        session.scalar(select(AccountFactor.account_id).where(own, AccountFactor.secret_sealed.is_not(None)))
        is not None
    )


def begin(session: Session, keys: Keys, account_id: str) -> None:
    """A new secret for the account, in the caller's transaction; one it has stays in force until this one is proved."""
    row = session.get(AccountFactor, account_id, with_for_update=True)
    if row is None:
        row = AccountFactor(account_id=account_id)
        session.add(row)
    row.new_sealed = _sealer(keys, keys.current).seal(pyotp.random_base32(), "account_factor", account_id, "new")


def new_secret(database: Database, keys: Keys, account_id: str) -> str:
    """The secret that is being set up, in base 32, for its owner's app; "" when none is."""
    with database.reading() as session:
        row = session.get(AccountFactor, account_id)
    return _opened_new(keys, row) if row is not None else ""


def address(secret: str, email: str) -> str:
    """What the picture says: the `otpauth:` address that authenticator apps read."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def confirm(session: Session, keys: Keys, account_id: str, typed: str, at: datetime) -> list[str] | None:
    """Puts the new secret in force when the code is its own, in the caller's transaction.

    Returns the account's recovery codes, shown this once; None for a wrong code.
    """
    row = session.get(AccountFactor, account_id, with_for_update=True)
    secret = _opened_new(keys, row) if row is not None else ""
    step = _step(secret, _read(typed), at) if secret else None
    if row is None or step is None:
        return None
    row.secret_sealed = _sealer(keys, keys.current).seal(secret, "account_factor", account_id, "secret")
    row.key_id, row.new_sealed, row.last_step, row.set_up_at = keys.current, None, step, at
    return _recovery_codes(session, keys, account_id)


def accepted(session: Session, keys: Keys, account_id: str, typed: str, at: datetime) -> bool:
    """Whether a code, of the app or a recovery code, is right; it is used up in the caller's transaction."""
    code = _read(typed)
    row = session.get(AccountFactor, account_id, with_for_update=True)
    if row is None or row.secret_sealed is None:
        return False
    if len(code) == RECOVERY_LENGTH:
        return _recovered(session, keys, account_id, code, at)
    secret = _sealer(keys, row.key_id).open(row.secret_sealed, "account_factor", account_id, "secret")
    step = _step(secret, code, at)
    if step is None or step <= row.last_step:
        return False
    row.last_step = step
    return True


def prove(database: Database, keys: Keys, account_id: str, typed: str, at: datetime) -> None:
    """One counted try at a code by somebody who is signed in. Raises WrongCode, TooManyTries."""
    tries = limits.take_code(database, account_id, at)
    with database.session() as session:
        right = accepted(session, keys, account_id, typed, at)
        if right:
            limits.give_back(session, tries)
    if not right:
        raise WrongCode


def remove(session: Session, account_id: str) -> None:
    """Takes second factor and recovery codes away, in the caller's transaction."""
    session.execute(delete(AccountFactor).where(AccountFactor.account_id == account_id))
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))


def recovery_left(session: Session, account_id: str) -> int:
    """How many recovery codes are not used yet."""
    unused = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalars(select(func.count()).select_from(RecoveryCode).where(*unused)).one()


def _recovery_codes(session: Session, keys: Keys, account_id: str) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account_id))
    codes = ["".join(secrets.choice(LETTERS) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES)]
    for code in codes:
        session.add(RecoveryCode(account_id=account_id, code_hash=_mac(keys, account_id, code, keys.current)))
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _recovered(session: Session, keys: Keys, account_id: str, code: str, at: datetime) -> bool:
    macs = [_mac(keys, account_id, code, key_id) for key_id in keys.masters]
    own = (RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    for row in session.scalars(select(RecoveryCode).where(*own).with_for_update()):
        if any(hmac.compare_digest(row.code_hash, mac) for mac in macs):
            row.used_at = at
            return True
    return False


def _mac(keys: Keys, account_id: str, code: str, key_id: str) -> str:
    return keys.mac("recovery", f"{account_id}:{code}", key_id)


def _step(secret: str, code: str, at: datetime) -> int | None:
    """The time step whose code this is, the latest first; None when it is none's."""
    totp = pyotp.TOTP(secret)
    now = totp.timecode(at)
    found = [now + around for around in AROUND if hmac.compare_digest(totp.generate_otp(now + around), code)]
    return max(found, default=None)


def _read(typed: str) -> str:
    """A code as typed: blanks and dashes do not matter, nor small letters, nor O for 0."""
    code = typed[:40].strip().upper().translate(_READ)
    return code if code.isascii() else ""


def _opened_new(keys: Keys, row: AccountFactor) -> str:
    try:
        return _sealer(keys, keys.current).open(row.new_sealed, "account_factor", row.account_id, "new")
    except Unreadable:
        return ""  # the key file has another key since: it is begun anew


def _sealer(keys: Keys, key_id: str) -> Sealer:
    return Sealer(keys.derived("factor", key_id))
