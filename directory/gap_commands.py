"""`waymark gaps`: where help is missing, as lines to read or as JSON."""

import json
from typing import Annotated

import typer

from directory import runtime
from directory.matching import gaps as counted


def gaps(
    council: Annotated[str, typer.Option(help="One council area, by name or code.")] = "",
    weeks: Annotated[int, typer.Option(help="Of the last 4, 13 or 52 weeks.")] = 13,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say where help is missing: what answers could not give, by council area and need; no small number is told."""
    with runtime.opened() as waymark:
        lines = counted.report(waymark.database, waymark.clock(), weeks, council)
    if as_json:
        rows = [dict(zip(counted.CSV_COLUMNS, row, strict=True)) for row in counted.table(lines)]
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for line in lines:
        typer.echo(f"{line.said:>12}  {line.label}  {line.council}")
    if not lines:
        typer.echo("No gap was counted in this time.")
