"""Alembic's entry: runs the revisions over the connection that `database.migrate` opened, in its one transaction."""

from alembic import context
from sqlalchemy import Connection, text

from directory import pathway_tables  # noqa: F401 - for its tables
from directory.accounts import tables as accounts  # noqa: F401 - for its tables
from directory.editing import tables as editing  # noqa: F401 - for its tables
from directory.feeds import tables as feeds  # noqa: F401 - for its tables
from directory.matching import tables as matching  # noqa: F401 - for its tables
from directory.partners import review_tables as partner_reviews  # noqa: F401 - for its tables
from directory.partners import tables as partners  # noqa: F401 - for its tables
from directory.referrals import access_tables as access  # noqa: F401 - for its tables
from directory.referrals import call_tables as calls  # noqa: F401 - for its tables
from directory.referrals import live_settings_tables as live_settings  # noqa: F401 - for its tables
from directory.referrals import partner_tables as partner_letters  # noqa: F401 - for its tables
from directory.referrals import shortlist_tables as shortlists  # noqa: F401 - for its tables
from directory.referrals import tables as referrals  # noqa: F401 - for its tables
from directory.tables import Base

LOCK = 7_266_130_452
"""Any fixed number: two set-ups of one PostgreSQL record at the same moment then take turns."""


def run(connection: Connection) -> None:
    """All revisions that are missing. SQLite changes tables by copying them (`render_as_batch`)."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
