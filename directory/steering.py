"""Keeps the pathways up to date with what a domain lead publishes, here or in another process, without a restart."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from directory import pathway_versions
from directory.database import Database
from directory.errors import NotReady
from taxonomy import pathways
from taxonomy.pathways import Pathways

LOG = logging.getLogger("waymark.pathways")
LOOK_EVERY = timedelta(seconds=2)
"""How old the pathways may be: one count in the record this often, however many enquiries come."""


@dataclass(frozen=True, slots=True)
class _Seen:
    database: Database
    pathways: Pathways
    version: int
    at: datetime


@dataclass(slots=True)
class Steering:
    """The pathways as last read. One value is swapped for another, so that threads may share it."""

    _seen: _Seen | None = field(default=None)

    def pathways(self, database: Database, at: datetime) -> Pathways:
        """The pathways in use, at most `LOOK_EVERY` old. When the record cannot be read, what was known stays."""
        seen = self._seen
        if seen is not None and seen.database is not database:
            seen = None
        if seen is not None and seen.at <= at < seen.at + LOOK_EVERY:
            return seen.pathways
        try:
            if seen is not None and pathway_versions.version(database) == seen.version:
                seen = _Seen(database, seen.pathways, seen.version, at)
            else:
                version, found = pathway_versions.in_use(database)
                seen = _Seen(database, found, version, at)
        except (SQLAlchemyError, NotReady) as error:
            LOG.warning("pathways could not be read: %s", type(error).__name__)
            seen = _Seen(database, seen.pathways if seen else pathways.load(), seen.version if seen else -1, at)
        self._seen = seen
        return seen.pathways

    def forget(self) -> None:
        """The next enquiry looks at the record again: called by whoever has just published."""
        self._seen = None
