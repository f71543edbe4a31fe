"""Opens a source's file and refuses it whole when it is not what it claims, before any row of it is used."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from directory.draft import ServiceDraft
from directory.errors import UnusableFile
from directory.values import Issue

LIMIT_BYTES = 100_000_000
"""The largest table we unpack (security.md row 25): 100 MB, some fifty times the biggest register we know."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one row of a file gave. Without a draft the row was held (an issue says so) or refused.

    With a draft, `issues` are about single fields that were left out. `known_as` are names as the source has them; a
    withheld draft's own may say less.
    """

    row: int
    draft: ServiceDraft | None
    issues: tuple[Issue, ...] = ()
    known_as: tuple[str, ...] = ()

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


def table(path: Path, columns: Sequence[str]) -> list[Row]:
    """All rows of a CSV (or gzipped CSV) that has at least these columns; blank lines are skipped.

    Raises UnusableFile when it is absent, a folder, empty, not UTF-8, cut short, or has other columns.
    """
    text = _text(path)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if any(map(str.strip, line))]
    except csv.Error as error:
        raise UnusableFile(f"{path.name} is not a whole CSV table: {error}.", "Fetch the file again.") from error
    if not lines:
        raise UnusableFile(f"{path.name} is empty.", "Fetch the file again from its publisher.")
    header = [name.strip() for name in lines[0]]
    _check_header(path, header, columns)
    if len(lines) == 1:
        raise UnusableFile(f"{path.name} has a header and no rows.", "Fetch the file again from its publisher.")
    return list(_rows(header, lines[1:]))


def header(path: Path) -> list[str]:
    """The column names of a CSV. Raises UnusableFile as `table` does."""
    first = next(csv.reader(io.StringIO(_text(path), newline="")), [])
    return [name.strip() for name in first]


def own_table(name: str) -> list[dict[str, str]]:
    """The rows of one of our own small tables in `ingest/data`; lines that begin with # say where it is from."""
    text = files("ingest").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))


def _rows(header: list[str], lines: list[list[str]]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        cells = dict.fromkeys(header, "") | dict(zip(header, map(str.strip, line), strict=False))
        yield Row(number, cells, whole=len(line) == len(header))


def _check_header(path: Path, header: list[str], columns: Sequence[str]) -> None:
    missing = [name for name in columns if name not in header]
    if missing:
        raise UnusableFile(
            f"{path.name} has no column {', '.join(missing[:4])}{' …' if len(missing) > 4 else ''}.",
            "Is it the file this source publishes? `waymark ingest list` names each source's files.",
        )
    if len(set(header)) != len(header):
        raise UnusableFile(f"{path.name} has two columns of the same name.", "Fetch the file again.")


def _text(path: Path) -> str:
    data = _bytes(path)
    if not data.strip():
        raise UnusableFile(f"{path.name} is empty.", "Fetch the file again from its publisher.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnusableFile(
            f"{path.name} is not UTF-8 text (byte {error.start}).", "Save it as CSV UTF-8 and try again."
        ) from error
    if "\0" in text:
        raise UnusableFile(f"{path.name} holds NUL bytes: it is not a text table.", "Save it as CSV UTF-8.")
    return text


def _bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UnusableFile(f"{path.name} is a folder.", "Name one file with --from.")
    try:
        with path.open("rb") as plain, gzip.GzipFile(fileobj=plain) as unpacked:
            data = (unpacked if path.suffix == ".gz" else plain).read(LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        raise UnusableFile(f"There is no file {path}.", "Check the path given with --from.") from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UnusableFile(f"{path.name} is not a whole gzip file.", "Fetch it again.") from error
    except OSError as error:
        raise UnusableFile(f"{path.name} cannot be read: {error.strerror}.", "Check its permissions.") from error
    if len(data) > LIMIT_BYTES:
        raise UnusableFile(f"{path.name} is over {LIMIT_BYTES // 1_000_000} MB unpacked.", "Split it.")
    return data
