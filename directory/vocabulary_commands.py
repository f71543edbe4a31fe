"""`waymark vocabulary`: whether our words hold together, and what other people's categories become in them."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from directory.errors import BadInput, UnusableFile
from taxonomy import crosswalk, soundness, terms
from taxonomy.crosswalk import CrosswalkReport

app = typer.Typer(help="Our vocabulary: its terms, and what other people's categories become in it.")
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
KEY_COLUMNS = ("slug", "category", "taxonomy_id", "name")
"""Columns looked for in a file, first found first: what lists of categories call their key. An empty cell falls to the
next of them."""


@app.command("check")
def check() -> None:
    """Say what is wrong with the terms and the crosswalks: orphans, circles, labels twice, a share that fell."""
    found = [*soundness.problems(), *soundness.crosswalk_problems()]
    for problem in found:
        typer.echo(problem)
    if found:
        typer.echo(f"{len(found)} to mend in taxonomy/data.")
        raise typer.Exit(1)
    count = sum(len(taxonomy.current()) for taxonomy in terms.load().values())
    typer.echo(f"{count} terms in {len(terms.load())} taxonomies and {len(crosswalk.names())} crosswalks are in order.")


@app.command("crosswalk")
def run_crosswalk(
    source: Annotated[str, typer.Argument(help="A crosswalk's name; all of them when none is given.")] = "",
    file: Annotated[
        Path | None, typer.Option("--from", help="A CSV list of the source's categories, to see what has no row yet.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print the share of a source's categories that maps, and what did not. Exit 1 when a category has no row."""
    if file and not source:
        raise BadInput("A list of categories belongs to one source.", f"Name it: {', '.join(crosswalk.names())}.")
    reports = [_report(name, file) for name in ([source] if source else crosswalk.names())]
    if as_json:
        typer.echo(json.dumps([_as_json(report) for report in reports], ensure_ascii=False))
    else:
        for report in reports:
            for line in _lines(report, details=bool(source)):
                typer.echo(line)
    if any(report.unmapped for report in reports):
        raise typer.Exit(1)


def _report(name: str, file: Path | None) -> CrosswalkReport:
    try:
        walk = crosswalk.load(name)
    except crosswalk.CrosswalkError as error:
        raise BadInput(str(error)) from None
    return walk.run(_categories(file) if file else (row.category for row in walk.rows))


def _categories(file: Path) -> list[str]:
    """The categories of a CSV list, one a row. Raises UnusableFile."""
    try:
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{file} cannot be read as a CSV list: {error}.", "Give a CSV file in UTF-8.") from None
    found = [name for name in KEY_COLUMNS if rows and name in rows[0]]
    if not found:
        raise UnusableFile(
            f"{file} has no list of categories.", f"Its first line should name one of {', '.join(KEY_COLUMNS)}."
        )
    keys = (next(((row[name] or "").strip() for name in found if (row[name] or "").strip()), "") for row in rows)
    return [key for key in keys if key]


def _lines(report: CrosswalkReport, details: bool) -> Iterable[str]:
    yield (
        f"{report.crosswalk}: {report.share:.1%} of {report.read} categories map ({len(report.mapped)} mapped, "
        f"{len(report.out_of_scope)} out of scope, {len(report.unmapped)} without a row)."
    )
    if details:
        for category, reason in report.out_of_scope.items():
            yield f"    out of scope: {category}: {reason}"
    for category in report.unmapped:
        yield f"    no row: {category}"


def _as_json(report: CrosswalkReport) -> dict[str, object]:
    return {
        "crosswalk": report.crosswalk,
        "read": report.read,
        "share": round(report.share, 4),
        "covered": round(report.covered, 4),
        "mapped": report.mapped,
        "out_of_scope": report.out_of_scope,
        "unmapped": report.unmapped,
    }
