"""`waymark mail`: how mail stands, send what is due now, stop and start all of it, and read delivery reports."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from directory import outgoing, runtime
from directory.errors import BadInput
from directory.referrals import failures, mail_view, sending, switches
from directory.referrals.asking import SYSTEM, Ask

app = typer.Typer(help="Messages to providers and people: what waits, stop and start, delivery reports.")


@app.command()
def status() -> None:
    """Say how mail leaves and what waits. Exit 1 when something should have left and has not."""
    with runtime.opened() as waymark:
        seen = mail_view.view(waymark.loop, waymark.clock())
        typer.echo(outgoing.words(waymark.settings))
    typer.echo(f"{seen.waiting:,} wait, {seen.due:,} of them due now; {seen.handed_over_today:,} left in 24 hours.")
    if seen.missing:
        typer.echo(f"Nothing is sent: [adopter] {', '.join(seen.missing)} is not filled in (referrals.toml).")
    if seen.stopped:
        typer.echo(f"All mail is stopped since {seen.stopped[0]:%Y-%m-%d %H:%M} UTC.")
    for line in seen.failed:
        typer.echo(f"Failed: {line.kind} to {line.to} ({line.refused})")
    if seen.late_since:
        typer.echo(f"LATE: the oldest should have left at {seen.late_since:%Y-%m-%d %H:%M} UTC.", err=True)
        raise typer.Exit(1)


@app.command()
def send() -> None:
    """Hand over what is due now. Exit 3 when the mail server cannot be used."""
    with runtime.opened() as waymark:
        carrier = outgoing.carrier(waymark.settings, waymark.clock)
        done = waymark.run(sending.drain, waymark.loop, carrier)
    left = "left" if carrier.postman.leaves else f"were written to {outgoing.folder(waymark.settings)}"
    typer.echo(f"{done.letters:,} letters ({done.messages:,} messages) {left}; {done.refused:,} kept back,")
    typer.echo(f"{done.to_try_again:,} to be tried again, {done.failed:,} failed.")
    if done.trouble:
        typer.echo(done.trouble, err=True)
        raise typer.Exit(3)


@app.command()
def stop() -> None:
    """Stop all mail at once; what waits goes on waiting."""
    _turn(True)
    typer.echo("All mail is stopped. Start it again with: waymark mail start")


@app.command()
def start() -> None:
    """Let mail leave again."""
    _turn(False)
    typer.echo("Mail may leave again.")


def _turn(on: bool) -> None:
    with runtime.opened() as waymark:
        switches.turn(waymark.loop, Ask(SYSTEM, waymark.clock()), switches.MAIL_STOPPED, on)


@app.command()
def bounced(
    file: Annotated[str, typer.Argument(help="A delivery report as it came, or - for standard input.")],
) -> None:
    """Read a delivery report: a message that came back is marked and a worker is asked to find another way."""
    ids = failures.read_report(_read(file))
    with runtime.opened() as waymark:
        count = sum(failures.bounced(waymark.loop, own, waymark.clock()) for own in sorted(ids))
    typer.echo(f"{count:,} messages came back." if count else "Nothing has failed, or it was known already.")


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read(failures.MOST_BYTES + 1)
    try:
        with Path(file).open("rb") as report:
            return report.read(failures.MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{file} cannot be read.", "Name the file of the report, or use - and pipe it in.") from error
