"""The pathways in use: those that came with this version, and what a domain lead has published over them."""

from datetime import datetime

from directory import pathway_versions
from directory.database import Database
from directory.followed import Followed
from taxonomy import pathways
from taxonomy.pathways import Pathways


class Steering(Followed[Pathways]):
    """The pathways as last read."""

    def __init__(self) -> None:
        super().__init__("pathways", pathway_versions.version, lambda _, database: pathway_versions.in_use(database))

    def pathways(self, database: Database, at: datetime) -> Pathways:
        """Every pathway in use."""
        return self.current(pathways.load(), database, at)
