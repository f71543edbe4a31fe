"""A small source for tests of runs: the school roll's columns, a file of as many made-up schools as are wanted."""

from pathlib import Path
from typing import Any

from ingest.report import RunReport
from tests.ingest.tables import a_school, file_of

COUNTS = ("made", "changed", "unchanged", "held", "refused")


def schools(folder: Path, count: int, **cells: Any) -> Path:
    """The file of a source with `count` schools; cells are those of its first school alone."""
    return schools_of(folder, range(count), **cells)


def schools_of(folder: Path, numbers: Any, **cells: Any) -> Path:
    """The same with the schools of these numbers; a cell "PhoneNumber" changes the first's."""
    found = [a_school(SeedCode=f"{9000000 + number}", SchoolName=f"Kirkhaven {number} Primary") for number in numbers]
    if found:
        found[0] |= {name: str(value) for name, value in cells.items()}
    return file_of(folder, *found, name="scottish_schools_2023.csv")


def counts(report: RunReport) -> dict[str, int]:
    """What became of the rows, without what is none."""
    return {name: getattr(report, name) for name in COUNTS if getattr(report, name)}
