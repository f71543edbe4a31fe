"""What every run works with, and what may be asked of one: commands, pages and the schedule run sources alike."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from directory.clock import Clock
from directory.database import Database
from directory.feeds.raw import RawStore
from directory.feeds.runs import Run
from ingest.lease import Lease
from ingest.staging import Progress

if TYPE_CHECKING:  # half a second that only fetching need wait for
    from directory.http import Surroundings

STARTER_BY = "ingest:starter"
"""Who made what the starter directory tells."""


@dataclass(frozen=True, slots=True)
class Means:
    """What a run works with. `home` None: nothing that was read is kept, so that a held run cannot be accepted.

    `by`: "command", "schedule" or an account's id. `confined`: material is read in a process of its own.
    """

    database: Database
    clock: Clock
    home: Path | None = None
    by: str = "command"
    confined: bool = False
    contact: str = ""
    """A web address where we can be reached, told to the servers we ask."""
    surroundings: "Surroundings | None" = None
    """What fetching takes from the machine; None: the machine itself."""
    progress: Progress | None = None

    @property
    def raw(self) -> RawStore | None:
        """Where received bytes are kept."""
        return RawStore(self.home / "raw") if self.home else None


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked of one run. `accepted`: the held run whose material a person has said yes to."""

    dry_run: bool = False
    guarded: bool = True
    accepted: Run | None = None
    starter: bool = False
    claim: Lease | None = None
    """The source, if whoever asks holds it already."""
    skipped: int = 0
    """Rows of the starter that were left as they are."""
