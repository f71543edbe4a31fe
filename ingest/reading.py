"""Opens a source's file and refuses it whole when it is not what it claims, before any row of it is used."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from directory.draft import ServiceDraft
from directory.errors import UnusableFile
from directory.feeds import sheets
from directory.feeds.received import LIMIT_BYTES as LIMIT_BYTES
from directory.feeds.sheets import Sheet, SheetRow
from directory.values import Issue


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row of a file gave. Without a draft the row was held (an issue says so) or refused.

    With a draft, `issues` are about single fields that were left out. `known_as` are names as the source has them; a
    withheld draft's own may say less. `source_id`, without a draft: what the source calls the row, where that could be
    read, so that a service whose row cannot be used now is not taken for one that its source no longer lists.
    """

    row: int
    draft: ServiceDraft | None
    issues: tuple[Issue, ...] = ()
    known_as: tuple[str, ...] = ()
    source_id: str = ""

    @property
    def held(self) -> bool:
        return self.draft is None and any(issue.held for issue in self.issues)

    @property
    def refused(self) -> bool:
        return self.draft is None and not self.held


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (from 1, after the header) and its cells, stripped, by column name."""

    number: int
    cells: dict[str, str]
    whole: bool = True
    """False: more or fewer cells than the header has."""

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def get(self, column: str) -> str:
        """The cell, or "" when the file has no such column."""
        return self.cells.get(column, "")


def table(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The rows of a table (CSV, XLSX, ODS) that has at least these columns, one by one; blank lines are skipped.

    Raises UnusableFile at once when it is absent, a folder, empty, not text, cut short, or has other columns; while it
    is read, when it is broken further down.
    """
    sheet = sheets.read(path)
    _check_columns(path, sheet.columns, columns)
    return (_row(sheet, row) for row in sheet.rows)


def header(path: Path) -> tuple[str, ...]:
    """The column names of a table. Raises UnusableFile as `table` does."""
    return sheets.read(path).columns


def own_table(name: str) -> list[dict[str, str]]:
    """The rows of one of our own small tables in `ingest/data`; lines that begin with # say where it is from."""
    text = files("ingest").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _row(sheet: Sheet, row: SheetRow) -> Row:
    return Row(row.number, dict(zip(sheet.columns, row.cells, strict=True)), row.whole)


def _check_columns(path: Path, found: Sequence[str], wanted: Sequence[str]) -> None:
    missing = [name for name in wanted if name not in found]
    if missing:
        raise UnusableFile(
            f"{path.name} has no column {', '.join(missing[:4])}{' …' if len(missing) > 4 else ''}.",
            "Is it the file this source publishes? `waymark ingest list` names each source's files.",
        )
    if any(f"{name} (2)" in found for name in wanted):
        raise UnusableFile(f"{path.name} has two columns of the same name.", "Fetch the file again.")
