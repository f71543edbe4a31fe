"""The way in to a directory that has no account yet: a code from the terminal makes the first administrator.

The code comes from the key file, so that only who runs the installation can know it; the first account, however made,
ends it for ever, for accounts are never deleted.
"""

import hmac
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select

from directory.accounts import actions, limits
from directory.accounts.actions import NewAccount
from directory.accounts.tables import Account
from directory.database import Database
from directory.errors import BadInput, WaymarkError
from directory.keys import Keys

PATH = "/first-admin"
ROLE = "admin"
LENGTH = 16
FIRST_ID = str(uuid5(NAMESPACE_URL, "waymark:first-admin"))
"""Two who use the code at the same moment make the same account: one of them fails."""


class Gone(WaymarkError):
    """There is an account already."""

    status = 410

    def __init__(self) -> None:
        super().__init__("The first account was made.", "Sign in, or ask whoever looks after this directory.")


def is_open(database: Database) -> bool:
    """Whether there is no account at all."""
    with database.reading() as session:
        return session.scalar(select(Account.id).limit(1)) is None


def code(keys: Keys) -> str:
    """ "1F0A-93BC-…": 64 bits, for the terminal."""
    made = keys.mac("first admin", "code")[:LENGTH].upper()
    return "-".join(made[start : start + 4] for start in range(0, LENGTH, 4))


def words(database: Database, keys: Keys, public_url: str) -> str:
    """What the terminal says while there is no account; "" once there is one."""
    if not is_open(database):
        return ""
    return (
        f"Nobody can sign in yet. Make the first administrator at {public_url}{PATH} with the set-up code {code(keys)},"
        " or with `waymark user add`."
    )


def make(
    database: Database, keys: Keys, typed: str, new: tuple[str, str], password: str, address: str, at: datetime
) -> str:
    """Makes the first account; `new` is e-mail address and full name. Returns its id.

    Raises Gone, BadInput at its field, TooManyTries.
    """
    if not is_open(database):
        raise Gone
    tries = limits.take(database, "", address, at)
    plain = typed[:60].strip().upper().translate(str.maketrans("OIL", "011", " -–—"))
    if not hmac.compare_digest(plain.encode(), code(keys).replace("-", "").encode()):
        raise BadInput("The set-up code is wrong.", "It is the one that the terminal shows.", "code")
    with database.session() as session:
        limits.give_back(session, tries)
    account = NewAccount.checked(*new, [ROLE])
    try:
        return actions.add(database, account, password, at, FIRST_ID)
    except BadInput as error:
        if error.field == "email":
            raise Gone from None  # somebody was quicker
        raise
