"""`waymark user leave`: somebody leaves, and a colleague goes on with what they worked on."""

from typing import Annotated

import typer

from directory import runtime
from directory.accounts import actions
from directory.accounts.commands import Email
from directory.referrals import leaving
from directory.referrals.asking import SYSTEM, Ask


def leave(
    email: Email,
    hand_over_to: Annotated[
        str, typer.Option(help="Address of the colleague who goes on with their cases and tasks; none: nobody yet.")
    ] = "",
) -> None:
    """Shut the account of somebody who leaves; hand over what they worked on. Nothing they did is lost."""
    with runtime.opened() as waymark:
        account = actions.find(waymark.database, email)
        to = actions.find(waymark.database, hand_over_to).id if hand_over_to else ""
        left = leaving.leave(waymark.loop, Ask(SYSTEM, waymark.clock()), account.id, to)
    typer.echo("The account is disabled and signed out everywhere.")
    typer.echo(f"{len(left.handed_over):,} cases and {left.tasks:,} tasks were handed over or given back.")
    if left.nobodys:
        typer.echo(f"Nobody leads these cases now: {', '.join(left.nobodys)}.")
