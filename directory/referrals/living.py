"""What is changed while Waymark runs, as every process sees it within seconds: settings, words, and the key file."""

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from directory import keys
from directory.database import Database
from directory.errors import WaymarkError
from directory.followed import Followed
from directory.keys import Keys
from directory.referrals import live_settings, live_versions, wording_versions
from directory.referrals.loop import Loop
from directory.referrals.policy import Policy
from directory.referrals.texts import Texts

Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Live:
    """This installation's rules and words."""

    policy: Policy
    texts: Texts


class Living(Followed[Live]):
    """The live settings and words as last read."""

    def __init__(self) -> None:
        super().__init__("live settings", _version, _read)
        self._base: Live | None = None
        self._keys: tuple[Keys, Stamp, Keys] | None = None

    def over(self, files: Loop, key_file: Path, at: datetime) -> Loop:
        """The loop with the rules, words and keys in use now; `files` has those of the files, as they were at first."""
        base = self._base
        if base is None or base.policy is not files.policy or base.texts is not files.texts:
            base = self._base = Live(files.policy, files.texts)
        live = self.current(base, files.database, at)
        return replace(files, policy=live.policy, texts=live.texts, keys=self._opened(files.keys, key_file))

    def _opened(self, first: Keys, file: Path) -> Keys:
        """The key file anew when it was written to since (`waymark keys rotate`); what was read, while it is away."""
        seen = self._keys if self._keys and self._keys[0] is first else None
        try:
            found = file.stat()
        except OSError:
            return seen[2] if seen else first
        stamp = (found.st_mtime_ns, found.st_size, found.st_ino)
        if seen is None or seen[1] != stamp:
            seen = self._keys = (first, stamp, _read_keys(file, seen[2] if seen else first))
        return seen[2]


def _read_keys(file: Path, known: Keys) -> Keys:
    """Half a file, or another installation's, changes nothing."""
    try:
        found = keys.open_keys(file)
    except WaymarkError:
        return known
    return found if known.masters.items() <= found.masters.items() and found != known else known


def _version(database: Database) -> int:
    with database.reading() as session:
        return live_versions.count(session) + wording_versions.count(session)


def _read(base: Live, database: Database) -> tuple[int, Live]:
    with database.reading() as session:
        count = live_versions.count(session) + wording_versions.count(session)
        values = live_versions.newest(session).values
        words = wording_versions.in_use(session, base.texts)
    return count, Live(live_settings.over(base.policy, values), words)
