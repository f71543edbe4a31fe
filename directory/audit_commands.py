"""`waymark audit`: seal what is not sealed yet, verify the whole chain, and export its head."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from directory import runtime
from directory.errors import BadInput
from directory.referrals import audit_chain

app = typer.Typer(help="The audit: a chain that cannot be edited unseen.")


@app.command()
def verify(
    heads: Annotated[Path | None, typer.Option(help="Heads kept off this machine (default: those in home).")] = None,
) -> None:
    """Go through the whole chain, first to last. Exit 1 naming the first seal at fault, and why."""
    with runtime.opened() as waymark:
        if heads is not None and not heads.is_file():
            raise BadInput(f"{heads} is not there.", "Name the file of heads that was kept elsewhere.")
        known = audit_chain.heads(heads or waymark.settings.home / audit_chain.HEADS)
        with waymark.database.reading() as session:
            found = audit_chain.verify(session, waymark.loop.keys, waymark.clock(), known)
    if not found.is_right:
        typer.echo(f"The audit was changed. First at fault is seal {found.bad_seq:,}: {found.why}.", err=True)
        typer.echo(f"{found.sealed:,} before it are right. Keep this record as it is, and tell whoever answers for it.")
        raise typer.Exit(1)
    typer.echo(f"{found.sealed:,} lines are as they were sealed; {found.unsealed:,} wait for their seal.")
    if not known:
        typer.echo("No head was exported yet: a chain cut off at its end would not be found.")


@app.command()
def seal() -> None:
    """Seal the lines that wait, now; `waymark work` and `serve` do it every few seconds."""
    with runtime.opened() as waymark:
        count = audit_chain.seal_all(waymark.loop)
    typer.echo(f"{count:,} lines were sealed.")


@app.command()
def head(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, to be kept off this machine.")] = False,
) -> None:
    """Print the head of the chain, and add it to the file in home, once a day."""
    with runtime.opened() as waymark:
        audit_chain.seal_all(waymark.loop)
        audit_chain.export_head(waymark.loop, waymark.settings.home)
        with waymark.database.reading() as session:
            now = audit_chain.head(session, waymark.clock())
    if as_json:
        typer.echo(json.dumps(asdict(now) if now else None))
    elif now is None:
        typer.echo("Nothing is sealed yet.")
    else:
        typer.echo(f"{now.seq:,} {now.mac}")
        typer.echo(f"Copy {waymark.settings.home / audit_chain.HEADS} to where this machine cannot write.", err=True)
