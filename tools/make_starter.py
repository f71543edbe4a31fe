"""Makes `ingest/data/starter_services.csv`, the starter directory, from the two tables of facts.

    python tools/make_starter.py ../shared/data/services

Rows go through the `facts` adapter, so that the table holds our columns, terms and wording and no note of theirs.
Left out: f39 to f46, single facts from a repository without a licence.
"""

import csv
import sys
from pathlib import Path

from directory.draft import ServiceDraft
from directory.errors import WaymarkError
from ingest import starter
from ingest.sources import source

NOT_SHIPPED = frozenset(f"f{number}" for number in range(39, 47))
TABLES = ("scotland_service_facts.csv", "scotland_service_facts_more.csv")
TARGET = Path(__file__).resolve().parents[1] / "ingest" / "data" / starter.FILE
HEAD = (
    "# Starter directory: facts about Scottish services, restated; each row names the page it was read on, its year",
    "# and how well it is known. Nothing was checked against a live site. Facts need no licence; rows read in the",
    "# register of the Care Inspectorate: OGL v3. Made by tools/make_starter.py; do not edit by hand.",
)


def drafts(folder: Path) -> list[ServiceDraft]:
    """The drafts that are shipped, in the tables' order. Raises UnusableFile."""
    read = source(starter.SOURCE).read
    found = [reading.draft for name in TABLES for reading in read(folder / name) if reading.draft]
    return [draft for draft in found if draft.source_id not in NOT_SHIPPED]


def write(found: list[ServiceDraft], target: Path) -> None:
    """Writes the table, its source lines first."""
    with target.open("w", encoding="utf-8", newline="") as file:
        file.write("\n".join(HEAD) + "\n")
        table = csv.DictWriter(file, starter.COLUMNS, lineterminator="\n")
        table.writeheader()
        table.writerows(starter.to_row(draft) for draft in found)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__)
        return 2
    try:
        found = drafts(Path(sys.argv[1]))
    except WaymarkError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    write(found, TARGET)
    print(f"{len(found)} services in {TARGET}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
