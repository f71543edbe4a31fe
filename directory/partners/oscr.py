"""Scottish charity numbers: how one is written, and whether the Scottish Charity Register has it, when it is loaded.

The register is the file that OSCR publishes (oscr.org.uk, "Download the Scottish Charity Register", Open Government
Licence), laid into home as oscr.csv by whoever runs this directory. It holds no more here than numbers and names.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz

from directory.errors import BadInput, UnusableFile
from directory.places.reading import fold

FILE = "oscr.csv"
ALIKE = 85
"""Of 100, as duplicates of services are judged (`editing.adding`)."""
LARGEST = 100 * 1024 * 1024
COLUMNS = ("Charity Number", "Charity Name", "Known As", "Charity Status")
ACTIVE = "active"
_NUMBER = re.compile(r"SC(\d{1,6})|(0\d{5}|\d{4,5})", re.ASCII)
"""Six figures without SC that begin with no nought are more likely a number of England's register."""


@dataclass(frozen=True, slots=True)
class Charity:
    """One line of the register. `known_as`: "" where it has no other name."""

    number: str
    name: str
    known_as: str
    is_active: bool

    def is_called(self, name: str) -> bool:
        """Whether a name is much like one of its own."""
        said = fold(name)
        return any(each and fuzz.token_set_ratio(said, fold(each)) >= ALIKE for each in (self.name, self.known_as))


@dataclass(frozen=True, slots=True)
class Register:
    """The register as it was loaded. `as_of`: the day of its file."""

    charities: Mapping[str, Charity]
    as_of: date


def read(typed: str) -> str:
    """A number as OSCR writes it: "SC012345"; small letters, blanks and missing noughts are taken. Raises BadInput."""
    plain = re.sub(r"[\s.-]", "", typed).upper().replace("SCO", "SC0", 1)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        raise BadInput(
            "This is no Scottish charity number.",
            "Write SC and six figures, like SC012345. A number of England or Ireland goes into the next field.",
            "charity_number",
        )
    return f"SC{int(found[1] or found[2]):06}"


def register(home: Path) -> Register | None:
    """The register in home, read again when its file changes; None when there is none. Raises UnusableFile."""
    file = home / FILE
    try:
        seen = file.stat()
    except FileNotFoundError:
        return None
    if seen.st_size > LARGEST:
        raise UnusableFile(f"{file} is larger than the register is.", "Download it again.")
    return _loaded(file, seen.st_mtime_ns)


def look_up(home: Path, number: str) -> tuple[Charity | None, date | None]:
    """What the loaded register has of a number, and its day; (None, None) when none is loaded. Raises UnusableFile."""
    known = register(home)
    return (known.charities.get(number), known.as_of) if known else (None, None)


@lru_cache(maxsize=2)
def _loaded(file: Path, changed_ns: int) -> Register:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            missing = [name for name in COLUMNS[:2] if name not in (reader.fieldnames or ())]
            if missing:
                raise UnusableFile(f"{file} has no column {missing[0]!r}.", "Lay in the file as OSCR publishes it.")
            found = dict(_charity(row) for row in reader if _NUMBER.fullmatch(row["Charity Number"] or ""))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{file} cannot be read.", "Lay in the file as OSCR publishes it.") from error
    return Register(found, datetime.fromtimestamp(changed_ns / 1e9, UTC).date())


def _charity(row: Mapping[str, str | None]) -> tuple[str, Charity]:
    number, name, known_as, status = ((row.get(column) or "").strip() for column in COLUMNS)
    own = read(number)
    return own, Charity(own, name, known_as, not status or status.casefold() == ACTIVE)
