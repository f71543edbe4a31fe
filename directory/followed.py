"""Keeps what is made from the record up to date with who changes it, here or in another process, without a restart."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from directory.database import Database
from directory.errors import NotReady

LOG = logging.getLogger("waymark.followed")
LOOK_EVERY = timedelta(seconds=2)
"""How old a value may be: one count in the record this often, however many enquiries come."""

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Seen(Generic[Value]):
    database: Database
    base: Value
    value: Value
    version: int
    at: datetime


class Followed(Generic[Value]):
    """A value of the record, as last made. One value is swapped for another, so that threads may share it.

    `version` counts the changes in a record; `read` makes the value anew over what came with this version of Waymark,
    and says at which count; `what` names it in the log.
    """

    def __init__(
        self,
        what: str,
        version: Callable[[Database], int],
        read: Callable[[Value, Database], tuple[int, Value]],
    ) -> None:
        self._what = what
        self._version = version
        self._read = read
        self._seen: _Seen[Value] | None = None

    def current(self, base: Value, database: Database, at: datetime) -> Value:
        """`base` with the changes in use, at most `LOOK_EVERY` old. When the record cannot be read, what was known
        stays in use: a change is worth less than an answer."""
        seen = self._seen
        if seen is not None and (seen.database is not database or seen.base is not base):
            seen = None
        if seen is not None and seen.at <= at < seen.at + LOOK_EVERY:
            return seen.value
        version, value = (seen.version, seen.value) if seen else (-1, base)
        try:
            if seen is None or self._version(database) != version:
                version, value = self._read(base, database)
        except (SQLAlchemyError, NotReady) as error:
            LOG.warning("%s could not be read: %s", self._what, type(error).__name__)
        self._seen = _Seen(database, base, value, version, at)
        return value

    def forget(self) -> None:
        """The next enquiry looks at the record again: called by whoever has just changed it."""
        self._seen = None
