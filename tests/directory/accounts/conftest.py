"""A record with nobody in it, a clock that can be moved, and members of staff and their telephones in one line."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import argon2
import pyotp
import pytest

from directory import keys
from directory.accounts import actions, passwords, second_factors, sessions, signing_in
from directory.accounts.policy import User
from directory.accounts.signing_in import Browser, Door, Entrance
from directory.database import Database
from directory.keys import Keys
from tests.builders import NOON, a_record

PASSWORD = "four wise owls sing"
ANN = "ann@example.org"


@dataclass(slots=True)
class Staff:
    """One record and one clock; every step takes the time from it."""

    record: Database
    keys: Keys
    now: datetime = NOON
    required: bool = False

    @property
    def door(self) -> Door:
        return Door(self.record, lambda: self.keys, self.required)

    def later(self, **by: float) -> "Staff":
        self.now += timedelta(**by)
        return self

    def add(self, email: str = ANN, *roles: str, password: str = PASSWORD) -> str:
        new = actions.NewAccount.checked(email, "Ann Example", roles or ("editor",))
        return actions.add(self.record, new, password, self.now)

    def enter(
        self, email: str = ANN, password: str = PASSWORD, address: str = "192.0.2.7", old: str | None = None
    ) -> Entrance:
        """What a password opens: a session, or the next step."""
        return signing_in.by_password(self.door, email, password, Browser(address, old, "Firefox"), self.now)

    def sign_in(self, email: str = ANN, password: str = PASSWORD, **more: str | None) -> str:
        entrance = self.enter(email, password, **more)  # type: ignore[arg-type]  # fields by name
        assert entrance.kind is None
        return entrance.token

    def with_factor(self, account_id: str) -> "Phone":
        """A telephone set up for an account, whose first code was used to prove it."""
        with self.record.session() as session:
            second_factors.begin(session, self.keys, account_id)
        phone = Phone(self, second_factors.new_secret(self.record, self.keys, account_id))
        with self.record.session() as session:
            codes = second_factors.confirm(session, self.keys, account_id, phone.code(), self.now)
        assert codes is not None
        phone.recovery = codes
        return phone

    def who(self, token: str | None) -> User | None:
        return sessions.user(self.record, token, self.now)

    def a_session(self, account_id: str) -> str:
        """A session opened without the price of a password."""
        with self.record.session() as session:
            return sessions.start(session, account_id, self.now)


@dataclass(slots=True)
class Phone:
    """An authenticator app; `steps` are time steps from now."""

    staff: Staff
    secret: str
    recovery: list[str] = field(default_factory=list)

    def code(self, steps: int = 0) -> str:
        return pyotp.TOTP(self.secret).at(self.staff.now, counter_offset=steps)


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """argon2id at its cheapest: for tests that sign in again and again and are not about its price."""
    monkeypatch.setattr(passwords, "_HASHER", argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    record = a_record(tmp_path)
    keys.make_keys(tmp_path / "key")
    yield Staff(record, keys.open_keys(tmp_path / "key"))
    record.close()
