"""The lexicon in use: the words of the files with the phrases of the editors beside them, without a re-index."""

from datetime import datetime

from directory import vocabulary
from directory.database import Database
from directory.followed import Followed
from taxonomy.lexicon import Lexicon


class Spoken(Followed[Lexicon]):
    """The lexicon as last put together."""

    def __init__(self) -> None:
        super().__init__("editors' phrases", vocabulary.version, _with_phrases)

    def lexicon(self, base: Lexicon, database: Database, at: datetime) -> Lexicon:
        """`base` with the phrases in use."""
        return self.current(base, database, at)


def _with_phrases(base: Lexicon, database: Database) -> tuple[int, Lexicon]:
    version, rows = vocabulary.rows_in_use(database)
    return version, base.with_added(rows)
