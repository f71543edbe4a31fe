"""A record with nobody in it, a clock that can be moved, and members of staff in one line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from directory.accounts import actions, sessions
from directory.accounts.policy import User
from directory.database import Database
from tests.builders import NOON, a_record

PASSWORD = "four wise owls sing"
ANN = "ann@example.org"


@dataclass(slots=True)
class Staff:
    """One record and one clock; every step takes the time from it."""

    record: Database
    now: datetime = NOON

    def later(self, **by: float) -> "Staff":
        self.now += timedelta(**by)
        return self

    def add(self, email: str = ANN, *roles: str, password: str = PASSWORD) -> str:
        new = actions.NewAccount.checked(email, "Ann Example", roles or ("editor",))
        return actions.add(self.record, new, password, self.now)

    def sign_in(
        self, email: str = ANN, password: str = PASSWORD, address: str = "192.0.2.7", old: str | None = None
    ) -> str:
        return actions.sign_in(self.record, actions.SignIn(email, password, address, old), self.now)

    def who(self, token: str | None) -> User | None:
        return sessions.user(self.record, token, self.now)

    def a_session(self, account_id: str) -> str:
        """A session opened without the price of a password."""
        with self.record.session() as session:
            return sessions.start(session, account_id, self.now)


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    record = a_record(tmp_path)
    yield Staff(record)
    record.close()
