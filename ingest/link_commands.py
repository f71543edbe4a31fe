"""`waymark ingest links`: asks the services' own web addresses whether they answer, a few hundred at a time."""

from typing import Annotated

import anyio
import typer

from directory import runtime
from directory.errors import BadInput

MOST = 500
"""Addresses in one go: about five minutes with eight at once, and every address of 15,000 in a month of nights."""


def check_links(
    most: Annotated[int, typer.Option(help="How many addresses at most, those asked longest ago first.")] = MOST,
) -> None:
    """Ask services' own web addresses, one a second to a host; what fails on two days is reported to staff."""
    from directory.feeds import links  # half a second that only asking need wait for
    from directory.feeds.links import Checked

    if most < 1:
        raise BadInput("At least one address must be asked.", f"Use: waymark ingest links --most {MOST}")
    with runtime.opened() as waymark:

        async def asked() -> Checked:
            return await links.check(waymark.database, waymark.clock(), most, contact=waymark.settings.public_url)

        done = anyio.run(asked)
    typer.echo(
        f"{done.asked:,} addresses asked, {done.failed:,} did not answer as they should. "
        f"Links of {done.broken:,} services count as broken: see /staff/sources/links."
    )
