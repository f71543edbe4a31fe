"""`waymark subject` and `waymark retention`: what a person may ask of us, and what is kept no longer."""

import os
from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from directory import runtime
from directory.errors import BadInput
from directory.referrals import case_access, erasing, people, retention, subject_reports, switches
from directory.referrals.asking import SYSTEM, Ask, Who
from directory.runtime import Runtime

app = typer.Typer(help="What we hold of one person: export it, say who saw it, hold it, erase it.")
retention_app = typer.Typer(help="What is kept no longer, by the schedule in referrals.toml.")

Reference = Annotated[str, typer.Argument(help="The case's reference, like KX4821TP.")]
Viewer = Annotated[str, typer.Option(help="E-mail of who reads it: a case that is kept from them is not there.")]


@app.command()
def export(
    reference: Reference,
    out: Annotated[Path, typer.Option(help="A folder to write the two files to.")],
    viewer: Viewer = "",
) -> None:
    """Write all that we hold of a person: JSON for machines, and plain words. Only you can read the files."""
    with runtime.opened() as waymark:
        files = {ending: out / f"subject-{_plain(reference)}.{ending}" for ending in ("json", "txt")}
        for file in files.values():
            if file.exists():
                raise BadInput(f"{file} is there already.", "Name another folder, or move that file away.")
        found = subject_reports.export(waymark.loop, _viewer(waymark, viewer), reference)
        _write(files["json"], found.as_json)
        _write(files["txt"], found.words)
    typer.echo(f"Written: {files['json']} and {files['txt']}. Read them before they are handed over.")


@app.command()
def seen(reference: Reference, viewer: Viewer = "") -> None:
    """Say who saw or did what of a person's, first to last, as tab-separated lines: the pack for a breach."""
    with runtime.opened() as waymark:
        found = subject_reports.seen(waymark.loop, _viewer(waymark, viewer), reference)
    typer.echo("when (UTC)\twho\tas\tdid\twhat\tfields\tresult\tfrom network")
    for line in found:
        at = line.at.astimezone(UTC)
        told = (
            line.by or "-",
            line.actor,
            line.action,
            line.what,
            line.fields or "-",
            line.result,
            line.network or "-",
        )
        typer.echo(f"{at:%Y-%m-%d %H:%M:%S}\t" + "\t".join(told))


@app.command()
def hold(reference: Reference) -> None:
    """Keep all of a person's from being erased: an inquiry or a court asks for it."""
    _hold(reference, True)
    typer.echo("Nothing of this person's is erased until you release it.")


@app.command()
def release(reference: Reference) -> None:
    """Let the schedule apply to a person again."""
    _hold(reference, False)
    typer.echo("The schedule applies to this person again.")


@app.command()
def erase(
    reference: Reference,
    yes: Annotated[bool, typer.Option("--yes", help="Yes: this cannot be undone.")] = False,
) -> None:
    """Erase a person because they asked, whatever the schedule says. For good: their key is destroyed."""
    with runtime.opened() as waymark:
        with waymark.database.reading() as session:
            subject_id = subject_reports.case_of(session, reference).subject_id
        if not yes:
            raise BadInput("Nothing was erased: this cannot be undone.", "Say the same again with --yes.")
        ask = Ask(SYSTEM, waymark.clock())
        erasing.erase(waymark.loop, ask, subject_id, waymark.settings.home, erasing.ASKED)
    typer.echo("What we held about this person is erased; codes and dates remain.")


@retention_app.command("run")
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be erased.")] = False,
) -> None:
    """Erase what is kept no longer; `waymark work` and `serve` do it once a day."""
    with runtime.opened() as waymark:
        found = retention.run(waymark.loop, waymark.settings.home, dry_run)
    typer.echo(f"{'Due to be erased' if dry_run else 'Erased'}: {found}.")


@retention_app.command("hold")
def hold_all(
    on: Annotated[str, typer.Argument(help="on: nothing at all is erased. off: the schedule applies.")],
) -> None:
    """Keep everything of everybody, or no longer."""
    if on not in ("on", "off"):
        raise BadInput(f"There is no {on!r} to turn it.", "Use: waymark retention hold on, or off.")
    with runtime.opened() as waymark:
        switches.turn(waymark.loop, Ask(SYSTEM, waymark.clock()), switches.HOLD, on == "on")
    typer.echo("Nothing at all is erased now." if on == "on" else "The schedule applies again.")


def _viewer(waymark: Runtime, email: str) -> Who:
    """Who reads a report; the system where nobody is named. Raises NotFound."""
    return case_access.reader(waymark.database, email) if email else SYSTEM


def _hold(reference: str, on: bool) -> None:
    with runtime.opened() as waymark:
        with waymark.database.reading() as session:
            subject_id = subject_reports.case_of(session, reference).subject_id
        erasing.hold(waymark.loop, Ask(SYSTEM, waymark.clock()), subject_id, on)


def _plain(reference: str) -> str:
    return people.folded_reference(reference)


def _write(file: Path, text: str) -> None:
    """Readable by its owner alone from its first moment on; never over another."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise BadInput(f"{file} cannot be written.", "Name a folder of your own.") from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
