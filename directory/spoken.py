"""Keeps a lexicon up to date with what editors add, here or in another process, without a restart or a re-index."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from directory import vocabulary
from directory.database import Database
from directory.errors import NotReady
from taxonomy.lexicon import Lexicon

LOG = logging.getLogger("waymark.vocabulary")
LOOK_EVERY = timedelta(seconds=2)
"""How old the words may be: one count in the record this often, however many enquiries come."""


@dataclass(frozen=True, slots=True)
class _Seen:
    database: Database
    base: Lexicon
    lexicon: Lexicon
    version: int
    at: datetime


@dataclass(slots=True)
class Spoken:
    """The lexicon as last put together. One value is swapped for another, so that threads may share it."""

    _seen: _Seen | None = field(default=None)

    def lexicon(self, base: Lexicon, database: Database, at: datetime) -> Lexicon:
        """`base` with the phrases in use, at most `LOOK_EVERY` old. When the record cannot be read, what was known
        stays in use: words are worth less than an answer."""
        seen = self._seen
        if seen is not None and (seen.database is not database or seen.base is not base):
            seen = None
        if seen is not None and seen.at <= at < seen.at + LOOK_EVERY:
            return seen.lexicon
        try:
            seen = _look(seen, base, database, at)
        except (SQLAlchemyError, NotReady) as error:
            LOG.warning("editors' phrases could not be read: %s", type(error).__name__)
            seen = _Seen(database, base, seen.lexicon if seen else base, seen.version if seen else -1, at)
        self._seen = seen
        return seen.lexicon

    def forget(self) -> None:
        """The next enquiry looks at the record again: called by whoever has just changed it."""
        self._seen = None


def _look(seen: _Seen | None, base: Lexicon, database: Database, at: datetime) -> _Seen:
    if seen is not None and vocabulary.version(database) == seen.version:
        return _Seen(database, base, seen.lexicon, seen.version, at)
    version, rows = vocabulary.rows_in_use(database)
    return _Seen(database, base, base.with_added(rows), version, at)
