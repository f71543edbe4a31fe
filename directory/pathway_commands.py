"""`waymark pathways`: which pathways are in use, and what is wrong with a file before anybody publishes it."""

from pathlib import Path
from typing import Annotated

import typer

from directory import pathway_checks, pathway_versions, runtime
from directory.errors import NotReady, UnusableFile
from taxonomy import guides, pathways
from taxonomy.pathway import Pathway
from taxonomy.pathway_lines import FileError, Problem

app = typer.Typer(help="Pathways: what helps, in what order, for a kind of harm.")


@app.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(help="A pathway as TOML; those in use when none is given.")] = None,
) -> None:
    """List the pathways with their steps; refuse a bad file with its line. Exit 2 when something is wrong."""
    found = [_read(file)] if file else list(pathways.load())
    problems: list[tuple[Pathway, Problem]] = []
    try:
        with runtime.opened() as waymark:
            found = found if file else list(waymark.pathways())
            for pathway in found:
                unfillable = waymark.run(pathway_checks.unfillable, pathway.steps, waymark.index)
                problems += [(pathway, problem) for problem in unfillable]
    except NotReady:
        typer.echo("There is no index yet: whether anybody can fill each step is not known.")
    for pathway in found:
        typer.echo(f"{pathway.priority:>4}  {pathway.id:<26}{len(pathway.steps):>3} steps  {pathway.title}")
    if problems:
        said = " ".join(f"{pathway.id}, {problem}" for pathway, problem in problems)
        raise UnusableFile(said, "Mend that and try again.")
    typer.echo(f"{len(found)} pathways and {len(guides.load())} guides are in order.")


def _read(file: Path) -> Pathway:
    """The pathway of a file. Raises UnusableFile with every line."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableFile(f"{file} cannot be read: {type(error).__name__}.", "Give a TOML file in UTF-8.") from None
    try:
        return pathway_versions.read(file.stem, text)
    except FileError as error:
        raise UnusableFile(f"{file}: " + " ".join(map(str, error.problems)), "Mend that and try again.") from None
