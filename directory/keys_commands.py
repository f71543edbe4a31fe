"""`waymark keys`: which keys there are and what is sealed under each, and another master key when one is due."""

from typing import Annotated

import typer

from directory import keys, runtime
from directory.partners import sealed_tables
from directory.progress import counting
from directory.referrals import rotating

app = typer.Typer(help="The key file: which keys it holds, and a new one when it is time.", no_args_is_help=True)


@app.command("list")
def show() -> None:
    """Show every key's id (never the key) and how much is sealed under it."""
    with runtime.opened() as waymark:
        found = rotating.uses(waymark.loop)
        file = waymark.settings.key_file
        missing = [use.key_id for use in found if use.key_id not in waymark.loop.keys.masters]
    for use in found:
        since = f"since {use.since:%Y-%m-%d}" if use.since else "not used yet"
        state = "current" if use.current else "waits to be used" if use.prepared else "kept for reading"
        state = "missing from the file" if use.key_id in missing else state
        typer.echo(f"{use.key_id}  {state}  {use.people:,} people  {use.seals:,} seals of the audit  {since}")
    typer.echo(f"Keep a copy of {file}, apart from the record's backups.", err=True)


@app.command()
def rotate(
    prepare: Annotated[
        bool, typer.Option("--prepare", help="Only put a new key into the file: nothing is sealed under it yet.")
    ] = False,
) -> None:
    """Seal under a new master key from now on, and wrap people's keys by it. Stopped on the way, it goes on.

    Running processes notice within seconds. With several machines: --prepare first, copy the key file to each of them,
    then rotate.
    """
    with runtime.opened() as waymark:
        file = waymark.settings.key_file
        if prepare:
            own = keys.add_key(file)
            typer.echo(f"{own} is in {file}, and nothing is sealed under it yet. Copy the file, then rotate.")
            return
        with counting("people") as tick:
            before = waymark.loop.keys.current
            own, done = rotating.rotate(waymark.loop, file, tick, sealed_tables.OWN)
    if own == before:
        typer.echo(
            f"The rotation begun before is finished: {done:,} people's keys are wrapped by {own} now. There is no new"
            " key: run it again for one."
        )
        return
    typer.echo(f"{own} is the current key; {done:,} people's keys are wrapped by it. Copy {file} to where you keep it.")
