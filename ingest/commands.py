"""`waymark ingest`: the sources and their runs, as a person at a terminal adds, runs, decides and looks at them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from directory import runtime
from directory.errors import BadInput
from directory.feeds import sources as settings
from directory.feeds.sources import STANDINGS, SourceSettings
from directory.progress import counting
from directory.runtime import Runtime
from directory.search import indexing
from ingest import link_commands, pipeline, status
from ingest.kinds import KINDS
from ingest.means import Means, Order
from ingest.report import RunReport, reasons, summary
from ingest.sources import SOURCES

__all__ = ["app", "summary"]
app = typer.Typer(no_args_is_help=True)
app.command("links")(link_commands.check_links)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
SourceId = Annotated[str, typer.Argument(metavar="SOURCE", help="A name that `waymark ingest list` prints.")]
RunId = Annotated[int, typer.Argument(metavar="RUN", help="The run's number, as `waymark ingest report` prints it.")]
BY = "command"


@app.command("list")
def list_sources(as_json: AsJson = False) -> None:
    """Name every source, its publisher, licence and files or address, and the kinds that can be added."""
    with runtime.opened() as waymark, waymark.database.reading() as session:
        kept = {each.id: each for each in settings.load(session)}
    shipped = [{**status.described(kept.get(row.id) or row), "files": list(row.files)} for row in SOURCES]
    added = [{**status.described(each), "files": []} for each in kept.values() if not each.shipped]
    if as_json:
        typer.echo(json.dumps([*shipped, *added]))
        return
    for row in (*shipped, *added):
        typer.echo(f"{row['id']}: {row['name']}. {row['publisher']}; {row['licence']}.")
        for place in (*row["files"], row["url"]):
            typer.echo(f"    {place}") if place else None
    typer.echo("Kinds that `waymark ingest add` takes:")
    for kind in KINDS.values():
        typer.echo(f"    {kind.id}: {kind.name}")


@app.command("add")
def add_source(
    source_id: Annotated[str, typer.Option("--id", help='Short name: "fife-council".')],
    kind: Annotated[str, typer.Option(help="A kind that `waymark ingest list` prints.")],
    name: Annotated[str, typer.Option(help="What people call the list.")],
    publisher: Annotated[str, typer.Option(help="Who publishes it.")],
    licence: Annotated[str, typer.Option(help='Under which licence: "Open Government Licence v3.0".')],
    attribution: Annotated[str, typer.Option(help="The words the licence asks for.")],
    url: Annotated[str, typer.Option(help="Where it is fetched; left out: files are handed in.")] = "",
    every_hours: Annotated[int | None, typer.Option(help="Hours between runs; left out: only when asked.")] = None,
    standing: Annotated[str, typer.Option(help=f"Whose word it is: {', '.join(STANDINGS)}.")] = "feed",
    options: Annotated[str, typer.Option(help="What the kind needs besides, as JSON, or @FILE.")] = "",
) -> None:
    """Add a source of a known kind: fetched by `waymark work`, or at once by `waymark ingest run`."""
    if kind not in KINDS:
        raise BadInput(f"There is no kind of source {kind!r}.", f"The kinds are: {', '.join(KINDS)}.", "kind")
    if any(row.id == source_id for row in SOURCES):
        raise BadInput(f"The source {source_id!r} comes with Waymark.", "Choose another short name.", "id")
    wanted = SourceSettings(
        source_id, name, publisher, licence, attribution, kind, url, standing, every_hours, options=_options(options)
    )
    with runtime.opened() as waymark, waymark.database.session() as session:
        made = settings.add(session, wanted, BY, waymark.clock())
    typer.echo(f"Added {made.id}. `waymark ingest run {made.id}` reads it now.")


@app.command("run")
def run_source(
    source_id: SourceId,
    file: Annotated[
        list[Path] | None, typer.Option("--from", help="The source's file, as published; again for a further file.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take a source into record and index, from its address or a file: all of it or, on any failure, nothing."""
    order = Order(dry_run)
    with _means() as (waymark, means):
        if file:
            report = pipeline.run_files(means, source_id, file, order)
        else:
            report = pipeline.run_fetched(means, source_id, order)
        _tell(waymark, report, as_json)


@app.command("accept")
def accept_run(run_id: RunId, as_json: AsJson = False) -> None:
    """Take in what a held run read: just that, as it was kept."""
    with _means() as (waymark, means):
        _tell(waymark, pipeline.accept(means, run_id), as_json)


@app.command("reject")
def reject_run(run_id: RunId) -> None:
    """Turn a held run down: what was there before stays."""
    with runtime.opened() as waymark:
        run = pipeline.reject(waymark.database, run_id, waymark.clock)
    typer.echo(f"Run {run.id} of {run.source_id} is rejected: nothing of it is in the record.")


@app.command("report")
def report_runs(as_json: AsJson = False) -> None:
    """Show each source's last and next run, what came of it, and a line of its last runs."""
    with runtime.opened() as waymark, waymark.database.reading() as session:
        found = status.all_sources(session, waymark.clock())
    typer.echo(json.dumps([each.to_json() for each in found]) if as_json else "\n".join(status.lines(found)))


@contextmanager
def _means() -> Iterator[tuple[Runtime, Means]]:
    with runtime.opened() as waymark, counting("rows read") as tick:
        home, contact = waymark.settings.home, waymark.settings.public_url
        yield waymark, Means(waymark.database, waymark.clock, home, BY, True, contact, progress=tick)


def _tell(waymark: Runtime, report: RunReport, as_json: bool) -> None:
    waymark.run(indexing.drain, waymark.database, waymark.index, waymark.clock)
    typer.echo(json.dumps(report.to_json()) if as_json else "\n".join([summary(report), *reasons(report)]))
    for line in () if as_json else status.difference_lines(report.difference, report.state):
        typer.echo(line)


def _options(words: str) -> dict[str, object]:
    """Options from JSON, or from the file that @FILE names. Raises BadInput."""
    advice = 'Write {"name": "value"}, or @ and the name of a file that holds it.'
    try:
        text = Path(words[1:]).read_text(encoding="utf-8") if words.startswith("@") else words
        found = json.loads(text) if text.strip() else {}
    except (OSError, ValueError) as error:
        raise BadInput("The options cannot be read.", advice, "options") from error
    if not isinstance(found, dict):
        raise BadInput("The options are not a list of names and values.", advice, "options")
    return found
