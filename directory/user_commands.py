"""`waymark user`: who may sign in. A password is typed unseen, or read from standard input; never an option.

Each change has its audit line, as an administrator's has: by the system, for a terminal tells nobody's account.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from sqlalchemy.orm import Session

from directory import clock, database, runtime, settings
from directory.accounts import actions, passwords
from directory.accounts.actions import Also
from directory.errors import BadInput
from directory.referrals import audit, leaving, managing
from directory.referrals.asking import SYSTEM, Ask

app = typer.Typer(help="Who may sign in, and what they may do.", no_args_is_help=True)

Email = Annotated[str, typer.Argument(help="The person's e-mail address: their user name.", metavar="EMAIL")]
Roles = Annotated[
    list[str],
    typer.Option(
        "--role",
        help="worker, supervisor, editor, admin, analyst, auditor, liaison or partner. Give it again for more roles.",
    ),
]
READ_AT_MOST = 4096
"""Characters read of standard input: far more than a password may have."""


@contextmanager
def _record() -> Iterator[database.Database]:
    opened = database.open_database(settings.read())
    try:
        yield opened
    finally:
        opened.close()


@app.command()
def add(email: Email, name: Annotated[str, typer.Option(help="Full name.")], role: Roles) -> None:
    """Make an account. The password is asked for, or read as one line from standard input."""
    new = actions.NewAccount.checked(email, name, role)
    with _record() as record:
        actions.check_free(record, new.email)
        typed = _asked_password(new.email, new.full_name)
        actions.add(record, new, typed, clock.now(), also=_noted("add", new.roles, "create"))
    typer.echo(f"{new.full_name} may sign in as {new.email}.")


@app.command("list")
def show() -> None:
    """Show every account: address, name, roles, and whether it is disabled."""
    with _record() as record:
        everyone = actions.everyone(record)
    for account, roles in everyone:
        state = "disabled" if account.disabled_at else "active"
        typer.echo(f"{account.email}  {account.full_name}  {', '.join(roles)}  {state}")
    typer.echo(f"{len(everyone):,} {'account' if len(everyone) == 1 else 'accounts'}.", err=True)


@app.command()
def disable(email: Email) -> None:
    """Shut an account: it is signed out everywhere at once and cannot sign in. Nothing it did is lost."""
    with _record() as record:
        actions.disable(record, email, clock.now(), _noted("disable"))
    typer.echo("The account is disabled and signed out everywhere.")


@app.command()
def enable(email: Email) -> None:
    """Open an account that was disabled, with the password and roles it had."""
    with _record() as record:
        actions.enable(record, email, _noted("enable"))
    typer.echo("The account may sign in again.")


@app.command()
def roles(email: Email, role: Roles) -> None:
    """Give an account these roles in place of those it had; it is signed out everywhere."""
    with _record() as record:
        actions.set_roles(record, email, role, _noted("roles", role))
    typer.echo(f"The account now has: {', '.join(sorted(set(role)))}. It is signed out everywhere.")


@app.command()
def password(email: Email) -> None:
    """Give an account another password, asked for or read from standard input; it is signed out everywhere."""
    with _record() as record:
        account = actions.find(record, email)
        typed = _asked_password(account.email, account.full_name)
        actions.set_password(record, account.email, typed, clock.now(), _noted("password"))
    typer.echo("The password is changed. The account is signed out everywhere.")


@app.command("totp-reset")
def totp_reset(email: Email) -> None:
    """Take a second factor away whose telephone is lost, with its recovery codes; it is signed out everywhere."""
    with _record() as record:
        actions.reset_second_factor(record, email, _noted("factor"))
    typer.echo("The second factor is gone. The account is signed out everywhere and can set up another.")


@app.command()
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


def _noted(what: str, roles: Iterable[str] = (), action: str = "change") -> Also:
    """The audit line of a change of this kind; `roles`: those the account has from then on, when they change."""

    def write(session: Session, account_id: str) -> None:
        before = [] if action == "create" else sorted(actions.held_roles(session, account_id))
        after = sorted(set(roles)) or before
        told = [f"roles={','.join(before)}>{','.join(after)}"]
        audit.note(session, SYSTEM, clock.now(), action, managing.WHAT, account_id, purpose=what, fields=told)

    return write


def _asked_password(email: str, full_name: str) -> str:
    """A password that will do, typed twice on a terminal, else one line of standard input. Raises BadInput."""
    if sys.stdin.isatty():
        typer.echo(f"Choose a password of {passwords.LEAST} characters or more; four words will do.", err=True)
        typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True)
    else:
        try:
            typed = sys.stdin.readline(READ_AT_MOST).removesuffix("\n").removesuffix("\r")
        except UnicodeDecodeError as error:
            raise BadInput("The password cannot be read.", "Send it as one line of UTF-8.") from error
        if not typed:
            raise BadInput("There is no password.", "Send it as one line on standard input, or run this on a terminal.")
    passwords.check(typed, email, full_name)
    return typed
