"""`waymark ingest`: list the sources, run one from a file, report what the last runs did."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy import select

from directory import runtime
from directory.progress import counting
from directory.search import indexing
from directory.tables import Source
from ingest import pipeline
from ingest.protection import REPORT_KEY
from ingest.report import RunReport
from ingest.sources import SOURCES, source

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
COUNTS = ("read", "made", "changed", "unchanged", "held", "refused")
MOST_REASONS = 12


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """Name every source, its publisher, licence and files."""
    if as_json:
        names = ("id", "name", "publisher", "licence", "attribution", "files")
        typer.echo(json.dumps([{name: getattr(row, name) for name in names} for row in SOURCES]))
        return
    for row in SOURCES:
        typer.echo(f"{row.id}: {row.name}. {row.publisher}; {row.licence}.")
        for file in row.files:
            typer.echo(f"    {file}")


@app.command("run")
def run_source(
    source_id: Annotated[str, typer.Argument(metavar="SOURCE", help="A name that `waymark ingest list` prints.")],
    file: Annotated[Path, typer.Option("--from", help="The source's file, as published.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a source's file into the record and the index: all of it or, on any failure, nothing."""
    source(source_id)
    with runtime.opened() as waymark:
        with counting("rows read") as tick:
            report = pipeline.run(waymark.database, source_id, file, waymark.clock, dry_run, tick)
        if not dry_run:
            waymark.run(indexing.drain, waymark.database, waymark.index, waymark.clock)
    typer.echo(json.dumps(report.to_json()) if as_json else "\n".join([summary(report), *reasons(report)]))


@app.command("report")
def report_runs(as_json: AsJson = False) -> None:
    """Show what the last run of each source did."""
    with runtime.opened() as waymark, waymark.database.reading() as session:
        found = {row.id: (row.last_run_at, row.last_report or {}) for row in session.scalars(select(Source))}
    shown = [_shown(row.id, *found.get(row.id, (None, {}))) for row in SOURCES]
    if as_json:
        typer.echo(json.dumps(shown))
        return
    heads = ("source", "last run", *COUNTS)
    lines = [heads, *(tuple(str(run.get(head, "")) for head in heads) for run in shown)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def summary(report: RunReport) -> str:
    """One line: "facts: 294 rows read, 294 made, …"."""
    what = "starter directory" if report.starter else ", ".join(report.files)
    counts = ", ".join(f"{getattr(report, name):,} {name}" for name in COUNTS[1:])
    also = f"; {report.joined:,} joined to the service they repeat" if report.joined else ""
    also += f"; {report.protected:,} places told of elsewhere withheld" if report.protected else ""
    dry = " Dry run: nothing was written." if report.dry_run else ""
    return f"{report.source} ({what}): {report.read:,} rows read: {counts}{also}. {report.seconds:.1f} s.{dry}"


def reasons(report: RunReport) -> list[str]:
    """A line for each reason why a row or a field was left out, most frequent first; never a row's words."""
    found: list[Mapping[str, Any]] = report.to_json()["reasons"]
    lines = [f"    {each['rows']:,} × {each['field'] or 'row'}: {each['reason']}" for each in found[:MOST_REASONS]]
    return lines + ([f"    and {len(found) - MOST_REASONS:,} more reasons"] if len(found) > MOST_REASONS else [])


def _shown(source_id: str, at: Any, report: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in report.items() if name != REPORT_KEY}
    return {"source": source_id, "last run": at.strftime("%Y-%m-%d %H:%M") if at else "never", **kept}
